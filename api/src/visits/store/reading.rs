//! Reading what was written down.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{Colour, VenueId},
    venue_hour,
    visit::{Column, Entity, Model},
    visit_guest,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

/// Visits of `venue` on `days` that began from `from` until `until`, in the order in which they did.
pub(in crate::visits) async fn visits_of(
    db: &impl ConnectionTrait,
    venue: VenueId,
    days: RangeInclusive<NaiveDate>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Day.between(*days.start(), *days.end()))
        .filter(Column::VenueId.eq(venue))
        .filter(Column::At.between(from, until))
        .order_by_asc(Column::At)
        .all(db)
        .await
}

/// Which visits of a venue and a day.
#[derive(Debug, Clone, Copy)]
pub(in crate::visits) struct Page {
    pub(in crate::visits) venue: VenueId,
    pub(in crate::visits) day: NaiveDate,
    pub(in crate::visits) colour: Option<Colour>,
    /// Before the one that came then.
    pub(in crate::visits) before: Option<(DateTime<Utc>, Uuid)>,
    pub(in crate::visits) limit: u64,
}

/// A page of visits, newest first.
pub(in crate::visits) async fn page_of(
    db: &impl ConnectionTrait,
    page: Page,
) -> Result<Vec<Model>, DbErr> {
    let mut visits = Entity::find()
        .filter(Column::Day.eq(page.day))
        .filter(Column::VenueId.eq(page.venue));
    if let Some(colour) = page.colour {
        visits = visits.filter(Column::Colour.eq(colour));
    }
    if let Some((at, subject)) = page.before {
        let same = Condition::all()
            .add(Column::At.eq(at))
            .add(Column::Subject.lt(subject));
        visits = visits.filter(Condition::any().add(Column::At.lt(at)).add(same));
    }
    visits
        .order_by_desc(Column::At)
        .order_by_desc(Column::Subject)
        .limit(page.limit)
        .all(db)
        .await
}

/// What was counted of `venue` on `days`, hour by hour.
pub(in crate::visits) async fn hours(
    db: &impl ConnectionTrait,
    venue: VenueId,
    days: RangeInclusive<NaiveDate>,
) -> Result<Vec<venue_hour::Model>, DbErr> {
    venue_hour::Entity::find()
        .filter(venue_hour::Column::Day.between(*days.start(), *days.end()))
        .filter(venue_hour::Column::VenueId.eq(venue))
        .order_by_asc(venue_hour::Column::Day)
        .order_by_asc(venue_hour::Column::Hour)
        .all(db)
        .await
}

/// Those of `ids` who are guests.
pub(in crate::visits) async fn guests(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<visit_guest::Model>, DbErr> {
    visit_guest::Entity::find()
        .filter(visit_guest::Column::Id.is_in(ids))
        .all(db)
        .await
}
