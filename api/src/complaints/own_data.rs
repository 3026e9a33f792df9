//! Complaints: copied for whose cases they are about, and erased.

use entity::{complaint, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use super::views::CONTENT;
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete, words},
    identity,
};

/// What people complained of. How it was answered is a case of [`crate::review`], and stays there.
#[derive(Debug, Clone, Copy)]
pub struct Complained;

impl Holding for Complained {
    fn tables(&self) -> &'static [&'static str] {
        &["complaint"]
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
    let whose = complaint::Column::PersonId.eq(person);
    let complaints = copied::<complaint::Entity>(&deps.db, whose, |row| {
        let place = CONTENT.owned_by(row.id.0.as_bytes());
        json!({
            "id": row.id,
            "filed_by": row.filed_by,
            "filed_at": row.filed_at,
            "case_id": row.case_id,
            "against": row.against,
            "kind": row.kind,
            "content": words(key.open_text(place, &row.content)),
            "closed_at": row.closed_at,
        })
    });
    Ok(vec![complaints.await?])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let theirs = complaint::Column::PersonId.eq(person);
    Ok(vec![delete::<complaint::Entity>(tx, theirs).await?])
}
