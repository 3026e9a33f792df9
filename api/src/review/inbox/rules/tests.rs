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
    Place {
        decider,
        area,
        accused: None,
    }
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
fn nobody_sees_what_is_about_their_own_unit_or_stands_in_for_somebody_there() {
    let since: DateTime<Utc> = "2026-03-02T04:00:00Z".parse().unwrap();
    let (unit, above) = (area(COMMUNITY), area(DISTRICT));
    let accused = Accused { unit: &unit, since };
    let case = Place {
        decider: Some(Role::Reviewer),
        area: &above,
        accused: Some(accused),
    };
    let there = |code, until| Held {
        area: area(code),
        until,
    };
    let (later, second) = (since + TimeDelta::days(9), TimeDelta::seconds(1));
    for (held, sees) in [
        (there(COMMUNITY, later), false),
        (there(COMMUNITY, since + second), false),
        (there(COMMUNITY, since), true),
        (there("370102001002", later), true),
        (there(DISTRICT, later), true),
    ] {
        let of = |account| BTreeMap::from([(account, vec![held.clone()])]);
        let own = desk(&[(Role::Reviewer, DISTRICT)], &[]).having_held(of(account(1)));
        assert_eq!(own.sees(case), sees, "{held:?}");
        assert_eq!(own.decides(case).is_some(), sees, "{held:?}");
        let lent = (2, Role::Reviewer, DISTRICT);
        let lent = desk(&[(Role::Reviewer, "370103")], &[lent]).having_held(of(account(2)));
        assert_eq!(lent.sees(case), sees, "{held:?}");
        assert_eq!(lent.decides(case).is_some(), sees, "{held:?}");
    }
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
    let seats = desk.seats();
    let posts: Vec<_> = seats.iter().map(|seat| seat.post.clone()).collect();
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
        held: &[],
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
