//! How a device signs its calls: one profile of HTTP message signatures (RFC 9421) with Ed25519.
//!
//! ```text
//! Content-Digest: sha-256=:…:
//! Signature-Input: gate=("@method" "@path" "@query" "content-digest");created=1772424000;keyid="…";nonce="…"
//! Signature: gate=:…:
//! ```
//!
//! These components, in this order, under any label; each parameter once, in any order, `alg` besides if
//! it is `ed25519`. `keyid` is the device's id, and the digest (RFC 9530) is there for an empty body too.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::values::DeviceId;

/// What is signed of every call.
const COMPONENTS: &str = r#"("@method" "@path" "@query" "content-digest")"#;

/// Characters of a nonce, at the least and at the most.
const NONCE: std::ops::RangeInclusive<usize> = 16..=64;

/// Bytes of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// A call, as far as it is signed.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Its method, in capitals.
    pub method: &'a str,
    /// Its path, as it is written.
    pub path: &'a str,
    /// Its query without the question mark; empty if it has none.
    pub query: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// The headers that sign a call, with their values.
#[derive(Debug, Clone, Copy)]
pub struct Headers<'a> {
    /// `Content-Digest`.
    pub digest: &'a str,
    /// `Signature-Input`.
    pub input: &'a str,
    /// `Signature`.
    pub signature: &'a str,
}

/// What the headers of a call say, not yet believed, and without a look at its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed<'a> {
    /// Who says that they signed it.
    pub device: DeviceId,
    /// When, in seconds since 1970.
    pub created: i64,
    /// What tells this call from a repeated one.
    pub nonce: &'a str,
    /// The signature.
    pub signature: [u8; SIGNATURE_BYTES],
    params: &'a str,
    digest: &'a str,
}

/// The headers are not those of the profile, or the digest is not that of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signature of the profile")]
pub struct Unfit;

impl<'a> Claimed<'a> {
    /// What `headers` say.
    pub fn read(headers: Headers<'a>) -> Result<Self, Unfit> {
        let (label, params) = headers.input.split_once('=').ok_or(Unfit)?;
        let (same, signature) = headers.signature.split_once('=').ok_or(Unfit)?;
        if label != same || label.is_empty() {
            return Err(Unfit);
        }
        let signature = signature
            .strip_prefix(':')
            .and_then(|it| it.strip_suffix(':'));
        let signature = BASE64_STANDARD.decode(signature.ok_or(Unfit)?);
        let stated = params.strip_prefix(COMPONENTS).ok_or(Unfit)?;
        let Parameters {
            created,
            keyid,
            nonce,
            ..
        } = Parameters::read(stated)?;
        Ok(Self {
            device: DeviceId(keyid.ok_or(Unfit)?.parse().map_err(|_| Unfit)?),
            created: created.ok_or(Unfit)?,
            nonce: nonce.ok_or(Unfit)?,
            signature: signature
                .map_err(|_| Unfit)?
                .try_into()
                .map_err(|_| Unfit)?,
            params,
            digest: headers.digest,
        })
    }

    /// The bytes whose signature this is, if `call` is what was signed; its digest is that of its body.
    pub fn base(&self, call: Call<'_>) -> Result<String, Unfit> {
        let base = base(call, self.params);
        let fits = self.digest == content_digest(call.body);
        fits.then_some(base).ok_or(Unfit)
    }
}

#[derive(Default)]
struct Parameters<'a> {
    created: Option<i64>,
    keyid: Option<&'a str>,
    nonce: Option<&'a str>,
    alg: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    /// Strict: no text has two readings, so the bytes that were signed are those that arrived.
    fn read(stated: &'a str) -> Result<Self, Unfit> {
        let mut read = Self::default();
        let mut stated = stated.split(';');
        if stated.next() != Some("") {
            return Err(Unfit);
        }
        for parameter in stated {
            let (name, value) = parameter.split_once('=').ok_or(Unfit)?;
            let known = match name {
                "created" => read.created.replace(seconds(value)?).is_none(),
                "keyid" => read.keyid.replace(quoted(value)?).is_none(),
                "nonce" => read.nonce.replace(quoted(value)?).is_none(),
                "alg" => read.alg.replace(quoted(value)?).is_none(),
                _ => false,
            };
            if !known {
                return Err(Unfit);
            }
        }
        let in_order = read.alg.is_none_or(|alg| alg == "ed25519")
            && read.nonce.is_some_and(|nonce| NONCE.contains(&nonce.len()));
        in_order.then_some(read).ok_or(Unfit)
    }
}

