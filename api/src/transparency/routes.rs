//! The log as everybody reads it, what witnesses send, and the proofs of one's own entries.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    post,
    web::{Data, Json, Path},
};
use entity::values::PersonId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

use super::{
    proving::{self, LogProofView},
    reading,
    tree::{TileAt, read_index},
    witnessing,
};
use crate::{
    deps::Deps,
    http::{
        binary::Binary,
        body::{Id, Params, Valid},
        page::{self, Page, PageParams},
        problem::{NOT_FOUND, Problem, Problems},
        verifications::Counted,
    },
    identity::{Citizen, acting_for},
};

/// What says that the leaves themselves are asked for.
const ENTRIES: &str = "entries";

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(checkpoint)
        .service(tile)
        .service(cosign)
        .service(proofs);
}

/// Which checkpoint.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CheckpointParams {
    /// Whether enough witnesses have to have signed it: it is older then.
    #[serde(default)]
    #[param(default = false)]
    witnessed: bool,
}

/// The newest checkpoint of the log of everything that is decided.
///
/// A signed note (C2SP tlog-checkpoint), signed by a key for `log` of the list of keys, with what witnesses
/// signed of it (C2SP tlog-cosignature). What was recorded is in it within ten seconds. Whoever keeps one can
/// prove with a later one that nothing was changed or left out since.
#[utoipa::path(
    tag = "transparency",
    operation_id = "getLogCheckpoint",
    params(CheckpointParams),
    responses(
        (status = 200, body = String, content_type = "text/plain", description = "The signed note"),
        Problems,
    ),
)]
#[get("/log/checkpoint")]
async fn checkpoint(
    _: Counted,
    deps: Data<Deps>,
    which: Params<CheckpointParams>,
) -> Result<HttpResponse, Problem> {
    let note = reading::checkpoint(&deps, which.0.witnessed).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=2"))
        .body(note))
}

/// Hashes of the log's Merkle tree (RFC 9162), as C2SP tlog-tiles lays them out.
///
/// A level is that of the tree by eights; `entries` are the leaves themselves: 32 bytes each, which say nothing
/// to whoever does not have the entry and its salt. The number is written in threes with an `x` before all but
/// the last, such as `x001/234`, and `.p/` with a width behind it for a tile that is not full. What a tile says
/// never changes.
#[utoipa::path(
    tag = "transparency",
    operation_id = "getLogTile",
    params(
        ("level" = String, Path, description = "0 to 7, or `entries`"),
        ("index" = String, Path, description = "Its number, and its width if it is not full"),
    ),
    responses(
        (status = 200, body = Binary, content_type = "application/octet-stream", description = "The tile"),
        Problems,
    ),
)]
#[get("/log/tile/{level}/{index:.*}")]
async fn tile(
    _: Counted,
    deps: Data<Deps>,
    of: Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (level, index) = of.into_inner();
    let (index, width) = read_index(&index).ok_or_else(|| Problem::new(NOT_FOUND))?;
    let bytes = if level == ENTRIES {
        reading::bundle(&deps, index, width).await?
    } else {
        let level = read_level(&level).ok_or_else(|| Problem::new(NOT_FOUND))?;
        reading::tile(&deps, TileAt { level, index }, width).await?
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(bytes))
}

/// A tree has fewer than 2⁶⁴ leaves.
fn read_level(text: &str) -> Option<u32> {
    let level = text.parse().ok().filter(|level| *level < 8)?;
    (text.len() == 1).then_some(level)
}

/// What a witness signed.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CosignatureRequest {
    /// The note of a checkpoint of this log with the lines of the witnesses' signatures.
    #[validate(length(min = 1, max = 8_192))]
    #[schema(min_length = 1, max_length = 8_192)]
    note: String,
}

/// Hand in what witnesses signed of a checkpoint (C2SP tlog-cosignature).
///
/// Only of witnesses that are configured, and of none an older checkpoint than they signed before. Repeating it
/// does no harm.
#[utoipa::path(
    tag = "transparency",
    operation_id = "cosignLogCheckpoint",
    request_body = CosignatureRequest,
    responses((status = 204, description = "It is kept"), Problems),
)]
#[post("/log/cosignatures")]
async fn cosign(
    _: Counted,
    deps: Data<Deps>,
    body: Valid<CosignatureRequest>,
) -> Result<HttpResponse, Problem> {
    witnessing::take_in(&deps, &body.0.note).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the proofs that the log holds each change of the health code, newest first.
///
/// Of oneself or a dependant: the entry as it was recorded, and what leads from it to a checkpoint that everybody
/// gets. A change of the last seconds is not in the log yet. `tongxing verify-log` verifies one without asking
/// anybody.
#[utoipa::path(
    tag = "transparency",
    operation_id = "listLogProofs",
    params(("person" = PersonId, Path, description = "Oneself or a dependant"), PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<LogProofView>, description = "A page of proofs"),
        Problems,
    ),
)]
#[get("/people/{person}/log-proofs")]
async fn proofs(
    citizen: Citizen,
    deps: Data<Deps>,
    person: Id<PersonId>,
    page: Params<PageParams>,
) -> Result<Json<Page<LogProofView>>, Problem> {
    let subject = acting_for(&deps, &citizen, person.0).await?;
    let before = page::key::<i64>(page.0.after.as_deref())?;
    let proofs = proving::list(&deps, subject.person, before, page.0.limit);
    Ok(Json(proofs.await?))
}
