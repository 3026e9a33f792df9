//! Communities that roles are held for.

use entity::{
    community::{Column, Entity},
    values::Community,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

/// Whether people apply in `community`: it is in the directory and not closed.
pub(in crate::staff) async fn is_open(
    db: &impl ConnectionTrait,
    community: &Community,
) -> Result<bool, DbErr> {
    let open = Entity::find_by_id(community.clone()).filter(Column::ClosedAt.is_null());
    Ok(open.count(db).await? == 1)
}
