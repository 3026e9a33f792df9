//! Oneself.

use actix_web::{
    get,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::{
    staff_grant,
    values::{Community, Division, GrantId, Role, StaffId, StaffSessionId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{actor::Staff, service::sessions};
use crate::{
    deps::Deps,
    http::problem::{Problem, Problems},
};

/// Oneself, as a member of staff.
#[derive(Serialize, ToSchema)]
struct StaffMeView {
    /// Who.
    account_id: StaffId,
    /// Name.
    #[schema(example = "王建国")]
    name: String,
    /// Organisation.
    unit: String,
    /// The region whose administrators look after the account.
    division: Division,
    /// Which log-in this is.
    session_id: StaffSessionId,
    /// What one may be now.
    grants: Vec<HeldView>,
}

/// A role that is in force.
#[derive(Serialize, ToSchema)]
struct HeldView {
    /// Which grant.
    grant_id: GrantId,
    /// What one may be.
    role: Role,
    /// Where: there and in everything that lies in it.
    division: Division,
    /// The one community of the division that it is for. Null: for all of the division.
    community: Option<Community>,
    /// Until when.
    ends_at: DateTime<Utc>,
}

impl From<staff_grant::Model> for HeldView {
    fn from(grant: staff_grant::Model) -> Self {
        Self {
            grant_id: grant.id,
            role: grant.role,
            division: grant.division,
            community: grant.community,
            ends_at: grant.ends_at,
        }
    }
}

/// Oneself, and what one may be now.
#[utoipa::path(
    tag = "staff",
    operation_id = "staffMe",
    security(("staff" = [])),
    responses(
        (status = 200, body = StaffMeView, description = "Oneself"),
        Problems,
    ),
)]
#[get("/staff/me")]
pub(super) async fn me(staff: Staff, deps: Data<Deps>) -> Result<Json<StaffMeView>, Problem> {
    let (member, grants) = sessions::myself(&deps, &staff).await?;
    Ok(Json(StaffMeView {
        account_id: member.account.id,
        name: member.name.reveal().to_owned(),
        unit: member.account.unit,
        division: member.account.division,
        session_id: staff.session,
        grants: grants.into_iter().map(HeldView::from).collect(),
    }))
}
