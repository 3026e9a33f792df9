//! Use cases of enterprises: try a collection form, and send one in (W2).

use std::{collections::HashMap, sync::OnceLock};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{
    organisation,
    values::{Community, Division, OrganisationId, WorkFormId, WorkPermitId},
    work_enterprise, work_form, work_permit,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use tokio::sync::Semaphore;

use super::{
    error::Error,
    form,
    rules::{self, Flaw, FlawKind, RENEWED_WITHIN, Worker},
    sealed::Content,
    store::{forms, permits},
    views::FormView,
    white_list,
};
use crate::{
    audit::{self, Event, Subject, WorkEvent},
    communities,
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    organisations::UnitActor,
};

/// Forms that are read at a time: each takes some hundred megabytes at the worst.
const AT_ONCE: usize = 2;

/// Who may be read next.
fn turn() -> &'static Semaphore {
    static TURN: OnceLock<Semaphore> = OnceLock::new();
    TURN.get_or_init(|| Semaphore::new(AT_ONCE))
}

/// What is wrong with `file`, if `unit` sent it now. Nothing is kept.
pub(super) async fn check(
    deps: &Deps,
    unit: &UnitActor,
    file: Bytes,
) -> Result<(usize, Vec<Flaw>), Error> {
    let now = deps.clock.now();
    white_list::listed(&deps.db, unit.organisation, now).await?;
    let (workers, mut flaws) = read(deps, file).await?;
    flaws.extend(
        against(&deps.db, deps, unit.organisation, &workers, now)
            .await?
            .0,
    );
    flaws.sort_unstable();
    flaws.dedup();
    Ok((workers.len(), flaws))
}

/// Take in `file`: all of its workers, or none.
pub(super) async fn submit(
    deps: &Deps,
    unit: &UnitActor,
    key: &IdempotencyKey,
    file: Bytes,
) -> Result<Answer, Error> {
    let sum = digest(&SHA256, &file).as_ref().to_vec();
    let now = deps.clock.now();
    white_list::listed(&deps.db, unit.organisation, now).await?;
    let (workers, flaws) = read(deps, file).await?;
    if !flaws.is_empty() {
        return Err(Error::Refused(flaws));
    }
    let asked = (unit.organisation, hex::encode(&sum));
    let effect = async |tx: &DatabaseTransaction| {
        let form = keep(tx, deps, unit, &workers, &sum).await?;
        Ok::<_, Error>((Outcome::Created, FormView::of(&form)))
    };
    idempotency::once(deps, &unit.caller(), "send-work-form", key, &asked, effect).await
}

/// The workers of `file` and what is wrong with it. Reading takes a while, which other requests on this
/// thread do not wait for.
async fn read(deps: &Deps, file: Bytes) -> Result<(Vec<Worker>, Vec<Flaw>), Error> {
    let turn = turn().try_acquire().map_err(|_| Error::Busy)?;
    let today = deps.clock.today();
    // The turn is the work's, and not that of whoever waits for it and may go away.
    let reading = move || {
        let _turn = turn;
        let sheet = form::read(&file)?;
        Ok::<_, Error>(rules::judge(sheet, today))
    };
    let read = tokio::task::spawn_blocking(reading).await;
    read.map_err(|_| Error::NotSet)?
}

/// What stands against workers that the form does not say: communities that are not of the directory, and
/// workers whom somebody asks for. And the permits that end so soon that another one is asked for.
async fn against(
    db: &impl ConnectionTrait,
    deps: &Deps,
    organisation: OrganisationId,
    workers: &[Worker],
    now: DateTime<Utc>,
) -> Result<(Vec<Flaw>, Vec<work_permit::Model>), Error> {
    let mut flaws = Vec::new();
    let mut known: HashMap<&Community, bool> = HashMap::new();
    for worker in workers {
        let Some((community, column)) = worker.community.as_ref().zip(worker.community_column)
        else {
            continue;
        };
        let good = if let Some(good) = known.get(community) {
            *good
        } else {
            let found = communities::find(db, community).await?;
            let good = found.is_some_and(|found| found.closed_at.is_none());
            known.insert(community, good);
            good
        };
        if !good {
            flaws.push(Flaw {
                line: worker.line,
                column: Some(column),
                kind: FlawKind::Community,
            });
        }
    }
    let mut lines: HashMap<Vec<u8>, &Worker> = HashMap::new();
    for worker in workers {
        for key in identity::document_keys(&deps.vault, &worker.document) {
            lines.insert(key, worker);
        }
    }
    let mut ending = Vec::new();
    for held in permits::held(db, lines.keys().cloned().collect()).await? {
        let worker = held.held_by_worker.as_ref().and_then(|key| lines.get(key));
        let Some(worker) = worker else {
            continue;
        };
        let own = held.organisation_id == organisation;
        let ends_soon = held
            .valid_until
            .is_some_and(|until| until - RENEWED_WITHIN <= now);
        if held.valid_until.is_some_and(|until| until <= now) || (own && ends_soon) {
            ending.push(held);
            continue;
        }
        flaws.push(Flaw {
            line: worker.line,
            column: Some(worker.document_column),
            kind: if own {
                FlawKind::Asked
            } else {
                FlawKind::Elsewhere
            },
        });
    }
    Ok((flaws, ending))
}

