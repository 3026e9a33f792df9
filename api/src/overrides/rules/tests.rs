//! How a request goes on, whatever anybody does.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn hour(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

fn account(number: u8) -> StaffId {
    StaffId(Uuid::from_u128(u128::from(number)))
}

const ASKS: u8 = 0;

fn waiting(effect: OverrideEffect) -> Standing {
    Standing {
        state: OverrideState::Waiting,
        effect,
        until: effect.worsens().then(|| hour(72)),
        requested_by: account(ASKS),
        requested_at: start(),
        requester_stands: true,
        approvals: Vec::new(),
    }
}

fn approver(number: u8, another_unit: bool) -> Approver {
    Approver {
        account: account(number),
        another_unit,
        apart: true,
    }
}

fn approved_by(numbers: &[(u8, bool)]) -> Standing {
    let approval = |(number, another_unit): &(u8, bool)| Approval {
        by: account(*number),
        another_unit: *another_unit,
        stands: true,
    };
    Standing {
        approvals: numbers.iter().map(approval).collect(),
        ..waiting(OverrideEffect::Red)
    }
}

#[test]
fn it_takes_two_others_one_of_another_unit() {
    let approve =
        |before: &[(u8, bool)], by| after(&approved_by(before), Act::Approve(by), hour(1));
    assert_eq!(approve(&[], approver(1, true)), Ok(Next::Waits));
    let applied = Ok(Next::Becomes(OverrideState::Applied));
    assert_eq!(approve(&[(1, true)], approver(2, false)), applied);
    assert_eq!(approve(&[(1, false)], approver(2, true)), applied);
    assert_eq!(
        approve(&[(1, false)], approver(2, false)),
        Err(Denied::SameUnit)
    );
    assert_eq!(approve(&[(1, true)], approver(1, true)), Err(Denied::Twice));
    assert_eq!(
        approve(&[(1, true)], approver(ASKS, true)),
        Err(Denied::Own)
    );
    let related = Approver {
        apart: false,
        ..approver(2, true)
    };
    assert_eq!(approve(&[(1, true)], related), Err(Denied::Related));
}

#[test]
fn an_approval_counts_while_whoever_gave_it_may_give_it() {
    let mut standing = approved_by(&[(1, true)]);
    standing.approvals[0].stands = false;
    let second = Act::Approve(approver(2, true));
    assert_eq!(after(&standing, second, hour(1)), Ok(Next::Waits));
    standing.requester_stands = false;
    assert_eq!(
        after(&standing, second, hour(1)),
        Err(Denied::RequesterGone)
    );
}

#[test]
fn what_is_not_approved_within_a_day_ends_undone() {
    let standing = approved_by(&[(1, true)]);
    let second = Act::Approve(approver(2, true));
    assert_eq!(after(&standing, Act::Lapse, hour(23)), Err(Denied::Closed));
    assert!(after(&standing, second, hour(23)).is_ok());
    assert_eq!(after(&standing, second, hour(24)), Err(Denied::Closed));
    let lapsed = Ok(Next::Becomes(OverrideState::Lapsed));
    assert_eq!(after(&standing, Act::Lapse, hour(24)), lapsed);
    // Nor what would be over when it begins.
    let short = Standing {
        until: Some(hour(2)),
        ..standing
    };
    assert_eq!(after(&short, second, hour(2)), Err(Denied::Closed));
    assert_eq!(after(&short, Act::Lapse, hour(2)), lapsed);
}

#[test]
fn one_person_lifts_what_three_decided_and_nobody_brings_back_what_was_lifted() {
    let applied = |effect| Standing {
        state: OverrideState::Applied,
        ..waiting(effect)
    };
    let take_back = |standing: &Standing, by, at| after(standing, Act::Withdraw(account(by)), at);
    let withdrawn = Ok(Next::Becomes(OverrideState::Withdrawn));
    assert_eq!(
        take_back(&applied(OverrideEffect::Red), 7, hour(30)),
        withdrawn
    );
    assert_eq!(
        take_back(&applied(OverrideEffect::Red), 7, hour(72)),
        Err(Denied::Closed)
    );
    assert_eq!(
        take_back(&applied(OverrideEffect::Release), ASKS, hour(1)),
        Err(Denied::ReleaseStands)
    );
    let waits = waiting(OverrideEffect::Red);
    assert_eq!(take_back(&waits, 7, hour(1)), Err(Denied::NotTheirs));
    assert_eq!(take_back(&waits, ASKS, hour(1)), withdrawn);
}

