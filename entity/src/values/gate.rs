//! What happens at gates.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Values that are kept as their names, of at most 20 characters.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $value:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum,
            Serialize, Deserialize, ToSchema,
        )]
        #[sea_orm(
            rs_type = "String",
            db_type = "String(StringLen::N(20))",
            rename_all = "snake_case"
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$of])* $value),+
        }
    )+};
}

names! {
    /// What a gate does. Ordered: of several people the last counts for all together.
    GateDecision {
        /// Let through.
        Pass,
        /// Somebody looks before anybody goes on: at a document, or at a fresh code.
        LookAgain,
        /// Do not let through.
        Stop,
    }

    /// Why a gate does what it does.
    GateReason {
        /// The code is green.
        Green,
        /// A pass card counts, and the temperature is normal (C2).
        PassCard,
        /// The pass of the vehicle is for this vehicle, here and now.
        VehiclePass,
        /// A permit to work counts, and the temperature is normal.
        WorkPermit,
        /// The vehicle has yet to be compared with its pass: no plate was read, or it has none.
        VehicleToCompare,
        /// Somebody whom the pass of the vehicle names showed nothing, and nobody can be asked.
        SomebodyMissing,
        /// Nothing is known that a colour could be decided from.
        Grey,
        /// It is no code or card of ours, or its time is over. Why is not said.
        NotValid,
        /// The same code was shown at another place a moment ago.
        ShownElsewhere,
        /// Its holder was at another gate so far away that nobody comes here from there so soon.
        FarApart,
        /// Nobody with this document is known.
        Unknown,
        /// This cannot be looked up without a network.
        OnlineOnly,
        /// A temperature belongs to the check, and none was taken.
        NoTemperature,
        /// The document is not the one that the card was issued on.
        OtherDocument,
        /// The pass card does not count now.
        CardDoesNotCount,
        /// The pass of the vehicle, or the permit to work, does not count now.
        PassNotGood,
        /// The pass is not for this hour.
        OtherHour,
        /// The pass is not for this stretch of road.
        OtherSection,
        /// Somebody is in the vehicle whom its pass does not name.
        StrangerAboard,
        /// The pass is another vehicle's.
        OtherVehicle,
        /// The code is yellow.
        Yellow,
        /// The code is red.
        Red,
        /// The temperature is a fever.
        Fever,
    }

    /// What makes a record worth another look. It changes nobody's colour, and stops nobody.
    GateMark {
        /// Nobody knew where the code was shown before: the short-lived store was away.
        NotCompared,
        /// The same code was shown at another place a moment ago.
        ShownElsewhere,
        /// Its holder was at another gate so far away that nobody comes here from there so soon.
        FarApart,
        /// The device let through whom the rules do not let through with what it says it saw.
        Contradictory,
    }

    /// By what the staff of a venue look somebody up whom they write down by hand.
    LookedUpBy {
        /// A document that lies before them.
        Document,
        /// A phone number that somebody says.
        Phone,
    }

    /// What somebody showed at a gate.
    GateMeans {
        /// A personal code.
        Code,
        /// A health pass card on a screen.
        PassCard,
        /// The same on paper, with a document.
        Paper,
        /// An ID card, in the reader.
        IdCard,
        /// The pass of a vehicle, or only that it names them.
        VehiclePass,
        /// A permit to work.
        WorkPermit,
    }
}
