//! What can have happened, and what may be recorded of it.
//!
//! Nothing here decides on a colour: a fact is evidence for a rule of the policy and nothing more (S25).

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::FactKind;

mod detail;
mod latest;
mod stays;

pub use detail::canonical;
pub use detail::{
    Arrival, ArrivedFrom, ConfirmedCase, Isolation, IsolationPlace, Push, PushedColour,
};
pub(super) use latest::last_reports;
pub use latest::{Finding, Shown, latest_test};
pub(super) use stays::{Area, Stay, risk_stays};

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
    Laboratory,
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
            Self::Laboratory => "laboratory",
            Self::Tube => "tube",
            Self::HappenedInFuture | Self::HappenedTooLongAgo => "happened_at",
            Self::Ends | Self::HasNoEnd => "ends_at",
            Self::Reference => "reference",
            Self::Detail => "detail",
        }
    }

    /// A stable name of what is wrong.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SampledInFuture | Self::ReportedInFuture | Self::HappenedInFuture => "in_future",
            Self::SampledTooLongAgo | Self::HappenedTooLongAgo => "too_long_ago",
            Self::ReportedBeforeSampled => "before_sampled_at",
            Self::TubeSize => "tube_size",
            Self::Laboratory | Self::Tube | Self::Reference => "form",
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
        | FactKind::Push => true,
        FactKind::SuspectedCase
        | FactKind::SuspicionExcluded
        | FactKind::ConfirmedCase
        | FactKind::Recovered
        | FactKind::Arrival
        | FactKind::IsolationEnded => false,
    }
}

/// The name of a sample: `laboratory/tube`. A laboratory's has up to 24 small letters, digits and
/// dashes; a tube's up to 39 letters, digits, dashes and underscores.
pub fn sample(laboratory: &str, tube: &str) -> Result<String, Impossible> {
    if !is_made_of(
        laboratory,
        1..=24,
        |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'),
    ) {
        return Err(Impossible::Laboratory);
    }
    if !is_made_of(tube, 1..=39, |c| {
        c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')
    }) {
        return Err(Impossible::Tube);
    }
    Ok(format!("{laboratory}/{tube}"))
}

/// Whether a source may call a fact `text`: up to 48 letters, digits, dots, dashes and underscores.
pub fn possible_reference(text: &str) -> Result<(), Impossible> {
    let good = is_made_of(text, 1..=48, |c| {
        c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_')
    });
    good.then_some(()).ok_or(Impossible::Reference)
}

/// Whether `text` may be the short name of a source: up to 32 small letters, digits and dashes, a
/// letter first. `staff` is not free.
#[must_use]
pub fn is_source_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
    begins
        && text != STAFF
        && is_made_of(
            text,
            1..=32,
            |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-'),
        )
}

/// The source of what members of staff record.
pub const STAFF: &str = "staff";

fn is_made_of(text: &str, length: RangeInclusive<usize>, of: impl Fn(u8) -> bool) -> bool {
    length.contains(&text.len()) && text.bytes().all(of)
}

#[cfg(test)]
mod tests;
