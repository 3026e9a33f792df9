//! Cases that somebody has to decide: what they are about, how far they got, and what is done to them.

use sea_orm::entity::prelude::*;

text_enum! {
    /// What a case is about.
    pub enum CaseSubject in "String(StringLen::N(16))" {
        /// An application for a health pass card (P1).
        PassCard,
        /// A complaint about how an application was handled (P9).
        Complaint,
        /// An application for a venue code, or to move one (V3).
        Venue,
        /// What is done about somebody who was turned away (V9).
        ControlAction,
        /// An application about a vehicle: for a pass, or to change one (T5).
        VehiclePass,
        /// The return of a worker (W3, W7).
        WorkPermit,
    }
}

text_enum! {
    /// Whom a case waits for.
    pub enum CaseState in "String(StringLen::N(12))" {
        /// Somebody of the authority has to decide: its clock runs.
        Authority,
        /// The applicant has to bring something: the clock stands.
        Applicant,
        /// Another system has to answer.
        Answer,
        /// Nobody: it is over.
        Closed,
    }
}

text_enum! {
    /// How a case ended.
    pub enum CaseOutcome in "String(StringLen::N(12))" {
        /// Somebody granted what was asked for.
        Approved,
        /// Somebody refused it, with a reason.
        Refused,
        /// Nobody decided in time, and what was asked for was granted by the system (P5).
        ByClock,
        /// The applicant took it back.
        Withdrawn,
        /// The applicant did not bring what was asked for.
        Lapsed,
    }
}

text_enum! {
    /// What is done to a case.
    pub enum CaseAction in "String(StringLen::N(12))" {
        /// It was opened.
        Open,
        /// Granted, at this stage.
        Approve,
        /// Refused.
        Refuse,
        /// The applicant is asked for something.
        Ask,
        /// The applicant brought it.
        Resubmit,
        /// The applicant takes it back.
        Withdraw,
        /// It goes to whoever is above.
        Escalate,
        /// Another system answered.
        Answer,
        /// The clock ran out, and the workflow decided.
        Decide,
    }
}

text_enum! {
    /// What the clock of a case does next.
    pub enum CaseTimer in "String(StringLen::N(12))" {
        /// Remind whoever decides that it is about to run out.
        Remind,
        /// The limit of the stage is reached.
        Limit,
        /// The workflow decides, as it promised at the limit.
        Decide,
    }
}

text_enum! {
    /// How somebody tried to reach the applicant.
    pub enum ContactMeans in "String(StringLen::N(12))" {
        /// By telephone.
        Telephone,
        /// At the door.
        Visit,
        /// In writing.
        Message,
    }
}

text_enum! {
    /// What came of it.
    pub enum ContactResult in "String(StringLen::N(12))" {
        /// They were spoken to.
        Reached,
        /// Nobody answered.
        NotReached,
        /// They were spoken to, and what they declared was confirmed.
        Confirmed,
        /// They were spoken to, and what they declared is not so.
        Contradicted,
    }
}
