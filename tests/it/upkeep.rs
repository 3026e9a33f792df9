//! Sweeps: what is due is found, what is old is forgotten, and nobody hides anybody else.

use api::{
    credentials::{RotateKeys, sign_list},
    health_code::MarkDue,
    http::idempotency,
    jobs::Sweep,
    platform::Clock,
    recheck,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    assessment, idempotent_response, key_list, person, recheck_mark,
    values::{Colour, PersonId},
};
use integration_tests::{
    backend::{Backend, ZHANG},
    on_both_stacks,
};
use sea_orm::{
    DatabaseConnection, EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder, QuerySelect,
};
use uuid::Uuid;

const PHONE: &str = "13800138000";

/// People whose colour time changed at `due`.
async fn people_due(db: &DatabaseConnection, count: u128, due: DateTime<Utc>) -> Vec<PersonId> {
    let ids: Vec<PersonId> = (1..=count)
        .map(|n| PersonId(Uuid::from_u128(n << 80)))
        .collect();
    let people = ids.iter().map(|id| person::Model {
        id: *id,
        number: id.number(),
        data_key: Vec::new(),
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: due,
    });
    let people = people.map(IntoActiveModel::into_active_model);
    person::Entity::insert_many(people)
        .exec_without_returning(db)
        .await
        .unwrap();
    let assessments = ids.iter().map(|id| assessment::Model {
        person_id: *id,
        version: 1,
        declaration_id: None,
        assessed_at: due,
        next_change_at: Some(due),
        shown: Colour::Grey,
        division: None,
        record_at: None,
        compared_at: None,
    });
    let assessments = assessments.map(IntoActiveModel::into_active_model);
    assessment::Entity::insert_many(assessments)
        .exec_without_returning(db)
        .await
        .unwrap();
    ids
}

on_both_stacks! {
    async fn those_who_wait_already_do_not_hide_others_whose_time_has_come(stack: Stack) {
        let backend = Backend::start(stack).await;
        let db = &backend.deps.db;
        let now = backend.clock.now();
        let waiting = people_due(db, 250, now - TimeDelta::hours(1)).await;
        let marks = waiting.iter().skip(1).map(|person| recheck_mark::Model {
            person_id: *person,
            generation: 1,
            due_at: now + TimeDelta::hours(1),
        });
        let marks = marks.map(IntoActiveModel::into_active_model);
        recheck_mark::Entity::insert_many(marks).exec_without_returning(db).await.unwrap();

        assert_eq!(MarkDue::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(MarkDue::run(&backend.deps).await.unwrap(), 0);
        assert_eq!(recheck::backlog(db).await.unwrap(), 250);
    }

    async fn everybody_whose_time_has_come_is_found_without_waiting_for_the_rest(stack: Stack) {
        let backend = Backend::start(stack).await;
        people_due(&backend.deps.db, 450, backend.clock.now()).await;
        let mut found = 0;
        while let more @ 1.. = MarkDue::run(&backend.deps).await.unwrap() {
            found += more;
        }
        assert_eq!(found, 450);
    }

    async fn whose_claim_ran_out_does_not_finish_the_mark_of_the_next_change(stack: Stack) {
        let backend = Backend::start(stack).await;
        let db = &backend.deps.db;
        backend.green(PHONE, ZHANG).await;
        let zhang = person::Entity::find().one(db).await.unwrap().expect("Zhang").id;

        let mark_and_claim = async || {
            recheck::mark_unless_marked(db, &[zhang], backend.clock.now()).await.unwrap();
            recheck::claim(db, backend.clock.now(), 10).await.unwrap()[0]
        };
        let late = mark_and_claim().await;
        backend.wait(recheck::LEASE);
        let timely = mark_and_claim().await;
        recheck::finish(db, late).await.unwrap();
        assert_eq!(recheck::backlog(db).await.unwrap(), 1, "somebody else is looking");
        recheck::finish(db, timely).await.unwrap();
        assert_eq!(recheck::backlog(db).await.unwrap(), 0);

        backend.wait(TimeDelta::seconds(1));
        recheck::mark(db, zhang, backend.clock.now()).await.unwrap();
        recheck::finish(db, late).await.unwrap();
        recheck::finish(db, timely).await.unwrap();
        assert_eq!(recheck::backlog(db).await.unwrap(), 1, "of the same generation, but another");
    }

    async fn somebody_of_whom_something_was_recorded_goes_ahead_of_a_round_over_everybody(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (db, clock) = (&backend.deps.db, &backend.clock);
        let people = people_due(db, 12, clock.now() + TimeDelta::days(9)).await;
        let (round, recorded) = people.split_at(10);
        recheck::mark_all_in_turn(db, round, clock.now()).await.unwrap();
        for person in recorded.iter().rev() {
            backend.wait(TimeDelta::seconds(1));
            recheck::mark(db, *person, clock.now()).await.unwrap();
        }
        // Marked again, the one who waits longest keeps their place.
        recheck::mark(db, recorded[1], clock.now() + TimeDelta::seconds(1)).await.unwrap();
        let claimed = recheck::claim(db, clock.now(), 2).await.unwrap();
        let claimed: Vec<_> = claimed.iter().map(|mark| (mark.person, mark.generation)).collect();
        assert_eq!(claimed, [(recorded[1], 2), (recorded[0], 1)]);
        assert_eq!(recheck::claim(db, clock.now(), 20).await.unwrap().len(), 10);
    }

    async fn the_ten_newest_key_lists_are_kept(stack: Stack) {
        let backend = Backend::start(stack).await;
        let db = &backend.deps.db;
        for _ in 0..15 {
            backend.wait(TimeDelta::hours(1));
            assert!(sign_list(&backend.deps).await.unwrap());
        }
        RotateKeys::run(&backend.deps).await.unwrap();
        let versions: Vec<i64> = key_list::Entity::find()
            .select_only()
            .column(key_list::Column::Version)
            .order_by_asc(key_list::Column::Version)
            .into_tuple()
            .all(db)
            .await
            .unwrap();
        // Rotating makes keys ahead, and a list with them.
        let newest = versions.last().copied().unwrap();
        assert!(newest >= 16, "{versions:?}");
        assert_eq!(versions, (newest - 9..=newest).collect::<Vec<i64>>());
    }

    async fn old_answers_are_forgotten_a_thousand_at_a_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let db = &backend.deps.db;
        let answered = backend.clock.now();
        let answers = (0..1_200_u32).map(|n| idempotent_response::Model {
            scope: n.to_be_bytes().to_vec(),
            request: Vec::new(),
            status: 201,
            body: Vec::new(),
            answered_at: answered + TimeDelta::seconds(i64::from(n / 1_150)),
        });
        let answers = answers.map(IntoActiveModel::into_active_model);
        idempotent_response::Entity::insert_many(answers).exec_without_returning(db).await.unwrap();

        backend.wait(idempotency::KEPT + TimeDelta::seconds(1));
        assert_eq!(idempotency::forget_old(&backend.deps).await.unwrap(), 1_000);
        assert_eq!(idempotency::forget_old(&backend.deps).await.unwrap(), 150);
        assert_eq!(idempotency::forget_old(&backend.deps).await.unwrap(), 0);
        assert_eq!(idempotent_response::Entity::find().count(db).await.unwrap(), 50);
    }
}
