use proptest::prelude::*;

use super::super::fixtures::{code_signer, key_list, list_of, listed, now, public, signer};
use super::*;

fn root() -> Signer {
    signer(b"root", 9)
}

fn verify(bytes: &[u8]) -> Result<KeyList, Refused> {
    KeyList::verify(bytes, &public(&root()), now(), 0)
}

/// What the root signs without looking.
fn signed(content: &Value<'_>) -> Vec<u8> {
    root().sign1(&cbor::encode(content)).unwrap()
}

#[test]
fn a_list_is_read_back_as_it_was_signed() {
    let list = key_list();
    let read = verify(&list.sign(&root()).unwrap()).unwrap();
    assert_eq!(format!("{read:?}"), format!("{list:?}"));
    let kid = code_signer().kid();
    let found = read.find(Purpose::Code, kid).unwrap();
    assert_eq!(found.key.as_bytes(), &code_signer().public_key());
    assert!(
        read.find(Purpose::Permit, kid).is_none(),
        "another purpose is another key"
    );
}

#[test]
fn the_layout_is_the_documented_one() {
    let list = list_of(vec![listed(Purpose::Code, &code_signer())]);
    let [issued, next, hard] =
        [list.issued_at, list.next_update, list.expires_at].map(|at| at.timestamp());
    let entry = &list.keys[0];
    let expected = format!(
        "a5 0107 021a{issued:08x} 031a{next:08x} 041a{hard:08x} 0581 \
         a7 0142c0de 0264636f6465 0327 045820{} 051a{:08x} 061a{:08x} 0700",
        hex::encode(entry.key.as_bytes()),
        entry.not_before.timestamp(),
        entry.expires_at.timestamp(),
    );
    assert_eq!(
        hex::encode(cbor::encode(&list.to_cbor())),
        expected.replace(' ', "")
    );
}

#[test]
fn sixty_four_keys_fit_and_sixty_five_do_not() {
    let with = |keys: u8| {
        let kids = (0..keys).map(|n| listed(Purpose::Code, &signer(&[0, n], 1)));
        list_of(kids.collect())
    };
    let bytes = with(64).sign(&root()).unwrap();
    assert!(bytes.len() < 4600, "{}", bytes.len());
    assert_eq!(verify(&bytes).unwrap().keys.len(), 64);
    let too_many = with(65);
    assert_eq!(
        too_many.sign(&root()).unwrap_err(),
        NotSigned::Content(BadContent::TooMany)
    );
    assert_eq!(
        verify(&signed(&too_many.to_cbor())).unwrap_err(),
        Refused::Content(BadContent::TooMany)
    );
}

#[test]
fn a_list_does_not_go_back() {
    let bytes = key_list().sign(&root()).unwrap();
    let at_least = |version| KeyList::verify(&bytes, &public(&root()), now(), version);
    assert!(at_least(7).is_ok());
    assert_eq!(at_least(8).unwrap_err(), Refused::RolledBack);
}

#[test]
fn a_list_is_believed_from_issue_to_hard_expiry() {
    let list = key_list();
    let bytes = list.sign(&root()).unwrap();
    let at = |now| KeyList::verify(&bytes, &public(&root()), now, 0).map(|_| ());
    assert_eq!(at(list.expires_at - TimeDelta::milliseconds(1)), Ok(()));
    assert_eq!(at(list.expires_at), Err(Refused::Expired));
    assert_eq!(at(list.issued_at - SKEW), Ok(()));
    let too_early = list.issued_at - SKEW - TimeDelta::milliseconds(1);
    assert_eq!(at(too_early), Err(Refused::NotYet));
}

#[test]
fn only_the_pinned_root_is_believed() {
    let list = key_list();
    let same_name = signer(b"root", 10);
    let other_name = signer(b"toor", 9);
    assert_eq!(
        verify(&list.sign(&same_name).unwrap()).unwrap_err(),
        Refused::Signature(BadSignature)
    );
    assert_eq!(
        verify(&list.sign(&other_name).unwrap()).unwrap_err(),
        Refused::OtherRoot
    );
    assert_eq!(verify(&[0; MAX_BYTES + 1]).unwrap_err(), Refused::TooLong);
}

