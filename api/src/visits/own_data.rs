//! Visits: copied for who came. Days of visits go as a whole, and none of them sooner.

use entity::{values::PersonId, visit, visitor_look_up};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete, patient},
};

/// Visits, and look-ups at doors. Visits are written down so that nothing delays who stands at a door: nobody is
/// looked for among them, so a copy reads each day's. A day goes as a whole, with a signed receipt that counts
/// its visits; until then a visit stays under an id that leads to nobody.
#[derive(Debug, Clone, Copy)]
pub struct Visits;

impl Holding for Visits {
    fn tables(&self) -> &'static [&'static str] {
        &["visit", "visitor_look_up"]
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
    let tx = patient(&deps.db).await?;
    let visits = copied::<visit::Entity>(&tx, visit::Column::Subject.eq(person.0), |row| {
        json!({
            "day": row.day,
            "venue_id": row.venue_id,
            "at": row.at,
            "left_at": row.left_at,
            "assurance": row.assurance,
            "way": row.way,
            "colour": row.colour,
        })
    })
    .await?;
    tx.rollback().await?;
    let whose = visitor_look_up::Column::PersonId.eq(person);
    let look_ups = copied::<visitor_look_up::Entity>(&deps.db, whose, |row| {
        json!({
            "id": row.id,
            "organisation_id": row.organisation_id,
            "venue_id": row.venue_id,
            "by": row.by,
            "at": row.at,
        })
    })
    .await?;
    Ok(vec![visits, look_ups])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let look_ups = visitor_look_up::Column::PersonId.eq(person);
    Ok(vec![delete::<visitor_look_up::Entity>(tx, look_ups).await?])
}
