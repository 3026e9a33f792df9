//! Looking after accounts.

use actix_web::{
    HttpResponse, delete, get, post, put,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use entity::values::{Division, PersonName, StaffId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    super::{
        actor::Staff,
        error::Error,
        service::{
            accounts,
            inviting::{self, Invited, Newcomer},
            members::Member,
        },
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

/// Somebody to invite.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffInvitationRequest)]
struct InvitationRequest {
    /// Name.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_length = 1, max_length = 50, example = "王建国")]
    name: String,
    /// The organisation that they work for.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "黄浦区疾控中心")]
    unit: String,
    /// The region that they belong to.
    division: Division,
}

/// Somebody who was invited.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffInvitationView)]
struct InvitationView {
    /// Who.
    account_id: StaffId,
    /// What they log in with beside a code.
    #[schema(example = "k7m2p9xq")]
    handle: String,
    /// To be handed over in person. Shown once.
    enrolment_secret: String,
    /// Until when it is good.
    enrolment_until: DateTime<Utc>,
}

impl From<Invited> for InvitationView {
    fn from(invited: Invited) -> Self {
        Self {
            account_id: invited.account,
            handle: invited.handle,
            enrolment_secret: invited.secret.reveal().to_owned(),
            enrolment_until: invited.until,
        }
    }
}

/// An account of staff.
#[derive(Serialize, ToSchema)]
struct StaffAccountView {
    /// Which.
    account_id: StaffId,
    /// What its owner logs in with beside a code.
    #[schema(example = "k7m2p9xq")]
    handle: String,
    /// Its owner's name, masked.
    #[schema(example = "王*国")]
    name: String,
    /// The organisation that they work for.
    unit: String,
    /// The region that they belong to.
    division: Division,
    /// When they were invited.
    invited_at: DateTime<Utc>,
    /// When they enrolled. Null before.
    enrolled_at: Option<DateTime<Utc>>,
    /// When the account was suspended. Null unless it is.
    suspended_at: Option<DateTime<Utc>>,
}

impl From<Member> for StaffAccountView {
    fn from(Member { account, name }: Member) -> Self {
        Self {
            account_id: account.id,
            handle: account.handle,
            name: name.masked(),
            unit: account.unit,
            division: account.division,
            invited_at: account.invited_at,
            enrolled_at: account.enrolled_at,
            suspended_at: account.suspended_at,
        }
    }
}

/// The use case that an idempotency key is good in.
const INVITE: &str = "inviteStaff";

/// Invite somebody. They may do nothing yet.
///
/// What is handed over is good for 72 hours and once.
#[utoipa::path(
    tag = "staff",
    operation_id = "inviteStaff",
    params(KeyHeader),
    request_body = InvitationRequest,
    security(("staff" = [])),
    responses(
        (status = 201, body = InvitationView, description = "Invited"),
        Problems,
    ),
)]
#[post("/staff/accounts")]
pub(super) async fn invite(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<InvitationRequest>,
) -> Result<Answer, Problem> {
    let newcomer = Newcomer {
        name: PersonName::parse(&body.0.name).map_err(|_| Error::Name)?,
        unit: body.0.unit.clone(),
        division: body.0.division.clone(),
    };
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &_| {
        let invited = inviting::invite(tx, &deps, &staff, &newcomer).await?;
        Ok::<_, Error>((Outcome::Created, InvitationView::from(invited)))
    };
    Ok(once(&deps, caller, INVITE, &key, &body.0, effect).await?)
}

/// Accounts of one's regions, the latest invited first.
#[utoipa::path(
    tag = "staff",
    operation_id = "listStaff",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<StaffAccountView>, description = "Accounts"),
        Problems,
    ),
)]
#[get("/staff/accounts")]
pub(super) async fn list(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<StaffAccountView>>, Problem> {
    let after = page_start(page.0.after.as_deref())?.map(|(at, id)| (at, StaffId(id)));
    let members = accounts::list(&deps, &staff, after, page.0.limit).await?;
    let views = members.into_iter().map(StaffAccountView::from).collect();
    Ok(Json(Page::cut(views, page.0.limit, |last| {
        page_key(last.invited_at, last.account_id.0)
    })))
}

/// One account of one's regions.
#[utoipa::path(
    tag = "staff",
    operation_id = "showStaff",
    params(("account" = StaffId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 200, body = StaffAccountView, description = "The account"),
        Problems,
    ),
)]
#[get("/staff/accounts/{account}")]
pub(super) async fn find(
    staff: Staff,
    deps: Data<Deps>,
    account: Id<StaffId>,
) -> Result<Json<StaffAccountView>, Problem> {
    let member = accounts::find(&deps, &staff, account.0).await?;
    Ok(Json(member.into()))
}

/// Suspend an account at once. Its session ends.
#[utoipa::path(
    tag = "staff",
    operation_id = "suspendStaff",
    params(("account" = StaffId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Suspended"),
        Problems,
    ),
)]
#[put("/staff/accounts/{account}/suspension")]
pub(super) async fn suspend(
    staff: Staff,
    deps: Data<Deps>,
    account: Id<StaffId>,
) -> Result<HttpResponse, Problem> {
    accounts::set_suspended(&deps, &staff, account.0, true).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reinstate a suspended account, with the roles that it still has.
#[utoipa::path(
    tag = "staff",
    operation_id = "reinstateStaff",
    params(("account" = StaffId, Path, description = "Which")),
    security(("staff" = [])),
    responses(
        (status = 204, description = "Not suspended"),
        Problems,
    ),
)]
#[delete("/staff/accounts/{account}/suspension")]
pub(super) async fn reinstate(
    staff: Staff,
    deps: Data<Deps>,
    account: Id<StaffId>,
) -> Result<HttpResponse, Problem> {
    accounts::set_suspended(&deps, &staff, account.0, false).await?;
    Ok(HttpResponse::NoContent().finish())
}
