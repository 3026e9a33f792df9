//! Logic, read and checked.

use chrono::TimeDelta;

use super::Value;

/// A piece of logic. Every name is known and every operand is of the right kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Literal(Value),
    Name(Root, &'static str),
    Now,
    Current(Option<&'static str>),
    Accumulator,
    If(Box<[Expression; 3]>),
    Same(Box<[Expression; 2]>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Lacks(Box<Expression>),
    Ordered(Order, Vec<Expression>),
    In(Box<[Expression; 2]>),
    Sum(Box<[Expression; 2]>),
    Moved(Box<Expression>, TimeDelta),
    Reduce(Box<Reduce>),
}

/// What a name is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Person,
    Fact,
    Hold,
}

/// An order between two instants or two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    After,
    NotBefore,
    Before,
    NotAfter,
}

/// A step for each entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reduce {
    pub(super) list: Expression,
    pub(super) step: Expression,
    pub(super) start: Expression,
}

impl Order {
    /// The same said the other way round: `a` is after `b` as `b` is before `a`.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::After => Self::Before,
            Self::NotBefore => Self::NotAfter,
            Self::Before => Self::After,
            Self::NotAfter => Self::NotBefore,
        }
    }

    /// Whether things that compare as `found` are in this order.
    pub(super) fn is(self, found: std::cmp::Ordering) -> bool {
        match self {
            Self::After => found.is_gt(),
            Self::NotBefore => found.is_ge(),
            Self::Before => found.is_lt(),
            Self::NotAfter => found.is_le(),
        }
    }
}
