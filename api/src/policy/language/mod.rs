//! The language of rules: a small part of `CertLogic`, the JSON that the European digital certificate
//! writes its rules in.
//!
//! ```json
//! {"not-before": [{"var": "now"}, {"plusTime": [{"var": "fact.exposed_at"}, 14, "day"]}]}
//! ```
//!
//! | operation | operands | yields |
//! |---|---|---|
//! | `var` | a name of [`crate::policy::vocabulary`] | what is known by it |
//! | `if` | a condition, two of one kind | the second if the condition is satisfied, else the third |
//! | `===` | two of one kind | whether they are the same |
//! | `and`, `or` | two conditions or more | |
//! | `!` | one of any kind | whether it is missing, false or an empty list |
//! | `<`, `>`, `<=`, `>=` | two or three numbers | whether each pair is in this order |
//! | `before`, `after`, `not-before`, `not-after` | two or three instants | the same of instants |
//! | `in` | one, a list of its kind | whether it is there |
//! | `+` | two numbers | their sum |
//! | `plusTime` | an instant, a whole number, `minute`, `hour`, `day` or `week` | the instant moved |
//! | `reduce` | a list, a step, a start | the step applied to each entry, as `current`, with what came of those before, as `accumulator` |
//!
//! It is total: whatever passed the check yields a value in a bounded number of steps, reads nothing
//! but what it is given, and has no effect. Missing data is null; a comparison with null is not
//! satisfied, and arithmetic with null is null.
//!
//! `now` may only be compared with other instants. So the instants that it was compared with are the
//! only ones at which time alone can change the value: [`Evaluated::changes_at`].

mod check;
mod evaluate;
mod expression;
mod flaw;
mod question;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use self::expression::Expression;
pub use self::{
    flaw::{Flaw, FlawKind},
    question::{Comparison, Question},
    value::{Record, Value},
};
use super::vocabulary::{Scope, Type};

/// Operations within operations, at the most.
pub const DEEPEST: usize = 12;

/// Operations and literals of one piece of logic, at the most.
pub const LARGEST: usize = 200;

/// Entries of a list that count, at the most, and so the steps of a `reduce`.
pub const LONGEST_LIST: usize = 1_000;

/// What logic is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    /// The person.
    pub person: &'a Record,
    /// The fact that the rule is about, where it is about one.
    pub fact: Option<&'a Record>,
    /// The hold that may be released; in a follow-up, the one that it follows.
    pub hold: Option<&'a Record>,
    /// The time.
    pub now: DateTime<Utc>,
}

/// What logic yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evaluated<T> {
    /// The value at [`Env::now`].
    pub value: T,
    /// The first instant after it at which time alone may change the value. None: never.
    pub changes_at: Option<DateTime<Utc>>,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many there are, at most as many as are needed.
    pub done: i64,
    /// How many are needed.
    pub needed: i64,
}

/// Logic that was checked: it means something for whatever it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logic {
    expression: Expression,
    names: BTreeSet<String>,
}

impl Logic {
    /// A condition over the names of `scope`.
    pub fn condition(json: &Json, scope: Scope) -> Result<Self, Flaw> {
        Self::read(json, scope, Type::Bool)
    }

    /// An instant over the names of `scope`.
    pub fn instant(json: &Json, scope: Scope) -> Result<Self, Flaw> {
        Self::read(json, scope, Type::Time)
    }

    fn read(json: &Json, scope: Scope, wanted: Type) -> Result<Self, Flaw> {
        let (expression, names) = check::check(json, scope, wanted)?;
        Ok(Self { expression, names })
    }

    /// Whether the condition is satisfied.
    #[must_use]
    pub fn holds(&self, env: &Env<'_>) -> Evaluated<bool> {
        evaluate::condition(&self.expression, env)
    }

    /// How far a condition got that asks for a number, such as 12 of 14 days. None for any other.
    #[must_use]
    pub fn progress(&self, env: &Env<'_>) -> Option<Progress> {
        evaluate::progress(&self.expression, env)
    }

    /// The instant; none if what it is counted from is missing.
    #[must_use]
    pub fn time(&self, env: &Env<'_>) -> Evaluated<Option<DateTime<Utc>>> {
        evaluate::instant(&self.expression, env)
    }

    /// The names of person and fact that it reads.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }
}
