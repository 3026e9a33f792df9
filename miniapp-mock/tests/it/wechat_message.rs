use miniapp_mock::{
    Mock, MockConfig, SubscribeAnswer, SubscribeError, SubscribeKind, SubscribeQuestion,
    SubscribeTemplate, WechatApp, dev, start,
};
use serde_json::{Value, json};

use crate::client::{frozen, get, mock, post};
use crate::wechat::{JSON, plain_token};

const ONE_TIME: &str = dev::WECHAT_REMINDER_TEMPLATE;
const LONG_TERM: &str = dev::WECHAT_NOTICE_TEMPLATE;
const PATH: &str = "/cgi-bin/message/subscribe/send";

async fn send(mock: &Mock, token: &str, body: &Value) -> Value {
    let path = format!("{PATH}?access_token={token}");
    let (content_type, body) = post(mock, &path, body.to_string()).await;
    assert_eq!(content_type, JSON);
    body
}

fn message(openid: &str, template: &str) -> Value {
    json!({
        "touser": openid,
        "template_id": template,
        "page": "pages/case/case?id=1",
        "data": {
            "thing1": {"value": "健康码申诉"},
            "thing2": {"value": "已通过"},
            "time3": {"value": "2026年11月22日 15:01"},
        },
    })
}

fn asking(templates: &[&str], accept: &[&str]) -> SubscribeQuestion {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    SubscribeQuestion {
        templates: owned(templates),
        accept: owned(accept),
        keep: false,
    }
}

#[tokio::test]
async fn one_tap_allows_one_message_and_taps_add_up() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;
    let message = message(&zhang.wechat_openid(), ONE_TIME);
    let refused = send(&mock, &token, &message).await;
    assert_eq!(refused["errcode"], 43101);
    let words = refused["errmsg"].as_str().unwrap();
    assert!(
        words.starts_with("user refuse to accept the msg rid: "),
        "{words}"
    );

    for _ in 0..2 {
        zhang.wechat_allow(ONE_TIME).unwrap();
    }
    for left in [1, 0] {
        let sent = send(&mock, &token, &message).await;
        assert_eq!(sent, json!({"errcode": 0, "errmsg": "ok"}));
        assert_eq!(zhang.wechat_messages_left(ONE_TIME), Ok(Some(left)));
    }
    assert_eq!(send(&mock, &token, &message).await["errcode"], 43101);
    assert_eq!(zhang.wechat_inbox().len(), 2);
}

#[tokio::test]
async fn a_long_term_permission_lasts_until_it_is_taken_back() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;
    let message = message(&zhang.wechat_openid(), LONG_TERM);
    zhang.wechat_allow(LONG_TERM).unwrap();
    for _ in 0..3 {
        assert_eq!(send(&mock, &token, &message).await["errcode"], 0);
    }
    zhang.set_wechat_messages(false);
    assert_eq!(send(&mock, &token, &message).await["errcode"], 43101);
    zhang.set_wechat_messages(true);
    assert_eq!(send(&mock, &token, &message).await["errcode"], 0);
    zhang.set_wechat_subscription(LONG_TERM, false).unwrap();
    assert_eq!(send(&mock, &token, &message).await["errcode"], 43101);
}

