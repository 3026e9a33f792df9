//! What logic means.

use std::cell::Cell;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::{
    Env, Evaluated, LONGEST_LIST, Progress, Record, Value,
    expression::{Expression, Order, Reduce, Root},
};

pub(super) fn condition(expression: &Expression, env: &Env<'_>) -> Evaluated<bool> {
    let run = Run::new(env);
    let value = run.is_satisfied(expression, Step::NONE);
    run.done(value)
}

pub(super) fn instant(expression: &Expression, env: &Env<'_>) -> Evaluated<Option<DateTime<Utc>>> {
    let run = Run::new(env);
    let value = match run.value(expression, Step::NONE) {
        Seen::Time(at) => Some(at),
        _ => None,
    };
    run.done(value)
}

pub(super) fn progress(expression: &Expression, env: &Env<'_>) -> Option<Progress> {
    let Expression::Ordered(Order::NotBefore, parts) = expression else {
        return None;
    };
    let [count, Expression::Literal(Value::Number(needed))] = parts.as_slice() else {
        return None;
    };
    match Run::new(env).value(count, Step::NONE) {
        Seen::Number(done) if *needed > 0 => Some(Progress {
            done: done.clamp(0, *needed),
            needed: *needed,
        }),
        _ => None,
    }
}

/// A value as it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen<'v> {
    Null,
    Bool(bool),
    Number(i64),
    Text(&'v str),
    Time(DateTime<Utc>),
    List(&'v [Value]),
    Record(&'v Record),
}

impl<'v> From<&'v Value> for Seen<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(*value),
            Value::Text(value) => Self::Text(value),
            Value::Time(value) => Self::Time(*value),
            Value::List(values) => Self::List(values.get(..LONGEST_LIST).unwrap_or(values)),
            Value::Record(record) => Self::Record(record),
        }
    }
}

/// One evaluation, and the earliest instant after its time that the time was compared with.
struct Run<'v> {
    env: &'v Env<'v>,
    changes_at: Cell<Option<DateTime<Utc>>>,
}

/// What a step of a `reduce` sees besides.
#[derive(Debug, Clone, Copy)]
struct Step<'v> {
    current: Seen<'v>,
    accumulator: Seen<'v>,
}

impl Step<'_> {
    const NONE: Self = Self {
        current: Seen::Null,
        accumulator: Seen::Null,
    };
}

impl<'v> Run<'v> {
    fn new(env: &'v Env<'v>) -> Self {
        Self {
            env,
            changes_at: Cell::new(None),
        }
    }

    fn done<T>(self, value: T) -> Evaluated<T> {
        Evaluated {
            value,
            changes_at: self.changes_at.into_inner(),
        }
    }

    fn is_satisfied(&self, expression: &'v Expression, step: Step<'v>) -> bool {
        self.value(expression, step) == Seen::Bool(true)
    }

    fn value(&self, expression: &'v Expression, step: Step<'v>) -> Seen<'v> {
        match expression {
            Expression::Literal(value) => value.into(),
            Expression::Name(root, name) => self.named(*root, name),
            Expression::Now => Seen::Time(self.env.now),
            Expression::Current(None) => step.current,
            Expression::Current(Some(part)) => part_of(step.current, part),
            Expression::Accumulator => step.accumulator,
            Expression::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let taken = if self.is_satisfied(condition, step) {
                    then
                } else {
                    otherwise
                };
                self.value(taken, step)
            }
            Expression::Same(pair) => {
                let [a, b] = self.both(pair, step);
                Seen::Bool(a != Seen::Null && a == b)
            }
            Expression::All(parts) => {
                Seen::Bool(parts.iter().all(|part| self.is_satisfied(part, step)))
            }
            Expression::Any(parts) => {
                Seen::Bool(parts.iter().any(|part| self.is_satisfied(part, step)))
            }
            Expression::Lacks(part) => {
                let lacks = [Seen::Null, Seen::Bool(false), Seen::List(&[])];
                Seen::Bool(lacks.contains(&self.value(part, step)))
            }
            Expression::Ordered(order, parts) => {
                let mut pairs = parts.iter().zip(parts.iter().skip(1));
                Seen::Bool(pairs.all(|(a, b)| self.is_ordered(*order, a, b, step)))
            }
            Expression::In(pair) => match self.both(pair, step) {
                [Seen::Null, _] => Seen::Bool(false),
                [one, Seen::List(list)] => {
                    Seen::Bool(list.iter().any(|entry| Seen::from(entry) == one))
                }
                _ => Seen::Bool(false),
            },
            Expression::Sum(pair) => match self.both(pair, step) {
                [Seen::Number(a), Seen::Number(b)] => {
                    a.checked_add(b).map_or(Seen::Null, Seen::Number)
                }
                _ => Seen::Null,
            },
            Expression::Moved(from, by) => match self.value(from, step) {
                Seen::Time(at) => at.checked_add_signed(*by).map_or(Seen::Null, Seen::Time),
                _ => Seen::Null,
            },
            Expression::Reduce(reduce) => self.reduced(reduce),
        }
    }

    fn both(&self, pair: &'v [Expression; 2], step: Step<'v>) -> [Seen<'v>; 2] {
        pair.each_ref().map(|part| self.value(part, step))
    }

    fn named(&self, root: Root, name: &str) -> Seen<'v> {
        let record = match root {
            Root::Person => Some(self.env.person),
            Root::Fact => self.env.fact,
            Root::Hold => self.env.hold,
        };
        record
            .and_then(|record| record.get(name))
            .map_or(Seen::Null, Seen::from)
    }

    /// A list that is missing has no entries.
    fn reduced(&self, reduce: &'v Reduce) -> Seen<'v> {
        let mut accumulator = self.value(&reduce.start, Step::NONE);
        let Seen::List(list) = self.value(&reduce.list, Step::NONE) else {
            return accumulator;
        };
        for entry in list {
            let step = Step {
                current: entry.into(),
                accumulator,
            };
            accumulator = self.value(&reduce.step, step);
        }
        accumulator
    }

    fn is_ordered(
        &self,
        order: Order,
        a: &'v Expression,
        b: &'v Expression,
        step: Step<'v>,
    ) -> bool {
        match (self.value(a, step), self.value(b, step)) {
            (Seen::Number(a), Seen::Number(b)) => order.is(a.cmp(&b)),
            (Seen::Time(at), Seen::Time(other)) => {
                match (a, b) {
                    (Expression::Now, _) => self.note(order, other),
                    (_, Expression::Now) => self.note(order.turned(), at),
                    _ => (),
                }
                order.is(at.cmp(&other))
            }
            _ => false,
        }
    }

    /// Remember when the answer to how `now` stands to `at` turns, if it still does.
    fn note(&self, order: Order, at: DateTime<Utc>) {
        let turns_at = match order {
            Order::NotBefore | Order::Before => Some(at),
            Order::After | Order::NotAfter => at.trunc_subsecs(3).checked_add_signed(TICK),
        };
        let known = self.changes_at.get();
        let next = turns_at
            .filter(|turn| *turn > self.env.now)
            .into_iter()
            .chain(known)
            .min();
        self.changes_at.set(next);
    }
}

/// What the clock moves by: `after` an instant is from the next tick on.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

fn part_of<'v>(of: Seen<'v>, part: &str) -> Seen<'v> {
    match of {
        Seen::Record(record) => record.get(part).map_or(Seen::Null, Seen::from),
        _ => Seen::Null,
    }
}
