//! Use case: open the cases of workers, once somebody is known to be them.
//!
//! An enterprise's word makes nobody a person here: the worker logs in and is verified with the document,
//! and the case begins.

use chrono::TimeDelta;
use entity::{
    values::{CaseSubject, PersonId, WorkEnding},
    work_permit::Model,
};

use super::{
    error::Error,
    permits as issuing,
    sealed::Content,
    store::{forms, permits},
};
use crate::{
    audit::{self, Actor, Event, WorkEvent},
    deps::Deps,
    http::problem::{Fault, UNAVAILABLE},
    identity,
    platform::db::begin_write,
    review::{self, By, Course, Opening},
};

/// The workflow where a province names none.
const WORKFLOW: &str = "work_shanghai";

/// How often it is looked whether somebody is known to be a worker.
const LOOKED_FOR: TimeDelta = TimeDelta::minutes(5);

/// Open the cases of those of `rows` whose workers are known by now, and look for the others again later.
/// Returns how many were opened.
pub(super) async fn open_known(deps: &Deps, rows: Vec<Model>) -> Result<u64, Error> {
    let (mut keys, mut of_key) = (Vec::new(), Vec::new());
    for (place, row) in rows.iter().enumerate() {
        let content = match Content::open(deps, row) {
            Ok(Some(content)) => content,
            Ok(None) => continue,
            Err(error) => {
                not_opened(row, &error);
                continue;
            }
        };
        for key in identity::document_keys(&deps.vault, &content.document()) {
            keys.push(key);
            of_key.push(place);
        }
    }
    let found = identity::people_with_documents(&deps.db, &keys).await?;
    let mut people: Vec<Option<PersonId>> = vec![None; rows.len()];
    for (place, person) in of_key.into_iter().zip(found) {
        if let Some(slot) = people.get_mut(place)
            && person.is_some()
        {
            *slot = person;
        }
    }
    let (mut opened, mut unknown) = (0, Vec::new());
    for (row, person) in rows.iter().zip(people) {
        match person {
            Some(person) => match open(deps, row, person).await {
                Ok(done) => opened += u64::from(done),
                Err(error) if error.kind() == UNAVAILABLE => return Err(error),
                // It is tried again later, and holds up no other.
                Err(error) => {
                    not_opened(row, &error);
                    unknown.push(row.id);
                }
            },
            None if waited_enough(deps, row) => {
                let tx = begin_write(&deps.db).await?;
                let (ending, by) = (WorkEnding::NeverKnown, By::Clock);
                Box::pin(issuing::end(&tx, deps, row.id, ending, by)).await?;
                permits::forget(&tx, row.id).await?;
                tx.commit().await?;
            }
            None => unknown.push(row.id),
        }
    }
    let again = deps.clock.now() + LOOKED_FOR;
    permits::look_at_all(&deps.db, unknown, again).await?;
    Ok(opened)
}

/// Whether nobody has been known to be the worker of `row` for as long as anything is kept of one.
fn waited_enough(deps: &Deps, row: &Model) -> bool {
    issuing::forgotten_at(deps, row.filed_at) <= deps.clock.now()
}

fn not_opened(row: &Model, error: &Error) {
    tracing::error!(
        permit = %row.id,
        error = error as &dyn std::error::Error,
        "the case of permit {} cannot be opened", row.id
    );
}

/// Open the case of `row`, whose worker is `person`. `false` if somebody else did.
async fn open(deps: &Deps, row: &Model, person: PersonId) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    identity::lock(&tx, person).await?;
    let form = forms::find(&tx, row.form_id).await?;
    let form = form.ok_or(Error::NotFound)?;
    if !permits::open(&tx, row.id, person, deps.clock.now()).await? {
        return Ok(false);
    }
    let event = Event::Work(WorkEvent::WorkerKnown { permit: row.id });
    audit::record(&tx, deps, Actor::System, person, &event).await?;
    let course = Course {
        workflow: form.workflow,
        residence_division: row.residence_division.clone(),
        residence_community: row.residence_community.clone(),
        against: None,
    };
    Box::pin(review::open_on(&tx, deps, opening(row, person), course)).await?;
    tx.commit().await?;
    Ok(true)
}

fn opening(row: &Model, person: PersonId) -> Opening {
    Opening {
        subject: CaseSubject::WorkPermit,
        subject_id: row.id.0,
        person,
        division: row.division.clone(),
        community: None,
        workflow: WORKFLOW,
        by: By::Unit(row.organisation_id),
    }
}
