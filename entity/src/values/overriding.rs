//! Colours that several people decide on.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What is asked for: a worse colour for a time, or the end of a cause before its time.
    pub enum OverrideEffect in "String(StringLen::N(8))" {
        /// Yellow for a time.
        Yellow,
        /// Red for a time.
        Red,
        /// A cause ends before its time.
        Release,
    }
}

text_enum! {
    /// Why. The control of an epidemic is the only purpose that there is.
    pub enum OverrideGround in "String(StringLen::N(20))" {
        /// An inquiry found an exposure that no rule covers.
        ExposureFound,
        /// A doctor saw symptoms.
        SymptomsSeen,
        /// A result is doubted and is being tested again.
        ResultDoubted,
        /// An inquiry excluded the exposure.
        ExposureExcluded,
        /// A hospital excluded the infection.
        InfectionExcluded,
        /// Isolation was completed elsewhere.
        IsolationCompleted,
        /// What is recorded is wrong, and its correction would take too long.
        RecordWrong,
    }
}

text_enum! {
    /// How far a request got.
    pub enum OverrideState in "String(StringLen::N(12))" {
        /// Two others have not approved it yet.
        Waiting,
        /// It has its effect, or had it until its end.
        Applied,
        /// Somebody refused it.
        Refused,
        /// Not approved in time: nothing was done.
        Lapsed,
        /// Taken back, before it had an effect or after.
        Withdrawn,
    }
}

impl OverrideEffect {
    /// Whether it makes a colour worse.
    #[must_use]
    pub const fn worsens(self) -> bool {
        match self {
            Self::Yellow | Self::Red => true,
            Self::Release => false,
        }
    }

    /// Its name, as it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Release => "release",
        }
    }
}

impl OverrideGround {
    /// Whether it is a ground for `effect`.
    #[must_use]
    pub const fn is_for(self, effect: OverrideEffect) -> bool {
        match self {
            Self::ExposureFound | Self::SymptomsSeen | Self::ResultDoubted => effect.worsens(),
            Self::ExposureExcluded
            | Self::InfectionExcluded
            | Self::IsolationCompleted
            | Self::RecordWrong => !effect.worsens(),
        }
    }
}
