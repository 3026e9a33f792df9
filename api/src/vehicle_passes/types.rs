//! Types of passes as data: what each is for, what it takes, and what is agreed to (T1).

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use entity::{
    values::VehicleMaterial,
    vehicle_pass_type::{self, Column, Entity},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Error;
use crate::{credentials::permit::MAX_LIFE, deps::Deps, platform::db::inserted};

/// The types that the product comes with, each in the words in which it is published.
const SHIPPED: [&str; 4] = [
    include_str!("shipped/charter.json"),
    include_str!("shipped/freight.json"),
    include_str!("shipped/livelihood.json"),
    include_str!("shipped/temporary.json"),
];

/// People in a vehicle, at the most: an articulated coach.
const MOST_ABOARD: u16 = 80;

/// A type of pass. A version of it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VehiclePassType)]
pub(super) struct PassType {
    /// Its name.
    #[schema(example = "livelihood")]
    pub(super) key: String,
    /// Which version. A later one is greater.
    pub(super) version: i64,
    /// What people call it.
    pub(super) title: TypeWords,
    /// What to read before applying.
    pub(super) instructions: Vec<TypeWords>,
    /// What is agreed to.
    pub(super) agreement: Agreement,
    /// Who may apply.
    pub(super) applicants: BTreeSet<ApplicantKind>,
    /// How the way is said.
    pub(super) route: RouteKind,
    /// What has to be uploaded.
    pub(super) materials: Vec<MaterialRule>,
    /// The longest that a pass is good, in days.
    pub(super) most_days: u16,
    /// People aboard, at the most, the driver included.
    pub(super) most_aboard: u16,
    /// How old the newest negative test of everybody aboard may be, in hours. Null: no test is asked for.
    pub(super) test_hours: Option<u16>,
    /// Whether a pass counts only while the vehicle's annual inspection does.
    pub(super) inspected: bool,
    /// Whether it is for vehicles that are not registered yet, and have no plate.
    pub(super) unregistered: bool,
    /// How applications are decided.
    pub(super) workflow: WorkflowName,
}

/// Something in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VehiclePassWords)]
pub(super) struct TypeWords {
    /// In Chinese.
    pub(super) zh: String,
    /// In English.
    pub(super) en: String,
}

/// What an applicant agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VehiclePassAgreement)]
pub(super) struct Agreement {
    /// Which version: it is accepted by this.
    #[schema(example = "2026-03-01")]
    pub(super) version: String,
    /// In Chinese.
    pub(super) zh: String,
    /// In English.
    pub(super) en: String,
}

/// Who may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehiclePassApplicant)]
pub(super) enum ApplicantKind {
    /// A citizen, for themselves.
    Person,
    /// A unit.
    Unit,
}

/// How the way is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehicleRouteKind)]
pub(super) enum RouteKind {
    /// By the restricted sections that it takes, in their order.
    Sections,
    /// By the counties where it begins and ends.
    Freight,
}

/// What has to be uploaded of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VehicleMaterialRule)]
pub(super) struct MaterialRule {
    /// What it shows.
    pub(super) kind: VehicleMaterial,
    /// How many, at the least.
    pub(super) at_least: u8,
    /// How many, at the most.
    pub(super) at_most: u8,
}

/// How applications of a type are decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VehiclePassWorkflow)]
pub(super) enum WorkflowName {
    /// The county or district decides, and the prefecture where it does not in time.
    VehiclePass,
}

impl WorkflowName {
    /// As the workflow is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::VehiclePass => "vehicle_pass",
        }
    }
}

impl PassType {
    /// What it says of uploads of that kind.
    pub(super) fn material(&self, kind: VehicleMaterial) -> Option<&MaterialRule> {
        self.materials.iter().find(|rule| rule.kind == kind)
    }

    /// Whether passes can be issued as it says.
    fn is_sound(&self) -> bool {
        let counts = self.materials.iter();
        let counts = counts.map(|rule| rule.at_least <= rule.at_most && rule.at_most > 0);
        (1..=MAX_LIFE.num_days()).contains(&i64::from(self.most_days))
            && (1..=MOST_ABOARD).contains(&self.most_aboard)
            && !self.applicants.is_empty()
            && !(self.unregistered && self.inspected)
            && counts.into_iter().all(|sound| sound)
    }
}

/// Keep the types that the product comes with, as far as they are not kept.
pub async fn install_types(deps: &Deps) -> Result<(), Error> {
    for text in SHIPPED {
        save(deps, text).await?;
    }
    Ok(())
}

/// Keep `text` as a version of a type: applications that are begun from now on follow the newest. Refused if
/// its version is kept with other words.
async fn save(deps: &Deps, text: &str) -> Result<(), Error> {
    let read: PassType = serde_json::from_str(text)?;
    if !read.is_sound() {
        return Err(Error::UnsoundType(read.key));
    }
    let document = serde_json::to_value(&read)?;
    let digest = digest(&SHA256, document.to_string().as_bytes());
    let row = vehicle_pass_type::Model {
        key: read.key,
        version: read.version,
        document,
        digest: digest.as_ref().to_vec(),
        saved_at: deps.clock.now(),
    };
    let known = OnConflict::columns([Column::Key, Column::Version])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert(row.clone().into_active_model())
        .on_conflict(known)
        .exec_without_returning(&deps.db)
        .await;
    if inserted(kept)? {
        return Ok(());
    }
    let known = Entity::find_by_id((row.key.clone(), row.version));
    match known.one(&deps.db).await? {
        Some(known) if known.digest == row.digest => Ok(()),
        _ => Err(Error::UnsoundType(row.key)),
    }
}

/// The version `version` of the type `key`.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    key: &str,
    version: i64,
) -> Result<PassType, Error> {
    let row = Entity::find_by_id((key.to_owned(), version))
        .one(db)
        .await?;
    Ok(serde_json::from_value(
        row.ok_or(Error::NoSuchType)?.document,
    )?)
}

/// The newest version of the type `key`.
pub(super) async fn newest(db: &impl ConnectionTrait, key: &str) -> Result<PassType, Error> {
    let row = Entity::find()
        .filter(Column::Key.eq(key))
        .order_by_desc(Column::Version)
        .one(db)
        .await?;
    Ok(serde_json::from_value(
        row.ok_or(Error::NoSuchType)?.document,
    )?)
}

/// The newest version of each type, by key.
pub(super) async fn list(db: &impl ConnectionTrait) -> Result<Vec<PassType>, Error> {
    let rows = Entity::find()
        .order_by_asc(Column::Key)
        .order_by_desc(Column::Version)
        .all(db)
        .await?;
    let mut types: Vec<PassType> = Vec::new();
    for row in rows {
        if types.last().is_none_or(|last| last.key != row.key) {
            types.push(serde_json::from_value(row.document)?);
        }
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_product_comes_with_can_be_issued() {
        for text in SHIPPED {
            let read: PassType = serde_json::from_str(text).unwrap();
            assert!(read.is_sound(), "{}", read.key);
        }
    }

    #[test]
    fn a_type_that_promises_more_than_a_permit_holds_is_none() {
        let sound: PassType = serde_json::from_str(SHIPPED[0]).unwrap();
        let long = PassType {
            most_days: 32,
            ..sound.clone()
        };
        let empty = PassType {
            most_aboard: 0,
            ..sound.clone()
        };
        let nobody = PassType {
            applicants: BTreeSet::new(),
            ..sound
        };
        assert!(!long.is_sound() && !empty.is_sound() && !nobody.is_sound());
    }
}
