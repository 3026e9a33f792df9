//! Promises that were not kept.

use chrono::{DateTime, Utc};
use entity::review_breach::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{super::rules::Watch, Since, any_of, lies_in};

/// Where a page begins, after `row`.
pub(in super::super) fn since(row: &Model) -> Since {
    Since {
        at: row.booked_at,
        id: row.case_id.0,
        turn: row.turn,
    }
}

/// Up to `most` of those that `watches` see, the latest first, after `after`.
pub(in super::super) async fn page(
    db: &impl ConnectionTrait,
    watches: &[Watch<'_>],
    after: Option<Since>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(seen_by(watches))
        .filter(Condition::all().add_option(after.map(before)))
        .order_by_desc(Column::BookedAt)
        .order_by_desc(Column::CaseId)
        .order_by_desc(Column::Turn)
        .limit(most)
        .all(db)
        .await
}

/// The same as of cases: what others decide only reviewers around it see.
fn seen_by(watches: &[Watch<'_>]) -> Condition {
    any_of(watches.iter().map(|watch| {
        let role = watch.role.map(|role| Column::Decider.eq(role));
        lies_in(Column::Area, watch.area).add_option(role)
    }))
}

fn before(Since { at, id, turn }: Since) -> Condition {
    let same_case = Condition::all()
        .add(Column::CaseId.eq(id))
        .add(Column::Turn.lt(turn));
    let same_time = Condition::all()
        .add(Column::BookedAt.eq(at))
        .add(Condition::any().add(Column::CaseId.lt(id)).add(same_case));
    Condition::any().add(Column::BookedAt.lt(at)).add(same_time)
}

/// How many that `watches` see were booked from `since` on.
pub(in super::super) async fn count(
    db: &impl ConnectionTrait,
    watches: &[Watch<'_>],
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(seen_by(watches))
        .filter(Column::BookedAt.gte(since))
        .count(db)
        .await
}
