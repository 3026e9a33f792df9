//! What is known about people from elsewhere: copied for them. It was recorded by others, and stays for its time.

use entity::{health_fact, test_result, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::withdrawing::NOTE;
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied, words},
    identity,
};

/// Tests and facts. Laboratories and authorities recorded them and answer for them: erased with the person are
/// only the words that were written to them.
#[derive(Debug, Clone, Copy)]
pub struct Facts;

impl Holding for Facts {
    fn tables(&self) -> &'static [&'static str] {
        &["test_result", "health_fact"]
    }

    fn copy<'a>(&'a self, deps: &'a Deps, person: PersonId) -> Answer<'a, Vec<Section>> {
        copy(deps, person).boxed()
    }

    fn erase<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Erased>> {
        erase(tx, deps, person).boxed()
    }
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = identity::data_key_of(db, deps, person).await?;
    let whose = test_result::Column::PersonId.eq(person);
    let tests = copied::<test_result::Entity>(db, whose, |row| {
        json!({
            "sample": row.sample,
            "sampled_at": row.sampled_at,
            "reported_at": row.reported_at,
            "result": row.result,
            "tube_size": row.tube_size,
            "source": row.source,
            "recorded_at": row.recorded_at,
        })
    })
    .await?;
    let whose = health_fact::Column::PersonId.eq(person);
    let facts = copied::<health_fact::Entity>(db, whose, |row| {
        let note = row.withdrawal_note.as_deref();
        let note =
            note.map(|sealed| words(key.open_text(NOTE.owned_by(row.id.0.as_bytes()), sealed)));
        json!({
            "id": row.id,
            "kind": row.kind,
            "happened_at": row.happened_at,
            "ends_at": row.ends_at,
            "origin": row.origin,
            "source": row.source,
            "source_ref": row.source_ref,
            "detail": row.detail,
            "recorded_at": row.recorded_at,
            "withdrawn_at": row.withdrawn_at,
            "withdrawal_reason": row.withdrawal_reason,
            "withdrawal_note": note,
        })
    })
    .await?;
    Ok(vec![tests, facts])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use health_fact::{ActiveModel, Column, Entity};
    let without_words = ActiveModel {
        withdrawal_note: Set(None),
        ..Default::default()
    };
    let notes = Entity::update_many()
        .set(without_words)
        .filter(Column::PersonId.eq(person))
        .filter(Column::WithdrawalNote.is_not_null());
    Ok(vec![changed(tx, notes).await?])
}
