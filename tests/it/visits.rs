//! Whoever scans the code on a door is on record: once, durably, and with what they showed.

mod days;
mod reading;
mod rig;

use std::collections::BTreeSet;

use api::visits::{self, Arrival};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{Assurance, Colour, PersonId, VenueCategory, VisitWay},
    visit,
};
use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, ZHANG},
    on_both_stacks,
};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;

pub(crate) use rig::live_through;
use rig::{PHONE, arrival, counted, on_record, scan, who};

on_both_stacks! {
    async fn a_scan_is_on_record_when_it_is_answered_with_what_staff_at_the_door_look_for(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let answer = scan(&backend, &zhang, &venue).await;
        let now = backend.deps.clock.now();
        let word = api::venues::word_of(&backend.deps, venue.id, now);
        assert_eq!(
            answer,
            json!({
                "venue": {"id": venue.id, "name": "人民广场书店", "category": "shop"},
                "word": word,
                "assurance": "static_only",
                "visitor": {
                    "person": zhang.person,
                    "colour": "green",
                    "colour_text": "Green",
                    "latest_test": null,
                    "stale": false,
                    "registered_at": now,
                    "repeated": false,
                },
                "companions": [],
            })
        );
        let visits = on_record(&backend).await;
        let [visit] = visits.as_slice() else { panic!("{visits:?}") };
        assert_eq!((visit.venue_id, visit.subject), (venue.id, who(&zhang).0));
        assert_eq!((visit.at, visit.left_at, visit.noted_by), (now, None, None));
        assert_eq!((visit.colour, visit.way), (Colour::Green, VisitWay::Scan));
        assert_eq!(counted(&backend).await, [1, 0, 0, 0]);
    }

    async fn those_without_a_phone_come_on_the_same_scan(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let grandmother = json!({
            "name": GRANDMOTHER.name,
            "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number,
            "relationship": "elder",
        });
        let added = page.post("/v1/dependants", grandmother).await.ok();
        let venue = backend.venue(VenueCategory::Park).await;
        let companion = added["person_id"].clone();
        let body = json!({"code": venue.code_text, "companions": [companion, companion]});
        let answer = page.post("/v1/visits", body).await.ok();
        assert_eq!(answer["companions"].as_array().unwrap().len(), 1);
        assert_eq!(answer["companions"][0]["person"], companion);
        assert_eq!(answer["companions"][0]["colour"], "grey");
        let visits = on_record(&backend).await;
        let hers = visits.iter().find(|visit| json!(visit.subject) == companion).unwrap();
        assert_eq!((hers.way, hers.noted_by), (VisitWay::Companion, Some(who(&zhang).0)));
        assert_eq!(counted(&backend).await, [1, 1, 0, 0]);

        let stranger = backend.log_in("13900139000").await;
        let elsewhere = backend.venue(VenueCategory::Park).await;
        let body = json!({"code": elsewhere.code_text, "companions": [stranger.person]});
        let refused = page.post("/v1/visits", body).await;
        assert_eq!(refused.problem(404), "not-found");
        assert_eq!(on_record(&backend).await.len(), 2, "nobody came with a stranger");
    }

    async fn whoever_scans_again_within_ten_minutes_is_there_still(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let first = scan(&backend, &zhang, &venue).await;
        // Wherever a window of the clock ends.
        for minutes in [3, 3, 3] {
            backend.wait(TimeDelta::minutes(minutes));
            let again = scan(&backend, &zhang, &venue).await;
            assert_eq!(again["visitor"]["repeated"], true);
            assert_eq!(again["visitor"]["registered_at"], first["visitor"]["registered_at"]);
        }
        backend.wait(TimeDelta::minutes(1));
        let later = scan(&backend, &zhang, &venue).await;
        assert_eq!(later["visitor"]["repeated"], false, "{later}");
        let elsewhere = backend.venue(VenueCategory::Shop).await;
        assert_eq!(scan(&backend, &zhang, &elsewhere).await["visitor"]["repeated"], false);
        assert_eq!(on_record(&backend).await.len(), 3);
        assert_eq!(counted(&backend).await, [3, 0, 0, 0]);
    }

    async fn what_a_device_vouches_for_is_no_less_sure_for_a_scan_before_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        // The visit that it goes on with is yesterday's, then one of the same batch.
        backend.wait_until("2026-03-02T23:57:00+08:00");
        let venue = backend.venue(VenueCategory::Shop).await;
        let staff = Some(backend.deps.entropy.id());
        let person = PersonId(backend.deps.entropy.id());
        let scanned = Arrival {
            assurance: Assurance::StaticOnly,
            way: VisitWay::Scan,
            ..arrival(&backend, &venue, person).await
        };
        visits::register(&backend.deps, vec![scanned.clone()]).await.unwrap();
        backend.wait(TimeDelta::minutes(6));
        let noted = Arrival {
            assurance: Assurance::Staff,
            way: VisitWay::Hand,
            by: staff,
            ..arrival(&backend, &venue, person).await
        };
        let known = |visit: &visit::Model| (visit.assurance, visit.way, visit.noted_by);
        let vouched = (Assurance::Staff, VisitWay::Hand, staff);
        assert!(visits::register(&backend.deps, vec![noted.clone()]).await.unwrap()[0].repeated);
        assert_eq!(on_record(&backend).await.iter().map(known).collect::<Vec<_>>(), [vouched]);
        // What vouches for less takes nothing away.
        let again = Arrival { at: noted.at, ..scanned.clone() };
        visits::register(&backend.deps, vec![again]).await.unwrap();
        assert_eq!(on_record(&backend).await.iter().map(known).collect::<Vec<_>>(), [vouched]);

        let elsewhere = arrival(&backend, &backend.venue(VenueCategory::Shop).await, person).await;
        let scanned = Arrival { door: elsewhere.door.clone(), at: noted.at, ..scanned };
        let noted = Arrival {
            door: elsewhere.door,
            at: noted.at + TimeDelta::seconds(1),
            ..noted
        };
        visits::register(&backend.deps, vec![scanned, noted]).await.unwrap();
        let visits = on_record(&backend).await;
        assert_eq!(visits.iter().map(known).collect::<Vec<_>>(), [vouched, vouched]);
        assert_eq!(counted(&backend).await, [2, 0, 0, 0]);
    }

    async fn whoever_comes_back_after_leaving_is_there(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Restaurant).await;
        let came = scan(&backend, &zhang, &venue).await["visitor"]["registered_at"].clone();
        backend.wait(TimeDelta::minutes(3));
        let late = arrival(&backend, &venue, who(&zhang)).await;
        backend.wait(TimeDelta::minutes(1));
        let leave = json!({"venue": venue.id});
        let page = backend.as_citizen(&zhang);
        assert_eq!(page.post("/v1/visits/departures", leave).await.status, 204);
        // What a device noted before they left and sends only now.
        let late = Arrival { assurance: Assurance::StaticOnly, ..late };
        visits::register(&backend.deps, vec![late]).await.unwrap();
        assert!(on_record(&backend).await[0].left_at.is_some(), "they have left since");
        backend.wait(TimeDelta::minutes(2));
        let back = scan(&backend, &zhang, &venue).await;
        assert_eq!((&back["visitor"]["repeated"], &back["visitor"]["registered_at"]), (&json!(true), &came));
        let visits = on_record(&backend).await;
        assert_eq!(visits.iter().map(|visit| visit.left_at).collect::<Vec<_>>(), [None]);
    }

    async fn a_visit_goes_on_over_midnight(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.wait_until("2026-03-02T23:57:00+08:00");
        let zhang = backend.verified(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Hotel).await;
        scan(&backend, &zhang, &venue).await;
        backend.wait(TimeDelta::minutes(6));
        assert_eq!(scan(&backend, &zhang, &venue).await["visitor"]["repeated"], true);
        backend.wait(TimeDelta::minutes(6));
        assert_eq!(scan(&backend, &zhang, &venue).await["visitor"]["repeated"], false);
        let days: BTreeSet<_> = on_record(&backend).await.iter().map(|visit| visit.day).collect();
        assert_eq!(days.len(), 2);
    }

    async fn of_many_scans_at_once_by_one_person_one_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let other = backend.another_instance().await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let scans = (0..32).map(|at| {
            let instance = if at % 2 == 0 { &backend } else { &other };
            scan(instance, &zhang, &venue)
        });
        let answers = join_all(scans).await;
        let first = &answers[0]["visitor"]["registered_at"];
        assert!(answers.iter().all(|answer| answer["visitor"]["registered_at"] == *first));
        assert_eq!(on_record(&backend).await.len(), 1);
        assert_eq!(counted(&backend).await, [1, 0, 0, 0]);
    }

    async fn rows_and_counts_equal_acknowledgements_whoever_shares_a_commit(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut venues = Vec::new();
        for _ in 0..3 {
            venues.push(backend.venue(VenueCategory::Cinema).await);
        }
        let people: Vec<PersonId> = (0..600).map(|_| PersonId(backend.deps.entropy.id())).collect();
        let mut arrivals = Vec::new();
        for (at, person) in people.iter().enumerate() {
            arrivals.push(arrival(&backend, &venues[at % 3], *person).await);
        }
        let registering = arrivals.into_iter().map(|one| visits::register(&backend.deps, vec![one]));
        let registered = join_all(registering).await;
        assert!(registered.iter().all(|visit| !visit.as_ref().unwrap()[0].repeated));
        assert_eq!(on_record(&backend).await.len(), 600);
        assert_eq!(counted(&backend).await, [600, 0, 0, 0]);
    }

    async fn records_that_come_in_a_batch_are_written_with_it_or_not_at_all(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Airport).await;
        let person = PersonId(backend.deps.entropy.id());
        let now = backend.deps.clock.now();
        let back = |minutes: i64| now - TimeDelta::minutes(minutes);
        let mut batch = Vec::new();
        // Out of order, over two midnights, and some within one window.
        for at in [back(1), back(4000), back(9), back(1500), back(3995), back(2)] {
            batch.push(Arrival { at, ..arrival(&backend, &venue, person).await });
        }
        let tx = api::platform::db::begin_write(&backend.deps.db).await.unwrap();
        let kept = visits::register_in(&tx, &backend.deps, &batch).await.unwrap();
        let since: Vec<DateTime<Utc>> = kept.iter().map(|visit| visit.at).collect();
        assert_eq!(since, [back(9), back(4000), back(9), back(1500), back(4000), back(9)]);
        tx.rollback().await.unwrap();
        assert_eq!(on_record(&backend).await, []);

        let tx = api::platform::db::begin_write(&backend.deps.db).await.unwrap();
        visits::register_in(&tx, &backend.deps, &batch).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(on_record(&backend).await.len(), 3);
        let again = visits::register(&backend.deps, batch).await.unwrap();
        assert_eq!(again.iter().map(|visit| visit.at).collect::<Vec<_>>(), since);
        assert_eq!(on_record(&backend).await.len(), 3);
        assert_eq!(counted(&backend).await, [3, 0, 0, 0]);
    }

    async fn a_full_queue_says_so_at_once_and_loses_nothing(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.visits.queue = 4).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        visits::register(
            &backend.deps,
            vec![arrival(&backend, &venue, PersonId(backend.deps.entropy.id())).await],
        )
        .await
        .unwrap();
        let db = &backend.deps.db;
        let standstill = api::platform::db::begin_write(db).await.unwrap();
        if db.get_database_backend() == DbBackend::Postgres {
            let hold = "LOCK TABLE visit_uncounted IN EXCLUSIVE MODE";
            standstill.execute_unprepared(hold).await.unwrap();
        }
        let mut registering = FuturesUnordered::new();
        for _ in 0..16 {
            let person = PersonId(backend.deps.entropy.id());
            let arrival = arrival(&backend, &venue, person).await;
            registering.push(visits::register(&backend.deps, vec![arrival]));
        }
        let first = registering.next().await.unwrap();
        assert!(matches!(first, Err(visits::Error::Full)), "{first:?}");
        standstill.rollback().await.unwrap();
        let others: Vec<_> = registering.collect().await;
        let kept = others.iter().filter(|outcome| outcome.is_ok()).count();
        assert!(kept >= 4, "{kept}");
        assert_eq!(on_record(&backend).await.len(), 1 + kept);
    }

    async fn what_waits_when_the_stop_comes_is_written_down(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let mut registering = FuturesUnordered::new();
        for _ in 0..300 {
            let person = PersonId(backend.deps.entropy.id());
            let arrival = arrival(&backend, &venue, person).await;
            registering.push(visits::register(&backend.deps, vec![arrival]));
        }
        registering.next().await.unwrap().unwrap();
        // Nobody waits for the others' answers any more.
        drop(registering);
        backend.deps.visits.drain().await;
        assert_eq!(on_record(&backend).await.len(), 300);
        let late = arrival(&backend, &venue, PersonId(backend.deps.entropy.id())).await;
        visits::register(&backend.deps, vec![late]).await.unwrap_err();
    }

    async fn whoever_left_has_left(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Restaurant).await;
        let page = backend.as_citizen(&zhang);
        let leave = json!({"venue": venue.id});
        let nobody = page.post("/v1/visits/departures", leave.clone()).await;
        assert_eq!(nobody.problem(404), "not-found");
        scan(&backend, &zhang, &venue).await;
        backend.wait(TimeDelta::minutes(5));
        let left_at = backend.deps.clock.now();
        assert_eq!(page.post("/v1/visits/departures", leave.clone()).await.status, 204);
        backend.wait(TimeDelta::minutes(5));
        assert_eq!(page.post("/v1/visits/departures", leave).await.status, 204);
        assert_eq!(on_record(&backend).await[0].left_at, Some(left_at), "the first time counts");
    }
}
