//! The white list.

use entity::{
    organisation,
    values::{Division, OrganisationId, SocialCreditCode},
    work_enterprise::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use crate::platform::db::lies_within;

pub(in crate::work_permits) async fn find(
    db: &impl ConnectionTrait,
    code: &SocialCreditCode,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(code.clone()).one(db).await
}

/// Have an entry to oneself until the transaction ends.
pub(in crate::work_permits) async fn lock(
    tx: &impl ConnectionTrait,
    code: &SocialCreditCode,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(code.clone())
        .lock_exclusive()
        .one(tx)
        .await
}

/// The unit `organisation`, whether it is on the list or not.
pub(in crate::work_permits) async fn unit(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(organisation).one(db).await
}

/// Keep an entry, in place of what stood there.
pub(in crate::work_permits) async fn put(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    let others = [
        Column::ShortName,
        Column::Division,
        Column::Kind,
        Column::Principal,
        Column::ListedFrom,
        Column::ListedUntil,
        Column::ChangedBy,
        Column::ChangedAt,
    ];
    let known = OnConflict::column(Column::CreditCode)
        .update_columns(others)
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Up to `most` entries within `regions`, by their codes, after `after`.
pub(in crate::work_permits) async fn within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    after: Option<SocialCreditCode>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(lies_within(Column::Division, regions))
        .order_by_asc(Column::CreditCode)
        .limit(most);
    if let Some(after) = after {
        query = query.filter(Column::CreditCode.gt(after));
    }
    query.all(db).await
}
