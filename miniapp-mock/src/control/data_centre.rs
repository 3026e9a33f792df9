//! How the data centre goes about its work.

use actix_web::web::{Bytes, Data, Json, ServiceConfig, post};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, done, order};
use crate::data_centre::DataCentreManner;
use crate::state::World;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/data-centre/manner               {\"after_ms\"?, \"in_parts\"?, \"twice\"?, \"loses\"?, \"silent\"?, \"strays\"?}",
    "POST   /__ctl/data-centre/doubts               {\"number\"}",
    "POST   /__ctl/data-centre/flush",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/data-centre/manner", post().to(manner))
        .route("/data-centre/doubts", post().to(doubts))
        .route("/data-centre/flush", post().to(flush));
}

async fn manner(world: Data<World>, body: Bytes) -> Answer {
    let manner: DataCentreManner = order(&body)?;
    world.set_data_centre(manner);
    Ok(done())
}

#[derive(Deserialize)]
struct DoubtOrder {
    number: String,
}

async fn doubts(world: Data<World>, body: Bytes) -> Answer {
    let order: DoubtOrder = order(&body)?;
    world.doubt_worker(&order.number);
    Ok(done())
}

async fn flush(world: Data<World>) -> Answer {
    let answers = world.flush_data_centre().await;
    Ok(Json(json!({"calls": answers})))
}
