//! The city's data centre over HTTP (W4): batches of workers go out, and answers come back as calls of its
//! own, or are asked for.

use std::{fmt, sync::Arc};

use anyhow::{Context, anyhow, ensure};
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Authentication, WorkBatchId, WorkPermitId};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    DataCentre, DataCentreForged, DataCentreUnavailable, Limits,
    outbound::{Call, JSON, Outbound, endpoint},
};
use crate::platform::{Clock, Entropy, Secret};

/// How far the clock of a call may be from ours.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// How to reach the data centre.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataCentreSettings {
    /// Where it is. There is no public one, so there is no default.
    pub base_url: String,
    /// Our bearer key.
    pub key: Secret,
    /// What it signs its calls with.
    pub callback_secret: Secret,
    /// Where it calls us: the public address of `/v1/platforms/data-centre/answers`.
    pub callback_url: String,
    /// What it may cost us.
    #[serde(default)]
    pub limits: Limits,
}

/// A worker, as the data centre is asked about them. Not for logs.
#[derive(Serialize)]
pub struct WorkerQuestion {
    /// What the answer calls them.
    pub reference: WorkPermitId,
    /// Their name.
    pub name: String,
    /// The kind of document, by the entity's name for it.
    pub document_kind: &'static str,
    /// Its number.
    pub document_number: String,
    /// Where they live: a county or district.
    pub residence: String,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl fmt::Debug for WorkerQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerQuestion")
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// What the data centre says of some workers of a batch. Of those that it does not name nothing is known
/// yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BatchAnswer {
    /// Of which batch.
    pub batch: WorkBatchId,
    /// What it says, worker by worker.
    pub results: Vec<WorkerAnswer>,
}

/// What the data centre says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct WorkerAnswer {
    /// Which.
    pub reference: WorkPermitId,
    /// What.
    pub result: Authentication,
}

#[derive(Serialize)]
struct Submission<'a> {
    batch: WorkBatchId,
    callback: &'a str,
    workers: &'a [WorkerQuestion],
}

/// The data centre over HTTP: `POST {base}/data-centre/v1/batches`, and `GET` of one.
pub struct HttpDataCentre {
    outbound: Outbound,
    base_url: String,
    url: Url,
    authorization: Secret,
    callback_secret: Secret,
    callback_url: String,
    clock: Arc<dyn Clock>,
}

impl HttpDataCentre {
    /// A client for the data centre of `settings`.
    pub fn new(
        settings: &DataCentreSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let outbound = Outbound::new("data_centre", settings.limits, Arc::clone(&clock), entropy)?;
        Ok(Self {
            outbound,
            url: endpoint(&settings.base_url, "data-centre/v1/batches")?,
            base_url: settings.base_url.clone(),
            authorization: Secret::new(format!("Bearer {}", settings.key.reveal())),
            callback_secret: settings.callback_secret.clone(),
            callback_url: settings.callback_url.clone(),
            clock,
        })
    }

    async fn send(&self, batch: WorkBatchId, workers: &[WorkerQuestion]) -> anyhow::Result<()> {
        let submission = Submission {
            batch,
            callback: &self.callback_url,
            workers,
        };
        let body = serde_json::to_vec(&submission)?;
        let call = Call::post(self.url.clone(), JSON, body)
            .header("authorization", self.authorization.reveal())?
            .kind("submit")
            .idempotent();
        let reply = self.outbound.call(call, self.outbound.deadline()).await?;
        ensure!(
            reply.status.is_success(),
            "the data centre answered with {}",
            reply.status
        );
        Ok(())
    }

    async fn ask(&self, batch: WorkBatchId) -> anyhow::Result<Option<BatchAnswer>> {
        let path = format!("data-centre/v1/batches/{batch}");
        let call = Call::get(endpoint(&self.base_url, &path)?)
            .header("authorization", self.authorization.reveal())?
            .kind("ask")
            .idempotent();
        let reply = self.outbound.call(call, self.outbound.deadline()).await?;
        if reply.status.as_u16() == 404 {
            return Ok(None);
        }
        ensure!(
            reply.status.is_success(),
            "the data centre answered with {}",
            reply.status
        );
        let answer: BatchAnswer = serde_json::from_slice(&reply.body)
            .ok()
            .context("the data centre answered in a form that is not known")?;
        if answer.batch == batch {
            Ok(Some(answer))
        } else {
            Err(anyhow!("the data centre answered for another batch"))
        }
    }

    fn signed_at(&self, signature: &str, body: &[u8]) -> Option<DateTime<Utc>> {
        let (at, tag) = signature.strip_prefix("t=")?.split_once(",v1=")?;
        let seconds: i64 = at.parse().ok()?;
        let key = self.callback_secret.reveal().as_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let signed = [at.as_bytes(), b".", body].concat();
        hmac::verify(&key, &signed, &hex::decode(tag).ok()?).ok()?;
        DateTime::from_timestamp_secs(seconds)
    }
}

impl DataCentre for HttpDataCentre {
    fn submit<'a>(
        &'a self,
        batch: WorkBatchId,
        workers: &'a [WorkerQuestion],
    ) -> BoxFuture<'a, Result<(), DataCentreUnavailable>> {
        Box::pin(async move {
            let sent = self.send(batch, workers).await;
            sent.map_err(DataCentreUnavailable)
        })
    }

    fn answer(
        &self,
        batch: WorkBatchId,
    ) -> BoxFuture<'_, Result<Option<BatchAnswer>, DataCentreUnavailable>> {
        Box::pin(async move { self.ask(batch).await.map_err(DataCentreUnavailable) })
    }

    fn read_call(&self, signature: &str, body: &[u8]) -> Result<BatchAnswer, DataCentreForged> {
        let at = self.signed_at(signature, body).ok_or(DataCentreForged)?;
        if (self.clock.now() - at).abs() > SKEW {
            return Err(DataCentreForged);
        }
        serde_json::from_slice(body).map_err(|_| DataCentreForged)
    }
}

impl fmt::Debug for HttpDataCentre {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDataCentre").finish_non_exhaustive()
    }
}
