//! A thousand cases that run out in the same minute, two workers, and one of them dies.

use std::{future::poll_fn, pin::pin, task::Poll};

use api::{deps::Deps, jobs::Sweep, review::RunClocks};
use entity::{
    notification, person, recheck_mark, review_breach, review_case, review_step,
    values::{CaseAction as Act, CaseId, CaseOutcome},
};
use integration_tests::on_both_stacks;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::rig::{Office, run_clocks, somebody};

const CASES: usize = 1_000;

/// Nothing but a community that decides in an hour.
const HASTY: &str = r#"{
  "key": "hasty", "version": 1, "subject": "pass_card",
  "title": {"zh": "从速", "en": "In an hour"}, "first": "community",
  "stages": [
    {
      "key": "community", "title": {"zh": "社区", "en": "Community"}, "waits_for": "person",
      "decider": {"role": "community_issuer", "where": "community"},
      "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
      "clock": {"limit": {"working_minutes": 60}, "when_out": {"decide": {
        "outcome": "by_clock", "at": {"next_day": {"time": "18:00:00"}}, "otherwise": "district"}}}
    },
    {
      "key": "district", "title": {"zh": "县区", "en": "District"}, "waits_for": "person",
      "decider": {"role": "reviewer", "where": "district"},
      "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
      "clock": {"limit": {"working_minutes": 60}, "when_out": {"remind": 1440}}
    }
  ]
}"#;

/// Let `work` go on for so many steps, and drop it wherever it is then.
pub(crate) async fn killed_after(steps: usize, work: impl Future) {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(|context| {
        if left == 0 || work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        Poll::Pending
    })
    .await;
}

/// A worker that dies again and again, in the midst of what it does.
async fn dying(deps: &Deps) {
    for steps in [3, 17, 40, 91, 150, 220, 301] {
        killed_after(steps, RunClocks::run(deps)).await;
    }
}

/// As many cases as [`CASES`], opened at the same time, each of somebody else.
async fn open_all(office: &Office) {
    let deps = office.deps();
    let people: Vec<_> = (1..CASES)
        .map(|number| somebody(deps, 10_000 + u64::try_from(number).unwrap()))
        .collect();
    for some in people.chunks(500) {
        let rows = some.iter().cloned().map(IntoActiveModel::into_active_model);
        person::Entity::insert_many(rows)
            .exec_without_returning(&deps.db)
            .await
            .unwrap();
    }
    let first = office.case("hasty").await;
    let cases = people.iter().map(|person| review_case::Model {
        id: CaseId(deps.entropy.id()),
        subject_id: person.id.0,
        person_id: person.id,
        ..first.clone()
    });
    let cases: Vec<_> = cases.map(IntoActiveModel::into_active_model).collect();
    for some in cases.chunks(500) {
        review_case::Entity::insert_many(some.to_vec())
            .exec_without_returning(&deps.db)
            .await
            .unwrap();
    }
}

on_both_stacks! {
    async fn a_thousand_cases_that_run_out_at_once_are_each_granted_once(stack: Stack) {
        let office = Office::open(stack).await;
        super::workflows::save(&office, HASTY).await.unwrap();
        office.at("2020-03-02 09:00");
        open_all(&office).await;
        let other = office.another().await;
        let db = &office.deps().db;

        office.at("2020-03-02 10:00");
        tokio::join!(dying(&other.deps), run_clocks(office.deps()));
        run_clocks(office.deps()).await;
        assert_eq!(review_breach::Entity::find().count(db).await.unwrap(), 1_000);

        office.at("2020-03-03 18:00");
        tokio::join!(dying(&other.deps), run_clocks(office.deps()));
        run_clocks(office.deps()).await;
        assert_eq!(review_breach::Entity::find().count(db).await.unwrap(), 1_000);
        let cases = review_case::Entity::find().all(db).await.unwrap();
        assert_eq!(cases.len(), CASES);
        for case in &cases {
            assert_eq!((case.outcome, case.turn), (Some(CaseOutcome::ByClock), 2));
        }
        let granted = review_step::Entity::find()
            .filter(review_step::Column::Action.eq(Act::Decide))
            .count(db)
            .await
            .unwrap();
        assert_eq!(granted, 1_000);
        // What the feature did in the same transaction, and what people were told.
        let marks = recheck_mark::Entity::find().all(db).await.unwrap();
        assert_eq!(marks.len(), CASES);
        assert!(marks.iter().all(|mark| mark.generation == 1));
        assert_eq!(notification::Entity::find().count(db).await.unwrap(), 1_000);
    }
}
