//! The gateway's envelope: how a request is signed and how an answer is believed.

use std::collections::{BTreeMap, HashMap};

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::{Url, form_urlencoded};

use super::keys::{AlipayKey, AppKey};
use crate::{
    clients::{
        PlatformError,
        outbound::{Call, FORM},
    },
    platform::clock::CHINA,
};

/// A signed call of `method`: common parameters in the query, business parameters in the body.
///
/// The signature covers all of them, sorted by name and joined undecoded.
pub(super) fn signed(
    gateway: &Url,
    key: &AppKey,
    app_id: &str,
    method: &str,
    business: &[(&str, &str)],
    at: DateTime<Utc>,
) -> anyhow::Result<Call> {
    let timestamp = at
        .with_timezone(&CHINA)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    let common = [
        ("app_id", app_id),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", method),
        ("sign_type", "RSA2"),
        ("timestamp", &timestamp),
        ("version", "1.0"),
    ];
    let sign = key.sign(&signed_text(common.iter().chain(business)))?;
    let mut url = gateway.clone();
    url.query_pairs_mut()
        .extend_pairs(common)
        .append_pair("sign", &sign);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(business)
        .finish();
    Ok(Call::post(url, FORM, body.into_bytes()))
}

/// What a request's signature is over: `name=value` of all that is not empty, by name.
fn signed_text<'a>(parameters: impl Iterator<Item = &'a (&'a str, &'a str)>) -> String {
    let sorted: BTreeMap<_, _> = parameters
        .filter(|(_, value)| !value.is_empty())
        .copied()
        .collect();
    let joined: Vec<_> = sorted
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    joined.join("&")
}

/// The answer to `method` out of a reply, after its signature was found to be Alipay's.
///
/// The signature is over the characters of the answer as they came, not over what they mean.
pub(super) fn verified<T: DeserializeOwned>(
    body: &[u8],
    method: &str,
    key: &AlipayKey,
) -> Result<T, PlatformError> {
    let envelope: HashMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| unintelligible())?;
    let answer = envelope
        .get(&format!("{}_response", method.replace('.', "_")))
        .or_else(|| envelope.get("error_response"))
        .map(|raw| raw.get())
        .ok_or_else(unintelligible)?;
    let signature: String = envelope
        .get("sign")
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .ok_or(PlatformError::Forged)?;
    if !key.vouches_for(answer, &signature) {
        return Err(PlatformError::Forged);
    }
    serde_json::from_str(answer).map_err(|_| unintelligible())
}

/// The parser's own words may quote the answer, so they are left out.
pub(super) fn unintelligible() -> PlatformError {
    PlatformError::Unavailable(anyhow!("Alipay answered in a form that is not known"))
}
