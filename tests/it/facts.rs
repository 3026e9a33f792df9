//! What is known about people from elsewhere: recorded once, never changed, found as it was at any
//! time, and touched only by the region that it is of.

mod areas;
mod reach;
mod records;
mod sources;

use api::{
    facts::{self, Dossier},
    recheck,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry,
    values::{PersonId, Role},
};
use integration_tests::{
    Backend, StaffMember,
    backend::{Identity, Session, declaration},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

/// Ouyang.
pub(crate) const OUYANG: Identity = Identity {
    name: "欧阳青衫",
    number: "310104197608237715",
};

/// Somebody who records facts in `region`.
async fn epidemiologist(backend: &Backend, region: &str) -> StaffMember {
    backend.staff(Role::Epidemiologist, region).await
}

/// `identity`, who lives in the division with the code `home`, and nothing is left to be looked at.
async fn living_in(backend: &Backend, phone: &str, identity: Identity, home: &str) -> Session {
    let session = backend.verified(phone, identity).await;
    declare(backend, &session, home, json!([])).await;
    session
}

/// Declare to live in `home` and to have stayed elsewhere.
async fn declare(backend: &Backend, session: &Session, home: &str, residence: Value) {
    let mut report = declaration();
    report["division"] = json!(home);
    report["residence"] = residence;
    let path = format!("/v1/people/{}/declarations", session.person);
    backend.as_citizen(session).post(&path, report).await.ok();
    backend.compare().await;
}

/// `what`, said of `identity`.
fn about(identity: Identity, mut what: Value) -> Value {
    what["document_kind"] = json!("resident_card");
    what["document_number"] = json!(identity.number);
    what
}

/// When it was so many hours ago.
fn ago(backend: &Backend, hours: i64) -> DateTime<Utc> {
    backend.deps.clock.now() - TimeDelta::hours(hours)
}

/// What is known about the owner of `session`, or was `until` then.
async fn dossier(backend: &Backend, session: &Session, until: Option<DateTime<Utc>>) -> Dossier {
    let person = person(session);
    facts::dossier(&backend.deps.db, person, until)
        .await
        .unwrap()
}

fn person(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

/// How many people wait to be looked at.
async fn marked(backend: &Backend) -> u64 {
    recheck::backlog(&backend.deps.db).await.unwrap()
}

/// What the log says of events of this name, in order: by whom, and their detail.
async fn on_record(backend: &Backend, event: &str) -> Vec<(String, Value)> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq(event))
        .order_by_asc(audit_entry::Column::At)
        .all(&backend.deps.db)
        .await
        .unwrap();
    let told = entries.into_iter();
    told.map(|entry| (entry.actor_kind, entry.detail)).collect()
}
