//! Codes on doors: what somebody asked for in the name of a unit. It is the unit's, and stays.

use entity::{values::PersonId, venue, venue_application};
use futures_util::future::{FutureExt, ready};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, Stop, copied},
    http::problem::Text,
};

const OF_A_UNIT: Text = Text::new(
    "您代单位提交的场所码申请正在审核，办结后方可注销",
    "An application for a venue that you made for a unit is being decided: once it is closed, the account can be \
     deleted",
);

/// What people asked for in the name of units. Who asked is an id that leads to nobody once they are erased; while
/// an application of theirs is decided, nothing is.
#[derive(Debug, Clone, Copy)]
pub struct Applied;

impl Holding for Applied {
    fn tables(&self) -> &'static [&'static str] {
        &["venue", "venue_application"]
    }

    fn stops<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Stop>> {
        stops(tx, deps, person).boxed()
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

async fn stops(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    use venue_application::{Column, Entity};
    let open = Entity::find()
        .filter(Column::AppliedBy.eq(person))
        .filter(Column::OpenOf.is_not_null());
    let stop = (open.count(tx).await? > 0).then_some(Stop {
        cause: "unit_application",
        until: None,
        words: OF_A_UNIT,
    });
    Ok(stop.into_iter().collect())
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let whose = venue::Column::AppliedBy.eq(person);
    let venues = copied::<venue::Entity>(&deps.db, whose, |row| {
        json!({
            "id": row.id,
            "organisation_id": row.organisation_id,
            "name": row.name,
            "applied_at": row.applied_at,
        })
    })
    .await?;
    let whose = venue_application::Column::AppliedBy.eq(person);
    let applications = copied::<venue_application::Entity>(&deps.db, whose, |row| {
        json!({
            "id": row.id,
            "kind": row.kind,
            "venue_id": row.venue_id,
            "organisation_id": row.organisation_id,
            "name": row.name,
            "address": row.address,
            "applied_at": row.applied_at,
            "outcome": row.outcome,
            "closed_at": row.closed_at,
        })
    })
    .await?;
    Ok(vec![venues, applications])
}
