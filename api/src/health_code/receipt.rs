//! Use cases: hand out a signed receipt of an explanation, and verify one.

use chrono::{DateTime, SubsecRound, Utc};
use entity::values::{Colour, PersonId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    error::Error,
    found::FactView,
    reasons::{self, ExplanationView},
    verifying::Verdict,
};
use crate::{
    credentials::receipt::{DIGEST_BYTES, LIFE, Receipt, ReceiptFact, ReceiptReason},
    deps::Deps,
    http::problem::Language,
    platform::{
        digest::{canonical_json, sha256},
        entropy,
    },
};

/// Where pseudonyms of people in receipts come from.
const SUBJECT: &str = "receipt.subject";

/// An explanation and its signed receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptView {
    /// The receipt: a CWT (RFC 8392) in a tagged `COSE_Sign1`, in base45 after its prefix.
    #[schema(pattern = "^PJ1:[0-9A-Z $%*+./:-]+$", max_length = 16384)]
    token: String,
    /// When it was issued.
    issued_at: DateTime<Utc>,
    /// When it stops being good.
    expires_at: DateTime<Utc>,
    /// SHA-256 of `explanation` in the canonical form of RFC 8785, in hexadecimal. The receipt holds
    /// the same.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    explanation_sha256: String,
    /// The explanation that the receipt is of.
    explanation: ExplanationView,
}

/// Explain what `person` shows, with a receipt of it.
pub(super) async fn issue(
    deps: &Deps,
    person: PersonId,
    language: Language,
) -> Result<ReceiptView, Error> {
    let explanation = reasons::explain(deps, person, language).await?;
    let hash = sha256_of(&serde_json::to_value(&explanation)?)?;
    let issued_at = to_the_second(deps.clock.now());
    let (facts, reasons) = in_short(&explanation);
    let receipt = Receipt {
        issuer: deps.login.issuer.clone(),
        subject: pseudonym(deps, person),
        id: entropy::bytes(&*deps.entropy),
        issued_at,
        expires_at: issued_at + LIFE,
        colour: explanation.colour,
        reasons,
        facts,
        policy: explanation.policy.version.clone(),
        explanation: hash,
    };
    Ok(ReceiptView {
        token: deps.keyring.issue_receipt(&receipt)?,
        issued_at,
        expires_at: receipt.expires_at,
        explanation_sha256: hex::encode(hash),
        explanation,
    })
}

/// The receipt's reasons and facts: kinds and times, and none of the words.
fn in_short(explanation: &ExplanationView) -> (Vec<ReceiptFact>, Vec<ReceiptReason>) {
    let mut facts: Vec<ReceiptFact> = Vec::new();
    let mut place_of = |fact: &FactView| {
        let fact = ReceiptFact {
            kind: fact.kind.name().into(),
            at: to_the_second(fact.at),
            source_region: fact.source_region.division.clone(),
        };
        let place = facts.iter().position(|known| *known == fact);
        let place = place.unwrap_or_else(|| {
            facts.push(fact);
            facts.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    };
    let reasons = explanation
        .reasons
        .iter()
        .map(|reason| ReceiptReason {
            code: reason.code,
            rule: format!("{}@{}", reason.rule, reason.rule_version),
            source_region: reason.source_region.division.clone(),
            since: reason.since.map(to_the_second),
            until: reason.until.map(to_the_second),
            facts: reason.facts.iter().map(&mut place_of).collect(),
        })
        .collect();
    (facts, reasons)
}

fn to_the_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(0)
}

/// What stands for `person` in all their receipts, and says nothing to anybody else.
fn pseudonym(deps: &Deps, person: PersonId) -> String {
    let index = deps.vault.index(SUBJECT, &person.to_string());
    format!("urn:tongxing:person:{}", hex::encode(index))
}

/// SHA-256 of `json` in its canonical form.
fn sha256_of(json: &Value) -> Result<[u8; DIGEST_BYTES], serde_json::Error> {
    Ok(sha256(&[&canonical_json(json)?]))
}

/// What is told of a receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptVerification {
    /// Whether it is one of ours, and good now.
    verdict: Verdict,
    /// What it says. Null for an invalid one.
    receipt: Option<ReceiptContentView>,
    /// The server's time of this answer.
    checked_at: DateTime<Utc>,
}

/// What a receipt says.
#[derive(Debug, Serialize, ToSchema)]
struct ReceiptContentView {
    /// Who issued it.
    issuer: String,
    /// A pseudonym of the person: the same in all their receipts.
    subject: String,
    /// Which receipt, in hexadecimal.
    id: String,
    /// When it was issued.
    issued_at: DateTime<Utc>,
    /// When it stops being good.
    expires_at: DateTime<Utc>,
    /// What the code showed.
    colour: Colour,
    /// Why, worst first.
    reasons: Vec<ReceiptReason>,
    /// What the reasons were found in.
    facts: Vec<ReceiptFact>,
    /// The version of the policy that decided.
    policy: String,
    /// SHA-256 of the explanation that it is of, in hexadecimal.
    explanation_sha256: String,
}

impl From<Receipt> for ReceiptContentView {
    fn from(receipt: Receipt) -> Self {
        Self {
            issuer: receipt.issuer,
            subject: receipt.subject,
            id: hex::encode(receipt.id),
            issued_at: receipt.issued_at,
            expires_at: receipt.expires_at,
            colour: receipt.colour,
            reasons: receipt.reasons,
            facts: receipt.facts,
            policy: receipt.policy,
            explanation_sha256: hex::encode(receipt.explanation),
        }
    }
}

/// Verify the receipt `token`. What it says is what was shown then; what is shown now it does not say.
pub(super) fn verify(deps: &Deps, token: &str) -> ReceiptVerification {
    let checked_at = deps.clock.now();
    let read = deps.keyring.read_receipt(token, checked_at);
    if let Err(reason) = &read {
        tracing::debug!(%reason, "a receipt did not verify");
    }
    ReceiptVerification {
        verdict: if read.is_ok() {
            Verdict::Valid
        } else {
            Verdict::Invalid
        },
        receipt: read.ok().map(Into::into),
        checked_at,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_json_has_one_digest_however_it_is_written() {
        let one = r#"{"b": [1, null, "黄"], "a": {"d": true, "c": 2}}"#;
        let one: Value = serde_json::from_str(one).unwrap();
        let other = json!({"a": {"c": 2, "d": true}, "b": [1, null, "黄"]});
        assert_eq!(sha256_of(&one).unwrap(), sha256_of(&other).unwrap());
        assert_eq!(
            canonical_json(&one).unwrap(),
            r#"{"a":{"c":2,"d":true},"b":[1,null,"黄"]}"#.as_bytes()
        );
        let hash = sha256_of(&json!({})).unwrap();
        assert_eq!(
            hex::encode(hash),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
