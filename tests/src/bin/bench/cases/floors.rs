//! `floors`: what the components cost on this machine.

use anyhow::{Context, Result};
use api::{
    credentials::{
        cose::{Algorithm, Kid, Signer},
        handle::{HANDLE_BYTES, Handle},
        personal_code::Issuer,
    },
    platform::{Clock, OsEntropy, SystemClock, entropy},
};
use aws_lc_rs::signature::Ed25519KeyPair;
use entity::values::Colour;

use crate::{
    cpu::Meter,
    floors::Floor,
    gateway::Gateway,
    load::{self, Requests},
    phones::Phones,
    report, rounds,
    world::World,
};

/// Codes to verify.
const CODES: usize = 20_000;

/// Measure every route of the floor.
pub(crate) async fn run() -> Result<()> {
    let world = World::start().await?;
    let meter = Meter::new()?;
    let kid = Kid::new(&[0, 1]).context("two bytes are a name")?;
    let signer = Signer::new(kid, Algorithm::EdDsa, Ed25519KeyPair::generate()?);
    let gateway = Gateway::start().await?;
    let floor = Floor::start(&world, &signer.public_key(), &gateway).await?;
    let issuer = Issuer::new(signer)?;
    let phones = Phones::default();
    let codes = || {
        let posts = codes(&issuer)?;
        Ok(Requests::cycle(posts))
    };
    let mut contenders = [
        floor.plain(),
        floor.display()?,
        floor.display_cold()?,
        floor.png(),
        floor.verify(codes),
        floor.otp(|| Ok(phones.requests("/otp"))),
        floor.otp_and_call(|| Ok(phones.requests("/otp-and-call"))),
    ];
    report::explain(&rounds::run(meter, &mut contenders).await?);
    Ok(())
}

fn codes(issuer: &Issuer) -> Result<Vec<Vec<u8>>> {
    let now = SystemClock.now();
    (0..CODES)
        .map(|_| {
            let handle = Handle(entropy::bytes::<HANDLE_BYTES>(&OsEntropy));
            let code = issuer.issue(handle, Colour::Green, now)?;
            Ok(load::post("/verify", &format!(r#"{{"token":"{code}"}}"#)))
        })
        .collect()
}