#[test]
fn lists_that_make_no_sense_are_neither_signed_nor_believed() {
    let list = key_list();
    let twice = list_of(vec![list.keys[0].clone(), list.keys[0].clone()]);
    let times = |next_update, expires_at| KeyList {
        next_update,
        expires_at,
        ..key_list()
    };
    let long = list.issued_at + MAX_LIFE + TimeDelta::seconds(1);
    for (list, wrong) in [
        (twice, BadContent::Ambiguous),
        (times(list.next_update, long), BadContent::Times),
        (times(list.issued_at, list.expires_at), BadContent::Times),
        (times(list.expires_at, list.next_update), BadContent::Times),
    ] {
        assert_eq!(list.sign(&root()).unwrap_err(), NotSigned::Content(wrong));
        assert_eq!(
            verify(&signed(&list.to_cbor())).unwrap_err(),
            Refused::Content(wrong)
        );
    }
    let too_new = KeyList {
        version: u64::MAX,
        ..key_list()
    };
    assert!(too_new.sign(&root()).is_err());
}

#[test]
fn entries_that_are_no_keys_spoil_the_list() {
    let entry = [
        Value::Bytes(&[0xC0, 0xDE]),
        Value::Text("code"),
        Value::Int(-8),
        Value::Bytes(&[3; 32]),
        Value::Int(0),
        Value::Int(0),
        Value::Int(0),
    ];
    let list_with = |at: usize, wrong: Value<'static>| {
        let mut entry = entry.clone();
        entry[at] = wrong;
        let list = list_of(vec![]);
        let times = [list.issued_at, list.next_update, list.expires_at];
        let [issued, next, hard] = times.map(|at| Value::Int(at.timestamp()));
        let keys = Value::Array(vec![record(entry)]);
        verify(&signed(&record([Value::Int(7), issued, next, hard, keys]))).map(|_| ())
    };
    assert_eq!(list_with(6, Value::Int(0)), Ok(()));
    for (at, wrong) in [
        (0, Value::Bytes(&[])),
        (0, Value::Bytes(&[0; 9])),
        (1, Value::Text("root")),
        (2, Value::Int(-7)),
        (3, Value::Bytes(&[3; 31])),
        (3, Value::Bytes(&[0; 32])),
        (4, Value::Text("now")),
        (5, Value::Int(i64::MAX)),
        (6, Value::Int(3)),
    ] {
        let refused = Err(Refused::Content(BadContent::Layout));
        assert_eq!(list_with(at, wrong.clone()), refused, "{at} {wrong:?}");
    }
}

#[test]
fn a_key_is_good_in_its_time_unless_revoked() {
    let mut key = listed(Purpose::Code, &code_signer());
    let skew = TimeDelta::seconds(5);
    assert!(key.is_good_at(key.not_before - skew, skew));
    assert!(!key.is_good_at(key.not_before - skew - TimeDelta::milliseconds(1), skew));
    assert!(key.is_good_at(key.expires_at + skew - TimeDelta::milliseconds(1), skew));
    assert!(!key.is_good_at(key.expires_at + skew, skew));
    key.status = Status::Retired;
    assert!(key.is_good_at(now(), skew));
    key.status = Status::Revoked;
    assert!(!key.is_good_at(now(), skew));
}

#[test]
fn the_jwks_holds_every_key_that_is_not_revoked() {
    let mut list = key_list();
    list.keys[1].status = Status::Revoked;
    let x = BASE64_URL_SAFE_NO_PAD.encode(code_signer().public_key());
    assert_eq!(
        list.to_jwks(),
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "wN4", "use": "sig", "alg": "EdDSA",
        }]})
    );
}

proptest! {
    #[test]
    fn flipping_any_bit_of_a_list_is_refused(at: prop::sample::Index, bit in 0..8_u32) {
        let mut bytes = key_list().sign(&root()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(verify(&bytes).is_err());
    }
}
