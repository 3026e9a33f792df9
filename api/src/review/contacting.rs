//! Use case: put on record that somebody tried to reach the applicant.

use entity::{
    review_case,
    review_contact::Model,
    values::{CaseState, ContactId, ContactMeans, ContactResult, StaffId},
};
use sea_orm::DatabaseTransaction;

use super::{acting::LONGEST_TEXT, error::Error, store};
use crate::{
    audit::{self, Actor, CaseEvent, Event},
    deps::Deps,
    identity,
    platform::vault::Column,
};

/// An attempt to reach the applicant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// How.
    pub means: ContactMeans,
    /// What came of it.
    pub result: ContactResult,
    /// A note on it.
    pub note: Option<String>,
}

/// The column of notes, each owned by its contact.
pub(super) const NOTE: Column = Column("review_contact.note");

/// Put on record that `by` tried to reach the applicant of `case`, as part of the transaction `tx`, which
/// locks the person's row. Refused unless the case waits for somebody of the authority.
pub async fn record_contact(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    by: StaffId,
    contact: Contact,
) -> Result<Model, Error> {
    identity::lock(tx, case.person_id).await?;
    let case = store::find(tx, case.id).await?.ok_or(Error::NoSuchCase)?;
    match case.state {
        CaseState::Authority => (),
        CaseState::Closed => return Err(Error::Decided),
        CaseState::Applicant | CaseState::Answer => return Err(Error::NotWaiting),
    }
    let note = contact.note.filter(|note| !note.trim().is_empty());
    if note
        .as_ref()
        .is_some_and(|note| note.chars().count() > LONGEST_TEXT)
    {
        return Err(Error::TextTooLong);
    }
    let key = identity::data_key_of(tx, deps, case.person_id).await?;
    let id = ContactId(deps.entropy.id());
    let place = NOTE.owned_by(id.0.as_bytes());
    let sealed = note.map(|note| key.seal(place, note.trim().as_bytes(), &*deps.entropy));
    let row = Model {
        id,
        case_id: case.id,
        stay: case.stay,
        account_id: by,
        at: deps.clock.now(),
        means: contact.means,
        result: contact.result,
        note: sealed.transpose()?,
    };
    store::insert_contact(tx, row.clone()).await?;
    let event = Event::Case(CaseEvent::CaseContact {
        case: case.id,
        contact: id,
        means: row.means,
        result: row.result,
    });
    audit::record(tx, deps, Actor::Staff(by), case.person_id, &event).await?;
    Ok(row)
}
