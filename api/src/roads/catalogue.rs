//! Use cases: decide on sections, and read the catalogue.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::{
    road_section::Model,
    values::{Division, RoadSectionId, SectionCode},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{
    error::Error,
    judging::is_county,
    rules::{self, Decision, SectionRequest, Version, holding_on},
    store,
    views::{SectionHistoryView, SectionVersionView, SectionView, SectionsParams},
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    http::page::Page,
    platform::db::begin_write,
    staff::Staff,
};

/// The division of a section that `staff` looks after.
fn own_division(staff: &Staff, code: &SectionCode) -> Result<Division, Error> {
    let division = code.division().map_err(|_| Error::NotFound)?;
    if !staff.scope.covers(&division) || !is_county(&division) {
        return Err(Error::NotFound);
    }
    Ok(division)
}

/// Decide on a section of a county or district that `staff` looks after. Deciding what holds anyway does
/// nothing.
pub(super) async fn decide(
    deps: &Deps,
    staff: &Staff,
    code: &SectionCode,
    request: SectionRequest,
) -> Result<SectionHistoryView, Error> {
    let division = own_division(staff, code)?;
    let decision = rules::check(code, request, deps.clock.today()).map_err(Error::Unfit)?;
    let tx = begin_write(&deps.db).await?;
    let ways = &decision.version.ways_around;
    let known = store::known_among(&tx, ways.clone()).await?;
    let unknown: Vec<_> = (0..)
        .zip(ways)
        .filter(|(_, way)| !known.contains(way))
        .map(|(at, _)| rules::unknown_way(at))
        .collect();
    if !unknown.is_empty() {
        return Err(Error::Unfit(unknown));
    }
    record(&tx, deps, Actor::Staff(staff.account), code, decision).await?;
    let rows = store::decided(&tx, vec![code.clone()]).await?;
    tx.commit().await?;
    history_of(code, division, &rows)
}

/// Decide that a section that `staff` looks after is no more in the catalogue from `day` on.
pub(super) async fn end(
    deps: &Deps,
    staff: &Staff,
    code: &SectionCode,
    day: NaiveDate,
) -> Result<SectionHistoryView, Error> {
    let division = own_division(staff, code)?;
    if let Some(fault) = rules::date_fault(day, deps.clock.today()) {
        return Err(Error::Unfit(vec![fault]));
    }
    let tx = begin_write(&deps.db).await?;
    let rows = store::decided(&tx, vec![code.clone()]).await?;
    let last = rows.last().ok_or(Error::NotFound)?;
    let over = Decision {
        name_zh: last.name_zh.clone(),
        name_en: last.name_en.clone(),
        version: Version {
            valid_from: day,
            ended: true,
            ..store::version(last)?
        },
    };
    record(&tx, deps, Actor::Staff(staff.account), code, over).await?;
    let rows = store::decided(&tx, vec![code.clone()]).await?;
    tx.commit().await?;
    history_of(code, division, &rows)
}

/// Keep `decision` on a section, unless it says what the last one does. `true` if it is kept.
pub(super) async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    code: &SectionCode,
    decision: Decision,
) -> Result<bool, Error> {
    let rows = store::decided(tx, vec![code.clone()]).await?;
    let before = rows.last();
    if before.is_some_and(|row| says(row, &decision)) {
        return Ok(false);
    }
    let Decision {
        name_zh,
        name_en,
        version,
    } = decision;
    let ended = version.ended;
    let row = Model {
        id: RoadSectionId(deps.entropy.id()),
        code: code.clone(),
        version: before.map_or(0, |row| row.version) + 1,
        division: code.division().map_err(|_| Error::NotFound)?,
        valid_from: version.valid_from,
        ended,
        name_zh,
        name_en,
        restricted: store::written(&version.restricted)?,
        classes: store::written(&version.classes)?,
        ways_around: store::written(&version.ways_around)?,
        decided_at: deps.clock.now(),
    };
    let event = Event::RoadSectionDecided {
        section: code.clone(),
        version: row.version,
        ended,
    };
    store::add(tx, row).await?;
    audit::record(tx, deps, actor, Subject::Nobody, &event).await?;
    Ok(true)
}

