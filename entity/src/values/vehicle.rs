//! Vehicle passes: what is asked for, who is aboard, and how a pass ends.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What is asked for.
    pub enum VehicleApplicationKind in "String(StringLen::N(8))" {
        /// A pass.
        New,
        /// Another route, other hours or other people for a vehicle that has a pass.
        Change,
        /// A pass for the time after the one that ends.
        Renewal,
    }
}

text_enum! {
    /// How far an application got.
    pub enum VehicleApplicationState in "String(StringLen::N(10))" {
        /// The applicant is filling it in.
        Draft,
        /// It is checked and decided on, as a case.
        Submitted,
        /// It is over.
        Closed,
    }
}

text_enum! {
    /// As what somebody is aboard.
    pub enum AboardRole in "String(StringLen::N(10))" {
        /// They drive.
        Driver,
        /// They are driven.
        Passenger,
    }
}

text_enum! {
    /// Why somebody who was asked is not, or not any more, aboard.
    pub enum AboardEnding in "String(StringLen::N(10))" {
        /// They did not want to.
        Refused,
        /// They do not want to any more.
        Left,
        /// The applicant took it back.
        Removed,
    }
}

text_enum! {
    /// What an upload shows.
    pub enum VehicleMaterial in "String(StringLen::N(20))" {
        /// The vehicle's licence.
        VehicleLicence,
        /// The driver's licence.
        DrivingLicence,
        /// That the vehicle is insured.
        Insurance,
        /// The contract on what is carried.
        CarriageContract,
        /// A signed promise to keep to the rules.
        Commitment,
        /// A letter of the unit.
        UnitLetter,
        /// The invoice of a vehicle that is not registered yet.
        PurchaseInvoice,
        /// The vehicle itself.
        Photograph,
    }
}

text_enum! {
    /// How a pass ended before its time.
    pub enum VehiclePassVoid in "String(StringLen::N(10))" {
        /// Its holder gave it up.
        Cancelled,
        /// The authority took it back.
        Revoked,
        /// A later one is in its place.
        Superseded,
    }
}

text_enum! {
    /// Why the authority takes a pass back.
    pub enum VehicleRevocation in "String(StringLen::N(20))" {
        /// What was said in the application is not so.
        NotTrue,
        /// It was used on another way, by another vehicle or for something else.
        Misused,
        /// The vehicle may not be driven any more.
        VehicleUnfit,
        /// Why it was granted is not so any more.
        NotNeeded,
        /// It should never have been issued.
        IssuedInError,
    }
}
