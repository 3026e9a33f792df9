use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{Bytes, Data, to};
use actix_web::{App, HttpServer, rt};
use miniapp_mock::{AlipayNotice, AlipayNoticeStyle, MockConfig, Phone, PhoneError, dev, start};
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::form_urlencoded;

use crate::client::{alipay_signed, get, mock, post};

type Fields = BTreeMap<String, String>;

/// An app that Alipay calls: it keeps what it is told and answers as it is told.
#[derive(Clone, Default)]
struct Listener {
    heard: Arc<Mutex<Vec<Fields>>>,
    answer: Arc<Mutex<String>>,
    told: Arc<Notify>,
}

impl Listener {
    /// Listen on a free port; returns the address as well.
    fn start() -> (Self, String) {
        let listener = Self::default();
        let shared = listener.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::new(shared.clone()))
                .default_service(to(hear))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/alipay", server.addrs()[0]);
        rt::spawn(server.run());
        (listener, url)
    }

    fn answers(&self, text: &str) {
        text.clone_into(&mut self.answer.lock().unwrap());
    }

    fn heard(&self) -> Vec<Fields> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(listener: Data<Listener>, body: Bytes) -> String {
    let fields = form_urlencoded::parse(&body).into_owned().collect();
    listener.heard.lock().unwrap().push(fields);
    listener.told.notify_one();
    listener.answer.lock().unwrap().clone()
}

fn notice(url: &str, style: AlipayNoticeStyle) -> AlipayNotice {
    AlipayNotice {
        url: url.to_owned(),
        kind: "open_app_auth_notify".to_owned(),
        style,
        fields: BTreeMap::from([("title".to_owned(), "通行 1+1=2&".to_owned())]),
    }
}

fn tell(phone: &Phone, url: &str) -> String {
    let notice = notice(url, AlipayNoticeStyle::Notify);
    phone.notify_alipay_app(&notice).unwrap()
}

