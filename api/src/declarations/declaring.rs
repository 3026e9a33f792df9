//! Use case: declare, and read what was declared.

use chrono::{DateTime, Utc};
use entity::{
    declaration::Model,
    declared_stay,
    values::{DeclarationId, PersonId, StaffId},
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::Error, report::DeclarationReport, rules, store};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
    },
    identity::{self, Subject},
    platform::{
        clock::local_date,
        vault::{Column, DataKey},
    },
    recheck, regions,
};

pub(super) const CONTENT: Column = Column("declaration.content");

/// A declaration as it was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeclarationView {
    /// Which.
    id: DeclarationId,
    /// Whom it is about.
    person: PersonId,
    /// Counts from 1 for each person.
    version: i32,
    /// Who declared.
    declared_by: PersonId,
    /// When.
    declared_at: DateTime<Utc>,
    /// What was declared.
    report: DeclarationReport,
}

impl DeclarationView {
    fn of(row: &Model, report: DeclarationReport) -> Self {
        Self {
            id: row.id,
            person: row.person_id,
            version: row.version,
            declared_by: row.declared_by,
            declared_at: row.declared_at,
            report,
        }
    }

    fn open(row: &Model, key: &DataKey) -> Result<Self, Error> {
        Ok(Self::of(row, report_in(row, key)?))
    }
}

/// What was declared as `row`, which opens with the person's `key`.
pub(super) fn report_in(row: &Model, key: &DataKey) -> Result<DeclarationReport, Error> {
    let content = key.open(CONTENT.owned_by(row.id.0.as_bytes()), &row.content)?;
    Ok(serde_json::from_slice(&content)?)
}

/// Declare for `subject`: a new version, and another look at the colour.
pub(super) async fn declare(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    report: DeclarationReport,
) -> Result<Answer, Error> {
    check(deps, &report)?;
    let request = (subject.person, &report);
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let actor = Actor::Person(subject.acting);
        let row = record(tx, deps, subject, actor, &report).await?;
        let view = DeclarationView::of(&row, report.clone());
        Ok::<_, Error>((Outcome::Created, view))
    };
    let answer = idempotency::once(deps, caller, "declare", key, &request, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

/// Take down what `person` declares at a window, as part of the transaction `tx`: a new version, kept
/// as the person's own, with `staff` on record. Wake [`Deps::recheck`] after the commit.
pub(super) async fn take_down(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: StaffId,
    person: PersonId,
    report: &DeclarationReport,
) -> Result<Model, Error> {
    check(deps, report)?;
    let subject = Subject {
        person,
        acting: person,
    };
    record(tx, deps, subject, Actor::Staff(staff), report).await
}

/// Whether `report` can be true.
pub(super) fn check(deps: &Deps, report: &DeclarationReport) -> Result<(), Error> {
    rules::possible(&report.residence, deps.clock.today())?;
    known(report)
}

/// Whether every division that `report` names is or was one. Those that were abolished are on papers
/// and in memories, and name places still.
fn known(report: &DeclarationReport) -> Result<(), Error> {
    let unknown: Vec<String> = report
        .divisions()
        .filter(|(_, division)| !regions::is_known(division))
        .map(|(field, _)| field)
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Error::UnknownDivision(unknown))
    }
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    actor: Actor,
    report: &DeclarationReport,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    let facts = rules::facts_of(report, &deps.policy.province, local_date(now));
    let newest = store::latest_declaration(tx, subject.person, None).await?;
    let data_key = identity::data_key_of(tx, deps, subject.person).await?;
    let id = DeclarationId(deps.entropy.id());
    let content = serde_json::to_vec(report)?;
    let row = Model {
        id,
        person_id: subject.person,
        version: newest.map_or(1, |newest| newest.version + 1),
        declared_by: subject.acting,
        declared_at: now,
        division: report.division.clone(),
        content: data_key.seal(CONTENT.owned_by(id.0.as_bytes()), &content, &*deps.entropy)?,
        unwell: facts.unwell,
        arrived_on: facts.arrived_on,
    };
    if !store::insert_declaration(tx, row.clone()).await? {
        return Err(Error::Overtaken);
    }
    store::stays::replace(tx, subject.person, stays(&row, report), now).await?;
    recheck::mark(tx, subject.person, now).await?;
    let event = Event::Declared {
        declaration: id,
        version: row.version,
    };
    audit::record(tx, deps, actor, subject.person, &event).await?;
    Ok(row)
}

/// The stays that `report`, declared as `row`, tells of.
fn stays(row: &Model, report: &DeclarationReport) -> Vec<declared_stay::Model> {
    let told = rules::stays_of(report, local_date(row.declared_at));
    (0..)
        .zip(told)
        .map(|(position, stay)| declared_stay::Model {
            declaration_id: row.id,
            position,
            person_id: row.person_id,
            division: stay.division,
            first_day: stay.first_day,
            last_day: stay.last_day,
            declared_at: row.declared_at,
            replaced_at: None,
        })
        .collect()
}

/// One version of `subject`'s declarations.
pub(super) async fn find(
    deps: &Deps,
    subject: Subject,
    id: DeclarationId,
) -> Result<DeclarationView, Error> {
    let row = store::declaration(&deps.db, subject.person, id)
        .await?
        .ok_or(Error::NoSuchReport)?;
    let key = identity::data_key_of(&deps.db, deps, subject.person).await?;
    DeclarationView::open(&row, &key)
}

/// `subject`'s versions, newest first, from below `before`.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    before: Option<i32>,
    limit: u64,
) -> Result<Page<DeclarationView>, Error> {
    let before = before.unwrap_or(i32::MAX);
    let rows = store::declarations(&deps.db, subject.person, before, limit + 1).await?;
    let key = identity::data_key_of(&deps.db, deps, subject.person).await?;
    let views = rows
        .iter()
        .map(|row| DeclarationView::open(row, &key))
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(views, limit, |last: &DeclarationView| {
        last.version.to_string()
    }))
}
