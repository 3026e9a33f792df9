//! Use cases: complain, read what became of it, take it back.

use std::collections::BTreeMap;

use entity::{
    complaint::Model,
    review_case,
    values::{Area, CaseAction, CaseState, CaseSubject, ComplaintId, Division},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    rules::{above, highest},
    store,
    views::{CONTENT, ComplaintRequest, ComplaintView, Told},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    identity::{self, Subject},
    regions,
    review::{self, By, Course, Move, Opening, rules::Level},
};

/// Complain about how a case of `subject`'s was handled.
///
/// Refused if it is no case of an application of theirs, if a complaint of the kind about it waits, or if
/// nobody is above who handled it.
pub(super) async fn file(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    request: ComplaintRequest,
) -> Result<Answer, Error> {
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| record(tx, deps, subject, &request).await;
    let asked = (subject.person, &request);
    idempotency::once(deps, caller, "file-complaint", key, &asked, effect).await
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    request: &ComplaintRequest,
) -> Result<(Outcome, ComplaintView), Error> {
    let person = subject.person;
    identity::lock(tx, person).await?;
    let about = store::case_of(tx, person, request.case).await?;
    let about = about.ok_or(Error::NoSuchCase)?;
    if store::is_open(tx, about.id, request.kind).await? {
        return Err(Error::AlreadyOpen);
    }
    let against = unit_of(tx, deps, &about).await?;
    let offices = offices(&about.division);
    let workflow = above(&against, &offices).ok_or(Error::NobodyAbove)?;
    let id = ComplaintId(deps.entropy.id());
    let data_key = identity::data_key_of(tx, deps, person).await?;
    let place = CONTENT.owned_by(id.0.as_bytes());
    let row = Model {
        id,
        person_id: person,
        filed_by: subject.acting,
        filed_at: deps.clock.now(),
        case_id: about.id,
        against,
        kind: request.kind,
        content: data_key.seal(place, request.text.as_bytes(), &*deps.entropy)?,
        closed_at: None,
    };
    store::insert(tx, row.clone()).await?;
    let opening = Opening {
        subject: CaseSubject::Complaint,
        subject_id: id.0,
        person,
        division: about.division.clone(),
        community: None,
        workflow,
        by: By::Person(subject.acting),
    };
    let course = Course {
        workflow: (*workflow).to_owned(),
        residence_division: None,
        residence_community: None,
        against: Some((row.against.clone(), about.opened_at)),
    };
    let case = review::open_on(tx, deps, opening, course).await?;
    let event = Event::ComplaintFiled {
        complaint: id,
        case: about.id,
        kind: row.kind,
    };
    audit::record(tx, deps, Actor::Person(subject.acting), person, &event).await?;
    let told = Told {
        row: &row,
        case: &case,
        last: None,
    };
    Ok((Outcome::Created, ComplaintView::open(&told, &data_key)?))
}

/// The highest unit that `case` came before so far: the one that a complaint about it is about.
async fn unit_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<Area, Error> {
    let workflow = review::workflow_of(db, deps, case).await?;
    let steps = store::steps(db, case.id).await?;
    let stages = steps
        .iter()
        .flat_map(|step| [Some(&step.stage), step.stage_after.as_ref()])
        .flatten();
    let units = stages.filter_map(|stage| {
        let decider = workflow.stage(stage)?.decider.as_ref()?;
        Some(review::area_of(&decider.level, case))
    });
    // A case that no unit came to see yet: who it would come to first.
    Ok(highest(units).unwrap_or_else(|| review::area_of(&Level::Community, case)))
}

/// The offices that answer complaints about cases of `division`, lowest first, and the workflow that
/// begins with each.
fn offices(division: &Division) -> [(&'static str, Area); 3] {
    let around = regions::ancestors(division);
    let upper = |office: Option<&Division>| Area::from(office.unwrap_or(division).clone());
    [
        ("complaint", Area::from(division.clone())),
        ("complaint_prefecture", upper(around.first())),
        ("complaint_province", upper(around.last())),
    ]
}

/// One of those about cases of `subject`'s.
pub(super) async fn find(
    deps: &Deps,
    subject: Subject,
    id: ComplaintId,
) -> Result<ComplaintView, Error> {
    let row = store::find(&deps.db, subject.person, id).await?;
    let row = row.ok_or(Error::NoSuchComplaint)?;
    let told = tell(&deps.db, deps, subject, &[row]).await?;
    told.into_iter().next().ok_or(Error::NoSuchComplaint)
}

/// Those about cases of `subject`'s, newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<ComplaintView>, Error> {
    let rows = store::of_person(&deps.db, subject.person, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| {
        Place {
            at: last.filed_at,
            id: last.id.0,
        }
        .to_string()
    });
    Ok(Page {
        items: tell(&deps.db, deps, subject, &page.items).await?,
        next: page.next,
    })
}

/// `rows` with their cases and their answers, in their order.
async fn tell(
    db: &impl ConnectionTrait,
    deps: &Deps,
    subject: Subject,
    rows: &[Model],
) -> Result<Vec<ComplaintView>, Error> {
    let key = identity::data_key_of(db, deps, subject.person).await?;
    let cases = store::cases_about(db, rows.iter().map(|row| row.id)).await?;
    let closed = cases.iter().filter(|case| case.state == CaseState::Closed);
    let steps = store::last_steps(db, closed).await?;
    let last: BTreeMap<_, _> = steps.iter().map(|step| (step.case_id, step)).collect();
    let cases: BTreeMap<_, _> = cases.iter().map(|case| (case.subject_id, case)).collect();
    let told = rows.iter().filter_map(|row| {
        let case = *cases.get(&row.id.0)?;
        let last = last.get(&case.id).copied();
        Some(Told { row, case, last })
    });
    told.map(|told| ComplaintView::open(&told, &key)).collect()
}

/// Take a complaint of `subject`'s back. Refused once it is answered.
pub(super) async fn withdraw(
    deps: &Deps,
    subject: Subject,
    id: ComplaintId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| take_back(tx, deps, subject, id).await;
    let asked = (subject.person, id);
    let answer = idempotency::once(deps, caller, "withdraw-complaint", key, &asked, effect).await?;
    deps.outbox.wake();
    Ok(answer)
}

async fn take_back(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    id: ComplaintId,
) -> Result<(Outcome, ComplaintView), Error> {
    identity::lock(tx, subject.person).await?;
    let row = store::find(tx, subject.person, id).await?;
    let row = row.ok_or(Error::NoSuchComplaint)?;
    let case = review::case_about(tx, CaseSubject::Complaint, id.0).await?;
    let case = case.ok_or(Error::NoSuchComplaint)?;
    let what = Move {
        action: CaseAction::Withdraw,
        reason: None,
        text: None,
    };
    review::act(tx, deps, &case, By::Person(subject.acting), what).await?;
    let told = tell(tx, deps, subject, &[row]).await?;
    let view = told.into_iter().next().ok_or(Error::NoSuchComplaint)?;
    Ok((Outcome::Found, view))
}
