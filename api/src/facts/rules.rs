//! What can have happened, and what may be recorded of it.
//!
//! Nothing here decides on a colour: a fact is evidence for a rule of the policy and nothing more (S25).

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Division, FactKind};

mod detail;
mod latest;
mod sources;
mod stays;
mod withdrawal;

pub use detail::canonical;
pub use detail::{
    Arrival, ArrivedFrom, ConfirmedCase, Isolation, IsolationPlace, Override, Push, PushedColour,
};
pub(super) use latest::last_reports;
pub use latest::{Finding, Shown, latest_test};
pub use sources::Brings;
pub(super) use stays::{Area, Stay, risk_stays};
pub use withdrawal::WithdrawalReason;

/// How old a sample may be when its report is recorded, and how far back a dossier goes from the last
/// one.
pub const SAMPLES_COUNT_FOR: TimeDelta = TimeDelta::days(60);

/// How long ago a fact may have happened when it is recorded, and how long after that it may end.
pub const FACTS_COUNT_FOR: TimeDelta = TimeDelta::days(366);

/// How many people's samples may share a tube.
pub const TUBE_SIZES: [i16; 4] = [1, 5, 10, 20];

/// What cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Impossible {
    /// The sample was taken after now.
    #[error("the sample was taken in the future")]
    SampledInFuture,
    /// The sample is older than [`SAMPLES_COUNT_FOR`].
    #[error("the sample was taken too long ago")]
    SampledTooLongAgo,
    /// The report is older than the sample.
    #[error("the report is older than the sample")]
    ReportedBeforeSampled,
    /// The report was made after now.
    #[error("the report was made in the future")]
    ReportedInFuture,
    /// Not one of [`TUBE_SIZES`].
    #[error("tubes hold 1, 5, 10 or 20 samples")]
    TubeSize,
    /// No name of a laboratory.
    #[error("not a name of a laboratory")]
    Lab,
    /// No name of a tube.
    #[error("not a name of a tube")]
    Tube,
    /// It happened after now.
    #[error("it happened in the future")]
    HappenedInFuture,
    /// It happened longer ago than [`FACTS_COUNT_FOR`].
    #[error("it happened too long ago")]
    HappenedTooLongAgo,
    /// It ends before it happened, or implausibly late.
    #[error("it cannot end then")]
    Ends,
    /// Facts of this kind have no end.
    #[error("facts of this kind have no end")]
    HasNoEnd,
    /// A level begins after now.
    #[error("it begins in the future")]
    StartsInFuture,
    /// A level began longer ago than [`SAMPLES_COUNT_FOR`].
    #[error("it began too long ago")]
    StartedTooLongAgo,
    /// No name that a source may give a fact.
    #[error("not a reference")]
    Reference,
    /// Not what facts of this kind have besides.
    #[error("not what facts of this kind have besides")]
    Detail,
}

impl Impossible {
    /// The field that shows it, by its name in requests and files.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::SampledInFuture | Self::SampledTooLongAgo => "sampled_at",
            Self::ReportedBeforeSampled | Self::ReportedInFuture => "reported_at",
            Self::TubeSize => "tube_size",
            Self::Lab => "lab",
            Self::Tube => "tube",
            Self::HappenedInFuture | Self::HappenedTooLongAgo => "happened_at",
            Self::Ends | Self::HasNoEnd => "ends_at",
            Self::StartsInFuture | Self::StartedTooLongAgo => "starts_at",
            Self::Reference => "source_ref",
            Self::Detail => "detail",
        }
    }

    /// A stable name of what is wrong.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SampledInFuture
            | Self::ReportedInFuture
            | Self::HappenedInFuture
            | Self::StartsInFuture => "in_future",
            Self::SampledTooLongAgo | Self::HappenedTooLongAgo | Self::StartedTooLongAgo => {
                "too_long_ago"
            }
            Self::ReportedBeforeSampled => "before_sampled_at",
            Self::TubeSize => "tube_size",
            Self::Lab | Self::Tube | Self::Reference => "form",
            Self::Ends => "end",
            Self::HasNoEnd => "no_end",
            Self::Detail => "detail",
        }
    }
}

/// Whether a sample taken at `sampled_at` into a tube for `tube_size` people, reported at
/// `reported_at`, can be recorded at `now`.
pub fn possible_test(
    sampled_at: DateTime<Utc>,
    reported_at: DateTime<Utc>,
    tube_size: i16,
    now: DateTime<Utc>,
) -> Result<(), Impossible> {
    if sampled_at > now {
        return Err(Impossible::SampledInFuture);
    }
    if now - sampled_at > SAMPLES_COUNT_FOR {
        return Err(Impossible::SampledTooLongAgo);
    }
    if reported_at > now {
        return Err(Impossible::ReportedInFuture);
    }
    if reported_at < sampled_at {
        return Err(Impossible::ReportedBeforeSampled);
    }
    if !TUBE_SIZES.contains(&tube_size) {
        return Err(Impossible::TubeSize);
    }
    Ok(())
}

