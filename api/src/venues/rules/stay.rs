//! How long people stay.

use chrono::TimeDelta;
use entity::values::VenueCategory;

/// How long somebody who did not check out is taken to have stayed in a venue of this kind: rather too
/// long than too short, and never over night but where people sleep.
#[must_use]
pub const fn default_stay(category: VenueCategory) -> TimeDelta {
    use VenueCategory as Kind;
    let minutes = match category {
        Kind::CourierTerminal => 15,
        Kind::ServiceCentre | Kind::FarmersMarket | Kind::Shop => 60,
        Kind::Restaurant | Kind::Fitness | Kind::PersonalService | Kind::ReligiousVenue => 120,
        Kind::CommercialComplex
        | Kind::Cinema
        | Kind::PublicHall
        | Kind::Park
        | Kind::MedicalInstitution
        | Kind::CoachStation
        | Kind::Airport
        | Kind::PassengerQuay => 180,
        Kind::PublicInstitution
        | Kind::TouristAttraction
        | Kind::InternetCafe
        | Kind::Entertainment
        | Kind::TrainingInstitution => 240,
        Kind::School | Kind::Factory => 600,
        Kind::ResidentialCompound | Kind::Hotel => 720,
    };
    TimeDelta::minutes(minutes)
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::*;

    #[test]
    fn everybody_is_taken_to_stay_for_a_while_and_nobody_for_a_day() {
        for category in VenueCategory::iter() {
            let stay = default_stay(category);
            assert!(stay >= TimeDelta::minutes(15) && stay <= TimeDelta::hours(12));
        }
    }
}