async fn keep(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &UnitActor,
    workers: &[Worker],
    sum: &[u8],
) -> Result<work_form::Model, Error> {
    let now = deps.clock.now();
    let (organisation, entry) = white_list::listed(tx, unit.organisation, now).await?;
    let (flaws, ending) = against(tx, deps, unit.organisation, workers, now).await?;
    if !flaws.is_empty() {
        return Err(Error::Refused(flaws));
    }
    // The next permit takes the place of the one that ends, once it is granted.
    for held in ending {
        let due_at = held.due_at.unwrap_or(now);
        permits::let_go(tx, held.id, due_at).await?;
    }
    let form = new_form(deps, unit, &organisation, &entry, workers.len(), sum);
    forms::insert(tx, form.clone()).await?;
    let rows = workers.iter().map(|worker| row(deps, &form, worker));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let expected = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if permits::insert(tx, rows).await? < expected {
        // Somebody else asked for one of them in this moment.
        let (flaws, _) = against(tx, deps, unit.organisation, workers, now).await?;
        let others = flaws
            .into_iter()
            .filter(|flaw| flaw.kind == FlawKind::Elsewhere);
        return Err(Error::Refused(others.collect()));
    }
    let event = Event::Work(WorkEvent::WorkFormTaken {
        form: form.id,
        organisation: unit.organisation,
        workers: expected,
    });
    audit::record(tx, deps, unit.actor(), Subject::Nobody, &event).await?;
    Ok(form)
}

fn new_form(
    deps: &Deps,
    unit: &UnitActor,
    organisation: &organisation::Model,
    entry: &work_enterprise::Model,
    workers: usize,
    sum: &[u8],
) -> work_form::Model {
    let workflow = deps.work_permits.workflow_of(entry.division.province());
    work_form::Model {
        id: WorkFormId(deps.entropy.id()),
        organisation_id: organisation.id,
        credit_code: entry.credit_code.clone(),
        sent_by: unit.person,
        sent_at: deps.clock.now(),
        division: entry.division.clone(),
        workflow: workflow.to_owned(),
        workers: i64::try_from(workers).unwrap_or(i64::MAX),
        digest: sum.to_vec(),
    }
}

fn row(deps: &Deps, form: &work_form::Model, worker: &Worker) -> Result<work_permit::Model, Error> {
    let id = WorkPermitId(deps.entropy.id());
    let keys = identity::document_keys(&deps.vault, &worker.document);
    let index = keys.into_iter().next().unwrap_or_default();
    let here = is_here(deps, &worker.residence);
    Ok(work_permit::Model {
        id,
        form_id: form.id,
        line: worker.line.into(),
        organisation_id: form.organisation_id,
        credit_code: form.credit_code.clone(),
        division: form.division.clone(),
        residence_division: here.then(|| worker.residence.clone()),
        residence_community: worker.community.clone().filter(|_| here),
        worker_index: index.clone(),
        held_by_worker: Some(index),
        person_id: None,
        content: Some(Content::of(worker).seal(deps, id)?),
        filed_at: form.sent_at,
        opened_at: None,
        outcome: None,
        closed_at: None,
        batch_id: None,
        authentication: None,
        authenticated_at: None,
        public_from: None,
        public_until: None,
        number: None,
        status_index: None,
        valid_from: None,
        valid_until: None,
        ended_at: None,
        ending: None,
        due_at: Some(form.sent_at),
        stood: true,
        reminded_at: None,
    })
}

/// Whether somebody here decides for `residence`.
fn is_here(deps: &Deps, residence: &Division) -> bool {
    let here = [&deps.policy.province].into_iter();
    let mut here = here.chain(&deps.organisations.registered_in);
    here.any(|place| residence.code().starts_with(place))
}
