//! A rule as it is written, stored and published.

use entity::values::{Division, ReasonCode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use validator::Validate;

use super::{version::Version, vocabulary::About};

/// A rule as it is written. What it must be beyond its form, [`super::Rule::read`] checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// Which rule: the same in all its versions.
    #[schema(
        max_length = 32,
        pattern = "^[a-z][a-z0-9]*([.-][a-z0-9]+)*$",
        example = "contact.close"
    )]
    pub id: String,
    /// Grows with each version, and is never used again.
    #[schema(
        value_type = String,
        pattern = "^(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})$",
        example = "1.0.0"
    )]
    pub version: Version,
    /// Where the person lives for it to apply. Empty: in the whole province.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub scope: Vec<Division>,
    /// What it is about.
    pub about: About,
    /// The facts that it reads, such as `person.tests` or `fact.exposed_at`: exactly those.
    #[schema(max_items = 64, example = json!(["fact.exposed_at"]))]
    pub affected: Vec<String>,
    /// When it finds its cause: a condition.
    #[schema(value_type = Object)]
    pub when: Json,
    /// What it does then.
    pub effect: EffectDocument,
    /// What it finds, in words.
    pub text: Wording,
    /// What whoever it finds should do now.
    pub advice: Wording,
    /// Whom they can call.
    pub contact: Wording,
}

/// A few sentences in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// In Chinese.
    #[schema(min_length = 4, max_length = 500)]
    pub zh: String,
    /// In English.
    #[schema(min_length = 20, max_length = 1000)]
    pub en: String,
}

/// What a rule does: one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EffectDocument {
    /// Opens a hold for each fact that it finds its cause in.
    Hold(HoldDocument),
    /// Shows its cause for as long as the condition is satisfied.
    Show(ShowDocument),
    /// Releases holds of certain causes.
    Release(ReleaseDocument),
}

/// A hold, and how it ends: once `until` is past and every condition of `release` is met. With
/// neither, only what takes the fact back ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldDocument {
    /// The cause, which sets the colour.
    pub reason: ReasonCode,
    /// The earliest release: an instant. While it cannot be told, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub until: Option<Json>,
    /// What must be met besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub release: Vec<ConditionDocument>,
    /// The hold that begins when this one is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub follow_up: Option<FollowUpDocument>,
}

/// A hold that follows another. Its logic may name `hold.released_at`: when the other ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUpDocument {
    /// The cause, which sets the colour.
    pub reason: ReasonCode,
    /// The earliest release: an instant.
    #[schema(value_type = Object)]
    pub until: Json,
    /// What must be met besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub release: Vec<ConditionDocument>,
    /// What it means, in words.
    pub text: Wording,
    /// What to do now.
    pub advice: Wording,
}

/// A condition of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionDocument {
    /// The condition.
    #[schema(value_type = Object)]
    pub met: Json,
    /// When it can be met at the earliest: an instant, where that can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub until: Option<Json>,
    /// What is needed, in words.
    pub text: Wording,
}

/// A cause that is shown and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowDocument {
    /// The cause, which sets the colour.
    pub reason: ReasonCode,
    /// Since when it has been shown: an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub since: Option<Json>,
    /// When it will end by itself: an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub until: Option<Json>,
}

/// Holds that a fact ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseDocument {
    /// Their causes.
    #[schema(min_items = 1, max_items = 16)]
    pub reasons: Vec<ReasonCode>,
    /// Only those that began before: an instant.
    #[schema(value_type = Object)]
    pub before: Json,
}
