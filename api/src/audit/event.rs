//! The closed list of what is recorded.

mod work;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    session::{Door, Ending},
    staff_credential::Method,
    staff_session,
    values::{
        AboardEnding, AboardId, AgentEnding, AgentId, Area, AuthorisationId, CaseAction, CaseId,
        CaseOutcome, CaseSubject, CertificateKind, CheckInId, CheckpointId, Colour, Community,
        ComplaintId, ComplaintKind, ContactId, ContactMeans, ContactResult, ControlActionId,
        CorrectionId, DeclarationId, DelegationId, DeviceId, Division, FactId, FactKind,
        FalseMarkId, Falsehood, Gap, GrantId, HoldId, ImportId, Mistake, OrganisationId,
        OrganisationSessionId, PassApplicationId, PassCardId, PassCardReplacement, PermitKind,
        PersonId, ReasonCode, Refusal, RefusalReason, RiskAreaId, RiskLevel, Role, RuleState,
        SectionCode, SessionId, StaffId, StaffSessionId, TracingId, UploadId, VehicleApplicationId,
        VehicleApplicationKind, VehiclePassId, VehiclePassVoid, VehicleRevocation,
        VenueApplicationId, VenueApplicationKind, VenueChannel, VenueCodeReplacement, VenueId,
        VenueSuspension,
    },
};
use serde::Serialize;

