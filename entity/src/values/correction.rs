//! What somebody says is wrong in what is recorded about them, and what became of it.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What is wrong with a record.
    pub enum Mistake in "String(StringLen::N(20))" {
        /// It is about somebody else.
        NotMine,
        /// The result, or what it says happened, is wrong.
        WrongResult,
        /// It happened at another time.
        WrongTime,
        /// It was true and is over.
        AlreadyRecovered,
        /// Something else, which the text says.
        Other,
    }
}

text_enum! {
    /// How far a correction got.
    pub enum CorrectionState in "String(StringLen::N(8))" {
        /// Nobody decided yet.
        Open,
        /// The record was wrong and was taken back.
        Upheld,
        /// The record stands.
        Refused,
    }
}

text_enum! {
    /// Why a record stands.
    pub enum Refusal in "String(StringLen::N(20))" {
        /// It was looked into and is right.
        RecordIsRight,
        /// What was submitted does not show that it is wrong.
        NotShown,
        /// It is wrong, and the colour does not depend on it.
        WithoutEffect,
        /// Only the region whose data it is may take it back; the person was told whom to ask.
        OriginDecides,
        /// Something else, which the text says.
        Other,
    }
}
