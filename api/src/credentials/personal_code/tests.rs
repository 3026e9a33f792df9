use std::collections::HashSet;

use coset::cwt::{ClaimsSet, Timestamp};
use coset::{AsCborValue, CborSerializable, TaggedCborSerializable};
use proptest::prelude::*;

use super::super::cbor::{Malformed, Value};
use super::super::cose::Algorithm;
use super::super::fixtures::{
    code_signer, issuer, key_list, list_of, listed, now, public, signer, signer_announcing,
};
use super::super::handle::DayKey;
use super::super::key_list::Status;
use super::*;

const HANDLE: Handle = Handle([0xA5; 16]);

fn code() -> String {
    issuer().issue(HANDLE, Colour::Green, now()).unwrap()
}

fn bytes_of(code: &str) -> Vec<u8> {
    base45::decode(code.strip_prefix(PREFIX).unwrap()).unwrap()
}

fn check(text: &str) -> Result<VerifiedCode, Invalid> {
    verify(text, &key_list(), now(), Skew::Online)
}

/// What a verifier makes of `token`, written as a code.
fn check_bytes(token: &[u8]) -> Result<VerifiedCode, Invalid> {
    check(&base45::encode(PREFIX, token))
}

/// What a verifier makes of `claims` under a good signature.
fn check_claims(claims: &[u8]) -> Result<VerifiedCode, Invalid> {
    check_bytes(&code_signer().sign1(claims).unwrap())
}

/// Claims of any kind, deterministic.
fn claims_of(expires: i64, issued: i64, handle: &[u8], colour: i64) -> Vec<u8> {
    let values = [
        Value::Int(expires),
        Value::Int(issued),
        Value::Bytes(handle),
        Value::Int(colour),
    ];
    cbor::encode(&Value::Map(
        CLAIMS.map(Value::Int).into_iter().zip(values).collect(),
    ))
}

#[test]
fn a_code_is_116_bytes_in_178_characters_laid_out_as_promised() {
    let code = code();
    assert_eq!(code.len(), 178);
    assert!(code.starts_with("JK1:"));
    let token = bytes_of(&code);
    assert_eq!(token.len(), 116);
    let (signed, signature) = token.split_at(52);
    let expected = format!(
        "d284 47a201270442c0de a0 5825 a4041a{:08x}061a{:08x}0750{}3a0001000001 5840",
        now().timestamp() + 60,
        now().timestamp(),
        "a5".repeat(16)
    );
    assert_eq!(hex::encode(signed), expected.replace(' ', ""));
    assert_eq!(signature.len(), 64);
}

#[test]
fn the_template_writes_what_the_general_signer_writes() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let signer = || signer_announcing(algorithm, &[0xC0, 0xDE], 1);
        let at = now().timestamp();
        let claims = claims_of(at + 60, at, &HANDLE.0, 3);
        let code = Issuer::new(signer())
            .unwrap()
            .issue(HANDLE, Colour::Red, now());
        assert_eq!(bytes_of(&code.unwrap()), signer().sign1(&claims).unwrap());
    }
}

#[test]
fn a_verifier_learns_what_was_issued() {
    for colour in [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red] {
        let issued_at = now() - TimeDelta::milliseconds(300);
        let code = issuer().issue(HANDLE, colour, issued_at).unwrap();
        let expected = VerifiedCode {
            handle: HANDLE,
            colour,
            issued_at: now() - TimeDelta::seconds(1),
            expires_at: now() + TimeDelta::seconds(59),
            kid: code_signer().kid(),
        };
        assert_eq!(check(&code), Ok(expected));
    }
}

#[test]
fn an_independent_library_reads_and_verifies_a_code() {
    let message = coset::CoseSign1::from_tagged_slice(&bytes_of(&code())).unwrap();
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ED25519,
        code_signer().public_key(),
    );
    message
        .verify_signature(b"", |signature, signed| key.verify(signed, signature))
        .unwrap();
    let claims = ClaimsSet::from_slice(message.payload.as_deref().unwrap()).unwrap();
    assert_eq!(
        claims.issued_at,
        Some(Timestamp::WholeSeconds(now().timestamp()))
    );
    assert_eq!(
        claims.expiration_time,
        Some(Timestamp::WholeSeconds(now().timestamp() + 60))
    );
    assert_eq!(claims.cwt_id.as_deref(), Some(HANDLE.0.as_slice()));
    let green = coset::cwt::ClaimName::PrivateUse(-65537);
    assert_eq!(claims.rest, [(green, 1.into())]);
    assert!(claims.to_cbor_value().is_ok());
}

#[test]
fn twenty_codes_of_one_person_share_no_handle() {
    let key = DayKey::new(&[7; 16]).unwrap();
    let handles: HashSet<_> = (0..20)
        .map(|random| {
            let handle = key.seal(42, random).unwrap();
            let code = issuer().issue(handle, Colour::Green, now()).unwrap();
            check(&code).unwrap().handle
        })
        .collect();
    assert_eq!(handles.len(), 20);
    assert!(handles.iter().all(|handle| key.open(handle) == Ok(42)));
}

