//! What a device calls: believed before anything of it is read.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use validator::Validate;

use super::{
    error::Error,
    known::{self, Device},
    signature::{Call, Claimed, Headers},
};
use crate::{
    deps::Deps,
    http::{
        body::{self, Whole},
        problem::{INTERNAL, Problem},
    },
    platform::Ephemeral,
};

/// Seconds by which a device's clock may differ from ours.
const SKEW: i64 = 30;

/// How long a nonce is remembered: longer than a signature is believed.
const NONCES: Duration = Duration::from_secs(2 * 30 + 15);

/// Bytes of a batch: a thousand records of a few people each.
const LARGEST_BATCH: usize = 4 * 1024 * 1024;

/// How long a batch may take to arrive, at a post with a poor line.
const SLOWEST_BATCH: Duration = Duration::from_mins(2);

const DIGEST: HeaderName = HeaderName::from_static("content-digest");
const INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

type Arriving<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A device that called without a body.
#[derive(Debug)]
pub(super) struct Caller(pub(super) Arc<Device>);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Arriving<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(admit(&request, &[]).await?)) })
    }
}

/// A device that called with a JSON body which passed its checks.
#[derive(Debug)]
pub(super) struct Said<T> {
    /// Who.
    pub(super) device: Arc<Device>,
    /// What.
    pub(super) body: T,
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Said<T> {
    type Error = Problem;
    type Future = Arriving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let whole = Whole::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            is_signed(request.headers())?;
            let whole = whole.await?.0;
            let device = admit(&request, &whole).await?;
            let body = body::read(&request, &whole)?;
            Ok(Self { device, body })
        })
    }
}

/// A device that called with a batch of records.
#[derive(Debug)]
pub(super) struct Batch {
    /// Who.
    pub(super) device: Arc<Device>,
    /// What.
    pub(super) body: Bytes,
}

impl FromRequest for Batch {
    type Error = Problem;
    type Future = Arriving<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            is_signed(request.headers())?;
            let arriving = tokio::time::timeout(SLOWEST_BATCH, collect(payload));
            let body = arriving.await.map_err(|_| body::too_slow())??;
            let device = admit(&request, &body).await?;
            Ok(Self { device, body })
        })
    }
}

async fn collect(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Error::NoBatch)?;
        if body.len() + chunk.len() > LARGEST_BATCH {
            return Err(Error::Batch.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Nothing is read of what nobody signed.
fn is_signed(headers: &HeaderMap) -> Result<(), Error> {
    let is = [DIGEST, INPUT, SIGNATURE]
        .iter()
        .all(|name| headers.contains_key(name));
    is.then_some(()).ok_or(Error::Unsigned)
}

/// The device that signed `request` with `body`, just now and once.
async fn admit(request: &HttpRequest, body: &[u8]) -> Result<Arc<Device>, Problem> {
    let deps = request.app_data::<Data<Deps>>();
    let deps = deps.ok_or_else(|| Problem::new(INTERNAL))?;
    is_signed(request.headers())?;
    let header = |name| text(request.headers(), &name).ok_or(Error::Signature);
    let headers = Headers {
        digest: header(DIGEST)?,
        input: header(INPUT)?,
        signature: header(SIGNATURE)?,
    };
    let claimed = Claimed::read(headers, body).map_err(Error::from)?;
    let call = Call {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.query_string(),
        body,
    };
    Ok(believe(deps, &claimed, call).await?)
}

async fn believe(deps: &Deps, claimed: &Claimed<'_>, call: Call<'_>) -> Result<Arc<Device>, Error> {
    let device = known::device(deps, claimed.device).await?;
    let device = device.ok_or(Error::Signature)?;
    let base = claimed.base(call);
    let checked = device.key.check(base.as_bytes(), &claimed.signature);
    checked.map_err(|_| Error::Signature)?;
    if device.revoked_at.is_some() {
        return Err(Error::Revoked);
    }
    let now = deps.clock.now().timestamp();
    if now.abs_diff(claimed.created) > SKEW.unsigned_abs() {
        return Err(Error::Stale);
    }
    if !is_new(&*deps.ephemeral, claimed).await {
        return Err(Error::Replayed);
    }
    Ok(device)
}

/// Whether nobody made this call before. While the short-lived store is away it counts as new: gates go
/// on, and what a call does is kept once by its number anyway.
async fn is_new(ephemeral: &dyn Ephemeral, claimed: &Claimed<'_>) -> bool {
    let key = format!("gate:nonce:{}:{}", claimed.device.0.simple(), claimed.nonce);
    match ephemeral.put_new(&key, &[1], NONCES).await {
        Ok(new) => new,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a nonce was not kept"
            );
            true
        }
    }
}

/// The one value of the header `name`.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}
