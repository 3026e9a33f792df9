//! The policy for everybody to read, and for the province to change.

use actix_web::{
    HttpRequest, HttpResponse, get, post, put,
    web::{Data, Json},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    document::RuleDocument,
    error::Error,
    in_force,
    keyed::{Keyed, keyed},
    service::{self, provincial},
    version::Version,
    views::{PolicyView, RuleView},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        idempotency::{Answer, IdempotencyKey, KeyHeader, Outcome},
        page::{self, Page, PageParams},
        problem::{FieldFault, INTERNAL, INVALID_REQUEST, Problem, Problems, Text},
        written::Written,
    },
    staff::Staff,
};

/// Levels of nesting in a rule's document, at the most: the check of its logic is stricter.
const DEEPEST_RULE: usize = 48;

/// What begins or ends was published two days before, but for what rolls itself back.
const PUBLISHED_FOR: &str = "public, max-age=300";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(get_policy)
        .service(list_rules)
        .service(get_rule)
        .service(draft_rule)
        .service(rewrite_rule)
        .service(propose_rule)
        .service(approve_rule)
        .service(refuse_rule)
        .service(schedule_rule)
        .service(retire_rule);
}

/// When a rule comes into force.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScheduleRequest {
    /// The instant, 48 hours ahead at the least.
    starts_at: DateTime<Utc>,
}

/// When a rule ends.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetirementRequest {
    /// The instant, 48 hours ahead at the least. Whoever agrees names the same.
    ends_at: DateTime<Utc>,
}

/// Read the policy: every rule that decides colours, and every one that will.
#[utoipa::path(
    tag = "policy",
    operation_id = "getPolicy",
    responses(
        (status = 200, body = PolicyView, description = "The policy; may be cached, with an `ETag`"),
        (status = 304, description = "As the `ETag` in `If-None-Match` says"),
        Problems,
    ),
)]
#[get("/policy")]
async fn get_policy(request: HttpRequest, deps: Data<Deps>) -> Result<HttpResponse, Problem> {
    let book = in_force::book(&deps).await?;
    let view = PolicyView::new(&book, deps.clock.now());
    let written = Written::new(&view).map_err(|_| Problem::new(INTERNAL))?;
    Ok(written.answer(&request, PUBLISHED_FOR))
}

/// List versions of rules, wherever they stand: the one drafted last first.
#[utoipa::path(
    tag = "policy",
    operation_id = "listRules",
    params(PageParams),
    security(("staff" = [])),
    responses(
        (status = 200, body = Page<RuleView>, description = "A page of versions of rules"),
        Problems,
    ),
)]
#[get("/staff/policy/rules")]
async fn list_rules(
    staff: Staff,
    deps: Data<Deps>,
    page: Params<PageParams>,
) -> Result<Json<Page<RuleView>>, Problem> {
    provincial(&deps, &staff)?;
    let Params(page) = page;
    let after = page.after.as_deref().map(cursor).transpose()?;
    let rows = service::list(&deps, after, page.limit + 1).await?;
    let views: Result<Vec<RuleView>, Error> = rows.into_iter().map(RuleView::new).collect();
    Ok(Json(Page::cut(views?, page.limit, |last| {
        let drafted = last.drafted_at.timestamp_millis();
        format!("{drafted}/{}@{}", last.rule.id, last.rule.version)
    })))
}

fn cursor(after: &str) -> Result<(DateTime<Utc>, String, String), Problem> {
    let parts = after.split_once('/').and_then(|(drafted, name)| {
        let drafted = page::instant(DateTime::from_timestamp_millis(drafted.parse().ok()?)?)?;
        let (rule, version) = name.split_once('@')?;
        Some((drafted, rule.to_owned(), version.to_owned()))
    });
    parts.ok_or_else(|| {
        let message = Text::new("不是上一页给出的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    })
}

/// Read one version of a rule, and what was decided on it.
#[utoipa::path(
    tag = "policy",
    operation_id = "getRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version")),
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The version"),
        Problems,
    ),
)]
#[get("/staff/policy/rules/{rule}/{version}")]
async fn get_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
) -> Result<Json<RuleView>, Problem> {
    provincial(&deps, &staff)?;
    let (rule, version) = named.0;
    let standing = service::read(&deps.db, (&rule, version)).await?;
    Ok(Json(RuleView::new(standing)?))
}

/// Save the first draft of a new version of a rule.
///
/// What means nothing is refused, with the place in the document. Only the province has a policy.
#[utoipa::path(
    tag = "policy",
    operation_id = "draftRule",
    params(KeyHeader),
    request_body = RuleDocument,
    security(("staff" = [])),
    responses(
        (status = 201, body = RuleView, description = "The draft"),
        Problems,
    ),
)]
#[post("/staff/policy/drafts")]
async fn draft_rule(
    staff: Staff,
    deps: Data<Deps>,
    key: IdempotencyKey,
    body: Valid<RuleDocument, DEEPEST_RULE>,
) -> Result<Answer, Problem> {
    let Valid(document) = body;
    let request = Keyed::new("policy.draft", "", None, &document);
    let answer = keyed(
        &staff,
        &deps,
        &key,
        Outcome::Created,
        &request,
        async |tx| service::draft(tx, &deps, &staff, &document).await,
    )
    .await?;
    Ok(answer)
}

