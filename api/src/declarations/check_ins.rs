//! Use case: check in once a day, and read one's check-ins.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    check_in::Model,
    values::{CheckInId, PersonId, StaffId},
};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::Error, report::CheckInReport, rules, store};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::Page,
    },
    identity::{self, Subject},
    notifications::{self, Message},
    platform::{
        clock::local_date,
        vault::{Column, DataKey},
    },
    recheck,
};

pub(super) const CONTENT: Column = Column("check_in.content");

/// A check-in as it was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckInView {
    /// Which.
    id: CheckInId,
    /// Whom it is about.
    person: PersonId,
    /// The day in Asia/Shanghai.
    day: NaiveDate,
    /// Who checked in.
    checked_in_by: PersonId,
    /// When.
    checked_in_at: DateTime<Utc>,
    /// What was reported.
    report: CheckInReport,
}

impl CheckInView {
    fn open(row: &Model, key: &DataKey) -> Result<Self, Error> {
        let content = key.open(CONTENT.owned_by(row.id.0.as_bytes()), &row.content)?;
        Ok(Self {
            id: row.id,
            person: row.person_id,
            day: row.day,
            checked_in_by: row.checked_in_by,
            checked_in_at: row.checked_in_at,
            report: serde_json::from_slice(&content)?,
        })
    }
}

/// Check `subject` in for today. The first report of a local day stands; posting again finds it.
pub(super) async fn check_in(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    report: CheckInReport,
) -> Result<Answer, Error> {
    let request = (subject.person, &report);
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let actor = Actor::Person(subject.acting);
        record(tx, deps, subject, actor, &report).await
    };
    let answer = idempotency::once(deps, caller, "check_in", key, &request, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

/// Check `person` in for today, who has no phone: kept as their own, with `staff` on record.
pub(super) async fn take_down(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: StaffId,
    person: PersonId,
    report: &CheckInReport,
) -> Result<(Outcome, CheckInView), Error> {
    let subject = Subject {
        person,
        acting: person,
    };
    record(tx, deps, subject, Actor::Staff(staff), report).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    actor: Actor,
    report: &CheckInReport,
) -> Result<(Outcome, CheckInView), Error> {
    let now = deps.clock.now();
    let day = local_date(now);
    // So that nobody is reminded at this moment.
    identity::lock(tx, subject.person).await?;
    let data_key = identity::data_key_of(tx, deps, subject.person).await?;
    let id = CheckInId(deps.entropy.id());
    let content = serde_json::to_vec(report)?;
    let row = Model {
        id,
        person_id: subject.person,
        day,
        checked_in_by: subject.acting,
        checked_in_at: now,
        content: data_key.seal(CONTENT.owned_by(id.0.as_bytes()), &content, &*deps.entropy)?,
        unwell: rules::unwell(report),
    };
    if !store::insert_check_in(tx, row.clone()).await? {
        let standing = store::check_in_of(tx, subject.person, day).await?;
        let standing = standing.ok_or(Error::NoSuchReport)?;
        return Ok((Outcome::Found, CheckInView::open(&standing, &data_key)?));
    }
    recheck::mark(tx, subject.person, now).await?;
    let reminder = Message::CheckInDue { day };
    notifications::withdraw(tx, subject.person, &reminder.key()).await?;
    let event = Event::CheckedIn { check_in: id, day };
    audit::record(tx, deps, actor, subject.person, &event).await?;
    Ok((Outcome::Created, CheckInView::open(&row, &data_key)?))
}

/// `subject`'s check-ins, newest first: of the days before `before`, or all.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    before: Option<NaiveDate>,
    limit: u64,
) -> Result<Page<CheckInView>, Error> {
    let rows = store::check_ins(&deps.db, subject.person, before, limit + 1).await?;
    let key = identity::data_key_of(&deps.db, deps, subject.person).await?;
    let views = rows
        .iter()
        .map(|row| CheckInView::open(row, &key))
        .collect::<Result<_, _>>()?;
    Ok(Page::cut(views, limit, |last: &CheckInView| {
        last.day.to_string()
    }))
}
