//! WeChat access tokens: one per app, shared by all instances.
//!
//! They come from `stable_token` without force, which returns the same token to all who ask while it
//! is valid. Asking twice is thus harmless and only costs quota; that is why a store that does not
//! answer does not stop log-in.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};
use url::Url;

use super::{
    answers::{Errcode, TokenAnswer},
    ask,
    seal::Seal,
};
use crate::{
    clients::{
        PlatformError,
        outbound::{Call, JSON, Outbound},
        word::is_word,
    },
    platform::{Clock, Ephemeral, Secret},
};

/// Longest life of a token in seconds.
const LIFE: u32 = 7200;

/// Longest token, in bytes.
const TOKEN_LENGTH: usize = 512;

/// Seconds before its end at which WeChat rolls to a new token; both are valid until the end.
const OVERLAP: u32 = 300;

/// How long an instance may take to fetch a token before another may try.
const LEASE: Duration = Duration::from_secs(3);

/// First and longest wait for another instance's token.
const POLL: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(160));

/// What WeChat asks for with every call but `code2Session`.
pub(super) type AccessToken = Secret;

/// The tokens of all apps.
pub(super) struct AccessTokens {
    outbound: Arc<Outbound>,
    url: Url,
    /// The turn to fetch, one in this process per app, and what this process fetched last.
    turns: HashMap<String, Mutex<Option<Fetched>>>,
    ephemeral: Arc<dyn Ephemeral>,
    clock: Arc<dyn Clock>,
    seal: Seal,
    /// Tells this process's leases from others'.
    process: [u8; 16],
}

struct Fetched {
    token: AccessToken,
    until: DateTime<Utc>,
}

/// Whose token is wanted, and until when.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) app_id: &'a str,
    pub(super) secret: &'a Secret,
    /// A token that WeChat has refused.
    pub(super) dead: Option<&'a AccessToken>,
    /// The queue to wait in.
    pub(super) waiting: &'a Semaphore,
    pub(super) deadline: Instant,
}

/// What the store says of the token.
enum Shared {
    Token(AccessToken),
    Nothing,
    /// It does not answer.
    Silence,
}

/// What the store says of the lease.
#[derive(Clone, Copy)]
enum Lease {
    Ours,
    Others,
    /// It does not answer.
    Silence,
}

impl AccessTokens {
    pub(super) fn new(
        outbound: Arc<Outbound>,
        url: Url,
        app_ids: impl Iterator<Item = String>,
        ephemeral: Arc<dyn Ephemeral>,
        clock: Arc<dyn Clock>,
        seal: Seal,
        process: [u8; 16],
    ) -> Self {
        Self {
            outbound,
            url,
            turns: app_ids.map(|id| (id, Mutex::new(None))).collect(),
            ephemeral,
            clock,
            seal,
            process,
        }
    }

    /// The current token, other than the dead one.
    ///
    /// Of all callers, in all instances, one fetches a new token and the others wait for it.
    pub(super) async fn get(&self, wanted: Wanted<'_>) -> Result<AccessToken, PlatformError> {
        let place = format!("wechat:token:{}", wanted.app_id);
        if let Shared::Token(token) = self.shared(&place, wanted.dead).await {
            return Ok(token);
        }
        let Ok(_waiting) = wanted.waiting.try_acquire() else {
            return Err(PlatformError::Unavailable(anyhow!(
                "too many wait for an access token"
            )));
        };
        let turn = self
            .turns
            .get(wanted.app_id)
            .ok_or(PlatformError::UnknownApp)?;
        let mut last = timeout_at(wanted.deadline, turn.lock())
            .await
            .map_err(|_| late())?;
        self.fetch_or_wait(wanted, &place, &mut last).await
    }

    async fn fetch_or_wait(
        &self,
        wanted: Wanted<'_>,
        place: &str,
        last: &mut Option<Fetched>,
    ) -> Result<AccessToken, PlatformError> {
        let key = format!("wechat:token-lease:{}", wanted.app_id);
        let mut wait = POLL.0;
        loop {
            // In this order: what the last holder shared is seen by whoever gets the lease next.
            let lease = self.lease(&key).await;
            let outcome = match (lease, self.shared(place, wanted.dead).await) {
                (_, Shared::Token(token)) => Some(Ok(token)),
                (Lease::Silence, _) | (_, Shared::Silence) => Some(self.alone(wanted, last).await),
                (Lease::Ours, Shared::Nothing) => {
                    Some(self.fetch_and_share(wanted, place, last).await)
                }
                (Lease::Others, Shared::Nothing) => None,
            };
            if matches!(lease, Lease::Ours) {
                // A lease that cannot be given back ends by itself.
                let _ = self.ephemeral.take(&key).await;
            }
            if let Some(outcome) = outcome {
                return outcome;
            }
            let next = Instant::now() + wait;
            if next >= wanted.deadline {
                return Err(late());
            }
            sleep_until(next).await;
            wait = (wait * 2).min(POLL.1);
        }
    }

