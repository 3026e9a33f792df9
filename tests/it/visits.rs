//! Whoever scans the code on a door is on record: once, durably, and with what they showed.

use std::collections::BTreeSet;

use api::{
    commands::verify,
    credentials::{self, cose::VerifyingKey},
    jobs::Sweep,
    platform::{Entropy, OsEntropy},
    visits::{self, Arrival, DeleteDays, MakeDays, Visitor},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    values::{Assurance, Colour, PersonId, Role, VenueCategory, VisitWay},
    venue_hour, visit,
};
use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
use integration_tests::{
    Database, Stack,
    backend::{Backend, GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
    venues::Venue,
};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, TransactionTrait};
use serde_json::{Value, json};
use uuid::Uuid;

const PHONE: &str = "13800138000";

async fn scan(backend: &Backend, session: &Session, venue: &Venue) -> Value {
    let scan = json!({"code": venue.code_text});
    backend
        .as_citizen(session)
        .post("/v1/visits", scan)
        .await
        .ok()
}

async fn on_record(backend: &Backend) -> Vec<visit::Model> {
    let mut visits = visit::Entity::find().all(&backend.deps.db).await.unwrap();
    visits.sort_by_key(|visit| (visit.at, visit.subject));
    visits
}

/// Visits by what was shown: green, grey, yellow, red.
async fn counted(backend: &Backend) -> [i32; 4] {
    let hours = venue_hour::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    hours
        .iter()
        .fold([0; 4], |[green, grey, yellow, red], hour| {
            [
                green + hour.green,
                grey + hour.grey,
                yellow + hour.yellow,
                red + hour.red,
            ]
        })
}

