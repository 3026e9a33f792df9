//! Guests as rows.

use chrono::NaiveDate;
use entity::visit_guest;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};
use uuid::Uuid;

use crate::platform::db::inserted;

/// Keep the sealed `words` of the guest `id` of `day`, unless they are kept.
pub(in crate::visits) async fn keep_guest(
    db: &impl ConnectionTrait,
    id: Uuid,
    day: NaiveDate,
    words: Vec<u8>,
) -> Result<(), DbErr> {
    let guest = visit_guest::Model { id, day, words };
    let kept = visit_guest::Entity::insert(guest.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(kept).map(drop)
}
