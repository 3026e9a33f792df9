//! Use case: take an application down at a window, of somebody who may have no phone.

use entity::{
    pass_application::Model,
    values::{Area, PassApplicationId, PersonId, Role},
};
use sea_orm::DatabaseTransaction;

use super::{
    applying::{self, Filer, Filing},
    cards,
    error::Error,
    store,
    views::{ApplicationView, Content, WindowRequest},
};
use crate::{
    declarations::{self, CheckInReport},
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Vouched},
    staff::Staff,
};

/// Take down how somebody is today who applied at the window: as their own daily check-in, which they have no
/// phone to make. Once a day; the first report stands.
///
/// For applications of the caller's communities, and as long as they lead anywhere: while they wait, and
/// while their person has the card that was issued on them.
pub(super) async fn check_in(
    deps: &Deps,
    staff: &Staff,
    id: PassApplicationId,
    key: &IdempotencyKey,
    report: CheckInReport,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let asked = (id, &report);
    let effect = async |tx: &DatabaseTransaction| {
        let application = cards::within(tx, staff, id, &[Role::CommunityIssuer]).await?;
        let person = application.person_id;
        identity::lock(tx, person).await?;
        if application.taken_by.is_none() || !leads_anywhere(tx, id, person).await? {
            return Err(Error::NotAttended);
        }
        let taken = declarations::take_down_check_in(tx, deps, staff.account, person, &report);
        Ok(taken.await?)
    };
    let answer = idempotency::once(deps, caller, "take-check-in", key, &asked, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

async fn leads_anywhere(
    tx: &DatabaseTransaction,
    id: PassApplicationId,
    person: PersonId,
) -> Result<bool, Error> {
    let application = store::find(tx, id).await?;
    if application.is_some_and(|row| row.closed_at.is_none()) {
        return Ok(true);
    }
    let card = store::cards::current(tx, person).await?;
    Ok(card.is_some_and(|card| card.application_id == id))
}

const TAKE: &str = "take-pass-application";

/// Take an application down: the registry vouches for the person, what they declare is kept as theirs,
/// and the case has its six hours (P3).
///
/// Refused outside of the caller's communities as if there were no such community.
pub(super) async fn take(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: WindowRequest,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let before = idempotency::given_before(deps, caller, TAKE, key, &request).await?;
    if let Some(answer) = before {
        return Ok(answer);
    }
    let area = Area::from(request.community.clone());
    if !staff.scope.covers_area(Role::CommunityIssuer, &area) {
        return Err(Error::NoSuchApplication);
    }
    applying::check_arrival(deps, request.arrival.as_ref())?;
    declarations::check(deps, &request.declaration)?;
    applying::place_of(&deps.db, deps, &request.community).await?;
    let vouched = identity::vouch_at_window(
        deps,
        staff.account,
        &request.name,
        request.document_kind,
        &request.document_number,
    )
    .await?;
    let effect = async |tx: &DatabaseTransaction| {
        let row = record(tx, deps, staff, &vouched, &request).await?;
        let view: ApplicationView = applying::view(tx, deps, &row).await?;
        Ok::<_, Error>((Outcome::Created, view))
    };
    let answer = idempotency::once(deps, caller, TAKE, key, &request, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    vouched: &Vouched,
    request: &WindowRequest,
) -> Result<Model, Error> {
    let person = identity::person_at_window(tx, deps, staff.account, vouched).await?;
    identity::lock(tx, person).await?;
    let report = &request.declaration;
    let declared = declarations::take_down(tx, deps, staff.account, person, report).await?;
    let filing = Filing {
        person,
        by: Filer::Clerk(staff.account),
        community: &request.community,
        content: Content {
            arrival: request.arrival.clone(),
            telephone: request.telephone.clone(),
        },
        declared,
    };
    applying::file(tx, deps, filing).await
}
