use std::time::Duration;

use miniapp_mock::{Mock, Phone, dev};
use serde_json::{Value, json};

use crate::alipay::{call, params, signed};
use crate::client::{get, mock, post};

const SEND: &str = "alipay.open.app.mini.templatemessage.send";

/// A message by the template that takes no form.
fn notice(to: &Phone) -> Value {
    json!({
        "to_open_id": to.alipay_open_id(),
        "user_template_id": dev::ALIPAY_TEMPLATE,
        "page": "pages/code",
        "data": keywords(3),
    })
}

/// A message by the template that takes a form.
fn reply_to_form(to: &Phone, form_id: &str) -> Value {
    json!({
        "to_user_id": to.alipay_user_id(),
        "form_id": form_id,
        "user_template_id": dev::ALIPAY_FORM_TEMPLATE,
        "page": "pages/code",
        "data": keywords(2),
    })
}

fn keywords(count: u8) -> String {
    let members = (1..=count).map(|n| format!("\"keyword{n}\":{{\"value\":\"值{n}\"}}"));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

async fn send(mock: &Mock, content: &Value) -> Value {
    let content = content.to_string();
    let params = signed(params(SEND, &[("biz_content", &content)]));
    let (root, content) = call(mock, &params).await;
    assert_eq!(root, "alipay_open_app_mini_templatemessage_send_response");
    content
}

/// The sub-code of a refusal; the gateway's code otherwise.
async fn code(mock: &Mock, content: &Value) -> String {
    let content = send(mock, content).await;
    let code = content.get("sub_code").unwrap_or(&content["code"]);
    code.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_lies_in_its_receivers_inbox() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let sent = send(&mock, &notice(&zhang)).await;
    assert_eq!(sent, json!({"code": "10000", "msg": "Success"}));

    let inbox = zhang.alipay_messages();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].template, dev::ALIPAY_TEMPLATE);
    assert_eq!(inbox[0].page, "pages/code");
    assert_eq!(inbox[0].values["keyword3"], "值3");
    assert_eq!(inbox[0].form_id, None);
    assert!(mock.phone_of("li").alipay_messages().is_empty());
    let shown = get(&mock, "/__ctl/users/zhang/alipay/messages", &[])
        .await
        .1;
    assert_eq!(shown["messages"], json!(inbox));
}

#[tokio::test]
async fn a_form_is_good_for_one_message_to_whoever_submitted_it() {
    let mock = mock().await;
    let (zhang, li) = (mock.phone_of("zhang"), mock.phone_of("li"));
    let form = zhang.submit_alipay_form();
    let submitted = post(&mock, "/__ctl/users/zhang/alipay/form", "").await.1;
    let other = submitted["formId"].as_str().unwrap();

    assert_eq!(
        code(&mock, &reply_to_form(&li, &form)).await,
        "isv.form-id-invalid"
    );
    assert_eq!(code(&mock, &reply_to_form(&zhang, &form)).await, "10000");
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, &form)).await,
        "isv.form-id-invalid"
    );
    assert_eq!(code(&mock, &reply_to_form(&zhang, other)).await, "10000");
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, "")).await,
        "isv.missing-form-id"
    );
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, "x")).await,
        "isv.form-id-invalid"
    );
    assert_eq!(zhang.alipay_messages().len(), 2);
}

#[tokio::test]
async fn a_form_lasts_seven_days_and_holds_in_its_own_app() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let elsewhere = mock
        .phone_of("zhang")
        .in_alipay_app(dev::ALIPAY_CERTIFIED_APP_ID)
        .submit_alipay_form();
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, &elsewhere)).await,
        "isv.form-id-invalid"
    );

    let (early, late) = (zhang.submit_alipay_form(), zhang.submit_alipay_form());
    mock.advance_clock(Duration::from_secs(7 * 86_400 - 1));
    assert_eq!(code(&mock, &reply_to_form(&zhang, &early)).await, "10000");
    mock.advance_clock(Duration::from_secs(1));
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, &late)).await,
        "isv.form-id-invalid"
    );
}

#[tokio::test]
async fn a_person_may_want_no_messages_and_keeps_the_form() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let form = zhang.submit_alipay_form();
    zhang.set_alipay_messages_refused(true);
    assert_eq!(
        code(&mock, &reply_to_form(&zhang, &form)).await,
        "isv.user-refused"
    );
    let allowed = r#"{"refused":false}"#;
    post(&mock, "/__ctl/users/zhang/alipay/refuse", allowed).await;
    assert_eq!(code(&mock, &reply_to_form(&zhang, &form)).await, "10000");
}

#[tokio::test]
async fn a_message_is_refused_for_what_is_wrong_with_it() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    for (member, value, expected) in [
        ("to_open_id", json!(null), "isv.missing-to-open-id"),
        ("to_open_id", json!("nobody"), "isv.user-not-found"),
        (
            "to_open_id",
            json!(zhang.alipay_user_id()),
            "isv.user-not-found",
        ),
        ("to_user_id", json!("2".repeat(21)), "isv.invalid-parameter"),
        ("form_id", json!("f".repeat(65)), "isv.invalid-parameter"),
        ("form_id", json!("f"), "isv.form-id-invalid"),
        (
            "user_template_id",
            json!(null),
            "isv.missing-user-template-id",
        ),
        (
            "user_template_id",
            json!("another"),
            "isv.template-not-found",
        ),
        ("page", json!(null), "isv.missing-page"),
        ("page", json!("页".repeat(129)), "isv.invalid-parameter"),
        ("data", json!(null), "isv.missing-data"),
        (
            "data",
            json!({"keyword1": {"value": "1"}}),
            "isv.invalid-parameter",
        ),
        ("data", json!("[]"), "isv.invalid-parameter"),
        (
            "data",
            json!(r#"{"keyword1":"1"}"#),
            "isv.invalid-parameter",
        ),
        ("data", json!(" ".repeat(2049)), "isv.invalid-parameter"),
        ("data", json!(keywords(2)), "isv.template-data-mismatch"),
        ("data", json!(keywords(4)), "isv.template-data-mismatch"),
    ] {
        let mut content = notice(&zhang);
        content[member] = value;
        assert_eq!(code(&mock, &content).await, expected, "{member}");
    }
    let none = signed(params(SEND, &[]));
    assert_eq!(
        call(&mock, &none).await.1["sub_code"],
        "isv.missing-biz-content"
    );
    assert_eq!(code(&mock, &json!([])).await, "isv.invalid-parameter");
    assert!(zhang.alipay_messages().is_empty());
}
