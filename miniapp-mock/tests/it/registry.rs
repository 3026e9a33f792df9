use miniapp_mock::{Mock, RegisteredPerson, dev};
use serde_json::{Value, json};

use crate::client::{http, mock, read};

const NUMBER: &str = "11010519491231002X";

async fn check(mock: &Mock, key: &str, name: &str, number: &str) -> (u16, Value) {
    let response = http()
        .post(format!("{}/registry/v1/identity-checks", mock.base_url()))
        .bearer_auth(key)
        .json(&json!({"name": name, "document": "citizen", "number": number}))
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), read(response).await.1)
}

async fn result(mock: &Mock, name: &str, number: &str) -> Value {
    let (status, body) = check(mock, dev::REGISTRY_KEY, name, number).await;
    assert_eq!(status, 200);
    body["result"].clone()
}

#[tokio::test]
async fn registered_people_match_by_name_and_others_by_shape() {
    let mock = mock().await;
    assert_eq!(result(&mock, "王五", NUMBER).await, "match");
    assert_eq!(
        result(&mock, "王五", "110105194912310021").await,
        "mismatch"
    );

    mock.register_person(RegisteredPerson {
        name: "张三".to_owned(),
        document: "citizen".to_owned(),
        number: NUMBER.to_owned(),
    });
    assert_eq!(result(&mock, "张三", NUMBER).await, "match");
    assert_eq!(result(&mock, "王五", NUMBER).await, "mismatch");
}

#[tokio::test]
async fn a_strict_registry_knows_only_registered_people() {
    let mock = mock().await;
    mock.set_registry_lenient(false);
    assert_eq!(result(&mock, "王五", NUMBER).await, "mismatch");
}

#[tokio::test]
async fn the_registry_wants_its_key() {
    let mock = mock().await;
    assert_eq!(check(&mock, "guessed", "王五", NUMBER).await.0, 401);
}
