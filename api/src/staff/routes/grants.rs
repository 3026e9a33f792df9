//! Roles.

use actix_web::{
    HttpResponse, delete, get, post,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::{
    staff_grant::Model,
    values::{Community, Division, GrantId, Role, StaffId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{
        actor::Staff,
        error::Error,
        rules::{GrantState, Term},
        service::granting::{self, Wanted, state},
    },
    page_key, page_start,
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader, Outcome, once},
        page::{Page, PageParams},
        problem::{Problem, Problems},
    },
};

/// A role for somebody.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantRequest {
    /// Who is to have it.
    account_id: StaffId,
    /// What they are to be.
    role: Role,
    /// Where: there and in everything that lies in it.
    division: Division,
    /// The one community of the division that it is for: a county or district, and the role
    /// `community_issuer` alone. Null: for all of the division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    community: Option<Community>,
    /// From when on: within a year.
    starts_at: DateTime<Utc>,
    /// Until when: a year after the start at the latest.
    ends_at: DateTime<Utc>,
}

/// A role that somebody has, is to have, or had.
#[derive(Serialize, ToSchema)]
struct GrantView {
    /// Which grant.
    grant_id: GrantId,
    /// Whose.
    account_id: StaffId,
    /// What they may be.
    role: Role,
    /// Where.
    division: Division,
    /// The one community of the division that it is for. Null: for all of the division.
    community: Option<Community>,
    /// From when on.
    starts_at: DateTime<Utc>,
    /// Until when.
    ends_at: DateTime<Utc>,
    /// What became of it.
    state: GrantState,
    /// Who requested it. Null for the first of a region.
    requested_by: Option<StaffId>,
    /// When.
    requested_at: DateTime<Utc>,
    /// Who approved it. Null for the first of a region, and before.
    approved_by: Option<StaffId>,
    /// When it was approved. Null before.
    approved_at: Option<DateTime<Utc>>,
    /// When it was taken back. Null unless it was.
    revoked_at: Option<DateTime<Utc>>,
}

impl GrantView {
    fn of(grant: Model, now: DateTime<Utc>) -> Self {
        Self {
            state: state(&grant, now),
            grant_id: grant.id,
            account_id: grant.account_id,
            role: grant.role,
            division: grant.division,
            community: grant.community,
            starts_at: grant.starts_at,
            ends_at: grant.ends_at,
            requested_by: grant.requested_by,
            requested_at: grant.requested_at,
            approved_by: grant.approved_by,
            approved_at: grant.approved_at,
            revoked_at: grant.revoked_at,
        }
    }
}

/// The use cases that an idempotency key is good in.
const REQUEST: &str = "requestGrant";
const APPROVE: &str = "approveGrant";

/// Request a role for somebody else. Another person has to approve it within a week.
#[utoipa::path(
    tag = "staff",
    operation_id = "requestGrant",
    params(KeyHeader),
    request_body = GrantRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = GrantView, description = "Requested"),
        Problems,
    ),
)]
#[post("/staff/grants")]
pub(super) async fn request(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<GrantRequest>,
) -> Result<Answer, Problem> {
    let wanted = Wanted {
        account: body.0.account_id,
        role: body.0.role,
        division: body.0.division.clone(),
        community: body.0.community.clone(),
        term: Term {
            starts_at: body.0.starts_at,
            ends_at: body.0.ends_at,
        },
    };
    let now = deps.clock.now();
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &_| {
        let grant = granting::request(tx, &deps, &staff, &wanted).await?;
        Ok::<_, Error>((Outcome::Created, GrantView::of(grant, now)))
    };
    Ok(once(&deps, caller, REQUEST, &key, &body.0, effect).await?)
}

/// Grants for one's regions, the latest requested first.
#[utoipa::path(
    tag = "staff",
    operation_id = "listGrants",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<GrantView>, description = "Grants"),
        Problems,
    ),
)]
#[get("/staff/grants")]
pub(super) async fn list(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<GrantView>>, Problem> {
    let after = page_start(page.0.after.as_deref())?.map(|(at, id)| (at, GrantId(id)));
    let grants = granting::list(&deps, &staff, after, page.0.limit).await?;
    let now = deps.clock.now();
    let views = grants
        .into_iter()
        .map(|grant| GrantView::of(grant, now))
        .collect();
    Ok(Json(Page::cut(views, page.0.limit, |last: &GrantView| {
        page_key(last.requested_at, last.grant_id.0)
    })))
}

/// Approve a role that somebody else requested, for somebody else.
#[utoipa::path(
    tag = "staff",
    operation_id = "approveGrant",
    params(KeyHeader, ("grant" = GrantId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = GrantView, description = "Approved"),
        Problems,
    ),
)]
#[post("/staff/grants/{grant}/approval")]
pub(super) async fn approve(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    grant: Id<GrantId>,
) -> Result<Answer, Problem> {
    let now = deps.clock.now();
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &_| {
        let grant = granting::approve(tx, &deps, &staff, grant.0).await?;
        Ok::<_, Error>((Outcome::Found, GrantView::of(grant, now)))
    };
    Ok(once(&deps, caller, APPROVE, &key, &grant.0, effect).await?)
}

/// Take a role back at once, or the request for one.
#[utoipa::path(
    tag = "staff",
    operation_id = "revokeGrant",
    params(("grant" = GrantId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Taken back"),
        Problems,
    ),
)]
#[delete("/staff/grants/{grant}")]
pub(super) async fn revoke(
    staff: Staff,
    deps: Data<Deps>,
    grant: Id<GrantId>,
) -> Result<HttpResponse, Problem> {
    granting::revoke(&deps, &staff, grant.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
