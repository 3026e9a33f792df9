use coset::{
    CborSerializable, CoseSign1, TaggedCborSerializable,
    cwt::{ClaimName, ClaimsSet, Timestamp},
};
use proptest::prelude::*;

use super::super::fixtures::{list_of, listed, now, public, signer};
use super::*;

fn receipt_signer() -> Signer {
    signer(b"PJ\x01\x02", 5)
}

fn keys() -> KeyList {
    list_of(vec![
        listed(Purpose::Receipt, &receipt_signer()),
        listed(Purpose::Code, &signer(b"PJ\x01\x02", 6)),
    ])
}

fn receipt() -> Receipt {
    Receipt {
        issuer: "tongxing".into(),
        subject: "p-1".into(),
        id: [0xA5; ID_BYTES],
        issued_at: now(),
        expires_at: now() + LIFE,
        colour: Colour::Red,
        reasons: vec![
            ReceiptReason {
                code: ReasonCode::R03,
                rule: "contact.close@1.0.0".into(),
                source_region: "310101".into(),
                since: Some(now() - TimeDelta::days(1)),
                until: Some(now() + TimeDelta::days(13)),
                facts: vec![1, 0],
            },
            ReceiptReason {
                code: ReasonCode::G00,
                rule: "code.undecided@1.0.0".into(),
                source_region: "310000".into(),
                since: None,
                until: None,
                facts: vec![],
            },
        ],
        facts: vec![
            ReceiptFact {
                kind: "nucleic_acid_test".into(),
                at: now() - TimeDelta::hours(3),
                source_region: "310000".into(),
            },
            ReceiptFact {
                kind: "close_contact".into(),
                at: now() - TimeDelta::days(1),
                source_region: "420106".into(),
            },
        ],
        policy: "2026.1".into(),
        explanation: [7; DIGEST_BYTES],
    }
}

fn text() -> String {
    issue(&receipt(), &receipt_signer()).unwrap()
}

fn bytes_of(text: &str) -> Vec<u8> {
    base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap()
}

fn check(text: &str) -> Result<Receipt, Invalid> {
    verify(text, &keys(), now(), Skew::Online)
}

/// What a verifier makes of other claims under a good signature.
fn check_claims(claims: &[u8]) -> Result<Receipt, Invalid> {
    let token = receipt_signer().sign1(claims).unwrap();
    check(&base45::encode(PREFIX, &token))
}

#[test]
fn a_receipt_reads_back_as_it_was_issued() {
    assert_eq!(check(&text()), Ok(receipt()));
}

#[test]
fn a_receipt_is_laid_out_as_promised() {
    let token = bytes_of(&text());
    let (signed, signature) = token.split_at(token.len() - 66);
    let at = now().timestamp();
    let expected = format!(
        "d284 49a2012704 44504a0102 a0 5901{:02x} \
         aa 01 68{} 02 63702d31 04 1a{:08x} 06 1a{:08x} 07 50{} 3a00010000 03 \
         3a00010003 82 \
         a6 01 63523033 02 73{} 03 66{} 04 1a{:08x} 05 1a{:08x} 06 820100 \
         a4 01 63473030 02 74{} 03 66{} 06 80 \
         3a00010004 82 \
         a3 01 71{} 02 1a{:08x} 03 66{} \
         a3 01 6d{} 02 1a{:08x} 03 66{} \
         3a00010005 66{} 3a00010006 5820{}",
        signed.len() - 16 - 256,
        hex::encode("tongxing"),
        at + 30 * 86_400,
        at,
        "a5".repeat(16),
        hex::encode("contact.close@1.0.0"),
        hex::encode("310101"),
        at - 86_400,
        at + 13 * 86_400,
        hex::encode("code.undecided@1.0.0"),
        hex::encode("310000"),
        hex::encode("nucleic_acid_test"),
        at - 3 * 3_600,
        hex::encode("310000"),
        hex::encode("close_contact"),
        at - 86_400,
        hex::encode("420106"),
        hex::encode("2026.1"),
        "07".repeat(32),
    );
    assert_eq!(hex::encode(signed), expected.replace(' ', ""));
    assert_eq!(signature[..2], [0x58, 0x40]);
}

