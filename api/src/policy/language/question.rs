//! A condition as a question to a table: what is left of it once the time is known.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Logic, Value,
    expression::{Expression, Order, Root},
};

/// A question about one person, for whoever counts people without looking at each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Yes or no, whoever it is.
    Always(bool),
    /// Whether it is so.
    Is(&'static str),
    /// Whether it is known.
    Known(&'static str),
    /// Whether it is known and stands so to an instant.
    Compares(&'static str, Comparison, DateTime<Utc>),
    /// Whether each is so.
    All(Vec<Question>),
    /// Whether any is so.
    Any(Vec<Question>),
    /// Whether it is not so.
    Not(Box<Question>),
}

/// How an instant of somebody stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Later.
    After,
    /// Later or the same.
    NotBefore,
    /// Earlier.
    Before,
    /// Earlier or the same.
    NotAfter,
}

impl Logic {
    /// What this condition asks about a person at `now`, if that can be said with single names of the
    /// person: none of a fact or a hold, no list, nothing counted.
    #[must_use]
    pub fn question(&self, now: DateTime<Utc>) -> Option<Question> {
        asked(&self.expression, now)
    }
}

fn asked(expression: &Expression, now: DateTime<Utc>) -> Option<Question> {
    let all_of = |parts: &[Expression]| {
        let parts = parts.iter().map(|part| asked(part, now));
        parts.collect::<Option<Vec<_>>>()
    };
    Some(match expression {
        Expression::Literal(value) => Question::Always(*value == Value::Bool(true)),
        Expression::Name(Root::Person, name) => Question::Is(name),
        Expression::All(parts) => Question::All(all_of(parts)?),
        Expression::Any(parts) => Question::Any(all_of(parts)?),
        Expression::If(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let (condition, then) = (asked(condition, now)?, asked(then, now)?);
            let otherwise = asked(otherwise, now)?;
            Question::Any(vec![
                Question::All(vec![condition.clone(), then]),
                Question::All(vec![not(condition), otherwise]),
            ])
        }
        Expression::Lacks(part) => not(match part.as_ref() {
            // Of an instant: whether it is known. What is no instant is asked for as a condition.
            Expression::Name(Root::Person, name) if is_instant(name) => Question::Known(name),
            other => asked(other, now)?,
        }),
        Expression::Ordered(order, parts) => {
            let pairs = parts.iter().zip(parts.iter().skip(1));
            let asked = pairs.map(|(a, b)| compared(*order, &instant(a, now)?, &instant(b, now)?));
            Question::All(asked.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}

fn not(question: Question) -> Question {
    Question::Not(Box::new(question))
}

fn is_instant(name: &str) -> bool {
    super::super::vocabulary::find(super::super::vocabulary::PERSON, name)
        .is_some_and(|field| field.kind == super::Type::Time)
}

/// An instant that is known, or one of the person's moved by some time.
enum Instant {
    At(DateTime<Utc>),
    Of(&'static str, TimeDelta),
}

fn instant(expression: &Expression, now: DateTime<Utc>) -> Option<Instant> {
    match expression {
        Expression::Now => Some(Instant::At(now)),
        Expression::Literal(Value::Time(at)) => Some(Instant::At(*at)),
        Expression::Name(Root::Person, name) => Some(Instant::Of(name, TimeDelta::zero())),
        Expression::Moved(from, by) => Some(match instant(from, now)? {
            Instant::At(at) => Instant::At(at.checked_add_signed(*by)?),
            Instant::Of(name, moved) => Instant::Of(name, moved.checked_add(by)?),
        }),
        _ => None,
    }
}

fn compared(order: Order, a: &Instant, b: &Instant) -> Option<Question> {
    match (a, b) {
        (Instant::At(a), Instant::At(b)) => Some(Question::Always(order.is(a.cmp(b)))),
        (Instant::Of(name, moved), Instant::At(at)) => {
            let at = at.checked_sub_signed(*moved)?;
            Some(Question::Compares(name, order.into(), at))
        }
        (Instant::At(_), Instant::Of(..)) => compared(order.turned(), b, a),
        (Instant::Of(..), Instant::Of(..)) => None,
    }
}

impl From<Order> for Comparison {
    fn from(order: Order) -> Self {
        match order {
            Order::After => Self::After,
            Order::NotBefore => Self::NotBefore,
            Order::Before => Self::Before,
            Order::NotAfter => Self::NotAfter,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Env, Record};
    use super::*;
    use crate::policy::vocabulary::{About, Scope};

    const SCOPE: Scope = Scope {
        about: About::Person,
        hold: false,
    };

    fn logic(json: &serde_json::Value) -> Logic {
        Logic::condition(json, SCOPE).unwrap()
    }

    fn at(hours: i64) -> DateTime<Utc> {
        "2026-03-02T04:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
    }

    /// The answer for somebody, as whoever counts would give it.
    fn answer(question: &Question, person: &Record) -> bool {
        let time = |name: &str| match person.get(name) {
            Some(Value::Time(at)) => Some(*at),
            _ => None,
        };
        match question {
            Question::Always(answer) => *answer,
            Question::Is(name) => person.get(name) == Some(&Value::Bool(true)),
            Question::Known(name) => time(name).is_some(),
            Question::Compares(name, comparison, with) => {
                time(name).is_some_and(|at| match comparison {
                    Comparison::After => at > *with,
                    Comparison::NotBefore => at >= *with,
                    Comparison::Before => at < *with,
                    Comparison::NotAfter => at <= *with,
                })
            }
            Question::All(parts) => parts.iter().all(|part| answer(part, person)),
            Question::Any(parts) => parts.iter().any(|part| answer(part, person)),
            Question::Not(part) => !answer(part, person),
        }
    }

    fn conditions() -> Vec<serde_json::Value> {
        let stale = json!({"not-before": [
            {"var": "now"}, {"plusTime": [{"var": "person.record_day"}, 3, "hour"]},
        ]});
        let untested = json!({"or": [
            {"!": [{"var": "person.last_negative_at"}]},
            {"after": [{"var": "now"}, {"plusTime": [{"var": "person.last_negative_at"}, 2, "hour"]}]},
        ]});
        vec![
            stale.clone(),
            untested.clone(),
            json!({"and": [{"!": [stale]}, untested]}),
            json!({"if": [{"var": "person.unwell"}, untested, stale]}),
            json!({"!": [{"var": "person.unwell"}]}),
            json!({"before": [
                {"plusTime": [{"var": "person.record_at"}, 1, "hour"]},
                {"var": "now"},
            ]}),
        ]
    }

    proptest! {
        #[test]
        fn the_question_is_answered_as_the_condition_is(
            which in 0..6_usize,
            now in -4..4_i64,
            record in prop::option::of(-6..6_i64),
            negative in prop::option::of(-6..6_i64),
            unwell in prop::option::of(any::<bool>()),
        ) {
            let person = Record::from([
                ("record_at", Value::from(record.map(at))),
                ("record_day", record.map(at).into()),
                ("last_negative_at", negative.map(at).into()),
                ("unwell", unwell.into()),
            ]);
            let logic = logic(&conditions()[which]);
            let env = Env { person: &person, fact: None, hold: None, now: at(now) };
            let question = logic.question(at(now)).unwrap();
            prop_assert_eq!(answer(&question, &person), logic.holds(&env).value);
        }
    }

    #[test]
    fn what_needs_a_list_a_count_or_two_instants_of_somebody_is_no_question() {
        for beyond in [
            json!({">": [{"reduce": [
                {"var": "person.report_days"}, {"+": [{"var": "accumulator"}, 1]}, 0,
            ]}, 3]}),
            json!({"before": [{"var": "person.record_at"}, {"var": "person.last_negative_at"}]}),
        ] {
            assert_eq!(logic(&beyond).question(at(0)), None, "{beyond}");
        }
    }
}
