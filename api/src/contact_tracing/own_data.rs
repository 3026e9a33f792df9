//! Releases: copied for whom they name, once they were told. They stay for their time.

use entity::{tracing_release, values::PersonId};
use futures_util::future::{FutureExt, ready};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied},
};

/// That somebody was named to the health authority. Whom it concerns is told; what they were not told yet is not
/// copied, since it may be about a case that somebody else is still being told of.
#[derive(Debug, Clone, Copy)]
pub struct Released;

impl Holding for Released {
    fn tables(&self) -> &'static [&'static str] {
        &["tracing_release"]
    }

    fn copy<'a>(&'a self, deps: &'a Deps, person: PersonId) -> Answer<'a, Vec<Section>> {
        copy(deps, person).boxed()
    }

    fn erase<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: PersonId,
    ) -> Answer<'a, Vec<Erased>> {
        ready(Ok(Vec::new())).boxed()
    }
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    use tracing_release::Column;
    let told = Condition::all()
        .add(Column::PersonId.eq(person))
        .add(Column::ToldAt.is_not_null());
    let releases = copied::<tracing_release::Entity>(&deps.db, told, |row| {
        json!({
            "tracing_id": row.tracing_id,
            "present": row.present,
            "from_at": row.from_at,
            "until_at": row.until_at,
            "told_at": row.told_at,
        })
    });
    Ok(vec![releases.await?])
}
