//! Use cases: read a case, and note how the applicant was reached.

use entity::{
    review_case::Model,
    values::{CaseAction, CaseId, CaseState},
};
use sea_orm::DatabaseTransaction;

use super::{
    super::{Contact, Error as CaseError, record_contact},
    claiming::{locked_with_person, right_to_decide},
    desks,
    error::Error,
    listing::times,
    requests::ContactRequest,
    rules::Desk,
    store::cases,
    views::{
        ReviewBreachView, ReviewCaseView, ReviewContactView, ReviewDossierView, ReviewStepView,
        place,
    },
    words::{ActionView, Telling},
};
use crate::{
    audit::{self, Actor, CaseEvent, Event},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        problem::Language,
    },
    identity,
    platform::{db::begin_write, vault::DataKey},
    staff::Staff,
};

/// A case with everybody's words. That it was read is on record.
pub(super) async fn read(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    language: Language,
) -> Result<ReviewDossierView, Error> {
    let tx = begin_write(&deps.db).await?;
    let desk = desks::of(&tx, deps, staff).await?;
    let case = seen(&tx, &desk, id).await?;
    let event = Event::Case(CaseEvent::CaseRead { case: id });
    let actor = Actor::Staff(staff.account);
    audit::record(&tx, deps, actor, case.person_id, &event).await?;
    let view = dossier(&tx, deps, &desk, &case, language).await?;
    tx.commit().await?;
    Ok(view)
}

/// The case `id`, if somebody at `desk` may know of it.
async fn seen(tx: &DatabaseTransaction, desk: &Desk, id: CaseId) -> Result<Model, Error> {
    let case = cases::find(tx, id).await?;
    case.filter(|case| desk.sees(place(case)))
        .ok_or(Error::NotFound)
}

async fn dossier(
    tx: &DatabaseTransaction,
    deps: &Deps,
    desk: &Desk,
    case: &Model,
    language: Language,
) -> Result<ReviewDossierView, Error> {
    let telling = Telling::of(tx, deps, case, language).await?;
    let key = identity::data_key_of(tx, deps, case.person_id).await?;
    let times = times(tx, deps, desk).await?;
    let broken = cases::breaches(tx, case.id).await?;
    Ok(ReviewDossierView {
        case: ReviewCaseView::told(deps, desk, case, times, &telling),
        actions: actions(tx, deps, desk, case, &telling).await?,
        steps: steps(tx, case, &key, &telling).await?,
        contacts: contacts(tx, case, &key).await?,
        breaches: broken
            .iter()
            .map(|row| ReviewBreachView::of(deps, row, case, &telling))
            .collect(),
        about: about(tx, deps, case).await?,
    })
}

/// Whether members of staff do `action`.
pub(super) fn is_for_staff(action: CaseAction) -> bool {
    use CaseAction::{Approve, Ask, Escalate, Refuse};
    matches!(action, Approve | Refuse | Ask | Escalate)
}

async fn actions(
    tx: &DatabaseTransaction,
    deps: &Deps,
    desk: &Desk,
    case: &Model,
    telling: &Telling,
) -> Result<Vec<ActionView>, Error> {
    match right_to_decide(tx, deps, desk, case).await {
        Ok(_) => Ok(telling.actions(case, is_for_staff)),
        Err(Error::NotYours | Error::Claimed) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn steps(
    tx: &DatabaseTransaction,
    case: &Model,
    key: &DataKey,
    telling: &Telling,
) -> Result<Vec<ReviewStepView>, Error> {
    let rows = cases::steps(tx, case.id).await?;
    let view = |row| ReviewStepView::open(row, key, telling);
    rows.iter().map(view).collect()
}

async fn contacts(
    tx: &DatabaseTransaction,
    case: &Model,
    key: &DataKey,
) -> Result<Vec<ReviewContactView>, Error> {
    let rows = cases::contacts(tx, case.id).await?;
    let view = |row| ReviewContactView::open(row, key);
    rows.iter().map(view).collect()
}

/// What the feature whose case it is shows of it.
async fn about(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
) -> Result<serde_json::Value, Error> {
    match deps.reviews.of(case.subject) {
        Some(handler) => {
            let shown = handler.show(tx, deps, case).await;
            Ok(shown.map_err(CaseError::from)?)
        }
        None => Ok(serde_json::Value::Null),
    }
}

/// Note an attempt to reach the applicant of a case that waits for a decision.
pub(super) async fn contact(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    key: &IdempotencyKey,
    request: ContactRequest,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| note(tx, deps, staff, id, &request).await;
    idempotency::once(deps, caller, "record-contact", key, &(id, &request), effect).await
}

async fn note(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    request: &ContactRequest,
) -> Result<(Outcome, ReviewContactView), Error> {
    let desk = desks::of(tx, deps, staff).await?;
    let case = locked_with_person(tx, &desk, id).await?;
    if case.state == CaseState::Authority && desk.decides(place(&case)).is_none() {
        return Err(Error::NotYours);
    }
    let contact = Contact {
        means: request.means,
        result: request.result,
        note: request.note.clone(),
    };
    let row = record_contact(tx, deps, &case, staff.account, contact).await?;
    let key = identity::data_key_of(tx, deps, case.person_id).await?;
    Ok((Outcome::Created, ReviewContactView::open(&row, &key)?))
}
