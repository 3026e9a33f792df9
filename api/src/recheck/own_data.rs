//! Marks: copied for whom they are about, and erased.

use entity::{recheck_mark, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete},
};

/// Marks that somebody's colour needs another look.
#[derive(Debug, Clone, Copy)]
pub struct Marks;

impl Holding for Marks {
    fn tables(&self) -> &'static [&'static str] {
        &["recheck_mark"]
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
    let whose = recheck_mark::Column::PersonId.eq(person);
    let marks = copied::<recheck_mark::Entity>(
        &deps.db,
        whose,
        |row| json!({"generation": row.generation, "due_at": row.due_at}),
    );
    Ok(vec![marks.await?])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let marks = recheck_mark::Column::PersonId.eq(person);
    Ok(vec![delete::<recheck_mark::Entity>(tx, marks).await?])
}
