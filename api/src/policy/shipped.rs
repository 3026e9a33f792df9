//! The policy that the product comes with.

use chrono::{DateTime, Utc};
use entity::{policy_rule, policy_term, values::RuleState};
use sea_orm::{DatabaseConnection, DbErr};

use super::{document::RuleDocument, store};
use crate::platform::db::begin_write;

/// The rules, each in the words in which it is published.
const IN_FORCE: [&str; 20] = [
    include_str!("shipped/arrival.abroad.json"),
    include_str!("shipped/arrival.observation.json"),
    include_str!("shipped/case.confirmed.json"),
    include_str!("shipped/case.suspected.json"),
    include_str!("shipped/contact.close.json"),
    include_str!("shipped/contact.companion.json"),
    include_str!("shipped/contact.secondary.json"),
    include_str!("shipped/isolation.ended.json"),
    include_str!("shipped/override.red.json"),
    include_str!("shipped/override.release.json"),
    include_str!("shipped/override.yellow.json"),
    include_str!("shipped/push.red.json"),
    include_str!("shipped/push.yellow.json"),
    include_str!("shipped/record.stale.json"),
    include_str!("shipped/risk-area.high.json"),
    include_str!("shipped/risk-area.medium.json"),
    include_str!("shipped/risk-area.sealed.json"),
    include_str!("shipped/self-report.unwell.json"),
    include_str!("shipped/test.mixed-positive.json"),
    include_str!("shipped/test.positive.json"),
];

/// Rules for when they are ordered: a later version of them names where.
const RETIRED: [&str; 1] = [include_str!("shipped/test.overdue.json")];

/// Since when the shipped rules decide: before anything that a deployment records.
const BEGINNING: DateTime<Utc> = match DateTime::from_timestamp(1_577_808_000, 0) {
    Some(at) => at,
    None => panic!("2020 began"),
};

/// Give a deployment that has no policy the one that the product comes with, as of `now`. One that
/// has a policy keeps it: the province owns it, and a release of the product does not change it.
pub async fn install_shipped(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    if !store::is_empty(db).await? {
        return Ok(());
    }
    let tx = begin_write(db).await?;
    let (in_force, retired) = (read(&IN_FORCE)?, read(&RETIRED)?);
    let rows = in_force
        .iter()
        .map(|shipped| row(shipped, RuleState::Active, now))
        .chain(
            retired
                .iter()
                .map(|shipped| row(shipped, RuleState::Retired, now)),
        );
    store::insert_rules(&tx, rows.collect()).await?;
    let terms = in_force.iter().map(|(document, _)| policy_term::Model {
        rule: document.id.clone(),
        starts_at: BEGINNING,
        version: document.version.to_string(),
        ends_at: None,
        rolled_back: false,
    });
    store::insert_terms(&tx, terms.collect()).await?;
    tx.commit().await
}

type Shipped = (RuleDocument, serde_json::Value);

fn read(texts: &[&str]) -> Result<Vec<Shipped>, DbErr> {
    let one = |text: &&str| Ok((serde_json::from_str(text)?, serde_json::from_str(text)?));
    let read: Result<_, serde_json::Error> = texts.iter().map(one).collect();
    read.map_err(|error| DbErr::Json(error.to_string()))
}

fn row((document, json): &Shipped, state: RuleState, now: DateTime<Utc>) -> policy_rule::Model {
    policy_rule::Model {
        rule: document.id.clone(),
        version: document.version.to_string(),
        state,
        document: json.clone(),
        author: None,
        drafted_at: now,
        changed_at: now,
        end_asked_by: None,
        end_asked_for: None,
    }
}

#[cfg(test)]
mod tests;