/// Write a draft anew. Its author alone does; its id and version stay.
#[utoipa::path(
    tag = "policy",
    operation_id = "rewriteRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version")),
    request_body = RuleDocument,
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The draft as it is now"),
        Problems,
    ),
)]
#[put("/staff/policy/rules/{rule}/{version}")]
async fn rewrite_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    body: Valid<RuleDocument, DEEPEST_RULE>,
) -> Result<Json<RuleView>, Problem> {
    let (rule, version) = named.0;
    let rewritten = service::rewrite(&deps, &staff, (&rule, version), &body.0).await?;
    Ok(Json(RuleView::new(rewritten)?))
}

/// Propose a draft. Its author alone does, and from then on its text never changes.
#[utoipa::path(
    tag = "policy",
    operation_id = "proposeRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The rule, which waits for its dry run"),
        Problems,
    ),
)]
#[post("/staff/policy/rules/{rule}/{version}/proposal")]
async fn propose_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let (rule, version) = named.0;
    let request = Keyed::new("policy.propose", &rule, Some(version), &());
    let answer = keyed(&staff, &deps, &key, Outcome::Found, &request, async |tx| {
        service::propose(tx, &deps, &staff, (&rule, version)).await
    })
    .await?;
    Ok(answer)
}

/// Approve a rule that was tried on everybody. Nobody approves what they wrote, and nobody twice.
#[utoipa::path(
    tag = "policy",
    operation_id = "approveRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The rule, with the approval"),
        Problems,
    ),
)]
#[post("/staff/policy/rules/{rule}/{version}/approvals")]
async fn approve_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let (rule, version) = named.0;
    let request = Keyed::new("policy.approve", &rule, Some(version), &());
    let answer = keyed(&staff, &deps, &key, Outcome::Found, &request, async |tx| {
        service::approve(tx, &deps, &staff, (&rule, version)).await
    })
    .await?;
    Ok(answer)
}

/// Refuse a rule that has not come into force. The version before it stays.
#[utoipa::path(
    tag = "policy",
    operation_id = "refuseRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version"), KeyHeader),
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The rule, refused"),
        Problems,
    ),
)]
#[post("/staff/policy/rules/{rule}/{version}/refusal")]
async fn refuse_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    key: IdempotencyKey,
) -> Result<Answer, Problem> {
    let (rule, version) = named.0;
    let request = Keyed::new("policy.refuse", &rule, Some(version), &());
    let answer = keyed(&staff, &deps, &key, Outcome::Found, &request, async |tx| {
        service::refuse(tx, &deps, &staff, (&rule, version)).await
    })
    .await?;
    Ok(answer)
}

/// Set the date of an approved rule. The version before it ends there.
///
/// A rule that would change the colour of more than the configured share of people needs a third
/// approval first.
#[utoipa::path(
    tag = "policy",
    operation_id = "scheduleRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version"), KeyHeader),
    request_body = ScheduleRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The rule, with its date"),
        Problems,
    ),
)]
#[post("/staff/policy/rules/{rule}/{version}/schedule")]
async fn schedule_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    key: IdempotencyKey,
    body: Valid<ScheduleRequest>,
) -> Result<Answer, Problem> {
    let ((rule, version), Valid(body)) = (named.0, body);
    let request = Keyed::new("policy.schedule", &rule, Some(version), &body);
    let answer = keyed(&staff, &deps, &key, Outcome::Found, &request, async |tx| {
        service::schedule(tx, &deps, &staff, (&rule, version), body.starts_at).await
    })
    .await?;
    Ok(answer)
}

/// Ask that a rule in force end. It does once a second person asks for the same date.
#[utoipa::path(
    tag = "policy",
    operation_id = "retireRule",
    params(("rule" = String, Path, description = "Which rule"), ("version" = String, Path, description = "Which version"), KeyHeader),
    request_body = RetirementRequest,
    security(("staff" = [])),
    responses(
        (status = 200, body = RuleView, description = "The rule, with the date that was asked for or decided"),
        Problems,
    ),
)]
#[post("/staff/policy/rules/{rule}/{version}/retirement")]
async fn retire_rule(
    staff: Staff,
    deps: Data<Deps>,
    named: Id<(String, Version)>,
    key: IdempotencyKey,
    body: Valid<RetirementRequest>,
) -> Result<Answer, Problem> {
    let ((rule, version), Valid(body)) = (named.0, body);
    let request = Keyed::new("policy.retire", &rule, Some(version), &body);
    let answer = keyed(&staff, &deps, &key, Outcome::Found, &request, async |tx| {
        service::retire(tx, &deps, &staff, (&rule, version), body.ends_at).await
    })
    .await?;
    Ok(answer)
}
