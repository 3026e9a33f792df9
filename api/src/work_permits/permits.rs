//! Permits: issued, shown, ended (W6).

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{CaseAction, CaseOutcome, CaseSubject, Colour, PersonId, WorkEnding, WorkPermitId},
    work_permit::Model,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    rules::{self, GOOD_FOR, OnRecord, PermitStanding, REMINDED_BEFORE},
    sealed::Content,
    store::{enterprises, permits},
    white_list,
};
use crate::{
    audit::{self, Actor, Event, WorkEvent},
    credentials::{self, Permit, PermitFace, PermitKind},
    deps::Deps,
    health_code, identity,
    review::{self, By, Move},
};

/// Bytes of the longest name that a permit has room for.
const LONGEST_HOLDER: usize = 24;

/// Characters of the longest name of an enterprise that a permit has room for.
const LONGEST_SITE: usize = 10;

/// When what a form says of a worker is forgotten, if it is not needed from `at` on.
pub(super) fn forgotten_at(deps: &Deps, at: DateTime<Utc>) -> DateTime<Utc> {
    at + TimeDelta::days(deps.work_permits.kept_days.into())
}

/// Issue the permit of `row`, which was granted at `at`. It takes the place of one that the worker has.
pub(super) async fn issue(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
    outcome: CaseOutcome,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let person = row.person_id.ok_or(Error::NotFound)?;
    for before in permits::counting_of(tx, person, at).await? {
        if before.id != row.id {
            end_row(tx, deps, &before, WorkEnding::Superseded, Actor::System).await?;
        }
    }
    let until = at + GOOD_FOR;
    let serial = permits::next_serial(tx, &row.division).await?;
    let place = credentials::enlist(tx, deps, PermitKind::Work, row.id.0, until).await?;
    let granted = permits::Granted {
        outcome,
        at,
        number: format!("{}{serial:06}", row.division.code()),
        place,
        until,
        due_at: until - REMINDED_BEFORE,
    };
    permits::grant(tx, row.id, granted).await?;
    let event = Event::Work(WorkEvent::WorkPermitIssued { permit: row.id });
    audit::record(tx, deps, Actor::System, person, &event).await?;
    Ok(())
}

/// End the permit, or the application, of `row`.
async fn end_row(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
    ending: WorkEnding,
    actor: Actor,
) -> Result<(), Error> {
    let now = deps.clock.now();
    if !permits::end(tx, row.id, ending, now, forgotten_at(deps, now)).await? {
        return Err(Error::Ended);
    }
    let event = Event::Work(WorkEvent::WorkPermitEnded {
        permit: row.id,
        ending,
    });
    match row.person_id {
        Some(person) => audit::record(tx, deps, actor, person, &event).await?,
        None => audit::record(tx, deps, actor, audit::Subject::Nobody, &event).await?,
    }
    Ok(())
}

/// End what `row` is: its permit, its case, or its wait for the worker. The worker's row is locked first.
pub(super) async fn end(
    tx: &DatabaseTransaction,
    deps: &Deps,
    id: WorkPermitId,
    ending: WorkEnding,
    by: By,
) -> Result<Model, Error> {
    let row = permits::find(tx, id).await?.ok_or(Error::NotFound)?;
    if let Some(person) = row.person_id {
        identity::lock(tx, person).await?;
    }
    let case = review::case_about(tx, CaseSubject::WorkPermit, id.0).await?;
    if let Some(case) = case.filter(|case| case.outcome.is_none()) {
        let what = Move {
            action: CaseAction::Withdraw,
            reason: None,
            text: None,
        };
        Box::pin(review::act(tx, deps, &case, by, what)).await?;
    } else if row.outcome.is_some() && row.valid_until.is_none_or(|it| it <= deps.clock.now()) {
        return Err(Error::Ended);
    }
    end_row(tx, deps, &row, ending, by.actor()).await?;
    permits::find(tx, id).await?.ok_or(Error::NotFound)
}

/// How the permit of `row` stands now. None if none was issued.
pub(super) async fn standing_of(
    deps: &Deps,
    row: &Model,
) -> Result<Option<(PermitStanding, bool)>, Error> {
    let (Some(valid_from), Some(valid_until), Some(person)) =
        (row.valid_from, row.valid_until, row.person_id)
    else {
        return Ok(None);
    };
    let now = deps.clock.now();
    let live = health_code::live_colour(deps, person, now).await?;
    let listed = white_list::entry_in_force(&deps.db, &row.credit_code, now).await?;
    let on_record = OnRecord {
        valid_from,
        valid_until,
        ending: row.ending,
        listed: listed.is_some(),
        green: live.is_some_and(|live| live.colour == Colour::Green),
    };
    let stale = live.is_some_and(|live| live.stale);
    Ok(Some((rules::standing(on_record, now), stale)))
}

