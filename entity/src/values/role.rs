//! What a member of staff may be.

use sea_orm::entity::prelude::*;

text_enum! {
    /// A role of staff. It is held within one region and what lies in it, for a time (L5). No role both
    /// requests and approves, nor administers roles and uses them.
    pub enum Role in "String(StringLen::N(24))" {
        /// Reviews declarations and issues passes for a community.
        CommunityIssuer,
        /// Decides corrections, appeals and the later stages of reviews.
        Reviewer,
        /// Verifies codes at a checkpoint.
        CheckpointOfficer,
        /// Verifies passes on the road.
        Police,
        /// Records facts: contacts, cases, risk areas, isolation.
        Epidemiologist,
        /// Brings in files of facts, and registers who may sign them.
        DataSteward,
        /// Writes rules of the policy, tries them and proposes them. The province alone.
        PolicyAuthor,
        /// Approves rules. The province alone.
        PolicyApprover,
        /// Invites staff, requests roles for them and takes them away.
        RegionAdmin,
        /// Approves roles that somebody else requested.
        GrantApprover,
        /// Reads the log and no people.
        Auditor,
        /// Takes part in ceremonies with keys.
        KeyCustodian,
    }
}
