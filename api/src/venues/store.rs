//! Venues, applications and codes as rows.

pub(super) mod applications;
pub(super) mod doors;

use chrono::{DateTime, Utc};
use entity::{
    organisation,
    values::{
        Division, OrganisationId, VenueCategory, VenueChannel, VenueId, VenueState, VenueSuspension,
    },
    venue,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

use crate::{http::page::Place, platform::db::lies_within};

/// The units with these ids, in no order.
pub(super) async fn units(
    db: &impl ConnectionTrait,
    ids: Vec<OrganisationId>,
) -> Result<Vec<organisation::Model>, DbErr> {
    organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(ids))
        .all(db)
        .await
}

/// Take one of the `most` places that a unit has for codes through the mini-program. `false` if all are
/// taken: of any number who try at once, no more than that succeed.
pub(super) async fn take_place(
    db: &impl ConnectionTrait,
    unit: OrganisationId,
    most: i64,
) -> Result<bool, DbErr> {
    use organisation::Column;
    let taken = organisation::Entity::update_many()
        .col_expr(
            Column::MiniProgramVenues,
            Expr::col(Column::MiniProgramVenues).add(1),
        )
        .filter(Column::Id.eq(unit))
        .filter(Column::MiniProgramVenues.lt(most))
        .exec(db)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Give back a place that was taken.
pub(super) async fn give_place_back(
    db: &impl ConnectionTrait,
    unit: OrganisationId,
) -> Result<(), DbErr> {
    use organisation::Column;
    organisation::Entity::update_many()
        .col_expr(
            Column::MiniProgramVenues,
            Expr::col(Column::MiniProgramVenues).sub(1),
        )
        .filter(Column::Id.eq(unit))
        .filter(Column::MiniProgramVenues.gt(0))
        .exec(db)
        .await
        .map(drop)
}

/// How many venues of a unit came, or may come, through `channel`.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    unit: OrganisationId,
    channel: VenueChannel,
) -> Result<u64, DbErr> {
    let gone = [VenueState::Refused, VenueState::Closed];
    venue::Entity::find()
        .filter(venue::Column::OrganisationId.eq(unit))
        .filter(venue::Column::Channel.eq(channel))
        .filter(venue::Column::State.is_not_in(gone))
        .count(db)
        .await
}

pub(super) async fn insert(db: &impl ConnectionTrait, row: venue::Model) -> Result<(), DbErr> {
    venue::Entity::insert(venue::ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The venue `id`, whosever it is.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    id: VenueId,
) -> Result<Option<venue::Model>, DbErr> {
    venue::Entity::find_by_id(id).one(db).await
}

/// The venue `id`, which nobody changes before the transaction ends.
pub(super) async fn lock(
    db: &impl ConnectionTrait,
    id: VenueId,
) -> Result<Option<venue::Model>, DbErr> {
    venue::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The venues of a unit, newest first, after `after`.
pub(super) async fn of_unit(
    db: &impl ConnectionTrait,
    unit: OrganisationId,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<venue::Model>, DbErr> {
    use venue::Column;
    let older = after.map(|place| place.older(Column::AppliedAt, Column::Id));
    venue::Entity::find()
        .filter(Column::OrganisationId.eq(unit))
        .apply_if(older, QueryFilter::filter)
        .order_by_desc(Column::AppliedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The venues in `regions`, in the state `state` if one is asked for, by id, after `after`.
pub(super) async fn within(
    db: &impl ConnectionTrait,
    regions: &[&Division],
    state: Option<VenueState>,
    category: Option<VenueCategory>,
    after: Option<VenueId>,
    most: u64,
) -> Result<Vec<venue::Model>, DbErr> {
    use venue::Column;
    venue::Entity::find()
        .filter(lies_within(Column::Division, regions))
        .apply_if(state, |query, state| query.filter(Column::State.eq(state)))
        .apply_if(category, |query, category| {
            query.filter(Column::Category.eq(category))
        })
        .apply_if(after, |query, after| query.filter(Column::Id.gt(after)))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Let a venue that stands at one of `from` stand at `to` from `at` on. `false` if it stands elsewhere.
pub(super) async fn change_state(
    db: &impl ConnectionTrait,
    id: VenueId,
    from: &[VenueState],
    (to, suspension): (VenueState, Option<VenueSuspension>),
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let changed = venue::ActiveModel {
        state: Set(to),
        suspension: Set(suspension),
        changed_at: Set(at),
        ..Default::default()
    };
    let done = venue::Entity::update_many()
        .set(changed)
        .filter(venue::Column::Id.eq(id))
        .filter(venue::Column::State.is_in(from.iter().copied()))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Change what is said of a venue.
pub(super) async fn change(
    db: &impl ConnectionTrait,
    id: VenueId,
    changed: venue::ActiveModel,
) -> Result<(), DbErr> {
    venue::Entity::update_many()
        .set(changed)
        .filter(venue::Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}
