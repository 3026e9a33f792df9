//! Health pass cards.

use sea_orm::entity::prelude::*;

use crate::values::{
    Community, Division, PassApplicationId, PassCardId, PassCardReplacement, PassCardState,
    PassCardVoid, PersonId, StatusIndex,
};

/// A card. Whether it counts at this moment follows from it and from the holder's colour, which no
/// column here says.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pass_card")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PassCardId,
    /// The application that it was issued on.
    #[sea_orm(indexed)]
    pub application_id: PassApplicationId,
    /// Whose.
    pub person_id: PersonId,
    /// The county or district that issued it.
    pub division: Division,
    /// The community that did.
    pub community: Community,
    /// Counts cards from 1: the end of its number.
    #[sea_orm(unique)]
    pub serial: i64,
    /// The holder, while it is the one that they have: one card each.
    #[sea_orm(unique)]
    pub current_of: Option<PersonId>,
    /// How it stands, whatever the holder's colour is.
    pub state: PassCardState,
    /// When it was issued.
    pub issued_at: DateTimeUtc,
    /// Whether the clock issued it (P5).
    pub by_clock: bool,
    /// Since when its days run. None while the holder is observed.
    pub valid_from: Option<DateTimeUtc>,
    /// When its days are over.
    pub valid_until: Option<DateTimeUtc>,
    /// When a sweep looks at it: to remind its holder, and then to end it.
    pub due_at: Option<DateTimeUtc>,
    /// Why it was given in place of another, where it was.
    pub replacement: Option<PassCardReplacement>,
    /// When it ended before its time.
    pub voided_at: Option<DateTimeUtc>,
    /// Why.
    pub void: Option<PassCardVoid>,
    /// The card in its place.
    pub superseded_by: Option<PassCardId>,
    /// Its place in the lists of permits. None before its days run.
    #[sea_orm(unique)]
    pub status_index: Option<StatusIndex>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