fn who(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

async fn arrival(backend: &Backend, venue: &Venue, person: PersonId) -> Arrival {
    let door = api::venues::door(&backend.deps, venue.id)
        .await
        .unwrap()
        .unwrap();
    Arrival {
        door,
        visitor: Visitor::Person(person),
        at: backend.deps.clock.now(),
        colour: Colour::Green,
        assurance: Assurance::Sentinel,
        way: VisitWay::Device,
        by: None,
    }
}

/// Leave a row in every table.
pub(crate) async fn live_through(backend: &Backend, citizen: &Session) {
    let venue = backend.venue(VenueCategory::Shop).await;
    scan(backend, citizen, &venue).await;
    let guest = Visitor::Guest(visits::GuestWords {
        name: "王大明".into(),
        contact: "13700137000".into(),
    });
    let arrival = Arrival {
        visitor: guest,
        ..arrival(backend, &venue, who(citizen)).await
    };
    visits::register(&backend.deps, vec![arrival])
        .await
        .unwrap();
    leave_day(backend, "2026-01-01".parse().unwrap()).await;
    assert_eq!(DeleteDays::run(&backend.deps).await.unwrap(), 1);
}

/// A day that may be visited.
async fn leave_day(backend: &Backend, day: NaiveDate) {
    let day = entity::visit_day::Model {
        day,
        data_key: vec![1],
    };
    entity::visit_day::Entity::insert(day.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

/// The days that may be visited, in their order.
async fn days(backend: &Backend) -> Vec<NaiveDate> {
    let days = entity::visit_day::Entity::find()
        .all(&backend.deps.db)
        .await;
    let days: BTreeSet<NaiveDate> = days.unwrap().iter().map(|day| day.day).collect();
    days.into_iter().collect()
}

/// A receipt that `day` was deleted.
async fn sign_for(backend: &Backend, day: NaiveDate) {
    let receipt = entity::visit_deletion::Model {
        day,
        visits: 0,
        first_at: None,
        last_at: None,
        root: vec![0; 32],
        receipt: "PD1:".into(),
        deleted_at: backend.deps.clock.now(),
    };
    entity::visit_deletion::Entity::insert(receipt.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

/// Have the database refuse to let go of `day`.
async fn hold(backend: &Backend, day: NaiveDate) {
    let db = &backend.deps.db;
    let hold = if db.get_database_backend() == DbBackend::Postgres {
        let table = format!("visit_{}", day.format("%Y%m%d"));
        format!("SELECT visit_make_day('{day}'); CREATE VIEW held AS SELECT at FROM {table}")
    } else {
        format!(
            "CREATE TRIGGER held BEFORE DELETE ON visit_day WHEN OLD.day = '{day}'
                BEGIN SELECT RAISE(ABORT, 'held'); END"
        )
    };
    db.execute_unprepared(&hold).await.unwrap();
}

#[tokio::test]
async fn nobody_but_the_service_makes_days_and_none_goes_without_a_receipt() {
    let database = Database::fresh(Stack::Production).await;
    let owner = database.connect().await;
    let role = format!("guest_{}", OsEntropy.id().simple());
    let tx = owner.begin().await.unwrap();
    let ask = async |statement: &str| {
        let tx = tx.begin().await.unwrap();
        let refused = tx.execute_unprepared(statement).await.map(drop);
        tx.rollback().await.unwrap();
        refused.map_err(|error| error.to_string())
    };
    let made = "SELECT visit_make_day('2020-01-01'); SELECT visit_drop_day('2020-01-01')";
    let refused = ask(made).await.unwrap_err();
    assert!(refused.contains("no receipt"), "{refused}");
    tx.execute_unprepared(&format!("CREATE ROLE {role}; SET LOCAL ROLE {role}"))
        .await
        .unwrap();
    for function in ["visit_make_day", "visit_drop_day"] {
        let refused = ask(&format!("SELECT {function}('2020-01-01')"))
            .await
            .unwrap_err();
        assert!(refused.contains("permission denied"), "{refused}");
    }
    tx.execute_unprepared("RESET ROLE").await.unwrap();
    migration::grant_to_service(&tx, &role)
        .await
        .unwrap()
        .unwrap();
    tx.execute_unprepared(&format!("SET LOCAL ROLE {role}"))
        .await
        .unwrap();
    ask("SELECT visit_make_day('2020-01-01')").await.unwrap();
    tx.rollback().await.unwrap();
}

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

    async fn neither_tomorrow_nor_a_day_that_was_deleted_can_be_visited(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let person = PersonId(backend.deps.entropy.id());
        let now = backend.deps.clock.now();
        for at in [now + TimeDelta::days(1), now - TimeDelta::days(22)] {
            let untimely = Arrival { at, ..arrival(&backend, &venue, person).await };
            visits::register(&backend.deps, vec![untimely]).await.unwrap_err();
        }
        assert_eq!(on_record(&backend).await, []);
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
            let hold = "LOCK TABLE venue_hour IN EXCLUSIVE MODE";
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

    async fn days_are_made_ahead_and_go_after_three_weeks_with_a_signed_receipt(stack: Stack) {
        let backend = Backend::start(stack).await;
        assert_eq!(MakeDays::run(&backend.deps).await.unwrap(), 11, "three behind, seven ahead");
        assert_eq!(MakeDays::run(&backend.deps).await.unwrap(), 0);
        let venue = backend.venue(VenueCategory::Shop).await;
        let mut first = None;
        for _ in 0..5 {
            let person = PersonId(backend.deps.entropy.id());
            let one = arrival(&backend, &venue, person).await;
            let guest = Visitor::Guest(visits::GuestWords {
                name: "王大明".into(),
                contact: "13700137000".into(),
            });
            let other = Arrival { visitor: guest, ..one.clone() };
            visits::register(&backend.deps, vec![one, other]).await.unwrap();
            first.get_or_insert(backend.deps.clock.now());
            backend.wait(TimeDelta::minutes(1));
        }
        assert_eq!(on_record(&backend).await.len(), 6, "a guest is the same all day");
        let sealed = entity::visit_guest::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(sealed.len(), 1);
        assert!(!String::from_utf8_lossy(&sealed[0].words).contains("13700137000"));

        backend.wait_until("2026-03-23T23:59:00+08:00");
        credentials::rotate(&backend.deps).await.unwrap();
        while DeleteDays::run(&backend.deps).await.unwrap() > 0 {}
        assert_eq!(on_record(&backend).await.len(), 6, "twenty-one days are not over");
        backend.wait_until("2026-03-24T02:00:00+08:00");
        while DeleteDays::run(&backend.deps).await.unwrap() > 0 {}
        assert_eq!(on_record(&backend).await, []);
        assert_eq!(entity::visit_guest::Entity::find().all(&backend.deps.db).await.unwrap(), []);
        let receipts = entity::visit_deletion::Entity::find().all(&backend.deps.db).await.unwrap();
        let day = "2026-03-02".parse().unwrap();
        let receipt = receipts.iter().find(|receipt| receipt.day == day).unwrap();
        assert_eq!((receipt.visits, receipt.first_at), (6, first));
        let now = backend.deps.clock.now();
        let said = backend.deps.keyring.read_deletion(&receipt.receipt, now).unwrap();
        assert_eq!((said.day, said.rows, said.root.to_vec()), (day, 6, receipt.root.clone()));

        credentials::rotate(&backend.deps).await.unwrap();
        credentials::sign_list(&backend.deps).await.unwrap();
        let root = backend.deps.keyring.root().unwrap();
        let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
        let keys = backend.anyone().url("/v1/keys");
        let told = verify::run(&keys, &root, &receipt.receipt, now).await.unwrap();
        assert!(told.contains("receipt of a deletion") && told.contains("2026-03-02"), "{told}");
        assert!(told.contains(&hex::encode(&receipt.root)), "{told}");

        let auditor = backend.staff(Role::Auditor, "310000").await;
        let listed = auditor.get("/v1/staff/visit-deletions").await.ok();
        assert!(listed["items"].as_array().unwrap().len() >= 4, "{listed}");
        assert_eq!(counted(&backend).await, [6, 0, 0, 0], "counts stay: they are nobody's");
    }

    async fn a_day_that_many_make_at_once_is_made_once_and_fails_nobody(stack: Stack) {
        let backend = Backend::start(stack).await;
        let instances = join_all((0..5).map(|_| backend.another_instance())).await;
        let making = instances.iter().map(|instance| MakeDays::run(&instance.deps));
        let made: Vec<u64> = join_all(making).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(made.iter().sum::<u64>(), 11, "{made:?}");
    }

    async fn a_day_without_a_table_gets_one_and_fails_nobody_else(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let now = backend.deps.clock.now();
        let mut registering = Vec::new();
        for days in 0..20 {
            let person = PersonId(backend.deps.entropy.id());
            let at = now - TimeDelta::days(days);
            let arrival = Arrival { at, ..arrival(&backend, &venue, person).await };
            registering.push(visits::register(&backend.deps, vec![arrival]));
        }
        assert!(join_all(registering).await.iter().all(Result::is_ok));
        assert_eq!(on_record(&backend).await.len(), 20);
    }

    async fn a_day_that_was_deleted_is_not_made_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let yesterday = "2026-03-01".parse().unwrap();
        sign_for(&backend, yesterday).await;
        let person = PersonId(backend.deps.entropy.id());
        let at = backend.deps.clock.now() - TimeDelta::days(1);
        let late = Arrival { at, ..arrival(&backend, &venue, person).await };
        let refused = visits::register(&backend.deps, vec![late.clone()]).await;
        assert!(matches!(refused, Err(visits::Error::Past)), "{refused:?}");
        let tx = api::platform::db::begin_write(&backend.deps.db).await.unwrap();
        visits::register_in(&tx, &backend.deps, &[late]).await.unwrap_err();
        tx.rollback().await.unwrap();
        assert_eq!(MakeDays::run(&backend.deps).await.unwrap(), 10, "all the others");
        assert!(!days(&backend).await.contains(&yesterday));
        assert_eq!(on_record(&backend).await, []);
    }

    async fn a_day_that_cannot_go_is_in_the_way_of_no_other(stack: Stack) {
        let backend = Backend::start(stack).await;
        let [signed, stuck, free] = ["2026-01-01", "2026-01-02", "2026-01-03"].map(|day| day.parse().unwrap());
        for day in [signed, stuck, free] {
            leave_day(&backend, day).await;
        }
        sign_for(&backend, signed).await;
        hold(&backend, stuck).await;
        assert_eq!(DeleteDays::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(DeleteDays::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(days(&backend).await, [stuck]);
        DeleteDays::run(&backend.deps).await.unwrap_err();
    }

    async fn whom_a_unit_looks_up_is_on_record_and_has_an_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let door = format!("/v1/organisations/{}/venues/{}/visits", venue.organisation, venue.id);
        unit.post(&door, json!({"phone": PHONE})).await.ok();
        let said = &on_record(&backend).await[0];
        assert_eq!(visits::Voucher::of(said.assurance), None, "a number that somebody said");
        let shown = json!({"document": {"document_kind": "resident_card", "document_number": ZHANG.number}});
        unit.post(&door, shown).await.ok();
        let visits = on_record(&backend).await;
        assert_eq!(visits.iter().map(|visit| visit.assurance).collect::<Vec<_>>(), [Assurance::Staff]);
        let unknown = json!({"phone": "13600136000"});
        assert_eq!(unit.post(&door, unknown.clone()).await.problem(404), "visitor-unknown");
        let entries = entity::audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let looked_up: Vec<_> = entries
            .iter()
            .filter(|entry| entry.event == "visitor_looked_up")
            .map(|entry| entry.subject_id)
            .collect();
        let known = Some(who(&zhang).0);
        assert_eq!(looked_up.len(), 3);
        assert_eq!(looked_up.iter().filter(|subject| **subject == known).count(), 2);

        for _ in 3..300 {
            unit.post(&door, unknown.clone()).await.problem(404);
        }
        let refused = unit.post(&door, json!({"phone": PHONE})).await;
        assert_eq!(refused.problem(429), "visitors-too-many-look-ups");
        let words = json!({"guest": {"name": "王大明", "contact": "13700137000"}});
        unit.post(&door, words).await.ok();
    }

    async fn a_unit_sees_counts_and_masked_names_of_its_own_venues(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let of = |what: &str| format!("/v1/organisations/{}/venues/{}/{what}", venue.organisation, venue.id);
        scan(&backend, &zhang, &venue).await;
        backend.wait(TimeDelta::minutes(1));
        let guest = json!({"guest": {"name": "王大明", "contact": "13700137000"}});
        let written = unit.post(&of("visits"), guest.clone()).await.ok();
        assert_eq!((&written["colour"], &written["repeated"]), (&json!(null), &json!(false)));
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(unit.post(&of("visits"), guest).await.ok()["repeated"], true);
        let by_phone = unit.post(&of("visits"), json!({"phone": PHONE})).await.ok();
        assert_eq!((&by_phone["colour"], &by_phone["repeated"]), (&json!("green"), &json!(true)));
        assert_eq!(by_phone["masked_name"], "张*明");
        let nobody = unit.post(&of("visits"), json!({"phone": "13600136000"})).await;
        assert_eq!(nobody.problem(404), "visitor-unknown");
        let both = unit.post(&of("visits"), json!({})).await;
        assert_eq!(both.problem(422), "invalid-request");

        let today = unit.get(&of("records/today")).await.ok();
        assert_eq!((&today["total"], &today["green"], &today["grey"]), (&json!(2), &json!(1), &json!(1)));
        let hours = unit.get(&of("records/hours?day=2026-03-02")).await.ok();
        assert_eq!((&hours[0]["hour"], &hours[0]["total"]), (&json!(12), &json!(2)));
        let days = unit.get(&of("records/days?from=2026-03-01&to=2026-03-03")).await.ok();
        assert_eq!(days.as_array().unwrap().len(), 3);
        let page = unit.get(&of("records/visits?day=2026-03-02&limit=1")).await.ok();
        assert_eq!((&page["items"][0]["name"], &page["items"][0]["way"]), (&json!("王**"), &json!("hand")));
        let next = format!("records/visits?day=2026-03-02&limit=1&after={}", page["next"].as_str().unwrap());
        let page = unit.get(&of(&next)).await.ok();
        assert_eq!(page["items"][0]["name"], "张*明");
        assert_eq!(page["next"], json!(null));
        let greens = unit.get(&of("records/visits?day=2026-03-02&colour=green&format=csv")).await;
        assert_eq!(greens.headers["content-type"], "text/csv; charset=utf-8");
        let greens = String::from_utf8(greens.body).unwrap();
        assert!(greens.contains("张*明") && !greens.contains("王"), "{greens}");
        let book = unit.get(&of("records/days?from=2026-03-01&to=2026-03-02&format=xlsx")).await;
        assert!(book.body.starts_with(b"PK"));
        let too_long = unit.get(&of("records/days?from=2026-01-01&to=2026-03-02")).await;
        assert_eq!(too_long.problem(422), "invalid-request");

        let other = backend.organisation(COMPANY).await;
        let stranger = backend.as_unit(other).await;
        assert_eq!(stranger.get(&of("records/today")).await.problem(404), "not-found");
        let foreign = format!("/v1/organisations/{}/venues/{}/records/today", other, venue.id);
        assert_eq!(stranger.get(&foreign).await.problem(404), "not-found");
    }

    async fn a_printed_code_counts_against_nobody_and_stays_overlap_by_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let noon = backend.deps.clock.now();
        let came = |minutes: i64| noon - TimeDelta::minutes(minutes);
        let mut seen = Vec::new();
        for (minutes, assurance) in [
            (200, Assurance::Sentinel),
            (90, Assurance::Staff),
            (80, Assurance::StaticOnly),
            (10, Assurance::Rotating),
        ] {
            let person = PersonId(backend.deps.entropy.id());
            let at = came(minutes);
            let arrival = Arrival { at, assurance, ..arrival(&backend, &venue, person).await };
            visits::register(&backend.deps, vec![arrival]).await.unwrap();
            seen.push(person);
        }
        // People stay in a shop for an hour.
        let overlaps = visits::overlaps(&backend.deps, venue.id, came(45), came(20)).await.unwrap();
        let present: Vec<PersonId> = overlaps.present.iter().map(visits::Presence::person).collect();
        let hinted: Vec<PersonId> = overlaps.hinted.iter().map(visits::Hint::person).collect();
        assert_eq!((present, hinted), (vec![seen[1]], vec![seen[2]]));
        assert_eq!(visits::Voucher::of(Assurance::StaticOnly), None);
    }

    async fn nobody_is_missed_where_more_came_than_are_read_at_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Airport).await;
        let (noon, db) = (backend.deps.clock.now(), &backend.deps.db);
        MakeDays::run(&backend.deps).await.unwrap();
        let visits: Vec<visit::ActiveModel> = (0..5_100_i32)
            .map(|place| {
                let yesterday = place % 100 == 0;
                let day = if yesterday { "2026-03-01" } else { "2026-03-02" };
                let back = if yesterday { 43_200 + place } else { 7_200 };
                visit::Model {
                    day: day.parse().unwrap(),
                    venue_id: venue.id,
                    // Some come several times.
                    subject: Uuid::from_u128(u128::try_from(place % 4_000).unwrap()),
                    slot: place,
                    at: noon - TimeDelta::seconds(back.into()),
                    left_at: Some(noon),
                    assurance: Assurance::Sentinel,
                    way: VisitWay::Device,
                    colour: Colour::Green,
                    noted_by: None,
                }
                .into_active_model()
            })
            .collect();
        for some in visits.chunks(1_000) {
            let some = some.to_vec();
            visit::Entity::insert_many(some).exec_without_returning(db).await.unwrap();
        }
        let overlaps = visits::overlaps(&backend.deps, venue.id, noon, noon).await.unwrap();
        assert_eq!(overlaps.present.len(), 5_100);
        let came: Vec<_> = overlaps.present.iter().map(visits::Presence::from).collect();
        assert!(came.is_sorted(), "in the order in which they came");
    }
}
