//! Use cases: decide a case, and several of them.

use entity::{review_case::Model, values::CaseId};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    super::{By, act},
    claiming::{locked_with_person, right_to_decide},
    desks,
    error::Error,
    listing::times,
    requests::{ActionRequest, DecisionEntry, DecisionsRequest},
    rules::Desk,
    views::ReviewCaseView,
};
use crate::{
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        problem::{Language, Problem, ProblemBody},
    },
    staff::Staff,
};
use entity::values::CaseState;

/// Do something to a case that is one's own to decide, or that of whom one stands in for, and that nobody
/// else took on.
pub(super) async fn decide(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    key: &IdempotencyKey,
    request: ActionRequest,
    language: Language,
) -> Result<Answer, Error> {
    let answer = settle(deps, staff, id, key, &request, language).await?;
    deps.recheck.wake();
    deps.outbox.wake();
    Ok(answer)
}

async fn settle(
    deps: &Deps,
    staff: &Staff,
    id: CaseId,
    key: &IdempotencyKey,
    request: &ActionRequest,
    language: Language,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let desk = desks::of(tx, deps, staff).await?;
        let decided = rule(tx, deps, &desk, id, request).await?;
        let times = times(tx, deps, &desk).await?;
        let view = ReviewCaseView::of(tx, deps, &desk, &decided, times, language).await?;
        Ok::<_, Error>((Outcome::Found, view))
    };
    let asked = (id, request);
    idempotency::once(deps, caller, "decide-case", key, &asked, effect).await
}

async fn rule(
    tx: &DatabaseTransaction,
    deps: &Deps,
    desk: &Desk,
    id: CaseId,
    request: &ActionRequest,
) -> Result<Model, Error> {
    let case = locked_with_person(tx, desk, id).await?;
    let instead_of = match case.state {
        CaseState::Authority => right_to_decide(tx, deps, desk, &case).await?.instead_of(),
        // Nobody's to decide: what follows says why.
        CaseState::Applicant | CaseState::Answer | CaseState::Closed => None,
    };
    let by = By::Staff {
        account: desk.account,
        instead_of,
    };
    Ok(act(tx, deps, &case, by, request.wanted()).await?)
}

/// What came of one of several decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionResultView {
    /// About which case.
    case: CaseId,
    /// Whether it was made.
    decided: bool,
    /// The case as it is now. Null if the decision was not made.
    #[schema(value_type = Option<ReviewCaseView>)]
    result: Option<serde_json::Value>,
    /// Why it was not made. Null if it was.
    problem: Option<ProblemBody>,
}

/// What came of several decisions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionResultsView {
    /// One for each, in the order that they were asked for.
    results: Vec<DecisionResultView>,
}

/// Decide several cases, each as [`decide`] does: what cannot be decided does not keep the others from
/// being. Repeated with its key, each of those that were made is answered again without its effect.
pub(super) async fn decide_several(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: DecisionsRequest,
    language: Language,
) -> Result<DecisionResultsView, Error> {
    let caller = staff.account.0.as_bytes();
    let nothing = async |_: &DatabaseTransaction| Ok::<_, Error>((Outcome::Found, ()));
    idempotency::once(deps, caller, "decide-cases", key, &request, nothing).await?;
    let mut results = Vec::with_capacity(request.decisions.len());
    for entry in &request.decisions {
        results.push(one_of_several(deps, staff, key, entry, language).await);
    }
    deps.recheck.wake();
    deps.outbox.wake();
    Ok(DecisionResultsView { results })
}

async fn one_of_several(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    DecisionEntry { case, decision }: &DecisionEntry,
    language: Language,
) -> DecisionResultView {
    let key = key.of_part(&case.0.simple().to_string());
    let outcome = settle(deps, staff, *case, &key, decision, language).await;
    let outcome = outcome.and_then(|answer| Ok(answer.read().map_err(idempotency::Error::from)?));
    let (result, problem) = match outcome {
        Ok(result) => (Some(result), None),
        Err(error) => {
            let problem = Problem::from(error).body(language, None);
            (None, Some(problem))
        }
    };
    DecisionResultView {
        case: *case,
        decided: result.is_some(),
        result,
        problem,
    }
}
