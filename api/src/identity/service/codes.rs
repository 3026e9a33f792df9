//! One-time codes by SMS (S1 to S5).
//!
//! Their state is in the shared store alone, under the blind index of the number, and closed while
//! that store is away. Nothing here asks whether the number is anybody's.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use bytes::Bytes;
use entity::values::Phone;
use uuid::Uuid;

use super::super::{error::Error, rules};
use crate::{
    clients::SmsOutcome,
    config::Limit,
    deps::Deps,
    http::client::ClientAddress,
    platform::ephemeral::{Admission, Quota, Rate, Unavailable},
};

/// How long the shared store counts failures in a row.
const FAILURES_COUNTED: Duration = Duration::from_hours(24 * 180);

/// When to try again after a gateway refused or limited a message.
const GATEWAY_REST: Duration = Duration::from_mins(1);

/// Who asks for a code.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct Asker<'a> {
    pub(in crate::identity) address: ClientAddress,
    pub(in crate::identity) device: Option<&'a str>,
}

/// A code is on its way, or as good as.
pub(in crate::identity) struct Sent {
    /// To be named when the code is entered.
    pub(in crate::identity) request_id: Uuid,
    /// Seconds that the code is good for.
    pub(in crate::identity) expires_in: u64,
    /// Seconds until another may be asked for.
    pub(in crate::identity) resend_after: u64,
}

/// Send a code to `phone`. It takes the place of one that was sent before.
pub(in crate::identity) async fn send(
    deps: &Deps,
    phone: &Phone,
    asker: Asker<'_>,
) -> Result<Sent, Error> {
    let keys = Keys::of(deps, phone);
    let code = rules::code_text(deps.entropy.below(1_000_000));
    let request_id = deps.entropy.id();
    let bound = rules::bound_code(&request_id.to_string(), phone.reveal(), &code);
    let stored = [request_id.as_bytes(), &*digest(deps, &bound)].concat();
    keep_if_admitted(deps, &keys, asker, &stored).await?;

    hand_over(deps, phone, &code).await?;
    let per_number = deps.login.per_number.iter();
    Ok(Sent {
        request_id,
        expires_in: deps.login.code_seconds,
        resend_after: rules::resend_after(per_number.map(|limit| (limit.count, limit.seconds))),
    })
}

/// A right guess, not spent yet.
pub(in crate::identity) struct RightGuess {
    keys: Keys,
    stored: Bytes,
}

/// Look at a guess. Every one is counted before it is looked at.
pub(in crate::identity) async fn check(
    deps: &Deps,
    phone: &Phone,
    request_id: Uuid,
    code: &str,
) -> Result<RightGuess, Error> {
    let keys = Keys::of(deps, phone);
    let held = closed(deps.ephemeral.get(&[&keys.code, &keys.era]).await)?;
    let [Some(stored), era] = held.as_slice() else {
        return Err(Error::CodeRefused);
    };
    let Some((request, expected)) = stored.split_first_chunk::<16>() else {
        return Err(Error::CodeRefused);
    };
    // Somebody else's request cannot use up the guesses of the one who was sent the code.
    verify_slices_are_equal(request, request_id.as_bytes()).map_err(|_| Error::CodeRefused)?;
    count_guess(deps, &keys, request_id, era.as_ref()).await?;

    let bound = rules::bound_code(&request_id.to_string(), phone.reveal(), code);
    let right = digests(deps, &bound)
        .iter()
        .any(|guess| verify_slices_are_equal(guess, expected).is_ok());
    if !right {
        return Err(Error::CodeRefused);
    }
    Ok(RightGuess {
        keys,
        stored: stored.clone(),
    })
}

/// Accept a right guess as proof of its number: of several at once, one is.
pub(in crate::identity) async fn redeem(deps: &Deps, guess: RightGuess) -> Result<(), Error> {
    let taken = closed(deps.ephemeral.take(&guess.keys.code).await)?;
    if taken != Some(guess.stored) {
        return Err(Error::CodeRefused);
    }
    forgive(deps, &guess.keys).await;
    Ok(())
}

/// Another factor proved `phone`: failures start over, and SMS is open for it again (S2).
pub(in crate::identity) async fn proved_otherwise(deps: &Deps, phone: &Phone) {
    forgive(deps, &Keys::of(deps, phone)).await;
}

/// Best effort: if the store is away, the number stays as it was, on the strict side.
async fn forgive(deps: &Deps, keys: &Keys) {
    let era = deps.entropy.id();
    let _ = deps
        .ephemeral
        .put(&keys.era, era.as_bytes(), FAILURES_COUNTED * 2)
        .await;
}

