use coset::{CborSerializable, TaggedCborSerializable, iana};
use proptest::prelude::*;

use super::super::fixtures::{code_signer, public, signer, signer_announcing};
use super::*;

/// Bytes from hexadecimal with spaces.
fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap()
}

#[test]
fn an_independent_library_reads_and_rebuilds_what_is_signed() {
    let signer = code_signer();
    let message = signer.sign1(b"payload").unwrap();
    let parsed = coset::CoseSign1::from_tagged_slice(&message).unwrap();
    assert_eq!(parsed.clone().to_tagged_vec().unwrap(), message);
    assert_eq!(parsed.payload.as_deref(), Some(b"payload".as_slice()));
    assert_eq!(parsed.protected.header.key_id, [0xC0, 0xDE]);
    let eddsa = coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA);
    assert_eq!(parsed.protected.header.alg, Some(eddsa));

    let key = ParsedPublicKey::new(&ED25519, signer.public_key()).unwrap();
    parsed
        .verify_signature(b"", |signature, signed| key.verify_sig(signed, signature))
        .unwrap();
}

#[test]
fn what_an_independent_library_signs_is_believed() {
    let signer = code_signer();
    let protected = coset::HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .key_id(vec![0xC0, 0xDE])
        .build();
    let message = coset::CoseSign1Builder::new()
        .protected(protected)
        .payload(b"payload".to_vec())
        .create_signature(b"", |signed| signer.sign(signed).unwrap().to_vec())
        .build();
    let bytes = message.clone().to_tagged_vec().unwrap();
    let parsed = Sign1::parse(&bytes).unwrap();
    assert_eq!(parsed.verify(&public(&signer)), Ok(b"payload".as_slice()));

    let untagged = message.to_vec().unwrap();
    assert_eq!(Sign1::parse(&untagged).unwrap_err(), NotSign1::Shape);
}

#[test]
fn both_names_of_ed25519_are_read() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let signer = signer_announcing(algorithm, &[1], 1);
        let message = signer.sign1(b"payload").unwrap();
        let parsed = Sign1::parse(&message).unwrap();
        assert_eq!(parsed.algorithm(), algorithm);
        assert!(parsed.verify(&public(&signer)).is_ok());
    }
}

#[test]
fn a_signature_of_another_key_does_not_fit() {
    let message = signer(&[1], 1).sign1(b"payload").unwrap();
    let parsed = Sign1::parse(&message).unwrap();
    assert_eq!(parsed.verify(&public(&signer(&[1], 2))), Err(BadSignature));
}

#[test]
fn adding_the_group_order_to_a_signature_spoils_it() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let signer = code_signer();
    let mut message = signer.sign1(b"payload").unwrap();
    let start = message.len() - 32;
    let mut carry = 0;
    for (byte, add) in message[start..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    let parsed = Sign1::parse(&message).unwrap();
    assert_eq!(parsed.verify(&public(&signer)), Err(BadSignature));
}

#[test]
fn keys_under_which_one_signature_fits_many_messages_are_refused() {
    let kid = Kid::new(&[1]).unwrap();
    for small in SMALL_ORDER {
        for sign in [0, 0x80] {
            let mut bytes = small;
            bytes[31] |= sign;
            assert_eq!(VerifyingKey::new(kid, bytes).unwrap_err(), WeakKey);
        }
    }
    assert!(VerifyingKey::new(kid, code_signer().public_key()).is_ok());
}

