//! Use case: verify a card at a gate (C2).

use chrono::{DateTime, Utc};
use entity::values::PassCardId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    cards,
    error::Error,
    rules::{self, Gate, Stopped},
    store,
};
use crate::{credentials::PermitKind, declarations::Temperature, deps::Deps, identity};

/// What was scanned, and measured.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PassVerifyRequest {
    /// The text of the card's symbol.
    #[validate(length(min = 1, max = 1200))]
    #[schema(
        min_length = 1,
        max_length = 1200,
        example = "TX1:6BF+70790T9WJWG.FKY*4GO0"
    )]
    pub(super) token: String,
    /// The holder's temperature in degrees Celsius, where it was taken.
    #[serde(default)]
    pub(super) temperature: Option<Temperature>,
}

/// Whether a card is one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PassVerdict)]
enum Verdict {
    /// It is, and its signature is good.
    Valid,
    /// Anything else. Why is not said, or the answer would help to forge one.
    Invalid,
}

/// A card, as whoever verifies it is told. Anybody may ask, for as long as the paper lasts: what its holder
/// shows, and why a card does not count, is not for them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerifiedPassCard)]
struct VerifiedCard {
    /// Its number.
    number: String,
    /// Whether it counts now.
    counts: bool,
    /// The holder's name as bystanders may see it: compare it with a document. Null while it does not
    /// count.
    masked_name: Option<String>,
    /// When its days are over. Null while it does not count.
    valid_until: Option<DateTime<Utc>>,
}

/// What whoever verifies is told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PassVerification {
    /// Whether the card is one of ours.
    verdict: Verdict,
    /// The card. Null where it is none.
    card: Option<VerifiedCard>,
    /// What to do. Null where the card counts and no temperature was taken.
    decision: Option<Gate>,
    /// Why to stop. Null otherwise.
    reason: Option<Stopped>,
    /// The server's time of this answer.
    checked_at: DateTime<Utc>,
    /// True if no store answers, and the colour is what was known before.
    stale: bool,
}

/// Verify what was scanned.
pub(super) async fn verify(
    deps: &Deps,
    request: PassVerifyRequest,
) -> Result<PassVerification, Error> {
    let now = deps.clock.now();
    let Some(card) = card_behind(deps, &request.token, now).await? else {
        return Ok(PassVerification {
            verdict: Verdict::Invalid,
            card: None,
            decision: Some(Gate::Stop),
            reason: Some(Stopped::Invalid),
            checked_at: now,
            stale: false,
        });
    };
    let (standing, live) = cards::standing_of(deps, &card).await?;
    let gate = rules::at_gate(standing, request.temperature.map(Temperature::tenths));
    let counts = standing.counts();
    let masked_name = if counts {
        identity::masked_name_of(&deps.db, deps, card.person_id).await?
    } else {
        None
    };
    let verified = VerifiedCard {
        number: rules::number(&card.division, card.serial),
        counts,
        masked_name,
        valid_until: card.valid_until.filter(|_| counts),
    };
    Ok(PassVerification {
        verdict: Verdict::Valid,
        card: Some(verified),
        decision: gate.map(|gate| gate.map_or(Gate::Stop, |()| Gate::Pass)),
        reason: gate.and_then(Result::err),
        checked_at: now,
        stale: live.stale,
    })
}

/// The card whose permit `token` is, if it is one.
async fn card_behind(
    deps: &Deps,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<entity::pass_card::Model>, Error> {
    let permit = match deps.keyring.read_permit(token, now) {
        Ok(verified) => verified.permit,
        Err(reason) => {
            tracing::debug!(%reason, "a permit did not verify");
            return Ok(None);
        }
    };
    if permit.kind != PermitKind::PassCard {
        return Ok(None);
    }
    let id = PassCardId(Uuid::from_bytes(permit.id));
    let card = store::cards::find(&deps.db, id).await?;
    Ok(card.filter(|card| card.status_index == Some(permit.status_index)))
}