/// Count a code and keep it, in one step; or neither, where a limit is reached.
async fn keep_if_admitted(
    deps: &Deps,
    keys: &Keys,
    asker: Asker<'_>,
    stored: &[u8],
) -> Result<(), Error> {
    let login = &deps.login;
    let hidden = |what: &'static str, text: &str, limit: Limit| {
        let index = hex::encode(deps.vault.index(what, text));
        quota(format!("otp:{what}:{index}"), limit)
    };
    let ClientAddress(address) = asker.address;
    let subnet = asker.address.subnet();
    let mut quotas = Vec::with_capacity(5);
    quotas.push(keys.sent(&login.per_number));
    quotas.push(hidden("address", &address.to_string(), login.per_address));
    quotas.push(hidden("subnet", &subnet.to_string(), login.per_subnet));
    quotas.extend(
        asker
            .device
            .map(|device| hidden("device", device, login.per_device)),
    );
    quotas.push(quota("otp:budget", login.budget));

    let life = Duration::from_secs(login.code_seconds);
    let admission = deps
        .ephemeral
        .hit_and_put(&quotas, &keys.code, stored, life);
    match closed(admission.await)? {
        Admission::Admitted => Ok(()),
        Admission::Refused { quota, retry_after } if quota + 1 == quotas.len() => {
            tracing::warn!("the budget of short messages is used up");
            Err(Error::SmsUnavailable(retry_after))
        }
        Admission::Refused { retry_after, .. } => Err(Error::TooManyCodes(retry_after)),
    }
}

async fn count_guess(
    deps: &Deps,
    keys: &Keys,
    request: Uuid,
    era: Option<&Bytes>,
) -> Result<(), Error> {
    let in_a_row = Limit {
        count: deps.login.failures_before_shut,
        seconds: FAILURES_COUNTED.as_secs(),
    };
    let era = hex::encode(era.map_or(&[][..], |era| era));
    let quotas = [
        keys.quota(&format!("failed:{era}"), in_a_row),
        keys.quota("guessed", deps.login.guesses),
        // The number's window may turn within the life of a code; the code's own does not.
        keys.quota(
            &format!("guessed:{request}"),
            Limit {
                seconds: deps.login.code_seconds,
                ..deps.login.guesses
            },
        ),
    ];
    match closed(deps.ephemeral.hit(&quotas).await)? {
        Admission::Admitted => Ok(()),
        Admission::Refused { quota: 0, .. } => {
            tracing::warn!("SMS log-in is shut for a number");
            Err(Error::SmsShut)
        }
        Admission::Refused { retry_after, .. } => Err(Error::TooManyGuesses(retry_after)),
    }
}

/// Give the code to the gateway. What it says of the number is not passed on.
async fn hand_over(deps: &Deps, phone: &Phone, code: &str) -> Result<(), Error> {
    match deps.sms.send_code(phone, code).await {
        // Not told apart: a number that does not exist is nobody's to learn about.
        SmsOutcome::Sent { .. } | SmsOutcome::Unknown | SmsOutcome::BadNumber => Ok(()),
        SmsOutcome::RateLimited => Err(Error::TooManyCodes(GATEWAY_REST)),
        SmsOutcome::Retryable => Err(Error::SmsUnavailable(GATEWAY_REST)),
        SmsOutcome::Rejected { code } => {
            tracing::error!(gateway.code = %code, "the SMS gateway refuses our messages");
            Err(Error::SmsUnavailable(GATEWAY_REST))
        }
    }
}

/// No one-time codes without the store that counts guesses (SECURITY §8.3).
fn closed<T>(answer: Result<T, Unavailable>) -> Result<T, Error> {
    answer.map_err(|error| {
        tracing::warn!(
            error = &error as &(dyn std::error::Error + 'static),
            "one-time codes are closed: the short-lived store is away"
        );
        Error::SmsUnavailable(GATEWAY_REST)
    })
}

fn digest(deps: &Deps, bound: &str) -> Vec<u8> {
    deps.vault.index("login.code", bound)
}

fn digests(deps: &Deps, bound: &str) -> Vec<Vec<u8>> {
    deps.vault.indexes("login.code", bound)
}

fn quota(key: impl Into<String>, limit: Limit) -> Quota {
    Quota::new(key, limit.count, limit.period())
}

/// What the shared store knows one number by.
struct Keys {
    number: String,
    code: String,
    era: String,
}

impl Keys {
    fn of(deps: &Deps, phone: &Phone) -> Self {
        let number = hex::encode(deps.vault.index("otp.number", phone.reveal()));
        Self {
            code: format!("{{{number}}}:otp:code"),
            era: format!("{{{number}}}:otp:era"),
            number,
        }
    }

    /// Codes sent to the number. What was counted under other periods does not mix with it.
    fn sent(&self, limits: &[Limit]) -> Quota {
        let mut key = format!("{{{}}}:otp:sent", self.number);
        for limit in limits {
            key.push(':');
            key.push_str(&limit.seconds.to_string());
        }
        let rates = limits.iter().map(|limit| Rate {
            limit: limit.count,
            period: limit.period(),
        });
        Quota {
            key,
            rates: rates.collect(),
        }
    }

    fn quota(&self, what: &str, limit: Limit) -> Quota {
        quota(format!("{{{}}}:otp:{what}", self.number), limit)
    }
}
