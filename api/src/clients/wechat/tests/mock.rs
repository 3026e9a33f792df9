//! The client against a WeChat that behaves like the real one.

use std::sync::Mutex;

use miniapp_mock::{Mock, MockConfig, PushFormat, WechatPush, dev};

use super::*;
use crate::{
    clients::{
        AppMessage, EncryptedPhone, MessageLanguage, MessageOutcome, Messenger, Permission,
        PushQuery, Receiver, WeChatEvent, WeChatInbox,
    },
    config::Platforms,
    platform::{OsEntropy, SystemClock},
};

const APP: &str = dev::WECHAT_APP_ID;
const ONE_TIME: &str = dev::WECHAT_REMINDER_TEMPLATE;

async fn mock() -> Mock {
    miniapp_mock::start(MockConfig::default()).await.unwrap()
}

fn client_of(mock: &Mock) -> HttpWeChat {
    client_in(mock, PushMode::Secure)
}

fn client_in(mock: &Mock, mode: PushMode) -> HttpWeChat {
    let mut settings = WeChatSettings {
        limits: PATIENT,
        ..Platforms::mocked(mock.base_url()).wechat
    };
    for app in &mut settings.apps {
        app.push.as_mut().unwrap().mode = mode;
    }
    HttpWeChat::new(
        &settings,
        &[7; 32],
        Arc::new(Shelf::default()),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    )
    .unwrap()
}

fn message_to(openid: String) -> AppMessage {
    let value = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    AppMessage {
        app_id: APP.into(),
        to: Receiver::WeChat { openid },
        template_id: ONE_TIME.into(),
        page: Some("pages/case/case?id=1".into()),
        values: vec![
            value("thing1", "健康码申诉"),
            value("thing2", "已通过"),
            value("time3", "2026年11月22日 15:01"),
        ],
        language: MessageLanguage::Chinese,
        form_id: None,
    }
}

#[actix_web::test]
async fn a_message_reaches_who_allowed_it_and_nobody_else() {
    let mock = mock().await;
    let (client, zhang) = (client_of(&mock), mock.phone_of("zhang"));
    let message = message_to(zhang.wechat_openid());
    assert_eq!(client.send(&message).await, MessageOutcome::NotAllowed);
    zhang.wechat_allow(ONE_TIME).unwrap();
    mock.age_tokens(std::time::Duration::from_hours(2));
    assert_eq!(client.send(&message).await, MessageOutcome::Sent);
    assert_eq!(zhang.wechat_inbox().len(), 1);
    assert_eq!(client.send(&message).await, MessageOutcome::NotAllowed);

    let mut long = message;
    long.values[0].1 = "一".repeat(21);
    zhang.wechat_allow(ONE_TIME).unwrap();
    let code = "47003".to_owned();
    assert_eq!(client.send(&long).await, MessageOutcome::Rejected { code });
}

#[actix_web::test]
async fn a_code_opens_its_page_when_scanned() {
    let mock = mock().await;
    let request = CodeRequest {
        scene: "v=1".into(),
        page: Some("pages/venue/venue".into()),
        check_path: true,
        env_version: EnvVersion::Release,
        width: 430,
    };
    let picture = client_of(&mock).mini_program_code(APP, &request).await;
    let picture = picture.unwrap();
    let scanned = mock.phone_of("zhang").wechat_scan(&picture).unwrap();
    let path = "pages/venue/venue?scene=v%3D1";
    assert_eq!(scanned.path.as_deref(), Some(path));

    let picture = image::load_from_memory(&picture).unwrap().to_luma8();
    assert_eq!(picture.width(), 430);
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    assert_eq!(grids[0].decode().unwrap().1, path, "whatever camera it is");
}

