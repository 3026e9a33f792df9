use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const ROLES: [Role; 12] = [
    Role::CommunityIssuer,
    Role::Reviewer,
    Role::CheckpointOfficer,
    Role::Police,
    Role::Epidemiologist,
    Role::DataSteward,
    Role::PolicyAuthor,
    Role::PolicyApprover,
    Role::RegionAdmin,
    Role::GrantApprover,
    Role::Auditor,
    Role::KeyCustodian,
];

fn day(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(day)
}

fn term(starts: i64, ends: i64) -> Term {
    Term {
        starts_at: day(starts),
        ends_at: day(ends),
    }
}

fn id(number: u8) -> StaffId {
    StaffId(Uuid::from_u128(number.into()))
}

fn roles() -> impl Strategy<Value = Role> {
    prop::sample::select(&ROLES[..])
}

#[test]
fn nobody_requests_and_approves_nor_administers_roles_and_uses_them() {
    let apart: Vec<_> = ROLES
        .into_iter()
        .flat_map(|one| ROLES.map(|other| (one, other)))
        .filter(|(one, other)| clash(*one, term(0, 1), [(*other, term(0, 1))]).is_some())
        .collect();
    let works = [
        (Role::PolicyAuthor, Role::PolicyApprover),
        (Role::Epidemiologist, Role::Reviewer),
        (Role::DataSteward, Role::Reviewer),
    ];
    let mut expected: Vec<_> = [Role::RegionAdmin, Role::GrantApprover]
        .into_iter()
        .flat_map(|one| ROLES.map(|other| (one, other)))
        .filter(|(one, other)| one != other)
        .chain(works)
        .flat_map(|(one, other)| [(one, other), (other, one)])
        .collect();
    expected.sort();
    expected.dedup();
    assert_eq!(apart, expected);
}

#[test]
fn roles_of_different_times_do_not_clash() {
    let (admin, approver) = (Role::RegionAdmin, Role::GrantApprover);
    assert_eq!(clash(admin, term(5, 9), [(approver, term(0, 5))]), None);
    assert_eq!(clash(admin, term(5, 9), [(approver, term(9, 12))]), None);
    assert_eq!(
        clash(admin, term(5, 9), [(approver, term(0, 6))]),
        Some(approver)
    );
    assert_eq!(
        clash(admin, term(5, 9), [(approver, term(8, 12))]),
        Some(approver)
    );
}

#[test]
fn a_term_is_a_year_at_the_most_and_neither_over_nor_far_away() {
    for (starts, ends, fault) in [
        (0, 1, None),
        (-10, 1, None),
        (0, 365, None),
        (0, 366, Some(TermFault::TooLong)),
        (365, 400, None),
        (366, 400, Some(TermFault::TooFar)),
        (-10, 0, Some(TermFault::Over)),
        (3, 3, Some(TermFault::Over)),
        (4, 3, Some(TermFault::Over)),
    ] {
        assert_eq!(
            term(starts, ends).check(day(0)).err(),
            fault,
            "{starts} {ends}"
        );
    }
}

#[test]
fn rules_are_made_at_the_province_alone() {
    let division = |code: &str| Division::try_from(code.to_owned()).unwrap();
    for (role, code, may) in [
        (Role::PolicyAuthor, "310000", true),
        (Role::PolicyApprover, "310000", true),
        (Role::PolicyAuthor, "310100", false),
        (Role::PolicyApprover, "310101", false),
        (Role::RegionAdmin, "310101", true),
    ] {
        assert_eq!(
            may_be_held_in(role, &division(code)),
            may,
            "{role:?} {code}"
        );
    }
}

#[test]
fn a_grant_is_one_thing_at_a_time() {
    let of = |now, approved, revoked| state(day(now), term(2, 30), day(0), approved, revoked);
    assert_eq!(of(6, false, false), GrantState::Pending);
    assert_eq!(of(7, false, false), GrantState::Lapsed);
    assert_eq!(of(1, true, false), GrantState::Approved);
    assert_eq!(of(2, true, false), GrantState::InForce);
    assert_eq!(of(30, true, false), GrantState::Over);
    assert_eq!(of(2, true, true), GrantState::Revoked);
    let short = state(day(4), term(2, 4), day(0), false, false);
    assert_eq!(short, GrantState::Lapsed);
}

proptest! {
    #[test]
    fn clashing_is_mutual(one in roles(), other in roles(), a in 0..20_i64, b in 0..20_i64) {
        let (mine, theirs) = (term(a, a + 5), term(b, b + 5));
        prop_assert_eq!(
            clash(one, mine, [(other, theirs)]).is_some(),
            clash(other, theirs, [(one, mine)]).is_some()
        );
    }

    #[test]
    fn whatever_is_approved_took_three_people(
        approver in 0..4_u8, grantee in 0..4_u8, requester in 0..4_u8,
    ) {
        let may = may_approve(id(approver), id(grantee), Some(id(requester)), GrantState::Pending);
        prop_assert_eq!(may.is_ok(), approver != grantee && approver != requester && requester != grantee);
    }
}
