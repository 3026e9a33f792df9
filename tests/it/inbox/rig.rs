//! Cases about nothing in particular, and the people around them.

use std::fmt;

use api::{
    deps::Deps,
    notifications::Reference,
    platform::{Entropy, OsEntropy, db::begin_write},
    review::{self, By, Handler, HandlerError, Move, Opening, Permit},
};
use entity::{
    review_case, review_step,
    values::{CaseAction, CaseId, CaseSubject, Community, PersonId, Role},
};
use futures_util::future::{BoxFuture, FutureExt};
use integration_tests::{Backend, Stack, StaffMember, backend::Session};
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde_json::{Value, json};

/// A community, another in the same district, the district, and another province's.
pub(crate) const HERE: &str = "370102001001";
pub(crate) const NEXT_DOOR: &str = "370102001002";
pub(crate) const DISTRICT: &str = "370102";
pub(crate) const ELSEWHERE: &str = "310101001001";

/// A feature whose cases are about nothing: everything is permitted, and nothing follows.
pub(crate) struct Plain(CaseSubject);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl Handler for Plain {
    fn subject(&self) -> CaseSubject {
        self.0
    }

    fn reference(&self, case: &review_case::Model) -> Reference {
        let digits = case.id.0.simple().to_string().to_uppercase();
        Reference::parse(&format!("TX-{}", digits.get(..10).unwrap())).unwrap()
    }

    fn permits<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
        _: CaseAction,
        _: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        async { Ok(Permit::Yes) }.boxed()
    }

    fn moved<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: &'a review_case::Model,
        _: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        async { Ok(()) }.boxed()
    }

    fn show<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<Value, HandlerError>> {
        async { Ok(json!({"about": case.subject_id})) }.boxed()
    }
}

/// A backend whose cases are [`Plain`].
pub(crate) async fn start(stack: Stack) -> Backend {
    Backend::start_reaching(stack, |deps| {
        let plain = [CaseSubject::PassCard, CaseSubject::Complaint].map(Plain);
        let [cards, complaints] = plain;
        deps.reviews = deps.reviews.clone().with(cards).with(complaints);
    })
    .await
}

pub(crate) fn person(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

async fn opened(
    backend: &Backend,
    whom: &Session,
    community: &str,
    subject: CaseSubject,
    workflow: &'static str,
) -> review_case::Model {
    let deps = &backend.deps;
    let community = Community::try_from(community.to_owned()).unwrap();
    let opening = Opening {
        subject,
        subject_id: OsEntropy.id(),
        person: person(whom),
        division: community.division().unwrap(),
        community: Some(community),
        workflow,
        by: By::Person(person(whom)),
    };
    let tx = begin_write(&deps.db).await.unwrap();
    let case = review::open(&tx, deps, opening).await.unwrap();
    tx.commit().await.unwrap();
    case
}

/// An application of `whom` that waits for the community with the code `community`, for six working hours.
pub(crate) async fn applied(backend: &Backend, whom: &Session, community: &str) -> CaseId {
    let case = opened(
        backend,
        whom,
        community,
        CaseSubject::PassCard,
        "pass_card_online",
    )
    .await;
    let answer = Move {
        action: CaseAction::Answer,
        reason: None,
        text: None,
    };
    let tx = begin_write(&backend.deps.db).await.unwrap();
    review::act(&tx, &backend.deps, &case, By::System, answer)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    case.id
}

/// A complaint of `whom` about the community with the code `community`, that waits for its district.
pub(crate) async fn complained(backend: &Backend, whom: &Session, community: &str) -> CaseId {
    opened(
        backend,
        whom,
        community,
        CaseSubject::Complaint,
        "complaint",
    )
    .await
    .id
}

/// An issuer of the community with the code `community`.
pub(crate) async fn issuer(backend: &Backend, community: &str) -> StaffMember {
    backend
        .staff_of_community(Role::CommunityIssuer, community)
        .await
}

/// A reviewer of the division with the code `division`.
pub(crate) async fn reviewer(backend: &Backend, division: &str) -> StaffMember {
    backend.staff(Role::Reviewer, division).await
}

pub(crate) fn at(case: CaseId) -> String {
    format!("/v1/staff/review/cases/{case}")
}

pub(crate) fn actions(case: CaseId) -> String {
    format!("{}/actions", at(case))
}

pub(crate) fn approve() -> Value {
    json!({"action": "approve"})
}

/// The ids in a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

/// The ids of what waits for `staff`, as `query` asks.
pub(crate) async fn inbox(staff: &StaffMember, query: &str) -> Vec<String> {
    let path = format!("/v1/staff/review/cases?{query}");
    ids(&staff.get(&path).await.ok())
}

pub(crate) fn texts(cases: &[CaseId]) -> Vec<String> {
    cases.iter().map(ToString::to_string).collect()
}

pub(crate) async fn row(backend: &Backend, case: CaseId) -> review_case::Model {
    let found = review_case::Entity::find_by_id(case);
    found.one(&backend.deps.db).await.unwrap().unwrap()
}

/// What was done to a case.
pub(crate) async fn steps(backend: &Backend, case: CaseId) -> Vec<review_step::Model> {
    let all = review_step::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    let mut steps: Vec<_> = all
        .into_iter()
        .filter(|step| step.case_id == case)
        .collect();
    steps.sort_by_key(|step| step.turn);
    steps
}