#[test]
fn a_code_is_good_from_issue_to_expiry_and_the_skew_beyond() {
    let code = code();
    let after = |milliseconds, skew| {
        let then = now() + TimeDelta::milliseconds(milliseconds);
        verify(&code, &key_list(), then, skew).map(|_| ())
    };
    for (skew, tolerance) in [(Skew::Online, 5_000), (Skew::Offline, 30_000)] {
        assert_eq!(after(-tolerance - 1, skew), Err(Invalid::NotYet));
        assert_eq!(after(-tolerance, skew), Ok(()));
        assert_eq!(after(60_000 + tolerance - 1, skew), Ok(()));
        assert_eq!(after(60_000 + tolerance, skew), Err(Invalid::Expired));
    }
}

#[test]
fn a_code_that_lives_longer_than_a_minute_or_not_at_all_is_refused() {
    let at = now().timestamp();
    let living = |seconds| check_claims(&claims_of(at + seconds, at, &HANDLE.0, 1)).map(|_| ());
    assert_eq!(living(60), Ok(()));
    assert_eq!(living(1), Ok(()));
    for life in [61, 3600, 0, -1, i64::from(u32::MAX)] {
        assert_eq!(living(life), Err(Invalid::Life), "{life}");
    }
}

#[test]
fn other_claims_are_refused_even_under_a_good_signature() {
    let at = now().timestamp();
    let good = claims_of(at + 60, at, &HANDLE.0, 1);
    assert!(check_claims(&good).is_ok());
    for claims in [
        claims_of(at + 60, at, &HANDLE.0, 4),
        claims_of(at + 60, at, &HANDLE.0, -1),
        claims_of(at + 60, at, &HANDLE.0, 256),
        claims_of(at + 60, at, &HANDLE.0[..15], 1),
        claims_of(i64::MAX, i64::MAX, &HANDLE.0, 1),
        claims_of(i64::MIN, i64::MIN, &HANDLE.0, 1),
        vec![],
        vec![0xA0],
        vec![0x80],
        [good.as_slice(), &[0]].concat(),
        [&[0xA5], &good[1..], &[0x3A, 0, 1, 0, 1, 0]].concat(),
    ] {
        assert_eq!(check_claims(&claims), Err(Invalid::Claims), "{claims:02x?}");
    }
}

#[test]
fn a_key_signs_codes_only_if_the_list_says_so() {
    let at = now().timestamp();
    let claims = claims_of(at + 60, at, &HANDLE.0, 1);
    let check_with = |signer: &Signer, list: &KeyList| {
        let text = base45::encode(PREFIX, &signer.sign1(&claims).unwrap());
        verify(&text, list, now(), Skew::Online).map(|_| ())
    };
    let good = code_signer();
    let list = key_list();
    assert_eq!(check_with(&good, &list), Ok(()));
    assert_eq!(
        check_with(&signer(&[0xC0, 0xDF], 1), &list),
        Err(Invalid::UnknownKey)
    );
    assert_eq!(
        check_with(&signer(&[0xC0], 1), &list),
        Err(Invalid::UnknownKey)
    );
    assert_eq!(
        check_with(&signer(&[0x0F, 0xF0], 2), &list),
        Err(Invalid::UnknownKey),
        "a key for permits"
    );
    assert_eq!(
        check_with(&signer(&[0xC0, 0xDE], 3), &list),
        Err(Invalid::Signature(BadSignature)),
        "the name of a key without the key"
    );
    let other_name = signer_announcing(Algorithm::Ed25519, &[0xC0, 0xDE], 1);
    assert_eq!(check_with(&other_name, &list), Err(Invalid::Algorithm));
    let listed_so = list_of(vec![listed(Purpose::Code, &other_name)]);
    assert_eq!(check_with(&other_name, &listed_so), Ok(()));
    assert_eq!(
        check_with(&good, &list_of(vec![])),
        Err(Invalid::UnknownKey)
    );
}

#[test]
fn a_key_out_of_its_time_or_revoked_signs_nothing() {
    let with = |change: fn(&mut super::super::key_list::ListedKey)| {
        let mut key = listed(Purpose::Code, &code_signer());
        change(&mut key);
        verify(&code(), &list_of(vec![key]), now(), Skew::Online).map(|_| ())
    };
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|key| key.status = Status::Retired), Ok(()));
    for change in [
        (|key| key.status = Status::Revoked) as fn(&mut super::super::key_list::ListedKey),
        |key| key.not_before = now() + TimeDelta::seconds(6),
        |key| key.expires_at = now() - TimeDelta::seconds(5),
    ] {
        assert_eq!(with(change), Err(Invalid::KeyNotGood));
    }
}

