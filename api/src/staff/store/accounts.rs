//! Accounts.

use entity::{
    staff_account::{Entity, Model},
    values::StaffId,
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

pub(in crate::staff) async fn find(
    db: &impl ConnectionTrait,
    id: StaffId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}