fn seconds(value: &str) -> Result<i64, Unfit> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    let value = plain.then_some(value).ok_or(Unfit)?;
    value.parse().map_err(|_| Unfit)
}

/// The text in quotes: letters, digits and what base64 and UUIDs are written with besides.
fn quoted(value: &str) -> Result<&str, Unfit> {
    let value = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.".contains(&byte);
    value.filter(|it| it.bytes().all(plain)).ok_or(Unfit)
}

/// The `Content-Digest` of `body`.
#[must_use]
pub fn content_digest(body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    format!("sha-256=:{}:", BASE64_STANDARD.encode(hash))
}

/// The parameters of a signature that `device` makes at `created`.
pub(super) fn params(device: DeviceId, created: i64, nonce: &str) -> String {
    format!(r#"{COMPONENTS};created={created};keyid="{device}";nonce="{nonce}""#)
}

/// The signature base (RFC 9421 §2.5).
pub(super) fn base(call: Call<'_>, params: &str) -> String {
    let Call {
        method,
        path,
        query,
        body,
    } = call;
    let digest = content_digest(body);
    format!(
        "\"@method\": {method}\n\"@path\": {path}\n\"@query\": ?{query}\n\
         \"content-digest\": {digest}\n\"@signature-params\": {params}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: &str = "0195a1b2-0000-4000-8000-00000000000a";

    fn input(params: &str) -> String {
        format!("gate={COMPONENTS}{params}")
    }

    fn read(input: &str, body: &[u8]) -> Result<(i64, String), Unfit> {
        let signature = format!("gate=:{}:", BASE64_STANDARD.encode([7; 64]));
        let headers = Headers {
            digest: &content_digest(b"{}"),
            input,
            signature: &signature,
        };
        let claimed = Claimed::read(headers)?;
        assert_eq!(claimed.device.to_string(), DEVICE);
        let call = Call {
            method: "POST",
            path: "/",
            query: "",
            body,
        };
        claimed.base(call)?;
        Ok((claimed.created, claimed.nonce.to_owned()))
    }

    #[test]
    fn parameters_may_come_in_any_order_and_each_once() {
        let (created, key, nonce) = (
            ";created=1772424000",
            format!(r#";keyid="{DEVICE}""#),
            r#";nonce="0123456789abcdef""#,
        );
        let alg = r#";alg="ed25519""#;
        let read_as = Ok((1_772_424_000, "0123456789abcdef".to_owned()));
        for good in [
            format!("{created}{key}{nonce}"),
            format!("{alg}{nonce}{key}{created}"),
        ] {
            assert_eq!(read(&input(&good), b"{}"), read_as, "{good}");
        }
        for bad in [
            format!("{created}{key}"),
            format!("{created}{nonce}"),
            format!("{key}{nonce}"),
            format!("{created}{created}{key}{nonce}"),
            format!("{created}{key}{nonce};expires=1772424060"),
            format!(r#"{created}{key}{nonce};alg="hmac-sha256""#),
            format!("{created} {key}{nonce}"),
            format!(r#"{created}{key};nonce="short""#),
            format!(";created=01772424000{key}{nonce}"),
            format!(";created=-1{key}{nonce}"),
            format!(r#"{created};keyid="nobody"{nonce}"#),
        ] {
            assert_eq!(read(&input(&bad), b"{}"), Err(Unfit), "{bad}");
        }
        let good = format!("{created}{key}{nonce}");
        assert_eq!(read(&input(&good), b"{ }"), Err(Unfit), "another body");
        let fewer = format!(r#"gate=("@method" "@path"){good}"#);
        assert_eq!(read(&fewer, b"{}"), Err(Unfit), "less is signed");
        let other = input(&good).replacen("gate", "other", 1);
        assert_eq!(read(&other, b"{}"), Err(Unfit), "another label");
    }

    #[test]
    fn a_base_is_what_the_standard_says() {
        // The digest is that of RFC 9530, appendix D: `{"hello": "world"}` and a line feed.
        let call = Call {
            method: "POST",
            path: "/foo",
            query: "param=Value&Pet=dog",
            body: b"{\"hello\": \"world\"}\n",
        };
        assert_eq!(
            base(call, "()"),
            "\"@method\": POST\n\"@path\": /foo\n\"@query\": ?param=Value&Pet=dog\n\
             \"content-digest\": sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:\n\
             \"@signature-params\": ()"
        );
    }
}
