//! Permits: what they are for, and their places in the lists of what was taken back.

use std::fmt;

use sea_orm::{DeriveValueType, entity::prelude::*};

text_enum! {
    /// What a permit is for.
    pub enum PermitKind in "String(StringLen::N(10))" {
        /// A person's health pass card.
        PassCard,
        /// A vehicle on its way.
        Vehicle,
        /// Work that was resumed.
        Work,
    }
}

impl PermitKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::PassCard, Self::Vehicle, Self::Work];

    /// Its name in paths and columns.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PassCard => "pass_card",
            Self::Vehicle => "vehicle",
            Self::Work => "work",
        }
    }
}

text_enum! {
    /// What a comparison of permits with their records found.
    pub enum PermitFault in "String(StringLen::N(20))" {
        /// It is enlisted, and there is no record of it.
        NoRecord,
        /// There is a record of it, and it is not enlisted.
        NotEnlisted,
        /// It is enlisted at another place, or for other days, than its record says.
        OtherPlace,
        /// What is published of it is not how its record stands.
        OtherStatus,
        /// The key that signed it is neither listed nor out of its time.
        UnknownKey,
        /// What was signed is not what is on record now.
        OtherContent,
        /// What is on record cannot be signed and read back.
        Unreadable,
    }
}

/// The place of a permit: which list, and where in it. Random within the list, so that it tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct StatusIndex(i64);

impl StatusIndex {
    /// Places of a list.
    pub const PLACES: u32 = 1_000_000;
    /// Lists that there can be.
    pub const LISTS: u32 = 1 << (u32::BITS - Self::PLACE_BITS);
    const PLACE_BITS: u32 = 20;

    /// The place `place` of `list`, if there is one.
    #[must_use]
    pub fn new(list: u32, place: u32) -> Option<Self> {
        let is_one = list < Self::LISTS && place < Self::PLACES;
        is_one.then(|| Self::from_number(list << Self::PLACE_BITS | place))
    }

    /// The place of that number, as a permit says it.
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        Self(number as i64)
    }

    /// Its number, as a permit says it.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::try_from(self.0).unwrap_or_default()
    }

    /// Which list.
    #[must_use]
    pub fn list(self) -> u32 {
        self.number() >> Self::PLACE_BITS
    }

    /// Where in it.
    #[must_use]
    pub fn place(self) -> u32 {
        self.number() & ((1 << Self::PLACE_BITS) - 1)
    }
}

impl fmt::Display for StatusIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.list(), self.place())
    }
}
