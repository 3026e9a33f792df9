//! Units and their agents in words.

use chrono::{DateTime, Utc};
use entity::{
    organisation,
    organisation_agent::Model,
    values::{AgentEnding, AgentId, Division, OrganisationId, Phone, SocialCreditCode},
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{actor::Capacity, agents::PHONE, error::Error};
use crate::{deps::Deps, identity};

/// Somebody to act for a unit.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AgentInvitationRequest)]
pub(super) struct InvitationRequest {
    /// Their mobile number.
    #[validate(length(min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32, example = "13800138000")]
    pub(super) phone: String,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AgentState {
    /// They were asked, and may accept.
    Invited,
    /// They accepted, and act for the unit.
    Accepted,
    /// They did not want to.
    Declined,
    /// They do not want to any more.
    Resigned,
    /// The unit took it back.
    Withdrawn,
}

impl AgentState {
    fn of(row: &Model) -> Self {
        match (row.ending, row.accepted_at) {
            (Some(AgentEnding::Declined), _) => Self::Declined,
            (Some(AgentEnding::Resigned), _) => Self::Resigned,
            (Some(AgentEnding::Withdrawn), _) => Self::Withdrawn,
            (None, Some(_)) => Self::Accepted,
            (None, None) => Self::Invited,
        }
    }
}

/// Somebody who acts for a unit, or was asked to; for the unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AgentView {
    /// Which.
    id: AgentId,
    /// Their mobile number, masked.
    #[schema(example = "138****8000")]
    phone: String,
    /// Their name, masked. Null until they accept.
    #[schema(example = "张*三")]
    name: Option<String>,
    /// What became of it.
    state: AgentState,
    /// When they were asked.
    invited_at: DateTime<Utc>,
    /// Until when they may accept.
    expires_at: DateTime<Utc>,
    /// When they did. Null until then.
    accepted_at: Option<DateTime<Utc>>,
}

impl AgentView {
    pub(super) async fn open(
        db: &impl ConnectionTrait,
        deps: &Deps,
        row: &Model,
    ) -> Result<Self, Error> {
        let place = PHONE.owned_by(row.id.0.as_bytes());
        let phone = deps.vault.open(place, &row.phone)?;
        let phone = str::from_utf8(&phone).ok();
        let phone = phone.and_then(|phone| Phone::parse(phone).ok());
        let name = match row.person_id {
            Some(person) => identity::masked_name_of(db, deps, person).await?,
            None => None,
        };
        Ok(Self {
            id: row.id,
            phone: phone.map(|phone| phone.masked()).unwrap_or_default(),
            name,
            state: AgentState::of(row),
            invited_at: row.invited_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
        })
    }
}

/// A unit, for whoever acts for it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitView {
    /// Which.
    id: OrganisationId,
    /// Its unified social credit code.
    credit_code: SocialCreditCode,
    /// Its registered name.
    #[schema(example = "上海浦江商贸有限公司")]
    name: String,
    /// Where it is registered.
    division: Division,
    /// As what the caller acts for it.
    capacity: Capacity,
    /// When its certificate last said who it is.
    confirmed_at: DateTime<Utc>,
}

impl UnitView {
    pub(super) fn of(unit: organisation::Model, capacity: Capacity) -> Self {
        Self {
            id: unit.id,
            credit_code: unit.credit_code,
            name: unit.name,
            division: unit.division,
            capacity,
            confirmed_at: unit.confirmed_at,
        }
    }
}

/// A unit that one acts for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MyUnitView {
    /// Which.
    id: OrganisationId,
    /// Its unified social credit code.
    credit_code: SocialCreditCode,
    /// Its registered name.
    name: String,
    /// As what.
    capacity: Capacity,
    /// The invitation that was accepted, to give it up by. Null for the legal person.
    agent: Option<AgentId>,
}

impl MyUnitView {
    pub(super) fn of(
        unit: &organisation::Model,
        capacity: Capacity,
        agent: Option<AgentId>,
    ) -> Self {
        Self {
            id: unit.id,
            credit_code: unit.credit_code.clone(),
            name: unit.name.clone(),
            capacity,
            agent,
        }
    }
}

/// A unit that asked one to act for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentInvitationView)]
pub(super) struct InvitationView {
    /// Which invitation.
    id: AgentId,
    /// Which unit.
    organisation: OrganisationId,
    /// Its unified social credit code.
    credit_code: SocialCreditCode,
    /// Its registered name.
    name: String,
    /// What became of it.
    state: AgentState,
    /// When it asked.
    invited_at: DateTime<Utc>,
    /// Until when one may accept.
    expires_at: DateTime<Utc>,
}

impl InvitationView {
    pub(super) fn of(unit: &organisation::Model, row: &Model) -> Self {
        Self {
            id: row.id,
            organisation: unit.id,
            credit_code: unit.credit_code.clone(),
            name: unit.name.clone(),
            state: AgentState::of(row),
            invited_at: row.invited_at,
            expires_at: row.expires_at,
        }
    }
}

/// The units that one acts for, and those that asked one to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct MyOrganisationsView {
    /// Those that one acts for.
    pub(super) organisations: Vec<MyUnitView>,
    /// Those that asked, and wait for an answer.
    pub(super) invitations: Vec<InvitationView>,
}
