//! Queries.

pub(super) mod breaches;
pub(super) mod cases;
pub(super) mod delegations;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use entity::values::Area;
use sea_orm::{ColumnTrait, Condition, sea_query::Expr};
use uuid::Uuid;

use crate::http::page::{self, NoPlace};

/// That one of `conditions` holds. None does if there are none: that is said only then, since a parameter
/// among them keeps a database from its index.
fn any_of(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let any = conditions
        .into_iter()
        .fold(None, |any: Option<Condition>, one| {
            Some(any.unwrap_or_else(Condition::any).add(one))
        });
    any.unwrap_or_else(|| Condition::all().add(Expr::value(false)))
}

/// That the area in `column` is `area` or lies in it.
///
/// Bounds rather than a pattern, which every database answers from an index. Codes are digits alone,
/// so that every collation puts them in one order.
fn lies_in(column: impl ColumnTrait, area: &Area) -> Condition {
    let stem = area.stem();
    if area.community().is_some() {
        return Condition::all().add(column.eq(stem));
    }
    Condition::all()
        .add(column.gte(stem))
        .add(column.lte(format!("{stem:9<12}")))
}

/// Where a page of what has a time begins: after this one, and among those of one time after this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    pub(super) at: DateTime<Utc>,
    pub(super) id: Uuid,
    /// Among those with one id, after this number.
    pub(super) turn: i64,
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.timestamp_micros();
        write!(f, "{at}_{}_{}", self.id.simple(), self.turn)
    }
}

impl FromStr for Since {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, rest) = text.split_once('_').ok_or(NoPlace)?;
        let (id, turn) = rest.split_once('_').ok_or(NoPlace)?;
        Ok(Self {
            at: page::micros(at).ok_or(NoPlace)?,
            id: id.parse().map_err(|_| NoPlace)?,
            turn: turn.parse().map_err(|_| NoPlace)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_fits_its_parameter() {
        let place = Since {
            at: "9999-12-31T23:59:59.999999Z".parse().unwrap(),
            id: Uuid::max(),
            turn: 99_999_999,
        };
        assert!(place.to_string().len() <= 64, "{place}");
        assert_eq!(place.to_string().parse(), Ok(place));
        for text in [
            "",
            "_",
            "1_2",
            "x_7_1",
            "-8000000000000000000_0195a1b2000040008000_1",
        ] {
            assert_eq!(text.parse::<Since>(), Err(NoPlace), "{text}");
        }
    }
}
