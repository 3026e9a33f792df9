//! What is recorded of members of staff and their posts.

use chrono::{DateTime, Utc};
use entity::{
    staff_credential::Method,
    staff_session,
    values::{Community, DelegationId, Division, GrantId, Role, StaffSessionId},
};
use serde::Serialize;

/// What happened to members of staff and their posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", content = "detail", rename_all = "snake_case")]
pub enum StaffEvent {
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
}
