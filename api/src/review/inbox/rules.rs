//! Pure decisions: who sees and decides which case, and who may stand in for whom.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Area, Role, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The roles that decide cases.
pub(super) const DECIDERS: [Role; 2] = [Role::CommunityIssuer, Role::Reviewer];

/// For how long somebody may stand in for somebody else, and how far ahead that may begin.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(60);

/// Working time before its limit from which on a case is nearing it.
pub(super) const NEARING: TimeDelta = TimeDelta::hours(1);

/// For so long a case is kept for whoever took it on.
const CLAIMED_FOR: TimeDelta = TimeDelta::hours(2);

/// Whether a case that somebody took on at `assigned_at` is kept for them at `now`: not for ever, and not
/// when it is about to be late.
pub(super) fn is_kept(
    assigned_at: Option<DateTime<Utc>>,
    lateness: Lateness,
    now: DateTime<Utc>,
) -> bool {
    lateness == Lateness::InTime && assigned_at.is_some_and(|at| now - at < CLAIMED_FOR)
}

/// A role, and where it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Post {
    /// What somebody may be.
    pub(super) role: Role,
    /// Where, and in everything that lies in it.
    pub(super) area: Area,
}

impl Post {
    fn covers(&self, other: &Self) -> bool {
        self.role == other.role && self.area.contains(&other.area)
    }

    fn province(&self) -> Option<&str> {
        self.area.code().get(..2)
    }
}

/// A post that somebody has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// Where.
    pub(super) area: Area,
    /// Until when.
    pub(super) until: DateTime<Utc>,
}

/// Whose doing a case is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accused<'a> {
    /// The unit.
    pub(super) unit: &'a Area,
    /// Since when whoever was there has to do with it.
    pub(super) since: DateTime<Utc>,
}

impl Accused<'_> {
    fn was_of(self, held: &Held) -> bool {
        self.unit.contains(&held.area) && held.until > self.since
    }
}

/// A post at which somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat<'a> {
    /// The post.
    pub(super) post: &'a Post,
    /// What else whose post it is has or had, where somebody stands in for them: cases about that are not
    /// for either.
    pub(super) held: &'a [Held],
}

impl Seat<'_> {
    fn covers(self, other: Seat<'_>) -> bool {
        let as_free = self.held.is_empty() || self.held == other.held;
        as_free && self.post.covers(other.post)
    }
}

/// Whose cases somebody sees, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watch<'a> {
    /// Those that this role decides. `None`: those of any.
    pub(super) role: Option<Role>,
    /// Where, and in everything that lies in it.
    pub(super) area: &'a Area,
    /// What else whose post it is has or had, where somebody stands in for them.
    pub(super) held: &'a [Held],
}

impl Watch<'_> {
    fn covers(self, other: Watch<'_>) -> bool {
        let role = self.role.is_none() || self.role == other.role;
        let as_free = self.held.is_empty() || self.held == other.held;
        role && as_free && self.area.contains(other.area)
    }
}

/// Of `all`, in order, those that none of the others covers.
fn outermost<T: Copy>(all: impl IntoIterator<Item = T>, covers: fn(T, T) -> bool) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if kept.iter().any(|other| covers(*other, one)) {
            continue;
        }
        kept.retain(|other| !covers(one, *other));
        kept.push(one);
    }
    kept
}

/// By what right somebody decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Their own.
    Own,
    /// That of whom they stand in for.
    InPlaceOf(StaffId),
}

impl Right {
    /// In whose place, if in anybody's.
    pub(super) fn instead_of(self) -> Option<StaffId> {
        match self {
            Self::Own => None,
            Self::InPlaceOf(account) => Some(account),
        }
    }
}

/// Where a case stands, as far as it says who may see and decide it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The role that decides now.
    pub(super) decider: Option<Role>,
    /// Who is responsible.
    pub(super) area: &'a Area,
    /// Whose doing it is about, where it is about anybody's of the authority.
    pub(super) accused: Option<Accused<'a>>,
}

/// What somebody may be now, and in whose place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Desk {
    /// Whose.
    pub(super) account: StaffId,
    own: Vec<Post>,
    lent: Vec<(StaffId, Post)>,
    /// What they and whom they stand in for have and had.
    held: BTreeMap<StaffId, Vec<Held>>,
}

impl Desk {
    /// The desk of `account`, who has the posts `own` and stands in at the posts `lent`. Of those only
    /// such are good whose role they hold themselves somewhere in the province.
    pub(super) fn new(account: StaffId, own: Vec<Post>, lent: Vec<(StaffId, Post)>) -> Self {
        let is_peer = |post: &Post| {
            own.iter()
                .any(|mine| mine.role == post.role && mine.province() == post.province())
        };
        let lent = lent.into_iter().filter(|(_, post)| is_peer(post)).collect();
        Self {
            account,
            own,
            lent,
            held: BTreeMap::new(),
        }
    }

    /// The same, of whom and of whose lenders it is known what posts they have and had.
    pub(super) fn having_held(self, held: BTreeMap<StaffId, Vec<Held>>) -> Self {
        Self { held, ..self }
    }

    /// The posts that `account` has and had.
    fn held_by(&self, account: StaffId) -> &[Held] {
        self.held.get(&account).map_or(&[], Vec::as_slice)
    }

    /// The posts that they have and had: cases about what was done there are not for them.
    pub(super) fn held(&self) -> &[Held] {
        self.held_by(self.account)
    }

    /// Whether a case at `place` is about what `account` or their unit did.
    fn is_accused(&self, account: StaffId, place: Place<'_>) -> bool {
        let held = self.held_by(account);
        place
            .accused
            .is_some_and(|accused| held.iter().any(|held| accused.was_of(held)))
    }

