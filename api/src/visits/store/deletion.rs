//! Days that go.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    values::VenueId,
    visit::{self, Column},
    visit_day, visit_deletion, visit_guest,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, ExprTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::platform::db::inserted;

/// The key of a visit within its day.
pub(in crate::visits) type Key = (VenueId, Uuid, i32);

/// The days before `oldest_kept` that are still there, oldest first.
pub(in crate::visits) async fn overdue(
    db: &impl ConnectionTrait,
    oldest_kept: NaiveDate,
) -> Result<Vec<NaiveDate>, DbErr> {
    visit_day::Entity::find()
        .select_only()
        .column(visit_day::Column::Day)
        .filter(visit_day::Column::Day.lt(oldest_kept))
        .order_by_asc(visit_day::Column::Day)
        .into_tuple()
        .all(db)
        .await
}

/// How many days there are after `today`.
pub(in crate::visits) async fn days_ahead(
    db: &impl ConnectionTrait,
    today: NaiveDate,
) -> Result<u64, DbErr> {
    visit_day::Entity::find()
        .filter(visit_day::Column::Day.gt(today))
        .count(db)
        .await
}

/// The next `limit` visits of `day` after the one at `after`, in the order of their keys.
pub(in crate::visits) async fn after(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    after: Option<Key>,
    limit: u64,
) -> Result<Vec<visit::Model>, DbErr> {
    let mut visits = visit::Entity::find().filter(Column::Day.eq(day));
    if let Some((venue, subject, slot)) = after {
        let key = [Column::VenueId, Column::Subject, Column::Slot].map(Expr::col);
        let last = [Expr::value(venue), Expr::value(subject), Expr::value(slot)];
        visits = visits.filter(Expr::tuple(key).gt(Expr::tuple(last)));
    }
    visits
        .order_by_asc(Column::VenueId)
        .order_by_asc(Column::Subject)
        .order_by_asc(Column::Slot)
        .limit(limit)
        .all(db)
        .await
}

/// Delete everything that is kept of the day of `receipt`, but the counts, and keep `receipt` in its place.
/// Returns whether this call did; of two who do, one does.
pub(in crate::visits) async fn delete_day(
    db: &impl ConnectionTrait,
    receipt: visit_deletion::Model,
) -> Result<bool, DbErr> {
    let day = receipt.day;
    let kept = visit_deletion::Entity::insert(receipt.into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    let is_first = inserted(kept)?;
    if is_first {
        clear_day(db, day).await?;
    }
    Ok(is_first)
}

/// Delete everything that is kept of `day`, which has a receipt, but the counts.
pub(in crate::visits) async fn clear_day(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let drop = "SELECT visit_drop_day($1)";
        let drop = Statement::from_sql_and_values(DbBackend::Postgres, drop, [day.into()]);
        db.query_one_raw(drop).await?;
    } else {
        visit::Entity::delete_many()
            .filter(Column::Day.eq(day))
            .exec(db)
            .await?;
    }
    visit_guest::Entity::delete_many()
        .filter(visit_guest::Column::Day.eq(day))
        .exec(db)
        .await?;
    visit_day::Entity::delete_by_id(day).exec(db).await?;
    Ok(())
}

/// Receipts of days before `before`, newest first.
pub(in crate::visits) async fn deletions(
    db: &impl ConnectionTrait,
    before: Option<NaiveDate>,
    limit: u64,
) -> Result<Vec<visit_deletion::Model>, DbErr> {
    let mut found = visit_deletion::Entity::find();
    if let Some(before) = before {
        found = found.filter(visit_deletion::Column::Day.lt(before));
    }
    found
        .order_by_desc(visit_deletion::Column::Day)
        .limit(limit)
        .all(db)
        .await
}

/// What `visit` is in the tree of its day: every column but the day, in a form that no database changes.
pub(in crate::visits) fn leaf(visit: &visit::Model) -> Vec<u8> {
    let micros = |at: DateTime<Utc>| at.timestamp_micros().to_be_bytes();
    let mut leaf = Vec::with_capacity(80);
    leaf.extend_from_slice(visit.venue_id.0.as_bytes());
    leaf.extend_from_slice(visit.subject.as_bytes());
    leaf.extend_from_slice(&visit.slot.to_be_bytes());
    leaf.extend_from_slice(&micros(visit.at));
    leaf.extend_from_slice(&visit.left_at.map_or([0; 8], micros));
    leaf.extend_from_slice(&visit.assurance.to_value().to_be_bytes());
    leaf.extend_from_slice(&visit.way.to_value().to_be_bytes());
    leaf.push(visit.colour.claim());
    leaf.extend_from_slice(visit.noted_by.unwrap_or_default().as_bytes());
    leaf
}

#[cfg(test)]
mod tests {
    use entity::values::{Assurance, Colour, VisitWay};

    use super::*;

    #[test]
    fn a_leaf_is_another_one_whatever_column_is_changed() {
        let came = DateTime::UNIX_EPOCH + chrono::TimeDelta::microseconds(1_772_424_000_000_001);
        let later = came + chrono::TimeDelta::microseconds(1);
        let visit = visit::Model {
            day: NaiveDate::default(),
            venue_id: VenueId(Uuid::nil()),
            subject: Uuid::nil(),
            slot: 1,
            at: came,
            left_at: None,
            assurance: Assurance::StaticOnly,
            way: VisitWay::Scan,
            colour: Colour::Green,
            noted_by: None,
        };
        let changes: [fn(&mut visit::Model, DateTime<Utc>); 9] = [
            |visit, _| visit.venue_id = VenueId(Uuid::max()),
            |visit, _| visit.subject = Uuid::max(),
            |visit, _| visit.slot = 2,
            |visit, later| visit.at = later,
            |visit, later| visit.left_at = Some(later),
            |visit, _| visit.assurance = Assurance::Sentinel,
            |visit, _| visit.way = VisitWay::Device,
            |visit, _| visit.colour = Colour::Red,
            |visit, _| visit.noted_by = Some(Uuid::max()),
        ];
        let mut leaves = std::collections::BTreeSet::from([leaf(&visit)]);
        for change in changes {
            let mut other = visit.clone();
            change(&mut other, later);
            leaves.insert(leaf(&other));
        }
        assert_eq!(leaves.len(), 1 + changes.len());
    }
}
