//! Objects in a bucket of Amazon S3, or of what speaks like it: OSS, COS, Ceph.

use std::{fmt, sync::Arc};

use anyhow::{anyhow, ensure};
use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;
use uuid::Uuid;

use super::{
    super::{
        outbound::{Call, Limits, Outbound, Reply, endpoint},
        sms::host,
    },
    Objects, ObjectsUnavailable,
};
use crate::platform::{Clock, Entropy, Secret};

/// What nobody need interpret: sealed bytes.
const OCTETS: &str = "application/octet-stream";

/// What goes before every name, so that a bucket may hold other things.
const PREFIX: &str = "tongxing";

/// How to reach a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// Where the service is: `https://s3.cn-north-1.amazonaws.com.cn`.
    pub endpoint: String,
    /// Its region, as signatures name it.
    pub region: String,
    /// The bucket: small letters, digits, hyphens.
    pub bucket: String,
    /// Whose access.
    pub access_key_id: String,
    /// Their secret.
    pub secret_access_key: Secret,
    /// Whether the bucket stands in the path rather than before the host.
    #[serde(default)]
    pub path_style: bool,
    /// What the store may cost us.
    #[serde(default = "generous")]
    pub limits: Limits,
}

/// Objects are large.
fn generous() -> Limits {
    Limits {
        total_ms: 10_000,
        reply_bytes: 32 * 1024 * 1024,
        in_flight: 16,
        ..Limits::default()
    }
}

impl S3Settings {
    /// A bucket with the usual limits.
    #[must_use]
    pub fn new(endpoint: &str, region: &str, bucket: &str, key: (&str, Secret)) -> Self {
        let (access_key_id, secret_access_key) = key;
        Self {
            endpoint: endpoint.into(),
            region: region.into(),
            bucket: bucket.into(),
            access_key_id: access_key_id.into(),
            secret_access_key,
            path_style: true,
            limits: generous(),
        }
    }
}

/// A bucket.
pub struct S3 {
    outbound: Outbound,
    /// Where names begin.
    root: Url,
    signer: Signer,
    clock: Arc<dyn Clock>,
}

impl S3 {
    /// A client for the bucket of `settings`.
    pub fn new(
        settings: &S3Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> anyhow::Result<Self> {
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!(
            !settings.bucket.is_empty() && settings.bucket.bytes().all(named),
            "objects.s3.bucket is not the name of a bucket"
        );
        let root = if settings.path_style {
            endpoint(&settings.endpoint, &settings.bucket)?
        } else {
            let mut url = endpoint(&settings.endpoint, "")?;
            let host = url.host_str().unwrap_or_default();
            let host = format!("{}.{host}", settings.bucket);
            url.set_host(Some(&host))?;
            url
        };
        Ok(Self {
            outbound: Outbound::new("objects", settings.limits, Arc::clone(&clock), entropy)?,
            root,
            signer: Signer {
                region: settings.region.clone(),
                access_key_id: settings.access_key_id.clone(),
                secret: settings.secret_access_key.clone(),
            },
            clock,
        })
    }

    fn url(&self, name: Uuid) -> anyhow::Result<Url> {
        endpoint(
            self.root.as_str(),
            &format!("{PREFIX}/{}", name.as_simple()),
        )
    }

    async fn ask(&self, verb: Verb, name: Uuid, object: Bytes) -> anyhow::Result<Reply> {
        let url = self.url(name)?;
        let digest = hex::encode(digest(&SHA256, &object));
        let now = self.clock.now();
        let headers = [
            ("host", host(&url)),
            ("x-amz-content-sha256", digest.clone()),
            ("x-amz-date", stamp(now)),
        ];
        let request = Canonical {
            verb: verb.name(),
            path: url.path(),
            query: "",
            headers: &headers,
            digest: &digest,
        };
        let authorization = self.signer.authorization(now, &request);
        let call = match verb {
            Verb::Put => Call::put(url, OCTETS, object),
            Verb::Get => Call::get(url),
            Verb::Delete => Call::delete(url),
        };
        let [_, (_, digest), (_, date)] = &headers;
        let call = call
            .header("x-amz-content-sha256", digest)?
            .header("x-amz-date", date)?
            .header("authorization", &authorization)?
            .kind(verb.kind())
            .idempotent();
        Ok(self.outbound.call(call, self.outbound.deadline()).await?)
    }

    async fn put_object(&self, name: Uuid, object: Bytes) -> anyhow::Result<()> {
        let reply = self.ask(Verb::Put, name, object).await?;
        if reply.status.is_success() {
            return Ok(());
        }
        Err(refusal(&reply))
    }

    async fn get_object(&self, name: Uuid) -> anyhow::Result<Option<Bytes>> {
        let reply = self.ask(Verb::Get, name, Bytes::new()).await?;
        match reply.status {
            StatusCode::OK => Ok(Some(reply.body)),
            StatusCode::NOT_FOUND if code(&reply) != Some("NoSuchBucket") => Ok(None),
            _ => Err(refusal(&reply)),
        }
    }

    async fn delete_object(&self, name: Uuid) -> anyhow::Result<()> {
        let reply = self.ask(Verb::Delete, name, Bytes::new()).await?;
        match reply.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND if code(&reply) != Some("NoSuchBucket") => Ok(()),
            _ => Err(refusal(&reply)),
        }
    }
}

