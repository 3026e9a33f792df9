//! With an authenticator that is written here, from the specification.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use proptest::prelude::*;

use super::*;

const CHALLENGE: &str = "Y2hhbGxlbmdlLWNoYWxsZW5nZS1jaGFsbGVuZ2UtMTI";
const ORIGIN: &str = "https://staff.example";

fn origins() -> Vec<String> {
    vec![ORIGIN.into()]
}

fn party(origins: &[String]) -> RelyingParty<'_> {
    RelyingParty {
        id: "staff.example",
        origins,
    }
}

fn client_data(ceremony: &str) -> String {
    format!(
        r#"{{"type":"webauthn.{ceremony}","challenge":"{CHALLENGE}","origin":"{ORIGIN}","crossOrigin":false,"new":1}}"#
    )
}

fn authenticator_data(flags: u8, counter: u32) -> Vec<u8> {
    let party = digest(&SHA256, b"staff.example");
    [party.as_ref(), &[flags], &counter.to_be_bytes()].concat()
}

enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Key {
    fn all() -> [Self; 2] {
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        [
            Self::Es256(p256),
            Self::EdDsa(Ed25519KeyPair::generate().unwrap()),
        ]
    }

    fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (&point[1..33], &point[33..]);
                [
                    &[0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32],
                    x,
                    &[0x22, 0x58, 32],
                    y,
                ]
                .concat()
            }
            Self::EdDsa(key) => {
                let x = key.public_key().as_ref();
                [&[0xA4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32], x].concat()
            }
        }
    }

    fn sign(&self, data: &[u8], client_data: &str) -> Vec<u8> {
        let hash = digest(&SHA256, client_data.as_bytes());
        let message = [data, hash.as_ref()].concat();
        match self {
            Self::Es256(key) => key
                .sign(&SystemRandom::new(), &message)
                .unwrap()
                .as_ref()
                .into(),
            Self::EdDsa(key) => key.sign(&message).as_ref().into(),
        }
    }
}

fn attestation(key: &[u8], format: &str) -> Vec<u8> {
    let mut data = authenticator_data(0x45, 0);
    data.extend_from_slice(&[0; 16]);
    data.extend_from_slice(&[0, 4, 9, 9, 9, 9]);
    data.extend_from_slice(key);
    let length = u8::try_from(data.len()).unwrap();
    let format_head = 0x60 + u8::try_from(format.len()).unwrap();
    [
        b"\xA3\x63fmt",
        &[format_head][..],
        format.as_bytes(),
        b"\x67attStmt\xA0\x68authData\x58",
        &[length],
        &data,
    ]
    .concat()
}

#[test]
fn keys_of_both_algorithms_are_made_and_used() {
    let origins = origins();
    for key in Key::all() {
        let cose = key.cose();
        let made = made(
            party(&origins),
            CHALLENGE,
            client_data("create").as_bytes(),
            &attestation(&cose, "none"),
        );
        let expected = Made {
            id: vec![9; 4],
            key: cose.clone(),
            counter: 0,
        };
        assert_eq!(made, Ok(expected));

        let (client, data) = (client_data("get"), authenticator_data(0x05, 7));
        let signature = key.sign(&data, &client);
        let used = |client: &str, data: &[u8], signature: &[u8]| {
            let assertion = Assertion {
                client_data: client.as_bytes(),
                authenticator_data: data,
                signature,
            };
            proved(party(&origins), CHALLENGE, &cose, assertion)
        };
        assert_eq!(used(&client, &data, &signature), Ok(7));

        let resigned = |client: &str, data: &[u8]| used(client, data, &key.sign(data, client));
        for (other, refused) in [
            (
                client.replace("webauthn.get", "webauthn.create"),
                Refused::Ceremony,
            ),
            (client.replace("Y2hh", "Y2hi"), Refused::Challenge),
            (
                client.replace("staff.example", "staff.example.evil"),
                Refused::Origin,
            ),
            (client.replace("https:", "http:"), Refused::Origin),
            (client.replace("false", "true"), Refused::Origin),
            (client.replace('{', ""), Refused::ClientData),
        ] {
            assert_eq!(resigned(&other, &data), Err(refused), "{other}");
        }
        for (flags, refused) in [(0x04, Refused::NotPresent), (0x01, Refused::NotVerified)] {
            assert_eq!(
                resigned(&client, &authenticator_data(flags, 7)),
                Err(refused)
            );
        }
        let mut elsewhere = data.clone();
        elsewhere[0] ^= 1;
        assert_eq!(resigned(&client, &elsewhere), Err(Refused::RelyingParty));
        let longer = [&data[..], &[0]].concat();
        assert_eq!(resigned(&client, &longer), Err(Refused::AuthenticatorData));
        let counted = authenticator_data(0x05, 8);
        assert_eq!(used(&client, &counted, &signature), Err(Refused::Signature));
        for other in Key::all() {
            let foreign = other.sign(&data, &client);
            assert_eq!(used(&client, &data, &foreign), Err(Refused::Signature));
        }
    }
}

#[test]
fn what_says_that_it_is_attested_is_not_believed() {
    let [key, _] = Key::all();
    let (origins, client) = (origins(), client_data("create"));
    let made = |object: &[u8]| made(party(&origins), CHALLENGE, client.as_bytes(), object);
    assert_eq!(
        made(&attestation(&key.cose(), "packed")),
        Err(Refused::Attestation)
    );
    assert_eq!(made(b"\xA0"), Err(Refused::Attestation));
    assert_eq!(made(b"\xFF"), Err(Refused::AuthenticatorData));
}

#[test]
fn other_keys_are_refused() {
    let [p256, ed25519] = Key::all();
    let (p256, ed25519) = (p256.cose(), ed25519.cose());
    let changed = |key: &[u8], at: usize, to: u8| {
        let mut key = key.to_vec();
        key[at] = to;
        key
    };
    for key in [
        changed(&p256, 2, 1),
        changed(&p256, 4, 0x27),
        changed(&p256, 6, 2),
        changed(&p256, 20, p256[20] ^ 1),
        changed(&ed25519, 4, 0x26),
        changed(&ed25519, 6, 4),
        vec![0xA0],
    ] {
        assert_eq!(public_key::algorithm(&key), Err(Refused::Key), "{key:02x?}");
    }
}

#[test]
fn a_counter_grows_unless_there_is_none() {
    for (before, now, fits) in [
        (0, 0, true),
        (0, 1, true),
        (7, 8, true),
        (7, 7, false),
        (7, 0, false),
    ] {
        assert_eq!(counts_on(before, now), fits, "{before} {now}");
    }
}

proptest! {
    #[test]
    fn no_bytes_prove_anything(client: Vec<u8>, data: Vec<u8>, key: Vec<u8>, signature: Vec<u8>) {
        let origins = origins();
        let assertion = Assertion { client_data: &client, authenticator_data: &data, signature: &signature };
        prop_assert!(proved(party(&origins), CHALLENGE, &key, assertion).is_err());
        prop_assert!(made(party(&origins), CHALLENGE, client_data("create").as_bytes(), &data).is_err());
    }

    #[test]
    fn no_authenticator_data_makes_it_panic(rest in proptest::collection::vec(any::<u8>(), 0..80)) {
        let data = [authenticator_data(0xC5, 0), rest].concat();
        let _ = AuthenticatorData::read(&data);
    }
}
