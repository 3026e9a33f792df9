//! What logic reads and yields.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

/// A value. There are no fractions: policy counts days, tests and reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Missing. Nothing that is asked of it is satisfied.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A count.
    Number(i64),
    /// A word, such as a result.
    Text(Cow<'static, str>),
    /// An instant.
    Time(DateTime<Utc>),
    /// Several of one kind. Only the first [`super::LONGEST_LIST`] count.
    List(Vec<Value>),
    /// Something with named parts.
    Record(Record),
}

/// Named values, as [`crate::policy::vocabulary`] lists them. A name that is absent is missing data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record(Vec<(&'static str, Value)>);

impl Record {
    /// A record without names.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What `name` holds.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Give `name` a value, in place of the one that it had.
    pub fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, held)) => *held = value,
            None => self.0.push((name, value)),
        }
    }

    /// The record with `value` for `name`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }
}

impl<V: Into<Value>, const N: usize> From<[(&'static str, V); N]> for Record {
    fn from(named: [(&'static str, V); N]) -> Self {
        named.into_iter().collect()
    }
}

impl<V: Into<Value>> FromIterator<(&'static str, V)> for Record {
    fn from_iter<I: IntoIterator<Item = (&'static str, V)>>(named: I) -> Self {
        let mut record = Self::new();
        for (name, value) in named {
            record.set(name, value);
        }
        record
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Time(value)
    }
}

impl From<Record> for Value {
    fn from(value: Record) -> Self {
        Self::Record(value)
    }
}

impl<V: Into<Self>> From<Vec<V>> for Value {
    fn from(values: Vec<V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
