use std::time::Duration;

use actix_web::HttpResponse;
use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniapp_mock::{Mock, PushError, PushFormat, PushMode, SubscribeQuestion, WechatPush, dev};
use serde_json::{Map, Value, json};

use crate::client::{get, mock, post};
use crate::server::{Got, Server};
use crate::wechat::plain_token;

const APP: &str = dev::WECHAT_APP_ID;
const ONE_TIME: &str = dev::WECHAT_REMINDER_TEMPLATE;

fn sha1(mut parts: Vec<&str>) -> String {
    parts.sort_unstable();
    let text = parts.concat();
    hex::encode(digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        text.as_bytes(),
    ))
}

fn is_signed(got: &Got) -> bool {
    let parts = vec![
        dev::WECHAT_PUSH_TOKEN,
        got.param("timestamp"),
        got.param("nonce"),
    ];
    sha1(parts) == got.param("signature")
}

/// The message in `sealed`, once its signature holds.
fn open(got: &Got, sealed: &str) -> String {
    let (timestamp, nonce) = (got.param("timestamp"), got.param("nonce"));
    let parts = vec![dev::WECHAT_PUSH_TOKEN, timestamp, nonce, sealed];
    assert_eq!(sha1(parts), got.param("msg_signature"));
    assert_eq!(got.param("encrypt_type"), "aes");
    let key = STANDARD
        .decode(format!("{}=", dev::WECHAT_ENCODING_AES_KEY))
        .unwrap();
    let iv: [u8; 16] = key[..16].try_into().unwrap();
    let mut bytes = STANDARD.decode(sealed).unwrap();
    assert_eq!(bytes.len() % 32, 0);
    let key = DecryptingKey::cbc(UnboundCipherKey::new(&AES_256, &key).unwrap()).unwrap();
    let iv = DecryptionContext::Iv128(FixedLength::from(iv));
    let plain = key.decrypt(&mut bytes, iv).unwrap();
    let plain = &plain[..plain.len() - usize::from(*plain.last().unwrap())];
    let length = u32::from_be_bytes(plain[16..20].try_into().unwrap()) as usize;
    assert_eq!(&plain[20 + length..], APP.as_bytes());
    String::from_utf8(plain[20..20 + length].to_vec()).unwrap()
}

async fn pushing(server: &Server, mode: PushMode, format: PushFormat) -> Mock {
    let mock = mock().await;
    let push = WechatPush {
        mode,
        format,
        ..WechatPush::to(&server.url)
    };
    mock.set_wechat_push(APP, Some(push)).unwrap();
    mock
}

#[tokio::test]
async fn an_answer_of_the_users_reaches_the_server_encrypted() {
    let server = Server::saying("success");
    let mock = pushing(&server, PushMode::Secure, PushFormat::Json).await;
    let zhang = mock.phone_of("zhang");
    zhang.wechat_allow(ONE_TIME).unwrap();
    mock.flush_wechat_pushes().await;

    let got = server.got();
    let [got] = got.as_slice() else {
        panic!("{} pushes", got.len());
    };
    assert_eq!(
        (got.method.as_str(), got.content_type.as_str()),
        ("POST", "application/json")
    );
    assert_eq!(got.param("of"), "ours", "the server's own query stays");
    assert_eq!(got.param("openid"), zhang.wechat_openid());
    assert!(is_signed(got));
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        body.as_object().unwrap().len(),
        2,
        "nothing else in the clear"
    );
    let message: Value =
        serde_json::from_str(&open(got, body["Encrypt"].as_str().unwrap())).unwrap();
    assert_eq!(
        message,
        json!({"ToUserName": "gh_0123456789ab", "FromUserName": zhang.wechat_openid(),
            "CreateTime": mock.now_ms() / 1000, "MsgType": "event",
            "Event": "subscribe_msg_popup_event", "List": {"TemplateId": ONE_TIME,
            "SubscribeStatusString": "accept", "PopupScene": "0"}})
    );
    assert!(mock.wechat_pushes().iter().all(|push| push.accepted));
}

