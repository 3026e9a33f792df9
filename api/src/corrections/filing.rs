//! Use cases: say what is wrong, and read what became of it.

use entity::{
    correction::Model,
    values::{CorrectionId, CorrectionState, Division, PersonId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    records,
    rules::{self, Record, WORKING_DAYS},
    store,
    views::{CONTENT, Content, CorrectionRequest, CorrectionView},
};
use crate::{
    audit::{self, Actor, Event},
    declarations,
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    identity::{self, Citizen, Subject, acting_for},
    platform::clock::local_date,
    regions,
};

/// File a correction of a record of `subject`'s.
///
/// Refused if there is no such record, if it is their own report, or if one of it waits.
pub(super) async fn file(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    request: CorrectionRequest,
) -> Result<Answer, Error> {
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| record(tx, deps, subject, &request).await;
    idempotency::once(deps, caller, "file-correction", key, &request, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    request: &CorrectionRequest,
) -> Result<(Outcome, CorrectionView), Error> {
    let person = subject.person;
    identity::lock(tx, person).await?;
    let record = readable(&request.record)?;
    let found = records::find(tx, person, &record).await?;
    let found = found.ok_or(Error::NoSuchRecord)?;
    if store::is_open(tx, person, &request.record).await? {
        return Err(Error::AlreadyOpen);
    }
    let now = deps.clock.now();
    let due = regions::working_days_after(tx, local_date(now), WORKING_DAYS).await?;
    let id = CorrectionId(deps.entropy.id());
    let content = serde_json::to_vec(&Content {
        text: request.text.clone(),
        evidence: request.evidence.clone(),
    })?;
    let data_key = identity::data_key_of(tx, deps, person).await?;
    let place = CONTENT.owned_by(id.0.as_bytes());
    let row = Model {
        id,
        person_id: person,
        filed_by: subject.acting,
        filed_at: now,
        division: residence(tx, deps, person).await?,
        origin: found.origin().cloned(),
        record: request.record.clone(),
        mistake: request.mistake,
        content: data_key.seal(place, &content, &*deps.entropy)?,
        due_at: rules::end_of(due.at),
        provisional: due.provisional,
        state: CorrectionState::Open,
        decided_at: None,
        decided_by: None,
        refusal: None,
        answer: None,
    };
    store::insert(tx, row.clone()).await?;
    let event = Event::CorrectionFiled {
        correction: id,
        record: row.record.clone(),
        mistake: row.mistake,
    };
    audit::record(tx, deps, Actor::Person(subject.acting), person, &event).await?;
    Ok((Outcome::Created, CorrectionView::open(&row, &data_key)?))
}

fn readable(record: &str) -> Result<Record, Error> {
    let own = ["declaration/", "check_in/"];
    if own.iter().any(|kind| record.starts_with(kind)) {
        return Err(Error::OwnReport);
    }
    record.parse().map_err(|_| Error::NoSuchRecord)
}

/// Where `person` declared to live; the deciding province of whoever declared nothing.
async fn residence(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Division, Error> {
    let declared = declarations::latest_declaration(db, person, None).await?;
    if let Some(declared) = declared {
        return Ok(declared.division);
    }
    Division::try_from(deps.policy.region()).map_err(|_| Error::NoSuchRecord)
}

/// One of those about `citizen` or somebody they act for.
pub(super) async fn find(
    deps: &Deps,
    citizen: &Citizen,
    id: CorrectionId,
) -> Result<CorrectionView, Error> {
    let row = store::find(&deps.db, id).await?;
    let row = row.ok_or(Error::NoSuchCorrection)?;
    let subject = acting_for(deps, citizen, row.person_id).await?;
    let key = identity::data_key_of(&deps.db, deps, subject.person).await?;
    CorrectionView::open(&row, &key)
}

/// Those about `subject`, newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<CorrectionView>, Error> {
    let rows = store::of_person(&deps.db, subject.person, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| {
        Place {
            at: last.filed_at,
            id: last.id.0,
        }
        .to_string()
    });
    let key = identity::data_key_of(&deps.db, deps, subject.person).await?;
    page.try_map(|row| CorrectionView::open(&row, &key))
}
