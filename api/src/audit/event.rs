//! The closed list of what is recorded.

use chrono::NaiveDate;
use entity::{
    session::{Door, Ending},
    values::{CheckInId, Colour, DeclarationId, FactId, FactKind, HoldId, ImportId, PersonId, ReasonCode, SessionId},
};
use serde::Serialize;

/// What happened. Serialises to a stable name and ids, never to personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum Event {
    /// A person was seen for the first time.
    PersonCreated {},
    /// A phone number was proved.
    PhoneProved {},
    /// A super-app account was linked.
    PlatformLinked {
        /// `wechat` or `alipay`.
        platform: &'static str,
    },
    /// A version of a document was accepted.
    ConsentGiven {
        /// `terms` or `privacy`.
        document: &'static str,
        /// Which version.
        version: String,
    },
    /// The registry vouched for a name and a document.
    IdentityVerified {},
    /// A dependant was added.
    DependantAdded {
        /// Who acts for them.
        guardian: PersonId,
    },
    /// A dependant was removed.
    DependantRemoved {
        /// Who acted for them.
        guardian: PersonId,
    },
    /// A session began.
    SessionBegan {
        /// Which.
        session: SessionId,
        /// How.
        door: Door,
    },
    /// A session ended before its time.
    SessionEnded {
        /// Which.
        session: SessionId,
        /// Why.
        ending: Ending,
    },
    /// A version of a declaration was made.
    Declared {
        /// Which.
        declaration: DeclarationId,
        /// Counts from 1.
        version: i32,
    },
    /// A day's check-in was made.
    CheckedIn {
        /// Which.
        check_in: CheckInId,
        /// The local day.
        day: NaiveDate,
    },
    /// A report on somebody's sample was recorded.
    TestRecorded {
        /// Laboratory and tube.
        sample: String,
        /// Who brought it.
        source: String,
    },
    /// A fact about somebody was recorded.
    FactRecorded {
        /// Which.
        fact: FactId,
        /// What it says.
        kind: FactKind,
        /// Who brought it.
        source: String,
    },
    /// A fact was withdrawn by its origin.
    FactWithdrawn {
        /// Which.
        fact: FactId,
        /// Why, from a closed list.
        reason: String,
    },
    /// A file of facts began to be brought in.
    ImportBegun {
        /// Which.
        import: ImportId,
        /// Whose.
        source: String,
        /// What its rows say.
        kind: String,
        /// SHA-256 of the file, in hexadecimal.
        digest: String,
    },
    /// A second person let a file of facts go on.
    ImportReleased {
        /// Which.
        import: ImportId,
    },
    /// A file of facts was brought in.
    ImportEnded {
        /// Which.
        import: ImportId,
        /// Rows applied.
        applied: i64,
        /// Rows refused.
        refused: i64,
    },
    /// A cause began to hold.
    HoldOpened {
        /// Which.
        hold: HoldId,
        /// The cause.
        reason: ReasonCode,
        /// The rule that found it, with its version.
        rule: String,
        /// What it was found in.
        evidence: String,
    },
    /// A cause ceased to hold.
    HoldReleased {
        /// Which.
        hold: HoldId,
        /// What released it.
        by: String,
    },
    /// What a code shows changed.
    ColourChanged {
        /// Before.
        from: Colour,
        /// After.
        to: Colour,
    },
}