    /// Whether they may know that a case is there: who decides now, and reviewers of every area around
    /// it. Where nobody of the authority decides, whoever is responsible may. What is about their own unit
    /// nobody sees, and nobody in the place of somebody of that unit.
    pub(super) fn sees(&self, place: Place<'_>) -> bool {
        if self.is_accused(self.account, place) {
            return false;
        }
        let concerned = |post: &Post| {
            place.decider.is_none_or(|decider| decider == post.role)
                && post.area.contains(place.area)
        };
        let above = |post: &Post| post.role == Role::Reviewer && post.area.contains(place.area);
        self.own.iter().any(|post| concerned(post) || above(post))
            || self
                .lent
                .iter()
                .any(|(lender, post)| concerned(post) && !self.is_accused(*lender, place))
    }

    /// By what right they decide a case; their own before anybody else's.
    pub(super) fn decides(&self, place: Place<'_>) -> Option<Right> {
        let post = Post {
            role: place.decider?,
            area: place.area.clone(),
        };
        if self.is_accused(self.account, place) {
            return None;
        }
        if self.own.iter().any(|own| own.covers(&post)) {
            return Some(Right::Own);
        }
        let lender = self
            .lent
            .iter()
            .find(|(lender, lent)| lent.covers(&post) && !self.is_accused(*lender, place));
        lender.map(|(account, _)| Right::InPlaceOf(*account))
    }

    /// Whether they hold `role` in an area around `area`.
    pub(super) fn holds(&self, role: Role, area: &Area) -> bool {
        self.own
            .iter()
            .any(|own| own.role == role && own.area.contains(area))
    }

    /// Whether they stand in for `account`.
    pub(super) fn stands_in_for(&self, account: StaffId) -> bool {
        self.lent.iter().any(|(lender, _)| *lender == account)
    }

    /// The posts at which they decide, none of them within another.
    pub(super) fn seats(&self) -> Vec<Seat<'_>> {
        let own = self.own.iter().map(|post| Seat { post, held: &[] });
        let lent = self.lent.iter().map(|(lender, post)| Seat {
            post,
            held: self.held_by(*lender),
        });
        outermost(own.chain(lent), Seat::covers)
    }

    /// Where they see what became of cases: as reviewers whatever anybody decides, otherwise what they or
    /// whom they stand in for decide.
    pub(super) fn watches(&self) -> Vec<Watch<'_>> {
        let own = self.own.iter().map(|post| Watch {
            role: Some(post.role).filter(|role| *role != Role::Reviewer),
            area: &post.area,
            held: &[],
        });
        let lent = self.lent.iter().map(|(lender, post)| Watch {
            role: Some(post.role),
            area: &post.area,
            held: self.held_by(*lender),
        });
        outermost(own.chain(lent), Watch::covers)
    }
}

/// How near a case is to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lateness {
    /// More than an hour of working time is left, or there is no limit.
    InTime,
    /// Less than that is left.
    Nearing,
    /// The limit is past.
    Late,
}

impl Lateness {
    /// How near a case is at `now` whose limit is `due_at`, where `nearing` is an hour of working time
    /// from now.
    pub(super) fn of(
        due_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        nearing: DateTime<Utc>,
    ) -> Self {
        match due_at {
            Some(due) if due <= now => Self::Late,
            Some(due) if due <= nearing => Self::Nearing,
            _ => Self::InTime,
        }
    }
}

/// What is wrong with the time of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermFault {
    /// It ends before it starts, or is over.
    #[error("the time is over before it begins")]
    Over,
    /// It is longer than sixty days.
    #[error("the time is longer than sixty days")]
    TooLong,
    /// It starts more than sixty days from now.
    #[error("the time starts more than sixty days from now")]
    TooFar,
}

/// From when on somebody stands in who is to from `starts_at` until `ends_at`. Nobody does for a time
/// that is past.
pub(super) fn term(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TermFault> {
    let starts_at = starts_at.max(now);
    if ends_at <= starts_at {
        Err(TermFault::Over)
    } else if ends_at - starts_at > LONGEST {
        Err(TermFault::TooLong)
    } else if starts_at - now > LONGEST {
        Err(TermFault::TooFar)
    } else {
        Ok(starts_at)
    }
}

/// Whether, of two people with these posts, one may stand in for the other as `role`: both hold it,
/// somewhere in one province.
pub(super) fn may_stand_in(role: Role, one: &[Post], other: &[Post]) -> bool {
    let of_role = |post: &&Post| post.role == role;
    one.iter().filter(of_role).any(|post| {
        let there = post.province();
        other.iter().filter(of_role).any(|o| o.province() == there)
    })
}

/// What becomes of a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DelegationState {
    /// It did not begin.
    Planned,
    /// It holds.
    InForce,
    /// It would hold, but one of the two is suspended or does not hold the role.
    Suspended,
    /// Its time is over.
    Over,
    /// It was ended before its time.
    Ended,
}

/// What became at `now` of a delegation from `starts_at` until `ends_at`. `both_hold`: both hold its role.
pub(super) fn state(
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
    ended: bool,
    both_hold: bool,
    now: DateTime<Utc>,
) -> DelegationState {
    if ended {
        DelegationState::Ended
    } else if now >= ends_at {
        DelegationState::Over
    } else if !both_hold {
        DelegationState::Suspended
    } else if now < starts_at {
        DelegationState::Planned
    } else {
        DelegationState::InForce
    }
}

#[cfg(test)]
mod tests;
