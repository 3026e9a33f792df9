//! Promises that were not kept.

use chrono::{DateTime, Utc};
use entity::{
    review_breach::{Column, Entity, Model},
    values::Area,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{Since, lies_in};

/// Where a page begins, after `row`.
pub(in super::super) fn since(row: &Model) -> Since {
    Since {
        at: row.booked_at,
        id: row.case_id.0,
        turn: row.turn,
    }
}

/// Up to `most` of those booked in `areas`, the latest first, after `after`.
pub(in super::super) async fn page(
    db: &impl ConnectionTrait,
    areas: &[&Area],
    after: Option<Since>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(lies_in(Column::Area, areas))
        .filter(Condition::all().add_option(after.map(before)))
        .order_by_desc(Column::BookedAt)
        .order_by_desc(Column::CaseId)
        .order_by_desc(Column::Turn)
        .limit(most)
        .all(db)
        .await
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

/// How many were booked in `areas` from `since` on.
pub(in super::super) async fn count(
    db: &impl ConnectionTrait,
    areas: &[&Area],
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(lies_in(Column::Area, areas))
        .filter(Column::BookedAt.gte(since))
        .count(db)
        .await
}
