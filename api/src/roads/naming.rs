//! Use case: say how sections are called.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::values::SectionCode;
use sea_orm::{ConnectionTrait, DbErr};

use super::store;

/// How a section is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionName {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// How those of `codes` that stand in the catalogue are called on `day`; one that stands there from later on is
/// called as it will be.
pub async fn names_of(
    db: &impl ConnectionTrait,
    codes: &[SectionCode],
    day: NaiveDate,
) -> Result<BTreeMap<SectionCode, SectionName>, DbErr> {
    let mut names = BTreeMap::new();
    for row in store::decided(db, codes.to_vec()).await? {
        if row.valid_from > day && names.contains_key(&row.code) {
            continue;
        }
        let name = SectionName {
            zh: row.name_zh,
            en: row.name_en,
        };
        names.insert(row.code, name);
    }
    Ok(names)
}
