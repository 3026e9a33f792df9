//! The gateway's envelope: how a request is signed and how an answer is believed.

use std::collections::{BTreeMap, HashMap};

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{LENGTH, app::App, trust::Trust};
use crate::{
    clients::{
        PlatformError,
        outbound::{Call, FORM, Failure, Reply},
        word::is_word,
    },
    platform::clock::CHINA,
};

/// What `code` says when all went well.
const SUCCESS: &str = "10000";

/// What a method is told, apart from what every method is told.
pub(super) enum Business<'a> {
    /// Fields of the form.
    Fields(&'a [(&'a str, &'a str)]),
    /// `biz_content`. Encrypted, if the app encrypts.
    Content(&'a Value),
}

/// What Alipay answered.
#[derive(Debug)]
pub(super) enum Answer<T> {
    /// It did as it was asked.
    Success(T),
    /// It did not.
    Refused(Refusal),
}

/// Alipay's reasons. The codes are words.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) sub_code: Option<String>,
}

impl Refusal {
    /// The finer code, where there is one.
    pub(super) fn reason(self) -> String {
        self.sub_code.unwrap_or(self.code)
    }
}

/// Why there is no answer to go by.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// Alipay surely did not see the request.
    NotSent(anyhow::Error),
    /// Alipay may have done as it was asked.
    Unusable(anyhow::Error),
    /// What came is not what Alipay signed: it may have done anything.
    Forged,
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        if failure.surely_not_sent() {
            Self::NotSent(failure.into())
        } else {
            Self::Unusable(failure.into())
        }
    }
}

impl From<NoAnswer> for PlatformError {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::NotSent(error) | NoAnswer::Unusable(error) => Self::Unavailable(error),
            NoAnswer::Forged => Self::Forged,
        }
    }
}

/// A signed call of `method`: common parameters in the query, business parameters in the body.
///
/// The signature covers all of them, sorted by name and joined undecoded; what is encrypted is
/// encrypted before.
pub(super) fn signed(
    gateway: &Url,
    app: &App,
    method: &str,
    business: &Business<'_>,
    at: DateTime<Utc>,
) -> anyhow::Result<Call> {
    let timestamp = at
        .with_timezone(&CHINA)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string();
    let mut common = vec![
        ("app_id", app.id.as_str()),
        ("charset", "utf-8"),
        ("format", "JSON"),
        ("method", method),
        ("sign_type", "RSA2"),
        ("timestamp", &timestamp),
        ("version", "1.0"),
    ];
    if let Trust::Certificates(held) = &app.trust {
        common.push(("alipay_root_cert_sn", &held.roots));
        common.push(("app_cert_sn", &held.app));
    }
    let mut content = String::new();
    let business = match business {
        Business::Fields(fields) => fields.to_vec(),
        Business::Content(value) => {
            content.push_str(&value.to_string());
            if let Some(cipher) = app.cipher() {
                common.push(("encrypt_type", "AES"));
                content = cipher.seal(&content)?;
            }
            vec![("biz_content", content.as_str())]
        }
    };
    let sign = app.key.sign(&signed_text(common.iter().chain(&business)))?;
    common.push(("sign", &sign));
    let mut url = gateway.clone();
    url.query_pairs_mut().extend_pairs(common);
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
    reply: &Reply,
    method: &str,
    app: &App,
) -> Result<Answer<T>, NoAnswer> {
    if !reply.status.is_success() {
        let status = reply.status.as_u16();
        return Err(NoAnswer::Unusable(anyhow!(
            "Alipay answered with status {status}"
        )));
    }
    let envelope: HashMap<String, &RawValue> =
        serde_json::from_slice(&reply.body).map_err(|_| unintelligible())?;
    let answer = envelope
        .get(&format!("{}_response", method.replace('.', "_")))
        .or_else(|| envelope.get("error_response"))
        .map(|raw| raw.get())
        .ok_or_else(unintelligible)?;
    let signature = member(&envelope, "sign").ok_or(NoAnswer::Forged)?;
    let certificate = member(&envelope, "alipay_cert_sn");
    if !app
        .trust
        .vouches_for_reply(answer, &signature, certificate.as_deref())
    {
        return Err(NoAnswer::Forged);
    }
    if answer.starts_with('"') {
        return understood(&decrypted(answer, app).ok_or_else(unintelligible)?);
    }
    understood(answer.as_bytes())
}

/// What the text `answer` says to those who have the app's key. The signature is over the text, quotes
/// included. An app that does not encrypt is not answered so.
fn decrypted(answer: &str, app: &App) -> Option<Zeroizing<Vec<u8>>> {
    let content: String = serde_json::from_str(answer).ok()?;
    app.cipher()?.open(&content)
}

fn member(envelope: &HashMap<String, &RawValue>, name: &str) -> Option<String> {
    serde_json::from_str(envelope.get(name)?.get()).ok()
}

/// `alipay.system.oauth.token` has no code when all went well; every other method has one.
fn understood<T: DeserializeOwned>(answer: &[u8]) -> Result<Answer<T>, NoAnswer> {
    #[derive(Deserialize)]
    struct Codes {
        code: Option<String>,
        sub_code: Option<String>,
    }

    let Codes { code, sub_code } = serde_json::from_slice(answer).map_err(|_| unintelligible())?;
    let code = code.unwrap_or_else(|| SUCCESS.to_owned());
    if code == SUCCESS && sub_code.is_none() {
        return serde_json::from_slice(answer)
            .map(Answer::Success)
            .map_err(|_| unintelligible());
    }
    Ok(Answer::Refused(Refusal {
        code: Some(code)
            .filter(|code| is_word(code, LENGTH))
            .ok_or_else(unintelligible)?,
        sub_code: sub_code.filter(|code| is_word(code, LENGTH)),
    }))
}

/// The parser's own words may quote the answer, so they are left out.
pub(super) fn unintelligible() -> NoAnswer {
    NoAnswer::Unusable(anyhow!("Alipay answered in a form that is not known"))
}
