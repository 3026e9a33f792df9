//! Codes as rows.

use chrono::{DateTime, Utc};
use entity::{values::VenueId, venue, venue_code};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType,
    QueryFilter, QuerySelect, RelationDef,
};

use crate::venues::rules::CodeId;

/// A code that was given, with its venue.
pub(in crate::venues) async fn code_with_venue(
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
pub(in crate::venues) async fn venue_with_code(
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

/// The codes of `venues` that count, in no order.
pub(in crate::venues) async fn codes_of(
    db: &impl ConnectionTrait,
    venues: Vec<VenueId>,
) -> Result<Vec<venue_code::Model>, DbErr> {
    venue_code::Entity::find()
        .filter(venue_code::Column::CurrentOf.is_in(venues))
        .all(db)
        .await
}

/// Give `venue` the code `id`.
pub(in crate::venues) async fn give(
    db: &impl ConnectionTrait,
    venue: VenueId,
    id: CodeId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = venue_code::Model {
        id: id.text(),
        venue_id: venue,
        current_of: Some(venue),
        created_at: at,
        ended_at: None,
    };
    venue_code::Entity::insert(venue_code::ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Let the code of `venue` count no more.
pub(in crate::venues) async fn end(
    db: &impl ConnectionTrait,
    venue: VenueId,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let ended = venue_code::ActiveModel {
        current_of: Set(None),
        ended_at: Set(Some(at)),
        ..Default::default()
    };
    venue_code::Entity::update_many()
        .set(ended)
        .filter(venue_code::Column::CurrentOf.eq(venue))
        .exec(db)
        .await
        .map(drop)
}
