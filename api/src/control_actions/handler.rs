//! Control actions as cases.

use entity::{
    review_case, review_step,
    values::{CaseAction, CaseState, CaseSubject, ControlActionId},
};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::{
    error::Error,
    store,
    views::{ConcernedView, PlaceView, ShownView, reference, words},
};
use crate::{
    deps::Deps,
    identity,
    notifications::Reference,
    review::{By, Handler, HandlerError, Permit},
};

/// The feature whose cases control actions are.
#[derive(Debug, Clone, Copy)]
pub struct ControlActions;

impl Handler for ControlActions {
    fn subject(&self) -> CaseSubject {
        CaseSubject::ControlAction
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference(ControlActionId(case.subject_id))
    }

    fn permits<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
        _: CaseAction,
        _: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        Box::pin(async { Ok(Permit::Yes) })
    }

    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        _: &'a Deps,
        case: &'a review_case::Model,
        step: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        Box::pin(async move {
            if case.state == CaseState::Closed {
                store::close(tx, ControlActionId(case.subject_id), step.at).await?;
            }
            Ok(())
        })
    }

    fn show<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        Box::pin(async move {
            let shown = show(tx, deps, case).await?;
            Ok(serde_json::to_value(shown).unwrap_or_default())
        })
    }
}

async fn show(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<ShownView, Error> {
    let row = store::find(tx, ControlActionId(case.subject_id)).await?;
    let row = row.ok_or(Error::NotFound)?;
    let key = identity::data_key_of(tx, deps, row.sealed_for).await?;
    let venue = match row.venue_id {
        Some(venue) => store::venue(tx, venue).await?,
        None => None,
    };
    let person = match row.person_id {
        Some(person) => {
            let reach = identity::reach_of(tx, deps, person).await?;
            Some(ConcernedView {
                id: person,
                masked_name: identity::masked_name_of(tx, deps, person).await?,
                telephone: reach.phone.map(|phone| phone.reveal().to_owned()),
            })
        }
        None => None,
    };
    Ok(ShownView {
        control_action: row.id,
        reported_at: row.reported_at,
        reason: row.reason,
        words: words(&row, &key)?,
        division: row.division.clone(),
        venue: venue.map(|venue| PlaceView {
            id: venue.id,
            name: venue.name,
            address: venue.address,
        }),
        checkpoint: row.checkpoint_id,
        by_device: row.device_id.is_some(),
        person,
    })
}
