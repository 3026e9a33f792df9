//! Units, who acts for them, and who is turned away at their doors.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What a unit logs in with (L4).
    pub enum CertificateKind in "String(StringLen::N(24))" {
        /// The legal-person certificate.
        LegalPersonCertificate,
        /// The electronic business licence.
        BusinessLicence,
    }
}

text_enum! {
    /// How it ended that somebody acts for a unit, or was asked to.
    pub enum AgentEnding in "String(StringLen::N(10))" {
        /// They did not want to.
        Declined,
        /// They do not want to any more.
        Resigned,
        /// The unit took it back.
        Withdrawn,
    }
}

text_enum! {
    /// Why somebody was turned away at a door (V9). Nothing of it is an illness.
    pub enum RefusalReason in "String(StringLen::N(20))" {
        /// Their code is red.
        RedCode,
        /// Their code is yellow.
        YellowCode,
        /// 37.3 °C or more.
        Fever,
        /// A test that the door asks for is missing or too old.
        NoValidTest,
        /// Their pass card does not hold, or is not theirs.
        PassNotGood,
        /// They would not show a code, nor a document.
        WouldNotShow,
        /// What they showed looks made up.
        SuspectedForgery,
    }
}
