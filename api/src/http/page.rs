//! Keyset paging: a page begins where the last one ended, whatever was added meanwhile.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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
