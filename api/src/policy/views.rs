//! The policy as it is shown.

use chrono::{DateTime, Utc};
use entity::values::{RuleState, StaffId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    document::RuleDocument,
    error::Error,
    in_force::{Book, Term, document_of},
    rules::{Band, Shift},
    service::{Standing, count},
};

/// The policy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PolicyView {
    /// Which policy is in force: counts the times at which rules came into force or went out of it.
    pub(super) version: String,
    /// The rules in force, by id.
    pub(super) rules: Vec<PublishedRule>,
    /// The rules that come into force later.
    pub(super) coming: Vec<PublishedRule>,
}

/// A rule, and when it decides.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublishedRule {
    /// The rule as it was written.
    pub(super) rule: RuleDocument,
    /// Since when it has been in force, or will be.
    pub(super) valid_from: Option<DateTime<Utc>>,
    /// Until when. Null while no end is decided.
    pub(super) valid_until: Option<DateTime<Utc>>,
}

impl From<&Term> for PublishedRule {
    fn from(term: &Term) -> Self {
        Self {
            rule: RuleDocument::clone(&term.document),
            valid_from: term.rule.valid_from,
            valid_until: term.rule.valid_until,
        }
    }
}

/// A version of a rule, and what was decided on it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleView {
    /// The rule as it was written.
    pub(super) rule: RuleDocument,
    /// Where it stands.
    pub(super) state: RuleState,
    /// Who wrote it. Null where it came with the product.
    pub(super) author: Option<StaffId>,
    /// When it was first saved.
    pub(super) drafted_at: DateTime<Utc>,
    /// When it came to stand where it stands.
    pub(super) changed_at: DateTime<Utc>,
    /// What trying it on everybody found. Null before.
    pub(super) simulation: Option<SimulationView>,
    /// Who approved it, the first one first.
    pub(super) approvals: Vec<ApprovalView>,
    /// When it was, is or will be in force.
    pub(super) terms: Vec<TermView>,
    /// When somebody wants it to end, while nobody agreed. Null if nobody does.
    pub(super) end_asked_for: Option<DateTime<Utc>>,
}

/// What trying a rule on everybody found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SimulationView {
    /// When.
    pub(super) taken_at: DateTime<Utc>,
    /// On how many people.
    #[schema(minimum = 0)]
    pub(super) people: u64,
    /// How many of them would come to show another colour.
    #[schema(minimum = 0)]
    pub(super) would_change: u64,
    /// The same by division, colour before and colour after.
    pub(super) shifts: Vec<Shift>,
    /// How many may come to. Outside of it the rule rolls itself back.
    pub(super) band: Band,
}

/// An approval.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ApprovalView {
    /// Whose.
    pub(super) by: StaffId,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// A time in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TermView {
    /// Since when.
    pub(super) starts_at: DateTime<Utc>,
    /// Until when. Null while no end is decided.
    pub(super) ends_at: Option<DateTime<Utc>>,
}

impl RuleView {
    pub(super) fn new(standing: Standing) -> Result<Self, Error> {
        let simulation = standing.simulation.map(|simulation| {
            let shifts = serde_json::from_value(simulation.changes)?;
            Ok::<_, Error>(SimulationView {
                taken_at: simulation.taken_at,
                people: count(simulation.people),
                would_change: count(simulation.would_change),
                shifts,
                band: Band {
                    low: count(simulation.band_low),
                    high: count(simulation.band_high),
                },
            })
        });
        let approvals = standing.approvals.into_iter().map(|approval| ApprovalView {
            by: approval.staff_id,
            at: approval.approved_at,
        });
        let terms = standing.terms.into_iter().map(|term| TermView {
            starts_at: term.starts_at,
            ends_at: term.ends_at,
        });
        Ok(Self {
            rule: document_of(&standing.row)?,
            state: standing.row.state,
            author: standing.row.author,
            drafted_at: standing.row.drafted_at,
            changed_at: standing.row.changed_at,
            simulation: simulation.transpose()?,
            approvals: approvals.collect(),
            terms: terms.collect(),
            end_asked_for: standing.row.end_asked_for,
        })
    }
}

impl PolicyView {
    /// What `book` says at `now`.
    pub(super) fn new(book: &Book, now: DateTime<Utc>) -> Self {
        let published = |wanted: fn(&Term, DateTime<Utc>) -> bool| {
            let terms = book.terms.iter().filter(move |term| wanted(term, now));
            terms.map(PublishedRule::from).collect()
        };
        Self {
            version: book.at(now).version,
            rules: published(Term::covers),
            coming: published(Term::is_coming),
        }
    }
}
