//! `Idempotency-Key`: a request repeated with its key has its effect once, and the same answer.
//!
//! The answer is stored in the transaction of the effect, sealed, and kept for [`KEPT`].

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::{StatusCode, header},
};
use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, TimeDelta, Utc};
use entity::idempotent_response::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    QuerySelect, QueryTrait, sea_query::OnConflict,
};
use serde::Serialize;
use utoipa::IntoParams;

use super::problem::{Fault, FieldFault, INTERNAL, Kind, Problem, Text, UNAVAILABLE};
use crate::{
    deps::Deps,
    platform::{
        db::{begin_write, inserted, is_outage},
        vault::{Column as Sealing, Sealed},
    },
};

/// How long an answer is given again.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

/// A statement that forgets more might not end in its time, and then none would.
const FORGOTTEN_AT_ONCE: u64 = 1_000;

const BODY: Sealing = Sealing("idempotent_response.body");

/// Requests hold personal data, so they are compared by a keyed index rather than a plain digest.
const REQUEST: &str = "idempotent_response.request";

const LONGEST: usize = 255;

const MISSING: Kind = Kind {
    slug: "idempotency-key-missing",
    status: StatusCode::BAD_REQUEST,
    title: Text::new(
        "缺少 Idempotency-Key 请求头",
        "The Idempotency-Key header is missing",
    ),
};

const INVALID: Kind = Kind {
    slug: "idempotency-key-invalid",
    status: StatusCode::BAD_REQUEST,
    title: Text::new(
        "Idempotency-Key 请求头无效",
        "The Idempotency-Key header is not valid",
    ),
};

/// The key of a request, as its client chose it.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(String);

/// The header, as the document describes it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// Names this request: repeated with it, it has its effect once, and the same answer.
    #[expect(dead_code, reason = "read as `IdempotencyKey`")]
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: String,
}

impl IdempotencyKey {
    /// The key of a part of a request that has several effects, each with an answer of its own.
    #[must_use]
    pub fn of_part(&self, part: &str) -> Self {
        Self(format!("{}/{part}", self.0))
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let value = request
        .headers()
        .get("idempotency-key")
        .ok_or_else(|| Problem::new(MISSING))?;
    let key = value.to_str().unwrap_or_default().trim();
    let well_formed =
        !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|b| b.is_ascii_graphic());
    if well_formed {
        Ok(IdempotencyKey(key.to_owned()))
    } else {
        let message = Text::new(
            "须为 1 至 255 个可见 ASCII 字符",
            "must be 1 to 255 visible ASCII characters",
        );
        Err(Problem::field(
            INVALID,
            FieldFault::new("Idempotency-Key", "form", message),
        ))
    }
}

/// A keyed request did not go through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key was used before, with another request.
    #[error("the key belongs to another request")]
    Conflict,
    /// The stored answer does not open.
    #[error("a stored answer does not open")]
    Damaged(#[from] Sealed),
    /// The answer cannot be written as JSON.
    #[error("an answer cannot be written")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the store of answers failed")]
    Store(#[from] DbErr),
}

impl Fault for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Conflict => Kind {
                slug: "idempotency-key-reused",
                status: StatusCode::UNPROCESSABLE_ENTITY,
                title: Text::new(
                    "该 Idempotency-Key 已用于另一请求",
                    "This Idempotency-Key was used with another request",
                ),
            },
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Damaged(_) | Self::Unwritable(_) | Self::Store(_) => INTERNAL,
        }
    }
}

/// What an effect did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It made something: 201.
    Created,
    /// It found what it would have made, or made nothing: 200.
    Found,
}

impl From<Outcome> for StatusCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Created => Self::CREATED,
            Outcome::Found => Self::OK,
        }
    }
}

/// An answer, given for the first time or again.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Answer {
    /// The answer as it is part of another.
    pub fn read(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CONTENT_TYPE, "application/json"));
        if self.replayed {
            response.insert_header(("Idempotent-Replayed", "true"));
        }
        response.body(self.body)
    }
}

