//! What an entry commits to in the log.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{audit_entry, log_leaf};
use serde_json::json;
use uuid::Uuid;

use super::{Actor, Event, Subject};
use crate::platform::digest::{DIGEST_BYTES, canonical_json, sha256};

/// Bytes of the salt of an entry.
pub const SALT_BYTES: usize = 32;

/// The entry of what `actor` did to `subject`.
pub(super) fn entry(
    id: Uuid,
    at: DateTime<Utc>,
    actor: Actor,
    subject: Subject,
    event: &Event,
    salt: [u8; SALT_BYTES],
) -> serde_json::Result<audit_entry::Model> {
    let (actor_kind, actor_id) = match actor {
        Actor::Person(person) => ("person", Some(person.0)),
        Actor::Staff(staff) => ("staff", Some(staff.0)),
        Actor::Organisation(unit) => ("organisation", Some(unit.0)),
        Actor::Operator => ("operator", None),
        Actor::System => ("system", None),
    };
    let subject_id = match subject {
        Subject::Person(person) => Some(person.0),
        Subject::Staff(staff) => Some(staff.0),
        Subject::Nobody => None,
    };
    let event = serde_json::to_value(event)?;
    let name = event.get("event").and_then(|name| name.as_str());
    Ok(audit_entry::Model {
        id,
        at,
        actor_kind: actor_kind.into(),
        actor_id,
        subject_id,
        event: name.unwrap_or_default().into(),
        detail: event.get("detail").cloned().unwrap_or_default(),
        salt: Some(salt.to_vec()),
    })
}

/// The leaf of `entry`, which waits for its place. It holds the entry only where that is its subject's to see.
pub(super) fn of(
    entry: &audit_entry::Model,
    disclosed: bool,
) -> serde_json::Result<log_leaf::Model> {
    let salt = entry.salt.as_deref().unwrap_or_default();
    let text = canonical(entry)?;
    Ok(log_leaf::Model {
        id: entry.id,
        at: entry.at,
        commitment: sha256(&[salt, &text]).to_vec(),
        subject_id: entry.subject_id.filter(|_| disclosed),
        content: disclosed.then(|| [salt, &text].concat()),
    })
}

/// What `entry` commits to, as it is now. None for one that is older than the log, which has no salt.
pub fn commitment_of(entry: &audit_entry::Model) -> serde_json::Result<Option<[u8; DIGEST_BYTES]>> {
    let text = canonical(entry)?;
    let salt = entry.salt.as_deref();
    Ok(salt.map(|salt| sha256(&[salt, &text])))
}

/// Everything that `entry` says but its salt, in one form: the canonical one of RFC 8785, with the time in
/// microseconds.
fn canonical(entry: &audit_entry::Model) -> serde_json::Result<Vec<u8>> {
    canonical_json(&json!({
        "id": entry.id,
        "at": entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id},
        "subject": entry.subject_id,
        "event": entry.event,
        "detail": entry.detail,
    }))
}

#[cfg(test)]
mod tests {
    use entity::values::{Colour, PersonId};

    use super::*;

    fn changed() -> audit_entry::Model {
        let person = Subject::Person(PersonId(Uuid::from_u128(2)));
        let at = DateTime::from_timestamp_micros(1_772_424_000_000_001).unwrap();
        let event = Event::ColourChanged {
            from: Colour::Green,
            to: Colour::Red,
            version: 7,
        };
        let id = Uuid::from_u128(1);
        entry(id, at, Actor::System, person, &event, [9; SALT_BYTES]).unwrap()
    }

    #[test]
    fn an_entry_has_one_form() {
        let leaf = of(&changed(), true).unwrap();
        let content = leaf.content.unwrap();
        let (salt, text) = content.split_at(SALT_BYTES);
        assert_eq!(salt, [9; SALT_BYTES]);
        assert_eq!(
            String::from_utf8_lossy(text),
            "{\"actor\":{\"id\":null,\"kind\":\"system\"},\"at\":\"2026-03-02T04:00:00.000001Z\",\
             \"detail\":{\"from\":\"green\",\"to\":\"red\",\"version\":7},\"event\":\"colour_changed\",\
             \"id\":\"00000000-0000-0000-0000-000000000001\",\
             \"subject\":\"00000000-0000-0000-0000-000000000002\"}"
        );
        assert_eq!(leaf.commitment, sha256(&[&content]));
    }

    #[test]
    fn whatever_is_changed_of_an_entry_changes_what_it_commits_to() {
        let before = changed();
        let commitment = commitment_of(&before).unwrap().unwrap();
        assert_eq!(of(&before, false).unwrap().commitment, commitment);
        let changes: [fn(&mut audit_entry::Model); 8] = [
            |entry| entry.id = Uuid::from_u128(3),
            |entry| entry.at += chrono::TimeDelta::microseconds(1),
            |entry| entry.actor_kind = "operator".into(),
            |entry| entry.actor_id = Some(Uuid::from_u128(4)),
            |entry| entry.subject_id = None,
            |entry| entry.event = "hold_opened".into(),
            |entry| entry.detail["to"] = "green".into(),
            |entry| entry.salt = Some(vec![8; SALT_BYTES]),
        ];
        for change in changes {
            let mut after = before.clone();
            change(&mut after);
            assert_ne!(
                commitment_of(&after).unwrap(),
                Some(commitment),
                "{after:?}"
            );
        }
    }

    #[test]
    fn a_leaf_that_nobody_may_ask_for_names_nobody() {
        let leaf = of(&changed(), false).unwrap();
        assert_eq!((leaf.subject_id, leaf.content), (None, None));
    }
}
