//! Who signed in.

use chrono::NaiveDate;
use entity::{
    duty_sign_in::{Column, Entity, Model},
    values::{Community, StaffId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::OnConflict,
};

use super::{super::rules::Span, directory::lies_within};
use crate::platform::db::inserted;

/// Sign somebody in, unless they are for that day. `true` if this call did.
pub(in crate::communities) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<bool, DbErr> {
    let once = OnConflict::columns([Column::Community, Column::Day, Column::AccountId])
        .do_nothing()
        .to_owned();
    let signed_in = Entity::insert(row.into_active_model())
        .on_conflict(once)
        .exec_without_returning(db)
        .await;
    inserted(signed_in)
}

pub(in crate::communities) async fn find(
    db: &impl ConnectionTrait,
    community: &Community,
    day: NaiveDate,
    account: StaffId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((community.clone(), day, account))
        .one(db)
        .await
}

/// Who signed in on `day` for communities within `spans`, by community, after `after`.
pub(in crate::communities) async fn roster(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    spans: &[Span],
    after: Option<&(Community, StaffId)>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Day.eq(day))
        .filter(lies_within(Column::Community, spans))
        .apply_if(after.cloned(), |roster, (community, account)| {
            let same = Condition::all()
                .add(Column::Community.eq(community.clone()))
                .add(Column::AccountId.gt(account));
            roster.filter(
                Condition::any()
                    .add(Column::Community.gt(community))
                    .add(same),
            )
        })
        .order_by_asc(Column::Community)
        .order_by_asc(Column::AccountId)
        .limit(most)
        .all(db)
        .await
}

/// Who signed in on `day` for one of `communities`.
pub(in crate::communities) async fn of_communities(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    communities: Vec<Community>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Day.eq(day))
        .filter(Column::Community.is_in(communities))
        .all(db)
        .await
}
