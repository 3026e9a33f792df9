//! Venues and what happens at their doors.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// The 25 kinds of venue that the notice lists (S2, V2).
    pub enum VenueCategory in "String(StringLen::N(24))" {
        /// School.
        School,
        /// Residential compound.
        ResidentialCompound,
        /// Government body or public institution.
        PublicInstitution,
        /// Government service centre.
        ServiceCentre,
        /// Commercial complex.
        CommercialComplex,
        /// Farmers' market.
        FarmersMarket,
        /// Shopping mall, supermarket, shop.
        Shop,
        /// Cinema, theatre.
        Cinema,
        /// Library, museum, gallery, exhibition hall, culture centre, marriage registry, funeral parlour.
        PublicHall,
        /// Bar, restaurant.
        Restaurant,
        /// Hotel, guest house.
        Hotel,
        /// Fitness, leisure.
        Fitness,
        /// Tourist attraction.
        TouristAttraction,
        /// Park, zoo, botanic garden.
        Park,
        /// Religious venue.
        ReligiousVenue,
        /// Internet café.
        InternetCafe,
        /// Karaoke, dance, chess and card room, mahjong, script murder, escape room, arcade.
        Entertainment,
        /// Bath, massage, beauty, hair.
        PersonalService,
        /// Medical institution.
        MedicalInstitution,
        /// Training institution.
        TrainingInstitution,
        /// Last stop of a courier.
        CourierTerminal,
        /// Factory, enterprise.
        Factory,
        /// Long-distance coach station.
        CoachStation,
        /// Airport.
        Airport,
        /// Passenger quay, ferry.
        PassengerQuay,
    }
}

text_enum! {
    /// How a venue stands.
    pub enum VenueState in "String(StringLen::N(12))" {
        /// Somebody asked for its code, and nobody decided.
        Applied,
        /// Its code counts.
        Active,
        /// Its code does not count for now.
        Suspended,
        /// It never got one.
        Refused,
        /// It has none any more.
        Closed,
    }
}

text_enum! {
    /// Through which door a unit applied (V4).
    pub enum VenueChannel in "String(StringLen::N(16))" {
        /// By somebody's mini-program: at most 20 a unit.
        MiniProgram,
        /// With the unit's certificate or licence.
        OpenPlatform,
    }
}

/// How sure it is that whoever is said to have been at a venue was there. Ordered: later is surer.
///
/// Stored as a number: there is one in every row of the busiest table.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// A printed code was scanned, and a picture of it can be scanned from anywhere. It informs, and never worsens a colour (S25).
    #[sea_orm(num_value = 1)]
    StaticOnly,
    /// A code of the minute was scanned from the venue's own screen.
    #[sea_orm(num_value = 2)]
    Rotating,
    /// Staff of the venue wrote it down, with the person before them.
    #[sea_orm(num_value = 3)]
    Staff,
    /// A device at the door read the person's code or card.
    #[sea_orm(num_value = 4)]
    Sentinel,
}

/// How a visit came to be written down.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
#[serde(rename_all = "snake_case")]
pub enum VisitWay {
    /// The person scanned the venue's code.
    #[sea_orm(num_value = 1)]
    Scan,
    /// Somebody scanned it for them (V6).
    #[sea_orm(num_value = 2)]
    Companion,
    /// Staff of the venue wrote it down (V8).
    #[sea_orm(num_value = 3)]
    Hand,
    /// A device at the door did (V7).
    #[sea_orm(num_value = 4)]
    Device,
}

text_enum! {
    /// What a unit asks for.
    pub enum VenueApplicationKind in "String(StringLen::N(8))" {
        /// A code for a venue.
        New,
        /// That a venue with a code is somewhere else from now on.
        Move,
    }
}

text_enum! {
    /// Why the code of a venue does not count for now.
    pub enum VenueSuspension in "String(StringLen::N(20))" {
        /// The code hangs elsewhere than was declared, or the name or the address is not true.
        WrongPlace,
        /// Nobody at the entrance looks at what people scan.
        NobodyAtEntrance,
        /// People have to scan the code and pass a sentinel, both.
        DemandsBoth,
        /// Visitors are kept out or let in against the rules.
        RulesBroken,
        /// The code was given to people who are not there.
        CodeMisused,
        /// The place is shut for now.
        Shut,
    }
}

text_enum! {
    /// Why another code took the place of one.
    pub enum VenueCodeReplacement in "String(StringLen::N(8))" {
        /// It was lost.
        Lost,
        /// It cannot be read any more.
        Damaged,
        /// A picture of it goes around.
        Copied,
    }
}

text_enum! {
    /// How a request to release who was at a venue stands.
    pub enum TracingState in "String(StringLen::N(12))" {
        /// It waits for the other organisation.
        Requested,
        /// The other organisation released it.
        Released,
        /// It did not.
        Refused,
    }
}
