//! What a device calls: a known device announces it in time before its body is taken in, and its
//! signature is believed before anything of it is read.

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

/// Bytes of a batch: a thousand records of a few people each.
const LARGEST_BATCH: usize = 4 * 1024 * 1024;

/// How long a batch may take to arrive, at a post with a poor line.
const SLOWEST_BATCH: Duration = Duration::from_mins(2);

/// How long a nonce is remembered: longer than a signature is believed, whose body may be as slow as that.
const NONCES: Duration = Duration::from_secs(2 * 30 + 15).saturating_add(SLOWEST_BATCH);

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
        Box::pin(async move {
            let device = announced(&request).await?;
            admit(&request, &device, &[]).await?;
            Ok(Self(device))
        })
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
            let device = announced(&request).await?;
            let whole = whole.await?.0;
            admit(&request, &device, &whole).await?;
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
            let device = announced(&request).await?;
            let arriving = tokio::time::timeout(SLOWEST_BATCH, collect(payload));
            let body = arriving.await.map_err(|_| body::too_slow())??;
            admit(&request, &device, &body).await?;
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

/// The device that `request` says signed it, just now. Nobody reads a body for anybody else: what a device
/// signed is as old as its head, however long its body takes.
async fn announced(request: &HttpRequest) -> Result<Arc<Device>, Problem> {
    let deps = deps(request)?;
    let arrived = deps.clock.now().timestamp();
    let claimed = claimed(request)?;
    let device = known::device(deps, claimed.device).await?;
    let device = device.ok_or(Error::Signature)?;
    if device.revoked_at.is_some() {
        return Err(Error::Revoked.into());
    }
    if arrived.abs_diff(claimed.created) > SKEW.unsigned_abs() {
        return Err(Error::Stale.into());
    }
    Ok(device)
}

/// Whether `device` signed `request` with `body`, once.
async fn admit(request: &HttpRequest, device: &Device, body: &[u8]) -> Result<(), Problem> {
    let claimed = claimed(request)?;
    let call = Call {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.query_string(),
        body,
    };
    let base = claimed.base(call).map_err(Error::from)?;
    let checked = device.key.check(base.as_bytes(), &claimed.signature);
    checked.map_err(|_| Error::Signature)?;
    if !is_new(&*deps(request)?.ephemeral, &claimed).await {
        return Err(Error::Replayed.into());
    }
    Ok(())
}

fn deps(request: &HttpRequest) -> Result<&Data<Deps>, Problem> {
    let deps = request.app_data::<Data<Deps>>();
    deps.ok_or_else(|| Problem::new(INTERNAL))
}

fn claimed(request: &HttpRequest) -> Result<Claimed<'_>, Error> {
    is_signed(request.headers())?;
    let header = |name| text(request.headers(), &name).ok_or(Error::Signature);
    let headers = Headers {
        digest: header(DIGEST)?,
        input: header(INPUT)?,
        signature: header(SIGNATURE)?,
    };
    Ok(Claimed::read(headers)?)
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
