//! Issuers who can act: they hold the role now, enrolled, and are not suspended.

use chrono::{DateTime, Utc};
use entity::{
    community, staff_account,
    staff_grant::{Column, Entity},
    values::{Community, Division, Role, StaffId},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, sea_query::Expr,
};

use super::grants::holding;

fn acting(now: DateTime<Utc>) -> Select<Entity> {
    let able = staff_account::Entity::find()
        .select_only()
        .column(staff_account::Column::Id)
        .filter(staff_account::Column::SuspendedAt.is_null())
        .filter(staff_account::Column::EnrolledAt.is_not_null());
    holding(now)
        .filter(Column::Role.eq(Role::CommunityIssuer))
        .filter(Column::AccountId.in_subquery(able.into_query()))
}

/// That somebody is the issuer of the row's community alone, in a query of communities.
#[must_use]
pub fn community_has_issuer(now: DateTime<Utc>) -> Expr {
    let own =
        Expr::col((Entity, Column::Community)).equals((community::Entity, community::Column::Code));
    let named = acting(now).select_only().column(Column::Id).filter(own);
    Expr::exists(named.into_query())
}

/// Who is issuer of one of `communities` alone, each once.
pub(in crate::staff) async fn of_communities(
    db: &impl ConnectionTrait,
    communities: Vec<Community>,
    now: DateTime<Utc>,
) -> Result<Vec<(Community, StaffId)>, DbErr> {
    acting(now)
        .select_only()
        .distinct()
        .column(Column::Community)
        .column(Column::AccountId)
        .filter(Column::Community.is_in(communities))
        .order_by_asc(Column::Community)
        .order_by_asc(Column::AccountId)
        .into_tuple()
        .all(db)
        .await
}

/// Who is issuer in all of one of `divisions`, each once.
pub(in crate::staff) async fn of_divisions(
    db: &impl ConnectionTrait,
    divisions: Vec<Division>,
    now: DateTime<Utc>,
) -> Result<Vec<(Division, StaffId)>, DbErr> {
    acting(now)
        .select_only()
        .distinct()
        .column(Column::Division)
        .column(Column::AccountId)
        .filter(Column::Community.is_null())
        .filter(Column::Division.is_in(divisions))
        .order_by_asc(Column::Division)
        .order_by_asc(Column::AccountId)
        .into_tuple()
        .all(db)
        .await
}
