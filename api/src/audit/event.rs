//! The closed list of what is recorded.
//!
//! What belongs together has a list of its own; on record each thing has one name, wherever it is listed.

mod cases;
mod doors;
mod overrides;
mod passes;
mod rules;
mod staff;
mod vehicles;
mod work;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    session::{Door, Ending},
    values::{
        CaseId, CheckInId, Colour, Community, ComplaintId, ComplaintKind, CorrectionId,
        DeclarationId, Division, FactId, FactKind, Gap, HoldId, ImportId, Mistake, PersonId,
        ReasonCode, Refusal, RiskAreaId, RiskLevel, SectionCode, SessionId,
    },
};
use serde::Serialize;

pub use self::{
    cases::CaseEvent, doors::DoorEvent, overrides::OverrideEvent, passes::PassEvent,
    rules::RuleEvent, staff::StaffEvent, vehicles::VehicleEvent, work::WorkEvent,
};

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
    /// Somebody was given a copy of what is kept about them, or whoever acts for them was.
    OwnDataCopied {},
    /// Somebody had their account deleted: what may be erased of what was kept about them was.
    AccountDeleted {},
    /// The same of somebody whom nobody else acted for.
    DependantErased {
        /// Whose account was deleted.
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
    /// A member of staff read a fact about somebody.
    FactRead {
        /// Which.
        fact: FactId,
    },
    /// A fact was withdrawn by its origin.
    FactWithdrawn {
        /// Which.
        fact: FactId,
        /// Why, from a closed list.
        reason: &'static str,
    },
    /// A place got a level.
    RiskAreaRecorded {
        /// Which.
        area: RiskAreaId,
        /// The place.
        division: Division,
        /// The level.
        level: RiskLevel,
    },
    /// A place's level was lifted.
    RiskAreaLifted {
        /// Which.
        area: RiskAreaId,
    },
    /// Somebody is known who is to bring facts.
    FactSourceRegistered {
        /// Its short name.
        source: String,
        /// The region that its facts belong to.
        division: Division,
    },
    /// Somebody else let them.
    FactSourceApproved {
        /// Its short name.
        source: String,
    },
    /// Somebody may bring no more facts.
    FactSourceRevoked {
        /// Its short name.
        source: String,
    },
    /// Somebody said that a record is wrong.
    CorrectionFiled {
        /// Which.
        correction: CorrectionId,
        /// The record.
        record: String,
        /// What is wrong with it.
        mistake: Mistake,
    },
    /// What somebody wrote in a correction was read.
    CorrectionRead {
        /// Which.
        correction: CorrectionId,
        /// What for, from a closed list.
        purpose: &'static str,
    },
    /// A correction was decided.
    CorrectionDecided {
        /// Which.
        correction: CorrectionId,
        /// The record.
        record: String,
        /// Why the record stands. None: it was taken back.
        refusal: Option<Refusal>,
    },
    /// Somebody complained about how a case was handled.
    ComplaintFiled {
        /// Which complaint.
        complaint: ComplaintId,
        /// The case that it is about.
        case: CaseId,
        /// What of.
        kind: ComplaintKind,
    },
    /// A member of staff made a report.
    ReportMade {
        /// What about.
        report: &'static str,
        /// The first local day.
        from: NaiveDate,
        /// The last.
        to: NaiveDate,
        /// What was counted together: `province`, `prefecture` or `county`.
        level: &'static str,
        /// `total` or `day`.
        by: &'static str,
        /// `json`, `csv` or `xlsx`.
        format: &'static str,
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
        /// The version of the assessment that found it, as its history counts them.
        version: i64,
    },
    /// It was decided when a region opens.
    RegionDecided {
        /// Which.
        division: Division,
        /// When it opens.
        opens_at: DateTime<Utc>,
        /// When it closes again, if it does.
        closes_at: Option<DateTime<Utc>>,
    },
    /// The working days of a year were kept, in place of what was known of it.
    CalendarSaved {
        /// Which.
        year: i32,
        /// Counts what was kept.
        version: i64,
    },
    /// A community was published, or something else of it.
    CommunitySaved {
        /// Which.
        community: Community,
    },
    /// A file of communities was brought in.
    CommunitiesBroughtIn {
        /// How many were not in the directory.
        added: u64,
        /// Of how many something else is published.
        changed: u64,
    },
    /// A community was closed.
    CommunityClosed {
        /// Which.
        community: Community,
    },
    /// A closed community was opened again.
    CommunityReopened {
        /// Which.
        community: Community,
    },
    /// It was decided when a section of a road is restricted, or that it is no more.
    RoadSectionDecided {
        /// Which.
        section: SectionCode,
        /// How many decisions on it there are with this one.
        version: i64,
        /// Whether it is no more.
        ended: bool,
    },
    /// A complaint line was published.
    ComplaintLineSaved {
        /// Whose.
        division: Division,
    },
    /// An issuer signed in.
    DutySignedIn {
        /// For which community.
        community: Community,
        /// For which day.
        day: NaiveDate,
    },
    /// The public was told how many people showed which colour on a day.
    DailyCountsPublished {
        /// The local day.
        day: NaiveDate,
        /// SHA-256 of all that is told, in hexadecimal.
        sha256: String,
    },
    /// It was ordered how far the service reduces itself.
    ServiceLevelOrdered {
        /// The lowest level.
        at_least: u8,
        /// The highest.
        at_most: u8,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// That was taken back.
    ServiceLevelFreed {},
    /// Communities were found for which nobody had signed in when it was time.
    CoverageGapsNoted {
        /// In which county or district.
        division: Division,
        /// On which day.
        day: NaiveDate,
        /// Who was missing.
        kind: Gap,
        /// How many.
        communities: u64,
    },
    /// Something on somebody's way back to work. It is called what it is called there.
    #[serde(untagged)]
    Work(WorkEvent),
    /// Something about a vehicle and its pass. It is called what it is called there.
    #[serde(untagged)]
    Vehicle(VehicleEvent),
    /// Something about units, their venues, gates, and who was there. It is called what it is called there.
    #[serde(untagged)]
    Door(DoorEvent),
    /// Something about decisions on colours. It is called what it is called there.
    #[serde(untagged)]
    Override(OverrideEvent),
    /// Something about members of staff and their posts. It is called what it is called there.
    #[serde(untagged)]
    Staff(StaffEvent),
    /// Something about the policy. It is called what it is called there.
    #[serde(untagged)]
    Rule(RuleEvent),
    /// Something about cases and who decides them. It is called what it is called there.
    #[serde(untagged)]
    Case(CaseEvent),
    /// Something about pass cards, permits and the keys that sign them. It is called what it is called there.
    #[serde(untagged)]
    Pass(PassEvent),
}

impl Event {
    /// Whether the entry may be asked for, and the proof that the log holds it: by its subject, of a change of what
    /// their code shows; by anybody, of what the public was told.
    pub(super) const fn is_disclosed(&self) -> bool {
        matches!(
            self,
            Self::ColourChanged { .. } | Self::DailyCountsPublished { .. }
        )
    }
}
