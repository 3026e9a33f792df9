//! The receipt of why a code shows what it shows: `PJ1:` and the base45 of a signed CWT (RFC 8392).
//!
//! ```text
//! protected = { 1: -8, 4: bstr kid[4] }
//! claims    = { 1: issuer, 2: subject, 4: expiry, 6: issued, 7: bstr id[16],
//!               -65537: 0 grey / 1 green / 2 yellow / 3 red,
//!               -65540: [ * reason ], -65541: [ * fact ], -65542: policy version,
//!               -65543: bstr sha256[32] of the explanation }
//! reason    = { 1: cause, 2: rule "@" version, 3: division, ? 4: since, ? 5: until,
//!               6: [ * place of a fact in the list ] }
//! fact      = { 1: kind, 2: when, 3: division }
//! ```
//!
//! Times are whole seconds since 1970. It names nobody: the subject is a pseudonym that is the same in
//! every receipt of a person, and only the issuer knows whose it is.

use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{Colour, ReasonCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    base45,
    cbor::{self, Value},
    cose::{Sign1, Signer, SigningFailed},
    key_list::{KeyList, Purpose},
    personal_code::{Invalid, Skew, believed, check_time, token_in},
};

/// What every receipt begins with.
pub const PREFIX: &str = "PJ1:";
/// How long a receipt is good, and the longest that a verifier lets any be good.
pub const LIFE: TimeDelta = TimeDelta::days(30);
/// Characters of the longest text that a verifier looks at.
pub const MAX_CHARACTERS: usize = 16_384;
/// Bytes of a receipt's id.
pub const ID_BYTES: usize = 16;
/// Bytes of the digest of an explanation.
pub const DIGEST_BYTES: usize = 32;

/// The claims, in the order of RFC 8949 §4.2.1.
const CLAIMS: [i64; 10] = [1, 2, 4, 6, 7, -65537, -65540, -65541, -65542, -65543];

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who issued it.
    pub issuer: String,
    /// A pseudonym of the person.
    pub subject: String,
    /// Which receipt: random.
    pub id: [u8; ID_BYTES],
    /// When it was issued, to the second.
    pub issued_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: DateTime<Utc>,
    /// What the code showed.
    pub colour: Colour,
    /// Why, worst first.
    pub reasons: Vec<ReceiptReason>,
    /// What the reasons were found in.
    pub facts: Vec<ReceiptFact>,
    /// The version of the policy that decided.
    pub policy: String,
    /// SHA-256 of the explanation in words.
    pub explanation: [u8; DIGEST_BYTES],
}

/// A reason, as a receipt says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceiptReason {
    /// The cause.
    pub code: ReasonCode,
    /// The rule that found it and its version, as `rule@version`.
    pub rule: String,
    /// The region whose data it comes from.
    pub source_region: String,
    /// Since when. Null for a cause without a beginning on record.
    pub since: Option<DateTime<Utc>>,
    /// The earliest end, where the rule sets a length.
    pub until: Option<DateTime<Utc>>,
    /// Which of the facts it was found in, counted from zero.
    pub facts: Vec<u16>,
}

/// A fact, as a receipt says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceiptFact {
    /// What it says, such as `close_contact`.
    pub kind: String,
    /// When it happened, to the second.
    pub at: DateTime<Utc>,
    /// The region whose data it is.
    pub source_region: String,
}

/// The text of `receipt`, signed by `signer`.
pub(super) fn issue(receipt: &Receipt, signer: &Signer) -> Result<String, SigningFailed> {
    let claims = cbor::encode(&claims(receipt));
    Ok(base45::encode(PREFIX, &signer.sign1(&claims)?))
}

/// What `text` says, if it is a receipt that a key of `keys` signed and that is good at `now`.
///
/// `keys` is a list that the caller believes. The claims are not looked at before the signature.
pub fn verify(
    text: &str,
    keys: &KeyList,
    now: DateTime<Utc>,
    skew: Skew,
) -> Result<Receipt, Invalid> {
    let token = token_in(text, PREFIX, MAX_CHARACTERS)?;
    let message = Sign1::parse(&token)?;
    let claims = believed(&message, Purpose::Receipt, keys, now, skew)?;
    let receipt = read(claims).ok_or(Invalid::Claims)?;
    check_time(receipt.issued_at, receipt.expires_at, LIFE, now, skew)?;
    Ok(receipt)
}

