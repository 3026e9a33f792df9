use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    digest,
    iv::FixedLength,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::clients::{Permission, PushQuery, WeChatEvent, WeChatInbox, WeChatPush};

const POPUP: &str = r#"{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1620973045,
    "MsgType":"event","Event":"subscribe_msg_popup_event",
    "List":{"TemplateId":"t1","SubscribeStatusString":"accept","PopupScene":"0"}}"#;

fn sha1(mut parts: Vec<&str>) -> String {
    parts.sort_unstable();
    let text = parts.concat();
    hex::encode(digest::digest(
        &digest::SHA1_FOR_LEGACY_USE_ONLY,
        text.as_bytes(),
    ))
}

/// The query of a push in plaintext.
fn plain() -> PushQuery {
    let (timestamp, nonce) = ("1714036504", "1514711492");
    PushQuery {
        signature: sha1(vec![PUSH_TOKEN, timestamp, nonce]),
        timestamp: timestamp.into(),
        nonce: nonce.into(),
        msg_signature: None,
        encrypt_type: None,
    }
}

/// The query of an encrypted push.
fn over(sealed: &str) -> PushQuery {
    let plain = plain();
    PushQuery {
        msg_signature: Some(sha1(vec![
            PUSH_TOKEN,
            &plain.timestamp,
            &plain.nonce,
            sealed,
        ])),
        encrypt_type: Some("aes".into()),
        ..plain
    }
}

/// `message` as WeChat encrypts it, written apart from the code under test.
fn seal(message: &str, app_id: &str) -> String {
    let key = STANDARD
        .decode(format!("{}E=", PUSH_KEY.split_at(42).0))
        .unwrap();
    let iv: [u8; 16] = key[..16].try_into().unwrap();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let mut bytes = [
        b"1234567890123456",
        &length[..],
        message.as_bytes(),
        app_id.as_bytes(),
    ]
    .concat();
    let padding = 32 - bytes.len() % 32;
    bytes.resize(bytes.len() + padding, u8::try_from(padding).unwrap());
    EncryptingKey::cbc(UnboundCipherKey::new(&AES_256, &key).unwrap())
        .unwrap()
        .less_safe_encrypt(&mut bytes, EncryptionContext::Iv128(FixedLength::from(iv)))
        .unwrap();
    STANDARD.encode(bytes)
}

fn inbox() -> HttpWeChat {
    client("http://127.0.0.1:1", &Arc::default())
}

fn read(app_id: &str, query: &PushQuery, body: &str) -> Result<WeChatPush, PlatformError> {
    inbox().open(app_id, query, body.as_bytes())
}

/// What comes out of `message`, encrypted.
fn through_secure(message: &str) -> Result<WeChatPush, PlatformError> {
    let sealed = seal(message, APP);
    let body = json!({"ToUserName": "gh_1", "Encrypt": sealed}).to_string();
    read(APP, &over(&sealed), &body)
}

fn is_forged<T>(answer: &Result<T, PlatformError>) -> bool {
    matches!(answer, Err(PlatformError::Forged))
}

fn answered(template_id: &str, permission: Permission, by_settings: bool) -> WeChatEvent {
    WeChatEvent::Permission {
        template_id: template_id.into(),
        permission,
        by_settings,
    }
}

#[actix_web::test]
async fn wechat_proves_itself_when_it_verifies_our_address() {
    let inbox = inbox();
    assert!(inbox.signed(APP, &plain()).is_ok());
    for change in [
        |query: &mut PushQuery| query.nonce.push('1'),
        |query: &mut PushQuery| query.timestamp.push('1'),
        |query: &mut PushQuery| query.signature.make_ascii_uppercase(),
        |query: &mut PushQuery| query.signature.clear(),
    ] {
        let mut query = plain();
        change(&mut query);
        assert!(is_forged(&inbox.signed(APP, &query)));
    }
    for app in ["wxother", "wx-without-push"] {
        let answer = inbox.signed(app, &plain());
        assert!(matches!(answer, Err(PlatformError::UnknownApp)), "{app}");
    }
}

#[actix_web::test]
async fn an_encrypted_push_is_read_and_its_key_does_not_name_the_user() {
    let push = through_secure(POPUP).unwrap();
    assert_eq!(push.openid.as_deref(), Some("o1"));
    assert_eq!(push.created_at, 1_620_973_045);
    assert!(push.events == [answered("t1", Permission::Accepted, false)]);
    assert_eq!(push.key.len(), 64);
    assert!(
        push.key == through_secure(POPUP).unwrap().key,
        "delivered again"
    );
    for (from, to) in [
        ("o1", "o2"),
        ("045", "046"),
        ("\"t1\"", "\"t2\""),
        ("accept", "reject"),
    ] {
        let other = through_secure(&POPUP.replace(from, to)).unwrap();
        assert!(push.key != other.key, "{to}");
    }
}

#[actix_web::test]
async fn one_entry_is_an_object_and_several_are_an_array() {
    let several = r#"{"FromUserName":"o1","CreateTime":"1620973045","MsgType":"event",
        "Event":"subscribe_msg_popup_event","List":[
        {"TemplateId":"t1","SubscribeStatusString":"accept","PopupScene":"0"},
        {"TemplateId":"t2","SubscribeStatusString":"reject","PopupScene":"0"},
        {"TemplateId":"t3","SubscribeStatusString":"something new"}]}"#;
    let events = through_secure(several).unwrap().events;
    let first = answered("t1", Permission::Accepted, false);
    let second = answered("t2", Permission::Rejected, false);
    assert!(events == [first, second]);
}

