//! Visitors of whom there are words alone: sealed with the key of the day, and gone with it.

use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{arrival::GuestWords, error::Error, store};
use crate::{
    deps::Deps,
    platform::vault::{Column, DataKey, Sealed},
};

const WORDS: Column = Column("visit_guest.words");

/// The words as they are sealed.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    contact: std::borrow::Cow<'a, str>,
}

/// Keep `words` for `day`. Returns whom visits of that day mean by them: the same for the same words.
pub(super) async fn keep(
    deps: &Deps,
    db: &impl ConnectionTrait,
    day: NaiveDate,
    words: &GuestWords,
) -> Result<Uuid, Error> {
    let days = deps.visits.days();
    days.make_beside(db, day).await?;
    let id = id_of(deps, day, words);
    let key = days.key(db, day).await?;
    let written = Zeroizing::new(serde_json::to_vec(&Written {
        name: words.name.as_str().into(),
        contact: words.contact.as_str().into(),
    })?);
    let sealed = key.seal(WORDS.owned_by(id.as_bytes()), &written, &*deps.entropy)?;
    store::keep_guest(db, id, day, sealed).await?;
    Ok(id)
}

/// The words that `sealed` holds for the guest `id`, if `key` is that of their day.
pub(super) fn open(key: &DataKey, id: Uuid, sealed: &[u8]) -> Result<GuestWords, Sealed> {
    let text = key.open_text(WORDS.owned_by(id.as_bytes()), sealed)?;
    let written: Written<'_> = serde_json::from_str(&text).map_err(|_| Sealed)?;
    Ok(GuestWords {
        name: written.name.into_owned(),
        contact: written.contact.into_owned(),
    })
}

fn id_of(deps: &Deps, day: NaiveDate, words: &GuestWords) -> Uuid {
    let text = Zeroizing::new(format!("{day}|{}|{}", words.name, words.contact));
    let index = deps.vault.index("visit_guest.words", &text);
    let mut bytes = uuid::Bytes::default();
    for (into, byte) in bytes.iter_mut().zip(index.iter().skip(1)) {
        *into = *byte;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