#[test]
fn a_worse_colour_has_a_ground_and_an_end_and_a_release_has_a_cause() {
    let worse = Asked {
        effect: OverrideEffect::Red,
        ground: OverrideGround::ExposureFound,
        cause: None,
        until: Some(hour(1)),
    };
    let check = |asked: Asked| asked.check(start(), TimeDelta::days(7));
    let until = |until| check(Asked { until, ..worse });
    assert_eq!(check(worse), Ok(()));
    assert_eq!(until(None), Err(Fault::NoEnd));
    assert_eq!(until(Some(start())), Err(Fault::EndPassed));
    assert_eq!(until(Some(hour(7 * 24))), Ok(()));
    let too_far = hour(7 * 24) + TimeDelta::seconds(1);
    assert_eq!(until(Some(too_far)), Err(Fault::EndTooFar));
    let ground = OverrideGround::RecordWrong;
    assert_eq!(check(Asked { ground, ..worse }), Err(Fault::Ground));
    let cause = Some(ReasonCode::R03);
    assert_eq!(check(Asked { cause, ..worse }), Err(Fault::CauseOfWorse));

    let release = Asked {
        effect: OverrideEffect::Release,
        ground,
        cause,
        until: None,
    };
    let of = |cause| check(Asked { cause, ..release });
    assert_eq!(of(cause), Ok(()));
    for cause in [
        None,
        Some(ReasonCode::R08),
        Some(ReasonCode::R09),
        Some(ReasonCode::G00),
    ] {
        assert_eq!(of(cause), Err(Fault::Cause), "{cause:?}");
    }
    let until = Some(hour(1));
    assert_eq!(check(Asked { until, ..release }), Err(Fault::EndOfRelease));
}

#[test]
fn where_somebody_came_from_is_no_evidence_against_them() {
    for kind in [
        FactKind::Arrival,
        FactKind::IsolationStarted,
        FactKind::Push,
        FactKind::Override,
    ] {
        for effect in [OverrideEffect::Yellow, OverrideEffect::Red] {
            assert!(!shows(Evidence::Fact(kind), effect), "{kind:?}");
        }
    }
    assert!(!shows(
        Evidence::Test(TestResult::Negative),
        OverrideEffect::Red
    ));
    assert!(shows(
        Evidence::Test(TestResult::Negative),
        OverrideEffect::Release
    ));
    assert!(shows(
        Evidence::Fact(FactKind::CloseContact),
        OverrideEffect::Red
    ));
}

/// What somebody tries, at so many hours after the request.
fn any_act() -> impl Strategy<Value = (u8, u8, bool, bool, i64)> {
    (
        0..4_u8,
        0..5_u8,
        any::<bool>(),
        prop::bool::weighted(0.9),
        0..4_i64,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Ten acts each, 10⁵ in all (S24).
    #[test]
    fn nothing_is_applied_with_fewer_than_two_approvals_of_others(
        acts in prop::collection::vec(any_act(), 10),
        units in prop::array::uniform5(any::<bool>()),
        release in any::<bool>(),
    ) {
        let effect = if release { OverrideEffect::Release } else { OverrideEffect::Red };
        let (mut standing, mut now) = (waiting(effect), start());
        // What was let through, kept apart from what the request says of it.
        let mut approved = BTreeSet::new();
        for (what, who, stands, apart, hours) in acts {
            now += TimeDelta::hours(hours);
            let another_unit = units[usize::from(who)];
            let act = match what {
                0 | 1 => Act::Approve(Approver { account: account(who), another_unit, apart }),
                2 if who > 2 => Act::Refuse(account(who)),
                3 if who > 3 => Act::Withdraw(account(who)),
                _ => Act::Lapse,
            };
            let before = standing.state;
            let Ok(next) = after(&standing, act, now) else { continue };
            if let Act::Approve(by) = act {
                prop_assert!(by.account != account(ASKS) && by.apart);
                prop_assert!(approved.insert(who), "nobody twice");
                standing.approvals.push(Approval { by: by.account, another_unit, stands: true });
            }
            if let Next::Becomes(state) = next {
                prop_assert!(before == OverrideState::Waiting || before == OverrideState::Applied);
                standing.state = state;
                if state == OverrideState::Applied {
                    let counted = || standing.approvals.iter().filter(|one| one.stands);
                    let people: BTreeSet<_> = counted().map(|one| one.by).collect();
                    prop_assert!(people.len() >= 2 && !people.contains(&account(ASKS)));
                    prop_assert!(counted().any(|one| one.another_unit));
                    prop_assert!(now < start() + WAITS && before == OverrideState::Waiting);
                }
            }
            // Somebody is suspended, or comes back.
            if let Some(first) = standing.approvals.first_mut() {
                first.stands = stands;
            }
        }
        if standing.state == OverrideState::Applied {
            prop_assert!(approved.len() >= 2 && !approved.contains(&ASKS));
        }
    }
}
