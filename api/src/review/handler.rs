//! The features whose cases are reviewed.

use std::{collections::BTreeMap, error, fmt, sync::Arc};

use entity::{
    review_case, review_step,
    values::{CaseAction, CaseSubject, OrganisationId, PersonId, StaffId},
};
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::{
    audit::Actor,
    deps::Deps,
    http::problem::{Fault, INTERNAL, Kind, Problem, UNAVAILABLE},
    notifications::Reference,
    platform::db::is_outage,
};

/// Who does something to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A member of staff whose scope was looked at.
    Staff {
        /// Who.
        account: StaffId,
        /// In whose place, where it was delegated.
        instead_of: Option<StaffId>,
    },
    /// The applicant, or who acts for them.
    Person(PersonId),
    /// The unit that applied, in a session of its own.
    Unit(OrganisationId),
    /// The clock of the case ran out.
    Clock,
    /// Another system, or another feature.
    System,
}

impl By {
    /// As the audit log names them.
    #[must_use]
    pub fn actor(self) -> Actor {
        match self {
            Self::Staff { account, .. } => Actor::Staff(account),
            Self::Person(person) => Actor::Person(person),
            Self::Unit(unit) => Actor::Organisation(unit),
            Self::Clock | Self::System => Actor::System,
        }
    }

    /// As a step names them: a member of staff, in whose place, the applicant. A unit is none of them: what
    /// it did in a session of its own is nobody's whom a step could name.
    pub(super) fn columns(self) -> (Option<StaffId>, Option<StaffId>, Option<PersonId>) {
        match self {
            Self::Staff {
                account,
                instead_of,
            } => (Some(account), instead_of, None),
            Self::Person(person) => (None, None, Some(person)),
            Self::Unit(_) | Self::Clock | Self::System => (None, None, None),
        }
    }
}

/// Whether something may be done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permit {
    /// It may.
    Yes,
    /// It may not, and whoever tries is told so.
    No(Problem),
}

/// The feature whose cases these are. [`crate::assembly`] registers it in [`Deps::reviews`].
pub trait Handler: Send + Sync + fmt::Debug {
    /// What its cases are about.
    fn subject(&self) -> CaseSubject;

    /// How people call `case` when they ask about it.
    fn reference(&self, case: &review_case::Model) -> Reference;

    /// Whether `by` may do `action` to `case` now. It is asked in the transaction, before the move.
    ///
    /// Of [`CaseAction::Decide`] it is asked whether the clock may grant: if not, the case goes where its
    /// workflow says, and the breach stays booked.
    fn permits<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        action: CaseAction,
        by: By,
    ) -> BoxFuture<'a, Result<Permit, HandlerError>>;

    /// `step` was made; `case` is as it is now. Part of its transaction, so either both happen or neither.
    fn moved<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
        step: &'a review_step::Model,
    ) -> BoxFuture<'a, Result<(), HandlerError>>;

    /// What a reviewer sees of what `case` is about.
    fn show<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        case: &'a review_case::Model,
    ) -> BoxFuture<'a, Result<serde_json::Value, HandlerError>>;
}

/// The feature whose case it is did not go along. Any error of a feature is one, and so is the database's.
#[derive(Debug, thiserror::Error)]
#[error("the feature whose case it is failed")]
pub struct HandlerError {
    kind: Kind,
    #[source]
    source: Box<dyn error::Error + Send + Sync>,
}

impl HandlerError {
    /// What it is to a caller.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl<E: Fault> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self {
            kind: error.kind(),
            source: Box::new(error),
        }
    }
}

impl From<DbErr> for HandlerError {
    fn from(error: DbErr) -> Self {
        Self {
            kind: if is_outage(&error) {
                UNAVAILABLE
            } else {
                INTERNAL
            },
            source: Box::new(error),
        }
    }
}

/// The features whose cases are reviewed, by what their cases are about.
#[derive(Debug, Clone, Default)]
pub struct Handlers(BTreeMap<CaseSubject, Arc<dyn Handler>>);

impl Handlers {
    /// These and `handler`, in place of another of the same subject.
    #[must_use]
    pub fn with(mut self, handler: impl Handler + 'static) -> Self {
        self.0.insert(handler.subject(), Arc::new(handler));
        self
    }

    /// That of `subject`.
    #[must_use]
    pub fn of(&self, subject: CaseSubject) -> Option<&dyn Handler> {
        self.0.get(&subject).map(|handler| &**handler)
    }
}
