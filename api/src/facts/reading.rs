//! What is known about one person.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::{
    declared_stay, health_fact, risk_area, test_result,
    values::{PersonId, RiskAreaId},
};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    dossier::{Dossier, Fact, RiskStay, Test},
    rules::{self, Area, Stay},
    store,
};
use crate::{declarations, platform::clock::midnight};

/// Everything that is known about `person`, or that was at `until`: what was recorded, withdrawn,
/// lifted or declared later is not in it. At most four indexed queries.
pub async fn dossier(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Dossier, DbErr> {
    dossier_with(db, person, &[], until).await
}

/// The same. What was ever declared about one of `areas` counts, until it was replaced at the latest:
/// nobody leaves such a place, or was there for less time, by declaring again.
pub async fn dossier_with(
    db: &impl ConnectionTrait,
    person: PersonId,
    areas: &[RiskAreaId],
    until: Option<DateTime<Utc>>,
) -> Result<Dossier, DbErr> {
    let reports = store::reports(db, person, until).await?;
    let facts = store::facts(db, person, until).await?;
    Ok(Dossier {
        tests: rules::last_reports(reports.into_iter().map(Test::from).collect()),
        facts: facts.into_iter().map(|row| Fact::of(row, until)).collect(),
        risk_stays: risk_stays(db, person, areas, until).await?,
    })
}

async fn risk_stays(
    db: &impl ConnectionTrait,
    person: PersonId,
    kept: &[RiskAreaId],
    until: Option<DateTime<Utc>>,
) -> Result<Vec<RiskStay>, DbErr> {
    let stays = if kept.is_empty() {
        declarations::stays_of(db, person, until).await?
    } else {
        declarations::all_stays_of(db, person, until).await?
    };
    let Some(first_day) = stays.iter().map(|stay| stay.first_day).min() else {
        return Ok(Vec::new());
    };
    let places: BTreeSet<_> = stays.iter().map(|stay| &stay.division).collect();
    let areas = store::areas::touching(db, &places, midnight(first_day), until).await?;
    let areas: Vec<Area> = areas.iter().map(|row| Area::of(row, until)).collect();
    let (kept, others): (Vec<Area>, Vec<Area>) =
        areas.into_iter().partition(|area| kept.contains(&area.id));
    let stays: Vec<Stay> = stays.into_iter().map(|row| Stay::of(row, until)).collect();
    let (current, replaced): (Vec<Stay>, Vec<Stay>) = stays
        .into_iter()
        .partition(|stay| stay.replaced_at.is_none());
    let mut found = rules::risk_stays(&current, &others);
    let all: Vec<Stay> = current.into_iter().chain(replaced).collect();
    found.extend(rules::risk_stays(&all, &kept));
    Ok(found)
}

/// What happened `at`, as it was known at `until`.
fn known(at: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    at.filter(|at| until.is_none_or(|until| *at <= until))
}

impl From<test_result::Model> for Test {
    fn from(row: test_result::Model) -> Self {
        Self {
            evidence: format!("test/{}", row.sample),
            sampled_at: row.sampled_at,
            reported_at: row.reported_at,
            result: row.result,
            single: row.tube_size == 1,
            source: row.source,
            recorded_at: row.recorded_at,
        }
    }
}

impl Fact {
    fn of(row: health_fact::Model, until: Option<DateTime<Utc>>) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            at: row.happened_at,
            until: row.ends_at,
            origin: row.origin,
            source: row.source,
            detail: row.detail,
            recorded_at: row.recorded_at,
            withdrawn_at: known(row.withdrawn_at, until),
        }
    }
}

impl Stay {
    fn of(row: declared_stay::Model, until: Option<DateTime<Utc>>) -> Self {
        Self {
            division: row.division,
            first_day: row.first_day,
            last_day: row.last_day,
            declared_at: row.declared_at,
            replaced_at: known(row.replaced_at, until),
        }
    }
}

impl Area {
    fn of(row: &risk_area::Model, until: Option<DateTime<Utc>>) -> Self {
        let ends = [known(row.lifted_at, until), row.ends_at];
        Self {
            id: row.id,
            division: row.division.clone(),
            level: row.level,
            starts_at: row.starts_at,
            ends_at: ends.into_iter().flatten().min(),
            recorded_at: row.recorded_at,
        }
    }
}
