//! Applications as cases: what may be done to them, what follows, and what a reviewer sees.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    pass_application, review_case, review_step,
    values::{CaseAction, CaseOutcome, CaseState, CaseSubject, DeclarationId, PassApplicationId},
};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::Value;

use super::{
    error::{ALREADY_MARKED, Error, HOLD_STANDS, RED_CODE, REVIEW_REQUIRED},
    issuing, rules,
    store::{self, marks},
    views::{Arrival, CommunityView, ComparisonView, Content, MarkView, reference_of},
};
use crate::{
    communities,
    declarations::{self, DeclarationReport},
    deps::Deps,
    health_code,
    http::problem::{Kind, Problem},
    identity,
    notifications::Reference,
    review::{By, Handler, HandlerError, Permit},
};

/// Applications for pass cards, under review.
#[derive(Debug, Clone, Copy)]
pub struct CardReviews;

impl Handler for CardReviews {
    fn subject(&self) -> CaseSubject {
        CaseSubject::PassCard
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        reference_of(case.subject_id)
    }

    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        action: CaseAction,
        _: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        async move {
            Ok(against(tx, deps, case, action)
                .await?
                .map_or(Permit::Yes, no))
        }
        .boxed()
    }

    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        _: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        async move { Ok(follow(tx, deps, case).await?) }.boxed()
    }

    fn show<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        async move { Ok(show(tx, deps, case).await?) }.boxed()
    }
}

fn no(kind: Kind) -> Permit {
    Permit::No(Problem::new(kind))
}

/// What stands against `action`, if anything does.
///
/// Nobody is granted a card whose code is red. The clock grants none over anything that holds, nor to
/// whom declared falsely before.
async fn against(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
    action: CaseAction,
) -> Result<Option<Kind>, Error> {
    let person = case.person_id;
    let colour = async || {
        let verdict = health_code::verdict_now(tx, deps, person).await?;
        Ok::<_, Error>(verdict.colour)
    };
    Ok(match action {
        CaseAction::Approve => {
            let id = PassApplicationId(case.subject_id);
            if marks::standing_on(tx, id).await?.is_some() {
                return Ok(Some(ALREADY_MARKED));
            }
            (colour().await? == entity::values::Colour::Red).then_some(RED_CODE)
        }
        // What runs out while the applicant has to bring something grants nothing.
        CaseAction::Decide if case.state == CaseState::Authority => {
            if rules::holds_against(colour().await?) {
                return Ok(Some(HOLD_STANDS));
            }
            marks::stands_for(tx, person)
                .await?
                .then_some(REVIEW_REQUIRED)
        }
        _ => None,
    })
}

/// Issue what was granted, and close what is over.
async fn follow(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<(), Error> {
    let Some(outcome) = case.outcome else {
        return Ok(());
    };
    let id = PassApplicationId(case.subject_id);
    if let CaseOutcome::Approved | CaseOutcome::ByClock = outcome {
        let application = store::find(tx, id).await?;
        let application = application.ok_or(Error::NoSuchApplication)?;
        issuing::issue(tx, deps, &application, outcome == CaseOutcome::ByClock).await?;
    }
    Ok(store::close(tx, id, outcome, deps.clock.now()).await?)
}

/// An application, for whoever decides.
#[derive(Serialize)]
struct ReviewView {
    application: PassApplicationId,
    reference: Reference,
    filed_at: DateTime<Utc>,
    at_window: bool,
    masked_name: Option<String>,
    /// Where the applicant, or who acts for them, can be called.
    telephone: Option<String>,
    community: CommunityView,
    arrival: Option<Arrival>,
    declaration: Option<DeclaredView>,
    comparison: Option<ComparisonView>,
    marks: Vec<MarkView>,
    /// Whether a mark stands on any application of this person.
    declared_falsely: bool,
}

/// What was declared.
#[derive(Serialize)]
struct DeclaredView {
    id: DeclarationId,
    declared_at: DateTime<Utc>,
    unwell: bool,
    arrived_on: Option<NaiveDate>,
    report: DeclarationReport,
}

async fn show(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<Value, Error> {
    let row = store::find(tx, PassApplicationId(case.subject_id)).await?;
    let row = row.ok_or(Error::NoSuchApplication)?;
    let person = row.person_id;
    let key = identity::data_key_of(tx, deps, person).await?;
    let Content { arrival, telephone } = Content::open(&row, &key)?;
    let reach = identity::reach_of(tx, deps, person).await?;
    let own = reach.phone.map(|phone| phone.reveal().to_owned());
    let telephone = telephone.or(own);
    let community = communities::find(tx, &row.community).await?;
    let community = CommunityView::of(&row.community, &row.division, community);
    let marks = marks::on(tx, row.id).await?;
    let marks = marks
        .iter()
        .map(|mark| MarkView::open(mark, &key, community.clone()));
    let view = ReviewView {
        application: row.id,
        reference: reference_of(row.id.0),
        filed_at: row.filed_at,
        at_window: row.taken_by.is_some(),
        masked_name: identity::masked_name_of(tx, deps, person).await?,
        telephone,
        arrival,
        declaration: declared(tx, deps, &row).await?,
        comparison: ComparisonView::of(&row)?,
        marks: marks.collect::<Result<_, _>>()?,
        declared_falsely: marks::stands_for(tx, person).await?,
        community,
    };
    Ok(serde_json::to_value(&view)?)
}

async fn declared(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &pass_application::Model,
) -> Result<Option<DeclaredView>, Error> {
    let declared = declarations::declaration(tx, row.person_id, row.declaration_id).await?;
    let Some(declared) = declared else {
        return Ok(None);
    };
    let key = identity::data_key_of(tx, deps, row.person_id).await?;
    Ok(Some(DeclaredView {
        report: declarations::report_in(&declared, &key)?,
        id: declared.id,
        declared_at: declared.declared_at,
        unwell: declared.unwell,
        arrived_on: declared.arrived_on,
    }))
}
