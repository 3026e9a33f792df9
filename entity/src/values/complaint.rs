//! What people complain of.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What somebody complains of, in how their application was handled (S3).
    pub enum ComplaintKind in "String(StringLen::N(32))" {
        /// They were put off, or sent from one to another.
        Prevarication,
        /// Nobody would handle it.
        RefusedToHandle,
        /// Something was asked for that no rule asks for.
        AdditionalConditionDemanded,
        /// They were treated rudely.
        Rude,
        /// It takes too long.
        Delay,
        /// Something else.
        Other,
    }
}
