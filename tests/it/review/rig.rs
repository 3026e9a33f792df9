//! Cases of a feature that the tests play themselves.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use api::{
    deps::Deps,
    http::problem::{Kind, Problem, Text},
    jobs::Sweep,
    notifications::Reference,
    platform::{Clock, db::begin_write},
    recheck,
    review::{
        self, By, Contact, Error, Handler, HandlerError, Move, Opening, Permit, ReckonAgain,
        RunClocks,
    },
};
use chrono::{DateTime, Utc};
use entity::{
    person, review_breach,
    review_case::{self, Model},
    review_step,
    values::{
        CaseAction, CaseOutcome, CaseSubject, Community, ContactMeans, ContactResult, Division,
        PersonId, StaffId,
    },
};
use futures_util::future::BoxFuture;
use integration_tests::{Backend, Stack};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

/// A community of Lixia in Jinan.
pub(crate) const COMMUNITY: &str = "370102001001";

/// Whoever decides in these tests.
pub(crate) const ISSUER: By = By::Staff {
    account: StaffId(Uuid::from_u128(1)),
    instead_of: None,
};

/// What the feature does not permit.
const HELD: Kind = Kind {
    slug: "held",
    status: actix_web::http::StatusCode::CONFLICT,
    title: Text::new("有未解除的管控", "A hold stands against it"),
};

/// The feature whose cases these are. What is granted by the clock it marks, in the same transaction: the
/// mark counts how often.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cards {
    /// Nothing may be granted.
    pub(crate) held: Arc<AtomicBool>,
    /// Moves fail.
    pub(crate) failing: Arc<AtomicBool>,
}

impl Cards {
    async fn follow(
        &self,
        tx: &DatabaseTransaction,
        deps: &Deps,
        case: &Model,
    ) -> Result<(), HandlerError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(Error::NoSuchCase.into());
        }
        if case.outcome == Some(CaseOutcome::ByClock) {
            recheck::mark(tx, case.person_id, deps.clock.now()).await?;
        }
        Ok(())
    }
}

impl Handler for Cards {
    fn subject(&self) -> CaseSubject {
        CaseSubject::PassCard
    }

    fn reference(&self, case: &Model) -> Reference {
        let digits = case.subject_id.as_u128() >> 64;
        Reference::parse(&format!("TX-{:X}", digits % (1 << 40))).unwrap()
    }

    fn permits<'a>(
        &'a self,
        _tx: &'a DatabaseTransaction,
        _deps: &'a Deps,
        _case: &'a Model,
        action: CaseAction,
        _by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>> {
        let grants = matches!(action, CaseAction::Decide | CaseAction::Approve);
        let held = grants && self.held.load(Ordering::SeqCst);
        let permit = if held {
            Permit::No(Problem::new(HELD))
        } else {
            Permit::Yes
        };
        Box::pin(async move { Ok(permit) })
    }

    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a Model,
        _step: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>> {
        Box::pin(self.follow(tx, deps, case))
    }

    fn show<'a>(
        &'a self,
        _tx: &'a DatabaseTransaction,
        _deps: &'a Deps,
        _case: &'a Model,
    ) -> BoxFuture<'a, Result<serde_json::Value, HandlerError>> {
        Box::pin(async { Ok(serde_json::Value::Null) })
    }
}

/// A backend whose pass cards are those of the tests.
pub(crate) struct Office {
    pub(crate) backend: Backend,
    pub(crate) cards: Cards,
    people: AtomicU64,
}

impl Office {
    pub(crate) async fn open(stack: Stack) -> Self {
        let cards = Cards::default();
        let handler = cards.clone();
        let backend = Backend::start_reaching(stack, move |deps| handle(deps, handler)).await;
        Self {
            backend,
            cards,
            people: AtomicU64::new(1),
        }
    }

    /// Another process of the same deployment.
    pub(crate) async fn another(&self) -> Backend {
        self.another_with(|_| ()).await
    }

    /// The same, with some of what it reaches changed.
    pub(crate) async fn another_with(&self, change: impl FnOnce(&mut Deps)) -> Backend {
        let handler = self.cards.clone();
        self.backend
            .another_instance_with(move |deps| {
                handle(deps, handler);
                change(deps);
            })
            .await
    }

    pub(crate) fn deps(&self) -> &Deps {
        &self.backend.deps
    }

    /// Let it be `at`, such as `2020-03-02 08:00`, in Shanghai.
    pub(crate) fn at(&self, at: &str) {
        self.backend.clock.advance(local(at) - self.now());
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.backend.clock.now()
    }

