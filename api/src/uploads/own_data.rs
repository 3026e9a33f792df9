//! Files that people sent: named in a copy, and erased.

use entity::{upload, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied},
};

/// Files. A copy names them; each is fetched by itself. Erased, their keys go at once, so that nobody reads them any
/// more, and the objects with the next sweep.
#[derive(Debug, Clone, Copy)]
pub struct Files;

impl Holding for Files {
    fn tables(&self) -> &'static [&'static str] {
        &["upload"]
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
    let whose = upload::Column::PersonId.eq(person);
    let files = copied::<upload::Entity>(&deps.db, whose, |row| {
        json!({
            "id": row.id,
            "content": row.content,
            "bytes": row.bytes,
            "sha256": hex::encode(&row.sha256),
            "uploaded_at": row.uploaded_at,
            "fetched_at": format!("/v1/uploads/{}", row.id),
        })
    });
    Ok(vec![files.await?])
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use upload::{ActiveModel, Column, Entity};
    let unreadable = ActiveModel {
        sealed_key: Set(Vec::new()),
        holder: Set(None),
        going_at: Set(Some(deps.clock.now())),
        ..Default::default()
    };
    let files = Entity::update_many()
        .set(unreadable)
        .filter(Column::PersonId.eq(person));
    Ok(vec![changed(tx, files).await?])
}
