//! Sections as they are answered, and what is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    road_section::Model,
    values::{Division, PlateClass, SectionCode},
};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{rules::Week, store};
use crate::http::page;

/// What was decided of a section.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SectionVersionView {
    /// How many decisions on the section there are with this one.
    version: i64,
    /// The date from which on it holds, unless something that was decided later does.
    valid_from: NaiveDate,
    /// Whether the section is no more in the catalogue from then on.
    ended: bool,
    /// What it is called in Chinese.
    name_zh: String,
    /// What it is called in English.
    name_en: String,
    /// When vehicles need a pass for it. Empty of an open road.
    restricted: Vec<Week>,
    /// The classes of plates that need one. Empty for all.
    classes: Vec<PlateClass>,
    /// Sections each of which leads to the same place. Empty if there is no other way.
    ways_around: Vec<SectionCode>,
    /// When this was decided.
    decided_at: DateTime<Utc>,
}

impl TryFrom<&Model> for SectionVersionView {
    type Error = DbErr;

    fn try_from(row: &Model) -> Result<Self, DbErr> {
        let version = store::version(row)?;
        Ok(Self {
            version: row.version,
            valid_from: row.valid_from,
            ended: row.ended,
            name_zh: row.name_zh.clone(),
            name_en: row.name_en.clone(),
            restricted: version.restricted,
            classes: version.classes,
            ways_around: version.ways_around,
            decided_at: row.decided_at,
        })
    }
}

/// A section of a road.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SectionView {
    /// Its code.
    pub(super) code: SectionCode,
    /// The county or district that it lies in.
    pub(super) division: Division,
    /// What holds today. Null before the section is in the catalogue, and after.
    pub(super) now: Option<SectionVersionView>,
    /// What is to hold from a later day on, in the order in which it was decided.
    pub(super) later: Vec<SectionVersionView>,
}

/// A section, and everything that was ever decided of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SectionHistoryView {
    /// Its code.
    pub(super) code: SectionCode,
    /// The county or district that it lies in.
    pub(super) division: Division,
    /// What was decided, in that order.
    pub(super) versions: Vec<SectionVersionView>,
}

/// Which sections, and which page.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SectionsParams {
    /// Those that lie within: a province, a prefecture, a county or a district.
    pub(super) division: Division,
    /// `next` of the page before; absent for the first.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    pub(super) after: Option<String>,
    /// Entries of a page, at the most.
    #[validate(range(min = 1, max = 100))]
    #[serde(default = "page::usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: u64,
}

/// That a section is to be no more in the catalogue.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SectionEndRequest {
    /// The date from which on: today or later.
    pub(super) valid_from: NaiveDate,
}
