//! Use cases: read what is published.

use chrono::NaiveDate;
use entity::daily_count;

use super::{
    error::Error,
    publishing::DailyCounts,
    store,
    views::{DailyCountsView, DayView},
};
use crate::{
    deps::Deps,
    http::page::Page,
    platform::digest::sha256,
    transparency::{self, offline::Proof},
};

/// Before and after which nothing is told. Every store can compare with what lies between.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1970, 1, 1) {
    Some(day) => day,
    None => panic!("the first year began"),
};
const LATEST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => panic!("the last year of four digits ends"),
};

async fn published(deps: &Deps, day: NaiveDate) -> Result<daily_count::Model, Error> {
    if !(EARLIEST..=LATEST).contains(&day) {
        return Err(Error::NotPublished);
    }
    let row = store::published(&deps.db, day).await?;
    row.ok_or(Error::NotPublished)
}

/// What is told of `day`.
pub(super) async fn read(deps: &Deps, day: NaiveDate) -> Result<DailyCountsView, Error> {
    let row = published(deps, day).await?;
    let DayView {
        sha256,
        note,
        published_at,
        ..
    } = listed(&row)?;
    let document: DailyCounts = serde_json::from_str(row.document.as_deref().unwrap_or_default())?;
    Ok(DailyCountsView {
        document,
        sha256,
        note,
        published_at,
    })
}

/// The days that are told of, the newest first: since `from`, and from before `before`.
pub(super) async fn list(
    deps: &Deps,
    from: Option<NaiveDate>,
    before: Option<NaiveDate>,
    limit: u64,
) -> Result<Page<DayView>, Error> {
    let from = from.map(|from| from.clamp(EARLIEST, LATEST));
    let before = before.map(|before| before.clamp(EARLIEST, LATEST));
    let rows = store::days(&deps.db, from, before, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.day.to_string());
    page.try_map(|row| listed(&row))
}

fn listed(row: &daily_count::Model) -> Result<DayView, Error> {
    let told = row.document.as_deref().zip(row.note.as_deref());
    let (document, note) = told.ok_or(Error::NotPublished)?;
    Ok(DayView {
        day: row.day,
        sha256: hex::encode(sha256(&[document.as_bytes()])),
        note: note.to_owned(),
        published_at: row.published_at.ok_or(Error::NotPublished)?,
    })
}

/// The proof that the log holds the digest of what is told of `day`. There is none in the first seconds.
pub(super) async fn prove(deps: &Deps, day: NaiveDate) -> Result<Proof, Error> {
    let row = published(deps, day).await?;
    let entry = row.log_entry.ok_or(Error::NotPublished)?;
    Ok(transparency::proof_of(deps, entry).await?)
}
