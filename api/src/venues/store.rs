//! Venues, applications and codes as rows.

use entity::{values::VenueId, venue, venue_code};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, JoinType, QuerySelect, RelationDef};

use super::rules::CodeId;

/// A code that was given, with its venue.
pub(super) async fn code_with_venue(
    db: &impl ConnectionTrait,
    id: CodeId,
) -> Result<Option<(venue_code::Model, venue::Model)>, DbErr> {
    let venue: RelationDef = venue_code::Entity::belongs_to(venue::Entity)
        .from(venue_code::Column::VenueId)
        .to(venue::Column::Id)
        .into();
    let found = venue_code::Entity::find_by_id(id.text())
        .join(JoinType::InnerJoin, venue)
        .select_also(venue::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(code, venue)| Some((code, venue?))))
}

/// A venue with the code that counts, if one does.
pub(super) async fn venue_with_code(
    db: &impl ConnectionTrait,
    id: VenueId,
) -> Result<Option<(venue::Model, Option<venue_code::Model>)>, DbErr> {
    let code: RelationDef = venue::Entity::belongs_to(venue_code::Entity)
        .from(venue::Column::Id)
        .to(venue_code::Column::CurrentOf)
        .into();
    venue::Entity::find_by_id(id)
        .join(JoinType::LeftJoin, code)
        .select_also(venue_code::Entity)
        .one(db)
        .await
}
