//! Cases that were over long ago, as rows.

use chrono::{DateTime, Utc};
use entity::{
    complaint, review_breach, review_case, review_contact, review_step,
    values::{CaseId, CaseSubject},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::platform::db::{delete_of, keys_of};

/// Up to `most` cases that were closed before `before`, longest ago first, and about which nobody's complaint is on
/// record. It reads the index of `closed_at`, and nothing that is open.
#[must_use]
pub fn old_cases(before: DateTime<Utc>, most: u64) -> Select<review_case::Entity> {
    use review_case::{Column, Entity};
    let complaint = |column| Expr::col((complaint::Entity, column));
    let about = complaint(complaint::Column::CaseId).equals((Entity, Column::Id));
    let own = complaint(complaint::Column::Id)
        .equals((Entity, Column::SubjectId))
        .and(Expr::col((Entity, Column::Subject)).eq(CaseSubject::Complaint));
    let complained_of = [about, own].map(|which| {
        Query::select()
            .expr(Expr::val(1))
            .from(complaint::Entity)
            .and_where(which)
            .take()
    });
    let [about, own] = complained_of.map(Expr::not_exists);
    Entity::find()
        .filter(Column::ClosedAt.lt(before))
        .filter(about)
        .filter(own)
        .order_by_asc(Column::ClosedAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Forget those of [`old_cases`], with what was done to them, whom that was told, and what was promised and not kept.
/// Returns how many cases there were.
pub(in crate::review) async fn forget(
    db: &impl ConnectionTrait,
    before: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let ids: Vec<CaseId> = keys_of(db, old_cases(before, most), review_case::Column::Id).await?;
    delete_of::<review_step::Entity, _>(db, review_step::Column::CaseId, &ids).await?;
    delete_of::<review_contact::Entity, _>(db, review_contact::Column::CaseId, &ids).await?;
    delete_of::<review_breach::Entity, _>(db, review_breach::Column::CaseId, &ids).await?;
    delete_of::<review_case::Entity, _>(db, review_case::Column::Id, &ids).await
}
