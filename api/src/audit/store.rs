//! Appending.

use chrono::{DateTime, Utc};
use entity::audit_entry::{ActiveModel, Entity};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use super::{Actor, Event, Subject};

/// Append one entry. Asks for nothing back: the role that does this may not read.
pub(super) async fn append(
    db: &impl ConnectionTrait,
    id: Uuid,
    at: DateTime<Utc>,
    actor: Actor,
    subject: Subject,
    event: &Event,
) -> Result<(), DbErr> {
    let (actor_kind, actor_id) = match actor {
        Actor::Person(person) => ("person", Some(person.0)),
        Actor::Staff(staff) => ("staff", Some(staff.0)),
        Actor::Organisation(unit) => ("organisation", Some(unit.0)),
        Actor::Operator => ("operator", None),
        Actor::System => ("system", None),
    };
    let subject = match subject {
        Subject::Person(person) => Some(person.0),
        Subject::Staff(staff) => Some(staff.0),
        Subject::Nobody => None,
    };
    let event = serde_json::to_value(event).map_err(|e| DbErr::Json(e.to_string()))?;
    let name = event
        .get("event")
        .and_then(|name| name.as_str())
        .unwrap_or_default();
    Entity::insert(ActiveModel {
        id: Set(id),
        at: Set(at),
        actor_kind: Set(actor_kind.into()),
        actor_id: Set(actor_id),
        subject_id: Set(subject),
        event: Set(name.into()),
        detail: Set(event.get("detail").cloned().unwrap_or_default()),
    })
    .exec_without_returning(db)
    .await
    .map(drop)
}