use uuid::Uuid;
pub use work::WorkEvent;

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
    /// A version of a workflow was saved.
    WorkflowSaved {
        /// Which workflow.
        workflow: String,
        /// Which version.
        version: i64,
    },
    /// A case was opened.
    CaseOpened {
        /// Which.
        case: CaseId,
        /// What it is about.
        subject: CaseSubject,
        /// The workflow that it follows.
        workflow: String,
        /// The version of it.
        version: i64,
    },
    /// Something was done to a case.
    CaseMoved {
        /// Which.
        case: CaseId,
        /// Which step of it.
        turn: i64,
        /// What was done.
        action: CaseAction,
        /// At which stage.
        stage: String,
        /// The stage after it.
        stage_after: Option<String>,
        /// How it ended, where it did.
        outcome: Option<CaseOutcome>,
        /// In whose place, where it was delegated.
        instead_of: Option<StaffId>,
    },
    /// Somebody tried to reach the applicant.
    CaseContact {
        /// Of which case.
        case: CaseId,
        /// Which attempt.
        contact: ContactId,
        /// How.
        means: ContactMeans,
        /// What came of it.
        result: ContactResult,
    },
    /// Whoever decides was reminded that time runs out, or ran out.
    CaseReminded {
        /// Of which case.
        case: CaseId,
        /// At which stage.
        stage: String,
    },
    /// A limit was reached without an opinion: it is booked on who was responsible.
    PromiseBroken {
        /// Of which case.
        case: CaseId,
        /// At which stage.
        stage: String,
        /// Who was responsible.
        area: Area,
        /// The limit.
        due_at: DateTime<Utc>,
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
    },
    /// A version of a rule came to stand elsewhere.
    RuleMoved {
        /// Which, as `contact.close@1.0.0`.
        rule: String,
        /// Where it stands now.
        to: RuleState,
    },
    /// A rule was tried on everybody.
    RuleSimulated {
        /// Which.
        rule: String,
        /// On how many people.
        people: u64,
        /// How many would come to show another colour.
        would_change: u64,
    },
    /// Somebody approved a rule.
    RuleApproved {
        /// Which.
        rule: String,
        /// How many did so far.
        approvals: usize,
    },
    /// The date of a rule was set.
    RuleScheduled {
        /// Which.
        rule: String,
        /// When it comes into force.
        starts_at: DateTime<Utc>,
    },
    /// Somebody asked that a rule end, or decided it as the second.
    RuleEnds {
        /// Which.
        rule: String,
        /// When.
        ends_at: DateTime<Utc>,
        /// Whether it is decided.
        decided: bool,
    },
    /// A rule was taken back, because what happened was not what was predicted.
    RuleRolledBack {
        /// Which.
        rule: String,
        /// How many colours it had changed.
        changed: u64,
        /// The fewest that were predicted.
        low: u64,
        /// The most.
        high: u64,
    },
    /// A member of staff was invited.
    StaffInvited {
        /// The region that they belong to.
        division: Division,
    },
    /// A member of staff enrolled what they prove themselves with.
    StaffEnrolled {
        /// What it is.
        method: Method,
    },
    /// A session of staff began.
    StaffSessionBegan {
        /// Which.
        session: StaffSessionId,
        /// How.
        method: Method,
    },
    /// Somebody could not prove that they are the member of staff that they named, or named none.
    StaffProofRefused {
        /// How they tried.
        method: Method,
    },
    /// A member of staff proved themselves again.
    StaffSteppedUp {
        /// In which session.
        session: StaffSessionId,
        /// How.
        method: Method,
    },
    /// A session of staff ended before its time.
    StaffSessionEnded {
        /// Which.
        session: StaffSessionId,
        /// Why.
        ending: staff_session::Ending,
    },
    /// An account of staff was suspended.
    StaffSuspended {},
    /// An account of staff is not suspended any more.
    StaffReinstated {},
    /// A role was requested for a member of staff.
    GrantRequested {
        /// Which grant.
        grant: GrantId,
        /// What they would be.
        role: Role,
        /// Where.
        division: Division,
        /// For which community of it. None: for all of it.
        #[serde(skip_serializing_if = "Option::is_none")]
        community: Option<Community>,
        /// From when on.
        starts_at: DateTime<Utc>,
        /// Until when.
        ends_at: DateTime<Utc>,
    },
    /// A requested role was approved.
    GrantApproved {
        /// Which grant.
        grant: GrantId,
    },
    /// A role, or the request for it, was taken back.
    GrantRevoked {
        /// Which grant.
        grant: GrantId,
    },
    /// Somebody applied for a health pass card.
    PassApplicationFiled {
        /// Which application.
        application: PassApplicationId,
        /// Whether a clerk took it down.
        at_window: bool,
    },
    /// The data comparison of an application answered.
    PassCompared {
        /// Which application.
        application: PassApplicationId,
        /// The colour that it found.
        colour: Colour,
    },
    /// A key that signs permits or status lists was dropped, because it leaked.
    KeyDropped {
        /// Which, in hexadecimal.
        kid: String,
    },
    /// The key that signs codes was replaced, because it may have leaked.
    KeyReplaced {
        /// By which, in hexadecimal.
        kid: String,
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
    /// A permit was signed that was not signed before, or not by this key, or said something else.
    PermitSigned {
        /// What it is for.
        kind: PermitKind,
        /// Its record.
        record: Uuid,
        /// The key.
        kid: String,
    },
    /// A health pass card was issued.
    PassCardIssued {
        /// Which.
        card: PassCardId,
        /// On which application.
        application: PassApplicationId,
        /// Whether the clock issued it.
        by_clock: bool,
    },
    /// The days of a card began, because its holder's code turned green.
    PassCardBegan {
        /// Which.
        card: PassCardId,
    },
    /// A card was given for the days of another one, which is void.
    PassCardReplaced {
        /// The new one.
        card: PassCardId,
        /// The void one.
        replaces: PassCardId,
        /// Why.
        reason: PassCardReplacement,
    },
    /// A card was printed at a window: another text of it was signed.
    PassCardPrinted {
        /// Which.
        card: PassCardId,
    },
    /// The days of a card are over.
    PassCardExpired {
        /// Which.
        card: PassCardId,
    },
    /// What was declared for an application was marked as not true.
    FalseDeclarationMarked {
        /// Which mark.
        mark: FalseMarkId,
        /// Which application.
        application: PassApplicationId,
        /// What is not true.
        falsehood: Falsehood,
        /// What shows it.
        evidence: String,
    },
    /// A mark was taken back.
    FalseDeclarationLifted {
        /// Which mark.
        mark: FalseMarkId,
        /// Which application.
        application: PassApplicationId,
    },
    /// A unit was seen for the first time.
    OrganisationCreated {
        /// Which.
        organisation: OrganisationId,
    },
    /// The certificate of a unit names another legal person than before.
    LegalPersonChanged {
        /// Of which unit.
        organisation: OrganisationId,
    },
    /// A unit logged in.
    OrganisationSessionBegan {
        /// Which unit.
        organisation: OrganisationId,
        /// Which log-in.
        session: OrganisationSessionId,
        /// With what.
        certificate: CertificateKind,
    },
    /// A log-in of a unit ended before its time.
    OrganisationSessionEnded {
        /// Which unit.
        organisation: OrganisationId,
        /// Which log-in.
        session: OrganisationSessionId,
    },
    /// Somebody was asked to act for a unit.
    AgentInvited {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
    },
    /// They accepted.
    AgentAccepted {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
    },
    /// They act for the unit no more, or never will.
    AgentEnded {
        /// Which unit.
        organisation: OrganisationId,
        /// Which invitation.
        agent: AgentId,
        /// How.
        ending: AgentEnding,
    },
    /// Somebody was turned away at a door, and the headquarters was told.
    ControlActionOpened {
        /// Which.
        action: ControlActionId,
        /// Why they were turned away.
        reason: RefusalReason,
    },
    /// A member of staff read a case.
    CaseRead {
        /// Which.
        case: CaseId,
    },
    /// A member of staff took a case on.
    CaseClaimed {
        /// Which.
        case: CaseId,
    },
    /// A case is nobody's in particular any more.
    CaseReleased {
        /// Which.
        case: CaseId,
    },
    /// A case was given to a member of staff.
    CaseAssigned {
        /// Which.
        case: CaseId,
        /// Whom.
        to: StaffId,
    },
    /// One member of staff is to stand in for another.
    DelegationMade {
        /// Which.
        delegation: DelegationId,
        /// As what.
        role: Role,
        /// From when on.
        starts_at: DateTime<Utc>,
        /// Until when.
        ends_at: DateTime<Utc>,
    },
    /// That was ended before its time.
    DelegationEnded {
        /// Which.
        delegation: DelegationId,
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
    /// The health authority asked who was at a venue.
    TracingRequested {
        /// Which request.
        tracing: TracingId,
        /// Where.
        venue: VenueId,
    },
    /// The other organisation decided.
    TracingDecided {
        /// Which request.
        tracing: TracingId,
        /// How.
        released: bool,
        /// How many people it concerns.
        people: u64,
    },
    /// The health authority read who somebody is, and when they were at a venue.
    TracingRead {
        /// By which request.
        tracing: TracingId,
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
    /// A post on the road was set up.
    CheckpointCreated {
        /// Which.
        checkpoint: CheckpointId,
    },
    /// A device is expected at a gate.
    DeviceExpected {
        /// Which.
        device: DeviceId,
    },
    /// A device brought its key.
    DeviceEnrolled {
        /// Which.
        device: DeviceId,
    },
    /// Nobody believes a device any more.
    DeviceRevoked {
        /// Which.
        device: DeviceId,
    },
    /// Somebody agreed to be aboard of a vehicle that a pass is asked for.
    VehicleRideAgreed {
        /// Which application.
        application: VehicleApplicationId,
        /// Which place.
        place: AboardId,
    },
    /// Somebody who was asked is not, or not any more, aboard.
    VehicleRideEnded {
        /// Which application.
        application: VehicleApplicationId,
        /// Which place.
        place: AboardId,
        /// Why.
        ending: AboardEnding,
    },
    /// An application that was decided on long ago, and all that it led to, was forgotten.
    VehicleApplicationForgotten {
        /// Which application.
        application: VehicleApplicationId,
    },
    /// An upload belongs to an application no more, and is deleted.
    VehicleMaterialGone {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// An upload belongs to an application from now on.
    VehicleMaterialKept {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// Somebody of the authority looked at an upload of an application.
    VehicleMaterialRead {
        /// Which application.
        application: VehicleApplicationId,
        /// Which upload.
        upload: UploadId,
    },
    /// A pass for a vehicle was asked for.
    VehiclePassAppliedFor {
        /// Which application.
        application: VehicleApplicationId,
        /// What it asks for.
        kind: VehicleApplicationKind,
    },
    /// A pass for a vehicle was issued.
    VehiclePassIssued {
        /// Which pass.
        pass: VehiclePassId,
        /// On which application.
        application: VehicleApplicationId,
    },
    /// A pass for a vehicle ended before its time.
    VehiclePassEnded {
        /// Which pass.
        pass: VehiclePassId,
        /// How.
        void: VehiclePassVoid,
        /// Why it was taken back, if it was.
        reason: Option<VehicleRevocation>,
    },
    /// A pass for a vehicle was printed.
    VehiclePassPrinted {
        /// Which pass.
        pass: VehiclePassId,
    },
    /// The holder of a pass lets somebody see it once.
    VehiclePassAuthorised {
        /// Which pass.
        pass: VehiclePassId,
        /// Which leave.
        authorisation: AuthorisationId,
    },
    /// Somebody saw a pass with its holder's leave.
    VehiclePassRecognised {
        /// Which pass.
        pass: VehiclePassId,
        /// With which leave.
        authorisation: AuthorisationId,
        /// Who signed for it, by the short name of the configuration. None: nobody.
        by: Option<String>,
    },
    /// A unit asked for something at a venue.
    VenueAppliedFor {
        /// Which application.
        application: VenueApplicationId,
        /// About which venue.
        venue: VenueId,
        /// What it asked for.
        kind: VenueApplicationKind,
        /// Through which door.
        channel: VenueChannel,
    },
    /// A venue got a code.
    VenueCodeGiven {
        /// Which venue.
        venue: VenueId,
    },
    /// A venue got another code in place of the one that it had.
    VenueCodeReplaced {
        /// Which venue.
        venue: VenueId,
        /// Why.
        reason: VenueCodeReplacement,
    },
    /// The code of a venue counts no more for now.
    VenueSuspended {
        /// Which venue.
        venue: VenueId,
        /// Why.
        reason: VenueSuspension,
    },
    /// The code of a suspended venue counts again.
    VenueResumed {
        /// Which venue.
        venue: VenueId,
    },
    /// A unit gave up a venue and its code.
    VenueClosed {
        /// Which venue.
        venue: VenueId,
    },
    /// A unit asked at a door of its own whose a document or a phone number is. Without a subject: nobody's.
    VisitorLookedUp {
        /// Which unit.
        organisation: OrganisationId,
        /// At which venue.
        venue: VenueId,
    },
    /// Something on somebody's way back to work. It is called what it is called there.
    #[serde(untagged)]
    Work(WorkEvent),
}