#[test]
fn texts_that_are_no_codes_are_refused() {
    let code = code();
    let body = code.strip_prefix(PREFIX).unwrap();
    for prefix in ["HC1:", "TX1:", "jk1:", "JK1", "JK2:", " JK1:", ""] {
        assert_eq!(
            check(&format!("{prefix}{body}")),
            Err(Invalid::Prefix),
            "{prefix}"
        );
    }
    for text in [
        format!("JK1:{}", body.to_lowercase()),
        format!("JK1:é{body}"),
        format!("JK1:{body}\n"),
        format!("JK1:{body}é"),
        format!("JK1:１{body}"),
    ] {
        assert_eq!(check(&text), Err(Invalid::Base45(NotBase45)), "{text}");
    }
    let filled = "0".repeat(MAX_CHARACTERS);
    assert_eq!(check(&format!("JK1:{filled}")), Err(Invalid::TooLong));
    assert_eq!(check(&filled), Err(Invalid::Prefix));
    assert_eq!(
        check("JK1:"),
        Err(Invalid::Message(NotSign1::Cbor(Malformed::Short)))
    );
    assert_eq!(check_bytes(&[0x78, 0x9C, 0, 0]), Err(Invalid::Compressed));
}

#[test]
fn a_code_with_its_bytes_rearranged_is_refused() {
    let token = bytes_of(&code());
    let trailing = [token.as_slice(), &[0]].concat();
    assert_eq!(
        check_bytes(&trailing),
        Err(Invalid::Message(NotSign1::Cbor(Malformed::Trailing)))
    );
    let indefinite = [&[0xD2, 0x9F], &token[2..], &[0xFF]].concat();
    assert_eq!(
        check_bytes(&indefinite),
        Err(Invalid::Message(NotSign1::Cbor(Malformed::Indefinite)))
    );
    let unprotected = [&token[..10], &[0xA1, 0x01, 0x27], &token[11..]].concat();
    assert_eq!(
        check_bytes(&unprotected),
        Err(Invalid::Message(NotSign1::Unprotected))
    );
    let long_length = [&token[..50], &[0x59, 0x00, 0x40], &token[52..]].concat();
    assert_eq!(
        check_bytes(&long_length),
        Err(Invalid::Message(NotSign1::Cbor(Malformed::NotShortest)))
    );
    for cut in 0..token.len() {
        assert!(check_bytes(&token[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn flipping_any_bit_of_a_code_is_refused() {
    let code = code();
    let token = bytes_of(&code);
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(check_bytes(&flipped).is_err(), "bit {bit} of the bytes");
    }
    for bit in 0..code.len() * 8 {
        let mut flipped = code.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(text) = String::from_utf8(flipped) {
            assert!(check(&text).is_err(), "bit {bit} of the text");
        }
    }
}

#[test]
fn only_two_byte_names_and_times_of_four_bytes_are_issued() {
    assert_eq!(Issuer::new(signer(&[1], 1)).unwrap_err(), WrongKid);
    assert_eq!(Issuer::new(signer(&[1, 2, 3, 4], 1)).unwrap_err(), WrongKid);
    for seconds in [i64::MIN, -1, 0, 65_535, u32::MAX.into(), 1 << 32] {
        let Some(at) = DateTime::from_timestamp_secs(seconds) else {
            continue;
        };
        let issued = issuer().issue(HANDLE, Colour::Green, at);
        assert_eq!(issued, Err(NotIssued::Time), "{seconds}");
    }
    for seconds in [65_536, i64::from(u32::MAX) - 60] {
        let at = DateTime::from_timestamp_secs(seconds).unwrap();
        let code = issuer().issue(HANDLE, Colour::Green, at).unwrap();
        assert_eq!(code.len(), CHARACTERS);
    }
    let latest = issuer().issue(HANDLE, Colour::Green, DateTime::<Utc>::MAX_UTC);
    assert_eq!(latest, Err(NotIssued::Time));
}

#[test]
fn the_public_half_of_the_key_is_all_a_verifier_needs() {
    let listed = &key_list().keys[0];
    assert_eq!(listed.key.as_bytes(), public(&code_signer()).as_bytes());
    assert_eq!(issuer().kid(), code_signer().kid());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text: String, tail in "[0-9A-Z $%*+./:-]{0,200}") {
        prop_assert!(check(&text).is_err());
        prop_assert!(check(&[PREFIX, &tail].concat()).is_err());
    }

    #[test]
    fn no_claims_make_it_panic(claims: Vec<u8>) {
        prop_assert_eq!(check_claims(&claims), Err(Invalid::Claims));
    }

    #[test]
    fn whatever_is_issued_verifies(handle: [u8; 16], random: [u8; 2], seconds in 65_536..4_000_000_000_i64) {
        let at = DateTime::from_timestamp_secs(seconds).unwrap();
        let signer = || signer(&random, 5);
        let mut key = listed(Purpose::Code, &signer());
        (key.not_before, key.expires_at) = (at, at + LIFE);
        let code = Issuer::new(signer()).unwrap().issue(Handle(handle), Colour::Yellow, at).unwrap();
        prop_assert_eq!(code.len(), CHARACTERS);
        let read = verify(&code, &list_of(vec![key]), at, Skew::Online).unwrap();
        prop_assert_eq!((read.handle, read.issued_at), (Handle(handle), at));
    }
}