impl Objects for S3 {
    fn put(&self, name: Uuid, object: Bytes) -> BoxFuture<'_, Result<(), ObjectsUnavailable>> {
        Box::pin(async move {
            let done = self.put_object(name, object).await;
            done.map_err(ObjectsUnavailable)
        })
    }

    fn get(&self, name: Uuid) -> BoxFuture<'_, Result<Option<Bytes>, ObjectsUnavailable>> {
        Box::pin(async move { self.get_object(name).await.map_err(ObjectsUnavailable) })
    }

    fn delete(&self, name: Uuid) -> BoxFuture<'_, Result<(), ObjectsUnavailable>> {
        Box::pin(async move { self.delete_object(name).await.map_err(ObjectsUnavailable) })
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").finish_non_exhaustive()
    }
}

/// What is done with an object.
#[derive(Clone, Copy)]
enum Verb {
    Put,
    Get,
    Delete,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Get => "GET",
            Self::Delete => "DELETE",
        }
    }

    /// As metrics and breakers know it.
    fn kind(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Delete => "delete",
        }
    }
}

/// The store's own word for what is wrong: letters alone.
fn code(reply: &Reply) -> Option<&str> {
    let text = str::from_utf8(&reply.body).ok()?;
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let word = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    word.then_some(code)
}

fn refusal(reply: &Reply) -> anyhow::Error {
    let status = reply.status.as_u16();
    match code(reply) {
        Some(code) => anyhow!("the store of objects answered {status} {code}"),
        None => anyhow!("the store of objects answered with status {status}"),
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Signs requests: AWS Signature Version 4.
struct Signer {
    region: String,
    access_key_id: String,
    secret: Secret,
}

/// What of a request is signed. Headers are in the order of their names, and paths as they are sent.
struct Canonical<'a> {
    verb: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, String)],
    digest: &'a str,
}

impl Canonical<'_> {
    fn signed_headers(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }

    fn text(&self) -> String {
        let headers = self.headers.iter();
        let headers: Vec<String> = headers
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        [
            self.verb,
            self.path,
            self.query,
            &headers.concat(),
            &self.signed_headers(),
            self.digest,
        ]
        .join("\n")
    }
}

impl Signer {
    /// The `Authorization` header of `request`, made at `at`.
    fn authorization(&self, at: DateTime<Utc>, request: &Canonical<'_>) -> String {
        let day = at.format("%Y%m%d").to_string();
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let hash = hex::encode(digest(&SHA256, request.text().as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", stamp(at));
        let first = format!("AWS4{}", self.secret.reveal());
        let key = [day.as_str(), &self.region, "s3", "aws4_request"]
            .iter()
            .fold(first.into_bytes(), |key, part| mac(&key, part));
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={}",
            self.access_key_id,
            request.signed_headers(),
            hex::encode(mac(&key, &text)),
        )
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests;
