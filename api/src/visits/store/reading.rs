//! Reading what was written down.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::{Colour, VenueId},
    visit::{Column, Entity, Model},
    visit_guest,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, sea_query::Expr,
};
use uuid::Uuid;

/// Visits read at a time: few enough for one statement, however many came.
const READ_AT_ONCE: u64 = 2_000;

/// Visits of `venue` on `days` that began from `from` until `until`, in the order in which they did.
pub(in crate::visits) async fn visits_of(
    db: &impl ConnectionTrait,
    venue: VenueId,
    days: RangeInclusive<NaiveDate>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let mut found = Vec::new();
    for day in days.start().iter_days().take_while(|day| day <= days.end()) {
        let mut last = None;
        loop {
            let visits = Entity::find()
                .filter(Column::Day.eq(day))
                .filter(Column::VenueId.eq(venue))
                .filter(Column::At.between(from, until));
            let visits = next(visits, last).all(db).await?;
            let Some(end) = visits.last() else { break };
            last = Some((end.subject, end.slot));
            found.extend(visits);
        }
    }
    found.sort_by_key(|visit| (visit.at, visit.subject));
    Ok(found)
}

/// Those of `visits`, which are of one venue and day, that come next after `last` by the order of their keys.
fn next(visits: Select<Entity>, last: Option<(Uuid, i32)>) -> Select<Entity> {
    let after = |(subject, slot)| {
        let key = [Column::Subject, Column::Slot].map(Expr::col);
        let last: [Expr; 2] = [Expr::value::<Uuid>(subject), Expr::value::<i32>(slot)];
        Expr::tuple(key).gt(Expr::tuple(last))
    };
    visits
        .apply_if(last, |visits, last| visits.filter(after(last)))
        .order_by_asc(Column::Subject)
        .order_by_asc(Column::Slot)
        .limit(READ_AT_ONCE)
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
