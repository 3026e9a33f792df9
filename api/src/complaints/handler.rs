//! Complaints as cases: who may decide, and what reviewers see.

use entity::{
    review_case, review_step,
    values::{CaseAction, CaseState, CaseSubject, ComplaintId},
};
use futures_util::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::{
    error::{Error, OWN_WORK},
    store,
    views::{AboutView, ShownView, reference, words},
};
use crate::{
    deps::Deps,
    http::problem::Problem,
    identity,
    notifications::Reference,
    review::{By, Handler, HandlerError, Permit},
    staff,
};

/// The feature whose cases complaints are.
#[derive(Debug, Clone, Copy)]
pub struct Complaints;

impl Handler for Complaints {
    fn subject(&self) -> CaseSubject {
        CaseSubject::Complaint
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference(ComplaintId(case.subject_id))
    }

    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        _: &'a Deps,
        case: &'a review_case::Model,
        action: CaseAction,
        by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        Box::pin(async move { Ok(permits(tx, case, action, by).await?) })
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
                store::close(tx, ComplaintId(case.subject_id), step.at).await?;
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

/// Who did anything about the case that is complained about may send the complaint on, and no more; nor may who
/// has, or had since that case was opened, a post in the unit that is complained about: what nobody there did is
/// their doing, too.
async fn permits(
    tx: &DatabaseTransaction,
    case: &review_case::Model,
    action: CaseAction,
    by: By,
) -> Result<Permit, Error> {
    let (
        By::Staff {
            account,
            instead_of,
        },
        CaseAction::Approve | CaseAction::Refuse,
    ) = (by, action)
    else {
        return Ok(Permit::Yes);
    };
    let row = store::find_any(tx, ComplaintId(case.subject_id)).await?;
    let row = row.ok_or(Error::NoSuchComplaint)?;
    let about = store::case(tx, row.case_id).await?;
    let about = about.ok_or(Error::NoSuchCase)?;
    let deciding: Vec<_> = [Some(account), instead_of].into_iter().flatten().collect();
    let areas = staff::areas_held_since(tx, &deciding, about.opened_at).await?;
    let of_the_unit = areas.iter().any(|area| row.against.contains(area));
    let mut own_work = of_the_unit;
    for account in deciding {
        own_work |= store::took_part(tx, row.case_id, account).await?;
    }
    if own_work {
        return Ok(Permit::No(Problem::new(OWN_WORK)));
    }
    Ok(Permit::Yes)
}

async fn show(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<ShownView, Error> {
    let row = store::find_any(tx, ComplaintId(case.subject_id)).await?;
    let row = row.ok_or(Error::NoSuchComplaint)?;
    let about = store::case(tx, row.case_id).await?;
    let about = about.ok_or(Error::NoSuchCase)?;
    let steps = store::steps(tx, about.id).await?;
    let handler = deps.reviews.of(about.subject);
    let key = identity::data_key_of(tx, deps, row.person_id).await?;
    Ok(ShownView {
        complaint: row.id,
        kind: row.kind,
        text: words(&row, &key)?,
        filed_at: row.filed_at,
        filed_for_another: row.filed_by != row.person_id,
        against: row.against,
        about: AboutView {
            case: about.id,
            reference: handler.map(|handler| handler.reference(&about).into()),
            subject: about.subject,
            opened_at: about.opened_at,
            stage: about.stage,
            state: about.state,
            late_since: about.late_since,
            outcome: about.outcome,
            steps: steps.iter().map(Into::into).collect(),
        },
    })
}