#[tokio::test]
async fn a_message_arrives_as_its_template_lays_it_out() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;
    zhang.wechat_allow(ONE_TIME).unwrap();
    let mut body = message(&zhang.wechat_openid(), ONE_TIME);
    body["miniprogram_state"] = json!("trial");
    body["lang"] = json!("en_US");
    body["data"]["unknown9"] = json!({"value": "ignored"});
    assert_eq!(send(&mock, &token, &body).await["errcode"], 0);

    let inbox = zhang.wechat_inbox();
    let got = inbox.first().unwrap();
    assert_eq!(got.title, "办理提醒");
    assert_eq!(got.page.as_deref(), Some("pages/case/case?id=1"));
    assert_eq!(
        (got.miniprogram_state.as_str(), got.lang.as_str()),
        ("trial", "en_US")
    );
    assert_eq!(got.at_ms, mock.now_ms());
    let lines: Vec<_> = got
        .values
        .iter()
        .map(|line| format!("{} {} {}", line.key, line.label, line.value))
        .collect();
    assert_eq!(
        lines,
        [
            "thing1 事项 健康码申诉",
            "thing2 说明 已通过",
            "time3 时间 2026年11月22日 15:01"
        ]
    );
    let listed = get(&mock, "/__ctl/users/zhang/wechat/messages", &[])
        .await
        .1;
    assert_eq!(listed["messages"][0]["values"][1]["value"], "已通过");
    assert!(mock.phone_of("li").wechat_inbox().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_said_and_costs_no_permission() {
    let mock = start(MockConfig {
        wechat_apps: vec![WechatApp {
            pages: Some(vec!["pages/case/case".into()]),
            ..WechatApp::default()
        }],
        ..frozen()
    })
    .await
    .unwrap();
    let zhang = mock.phone_of("zhang");
    let token = plain_token(&mock).await;
    zhang.wechat_allow(ONE_TIME).unwrap();
    let good = message(&zhang.wechat_openid(), ONE_TIME);
    let cases: [(&str, Value, i64); 13] = [
        ("/touser", json!(""), 40003),
        ("/touser", json!("o_nobody"), 40003),
        ("/touser", json!(1), 47001),
        ("/template_id", json!("none"), 40037),
        ("/page", json!("pages/none"), 41030),
        ("/miniprogram_state", json!("beta"), 47003),
        ("/lang", json!("fr_FR"), 47003),
        ("/data", json!({}), 47003),
        ("/data", json!("x"), 47001),
        ("/data/thing1", json!("bare"), 47003),
        ("/data/thing1/value", json!(" "), 47003),
        (
            "/data/thing1/value",
            json!("一二三四五六七八九十一二三四五六七八九十一"),
            47003,
        ),
        ("/data/time3/value", json!("tomorrow"), 47003),
    ];
    for (place, value, errcode) in cases {
        let mut body = good.clone();
        match place.rsplit_once('/').unwrap() {
            ("", name) => body[name] = value.clone(),
            _ => *body.pointer_mut(place).unwrap() = value.clone(),
        }
        let answer = send(&mock, &token, &body).await;
        assert_eq!(answer["errcode"], errcode, "{place} {value}");
    }
    let mut empty = good.clone();
    empty["data"]["thing1"]["value"] = json!("");
    let words = send(&mock, &token, &empty).await["errmsg"].clone();
    let words = words.as_str().unwrap();
    assert!(
        words.starts_with("argument invalid! data.thing1.value is emtpy rid: "),
        "{words}"
    );
    assert_eq!(send(&mock, &token, &good).await["errcode"], 0);
}

#[tokio::test]
async fn a_message_call_must_be_well_formed() {
    let mock = mock().await;
    let token = plain_token(&mock).await;
    let path = format!("{PATH}?access_token={token}");
    assert_eq!(get(&mock, &path, &[]).await.1["errcode"], 43002);
    assert_eq!(post(&mock, PATH, "{}").await.1["errcode"], 41001);
    let stale = format!("{PATH}?access_token=nobody's");
    assert_eq!(post(&mock, &stale, "{}").await.1["errcode"], 40001);
    assert_eq!(post(&mock, &path, "").await.1["errcode"], 44002);
    assert_eq!(post(&mock, &path, "a=1").await.1["errcode"], 47001);
}

#[tokio::test]
async fn a_page_is_told_what_the_user_answered() {
    let mut twin = SubscribeTemplate::new("twin", "办理提醒", SubscribeKind::OneTime, &[]);
    let mut banned = SubscribeTemplate::new("banned", "营销", SubscribeKind::OneTime, &[]);
    banned.banned = true;
    twin.banned = false;
    let mut app = WechatApp::default();
    app.templates.extend([twin, banned]);
    let mock = start(MockConfig {
        wechat_apps: vec![app],
        ..frozen()
    })
    .await
    .unwrap();
    let zhang = mock.phone_of("zhang");

    let question = asking(&[ONE_TIME, "twin", "banned"], &[ONE_TIME, "twin"]);
    let answers = zhang.wechat_subscribe(&question).unwrap();
    assert_eq!(answers[ONE_TIME], SubscribeAnswer::Accept);
    assert_eq!(answers["twin"], SubscribeAnswer::Filter);
    assert_eq!(answers["banned"], SubscribeAnswer::Ban);
    let answers = zhang.wechat_subscribe(&asking(&["twin"], &[])).unwrap();
    assert_eq!(answers["twin"], SubscribeAnswer::Reject);

    for (templates, why) in [
        (&[][..], SubscribeError::Empty),
        (&["none"], SubscribeError::NoSuchTemplate),
        (&[ONE_TIME, LONG_TERM], SubscribeError::Mixed),
        (&["twin", "twin", "twin", "twin"], SubscribeError::TooMany),
    ] {
        let refused = zhang.wechat_subscribe(&asking(templates, templates));
        assert_eq!(refused, Err(why));
    }
    zhang.set_wechat_messages(false);
    let refused = zhang.wechat_allow(ONE_TIME);
    assert_eq!(refused, Err(SubscribeError::SwitchedOff));
    assert_eq!(refused.unwrap_err().code(), 20004);
}

#[tokio::test]
async fn a_kept_choice_answers_for_the_user() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    let keep = SubscribeQuestion {
        keep: true,
        ..asking(&[ONE_TIME], &[ONE_TIME])
    };
    zhang.wechat_subscribe(&keep).unwrap();
    let silent = zhang.wechat_subscribe(&asking(&[ONE_TIME], &[])).unwrap();
    assert_eq!(silent[ONE_TIME], SubscribeAnswer::Accept);
    assert_eq!(zhang.wechat_messages_left(ONE_TIME), Ok(Some(2)));
    zhang.set_wechat_subscription(ONE_TIME, false).unwrap();
    assert_eq!(zhang.wechat_messages_left(ONE_TIME), Ok(Some(0)));
    let silent = zhang.wechat_subscribe(&keep).unwrap();
    assert_eq!(silent[ONE_TIME], SubscribeAnswer::Reject);
}

#[tokio::test]
async fn permissions_are_per_user_and_a_page_can_give_them() {
    let mock = mock().await;
    let order = json!({"templates": [ONE_TIME], "accept": [ONE_TIME]}).to_string();
    let told = post(&mock, "/__ctl/users/zhang/wechat/subscribe", order)
        .await
        .1;
    assert_eq!(
        told,
        json!({"errMsg": "requestSubscribeMessage:ok", ONE_TIME: "accept"})
    );
    let order = json!({"templates": []}).to_string();
    let told = post(&mock, "/__ctl/users/zhang/wechat/subscribe", order)
        .await
        .1;
    assert_eq!(told["errCode"], 10001);

    let (zhang, li) = (mock.phone_of("zhang"), mock.phone_of("li"));
    assert_eq!(zhang.wechat_messages_left(ONE_TIME), Ok(Some(1)));
    let token = plain_token(&mock).await;
    let to_li = message(&li.wechat_openid(), ONE_TIME);
    assert_eq!(send(&mock, &token, &to_li).await["errcode"], 43101);
}
