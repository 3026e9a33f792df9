//! What was decided of sections.

use entity::{
    road_section::{Column, Entity, Model},
    values::{Division, SectionCode},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JsonValue,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Serialize, de::DeserializeOwned};

use super::rules::{Sections, Version};

/// Everything that was decided of `codes`.
pub(super) async fn decided(
    db: &impl ConnectionTrait,
    codes: Vec<SectionCode>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Code.is_in(codes))
        .order_by_asc(Column::Code)
        .order_by_asc(Column::Version)
        .all(db)
        .await
}

/// What `rows` say, by section, in their order.
pub(super) fn read(rows: Vec<Model>) -> Result<Sections, DbErr> {
    let mut sections = Sections::new();
    for row in rows {
        let version = version(&row)?;
        sections.entry(row.code).or_default().push(version);
    }
    Ok(sections)
}

/// What `row` says.
pub(super) fn version(row: &Model) -> Result<Version, DbErr> {
    Ok(Version {
        valid_from: row.valid_from,
        ended: row.ended,
        restricted: list(&row.restricted)?,
        classes: list(&row.classes)?,
        ways_around: list(&row.ways_around)?,
    })
}

fn list<T: DeserializeOwned>(written: &JsonValue) -> Result<Vec<T>, DbErr> {
    serde_json::from_value(written.clone()).map_err(|error| DbErr::Json(error.to_string()))
}

/// A list as it is kept.
pub(super) fn written<T: Serialize>(list: &[T]) -> Result<JsonValue, DbErr> {
    serde_json::to_value(list).map_err(|error| DbErr::Json(error.to_string()))
}

/// Those of `codes` that anything was ever decided of.
pub(super) async fn known_among(
    db: &impl ConnectionTrait,
    codes: Vec<SectionCode>,
) -> Result<Vec<SectionCode>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Code)
        .distinct()
        .filter(Column::Code.is_in(codes))
        .into_tuple()
        .all(db)
        .await
}

/// The codes of sections within `division`, after `after`.
pub(super) async fn within(
    db: &impl ConnectionTrait,
    division: &Division,
    after: Option<&SectionCode>,
    most: u64,
) -> Result<Vec<SectionCode>, DbErr> {
    let (first, last) = (
        format!("{:0<6}", division.stem()),
        format!("{:9<6}", division.stem()),
    );
    Entity::find()
        .select_only()
        .column(Column::Code)
        .distinct()
        .filter(Column::Division.between(first, last))
        .apply_if(after.cloned(), |within, after| {
            within.filter(Column::Code.gt(after))
        })
        .order_by_asc(Column::Code)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Keep a decision.
pub(super) async fn add(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}