#[actix_web::test]
async fn xml_says_the_same() {
    let event = |name: &str, element: &str, entries: &str| {
        format!(
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>\
             <CreateTime>1620973045</CreateTime><MsgType><![CDATA[event]]></MsgType>\
             <Event><![CDATA[{name}]]></Event><{element}>{entries}</{element}></xml>"
        )
    };
    let popup = event(
        "subscribe_msg_popup_event",
        "SubscribeMsgPopupEvent",
        "<List><TemplateId><![CDATA[t1]]></TemplateId>\
         <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString></List>\
         <List><TemplateId>t2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>",
    );
    let sealed = seal(&popup, APP);
    let body =
        format!("<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>");
    let push = read(APP, &over(&sealed), &body).unwrap();
    let first = answered("t1", Permission::Accepted, false);
    let second = answered("t2", Permission::Rejected, false);
    assert!(push.events == [first, second]);

    let change = event(
        "subscribe_msg_change_event",
        "SubscribeMsgChangeEvent",
        "<List><TemplateId>t1</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>",
    );
    let push = read("wx-plaintext", &plain(), &change).unwrap();
    assert!(push.events == [answered("t1", Permission::Rejected, true)]);
}

#[actix_web::test]
async fn the_end_of_a_message_is_told() {
    let sent = |code: &str, status: &str| {
        let message = json!({"FromUserName": "o1", "CreateTime": 1, "MsgType": "event",
            "Event": "subscribe_msg_sent_event", "List": {"TemplateId": "t1",
            "MsgID": "1700000000000000001", "ErrorCode": code, "ErrorStatus": status}});
        through_secure(&message.to_string()).unwrap().events
    };
    for (code, status, delivered) in [("0", "success", true), ("1", "user refuse", false)] {
        let event = WeChatEvent::Delivered {
            template_id: "t1".into(),
            message_id: Some("1700000000000000001".into()),
            delivered,
        };
        assert!(sent(code, status) == [event], "{status}");
    }
}

#[actix_web::test]
async fn what_the_product_has_no_use_for_is_a_push_without_events() {
    for message in [
        r#"{"FromUserName":"o1","CreateTime":1,"MsgType":"event","Event":"debug_demo"}"#,
        r#"{"FromUserName":"o1","CreateTime":1,"MsgType":"text","Content":"hi","MsgId":23}"#,
        r#"{"FromUserName":"o1","CreateTime":1,"MsgType":"event","Event":"x","List":"a,b","MsgID":{}}"#,
        r#"{"FromUserName":"o1","CreateTime":1,"MsgType":"event","Event":"y","List":[1,{"TemplateId":2}],
            "SubscribeMsgSentEvent":"z"}"#,
    ] {
        assert!(through_secure(message).unwrap().events.is_empty());
    }
}

#[actix_web::test]
async fn a_push_in_a_weaker_mode_than_the_app_is_set_to_is_forged() {
    let sealed = seal(POPUP, APP);
    let mut both: Value = serde_json::from_str(POPUP).unwrap();
    both["Encrypt"] = json!(sealed);
    let both = both.to_string();

    assert!(is_forged(&read(APP, &plain(), POPUP)));
    assert!(is_forged(&read(APP, &over(&sealed), &both)));
    assert!(is_forged(&read("wx-compatible", &plain(), POPUP)));
    assert!(read("wx-plaintext", &plain(), POPUP).is_ok());
}

#[actix_web::test]
async fn in_compatible_mode_only_the_encrypted_half_is_believed() {
    let sealed = seal(POPUP, "wx-compatible");
    let mut both: Value = serde_json::from_str(&POPUP.replace("o1", "o2")).unwrap();
    both["Encrypt"] = json!(sealed);
    let push = read("wx-compatible", &over(&sealed), &both.to_string()).unwrap();
    assert_eq!(push.openid.as_deref(), Some("o1"));
}

#[actix_web::test]
async fn what_is_not_wechats_or_not_for_this_app_or_not_readable_is_forged() {
    let sealed = seal(POPUP, APP);
    let body = json!({"Encrypt": sealed}).to_string();
    assert!(read(APP, &over(&sealed), &body).is_ok());

    let unsigned = PushQuery {
        msg_signature: None,
        ..over(&sealed)
    };
    assert!(is_forged(&read(APP, &unsigned, &body)));
    let replaced = seal(&POPUP.replace("o1", "o2"), APP);
    let replaced = json!({"Encrypt": replaced}).to_string();
    assert!(is_forged(&read(APP, &over(&sealed), &replaced)));
    let half = PushQuery {
        signature: String::new(),
        ..over(&sealed)
    };
    assert!(is_forged(&read(APP, &half, &body)));

    let anothers = seal(POPUP, "wxother");
    let body = json!({"Encrypt": anothers}).to_string();
    assert!(is_forged(&read(APP, &over(&anothers), &body)));
    for nonsense in [
        "",
        "x",
        "[]",
        "{}",
        r#"{"CreateTime":"soon"}"#,
        r#"{"Encrypt":"AAAA"}"#,
    ] {
        assert!(is_forged(&through_secure(nonsense)), "{nonsense}");
        assert!(
            is_forged(&read("wx-plaintext", &plain(), nonsense)),
            "{nonsense}"
        );
    }
    let long = POPUP.replace("gh_1", &"g".repeat(64 * 1024));
    assert!(is_forged(&read("wx-plaintext", &plain(), &long)));
}