    /// Whether it is this process that may fetch. A lease that an abandoned call of this process left
    /// behind still is this process's.
    async fn lease(&self, key: &str) -> Lease {
        match self.ephemeral.put_new(key, &self.process, LEASE).await {
            Ok(true) => return Lease::Ours,
            Ok(false) => {}
            Err(_) => return Lease::Silence,
        }
        match self.ephemeral.get(&[key]).await {
            Ok(held)
                if held
                    .iter()
                    .flatten()
                    .any(|by| by == self.process.as_slice()) =>
            {
                Lease::Ours
            }
            Ok(_) => Lease::Others,
            Err(_) => Lease::Silence,
        }
    }

    async fn shared(&self, place: &str, dead: Option<&AccessToken>) -> Shared {
        let Ok(held) = self.ephemeral.get(&[place]).await else {
            return Shared::Silence;
        };
        held.into_iter()
            .flatten()
            .find_map(|sealed| self.seal.open(place, &sealed))
            .filter(|token| dead != Some(token))
            .map_or(Shared::Nothing, Shared::Token)
    }

    async fn fetch_and_share(
        &self,
        wanted: Wanted<'_>,
        place: &str,
        last: &mut Option<Fetched>,
    ) -> Result<AccessToken, PlatformError> {
        let (token, life) = self.fetch(wanted, last).await?;
        let sealed = self
            .seal
            .close(place, token.reveal())
            .map_err(PlatformError::Unavailable)?;
        // Without the store the next instance asks for itself, and gets the same token.
        let _ = self.ephemeral.put(place, &sealed, life).await;
        Ok(token)
    }

    /// Without the store: what this process fetched last, or a token fetched for itself.
    async fn alone(
        &self,
        wanted: Wanted<'_>,
        last: &mut Option<Fetched>,
    ) -> Result<AccessToken, PlatformError> {
        match last {
            Some(fetched)
                if self.clock.now() < fetched.until && wanted.dead != Some(&fetched.token) =>
            {
                Ok(fetched.token.clone())
            }
            _ => Ok(self.fetch(wanted, last).await?.0),
        }
    }

    /// Ask WeChat. Returns the token and how long to rely on it, and notes both in `last`.
    async fn fetch(
        &self,
        wanted: Wanted<'_>,
        last: &mut Option<Fetched>,
    ) -> Result<(AccessToken, Duration), PlatformError> {
        let body = json!({
            "grant_type": "client_credential",
            "appid": wanted.app_id,
            "secret": wanted.secret.reveal(),
            "force_refresh": false,
        });
        let call = Call::post(self.url.clone(), JSON, body.to_string().into_bytes())
            .kind("token")
            .idempotent();
        let answer: TokenAnswer = ask(&self.outbound, call, wanted.deadline).await?;
        if answer.errcode != Errcode::OK {
            return Err(answer.errcode.unavailable());
        }
        let token = answer
            .access_token
            .filter(|token| is_word(token.reveal(), TOKEN_LENGTH))
            .context("WeChat gave no access token")
            .map_err(PlatformError::Unavailable)?;
        let life = reliable(answer.expires_in);
        *last = Some(Fetched {
            token: token.clone(),
            until: self.clock.now() + life,
        });
        Ok((token, life))
    }
}

/// How long to rely on a token that WeChat says has `expires_in` seconds left.
fn reliable(expires_in: u32) -> Duration {
    let left = expires_in.clamp(1, LIFE);
    Duration::from_secs((left - OVERLAP.min(left / 2)).into())
}

fn late() -> PlatformError {
    PlatformError::Unavailable(anyhow!("no access token within the deadline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_relied_on_until_the_overlap_and_never_longer_than_it_lives() {
        for (expires_in, expected) in [
            (7200, 6900),
            (600, 300),
            (301, 151),
            (1, 1),
            (0, 1),
            (u32::MAX, 6900),
        ] {
            let life = reliable(expires_in);
            assert_eq!(life, Duration::from_secs(expected), "{expires_in}");
        }
    }
}
