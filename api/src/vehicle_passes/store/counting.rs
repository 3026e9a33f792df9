//! How many applications there are: counts, of nobody in particular.

use entity::{
    review_case,
    values::{CaseOutcome, CaseSubject, Division},
    vehicle_application::{Column, Entity},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::platform::db::lies_within;

/// Applications of one type in one county that are at one stage, or ended alike.
#[derive(Debug, Clone, FromQueryResult)]
pub(in crate::vehicle_passes) struct Tally {
    pub(in crate::vehicle_passes) division: Division,
    pub(in crate::vehicle_passes) type_key: String,
    pub(in crate::vehicle_passes) stage: String,
    pub(in crate::vehicle_passes) outcome: Option<CaseOutcome>,
    pub(in crate::vehicle_passes) count: i64,
}

/// The applications within `regions` that were submitted, by county, type, stage and outcome.
pub(in crate::vehicle_passes) async fn applications(
    db: &impl ConnectionTrait,
    regions: &[&Division],
) -> Result<Vec<Tally>, DbErr> {
    let case = Entity::belongs_to(review_case::Entity)
        .from(Column::Id)
        .to(review_case::Column::SubjectId)
        .into();
    Entity::find()
        .select_only()
        .column(Column::Division)
        .column(Column::TypeKey)
        .column(review_case::Column::Stage)
        .column(Column::Outcome)
        .column_as(Column::Id.count(), "count")
        .join(sea_orm::JoinType::InnerJoin, case)
        .filter(lies_within(Column::Division, regions))
        .filter(review_case::Column::Subject.eq(CaseSubject::VehiclePass))
        .group_by(Column::Division)
        .group_by(Column::TypeKey)
        .group_by(review_case::Column::Stage)
        .group_by(Column::Outcome)
        .order_by_asc(Column::Division)
        .order_by_asc(Column::TypeKey)
        .order_by_asc(review_case::Column::Stage)
        .order_by_asc(Column::Outcome)
        .into_model::<Tally>()
        .all(db)
        .await
}
