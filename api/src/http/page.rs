//! Keyset paging: a page begins where the last one ended, whatever was added meanwhile.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Utc};
use sea_orm::{ColumnTrait, Condition};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::problem::{FieldFault, INVALID_REQUEST, Problem, Text};

/// Which page.
#[derive(Debug, Clone, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: u64,
}

/// Entries of a page where nobody asks for another number.
#[must_use]
pub const fn usual() -> u64 {
    20
}

/// Where the page begins that `after` asks for, which was the `next` of the one before.
pub fn key<T: FromStr>(after: Option<&str>) -> Result<Option<T>, Problem> {
    let unreadable = |_| {
        let message = Text::new("不是上一页给出的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    };
    let key = after.map(str::parse).transpose();
    key.map_err(unreadable)
}

/// `at`, which a key says, if every store can compare with it. Nothing happened outside of these
/// years, so no page ever gave such a key.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1970..=9999).contains(&at.year()).then_some(at)
}

/// The instant that so many microseconds after the epoch are, as a key says it.
#[must_use]
pub fn micros(text: &str) -> Option<DateTime<Utc>> {
    let at = text.parse().ok().and_then(DateTime::from_timestamp_micros);
    at.and_then(instant)
}

/// Where a page begins of rows that come in the order of an instant, and of an id among those of one
/// instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The instant of the last row before it.
    pub at: DateTime<Utc>,
    /// Its id.
    pub id: Uuid,
}

impl Place {
    /// What follows where the newest come first.
    pub fn older<C: ColumnTrait>(self, at: C, id: C) -> Condition {
        let same = Condition::all().add(at.eq(self.at)).add(id.lt(self.id));
        Condition::any().add(at.lt(self.at)).add(same)
    }

    /// What follows where the oldest come first.
    pub fn later<C: ColumnTrait>(self, at: C, id: C) -> Condition {
        let same = Condition::all().add(at.eq(self.at)).add(id.gt(self.id));
        Condition::any().add(at.gt(self.at)).add(same)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.timestamp_micros(), self.id)
    }
}

/// Not what a page gave as `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('_').ok_or(NoPlace)?;
        Ok(Self {
            at: micros(at).ok_or(NoPlace)?,
            id: id.parse().map_err(|_| NoPlace)?,
        })
    }
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries, newest first.
    pub items: Vec<T>,
    /// Where the next page begins. Absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The first `limit` of `items`, of which one more than that was asked for. `key` says where the
    /// page after an entry begins.
    pub fn cut(mut items: Vec<T>, limit: u64, key: impl FnOnce(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(key);
        Self { items, next }
    }

    /// The same page of what `view` makes of its entries.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(view).collect(),
            next: self.next,
        }
    }

    /// The same page of what `view` makes of its entries, if it can of all of them.
    pub fn try_map<U, E>(self, view: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        Ok(Page {
            items: self.items.into_iter().map(view).collect::<Result<_, _>>()?,
            next: self.next,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_fits_its_parameter() {
        let place = Place {
            at: DateTime::<Utc>::MAX_UTC,
            id: Uuid::max(),
        };
        assert!(place.to_string().len() <= 64);
        let place = Place {
            at: "2026-03-02T04:00:00.123456Z".parse().unwrap(),
            ..place
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        let far = "-8000000000000000000_0195a1b2-0000-4000-8000-00000000000a";
        for text in ["", "_", "1_", "x_7", "99999999999999999999_7", far] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
