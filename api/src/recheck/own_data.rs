//! Marks: copied for whom they are about, and erased.

use chrono::TimeDelta;
use entity::{recheck_mark, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, Stop, copied, delete},
    http::problem::Text,
};

/// Within which time whatever is marked has been looked at, as a rule.
const LOOKED_AT_WITHIN: TimeDelta = TimeDelta::minutes(1);

const WAITING: Text = Text::new(
    "健康码正在根据新的信息重新判定，请一分钟后再试",
    "Something new is known, and the code is being assessed: please try again in a minute",
);

/// Marks that somebody's colour needs another look. Until somebody looked, nobody knows whether a measure follows,
/// and nothing is erased.
#[derive(Debug, Clone, Copy)]
pub struct Marks;

impl Holding for Marks {
    fn tables(&self) -> &'static [&'static str] {
        &["recheck_mark"]
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
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Erased>> {
        erase(tx, deps, person).boxed()
    }
}

async fn stops(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    let mark = recheck_mark::Entity::find_by_id(person).one(tx).await?;
    let stop = mark.map(|_| Stop {
        cause: "assessment",
        until: Some(deps.clock.now() + LOOKED_AT_WITHIN),
        words: WAITING,
    });
    Ok(stop.into_iter().collect())
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
