use super::*;
use crate::clients::{
    AlipayIdKind, AppMessage, MessageLanguage, MessageOutcome, Messenger, Receiver,
};

fn message() -> AppMessage {
    AppMessage {
        app_id: APP.into(),
        to: Receiver::WeChat {
            openid: "o1".into(),
        },
        template_id: "template".into(),
        page: Some("pages/case/case?id=1".into()),
        values: vec![
            ("thing1".into(), "健康码申诉".into()),
            ("phrase2".into(), "已通过".into()),
        ],
        language: MessageLanguage::Chinese,
        form_id: None,
    }
}

fn rejected(code: &str) -> MessageOutcome {
    MessageOutcome::Rejected { code: code.into() }
}

async fn outcome_of(
    answer: impl Fn() -> Option<HttpResponse> + Send + Sync + 'static,
) -> MessageOutcome {
    let address = with_token(move |_| answer());
    client(&address, &Arc::default()).send(&message()).await
}

#[actix_web::test]
async fn a_message_goes_out_as_wechat_wants_it() {
    let address = with_token(|asked| {
        assert_eq!(asked.path, "/cgi-bin/message/subscribe/send");
        assert_eq!(
            asked.json(),
            json!({"touser": "o1", "template_id": "template", "lang": "zh_CN",
                "page": "pages/case/case?id=1",
                "data": {"thing1": {"value": "健康码申诉"}, "phrase2": {"value": "已通过"}}})
        );
        json(&json!({"errcode": 0, "errmsg": "ok"}))
    });
    let client = client(&address, &Arc::default());
    assert_eq!(client.send(&message()).await, MessageOutcome::Sent);
}

#[actix_web::test]
async fn a_message_without_a_page_and_in_english_says_so() {
    let address = with_token(|asked| {
        let body = asked.json();
        assert!(body.get("page").is_none());
        assert_eq!(body["lang"], "en_US");
        json(&json!({"errcode": 0}))
    });
    let message = AppMessage {
        page: None,
        language: MessageLanguage::English,
        ..message()
    };
    let client = client(&address, &Arc::default());
    assert_eq!(client.send(&message).await, MessageOutcome::Sent);
}

#[actix_web::test]
async fn what_wechat_answers_is_told_in_the_products_words() {
    for (errcode, outcome) in [
        (43101, MessageOutcome::NotAllowed),
        (-1, MessageOutcome::Retryable),
        (45009, MessageOutcome::Retryable),
        (45011, MessageOutcome::Retryable),
        (40003, rejected("40003")),
        (40037, rejected("40037")),
        (41030, rejected("41030")),
        (47003, rejected("47003")),
        (48001, rejected("48001")),
    ] {
        let answered = outcome_of(move || json(&json!({"errcode": errcode, "errmsg": "o1"}))).await;
        assert_eq!(answered, outcome, "{errcode}");
    }
}

#[actix_web::test]
async fn a_refused_access_token_is_replaced_once_for_a_message_too() {
    for (good, expected, calls) in [
        (2, MessageOutcome::Sent, 2),
        (usize::MAX, MessageOutcome::Retryable, 2),
    ] {
        let tokens = Tokens::good_from(good, 42001);
        let client = client(&tokens.serve(), &Arc::default());
        assert_eq!(client.send(&message()).await, expected);
        assert_eq!(tokens.counts(), (2, calls));
    }
}

#[actix_web::test]
async fn what_may_have_been_sent_is_not_called_unsent() {
    let hasty = Limits {
        total_ms: 50,
        ..PATIENT
    };
    let silent = client_within(hasty, &with_token(|_| None), &Arc::default());
    assert_eq!(silent.send(&message()).await, MessageOutcome::Unknown);
    for body in ["", "<html>", "[]", "{}"] {
        let answered = outcome_of(move || Some(HttpResponse::Ok().body(body))).await;
        assert_eq!(answered, MessageOutcome::Unknown, "{body}");
    }
    let answered = outcome_of(|| Some(HttpResponse::BadGateway().finish())).await;
    assert_eq!(answered, MessageOutcome::Unknown);
}

#[actix_web::test]
async fn without_a_token_or_a_connection_surely_nothing_was_sent() {
    let nobody = client("http://127.0.0.1:1", &Arc::default());
    assert_eq!(nobody.send(&message()).await, MessageOutcome::Retryable);

    let no_token = platform(|asked| {
        assert_eq!(asked.path, "/cgi-bin/stable_token");
        Some(HttpResponse::BadGateway().finish())
    });
    let client = client(&no_token, &Arc::default());
    assert_eq!(client.send(&message()).await, MessageOutcome::Retryable);
}

#[actix_web::test]
async fn what_no_app_of_ours_sends_or_no_wechat_user_gets_is_refused_here() {
    let client = client(&platform(|_| panic!("called")), &Arc::default());
    let foreign = AppMessage {
        app_id: "wxother".into(),
        ..message()
    };
    assert_eq!(client.send(&foreign).await, rejected("app"));
    let (kind, id) = (AlipayIdKind::OpenId, "o1".into());
    let misled = AppMessage {
        to: Receiver::Alipay { kind, id },
        ..message()
    };
    assert_eq!(client.send(&misled).await, rejected("receiver"));
}
