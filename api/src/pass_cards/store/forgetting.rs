//! Applications that were over long ago, with their cards and marks, as rows.

use chrono::{DateTime, Utc};
use entity::{
    complaint,
    pass_application::{Column, Entity},
    pass_card, pass_false_mark, review_case,
    values::{CaseSubject, PassApplicationId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use crate::platform::db::{delete_of, keys_of};

/// From before when applications, cards and marks may go.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What was decided, ended or taken back before.
    pub passes: DateTime<Utc>,
    /// A mark that stands and was made before: until then the next application is decided by a person because of it.
    pub marks: DateTime<Utc>,
}

/// Up to `most` applications that were decided on before, longest ago first, and whose cards and marks are all as long
/// over. It reads the index of `closed_at`, and nothing that is younger.
///
/// What an open complaint is about stays.
#[must_use]
pub fn old_applications(before: Limits, most: u64) -> Select<Entity> {
    Entity::find()
        .filter(Column::ClosedAt.lt(before.passes))
        .filter(Expr::not_exists(card_since(before.passes)))
        .filter(Expr::not_exists(mark_since(before)))
        .filter(Expr::not_exists(open_complaint()))
        .order_by_asc(Column::ClosedAt)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Cards on the application that somebody has, or that ended at `since` or later.
fn card_since(since: DateTime<Utc>) -> SelectStatement {
    use pass_card::{Column as Card, Entity as Cards};
    let of = |column| Expr::col((Cards, column));
    let runs = Condition::any()
        .add(of(Card::ValidUntil).is_null())
        .add(of(Card::ValidUntil).gte(since));
    let by_itself = Condition::all().add(of(Card::VoidedAt).is_null()).add(runs);
    let counts = Condition::any()
        .add(of(Card::CurrentOf).is_not_null())
        .add(of(Card::VoidedAt).gte(since))
        .add(by_itself);
    Query::select()
        .expr(Expr::val(1))
        .from(Cards)
        .and_where(of(Card::ApplicationId).equals((Entity, Column::Id)))
        .cond_where(counts)
        .take()
}

/// Marks on the application that stand and are not old, or were taken back lately.
fn mark_since(before: Limits) -> SelectStatement {
    use pass_false_mark::{Column as Mark, Entity as Marks};
    let of = |column| Expr::col((Marks, column));
    let stands = Condition::all()
        .add(of(Mark::StandingOn).is_not_null())
        .add(of(Mark::MarkedAt).gte(before.marks));
    let counts = Condition::any()
        .add(stands)
        .add(of(Mark::LiftedAt).gte(before.passes));
    Query::select()
        .expr(Expr::val(1))
        .from(Marks)
        .and_where(of(Mark::ApplicationId).equals((Entity, Column::Id)))
        .cond_where(counts)
        .take()
}

/// Complaints about the case of the application that wait for an answer.
fn open_complaint() -> SelectStatement {
    use complaint::{Column as Complaint, Entity as Complaints};
    use review_case::{Column as Case, Entity as Cases};
    Query::select()
        .expr(Expr::val(1))
        .from(Cases)
        .inner_join(
            Complaints,
            Expr::col((Complaints, Complaint::CaseId)).equals((Cases, Case::Id)),
        )
        .and_where(Expr::col((Cases, Case::Subject)).eq(CaseSubject::PassCard))
        .and_where(Expr::col((Cases, Case::SubjectId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Complaints, Complaint::ClosedAt)).is_null())
        .take()
}

/// Forget those of [`old_applications`], with their cards and marks. Returns how many applications there were.
pub(in crate::pass_cards) async fn forget(
    db: &impl ConnectionTrait,
    before: Limits,
    most: u64,
) -> Result<u64, DbErr> {
    let ids: Vec<PassApplicationId> =
        keys_of(db, old_applications(before, most), Column::Id).await?;
    delete_of::<pass_false_mark::Entity, _>(db, pass_false_mark::Column::ApplicationId, &ids)
        .await?;
    delete_of::<pass_card::Entity, _>(db, pass_card::Column::ApplicationId, &ids).await?;
    delete_of::<Entity, _>(db, Column::Id, &ids).await
}
