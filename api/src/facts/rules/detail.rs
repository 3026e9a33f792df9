//! What some kinds of facts have besides.

use entity::values::{Division, FactKind, OverrideEffect, OverrideGround, ReasonCode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Impossible, is_plain};

/// What an arrival has besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrival {
    /// From where.
    pub from: ArrivedFrom,
    /// From which division, if that is known. Never of an arrival from abroad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<Division>,
}

/// From where somebody arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArrivedFrom {
    /// Another province.
    Domestic,
    /// Outside the country.
    Abroad,
}

/// What a confirmed case has besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmedCase {
    /// Infected without symptoms.
    pub asymptomatic: bool,
}

/// What the beginning of isolation has besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isolation {
    /// Where.
    pub place: IsolationPlace,
}

/// Where somebody is isolated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IsolationPlace {
    /// In a hospital.
    Hospital,
    /// In a place for it.
    Central,
    /// At home.
    Home,
}

/// What a push has besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// What the origin wants shown.
    pub colour: PushedColour,
    /// The origin's own code of its cause: up to 32 letters, digits, dashes, underscores
    /// and dots.
    pub reason: String,
}

/// What an origin may want shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushedColour {
    /// Yellow.
    Yellow,
    /// Red.
    Red,
}

/// What a decision on a colour has besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// What was decided.
    pub effect: OverrideEffect,
    /// Why.
    pub ground: OverrideGround,
    /// The cause that ends. Of a release, and of nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<ReasonCode>,
}

/// `detail` of a fact of `kind`, in the one way that it is kept. Nothing is an empty object.
pub fn canonical(kind: FactKind, detail: Value) -> Result<Value, Impossible> {
    match kind {
        FactKind::Arrival => {
            let arrival: Arrival = read(detail)?;
            if arrival.from == ArrivedFrom::Abroad && arrival.division.is_some() {
                return Err(Impossible::Detail);
            }
            written(&arrival)
        }
        FactKind::ConfirmedCase => written(&read::<ConfirmedCase>(detail)?),
        FactKind::IsolationStarted => written(&read::<Isolation>(detail)?),
        FactKind::Push => {
            let push: Push = read(detail)?;
            if is_plain(&push.reason, 32) {
                written(&push)
            } else {
                Err(Impossible::Detail)
            }
        }
        FactKind::Override => {
            let decided: Override = read(detail)?;
            let names_a_cause = decided.cause.is_some();
            if decided.ground.is_for(decided.effect) && names_a_cause != decided.effect.worsens() {
                written(&decided)
            } else {
                Err(Impossible::Detail)
            }
        }
        FactKind::CloseContact
        | FactKind::SecondaryContact
        | FactKind::Companion
        | FactKind::SuspectedCase
        | FactKind::SuspicionExcluded
        | FactKind::Recovered
        | FactKind::IsolationEnded => match detail {
            Value::Null => Ok(Value::Object(Map::new())),
            Value::Object(fields) if fields.is_empty() => Ok(Value::Object(fields)),
            _ => Err(Impossible::Detail),
        },
    }
}

fn read<T: DeserializeOwned>(detail: Value) -> Result<T, Impossible> {
    // Derived readers take arrays as well; a detail is an object.
    if !detail.is_object() {
        return Err(Impossible::Detail);
    }
    serde_json::from_value(detail).map_err(|_| Impossible::Detail)
}

fn written(detail: &impl Serialize) -> Result<Value, Impossible> {
    serde_json::to_value(detail).map_err(|_| Impossible::Detail)
}
