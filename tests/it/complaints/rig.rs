//! Applications that somebody may complain about, whatever they are for.

use api::{
    deps::Deps,
    notifications::Reference,
    platform::{Entropy, OsEntropy, db::begin_write},
    review::{self, By, Handler, HandlerError, Move, Opening, Permit},
};
use entity::{
    review_case, review_step,
    values::{CaseAction, CaseSubject, Community, Division, PersonId, Role},
};
use futures_util::future::{BoxFuture, ready};
use integration_tests::{Backend, Stack, backend::Session};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};
use uuid::Uuid;

/// The district whose cases these are, unless a test says otherwise.
pub(crate) const COUNTY: &str = "370102";

/// What somebody complains of.
pub(crate) const WORDS: &str = "工作人员态度恶劣";

/// What the authority answers.
pub(crate) const ANSWER: &str = "经核实，已对相关人员进行批评教育";

/// The application of which only the case matters.
#[derive(Debug)]
struct Applications;

impl Handler for Applications {
    fn subject(&self) -> CaseSubject {
        CaseSubject::PassCard
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        Reference::of("TX", case.subject_id)
    }

    fn permits<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
        _: CaseAction,
        _: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        Box::pin(ready(Ok(Permit::Yes)))
    }

    fn moved<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
        _: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        Box::pin(ready(Ok(())))
    }

    fn show<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        Box::pin(ready(Ok(Value::Null)))
    }
}

/// An instance with such applications.
pub(crate) async fn started(stack: Stack) -> Backend {
    Backend::start_reaching(stack, |deps| {
        deps.reviews = deps.reviews.clone().with(Applications);
    })
    .await
}

/// A community in the district with the code `county`.
pub(crate) fn community(county: &str) -> Community {
    Community::try_from(format!("{county}001001")).unwrap()
}

/// An application of `session`'s owner, which the community of `county` has to decide on.
pub(crate) async fn open_case(
    backend: &Backend,
    session: &Session,
    county: &str,
) -> review_case::Model {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let opening = Opening {
        subject: CaseSubject::PassCard,
        subject_id: OsEntropy.id(),
        person: PersonId(session.person.parse::<Uuid>().unwrap()),
        division: Division::try_from(county.to_owned()).unwrap(),
        community: Some(community(county)),
        workflow: "pass_card_online",
        by: By::System,
    };
    let case = review::open(&tx, &backend.deps, opening).await.unwrap();
    tx.commit().await.unwrap();
    act(backend, &case, By::System, CaseAction::Answer)
        .await
        .unwrap()
}

/// Do `action` to `case`, with words.
pub(crate) async fn act(
    backend: &Backend,
    case: &review_case::Model,
    by: By,
    action: CaseAction,
) -> Result<review_case::Model, review::Error> {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let what = Move {
        action,
        reason: None,
        text: Some(ANSWER.to_owned()),
    };
    let after = review::act(&tx, &backend.deps, case, by, what).await?;
    tx.commit().await.unwrap();
    Ok(after)
}

/// A complaint of `kind` about `case`.
pub(crate) fn about(case: &review_case::Model, kind: &str, text: &str) -> Value {
    json!({"case": case.id, "kind": kind, "text": text})
}

/// Complain about `case`, which is `session`'s owner's.
pub(crate) async fn complain(
    backend: &Backend,
    session: &Session,
    case: &review_case::Model,
    kind: &str,
) -> Value {
    let path = format!("/v1/people/{}/complaints", session.person);
    let page = backend.as_citizen(session);
    page.post(&path, about(case, kind, WORDS)).await.ok()
}

/// The case of a complaint.
pub(crate) async fn case_of(backend: &Backend, filed: &Value) -> review_case::Model {
    let id = filed["id"].as_str().unwrap().parse().unwrap();
    let case = review::case_about(&backend.deps.db, CaseSubject::Complaint, id).await;
    case.unwrap().unwrap()
}

/// Somebody new answers a complaint.
pub(crate) async fn answered(backend: &Backend, filed: &Value, action: CaseAction) {
    let case = case_of(backend, filed).await;
    let account = backend.staff(Role::Reviewer, "370000").await.account;
    let by = By::Staff {
        account,
        instead_of: None,
    };
    act(backend, &case, by, action).await.unwrap();
}

/// What a reviewer sees of what `case` is about.
pub(crate) async fn shown(backend: &Backend, case: &review_case::Model) -> Value {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let handler = backend.deps.reviews.of(case.subject).unwrap();
    let shown = handler.show(&tx, &backend.deps, case).await.unwrap();
    tx.commit().await.unwrap();
    shown
}
