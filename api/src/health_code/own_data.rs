//! What was decided about codes: copied for whom they are of. No measure is got rid of by erasing.

use chrono::{DateTime, Utc};
use entity::{
    assessment, colour_change, colour_change_rule, hold,
    values::{Colour, PersonId},
};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use super::{store, telling::verdict_now};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, Stop, copied, delete},
    http::problem::Text,
};

const MEASURE: Text = Text::new(
    "正在采取防疫措施（黄码、红码、隔离或观察期），措施解除后方可注销",
    "A measure is in force (a yellow or red code, isolation or observation): once it ends, the account can be \
     deleted",
);

/// Assessments, the causes that hold or held, and what changed when. Causes and changes were decided by
/// authorities and their rules, and stay for their time under an id that leads to nobody.
///
/// Nobody sheds a cause by leaving and coming back as somebody new: while one holds, or the code shows yellow
/// or red, nothing is erased.
#[derive(Debug, Clone, Copy)]
pub struct Colours;

impl Holding for Colours {
    fn tables(&self) -> &'static [&'static str] {
        &["assessment", "hold", "colour_change", "colour_change_rule"]
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
    let holds = store::holds(tx, person).await?;
    let verdict = verdict_now(tx, deps, person).await?;
    let shown = matches!(verdict.colour, Colour::Yellow | Colour::Red);
    let holding: Vec<&hold::Model> = holds
        .iter()
        .filter(|hold| hold.released_at.is_none())
        .collect();
    if holding.is_empty() && !shown {
        return Ok(Vec::new());
    }
    let ends = holding.iter().filter_map(|hold| hold.earliest_release_at);
    let until: Option<DateTime<Utc>> = verdict
        .reasons
        .iter()
        .filter_map(|reason| reason.until)
        .chain(ends)
        .max();
    Ok(vec![Stop {
        cause: "measure",
        until: until.filter(|until| *until > deps.clock.now()),
        words: MEASURE,
    }])
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let whose = assessment::Column::PersonId.eq(person);
    let assessments = copied::<assessment::Entity>(db, whose, |row| {
        json!({
            "version": row.version,
            "declaration_id": row.declaration_id,
            "assessed_at": row.assessed_at,
            "next_change_at": row.next_change_at,
            "shown": row.shown,
            "division": row.division,
            "record_at": row.record_at,
            "compared_at": row.compared_at,
        })
    })
    .await?;
    let holds = copied::<hold::Entity>(db, hold::Column::PersonId.eq(person), |row| {
        json!({
            "id": row.id,
            "reason": row.reason,
            "rule": row.rule,
            "rule_version": row.rule_version,
            "evidence": row.evidence,
            "phase": row.phase,
            "found": row.found,
            "source_region": row.source_region,
            "starts_at": row.starts_at,
            "earliest_release_at": row.earliest_release_at,
            "released_at": row.released_at,
            "released_by": row.released_by,
        })
    })
    .await?;
    let whose = colour_change::Column::PersonId.eq(person);
    let changes = copied::<colour_change::Entity>(db, whose, |row| {
        json!({
            "version": row.version,
            "at": row.at,
            "colour_before": row.colour_before,
            "colour_after": row.colour_after,
            "reasons": row.reasons,
        })
    })
    .await?;
    let whose = colour_change_rule::Column::PersonId.eq(person);
    let rules = copied::<colour_change_rule::Entity>(db, whose, |row| {
        json!({
            "rule": row.rule,
            "rule_version": row.rule_version,
            "version": row.version,
            "at": row.at,
        })
    })
    .await?;
    Ok(vec![assessments, holds, changes, rules])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let assessments = assessment::Column::PersonId.eq(person);
    Ok(vec![delete::<assessment::Entity>(tx, assessments).await?])
}
