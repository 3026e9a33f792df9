//! The codes on venues' doors.

use sea_orm::entity::prelude::*;

use crate::values::VenueId;

/// A venue code that was given. A venue has one that counts; those before it are known as replaced.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "venue_code")]
pub struct Model {
    /// Its 12 random bytes in base64url.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// On whose door.
    pub venue_id: VenueId,
    /// The venue, while the code counts: one each.
    #[sea_orm(unique)]
    pub current_of: Option<VenueId>,
    /// Since when.
    pub created_at: DateTimeUtc,
    /// When another one took its place, or the venue closed.
    pub ended_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
