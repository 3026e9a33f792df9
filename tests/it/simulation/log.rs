//! What is on record, counted again.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    platform::clock::local_date,
    reports::{
        self,
        rules::{Figure, LONGEST_TOTAL, Level, Period},
    },
};
use entity::{
    audit_entry, recheck_mark, review_breach, review_case, review_step,
    values::{CaseAction as Act, CaseId, CaseOutcome, CaseState},
};
use sea_orm::{EntityTrait, QueryOrder};

use crate::review::rig::Office;

pub(super) async fn cases(office: &Office) -> Vec<review_case::Model> {
    review_case::Entity::find()
        .all(&office.deps().db)
        .await
        .unwrap()
}

async fn steps(office: &Office) -> Vec<review_step::Model> {
    review_step::Entity::find()
        .order_by_asc(review_step::Column::CaseId)
        .order_by_asc(review_step::Column::Turn)
        .all(&office.deps().db)
        .await
        .unwrap()
}

async fn breaches(office: &Office) -> BTreeMap<(CaseId, i64), review_breach::Model> {
    let rows = review_breach::Entity::find()
        .all(&office.deps().db)
        .await
        .unwrap();
    let key = |row: review_breach::Model| ((row.case_id, row.turn), row);
    rows.into_iter().map(key).collect()
}

/// That the steps of each case are whole and lead to where it stands, that one closes it at the most, and
/// that each stage which was left with no time left has its breach.
pub(super) async fn steps_lead_to(office: &Office, cases: &BTreeMap<CaseId, review_case::Model>) {
    let (steps, breaches) = (steps(office).await, breaches(office).await);
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
        for step in steps {
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
pub(super) async fn all_limits_are_booked(office: &Office) {
    let (now, breaches) = (office.now(), breaches(office).await);
    for case in cases(office).await {
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

/// That the report says what the steps and the audit log say.
pub(super) async fn the_report_tells_it(office: &Office) {
    let today = local_date(office.now());
    let first = "2020-03-01".parse().unwrap();
    let last = today.succ_opt().unwrap();
    let period = Period::new(first, last, last, LONGEST_TOTAL).unwrap();
    let db = &office.deps().db;
    let tally = reports::tally(db, period, Level::Province).await.unwrap();
    let told = |figure| tally.values().map(|counts| counts.of(figure)).sum::<u64>();

    let steps = steps(office).await;
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
    let log = audit_entry::Entity::find().all(db).await.unwrap();
    let broken: Vec<_> = log
        .iter()
        .filter(|entry| entry.event == "promise_broken")
        .collect();
    let late: BTreeSet<String> = broken
        .iter()
        .map(|entry| entry.detail["case"].as_str().unwrap().to_owned())
        .collect();

    let opened = steps.iter().filter(|step| step.action == Act::Open).count();
    let opened = u64::try_from(opened).unwrap();
    assert_eq!(told(Figure::Filed), opened);
    assert_eq!(told(Figure::Open), opened - ended(&|_| true));
    assert_eq!(
        told(Figure::Decided),
        ended(&|step| decided(step) || by_clock(step))
    );
    assert_eq!(
        told(Figure::Refused),
        ended(&|step| step.action == Act::Refuse)
    );
    assert_eq!(told(Figure::IssuedByClock), ended(&by_clock));
    assert_eq!(
        told(Figure::Withdrawn),
        ended(&|step| step.action == Act::Withdraw)
    );
    assert_eq!(told(Figure::Lapsed), ended(&lapsed));
    assert_eq!(told(Figure::TimedOut), u64::try_from(broken.len()).unwrap());
    let in_time =
        |step: &review_step::Model| decided(step) && !late.contains(&step.case_id.0.to_string());
    assert_eq!(told(Figure::InTime), ended(&in_time));

    // What followed from each grant by the clock followed once.
    let marks = recheck_mark::Entity::find().all(db).await.unwrap();
    assert!(marks.iter().all(|mark| mark.generation == 1));
    assert_eq!(u64::try_from(marks.len()).unwrap(), ended(&by_clock));
}
