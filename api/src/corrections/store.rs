//! Corrections as rows.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use entity::{
    correction::{ActiveModel, Column, Entity, Model},
    values::{CorrectionId, CorrectionState, Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::{http::page, platform::db::lies_within};

/// Where a page of corrections begins: after this instant, and among those of one instant after this
/// id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    at: DateTime<Utc>,
    id: CorrectionId,
}

impl Place {
    pub(super) fn by_filing(row: &Model) -> Self {
        Self {
            at: row.filed_at,
            id: row.id,
        }
    }

    pub(super) fn by_due_time(row: &Model) -> Self {
        Self {
            at: row.due_at,
            id: row.id,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.timestamp_micros(), self.id)
    }
}

/// Not what a page gave as `next`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at, id) = text.split_once('_').ok_or(NoPlace)?;
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
        let at = at.and_then(page::instant);
        let id: Uuid = id.parse().map_err(|_| NoPlace)?;
        Ok(Self {
            at: at.ok_or(NoPlace)?,
            id: CorrectionId(id),
        })
    }
}

pub(super) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Whether a correction of `record` of `person` waits for a decision.
pub(super) async fn is_open(
    db: &impl ConnectionTrait,
    person: PersonId,
    record: &str,
) -> Result<bool, DbErr> {
    let open = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Record.eq(record))
        .filter(Column::State.eq(CorrectionState::Open))
        .one(db)
        .await?;
    Ok(open.is_some())
}

/// How many wait for a decision: all, or those that were due before `before`.
pub(super) async fn count_open(
    db: &impl ConnectionTrait,
    before: Option<DateTime<Utc>>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::State.eq(CorrectionState::Open))
        .apply_if(before, |open, before| open.filter(Column::DueAt.lt(before)))
        .count(db)
        .await
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: CorrectionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// What was filed about `person`, newest first, after `after`.
pub(super) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|Place { at, id }| {
        let same = Condition::all()
            .add(Column::FiledAt.eq(at))
            .add(Column::Id.lt(id));
        Condition::any().add(Column::FiledAt.lt(at)).add(same)
    });
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::FiledAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// One of those that somebody of `regions` deals with.
pub(super) async fn find_within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    id: CorrectionId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(within(regions)).one(db).await
}

/// What waits for somebody of `regions`, what is due first first, after `after`.
pub(super) async fn open_within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let later = after.map(|Place { at, id }| {
        let same = Condition::all()
            .add(Column::DueAt.eq(at))
            .add(Column::Id.gt(id));
        Condition::any().add(Column::DueAt.gt(at)).add(same)
    });
    Entity::find()
        .filter(Column::State.eq(CorrectionState::Open))
        .filter(within(regions))
        .apply_if(later, QueryFilter::filter)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Where the person lives, or whose data the record is, lies in one of `regions`.
fn within(regions: &[&Division]) -> Condition {
    Condition::any()
        .add(lies_within(Column::Division, regions))
        .add(lies_within(Column::Origin, regions))
}

/// Keep what was `decided` on a correction that nobody decided on yet. `true` if this call did.
pub(super) async fn decide(db: &impl ConnectionTrait, decided: &Model) -> Result<bool, DbErr> {
    let decision = ActiveModel {
        state: Set(decided.state),
        decided_at: Set(decided.decided_at),
        decided_by: Set(decided.decided_by),
        refusal: Set(decided.refusal),
        answer: Set(decided.answer.clone()),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(decision)
        .filter(Column::Id.eq(decided.id))
        .filter(Column::State.eq(CorrectionState::Open))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_fits_its_parameter() {
        let place = Place {
            at: DateTime::<Utc>::MAX_UTC,
            id: CorrectionId(Uuid::max()),
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
