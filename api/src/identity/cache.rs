//! What this process knows of sessions.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::PersonId;

use super::actors::Citizen;
use crate::platform::cache::Cache;

/// How long what the shared store or the database said is believed.
const BELIEVED: TimeDelta = TimeDelta::seconds(2);

/// The same while the shared store does not answer (SECURITY §8.3 admits a minute).
const BELIEVED_WITHOUT_STORE: TimeDelta = TimeDelta::seconds(30);

const TOKENS: usize = 1 << 17;

/// SHA-256 of a bearer token.
pub(super) type Fingerprint = [u8; 32];

/// What this process knows of sessions: which tokens verified, for their life; which sessions go on,
/// and who acts for whom, for at most two seconds, or thirty while the shared store is away.
#[derive(Debug)]
pub struct SessionCache {
    tokens: Cache<Fingerprint, (Citizen, DateTime<Utc>)>,
    sessions: Cache<Citizen, bool>,
    wards: Cache<(PersonId, PersonId), ()>,
}

impl Default for SessionCache {
    fn default() -> Self {
        Self::new(TOKENS)
    }
}

impl SessionCache {
    /// A cache of at most `tokens` tokens and as many sessions: about 300 bytes for each.
    #[must_use]
    pub fn new(tokens: usize) -> Self {
        Self {
            tokens: Cache::new(tokens),
            sessions: Cache::new(tokens),
            wards: Cache::new(tokens / 8),
        }
    }

    /// Whose token it is, and until when, if it verified here before.
    pub(super) fn token(
        &self,
        bearer: &Fingerprint,
        now: DateTime<Utc>,
    ) -> Option<(Citizen, DateTime<Utc>)> {
        self.tokens.get(bearer, now)
    }

    pub(super) fn verified(&self, bearer: Fingerprint, citizen: Citizen, expires: DateTime<Utc>) {
        self.tokens.insert(bearer, (citizen, expires), expires);
    }

    /// Whether the session goes on, if that was asked a moment ago.
    pub(super) fn goes_on(&self, citizen: Citizen, now: DateTime<Utc>) -> Option<bool> {
        self.sessions.get(&citizen, now)
    }

    pub(super) fn heard(&self, citizen: Citizen, goes_on: bool, now: DateTime<Utc>) {
        self.sessions.insert(citizen, goes_on, now + BELIEVED);
    }

    pub(super) fn heard_without_store(&self, citizen: Citizen, goes_on: bool, now: DateTime<Utc>) {
        self.sessions
            .insert(citizen, goes_on, now + BELIEVED_WITHOUT_STORE);
    }

    /// A session ended for good: no token of it is good after `until`.
    pub(super) fn ended(&self, citizen: Citizen, until: DateTime<Utc>) {
        self.sessions.insert(citizen, false, until);
    }

    /// Whether `guardian` was found to act for `ward` a moment ago.
    pub(super) fn acts_for(&self, guardian: PersonId, ward: PersonId, now: DateTime<Utc>) -> bool {
        self.wards.get(&(guardian, ward), now).is_some()
    }

    pub(super) fn found_to_act(&self, guardian: PersonId, ward: PersonId, now: DateTime<Utc>) {
        self.wards.insert((guardian, ward), (), now + BELIEVED);
    }

    pub(super) fn no_longer_acts(&self, guardian: PersonId, ward: PersonId) {
        self.wards.remove(&(guardian, ward));
    }
}

/// The key of a bearer token.
pub(super) fn fingerprint(bearer: &[u8]) -> Fingerprint {
    let mut key = Fingerprint::default();
    key.copy_from_slice(digest(&SHA256, bearer).as_ref());
    key
}
