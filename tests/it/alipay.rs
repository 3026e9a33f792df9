//! The Alipay client and an Alipay, in every mode that an app may be in.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpServer, rt, web};
use api::{
    clients::{
        Alipay, AlipayApp, AlipayCertificates, AlipayCodeRequest, AlipayIdKind, AlipayInbox,
        AlipaySettings, AppMessage, HttpAlipay, MessageLanguage, MessageOutcome, Messenger,
        PlatformError, Receiver,
    },
    config::Platforms,
    platform::{Clock, OsEntropy},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use miniapp_mock::{
    AlipayNotice, AlipayNoticeStyle, Endpoint, Fault, Mock, MockConfig, dev, start,
};

/// The modes of an app: plain, in cipher, by certificate, and both.
fn apps() -> Vec<AlipayApp> {
    let plain = Platforms::default().alipay.apps.remove(0);
    let certified = AlipayApp {
        app_id: dev::ALIPAY_CERTIFIED_APP_ID.into(),
        alipay_public_key: None,
        certificates: Some(AlipayCertificates {
            app: dev::ALIPAY_APP_CERTIFICATE_PEM.into(),
            alipay: dev::ALIPAY_CERTIFICATE_PEM.into(),
            roots: dev::ALIPAY_ROOT_CERTIFICATES_PEM.into(),
        }),
        ..plain.clone()
    };
    let in_cipher = |app: &AlipayApp| AlipayApp {
        encrypt_content: true,
        ..app.clone()
    };
    vec![in_cipher(&plain), in_cipher(&certified), plain, certified]
}

/// When all this happens, for the platform and for us.
const NOW: i64 = 1_767_225_600_000;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(NOW).unwrap()
    }
}

fn client(mock: &Mock, app: &AlipayApp) -> HttpAlipay {
    let settings = AlipaySettings {
        apps: vec![app.clone()],
        ..Platforms::mocked(mock.base_url()).alipay
    };
    HttpAlipay::new(&settings, Arc::new(Still), Arc::new(OsEntropy)).unwrap()
}

/// The default world with a clock that only moves when told.
async fn mock() -> Mock {
    let config = MockConfig {
        clock: Some(Arc::new(|| NOW)),
        ..MockConfig::default()
    };
    start(config).await.unwrap()
}

fn message(app: &AlipayApp, open_id: String, form_id: Option<String>) -> AppMessage {
    let (template, keywords) = match form_id {
        Some(_) => (dev::ALIPAY_FORM_TEMPLATE, 2),
        None => (dev::ALIPAY_TEMPLATE, 3),
    };
    AppMessage {
        app_id: app.app_id.clone(),
        to: Receiver::Alipay {
            kind: AlipayIdKind::OpenId,
            id: open_id,
        },
        template_id: template.into(),
        page: Some("pages/code?from=message".into()),
        values: (1..=keywords)
            .map(|n| (format!("keyword{n}"), format!("值\"{n}\"")))
            .collect(),
        language: MessageLanguage::Chinese,
        form_id,
    }
}

#[actix_web::test]
async fn who_a_user_is_what_they_are_told_and_what_they_scan_work_in_every_mode() {
    let mock = mock().await;
    for app in apps() {
        let alipay = client(&mock, &app);
        let zhang = mock.phone_of("zhang").in_alipay_app(&app.app_id);

        let user = alipay.user(&app.app_id, &zhang.alipay_auth_code()).await;
        assert_eq!(user.unwrap().id, zhang.alipay_open_id());
        let payload = zhang.alipay_phone_payload().unwrap();
        let opened = alipay.open_phone(&app.app_id, &payload).unwrap();
        assert_eq!(opened.phone.unwrap().reveal(), zhang.number());

        let told = alipay
            .send(&message(&app, zhang.alipay_open_id(), None))
            .await;
        assert_eq!(told, MessageOutcome::Sent);
        let inbox = zhang.alipay_messages();
        assert_eq!(inbox.last().unwrap().values["keyword3"], "值\"3\"");

        let request = AlipayCodeRequest {
            page: "pages/venue".into(),
            query: "v=1".into(),
            describe: "场所码".into(),
        };
        let url = alipay.qr_code(&app.app_id, &request).await.unwrap();
        assert!(url.as_str().starts_with(mock.base_url()));
    }
    assert_eq!(mock.phone_of("zhang").alipay_messages().len(), 4);
}

