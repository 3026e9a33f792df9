//! What people said of themselves: copied for them, and erased.

use entity::{check_in, declaration, declared_stay, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use super::{check_ins, declaring};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete, document},
    identity,
};

/// Declarations, the stays in them, and check-ins. All of it is the person's own word, and goes.
#[derive(Debug, Clone, Copy)]
pub struct Declarations;

impl Holding for Declarations {
    fn tables(&self) -> &'static [&'static str] {
        &["declaration", "declared_stay", "check_in"]
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
    let whose = declaration::Column::PersonId.eq(person);
    let declarations = copied::<declaration::Entity>(db, whose, |row| {
        let place = declaring::CONTENT.owned_by(row.id.0.as_bytes());
        json!({
            "id": row.id,
            "version": row.version,
            "declared_by": row.declared_by,
            "declared_at": row.declared_at,
            "division": row.division,
            "content": document(key.open(place, &row.content)),
            "unwell": row.unwell,
            "arrived_on": row.arrived_on,
        })
    })
    .await?;
    let whose = declared_stay::Column::PersonId.eq(person);
    let stays = copied::<declared_stay::Entity>(db, whose, |row| {
        json!({
            "declaration_id": row.declaration_id,
            "position": row.position,
            "division": row.division,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "declared_at": row.declared_at,
            "replaced_at": row.replaced_at,
        })
    })
    .await?;
    let whose = check_in::Column::PersonId.eq(person);
    let check_ins = copied::<check_in::Entity>(db, whose, |row| {
        let place = check_ins::CONTENT.owned_by(row.id.0.as_bytes());
        json!({
            "id": row.id,
            "day": row.day,
            "checked_in_by": row.checked_in_by,
            "checked_in_at": row.checked_in_at,
            "content": document(key.open(place, &row.content)),
            "unwell": row.unwell,
        })
    })
    .await?;
    Ok(vec![declarations, stays, check_ins])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let stays = declared_stay::Column::PersonId.eq(person);
    Ok(vec![
        delete::<declared_stay::Entity>(tx, stays).await?,
        delete::<declaration::Entity>(tx, declaration::Column::PersonId.eq(person)).await?,
        delete::<check_in::Entity>(tx, check_in::Column::PersonId.eq(person)).await?,
    ])
}
