//! `pass-verify`: permits, verified without a network.

use std::{hint::black_box, time::Instant};

use anyhow::{Context, Result, ensure};
use api::{
    credentials::{
        base45,
        cbor::{self, Value},
        cose::{Algorithm, Kid, VerifyingKey},
        key_list::{KeyList, ListedKey, Purpose, Status},
        permit::{self, PREFIX},
        personal_code::Skew,
    },
    platform::{Clock, Entropy, OsEntropy, SystemClock},
};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use chrono::{DateTime, TimeDelta, Utc};

use crate::report::{self, By, Comparison};

/// Permits that are held before the gate.
const PERMITS: usize = 2_000;

/// Rounds; the best of each side counts.
const ROUNDS: usize = 9;

const KID: [u8; 4] = *b"TX01";

/// A permit, and the bare message and signature in it.
struct Made {
    text: String,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// A whole permit beside the signature in it alone: what reading it, comparing its times and knowing its key
/// costs.
pub(crate) fn run() -> Result<()> {
    let now = SystemClock.now();
    let pair = Ed25519KeyPair::generate().context("a key")?;
    let public: [u8; 32] = pair.public_key().as_ref().try_into()?;
    let keys = keys(public, now)?;
    let bare = ParsedPublicKey::new(&ED25519, public).context("a key")?;
    let made: Vec<Made> = (0..PERMITS).map(|_| make(&pair, now)).collect();
    let (mut own, mut floor) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for made in &made {
            let read = permit::verify(&made.text, &keys, now, Skew::Offline);
            ensure!(black_box(read).is_ok(), "a good permit is refused");
        }
        own = own.min(each(begun));
        let begun = Instant::now();
        for made in &made {
            let checked = bare.verify_sig(&made.message, &made.signature);
            ensure!(black_box(checked).is_ok(), "a good signature is refused");
        }
        floor = floor.min(each(begun));
    }
    println!("  a permit {own:.2} us, its signature alone {floor:.2} us");
    let comparison = Comparison::found("bare signatures", By::Cpu, floor / own, 0.85, own);
    report::conclude("pass-verify", &[comparison]);
    Ok(())
}

/// Microseconds for each permit.
#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn each(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6 / PERMITS as f64
}

fn keys(public: [u8; 32], now: DateTime<Utc>) -> Result<KeyList> {
    let kid = Kid::new(&KID).context("a name")?;
    let key = ListedKey {
        purpose: Purpose::Permit,
        algorithm: Algorithm::EdDsa,
        key: VerifyingKey::new(kid, public)?,
        not_before: now - TimeDelta::days(1),
        expires_at: now + TimeDelta::days(60),
        status: Status::Active,
    };
    Ok(KeyList {
        version: 1,
        issued_at: now,
        next_update: now + TimeDelta::hours(1),
        expires_at: now + TimeDelta::hours(72),
        keys: vec![key],
    })
}

/// A permit as the specification writes it, by other means than those that are measured.
fn make(pair: &Ed25519KeyPair, now: DateTime<Utc>) -> Made {
    let id = OsEntropy.id();
    let face = ["津A12345", "120102", "310115", "120102000001"];
    let face = (1..).map(Value::Int).zip(face.map(Value::Text));
    let claims = [
        (1, Value::Text("tongxing")),
        (4, Value::Int((now + TimeDelta::days(7)).timestamp())),
        (5, Value::Int(now.timestamp())),
        (6, Value::Int(now.timestamp())),
        (7, Value::Bytes(id.as_bytes())),
        (-65537, Value::Int(2)),
        (-65538, Value::Int(0x0070_1234)),
        (-65539, Value::Map(face.collect())),
    ];
    let claims = claims.map(|(key, value)| (Value::Int(key), value)).to_vec();
    let payload = cbor::encode(&Value::Map(claims));
    let header = cbor::encode(&Value::Map(vec![
        (Value::Int(1), Value::Int(-8)),
        (Value::Int(4), Value::Bytes(&KID)),
    ]));
    let message = cbor::encode(&Value::Array(vec![
        Value::Text("Signature1"),
        Value::Bytes(&header),
        Value::Bytes(&[]),
        Value::Bytes(&payload),
    ]));
    let signature = pair.sign(&message).as_ref().to_vec();
    let token = cbor::encode(&Value::Tag(
        18,
        Box::new(Value::Array(vec![
            Value::Bytes(&header),
            Value::Map(Vec::new()),
            Value::Bytes(&payload),
            Value::Bytes(&signature),
        ])),
    ));
    Made {
        text: base45::encode(PREFIX, &token),
        message,
        signature,
    }
}