/// A permit, as its worker sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkFace {
    /// Which.
    pub id: WorkPermitId,
    /// Its number.
    pub number: String,
    /// The worker's whole name.
    pub holder: String,
    /// The same as bystanders may see it.
    pub masked_holder: String,
    /// The last four characters of the worker's document.
    pub document_last4: String,
    /// Who employs the worker.
    pub employer: String,
    /// What the worker does. Empty once it was forgotten.
    pub job: String,
    /// Since when it is good.
    pub valid_from: DateTime<Utc>,
    /// When it stops being good.
    pub valid_until: DateTime<Utc>,
    /// How it stands.
    pub standing: PermitStanding,
    /// Whether no store answers, and the colour is what was known before.
    pub stale: bool,
    /// The `TX1:` text to draw, where the permit counts.
    pub token: Option<String>,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl fmt::Debug for WorkFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkFace(***)")
    }
}

/// The newest permit of `person`, signed now where it counts. None if they never had one.
pub async fn permit_shown(deps: &Deps, person: PersonId) -> Result<Option<WorkFace>, Error> {
    let rows = permits::of_person(&deps.db, person, 10).await?;
    let newest = rows.into_iter().find(|row| row.status_index.is_some());
    match newest {
        Some(row) => face_of(&deps.db, deps, &row).await,
        None => Ok(None),
    }
}

/// What the permit of `row` says, signed now where it counts.
pub(super) async fn face_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Option<WorkFace>, Error> {
    let Some(mut face) = face_unsigned(db, deps, row).await? else {
        return Ok(None);
    };
    if face.standing.counts() {
        let permit = permit_of(row, &face).ok_or(Error::DoesNotCount)?;
        face.token = Some(credentials::sign_for(db, deps, &permit).await?);
    }
    Ok(Some(face))
}

/// What the permit of `row` says, without a signature.
pub(super) async fn face_unsigned(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<Option<WorkFace>, Error> {
    let Some((standing, stale)) = standing_of(deps, row).await? else {
        return Ok(None);
    };
    let (Some(person), Some(valid_from), Some(valid_until), Some(number)) =
        (row.person_id, row.valid_from, row.valid_until, &row.number)
    else {
        return Ok(None);
    };
    let known = identity::identified(db, deps, person).await?;
    let known = known.ok_or(identity::Error::NotVerified)?;
    let entry = enterprises::find(db, &row.credit_code).await?;
    let content = Content::open(deps, row)?;
    Ok(Some(WorkFace {
        id: row.id,
        number: number.clone(),
        holder: known.name.reveal().to_owned(),
        masked_holder: known.name.masked(),
        document_last4: last_four(known.document.reveal()),
        employer: entry.map(|entry| entry.short_name).unwrap_or_default(),
        job: content.map(|content| content.job).unwrap_or_default(),
        valid_from,
        valid_until,
        standing,
        stale,
        token: None,
    }))
}

/// The permit that `row` is, once it was granted.
pub(super) fn permit_of(row: &Model, face: &WorkFace) -> Option<Permit> {
    Some(Permit {
        kind: PermitKind::Work,
        id: *row.id.0.as_bytes(),
        not_before: row.valid_from?,
        expires_at: row.valid_until?,
        status_index: row.status_index?,
        face: PermitFace {
            holder: shortened(&face.masked_holder),
            mark: face.document_last4.clone(),
            site: face.employer.chars().take(LONGEST_SITE).collect(),
            number: face.number.clone(),
        },
    })
}

/// The last four characters.
fn last_four(number: &str) -> String {
    let skipped = number.chars().count().saturating_sub(4);
    number.chars().skip(skipped).collect()
}

/// A masked name that a permit has room for: of a long one its ends.
fn shortened(masked: &str) -> String {
    if masked.len() <= LONGEST_HOLDER {
        return masked.to_owned();
    }
    let (first, last) = (masked.chars().next(), masked.chars().next_back());
    first.into_iter().chain(['*']).chain(last).collect()
}
