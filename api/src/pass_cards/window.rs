//! Use case: take an application down at a window, of somebody who may have no phone.

use entity::{
    pass_application::Model,
    values::{Area, Role},
};
use sea_orm::DatabaseTransaction;

use super::{
    applying::{self, Filer, Filing},
    error::Error,
    views::{ApplicationView, Content, WindowRequest},
};
use crate::{
    declarations,
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Vouched},
    staff::Staff,
};

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
