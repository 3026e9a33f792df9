//! Promises that were not kept.

use chrono::{DateTime, Utc};
use entity::{
    review_breach::{Column, Entity, Model},
    review_case,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};

use super::{
    super::rules::{Held, Watch},
    Since, any_of,
    cases::about,
    lies_in,
};

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
    held: &[Held],
    after: Option<Since>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    page_statement(watches, held, after, most).all(db).await
}

/// The statement of [`page`].
pub(in super::super) fn page_statement(
    watches: &[Watch<'_>],
    held: &[Held],
    after: Option<Since>,
    most: u64,
) -> Select<Entity> {
    seen_by(watches, held)
        .filter(Condition::all().add_option(after.map(before)))
        .order_by_desc(Column::BookedAt)
        .order_by_desc(Column::CaseId)
        .order_by_desc(Column::Turn)
        .limit(most)
}

/// The same as of cases: what others decide only reviewers around it see, and what is about their own doing
/// nobody who has or had one of the posts `held`.
fn seen_by(watches: &[Watch<'_>], held: &[Held]) -> Select<Entity> {
    let around = any_of(watches.iter().map(|watch| {
        let role = watch.role.map(|role| Column::Decider.eq(role));
        lies_in(Column::Area, watch.area)
            .add_option(role)
            .add_option(is_about(watch.held).map(ExprTrait::not))
    }));
    Entity::find()
        .filter(around)
        .filter(Condition::all().add_option(is_about(held).map(ExprTrait::not)))
}

/// That it is of a case about what was done at one of the posts `held`. `None` if there are none.
fn is_about(held: &[Held]) -> Option<SimpleExpr> {
    let mut of_case = Query::select();
    of_case
        .expr(Expr::value(1))
        .from(review_case::Entity)
        .and_where(
            Expr::col((review_case::Entity, review_case::Column::Id))
                .equals((Entity, Column::CaseId)),
        )
        .cond_where(about(held)?);
    Some(Expr::exists(of_case))
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

/// How many that `watches` see and that stand were booked from `since` on.
pub(in super::super) async fn count(
    db: &impl ConnectionTrait,
    watches: &[Watch<'_>],
    held: &[Held],
    since: DateTime<Utc>,
) -> Result<u64, DbErr> {
    seen_by(watches, held)
        .filter(Column::BookedAt.gte(since))
        .filter(Column::CorrectedAt.is_null())
        .count(db)
        .await
}
