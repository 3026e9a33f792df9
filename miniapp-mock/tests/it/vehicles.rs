use miniapp_mock::{Mock, Platform, RegisteredVehicle, dev};
use serde_json::{Value, json};

use crate::client::{http, mock, read};

async fn query(mock: &Mock, key: &str, plate: &str, colour: &str) -> (u16, Value) {
    let response = http()
        .post(format!("{}/traffic/v1/vehicles/query", mock.base_url()))
        .bearer_auth(key)
        .json(&json!({"plate": plate, "colour": colour}))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), read(response).await.1)
}

async fn result(mock: &Mock, plate: &str, colour: &str) -> Value {
    let (status, body) = query(mock, dev::VEHICLE_REGISTRY_KEY, plate, colour).await;
    assert_eq!(status, 200);
    body
}

#[tokio::test]
async fn a_lenient_registry_has_what_nobody_told_it_about() {
    let mock = mock().await;
    let body = result(&mock, "津A12345", "blue").await;
    assert_eq!(body["result"], "registered");
    assert_eq!(body["unresolved_violations"], 0);

    mock.register_vehicle(RegisteredVehicle {
        plate: "津A12345".to_owned(),
        colour: "yellow".to_owned(),
        unresolved_violations: 3,
        inspected_until: "2026-06-30".parse().unwrap(),
    });
    let body = result(&mock, "津A12345", "yellow").await;
    assert_eq!(body["unresolved_violations"], 3);
    assert_eq!(body["inspected_until"], "2026-06-30");
    assert_eq!(
        result(&mock, "津A12345", "blue").await["result"],
        "unregistered"
    );

    mock.unregister_vehicle("津A12345");
    assert_eq!(
        result(&mock, "津A12345", "yellow").await["result"],
        "unregistered"
    );
    mock.set_vehicles_lenient(false);
    assert_eq!(
        result(&mock, "津B54321", "blue").await["result"],
        "unregistered"
    );
    assert_eq!(mock.calls_of(Platform::Vehicles), 5);
}

#[tokio::test]
async fn the_registry_of_vehicles_wants_its_key() {
    let mock = mock().await;
    assert_eq!(query(&mock, "guessed", "津A12345", "blue").await.0, 401);
}
