//! Corrections: copied for whom they are about, and erased.

use entity::{correction, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use super::views::{ANSWER, CONTENT};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete, document, words},
    identity,
};

/// What people said is wrong in what is recorded. What followed from it stands in the record itself.
#[derive(Debug, Clone, Copy)]
pub struct Corrections;

impl Holding for Corrections {
    fn tables(&self) -> &'static [&'static str] {
        &["correction"]
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
    let key = identity::data_key_of(&deps.db, deps, person).await?;
    let whose = correction::Column::PersonId.eq(person);
    let corrections = copied::<correction::Entity>(&deps.db, whose, |row| {
        let place = row.id.0.as_bytes();
        let answer = row.answer.as_deref();
        let answer = answer.map(|sealed| words(key.open_text(ANSWER.owned_by(place), sealed)));
        json!({
            "id": row.id,
            "filed_by": row.filed_by,
            "filed_at": row.filed_at,
            "division": row.division,
            "origin": row.origin,
            "record": row.record,
            "mistake": row.mistake,
            "content": document(key.open(CONTENT.owned_by(place), &row.content)),
            "due_at": row.due_at,
            "state": row.state,
            "decided_at": row.decided_at,
            "refusal": row.refusal,
            "answer": answer,
        })
    });
    Ok(vec![corrections.await?])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let theirs = correction::Column::PersonId.eq(person);
    Ok(vec![delete::<correction::Entity>(tx, theirs).await?])
}
