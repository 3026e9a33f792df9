//! Visits, and days that they are kept on.

use std::collections::BTreeSet;

use api::{
    jobs::Sweep,
    visits::{self, Arrival, CountVisits, DeleteDays, Visitor},
};
use chrono::NaiveDate;
use entity::{
    values::{Assurance, Colour, LookedUpBy, PersonId, VenueCategory, VisitWay},
    venue_hour, visit, visit_uncounted, visitor_look_up,
};
use integration_tests::{
    backend::{Backend, Session},
    venues::Venue,
};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

pub(super) const PHONE: &str = "13800138000";

pub(super) async fn scan(backend: &Backend, session: &Session, venue: &Venue) -> Value {
    let scan = json!({"code": venue.code_text});
    backend
        .as_citizen(session)
        .post("/v1/visits", scan)
        .await
        .ok()
}

pub(super) async fn on_record(backend: &Backend) -> Vec<visit::Model> {
    let mut visits = visit::Entity::find().all(&backend.deps.db).await.unwrap();
    visits.sort_by_key(|visit| (visit.at, visit.subject));
    visits
}

/// Visits by what was shown: green, grey, yellow, red.
pub(super) async fn counted(backend: &Backend) -> [i32; 4] {
    CountVisits::run(&backend.deps).await.unwrap();
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

pub(super) fn who(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

pub(super) async fn arrival(backend: &Backend, venue: &Venue, person: PersonId) -> Arrival {
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
    CountVisits::run(&backend.deps).await.unwrap();
    let uncounted = visit_uncounted::Model {
        id: backend.deps.entropy.id(),
        day: "2026-01-01".parse().unwrap(),
        hour: 0,
        colour: Colour::Green,
        venues: venue.id.0.into_bytes().to_vec(),
    };
    visit_uncounted::Entity::insert(uncounted.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    let look_up = visitor_look_up::Model {
        id: backend.deps.entropy.id(),
        person_id: who(citizen),
        organisation_id: venue.organisation,
        venue_id: venue.id,
        by: LookedUpBy::Phone,
        at: backend.deps.clock.now(),
    };
    visitor_look_up::Entity::insert(look_up.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    leave_day(backend, "2026-01-01".parse().unwrap()).await;
    assert_eq!(DeleteDays::run(&backend.deps).await.unwrap(), 1);
}

/// A day that may be visited.
pub(super) async fn leave_day(backend: &Backend, day: NaiveDate) {
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
pub(super) async fn days(backend: &Backend) -> Vec<NaiveDate> {
    let days = entity::visit_day::Entity::find()
        .all(&backend.deps.db)
        .await;
    let days: BTreeSet<NaiveDate> = days.unwrap().iter().map(|day| day.day).collect();
    days.into_iter().collect()
}

/// A receipt that `day` was deleted.
pub(super) async fn sign_for(backend: &Backend, day: NaiveDate) {
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
pub(super) async fn hold(backend: &Backend, day: NaiveDate) {
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
