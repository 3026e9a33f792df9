//! What is reported, as the page sends it and as it is kept.

use chrono::NaiveDate;
use entity::values::Division;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// Symptoms that are asked for (WS 363.6 names them; this is the page's short list).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// Felt fever, chills.
    Fever,
    /// Dry cough.
    Cough,
    /// Fatigue.
    Fatigue,
    /// Sore throat.
    SoreThroat,
    /// Short of breath.
    Breathlessness,
    /// Loss of smell or taste.
    LossOfSmell,
    /// Diarrhoea.
    Diarrhoea,
}

/// Body temperature in tenths of a degree Celsius. Written as degrees: `36.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schema(value_type = f64, minimum = 34, maximum = 43, example = 36.5)]
pub struct Temperature(u16);

/// Not the temperature of a living person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("between 34 and 43 degrees")]
pub struct TemperatureError;

impl Temperature {
    /// `tenths` of a degree.
    #[must_use]
    pub const fn from_tenths(tenths: u16) -> Self {
        Self(tenths)
    }

    /// Tenths of a degree.
    #[must_use]
    pub const fn tenths(self) -> u16 {
        self.0
    }
}

impl TryFrom<f64> for Temperature {
    type Error = TemperatureError;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 340 and 430 once checked"
    )]
    fn try_from(degrees: f64) -> Result<Self, TemperatureError> {
        if (34.0..=43.0).contains(&degrees) {
            Ok(Self((degrees * 10.0).round() as u16))
        } else {
            Err(TemperatureError)
        }
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        Self::from(temperature.0) / 10.0
    }
}

/// A declaration, confirmed by whoever declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclarationReport {
    /// Where the person lives now: county or district.
    pub division: Division,
    /// Street and house.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "人民大道 1 号")]
    pub address: String,
    /// How the person is today.
    #[validate(nested)]
    pub health: Health,
    /// Where the person stayed in the last 14 days. The current place needs no entry of its own.
    #[validate(length(max = 30), nested)]
    #[serde(default)]
    #[schema(max_items = 30)]
    pub residence: Vec<Stay>,
    /// Whom the person met in the last 14 days.
    pub contact: Contact,
    /// The declarant confirms that all of it is true and knows what a false declaration entails.
    #[validate(custom(function = "must_be_true"))]
    #[schema(example = true)]
    pub confirmed_true: bool,
}

impl DeclarationReport {
    /// Every division that it names, with its field.
    pub(super) fn divisions(&self) -> impl Iterator<Item = (String, &Division)> {
        let stays = self.residence.iter().enumerate();
        let places = stays.filter_map(|(at, stay)| match &stay.place {
            Place::Division(division) => {
                Some((format!("residence[{at}].place.division"), division))
            }
            Place::Abroad => None,
        });
        std::iter::once(("division".to_owned(), &self.division)).chain(places)
    }
}

/// How a person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Body temperature in degrees Celsius.
    pub temperature: Temperature,
    /// Symptoms, if any, each once.
    #[validate(length(max = 7), custom(function = "each_once"))]
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeSet<Symptom>, max_items = 7)]
    pub symptoms: Vec<Symptom>,
}

/// A stay in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[validate(schema(function = "in_order"))]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Where: county or district, or `abroad`.
    pub place: Place,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
}

/// Where somebody stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a division of the country.
    Division(Division),
    /// Outside the country.
    Abroad,
}

/// Whom somebody met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// A confirmed or suspected case.
    pub with_case: bool,
    /// Somebody from an area with cases.
    pub with_risk_area: bool,
}

/// A day's check-in.
pub type CheckInReport = Health;

/// A check of a field: what is confirmed in it is.
pub fn must_be_true(confirmed: &bool) -> Result<(), ValidationError> {
    if *confirmed {
        Ok(())
    } else {
        Err(ValidationError::new("must_be_true"))
    }
}

fn each_once(symptoms: &[Symptom]) -> Result<(), ValidationError> {
    let mut sorted = symptoms.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == symptoms.len() {
        Ok(())
    } else {
        Err(ValidationError::new("duplicate"))
    }
}

fn in_order(stay: &Stay) -> Result<(), ValidationError> {
    if stay.from <= stay.until {
        Ok(())
    } else {
        Err(ValidationError::new("date_order"))
    }
}