fn claims(receipt: &Receipt) -> Value<'_> {
    let values = [
        Value::Text(&receipt.issuer),
        Value::Text(&receipt.subject),
        seconds(receipt.expires_at),
        seconds(receipt.issued_at),
        Value::Bytes(&receipt.id),
        Value::Int(receipt.colour.claim().into()),
        Value::Array(receipt.reasons.iter().map(reason).collect()),
        Value::Array(receipt.facts.iter().map(fact).collect()),
        Value::Text(&receipt.policy),
        Value::Bytes(&receipt.explanation),
    ];
    let keys = CLAIMS.map(Value::Int).into_iter();
    Value::Map(keys.zip(values).collect())
}

fn reason(reason: &ReceiptReason) -> Value<'_> {
    let places = reason.facts.iter().map(|at| Value::Int((*at).into()));
    let fields = [
        Some(Value::Text(reason.code.name())),
        Some(Value::Text(&reason.rule)),
        Some(Value::Text(&reason.source_region)),
        reason.since.map(seconds),
        reason.until.map(seconds),
        Some(Value::Array(places.collect())),
    ];
    let numbered = (1..).map(Value::Int).zip(fields);
    Value::Map(
        numbered
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
    )
}

fn fact(fact: &ReceiptFact) -> Value<'_> {
    Value::Map(vec![
        (Value::Int(1), Value::Text(&fact.kind)),
        (Value::Int(2), seconds(fact.at)),
        (Value::Int(3), Value::Text(&fact.source_region)),
    ])
}

fn seconds<'a>(at: DateTime<Utc>) -> Value<'a> {
    Value::Int(at.timestamp())
}

fn read(claims: &[u8]) -> Option<Receipt> {
    let claims = cbor::decode(claims).ok()?;
    let [
        issuer,
        subject,
        expires_at,
        issued_at,
        id,
        colour,
        reasons,
        facts,
        policy,
        explanation,
    ] = claims.record(CLAIMS)?;
    let receipt = Receipt {
        issuer: issuer.text()?.into(),
        subject: subject.text()?.into(),
        id: id.bytes()?.try_into().ok()?,
        issued_at: instant(issued_at)?,
        expires_at: instant(expires_at)?,
        colour: Colour::from_claim(colour.int()?.try_into().ok()?)?,
        reasons: reasons
            .array()?
            .iter()
            .map(read_reason)
            .collect::<Option<_>>()?,
        facts: facts
            .array()?
            .iter()
            .map(read_fact)
            .collect::<Option<_>>()?,
        policy: policy.text()?.into(),
        explanation: explanation.bytes()?.try_into().ok()?,
    };
    let mut places = receipt.reasons.iter().flat_map(|reason| &reason.facts);
    places
        .all(|place| usize::from(*place) < receipt.facts.len())
        .then_some(receipt)
}

fn read_reason(reason: &Value<'_>) -> Option<ReceiptReason> {
    let Value::Map(entries) = reason else {
        return None;
    };
    let known = |key: &Value<'_>| key.int().is_some_and(|key| (1..=6).contains(&key));
    if !entries.iter().all(|(key, _)| known(key)) {
        return None;
    }
    let field = |name: i64| {
        let entry = entries.iter().find(|(key, _)| key.int() == Some(name));
        entry.map(|(_, value)| value)
    };
    let time = |name| field(name).map(|at| instant(at).ok_or(())).transpose().ok();
    Some(ReceiptReason {
        code: ReasonCode::from_name(field(1)?.text()?)?,
        rule: field(2)?.text()?.into(),
        source_region: field(3)?.text()?.into(),
        since: time(4)?,
        until: time(5)?,
        facts: field(6)?
            .array()?
            .iter()
            .map(place)
            .collect::<Option<_>>()?,
    })
}

fn read_fact(fact: &Value<'_>) -> Option<ReceiptFact> {
    let [kind, at, source_region] = fact.record([1, 2, 3])?;
    Some(ReceiptFact {
        kind: kind.text()?.into(),
        at: instant(at)?,
        source_region: source_region.text()?.into(),
    })
}

fn instant(seconds: &Value<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_secs(seconds.int()?)
}

fn place(at: &Value<'_>) -> Option<u16> {
    at.int()?.try_into().ok()
}

#[cfg(test)]
mod tests;