#[actix_web::test]
async fn an_encrypted_phone_opens_until_the_user_logs_in_anew() {
    let mock = mock().await;
    let (client, zhang) = (client_of(&mock), mock.phone_of("zhang"));
    zhang.set_number("13800138000").unwrap();
    for newer_login in [false, true] {
        let code = zhang.wechat_login_code();
        let data = zhang.wechat_encrypted_phone().unwrap();
        if newer_login {
            let _ = zhang.wechat_login_code();
        }
        let phone = EncryptedPhone {
            encrypted_data: &data.encrypted_data,
            iv: &data.iv,
        };
        let opened = client.user_and_phone(APP, &code, phone, by()).await;
        if newer_login {
            assert!(matches!(opened, Err(PlatformError::Forged)));
        } else {
            let (user, phone) = opened.unwrap();
            assert_eq!(user.openid, zhang.wechat_openid());
            assert_eq!(phone.unwrap().reveal(), "13800138000");
        }
    }
}

#[actix_web::test]
async fn a_session_is_good_until_it_is_reset() {
    let mock = mock().await;
    let (client, zhang) = (client_of(&mock), mock.phone_of("zhang"));
    let session = client
        .session(APP, &zhang.wechat_login_code(), by())
        .await
        .unwrap();
    assert!(client.check_session(APP, &session).await.unwrap());
    let next = client.reset_session(APP, &session).await.unwrap();
    assert!(!client.check_session(APP, &session).await.unwrap());
    assert!(client.check_session(APP, &next).await.unwrap());
}

type Kept = Arc<Mutex<Vec<(PushQuery, Bytes)>>>;

/// A server that keeps the query and the body of each push, and accepts it.
fn server() -> (String, Kept) {
    let kept = Kept::default();
    let keep = Arc::clone(&kept);
    let address = platform(move |asked| {
        let param = |name: &str| asked.query.get(name).cloned();
        let query = PushQuery {
            signature: param("signature").unwrap(),
            timestamp: param("timestamp").unwrap(),
            nonce: param("nonce").unwrap(),
            msg_signature: param("msg_signature"),
            encrypt_type: param("encrypt_type"),
        };
        keep.lock().unwrap().push((query, asked.body));
        Some(HttpResponse::Ok().body("success"))
    });
    (address, kept)
}

#[actix_web::test]
async fn pushes_in_every_mode_and_format_are_read() {
    use miniapp_mock::PushMode as Theirs;
    for (ours, theirs) in [
        (PushMode::Plaintext, Theirs::Plaintext),
        (PushMode::Compatible, Theirs::Compatible),
        (PushMode::Secure, Theirs::Secure),
    ] {
        for format in [PushFormat::Json, PushFormat::Xml] {
            let mock = mock().await;
            let (address, kept) = server();
            let push = WechatPush {
                mode: theirs,
                format,
                ..WechatPush::to(address)
            };
            mock.set_wechat_push(APP, Some(push)).unwrap();
            let zhang = mock.phone_of("zhang");
            zhang.wechat_allow(ONE_TIME).unwrap();
            mock.repeat_wechat_push(APP).unwrap();
            zhang.set_wechat_subscription(ONE_TIME, false).unwrap();
            mock.flush_wechat_pushes().await;

            let inbox = client_in(&mock, ours);
            let pushes: Vec<_> = kept
                .lock()
                .unwrap()
                .iter()
                .map(|(query, body)| inbox.open(APP, query, body).unwrap())
                .collect();
            assert_eq!(pushes.len(), 3);
            assert!(pushes[0].key == pushes[1].key, "the same message");
            assert!(pushes[0].key != pushes[2].key);
            let expected = [(Permission::Accepted, false), (Permission::Rejected, true)];
            for (push, (permission, by_settings)) in
                [&pushes[0], &pushes[2]].into_iter().zip(expected)
            {
                assert_eq!(push.openid, Some(zhang.wechat_openid()));
                let answered = WeChatEvent::Permission {
                    template_id: ONE_TIME.into(),
                    permission,
                    by_settings,
                };
                assert!(push.events == [answered]);
            }
        }
    }
}