/// Whether a fact of `kind` that happened at `happened_at` and ends at `ends_at` can be recorded at
/// `now`.
pub fn possible_fact(
    kind: FactKind,
    happened_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Impossible> {
    if happened_at > now {
        return Err(Impossible::HappenedInFuture);
    }
    if now - happened_at > FACTS_COUNT_FOR {
        return Err(Impossible::HappenedTooLongAgo);
    }
    let Some(ends_at) = ends_at else {
        return Ok(());
    };
    if !may_end(kind) {
        return Err(Impossible::HasNoEnd);
    }
    if ends_at <= happened_at || ends_at > happened_at + FACTS_COUNT_FOR {
        return Err(Impossible::Ends);
    }
    Ok(())
}

fn may_end(kind: FactKind) -> bool {
    match kind {
        FactKind::CloseContact
        | FactKind::SecondaryContact
        | FactKind::Companion
        | FactKind::IsolationStarted
        | FactKind::Push
        | FactKind::Override => true,
        FactKind::SuspectedCase
        | FactKind::SuspicionExcluded
        | FactKind::ConfirmedCase
        | FactKind::Recovered
        | FactKind::Arrival
        | FactKind::IsolationEnded => false,
    }
}

/// The name of a sample: `lab/tube`. A laboratory's has up to 31 characters, a tube's up to 32: letters
/// and digits of ASCII, dashes, underscores and dots. Corrections name samples so, one way each.
pub fn sample(lab: &str, tube: &str) -> Result<String, Impossible> {
    if !(lab.is_ascii() && is_plain(lab, 31)) {
        return Err(Impossible::Lab);
    }
    if !(tube.is_ascii() && is_plain(tube, 32)) {
        return Err(Impossible::Tube);
    }
    Ok(format!("{lab}/{tube}"))
}

/// Whether a file may call a fact `reference`: up to 64 characters, letters and digits of any script,
/// dashes, underscores and dots.
pub fn possible_reference(reference: &str) -> Result<(), Impossible> {
    let good = is_plain(reference, 64);
    good.then_some(()).ok_or(Impossible::Reference)
}

/// What members of staff of `origin` call a fact whose file or case they call `reference`: up to 57
/// characters, the same as in [`possible_reference`].
pub fn staff_reference(origin: &Division, reference: &str) -> Result<String, Impossible> {
    if is_plain(reference, 57) {
        Ok(format!("{}/{reference}", origin.code()))
    } else {
        Err(Impossible::Reference)
    }
}

/// Whether a place can have a level from `starts_at` to `ends_at`, recorded at `now`. Nothing is
/// recorded ahead of time: a level begins once it is known.
pub fn possible_area(
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Impossible> {
    if starts_at > now {
        return Err(Impossible::StartsInFuture);
    }
    if now - starts_at > SAMPLES_COUNT_FOR {
        return Err(Impossible::StartedTooLongAgo);
    }
    if ends_at.is_some_and(|at| at <= now || at > now + FACTS_COUNT_FOR) {
        return Err(Impossible::Ends);
    }
    Ok(())
}

/// Whether `text` may be the short name of a source: 2 to 32 small letters, digits and dashes, a
/// letter first. [`STAFF`] is not free.
#[must_use]
pub fn is_source_name(text: &str) -> bool {
    let good = |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (2..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(good)
        && text != STAFF
}

/// How many facts and results that [speak against](speaks_against) somebody one member of staff enters
/// within a day (S24). More than that come in a file, which a source signs and a second person may have to
/// let go on.
pub const MOST_BY_HAND: u32 = 50;

/// Whether a fact of `kind` can worsen a colour.
#[must_use]
pub fn speaks_against(kind: FactKind) -> bool {
    match kind {
        FactKind::CloseContact
        | FactKind::SecondaryContact
        | FactKind::Companion
        | FactKind::SuspectedCase
        | FactKind::ConfirmedCase
        | FactKind::Arrival
        | FactKind::IsolationStarted
        | FactKind::Push
        | FactKind::Override => true,
        FactKind::SuspicionExcluded | FactKind::Recovered | FactKind::IsolationEnded => false,
    }
}

/// Whether one person alone may enter a fact of `kind`. What another region wants shown comes from its
/// source, and what several people decide comes of their request.
#[must_use]
pub fn is_for_one_hand(kind: FactKind) -> bool {
    !matches!(kind, FactKind::Push | FactKind::Override)
}

/// The source of what members of staff record.
pub const STAFF: &str = "staff";

/// Whether `text` has one to `longest` characters, none of which means anything to a program.
fn is_plain(text: &str, longest: usize) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=longest).contains(&text.chars().count()) && text.chars().all(good)
}

#[cfg(test)]
mod tests;