#[test]
fn an_independent_library_reads_and_verifies_a_receipt() {
    let message = CoseSign1::from_tagged_slice(&bytes_of(&text())).unwrap();
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ED25519,
        receipt_signer().public_key(),
    );
    message
        .verify_signature(b"", |signature, signed| key.verify(signed, signature))
        .unwrap();
    let claims = ClaimsSet::from_slice(message.payload.as_deref().unwrap()).unwrap();
    assert_eq!(claims.issuer.as_deref(), Some("tongxing"));
    assert_eq!(claims.subject.as_deref(), Some("p-1"));
    let at = now().timestamp();
    assert_eq!(claims.issued_at, Some(Timestamp::WholeSeconds(at)));
    let expires = Timestamp::WholeSeconds(at + LIFE.num_seconds());
    assert_eq!(claims.expiration_time, Some(expires));
    assert_eq!(claims.cwt_id.as_deref(), Some([0xA5; ID_BYTES].as_slice()));
    assert_eq!(claims.rest[0], (ClaimName::PrivateUse(-65537), 3.into()));
    assert_eq!(claims.rest.len(), 5);
}

#[test]
fn a_receipt_is_good_for_thirty_days_and_no_longer() {
    let long = list_of(vec![super::super::key_list::ListedKey {
        expires_at: now() + TimeDelta::days(61),
        ..listed(Purpose::Receipt, &receipt_signer())
    }]);
    let at = |later| verify(&text(), &long, now() + later, Skew::Online).map(drop);
    let skew = Skew::Online.tolerance();
    let moment = TimeDelta::milliseconds(1);
    assert_eq!(at(-skew), Ok(()));
    assert_eq!(at(-skew - moment), Err(Invalid::NotYet));
    assert_eq!(at(LIFE + skew - moment), Ok(()));
    assert_eq!(at(LIFE + skew), Err(Invalid::Expired));
    let forever = Receipt {
        expires_at: now() + LIFE + TimeDelta::seconds(1),
        ..receipt()
    };
    let forever = issue(&forever, &receipt_signer()).unwrap();
    assert_eq!(check(&forever), Err(Invalid::Life));
}

#[test]
fn only_a_key_for_receipts_signs_receipts() {
    let by_code_key = issue(&receipt(), &signer(b"PJ\x01\x02", 6)).unwrap();
    assert!(matches!(check(&by_code_key), Err(Invalid::Signature(_))));
    let unknown = issue(&receipt(), &signer(b"PJ\x01\x03", 5)).unwrap();
    assert_eq!(check(&unknown), Err(Invalid::UnknownKey));
    let revoked = list_of(vec![super::super::key_list::ListedKey {
        status: super::super::key_list::Status::Revoked,
        ..listed(Purpose::Receipt, &receipt_signer())
    }]);
    let read = verify(&text(), &revoked, now(), Skew::Online);
    assert_eq!(read, Err(Invalid::KeyNotGood));
    assert_eq!(public(&receipt_signer()).kid().as_bytes(), b"PJ\x01\x02");
}

#[test]
fn other_texts_are_refused() {
    let text = text();
    let code = text.replacen(PREFIX, "JK1:", 1);
    assert_eq!(check(&code), Err(Invalid::Prefix));
    let long = format!("{PREFIX}{}", "0".repeat(MAX_CHARACTERS));
    assert_eq!(check(&long), Err(Invalid::TooLong));
    let mut flipped = bytes_of(&text);
    flipped[40] ^= 1;
    let flipped = base45::encode(PREFIX, &flipped);
    assert!(check(&flipped).is_err());
}

#[test]
fn other_claims_are_refused_whoever_signed_them() {
    let good = cbor::encode(&claims(&receipt()));
    assert!(check_claims(&good).is_ok());
    let Ok(Value::Map(entries)) = cbor::decode(&good) else {
        panic!("a map");
    };
    for missing in 0..entries.len() {
        let mut fewer = entries.clone();
        fewer.remove(missing);
        let fewer = cbor::encode(&Value::Map(fewer));
        assert_eq!(check_claims(&fewer), Err(Invalid::Claims), "{missing}");
    }
    let mut more = entries.clone();
    more.push((Value::Int(5), Value::Int(0)));
    assert_eq!(
        check_claims(&cbor::encode(&Value::Map(more))),
        Err(Invalid::Claims)
    );
    let mut astray = receipt();
    astray.reasons[0].facts.push(2);
    let astray = cbor::encode(&claims(&astray));
    assert_eq!(check_claims(&astray), Err(Invalid::Claims), "no such fact");
}

proptest! {
    #[test]
    fn no_claims_make_it_panic(claims: Vec<u8>) {
        let _ = read(&claims);
    }

    #[test]
    fn no_text_makes_it_panic(text: String) {
        let _ = check(&text);
    }
}
