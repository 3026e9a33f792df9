//! What was decided of sections.

use entity::{
    road_section::{Column, Entity, Model},
    values::SectionCode,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JsonValue, QueryFilter, QueryOrder,
};
use serde::de::DeserializeOwned;

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
