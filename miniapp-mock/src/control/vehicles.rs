//! What the registry of vehicles knows, and what lies in the bucket.

use actix_web::web::{Bytes, Data, Json, ServiceConfig, delete, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, LenientOrder, done, order};
use crate::state::World;
use crate::vehicles::RegisteredVehicle;

pub(super) const OPERATIONS: &[&str] = &[
    "POST   /__ctl/vehicles                         {\"plate\", \"colour\", \"unresolved_violations\"?, \"inspected_until\"}",
    "POST   /__ctl/vehicles/unregistered            {\"plate\"}",
    "POST   /__ctl/vehicles/lenient                 {\"lenient\"}",
    "GET    /__ctl/objects",
    "DELETE /__ctl/objects",
];

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/vehicles", post().to(register))
        .route("/vehicles/unregistered", post().to(unregister))
        .route("/vehicles/lenient", post().to(set_lenient))
        .route("/objects", get().to(objects))
        .route("/objects", delete().to(lose_objects));
}

async fn register(world: Data<World>, body: Bytes) -> Answer {
    let vehicle: RegisteredVehicle = order(&body)?;
    world.register_vehicle(vehicle);
    Ok(done())
}

#[derive(Deserialize)]
struct PlateOrder {
    plate: String,
}

async fn unregister(world: Data<World>, body: Bytes) -> Answer {
    let order: PlateOrder = order(&body)?;
    world.unregister_vehicle(&order.plate);
    Ok(done())
}

async fn set_lenient(world: Data<World>, body: Bytes) -> Answer {
    let order: LenientOrder = order(&body)?;
    world.set_vehicles_lenient(order.lenient);
    Ok(done())
}

async fn objects(world: Data<World>) -> Json<Value> {
    Json(json!({"objects": world.object_names()}))
}

async fn lose_objects(world: Data<World>) -> Json<Value> {
    world.lose_objects();
    done()
}
