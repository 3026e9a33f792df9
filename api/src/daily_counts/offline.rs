//! What somebody outside verifies of a day, with what they fetched or kept.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    credentials::{
        day_note::{self, DayNote},
        key_list::KeyList,
        note::NotBelieved,
    },
    platform::digest::{canonical_json, sha256},
};

/// Why what is told of a day is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not an answer that tells of a day.
    #[error("not what is told of a day")]
    Layout,
    /// The note is not believed.
    #[error("the note is not believed")]
    Note(#[from] NotBelieved),
    /// The note signs something else.
    #[error("the note signs other numbers, another day, or another issuer")]
    OtherNumbers,
}

/// What a note says of a day, if it signs the document in `answer` beside which it stands, by a key for the log that
/// `keys` lists and that is good at `now`.
pub fn verified(answer: &Value, keys: &KeyList, now: DateTime<Utc>) -> Result<DayNote, Refused> {
    let document = answer.get("document").ok_or(Refused::Layout)?;
    let note = answer.get("note").and_then(Value::as_str);
    let told = day_note::believe(note.ok_or(Refused::Layout)?, keys, now)?;
    let text = canonical_json(document).map_err(|_| Refused::Layout)?;
    let says = |field: &str, what: &str| document.get(field).and_then(Value::as_str) == Some(what);
    let same = sha256(&[&text]) == told.digest
        && says("day", &told.day.to_string())
        && says("issuer", &told.name);
    if same {
        Ok(told)
    } else {
        Err(Refused::OtherNumbers)
    }
}
