//! Use cases: take a case on, let go of it, give it to somebody.

use entity::{
    review_case::Model,
    values::{CaseId, CaseState, Role, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    super::Error as CaseError,
    desks,
    error::Error,
    listing::times,
    rules::{Desk, Lateness, Right, is_kept},
    store::cases,
    views::{ReviewCaseView, place},
};
use crate::{
    audit::{self, Actor, CaseEvent, Event},
    deps::Deps,
    http::problem::Language,
    identity,
    platform::db::begin_write,
    staff::Staff,
};

/// The case `id` as somebody at `desk` finds it, kept from changing until the transaction ends. A case
/// that is not theirs to know of is answered as a missing one.
pub(super) async fn locked(
    tx: &impl ConnectionTrait,
    desk: &Desk,
    id: CaseId,
) -> Result<Model, Error> {
    let case = cases::lock(tx, id).await?;
    case.filter(|case| desk.sees(place(case)))
        .ok_or(Error::NotFound)
}

/// The same, for whoever moves the case or writes down what belongs to it: the person is locked first and
/// the case second.
pub(super) async fn locked_with_person(
    tx: &DatabaseTransaction,
    desk: &Desk,
    id: CaseId,
) -> Result<Model, Error> {
    let case = cases::find(tx, id).await?;
    let case = case.filter(|case| desk.sees(place(case)));
    identity::lock(tx, case.ok_or(Error::NotFound)?.person_id).await?;
    locked(tx, desk, id).await
}

/// By what right somebody at `desk` decides `case` now, which nobody else took on.
pub(super) async fn right_to_decide(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    desk: &Desk,
    case: &Model,
) -> Result<Right, Error> {
    let right = desk.decides(place(case)).ok_or(Error::NotYours)?;
    if is_anothers(tx, deps, desk, case).await? {
        return Err(Error::Claimed);
    }
    Ok(right)
}

/// Whether somebody took `case` on for whom whoever sits at `desk` does not stand in, who can still decide
/// it, and for whom it is still kept.
async fn is_anothers(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    desk: &Desk,
    case: &Model,
) -> Result<bool, Error> {
    let Some(holder) = case.assignee else {
        return Ok(false);
    };
    if holder == desk.account || desk.stands_in_for(holder) {
        return Ok(false);
    }
    let theirs = desks::of_account(tx, deps, holder).await?;
    if theirs.decides(place(case)).is_none() {
        return Ok(false);
    }
    let times = times(tx, deps, desk).await?;
    let lateness = Lateness::of(case.due_at, times.now, times.nearing);
    Ok(is_kept(case.assigned_at, lateness, times.now))
}

/// That `case` waits for a decision of somebody's.
fn waits(case: &Model) -> Result<(), Error> {
    match case.state {
        CaseState::Authority => Ok(()),
        CaseState::Closed => Err(CaseError::Decided.into()),
        CaseState::Applicant | CaseState::Answer => Err(Error::NotWaiting),
    }
}

/// Take a case on. Of several at once one gets it, and the others are told. Taking one's own again does
/// nothing.
pub(super) async fn claim(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    language: Language,
) -> Result<ReviewCaseView, Error> {
    let tx = begin_write(&deps.db).await?;
    let desk = desks::of(&tx, deps, staff).await?;
    let case = locked(&tx, &desk, id).await?;
    waits(&case)?;
    right_to_decide(&tx, deps, &desk, &case).await?;
    let event = Event::Case(CaseEvent::CaseClaimed { case: id });
    let given = give(&tx, deps, &desk, case, Some(staff.account), &event).await?;
    let view = shown(&tx, deps, &desk, &given, language).await?;
    tx.commit().await?;
    Ok(view)
}

async fn shown(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    desk: &Desk,
    case: &Model,
    language: Language,
) -> Result<ReviewCaseView, Error> {
    let times = times(tx, deps, desk).await?;
    ReviewCaseView::of(tx, deps, desk, case, times, language).await
}

/// Let go of a case. Letting go of what nobody has does nothing; what somebody else has stays theirs.
pub(super) async fn release(deps: &Deps, staff: &Staff, id: CaseId) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let desk = desks::of(&tx, deps, staff).await?;
    let case = locked(&tx, &desk, id).await?;
    let Some(holder) = case.assignee else {
        return Ok(());
    };
    waits(&case)?;
    if holder != staff.account {
        return Err(Error::Claimed);
    }
    let event = Event::Case(CaseEvent::CaseReleased { case: id });
    give(&tx, deps, &desk, case, None, &event).await?;
    tx.commit().await?;
    Ok(())
}

/// Give a case to `to`, who can decide it, or to nobody in particular. Whoever reviews the area around it
/// may, whoever took it on.
pub(super) async fn assign(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    to: Option<StaffId>,
    language: Language,
) -> Result<ReviewCaseView, Error> {
    let tx = begin_write(&deps.db).await?;
    let desk = desks::of(&tx, deps, staff).await?;
    let case = locked(&tx, &desk, id).await?;
    if !desk.holds(Role::Reviewer, &case.area) {
        return Err(Error::NotYours);
    }
    waits(&case)?;
    if let Some(account) = to {
        let theirs = desks::of_account(&tx, deps, account).await?;
        theirs.decides(place(&case)).ok_or(Error::NoAssignee)?;
    }
    let event = match to {
        Some(to) => Event::Case(CaseEvent::CaseAssigned { case: id, to }),
        None => Event::Case(CaseEvent::CaseReleased { case: id }),
    };
    let given = give(&tx, deps, &desk, case, to, &event).await?;
    let view = shown(&tx, deps, &desk, &given, language).await?;
    tx.commit().await?;
    Ok(view)
}

/// Give `case`, as it was read, to `to`, and put `event` on record. Nothing is done where it is theirs.
async fn give(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    desk: &Desk,
    case: Model,
    to: Option<StaffId>,
    event: &Event,
) -> Result<Model, Error> {
    if case.assignee == to {
        return Ok(case);
    }
    let now = deps.clock.now();
    if !cases::give(tx, &case, to, now).await? {
        return Err(Error::Claimed);
    }
    let actor = Actor::Staff(desk.account);
    audit::record(tx, deps, actor, case.person_id, event).await?;
    Ok(Model {
        assignee: to,
        assigned_at: to.map(|_| now),
        ..case
    })
}