#[tokio::test]
async fn in_the_other_modes_and_formats_the_message_reads_the_same() {
    for (mode, format) in [
        (PushMode::Plaintext, PushFormat::Json),
        (PushMode::Compatible, PushFormat::Json),
        (PushMode::Plaintext, PushFormat::Xml),
        (PushMode::Compatible, PushFormat::Xml),
        (PushMode::Secure, PushFormat::Xml),
    ] {
        let server = Server::saying("");
        let mock = pushing(&server, mode, format).await;
        let zhang = mock.phone_of("zhang");
        zhang.set_wechat_subscription(ONE_TIME, false).unwrap();
        mock.flush_wechat_pushes().await;
        let got = server.got();
        let got = got.first().unwrap();
        assert!(is_signed(got));
        assert_eq!(got.body.contains(ONE_TIME), mode != PushMode::Secure);
        let sealed = match format {
            PushFormat::Json => {
                let body: Value = serde_json::from_str(&got.body).unwrap();
                body["Encrypt"].as_str().map(str::to_owned)
            }
            PushFormat::Xml => {
                assert_eq!(got.content_type, "text/xml");
                let start = got.body.split_once("<Encrypt><![CDATA[");
                start.map(|(_, rest)| rest.split_once("]]>").unwrap().0.to_owned())
            }
        };
        assert_eq!(sealed.is_some(), mode != PushMode::Plaintext);
        let message = sealed.map_or(got.body.clone(), |sealed| open(got, &sealed));
        assert!(message.contains("subscribe_msg_change_event"), "{message}");
        assert!(
            message.contains("reject") && message.contains(ONE_TIME),
            "{message}"
        );
        let nested = message.contains("<SubscribeMsgChangeEvent><List>");
        assert_eq!(nested, format == PushFormat::Xml);
    }
}

#[tokio::test]
async fn a_message_that_arrived_is_told_of() {
    let server = Server::saying("success");
    let mock = pushing(&server, PushMode::Plaintext, PushFormat::Json).await;
    let zhang = mock.phone_of("zhang");
    zhang.wechat_allow(ONE_TIME).unwrap();
    let path = format!(
        "/cgi-bin/message/subscribe/send?access_token={}",
        plain_token(&mock).await
    );
    let value = |value: &str| json!({"value": value});
    let data = json!({"thing1": value("a"), "thing2": value("b"), "time3": value("15:01")});
    let body = json!({"touser": zhang.wechat_openid(), "template_id": ONE_TIME, "data": data});
    assert_eq!(post(&mock, &path, body.to_string()).await.1["errcode"], 0);
    mock.flush_wechat_pushes().await;

    let told: Value = serde_json::from_str(&server.got()[1].body).unwrap();
    assert_eq!(told["Event"], "subscribe_msg_sent_event");
    assert_eq!(told["List"]["MsgID"], zhang.wechat_inbox()[0].message_id);
    assert_eq!(told["List"]["ErrorStatus"], "success");
}

#[tokio::test]
async fn a_push_that_is_not_accepted_is_made_three_times() {
    let server = Server::answering(|_, _| HttpResponse::Ok().body("no"));
    let mock = pushing(&server, PushMode::Plaintext, PushFormat::Json).await;
    mock.phone_of("zhang").wechat_allow(ONE_TIME).unwrap();
    mock.flush_wechat_pushes().await;
    let attempts: Vec<_> = mock
        .wechat_pushes()
        .iter()
        .map(|push| (push.id, push.attempt))
        .collect();
    assert_eq!(attempts, [(1, 1), (1, 2), (1, 3)]);
    let got = server.got();
    assert!(
        got.iter().all(|push| push.body == got[0].body),
        "the same message"
    );

    let mock = pushing(&Server::saying("no"), PushMode::Plaintext, PushFormat::Json).await;
    let second = Server::answering(|before, _| match before {
        0 => HttpResponse::BadGateway().finish(),
        _ => HttpResponse::Ok().body("success"),
    });
    mock.set_wechat_push(APP, Some(WechatPush::to(&second.url)))
        .unwrap();
    mock.phone_of("zhang").wechat_allow(ONE_TIME).unwrap();
    mock.flush_wechat_pushes().await;
    let accepted: Vec<_> = mock
        .wechat_pushes()
        .iter()
        .map(|push| push.accepted)
        .collect();
    assert_eq!(accepted, [false, true]);
}

