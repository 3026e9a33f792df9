//! What is on record, counted again.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    platform::{Clock, clock::local_date},
    reports::{
        self,
        rules::{Figure, LONGEST_TOTAL, Level, Period},
    },
};
use entity::{
    audit_entry, recheck_mark, review_breach, review_case, review_step,
    values::{CaseAction as Act, CaseId, CaseOutcome, CaseState},
};
use integration_tests::Backend;
use sea_orm::{EntityTrait, QueryOrder};

pub(super) async fn cases(backend: &Backend) -> Vec<review_case::Model> {
    review_case::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap()
}

async fn steps(backend: &Backend) -> Vec<review_step::Model> {
    review_step::Entity::find()
        .order_by_asc(review_step::Column::CaseId)
        .order_by_asc(review_step::Column::Turn)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

async fn breaches(backend: &Backend) -> BTreeMap<(CaseId, i64), review_breach::Model> {
    let rows = review_breach::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    let key = |row: review_breach::Model| ((row.case_id, row.turn), row);
    rows.into_iter().map(key).collect()
}

/// That the steps of each case are whole and lead to where it stands, that one closes it at the most, and
/// that each stage which was left with no time left has its breach.
pub(super) async fn steps_lead_to(backend: &Backend, cases: &BTreeMap<CaseId, review_case::Model>) {
    let (steps, breaches) = (steps(backend).await, breaches(backend).await);
    let mut of_case: BTreeMap<CaseId, Vec<&review_step::Model>> = BTreeMap::new();
    for step in &steps {
        of_case.entry(step.case_id).or_default().push(step);
    }
    assert_eq!(of_case.len(), cases.len());
    for (id, steps) in of_case {
        let case = &cases[&id];
        let turns = steps.iter().map(|step| step.turn);
        assert!(turns.eq(1..=case.turn), "{id}: a step is missing");
        let closing = steps
            .iter()
            .filter(|step| step.stage_after.is_none())
            .count();
        assert_eq!(
            closing,
            usize::from(case.state == CaseState::Closed),
            "{id}"
        );
        let last = steps.last().unwrap();
        assert!(
            last.stage_after
                .as_ref()
                .is_none_or(|after| *after == case.stage)
        );
        for step in &steps {
            let waited_for_people = !["comparison", "applicant"].contains(&step.stage.as_str());
            if waited_for_people && step.clock_left == Some(0) {
                assert!(
                    breaches.contains_key(&(id, step.stay)),
                    "{step:?}: nobody was held to it"
                );
            }
        }
        if case.outcome == Some(CaseOutcome::ByClock) {
            assert!(
                breaches.contains_key(&(id, last.stay)),
                "{id}: granted for no delay"
            );
        }
    }
    for breach in breaches.values() {
        assert!(
            breach.booked_at >= breach.due_at,
            "{breach:?}: booked before it was one"
        );
    }
}

/// That every limit which was reached is booked, once the sweep has come.
pub(super) async fn all_limits_are_booked(backend: &Backend) {
    let (now, breaches) = (backend.clock.now(), breaches(backend).await);
    for case in cases(backend).await {
        let out = case.due_at.is_some_and(|due_at| due_at <= now);
        if out && case.state == CaseState::Authority {
            assert!(breaches.contains_key(&(case.id, case.stay)), "{case:?}");
        }
        assert!(
            case.timer_at.is_none_or(|at| at > now),
            "{case:?} was passed over"
        );
    }
}

/// What the report has to say, by the steps and the audit log.
pub(super) async fn recount(backend: &Backend) -> BTreeMap<&'static str, u64> {
    let steps = steps(backend).await;
    let closing: Vec<_> = steps
        .iter()
        .filter(|step| step.stage_after.is_none())
        .collect();
    let ended = |is: &dyn Fn(&review_step::Model) -> bool| {
        u64::try_from(closing.iter().filter(|step| is(step)).count()).unwrap()
    };
    let lapsed =
        |step: &review_step::Model| step.action == Act::Decide && step.stage == "applicant";
    let by_clock =
        |step: &review_step::Model| step.action == Act::Decide && step.stage != "applicant";
    let decided = |step: &review_step::Model| matches!(step.action, Act::Approve | Act::Refuse);
    let log = audit_entry::Entity::find().all(&backend.deps.db).await;
    let log = log.unwrap();
    let broken = || log.iter().filter(|entry| entry.event == "promise_broken");
    let late: BTreeSet<String> = broken()
        .map(|entry| entry.detail["case"].as_str().unwrap().to_owned())
        .collect();
    let in_time =
        |step: &review_step::Model| decided(step) && !late.contains(&step.case_id.0.to_string());
    let opened = steps.iter().filter(|step| step.action == Act::Open).count();
    let opened = u64::try_from(opened).unwrap();
    BTreeMap::from([
        ("filed", opened),
        ("open", opened - ended(&|_| true)),
        ("decided", ended(&|step| decided(step) || by_clock(step))),
        ("refused", ended(&|step| step.action == Act::Refuse)),
        ("issued_by_clock", ended(&by_clock)),
        ("withdrawn", ended(&|step| step.action == Act::Withdraw)),
        ("lapsed", ended(&lapsed)),
        ("timed_out", u64::try_from(broken().count()).unwrap()),
        ("in_time", ended(&in_time)),
    ])
}

/// That the report says what the steps and the audit log say.
pub(super) async fn the_report_tells_it(backend: &Backend) {
    let today = local_date(backend.clock.now());
    let first = "2020-03-01".parse().unwrap();
    let last = today.succ_opt().unwrap();
    let period = Period::new(first, last, last, LONGEST_TOTAL).unwrap();
    let db = &backend.deps.db;
    let tally = reports::tally(db, period, Level::Province).await.unwrap();
    let told = |figure| tally.values().map(|counts| counts.of(figure)).sum::<u64>();
    let counted = recount(backend).await;
    for (name, figure) in [
        ("filed", Figure::Filed),
        ("open", Figure::Open),
        ("decided", Figure::Decided),
        ("refused", Figure::Refused),
        ("issued_by_clock", Figure::IssuedByClock),
        ("withdrawn", Figure::Withdrawn),
        ("lapsed", Figure::Lapsed),
        ("timed_out", Figure::TimedOut),
        ("in_time", Figure::InTime),
    ] {
        assert_eq!(told(figure), counted[name], "{name}");
    }

    // What followed from each grant by the clock followed once.
    let marks = recheck_mark::Entity::find().all(db).await.unwrap();
    assert!(marks.iter().all(|mark| mark.generation == 1));
    assert_eq!(
        u64::try_from(marks.len()).unwrap(),
        counted["issued_by_clock"]
    );
}