/// Give `request` of `caller` its `effect` once: in one transaction, with its answer stored under
/// `key`. Repeated, it gets that answer again without the effect.
///
/// `operation` names the use case, so that a key means something only within it. Of two at once,
/// one waits for the other.
pub async fn once<T, E>(
    deps: &Deps,
    caller: &[u8],
    operation: &'static str,
    key: &IdempotencyKey,
    request: &impl Serialize,
    effect: impl AsyncFnOnce(&DatabaseTransaction) -> Result<(Outcome, T), E>,
) -> Result<Answer, E>
where
    T: Serialize,
    E: From<Error>,
{
    let scope = scope_of(caller, operation, key);
    let request = serde_json::to_string(request).map_err(Error::from)?;
    let now = deps.clock.now();

    let tx = begin_write(&deps.db).await.map_err(Error::from)?;
    let fingerprint = deps.vault.index(REQUEST, &request);
    if !reserve(&tx, &scope, &fingerprint, now)
        .await
        .map_err(Error::from)?
    {
        let stored = Entity::find_by_id(scope.clone())
            .one(&tx)
            .await
            .map_err(Error::from)?;
        tx.rollback().await.map_err(Error::from)?;
        return replay(deps, &scope, &request, stored).map_err(E::from);
    }

    let (outcome, body) = effect(&tx).await?;
    let status = StatusCode::from(outcome);
    let body = serde_json::to_vec(&body).map_err(Error::from)?;
    store(deps, &tx, &scope, status, &body).await?;
    tx.commit().await.map_err(Error::from)?;
    Ok(Answer {
        status,
        body,
        replayed: false,
    })
}

/// The answer that was given to `request` before, if it was. For a use case that asks somebody
/// outside before its effect: repeated, it need not ask again.
pub async fn given_before(
    deps: &Deps,
    caller: &[u8],
    operation: &'static str,
    key: &IdempotencyKey,
    request: &impl Serialize,
) -> Result<Option<Answer>, Error> {
    let scope = scope_of(caller, operation, key);
    let Some(stored) = Entity::find_by_id(scope.clone()).one(&deps.db).await? else {
        return Ok(None);
    };
    let request = serde_json::to_string(request)?;
    replay(deps, &scope, &request, Some(stored)).map(Some)
}

/// Forget some of the answers that are older than [`KEPT`]. Returns how many.
pub async fn forget_old(deps: &Deps) -> Result<u64, DbErr> {
    let old = Entity::find()
        .select_only()
        .column(Column::Scope)
        .filter(Column::AnsweredAt.lt(deps.clock.now() - KEPT))
        .limit(FORGOTTEN_AT_ONCE)
        .into_query();
    let done = Entity::delete_many()
        .filter(Column::Scope.in_subquery(old))
        .exec(&deps.db)
        .await?;
    Ok(done.rows_affected)
}

/// Take the key's row. `false` if it is taken; waits for a transaction that is taking it.
async fn reserve(
    tx: &DatabaseTransaction,
    scope: &[u8],
    fingerprint: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        scope: Set(scope.to_vec()),
        request: Set(fingerprint.to_vec()),
        status: Set(0),
        body: Set(Vec::new()),
        answered_at: Set(now),
    };
    let kept = Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Scope).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await;
    inserted(kept)
}

async fn store(
    deps: &Deps,
    tx: &DatabaseTransaction,
    scope: &[u8],
    status: StatusCode,
    body: &[u8],
) -> Result<(), Error> {
    let sealed = deps
        .vault
        .seal(BODY.owned_by(scope), body, &*deps.entropy)?;
    let answer = ActiveModel {
        status: Set(i16::try_from(status.as_u16()).unwrap_or_default()),
        body: Set(sealed),
        ..Default::default()
    };
    Entity::update_many()
        .set(answer)
        .filter(Column::Scope.eq(scope))
        .exec(tx)
        .await?;
    Ok(())
}

fn replay(
    deps: &Deps,
    scope: &[u8],
    request: &str,
    stored: Option<entity::idempotent_response::Model>,
) -> Result<Answer, Error> {
    let fingerprints = deps.vault.indexes(REQUEST, request);
    let stored = stored
        .filter(|answer| fingerprints.contains(&answer.request))
        .ok_or(Error::Conflict)?;
    let body = deps
        .vault
        .open(BODY.owned_by(scope), &stored.body)?
        .to_vec();
    let status = u16::try_from(stored.status)
        .ok()
        .and_then(|s| StatusCode::from_u16(s).ok());
    Ok(Answer {
        status: status.unwrap_or(StatusCode::OK),
        body,
        replayed: true,
    })
}

fn scope_of(caller: &[u8], operation: &str, key: &IdempotencyKey) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for part in [caller, operation.as_bytes(), key.0.as_bytes()] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}