#[tokio::test]
async fn a_message_can_be_made_to_arrive_twice() {
    let server = Server::saying("success");
    let mock = pushing(&server, PushMode::Plaintext, PushFormat::Json).await;
    assert_eq!(mock.repeat_wechat_push(APP), Err(PushError::NothingYet));
    mock.phone_of("zhang").wechat_allow(ONE_TIME).unwrap();
    mock.flush_wechat_pushes().await;
    mock.advance_clock(Duration::from_secs(5));
    mock.repeat_wechat_push(APP).unwrap();
    mock.flush_wechat_pushes().await;
    let got = server.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(got[0].param("nonce"), got[1].param("nonce"));
}

#[tokio::test]
async fn the_address_is_verified_by_what_it_echoes() {
    let server = Server::answering(|_, got| {
        assert!(is_signed(got));
        HttpResponse::Ok().body(got.param("echostr").to_owned())
    });
    let mock = pushing(&server, PushMode::Secure, PushFormat::Json).await;
    assert_eq!(mock.verify_wechat_push(APP).await, Ok(true));
    assert_eq!(server.got()[0].method, "GET");
    let quoted = Server::answering(|_, got| HttpResponse::Ok().json(got.param("echostr")));
    mock.set_wechat_push(APP, Some(WechatPush::to(&quoted.url)))
        .unwrap();
    assert_eq!(mock.verify_wechat_push(APP).await, Ok(false));
    mock.set_wechat_push(APP, None).unwrap();
    assert_eq!(mock.verify_wechat_push(APP).await, Err(PushError::NotSetUp));
    assert_eq!(
        mock.verify_wechat_push("wx").await,
        Err(PushError::NoSuchApp)
    );
}

#[tokio::test]
async fn deliveries_start_by_themselves_and_a_silent_choice_makes_none() {
    let (told, heard) = std::sync::mpsc::channel();
    let server = Server::answering(move |_, _| {
        told.send(()).unwrap();
        HttpResponse::Ok().body("success")
    });
    let mock = pushing(&server, PushMode::Secure, PushFormat::Json).await;
    let zhang = mock.phone_of("zhang");
    let keep = SubscribeQuestion {
        templates: vec![ONE_TIME.into()],
        accept: vec![ONE_TIME.into()],
        keep: true,
    };
    zhang.wechat_subscribe(&keep).unwrap();
    heard.recv().unwrap();
    zhang.wechat_subscribe(&keep).unwrap();
    mock.flush_wechat_pushes().await;
    assert_eq!(server.got().len(), 1);
}

#[tokio::test]
async fn a_page_sets_push_up_and_has_any_event_pushed() {
    let server = Server::saying("success");
    let mock = mock().await;
    let push = serde_json::to_string(&WechatPush::to(&server.url)).unwrap();
    let at = |order: &str| format!("/__ctl/wechat/{APP}/{order}");
    assert_eq!(post(&mock, &at("push"), push).await.1["ok"], true);
    let event = json!({"openid": "o1", "event": "debug_demo", "members": {"debug_str": "x"}});
    post(&mock, &at("push/event"), event.to_string()).await;
    let log = post(&mock, "/__ctl/wechat/pushes/flush", "").await.1;
    assert_eq!(log["pushes"][0]["event"], "debug_demo");
    assert_eq!(log["pushes"][0]["accepted"], true);
    let got = server.got();
    let body: Value = serde_json::from_str(&got[0].body).unwrap();
    let message = open(&got[0], body["Encrypt"].as_str().unwrap());
    assert!(message.contains(r#""debug_str":"x""#), "{message}");
    assert_eq!(get(&mock, "/__ctl/wechat/pushes", &[]).await.1, log);

    assert_eq!(post(&mock, &at("push"), "null").await.1["ok"], true);
    let refused = mock.push_wechat_event(APP, "o1", "debug_demo", Map::new());
    assert_eq!(refused, Err(PushError::NotSetUp));
}
