//! Marks of false declarations as rows.

use chrono::{DateTime, Utc};
use entity::{
    pass_false_mark::{ActiveModel, Column, Entity, Model},
    review_contact,
    values::{CaseId, ContactId, FalseMarkId, PassApplicationId, PersonId, StaffId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// The contact `id`, if it is of the case.
pub(in crate::pass_cards) async fn contact(
    db: &impl ConnectionTrait,
    case: CaseId,
    id: ContactId,
) -> Result<Option<review_contact::Model>, DbErr> {
    review_contact::Entity::find_by_id(id)
        .filter(review_contact::Column::CaseId.eq(case))
        .one(db)
        .await
}

/// Keep a mark. `false` if one stands on the application.
pub(in crate::pass_cards) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<bool, DbErr> {
    let one_stands = OnConflict::column(Column::StandingOn)
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(one_stands)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// The mark that stands on the application, if one does.
pub(in crate::pass_cards) async fn standing_on(
    db: &impl ConnectionTrait,
    application: PassApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::StandingOn.eq(application))
        .one(db)
        .await
}

/// Every mark that was made on the application, in order.
pub(in crate::pass_cards) async fn on(
    db: &impl ConnectionTrait,
    application: PassApplicationId,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::ApplicationId.eq(application))
        .order_by_asc(Column::MarkedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Whether a mark stands on any application for `person`.
pub(in crate::pass_cards) async fn stands_for(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<bool, DbErr> {
    let standing = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::StandingOn.is_not_null())
        .count(db)
        .await?;
    Ok(standing > 0)
}

/// Take the mark `id` back. `false` if it was taken back meanwhile.
pub(in crate::pass_cards) async fn lift(
    db: &impl ConnectionTrait,
    id: FalseMarkId,
    by: StaffId,
    because: Vec<u8>,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let lifted = ActiveModel {
        standing_on: Set(None),
        lifted_at: Set(Some(at)),
        lifted_by: Set(Some(by)),
        lifted_because: Set(Some(because)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(lifted)
        .filter(Column::Id.eq(id))
        .filter(Column::StandingOn.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
