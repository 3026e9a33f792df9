use super::*;
use crate::clients::{AppMessage, MessageLanguage, MessageOutcome, Messenger, Receiver};

const SEND: &str = "alipay_open_app_mini_templatemessage_send_response";

fn message() -> AppMessage {
    AppMessage {
        app_id: APP.into(),
        to: Receiver::Alipay {
            kind: AlipayIdKind::OpenId,
            id: "074".into(),
        },
        template_id: "MDI4=".into(),
        page: Some("pages/code?a=1&b=2".into()),
        values: vec![
            ("keyword1".into(), "绿码 \"A\"".into()),
            ("keyword2".into(), "12:00".into()),
        ],
        language: MessageLanguage::Chinese,
        form_id: Some("form-1".into()),
    }
}

async fn outcome(gateway: &str) -> MessageOutcome {
    client(gateway).send(&message()).await
}

#[actix_web::test]
async fn a_message_goes_to_its_receiver_with_the_values_as_the_text_of_an_object() {
    let gateway = platform(|asked| {
        assert_eq!(
            asked.query["method"],
            "alipay.open.app.mini.templatemessage.send"
        );
        let content: serde_json::Value =
            serde_json::from_str(&asked.form()["biz_content"]).unwrap();
        let mut content = content.as_object().unwrap().clone();
        let data = content.remove("data").unwrap();
        let data: serde_json::Value = serde_json::from_str(data.as_str().unwrap()).unwrap();
        assert_eq!(
            data,
            json!({ "keyword1": { "value": "绿码 \"A\"" }, "keyword2": { "value": "12:00" } })
        );
        assert_eq!(
            json!(content),
            json!({
                "form_id": "form-1", "page": "pages/code?a=1&b=2", "to_open_id": "074",
                "user_template_id": "MDI4=",
            })
        );
        let answer = r#"{"code":"10000","msg":"Success"}"#;
        let sign = ALIPAYS.sign(answer);
        Some(HttpResponse::Ok().body(format!(r#"{{"{SEND}":{answer},"sign":"{sign}"}}"#)))
    });
    assert_eq!(outcome(&gateway).await, MessageOutcome::Sent);
}

#[actix_web::test]
async fn what_became_of_a_message_is_told_in_our_words() {
    let rejected = |code: &str| MessageOutcome::Rejected { code: code.into() };
    for (code, sub_code, expected) in [
        ("40004", "isv.form-id-invalid", MessageOutcome::NotAllowed),
        ("40004", "isv.user-refused", MessageOutcome::NotAllowed),
        (
            "40004",
            "isv.template-not-found",
            rejected("isv.template-not-found"),
        ),
        ("40004", "not a word", rejected("40004")),
        (
            "40002",
            "isv.invalid-signature",
            rejected("isv.invalid-signature"),
        ),
        ("20000", "isp.unknow-error", MessageOutcome::Retryable),
        ("40005", "isv.app-call-limited", MessageOutcome::Retryable),
    ] {
        let answer = json!({ "code": code, "sub_code": sub_code }).to_string();
        for root in [SEND, "error_response"] {
            let told = outcome(&saying(root, &answer, &answer)).await;
            assert_eq!(told, expected, "{sub_code}");
        }
    }
}

#[actix_web::test]
async fn a_message_whose_fate_nobody_vouches_for_may_have_been_sent() {
    let success = r#"{"code":"10000"}"#;
    for gateway in [
        plainly(format!(r#"{{"{SEND}":{success}}}"#)),
        saying(SEND, success, "{}"),
        saying(SEND, "{}", "{}"),
        plainly("<html>".into()),
        platform(|_| Some(HttpResponse::BadGateway().finish())),
    ] {
        assert_eq!(outcome(&gateway).await, MessageOutcome::Unknown);
    }
    let nobody = outcome("http://127.0.0.1:1/gateway.do").await;
    assert_eq!(nobody, MessageOutcome::Retryable);
}

#[actix_web::test]
async fn a_message_that_is_not_for_alipay_does_not_leave() {
    let client = client(&platform(|_| panic!("called")));
    let foreign = AppMessage {
        app_id: "2021000000000002".into(),
        ..message()
    };
    let elsewhere = AppMessage {
        to: Receiver::WeChat { openid: "o".into() },
        ..message()
    };
    for message in [foreign, elsewhere] {
        let told = client.send(&message).await;
        assert!(matches!(told, MessageOutcome::Rejected { .. }));
    }
}
