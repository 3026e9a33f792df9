//! Pure decisions: who sees and decides which case, and who may stand in for whom.

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

/// Whose cases somebody sees, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watch<'a> {
    /// Those that this role decides. `None`: those of any.
    pub(super) role: Option<Role>,
    /// Where, and in everything that lies in it.
    pub(super) area: &'a Area,
}

impl Watch<'_> {
    fn covers(self, other: Watch<'_>) -> bool {
        let role = self.role.is_none() || self.role == other.role;
        role && self.area.contains(other.area)
    }
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
}

/// What somebody may be now, and in whose place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Desk {
    /// Whose.
    pub(super) account: StaffId,
    own: Vec<Post>,
    lent: Vec<(StaffId, Post)>,
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
        Self { account, own, lent }
    }

    /// Whether they may know that a case is there: who decides now, and reviewers of every area around
    /// it. Where nobody of the authority decides, whoever is responsible may.
    pub(super) fn sees(&self, place: Place<'_>) -> bool {
        let concerned = |post: &Post| {
            place.decider.is_none_or(|decider| decider == post.role)
                && post.area.contains(place.area)
        };
        let above = |post: &Post| post.role == Role::Reviewer && post.area.contains(place.area);
        self.own.iter().any(|post| concerned(post) || above(post))
            || self.lent.iter().any(|(_, post)| concerned(post))
    }

    /// By what right they decide a case; their own before anybody else's.
    pub(super) fn decides(&self, place: Place<'_>) -> Option<Right> {
        let post = Post {
            role: place.decider?,
            area: place.area.clone(),
        };
        if self.own.iter().any(|own| own.covers(&post)) {
            return Some(Right::Own);
        }
        let lender = self.lent.iter().find(|(_, lent)| lent.covers(&post));
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
    pub(super) fn posts(&self) -> Vec<&Post> {
        let lent = self.lent.iter().map(|(_, post)| post);
        let all: Vec<_> = self.own.iter().chain(lent).collect();
        outermost(&all)
    }

    /// Where they see what became of cases: as reviewers whatever anybody decides, otherwise what they or
    /// whom they stand in for decide.
    pub(super) fn watches(&self) -> Vec<Watch<'_>> {
        let own = self.own.iter().map(|post| Watch {
            role: Some(post.role).filter(|role| *role != Role::Reviewer),
            area: &post.area,
        });
        let lent = self.lent.iter().map(|(_, post)| Watch {
            role: Some(post.role),
            area: &post.area,
        });
        let all: Vec<_> = own.chain(lent).collect();
        let mut kept: Vec<Watch<'_>> = Vec::new();
        for watch in all {
            if kept.iter().any(|other| other.covers(watch)) {
                continue;
            }
            kept.retain(|other| !watch.covers(*other));
            kept.push(watch);
        }
        kept
    }
}

fn outermost<'a>(posts: &[&'a Post]) -> Vec<&'a Post> {
    let mut kept: Vec<&Post> = Vec::new();
    for post in posts {
        if kept.iter().any(|other| other.covers(post)) {
            continue;
        }
        kept.retain(|other| !post.covers(other));
        kept.push(post);
    }
    kept
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
mod tests {
    use uuid::Uuid;

    use super::*;

    const COMMUNITY: &str = "370102001001";
    const DISTRICT: &str = "370102";

    fn area(code: &str) -> Area {
        Area::try_from(code.to_owned()).unwrap()
    }

    fn post(role: Role, code: &str) -> Post {
        Post {
            role,
            area: area(code),
        }
    }

    fn account(id: u128) -> StaffId {
        StaffId(Uuid::from_u128(id))
    }

    fn desk(own: &[(Role, &str)], lent: &[(u128, Role, &str)]) -> Desk {
        let own = own.iter().map(|(role, code)| post(*role, code)).collect();
        let lent = lent
            .iter()
            .map(|(lender, role, code)| (account(*lender), post(*role, code)))
            .collect();
        Desk::new(account(1), own, lent)
    }