#[actix_web::test]
async fn a_form_allows_one_message_and_a_user_none() {
    let mock = mock().await;
    let app = &apps()[0];
    let alipay = client(&mock, app);
    let zhang = mock.phone_of("zhang");
    let open_id = zhang.alipay_open_id();
    let by_form = message(app, open_id.clone(), Some(zhang.submit_alipay_form()));
    assert_eq!(alipay.send(&by_form).await, MessageOutcome::Sent);
    assert_eq!(alipay.send(&by_form).await, MessageOutcome::NotAllowed);

    let mut wrong = message(app, open_id.clone(), None);
    wrong.values.pop();
    let told = alipay.send(&wrong).await;
    assert!(
        matches!(told, MessageOutcome::Rejected { code } if code == "isv.template-data-mismatch")
    );

    zhang.set_alipay_messages_refused(true);
    let told = alipay.send(&message(app, open_id, None)).await;
    assert_eq!(told, MessageOutcome::NotAllowed);
}

#[actix_web::test]
async fn a_message_in_trouble_is_tried_again_only_if_it_was_surely_not_sent() {
    let mock = mock().await;
    let app = &apps()[0];
    let alipay = client(&mock, app);
    let zhang = mock.phone_of("zhang");
    let message = message(app, zhang.alipay_open_id(), None);
    for (fault, expected) in [
        (Fault::Busy, MessageOutcome::Retryable),
        (Fault::Quota, MessageOutcome::Retryable),
        (Fault::LoseReply, MessageOutcome::Unknown),
        (Fault::Garbage, MessageOutcome::Unknown),
    ] {
        mock.order_fault(Endpoint::AlipayTemplateMessage, fault, 1);
        assert_eq!(alipay.send(&message).await, expected);
    }
    assert_eq!(zhang.alipay_messages().len(), 1);
}

/// Listen on a free port for what Alipay says; returns the address and what was said.
fn listener() -> (String, Arc<Mutex<Vec<Bytes>>>) {
    let said: Arc<Mutex<Vec<Bytes>>> = Arc::default();
    let heard = web::Data::from(said.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(heard.clone())
            .default_service(web::to(hear))
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let url = format!("http://{}/", server.addrs()[0]);
    rt::spawn(server.run());
    (url, said)
}

async fn hear(body: Bytes, said: web::Data<Mutex<Vec<Bytes>>>) -> &'static str {
    said.lock().unwrap().push(body);
    "try again"
}

#[actix_web::test]
async fn a_notification_opens_in_its_app_however_it_is_put_and_whenever_it_comes() {
    let mock = mock().await;
    let (url, said) = listener();
    let apps = apps();
    for style in [
        AlipayNoticeStyle::Notify,
        AlipayNoticeStyle::Message,
        AlipayNoticeStyle::LifeAccount,
    ] {
        let notice = AlipayNotice {
            url: url.clone(),
            kind: "alipay.open.auth.userauth.cancelled".into(),
            style,
            fields: [("reason".into(), "a=b & 通行".into())].into(),
        };
        for app in &apps[..2] {
            let zhang = mock.phone_of("zhang").in_alipay_app(&app.app_id);
            let id = zhang.notify_alipay_app(&notice).unwrap();
            mock.flush_notifications().await;
            let body = said.lock().unwrap().last().unwrap().clone();

            let opened = AlipayInbox::open(&client(&mock, app), &body).unwrap();
            assert_eq!(opened.key, id);
            assert_eq!(opened.app_id, app.app_id);
            assert_eq!(opened.kind, notice.kind);
            let user = (AlipayIdKind::OpenId, zhang.alipay_open_id());
            assert_eq!(opened.user, Some(user));
        }
    }
    mock.advance_clock(Duration::from_mins(4));
    assert_eq!(mock.flush_notifications().await, 6);
    let said = said.lock().unwrap();
    assert_eq!(
        said[..6],
        said[6..],
        "a repetition is the same to the letter"
    );

    let stranger = client(&mock, &apps[1]);
    let told = AlipayInbox::open(&stranger, &said[0]);
    assert!(matches!(told, Err(PlatformError::Forged)));
}