    /// Somebody with a data key and nothing else.
    pub(crate) async fn person(&self) -> PersonId {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        let row = somebody(self.deps(), number);
        let id = row.id;
        person::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.deps().db)
            .await
            .unwrap();
        id
    }

    /// A case of somebody new, that follows `workflow`.
    pub(crate) async fn case(&self, workflow: &'static str) -> Model {
        let opening = opening(self.person().await, workflow);
        self.try_open(opening).await.unwrap()
    }

    /// The same, past the data comparison.
    pub(crate) async fn compared(&self, workflow: &'static str) -> Model {
        let case = self.case(workflow).await;
        self.done(&case, By::System, CaseAction::Answer).await
    }

    pub(crate) async fn try_open(&self, opening: Opening) -> Result<Model, Error> {
        let tx = begin_write(&self.deps().db).await.unwrap();
        let case = review::open(&tx, self.deps(), opening).await?;
        tx.commit().await.unwrap();
        Ok(case)
    }

    pub(crate) async fn act(&self, case: &Model, by: By, what: Move) -> Result<Model, Error> {
        let tx = begin_write(&self.deps().db).await.unwrap();
        let done = review::act(&tx, self.deps(), case, by, what).await;
        // Waited for: a sweep leaves those alone whose row somebody still locks.
        match done {
            Ok(_) => tx.commit().await.unwrap(),
            Err(_) => tx.rollback().await.unwrap(),
        }
        done
    }

    /// The case after an action that needs words at the most.
    pub(crate) async fn done(&self, case: &Model, by: By, action: CaseAction) -> Model {
        self.act(case, by, says(action)).await.unwrap()
    }

    pub(crate) async fn contacted(&self, case: &Model, result: ContactResult) {
        let tx = begin_write(&self.deps().db).await.unwrap();
        let contact = Contact {
            means: ContactMeans::Telephone,
            result,
            note: Some("上午十点致电".into()),
        };
        let account = StaffId(Uuid::from_u128(1));
        review::record_contact(&tx, self.deps(), case, account, contact)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Run the clocks until none is due. How much they did.
    pub(crate) async fn run_clocks(&self) -> u64 {
        run_clocks(self.deps()).await
    }

    /// Work limits out again until none is out of date. How many were.
    pub(crate) async fn reckon_again(&self) -> u64 {
        let mut done = 0;
        loop {
            match ReckonAgain::run(self.deps()).await.unwrap() {
                0 => return done,
                more => done += more,
            }
        }
    }

    pub(crate) async fn read(&self, case: &Model) -> Model {
        let found = review_case::Entity::find_by_id(case.id);
        found.one(&self.deps().db).await.unwrap().unwrap()
    }

    pub(crate) async fn breaches(&self, case: &Model) -> Vec<review_breach::Model> {
        review_breach::Entity::find()
            .filter(review_breach::Column::CaseId.eq(case.id))
            .order_by_asc(review_breach::Column::Turn)
            .all(&self.deps().db)
            .await
            .unwrap()
    }

    pub(crate) async fn steps(&self, case: &Model) -> Vec<review_step::Model> {
        review_step::Entity::find()
            .filter(review_step::Column::CaseId.eq(case.id))
            .order_by_asc(review_step::Column::Turn)
            .all(&self.deps().db)
            .await
            .unwrap()
    }
}

fn handle(deps: &mut Deps, cards: Cards) {
    deps.reviews = deps.reviews.clone().with(cards);
}

pub(crate) async fn run_clocks(deps: &Deps) -> u64 {
    let mut done = 0;
    loop {
        match RunClocks::run(deps).await.unwrap() {
            0 => return done,
            more => done += more,
        }
    }
}

/// A person who has not been stored.
pub(crate) fn somebody(deps: &Deps, number: u64) -> person::Model {
    let id = PersonId(Uuid::from_u128(u128::from(number) << 70 | 7));
    let (_, data_key) = deps
        .vault
        .new_data_key(id.0.as_bytes(), &*deps.entropy)
        .unwrap();
    person::Model {
        id,
        number: i64::try_from(number).unwrap(),
        data_key,
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: deps.clock.now(),
    }
}

pub(crate) fn opening(person: PersonId, workflow: &'static str) -> Opening {
    let community = Community::try_from(COMMUNITY.to_owned()).unwrap();
    Opening {
        subject: CaseSubject::PassCard,
        subject_id: person.0,
        person,
        division: Division::try_from("370102".to_owned()).unwrap(),
        community: Some(community),
        workflow,
        by: By::Person(person),
    }
}

pub(crate) fn says(action: CaseAction) -> Move {
    Move {
        action,
        reason: None,
        text: Some("请补充十四天内的行程".into()),
    }
}

pub(crate) fn refusal(reason: &str) -> Move {
    Move {
        reason: Some(reason.into()),
        ..says(CaseAction::Refuse)
    }
}

/// `2020-03-02 08:00` in Shanghai.
pub(crate) fn local(at: &str) -> DateTime<Utc> {
    let seconds = if at.len() > 16 { "" } else { ":00" };
    format!("{}{seconds}+08:00", at.replace(' ', "T"))
        .parse()
        .unwrap()
}