    fn at(decider: Option<Role>, area: &Area) -> Place<'_> {
        Place { decider, area }
    }

    #[test]
    fn who_decides_sees_and_reviewers_above_see_without_deciding() {
        let here = area(COMMUNITY);
        let case = at(Some(Role::CommunityIssuer), &here);
        for (role, code, sees, decides) in [
            (Role::CommunityIssuer, COMMUNITY, true, true),
            (Role::CommunityIssuer, DISTRICT, true, true),
            (Role::CommunityIssuer, "370102001002", false, false),
            (Role::Reviewer, DISTRICT, true, false),
            (Role::Reviewer, "370000", true, false),
            (Role::Reviewer, "370103", false, false),
        ] {
            let desk = desk(&[(role, code)], &[]);
            assert_eq!(desk.sees(case), sees, "{role:?} {code}");
            assert_eq!(desk.decides(case).is_some(), decides, "{role:?} {code}");
        }
        let district = area(DISTRICT);
        let above = at(Some(Role::Reviewer), &district);
        assert!(!desk(&[(Role::CommunityIssuer, COMMUNITY)], &[]).sees(above));
        assert!(!desk(&[(Role::Reviewer, COMMUNITY)], &[]).sees(above));
    }

    #[test]
    fn what_waits_for_the_applicant_is_seen_by_who_is_responsible_and_decided_by_nobody() {
        let here = area(COMMUNITY);
        let desk = desk(&[(Role::CommunityIssuer, COMMUNITY)], &[]);
        assert!(desk.sees(at(None, &here)));
        assert_eq!(desk.decides(at(None, &here)), None);
    }

    #[test]
    fn one_stands_in_only_as_what_one_is_in_the_same_province() {
        let there = area("370103001001");
        let case = at(Some(Role::CommunityIssuer), &there);
        let lent = (2, Role::CommunityIssuer, "370103001001");
        for (role, code, right) in [
            (
                Role::CommunityIssuer,
                COMMUNITY,
                Some(Right::InPlaceOf(account(2))),
            ),
            (Role::Reviewer, COMMUNITY, None),
            (Role::CommunityIssuer, "310101001001", None),
        ] {
            assert_eq!(
                desk(&[(role, code)], &[lent]).decides(case),
                right,
                "{role:?} {code}"
            );
        }
        let own = desk(&[(Role::CommunityIssuer, "370103")], &[lent]);
        assert_eq!(own.decides(case), Some(Right::Own), "one's own right first");
    }

    #[test]
    fn posts_within_others_are_left_out() {
        let desk = desk(
            &[
                (Role::Reviewer, DISTRICT),
                (Role::Reviewer, "370100"),
                (Role::CommunityIssuer, DISTRICT),
            ],
            &[(2, Role::Reviewer, "370103")],
        );
        let posts: Vec<_> = desk.posts().into_iter().cloned().collect();
        assert_eq!(
            posts,
            [
                post(Role::Reviewer, "370100"),
                post(Role::CommunityIssuer, DISTRICT)
            ]
        );
        let (here, next_door) = (area("370100"), area("370103"));
        let watches = desk.watches();
        let any = Watch {
            role: None,
            area: &here,
        };
        assert_eq!(watches, [any], "{next_door:?} lies in it");
    }

    #[test]
    fn nobody_stands_in_for_longer_than_sixty_days() {
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let days = TimeDelta::days;
        assert_eq!(term(now, now + days(60), now), Ok(now));
        assert_eq!(term(now - days(9), now + days(1), now), Ok(now));
        let far = now + days(60);
        assert_eq!(term(far, far + days(1), now), Ok(far));
        let second = TimeDelta::seconds(1);
        for (start, end, fault) in [
            (now, now + days(60) + second, TermFault::TooLong),
            (now, now, TermFault::Over),
            (now - days(2), now - days(1), TermFault::Over),
            (far + second, far + days(2), TermFault::TooFar),
        ] {
            assert_eq!(term(start, end, now), Err(fault));
        }
    }

    #[test]
    fn a_case_is_late_from_its_limit_on() {
        let now: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
        let soon = now + TimeDelta::hours(1);
        let second = TimeDelta::seconds(1);
        for (due, lateness) in [
            (None, Lateness::InTime),
            (Some(now), Lateness::Late),
            (Some(now + second), Lateness::Nearing),
            (Some(soon), Lateness::Nearing),
            (Some(soon + second), Lateness::InTime),
        ] {
            assert_eq!(Lateness::of(due, now, soon), lateness, "{due:?}");
        }
    }
}
