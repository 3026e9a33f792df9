//! What the provider publishes of itself: its addresses (`OpenID` Connect Discovery 1.0) and its keys
//! (RFC 7517).

use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::super::{
    PlatformError,
    outbound::{Call, Outbound, endpoint},
};
use crate::platform::Clock;

/// How long what was published is believed.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// Unknown keys have the keys asked for again so often at the most.
const ASKED_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// The provider's addresses.
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    keys: Url,
}

#[derive(Deserialize)]
struct Published {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

type Kept<T> = Mutex<Option<(Arc<T>, DateTime<Utc>)>>;

/// A provider, and what is known of it.
pub(super) struct Provider {
    outbound: Outbound,
    issuer: String,
    address: Url,
    metadata: Kept<Metadata>,
    keys: Kept<JwkSet>,
    clock: Arc<dyn Clock>,
}

impl Provider {
    pub(super) fn new(
        outbound: Outbound,
        issuer: &str,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            outbound,
            issuer: issuer.to_owned(),
            address: endpoint(issuer, ".well-known/openid-configuration")?,
            metadata: Mutex::default(),
            keys: Mutex::default(),
            clock,
        })
    }

    pub(super) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// Its addresses. Of several who ask first, one asks the provider.
    pub(super) async fn metadata(&self, by: Instant) -> Result<Arc<Metadata>, PlatformError> {
        let now = self.clock.now();
        let mut kept = self.metadata.lock().await;
        if let Some((known, since)) = kept.as_ref()
            && now < *since + FRESH
        {
            return Ok(Arc::clone(known));
        }
        let published = self.get(self.address.clone(), "discovery", by).await;
        let published = published.and_then(|published| self.judged(&published));
        let metadata = Arc::new(published.map_err(PlatformError::Unavailable)?);
        *kept = Some((Arc::clone(&metadata), now));
        Ok(metadata)
    }

    /// What it published, if that is about itself and leads nowhere else.
    fn judged(&self, published: &Published) -> anyhow::Result<Metadata> {
        ensure!(
            published.issuer == self.issuer,
            "the provider says that it is another one"
        );
        let own = |text: &str| {
            let url = Url::parse(text).ok();
            let url = url.filter(|url| url.origin() == self.address.origin());
            url.context("the provider publishes an address that is not its own")
        };
        Ok(Metadata {
            authorization: own(&published.authorization_endpoint)?,
            token: own(&published.token_endpoint)?,
            keys: own(&published.jwks_uri)?,
        })
    }

    /// Its key that is called `kid`. One that is not known has the keys asked for again, once a minute.
    pub(super) async fn key(&self, kid: &str, by: Instant) -> Result<Jwk, PlatformError> {
        let metadata = self.metadata(by).await?;
        let now = self.clock.now();
        let mut kept = self.keys.lock().await;
        if let Some((keys, since)) = kept.as_ref() {
            let found = keys.find(kid).filter(|_| now < *since + FRESH);
            if let Some(key) = found {
                return Ok(key.clone());
            }
            if now < *since + ASKED_AGAIN {
                return Err(PlatformError::Forged);
            }
        }
        let keys = self.get(metadata.keys.clone(), "keys", by).await;
        let keys: Arc<JwkSet> = Arc::new(keys.map_err(PlatformError::Unavailable)?);
        *kept = Some((Arc::clone(&keys), now));
        keys.find(kid).cloned().ok_or(PlatformError::Forged)
    }

    async fn get<T: DeserializeOwned>(
        &self,
        url: Url,
        kind: &'static str,
        by: Instant,
    ) -> anyhow::Result<T> {
        let call = Call::get(url).kind(kind).idempotent();
        let reply = self.outbound.call(call, by).await?;
        if !reply.status.is_success() {
            return Err(anyhow!(
                "the provider answered with status {}",
                reply.status.as_u16()
            ));
        }
        // The parser's own words may quote the answer.
        let read = serde_json::from_slice(&reply.body).ok();
        read.context("the provider answered in a form that is not known")
    }
}
