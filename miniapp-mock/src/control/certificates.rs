//! Whoever holds a certificate, and what is wrong with it.

use actix_web::web::{Bytes, Data, ServiceConfig, post};
use serde::Deserialize;

use super::{Answer, done, order};
use crate::certificates::{CertificateFlaw, CertifiedUnit};
use crate::state::World;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/certificates/holder              {\"unit\": {\"credit_code\", \"organisation_name\", \"legal_person\"}?}",
    "POST   /__ctl/certificates/flaw                {\"flaw\"}",
    "POST   /__ctl/certificates/key",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/certificates/holder", post().to(hold))
        .route("/certificates/flaw", post().to(flaw))
        .route("/certificates/key", post().to(rotate));
}

#[derive(Deserialize)]
struct HolderOrder {
    unit: Option<CertifiedUnit>,
}

async fn hold(world: Data<World>, body: Bytes) -> Answer {
    let order: HolderOrder = order(&body)?;
    world.hold_certificate(order.unit);
    Ok(done())
}

#[derive(Deserialize)]
struct FlawOrder {
    flaw: CertificateFlaw,
}

async fn flaw(world: Data<World>, body: Bytes) -> Answer {
    let order: FlawOrder = order(&body)?;
    world.flaw_next_certificate(order.flaw);
    Ok(done())
}

async fn rotate(world: Data<World>) -> Answer {
    world.rotate_certificate_key();
    Ok(done())
}