fn says(row: &Model, decision: &Decision) -> bool {
    (&row.name_zh, &row.name_en) == (&decision.name_zh, &decision.name_en)
        && store::version(row).is_ok_and(|version| version == decision.version)
}

/// Everything that was decided of a section that `staff` looks after.
pub(super) async fn history(
    deps: &Deps,
    staff: &Staff,
    code: &SectionCode,
) -> Result<SectionHistoryView, Error> {
    let division = own_division(staff, code)?;
    let rows = store::decided(&deps.db, vec![code.clone()]).await?;
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    history_of(code, division, &rows)
}

fn history_of(
    code: &SectionCode,
    division: Division,
    rows: &[Model],
) -> Result<SectionHistoryView, Error> {
    Ok(SectionHistoryView {
        code: code.clone(),
        division,
        versions: views(rows.iter())?,
    })
}

fn views<'a>(rows: impl Iterator<Item = &'a Model>) -> Result<Vec<SectionVersionView>, DbErr> {
    rows.map(SectionVersionView::try_from).collect()
}

/// The sections within a division, by code, as they are today and are to be.
pub(super) async fn of_division(
    deps: &Deps,
    params: &SectionsParams,
    after: Option<&SectionCode>,
) -> Result<Page<SectionView>, Error> {
    let codes = store::within(&deps.db, &params.division, after, params.limit + 1).await?;
    let page = Page::cut(codes, params.limit, ToString::to_string);
    let sections = seen(&deps.db, page.items, deps.clock.today()).await?;
    Ok(Page {
        items: sections,
        next: page.next,
    })
}

/// A section as it is today and is to be.
pub(super) async fn read(deps: &Deps, code: &SectionCode) -> Result<SectionView, Error> {
    let today = deps.clock.today();
    let sections = seen(&deps.db, vec![code.clone()], today).await?;
    sections.into_iter().next().ok_or(Error::NotFound)
}

/// Those of `codes` that are in the catalogue, or are to be, as they stand on `today`.
async fn seen(
    db: &impl ConnectionTrait,
    codes: Vec<SectionCode>,
    today: NaiveDate,
) -> Result<Vec<SectionView>, Error> {
    let rows = store::decided(db, codes).await?;
    let mut sections = Vec::new();
    for rows in rows.chunk_by(|one, other| one.code == other.code) {
        let versions: Vec<Version> = rows.iter().map(store::version).collect::<Result<_, _>>()?;
        let holding = holding_on(&versions, today);
        let now = rows
            .iter()
            .zip(&versions)
            .find(|(_, version)| holding.is_some_and(|holding| std::ptr::eq(*version, holding)));
        let now = now.map(|(row, _)| SectionVersionView::try_from(row));
        let later = views(rows.iter().filter(|row| row.valid_from > today))?;
        let Some(row) = rows.first().filter(|_| now.is_some() || !later.is_empty()) else {
            continue;
        };
        sections.push(SectionView {
            code: row.code.clone(),
            division: row.division.clone(),
            now: now.transpose()?,
            later,
        });
    }
    Ok(sections)
}

/// Those of `ways` that neither a catalogue nor `file` knows.
pub(super) async fn unknown_among(
    db: &impl ConnectionTrait,
    ways: BTreeSet<SectionCode>,
    file: &BTreeSet<SectionCode>,
) -> Result<BTreeSet<SectionCode>, Error> {
    let asked: Vec<SectionCode> = ways.difference(file).cloned().collect();
    let mut unknown: BTreeSet<SectionCode> = asked.iter().cloned().collect();
    for chunk in asked.chunks(500) {
        for known in store::known_among(db, chunk.to_vec()).await? {
            unknown.remove(&known);
        }
    }
    Ok(unknown)
}
