//! Visits are kept by the day, and go by the day.

use api::{
    commands::verify,
    credentials::{self, cose::VerifyingKey},
    jobs::Sweep,
    platform::{Entropy, OsEntropy},
    visits::{self, Arrival, DeleteDays, MakeDays, Visitor},
};
use chrono::TimeDelta;
use entity::values::{PersonId, Role, VenueCategory};
use futures_util::future::join_all;
use integration_tests::{Database, Stack, backend::Backend, on_both_stacks};
use sea_orm::{ConnectionTrait, EntityTrait, TransactionTrait};

use super::rig::{arrival, counted, days, hold, leave_day, on_record, sign_for};

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
}
