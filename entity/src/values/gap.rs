//! What a community lacks.

use sea_orm::entity::prelude::*;

text_enum! {
    /// Who is missing in a community for which nobody signed in (P7).
    pub enum Gap in "String(StringLen::N(12))" {
        /// Nobody is named as its issuer.
        NoIssuer,
        /// Somebody is, and nobody signed in in time.
        NoSignIn,
    }
}