#[test]
fn every_other_header_is_refused() {
    let signature = format!("5840 {}", "00".repeat(64));
    let read = |header: &str| {
        let message = hex(&format!("d2 84 {header} 41 00 {signature}"));
        Sign1::parse(&message).map(|_| ())
    };
    assert_eq!(read("47 a2 01 27 04 42 c0de a0"), Ok(()));
    for (header, reason) in [
        // An algorithm that is not Ed25519: ES256, "none", none at all, HMAC.
        ("47 a2 01 26 04 42 c0de a0", NotSign1::Algorithm),
        ("4b a2 01 64 6e6f6e65 04 42 c0de a0", NotSign1::Algorithm),
        ("47 a2 01 00 04 42 c0de a0", NotSign1::Algorithm),
        ("47 a2 01 05 04 42 c0de a0", NotSign1::Algorithm),
        ("45 a1 04 42 c0de a0", NotSign1::Protected),
        ("43 a1 01 27 a0", NotSign1::Protected),
        ("40 a0", NotSign1::Cbor(Malformed::Short)),
        ("41 a0 a0", NotSign1::Protected),
        // A critical header, and a third one.
        ("49 a3 01 27 02 80 04 42 c0de a0", NotSign1::Protected),
        // The name of the key: empty, too long, text.
        ("45 a2 01 27 04 40 a0", NotSign1::Protected),
        (
            "4e a2 01 27 04 49 000000000000000000 a0",
            NotSign1::Protected,
        ),
        ("47 a2 01 27 04 62 4141 a0", NotSign1::Protected),
        // Something unprotected.
        ("47 a2 01 27 04 42 c0de a1 01 27", NotSign1::Unprotected),
        ("47 a2 01 27 04 42 c0de 80", NotSign1::Shape),
        // A header that is not deterministic.
        (
            "47 a2 04 42 c0de 01 27 a0",
            NotSign1::Cbor(Malformed::Disordered),
        ),
        ("45 a2 01 27 01 27 a0", NotSign1::Cbor(Malformed::Duplicate)),
        (
            "48 a2 01 38 07 04 42 c0de a0",
            NotSign1::Cbor(Malformed::NotShortest),
        ),
        (
            "48 bf 01 27 04 42 c0de ff a0",
            NotSign1::Cbor(Malformed::Indefinite),
        ),
        (
            "48 a2 01 27 04 42 c0de 00 a0",
            NotSign1::Cbor(Malformed::Trailing),
        ),
    ] {
        assert_eq!(read(header), Err(reason), "{header}");
    }
}

#[test]
fn every_other_shape_is_refused() {
    let signature = format!("5840 {}", "00".repeat(64));
    let header = "47 a2 01 27 04 42 c0de a0 41 00";
    for message in [
        format!("84 {header} {signature}"),
        format!("d1 84 {header} {signature}"),
        format!("d2 83 {header}"),
        format!("d2 85 {header} {signature} 00"),
        format!("d2 84 {header} 583f {}", "00".repeat(63)),
        format!("d2 84 {header} 5841 {}", "00".repeat(65)),
        format!("d2 d2 84 {header} {signature}"),
        "d2 84 47 a2 01 27 04 42 c0de a0 00".to_owned() + &signature,
    ] {
        assert_eq!(
            Sign1::parse(&hex(&message)).unwrap_err(),
            NotSign1::Shape,
            "{message}"
        );
    }
    let trailing = hex(&format!("d2 84 {header} {signature} 00"));
    assert_eq!(
        Sign1::parse(&trailing).unwrap_err(),
        NotSign1::Cbor(Malformed::Trailing)
    );
    let long_tag = hex(&format!("d8 12 84 {header} {signature}"));
    assert_eq!(
        Sign1::parse(&long_tag).unwrap_err(),
        NotSign1::Cbor(Malformed::NotShortest)
    );
}

#[test]
fn a_name_has_one_to_eight_bytes() {
    assert_eq!(Kid::new(&[]), None);
    assert_eq!(Kid::new(&[0; 9]), None);
    assert_ne!(Kid::new(&[0]), Kid::new(&[0, 0]));
    assert_eq!(Kid::new(&[0xAB, 1]).unwrap().to_string(), "ab01");
}

#[test]
fn keys_do_not_show_in_debug_output() {
    assert_eq!(
        format!("{:?}", code_signer()),
        "Signer { kid: Kid(c0de), .. }"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = Sign1::parse(&bytes);
    }

    #[test]
    fn what_is_signed_is_read_back(payload: Vec<u8>, kid in prop::collection::vec(any::<u8>(), 1..=8)) {
        let signer = signer(&kid, 3);
        let message = signer.sign1(&payload).unwrap();
        let parsed = Sign1::parse(&message).unwrap();
        prop_assert_eq!(parsed.kid(), signer.kid());
        prop_assert_eq!(parsed.verify(&public(&signer)), Ok(payload.as_slice()));
    }
}