/// Whether Alipay signed all of `fields` but `unsigned`.
fn signed_without(fields: &Fields, unsigned: &[&str]) -> bool {
    let text: Vec<String> = fields
        .iter()
        .filter(|(name, _)| !unsigned.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    alipay_signed(&text.join("&"), &fields["sign"])
}

#[actix_web::test]
async fn a_notification_is_signed_without_sign_type() {
    let mock = mock().await;
    let (listener, url) = Listener::start();
    let zhang = mock.phone_of("zhang");
    let id = tell(&zhang, &url);
    assert_eq!(mock.flush_notifications().await, 1);

    let heard = listener.heard();
    let fields = &heard[0];
    assert!(signed_without(fields, &["sign", "sign_type"]));
    assert_eq!(fields["sign_type"], "RSA2");
    assert_eq!(fields["app_id"], dev::ALIPAY_APP_ID);
    assert_eq!(fields["notify_id"], id);
    assert_eq!(fields["notify_type"], "open_app_auth_notify");
    assert_eq!(fields["notify_time"], "2026-01-01 08:00:00");
    assert_eq!(fields["open_id"], zhang.alipay_open_id());
    assert_eq!(fields["title"], "通行 1+1=2&");
}

#[actix_web::test]
async fn life_accounts_sign_it_and_messages_wrap_their_content() {
    let mock = mock().await;
    let (listener, url) = Listener::start();
    let zhang = mock.phone_of("zhang");
    for style in [AlipayNoticeStyle::LifeAccount, AlipayNoticeStyle::Message] {
        zhang.notify_alipay_app(&notice(&url, style)).unwrap();
    }
    mock.flush_notifications().await;

    let heard = listener.heard();
    assert!(signed_without(&heard[0], &["sign"]));
    assert!(signed_without(&heard[1], &["sign", "sign_type"]));
    assert_eq!(heard[1]["msg_method"], "open_app_auth_notify");
    let content: Value = serde_json::from_str(&heard[1]["biz_content"]).unwrap();
    assert_eq!(
        content,
        json!({"open_id": zhang.alipay_open_id(), "title": "通行 1+1=2&"})
    );
}

#[actix_web::test]
async fn a_notification_comes_eight_times_until_it_is_accepted() {
    let mock = mock().await;
    let (listener, url) = Listener::start();
    listener.answers("success\n");
    tell(&mock.phone_of("zhang"), &url);
    assert_eq!(mock.flush_notifications().await, 1);
    for minutes in [4, 10, 10, 60, 120, 360, 900] {
        mock.advance_clock(Duration::from_secs(minutes * 60 - 1));
        assert_eq!(mock.flush_notifications().await, 0);
        mock.advance_clock(Duration::from_secs(1));
        assert_eq!(mock.flush_notifications().await, 1);
    }
    mock.advance_clock(Duration::from_hours(1_000));
    assert_eq!(mock.flush_notifications().await, 0);

    let heard = listener.heard();
    assert_eq!(heard.len(), 8);
    assert!(heard.iter().all(|fields| *fields == heard[0]));
    let log = mock.alipay_notifications();
    assert_eq!(log[0].attempts.len(), 8);
    assert_eq!(log[0].attempts[0].answered.body, "success\n");
    assert_eq!(log[0].due_ms, None);
}

#[actix_web::test]
async fn an_accepted_notification_comes_again_only_on_order() {
    let mock = mock().await;
    let (listener, url) = Listener::start();
    let zhang = mock.phone_of("zhang");
    let id = tell(&zhang, &url);
    mock.flush_notifications().await;
    listener.answers("success");
    mock.advance_clock(Duration::from_mins(4));
    mock.flush_notifications().await;
    mock.advance_clock(Duration::from_hours(100));
    assert_eq!(mock.flush_notifications().await, 0);

    assert!(mock.repeat_alipay_notification(&id));
    assert!(!mock.repeat_alipay_notification("another"));
    assert_eq!(mock.flush_notifications().await, 1);
    assert_eq!(listener.heard().len(), 3);
}

#[actix_web::test]
async fn a_notification_that_finds_nobody_is_tried_again() {
    let mock = mock().await;
    let zhang = mock.phone_of("zhang");
    tell(&zhang, "http://127.0.0.1:1/");
    assert_eq!(mock.flush_notifications().await, 1);
    let log = mock.alipay_notifications();
    assert_eq!(log[0].attempts[0].answered.status, 0);
    assert_eq!(log[0].due_ms, Some(mock.now_ms() + 240_000));

    let nowhere = notice("file:///etc/passwd", AlipayNoticeStyle::Notify);
    assert_eq!(
        zhang.notify_alipay_app(&nowhere),
        Err(PhoneError::BadAddress)
    );
}

#[actix_web::test]
async fn a_mock_on_the_machines_clock_delivers_by_itself() {
    let mock = start(MockConfig::default()).await.unwrap();
    let (listener, url) = Listener::start();
    listener.answers("success");
    let id = tell(&mock.phone_of("zhang"), &url);
    listener.told.notified().await;
    assert_eq!(listener.heard()[0]["notify_id"], id);
}

#[actix_web::test]
async fn a_page_can_have_an_app_notified() {
    let mock = mock().await;
    let (listener, url) = Listener::start();
    let order = json!({"url": url, "kind": "k", "fields": {"a": "b"}}).to_string();
    let path = "/__ctl/users/zhang/alipay/notification";
    let told = post(&mock, path, order).await.1;
    let id = told["notify_id"].as_str().unwrap();
    assert_eq!(listener.heard()[0]["a"], "b");

    post(&mock, "/__ctl/clock", r#"{"advance_ms":240000}"#).await;
    assert_eq!(listener.heard().len(), 2);
    let again = format!("/__ctl/alipay/notifications/{id}/repeat");
    post(&mock, &again, "").await;
    assert_eq!(listener.heard().len(), 3);
    let flushed = post(&mock, "/__ctl/alipay/notifications/flush", "").await.1;
    assert_eq!(flushed["attempts"], 0);
    let log = get(&mock, "/__ctl/alipay/notifications", &[]).await.1;
    assert_eq!(
        log["notifications"][0]["attempts"][2]["answered"]["status"],
        200
    );
}
