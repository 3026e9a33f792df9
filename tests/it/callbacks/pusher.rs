//! WeChat as it pushes, written apart from the code under test.

use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    iv::FixedLength,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use integration_tests::{
    Backend,
    call::{Caller, Reply},
};
use miniapp_mock::dev;
use reqwest::Method;
use serde_json::{Value, json};

/// A push on its way: to whom, with which query, and its body.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) app_id: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What the user `openid` answered for one template, at `at` in Unix seconds.
pub(crate) fn answered(openid: &str, template_id: &str, answer: &str, at: i64) -> Value {
    json!({
        "ToUserName": "gh_0000000000de",
        "FromUserName": openid,
        "CreateTime": at,
        "MsgType": "event",
        "Event": "subscribe_msg_popup_event",
        "List": {"TemplateId": template_id, "SubscribeStatusString": answer, "PopupScene": "0"},
    })
}

/// What became of a message to the user `openid`: `success`, or why it did not arrive.
pub(crate) fn ended(openid: &str, template_id: &str, status: &str, at: i64) -> Value {
    let code = if status == "success" { "0" } else { "-1" };
    json!({
        "ToUserName": "gh_0000000000de",
        "FromUserName": openid,
        "CreateTime": at,
        "MsgType": "event",
        "Event": "subscribe_msg_sent_event",
        "List": {
            "TemplateId": template_id,
            "MsgID": "1864323726461255680",
            "ErrorCode": code,
            "ErrorStatus": status,
        },
    })
}

/// Seconds of the backend's clock.
pub(crate) fn now(backend: &Backend) -> i64 {
    backend.deps.clock.now().timestamp()
}

impl Push {
    /// `message` in secure mode, sent at `at` with a `nonce`.
    pub(crate) fn secure(message: &Value, at: i64, nonce: &str) -> Self {
        Self::sealed_for(dev::WECHAT_APP_ID, message, at, nonce)
    }

    /// The same, with another app named within.
    pub(crate) fn sealed_for(app_id: &str, message: &Value, at: i64, nonce: &str) -> Self {
        let sealed = seal(&message.to_string(), app_id);
        let mut push = Self::signed(at, nonce);
        let over = sha1([dev::WECHAT_PUSH_TOKEN, &at.to_string(), nonce, &sealed]);
        push.query.push(("encrypt_type", "aes".into()));
        push.query.push(("msg_signature", over));
        let outer = json!({"ToUserName": "gh_0000000000de", "Encrypt": sealed});
        push.body = outer.to_string().into();
        push
    }

    /// `message` in plaintext.
    pub(crate) fn plain(message: &Value, at: i64, nonce: &str) -> Self {
        let mut push = Self::signed(at, nonce);
        push.body = message.to_string().into();
        push
    }

    /// The question whether an address is ours.
    pub(crate) fn question(echostr: &str, at: i64) -> Self {
        let mut push = Self::signed(at, "1514711492");
        push.query.push(("echostr", echostr.into()));
        push
    }

    fn signed(at: i64, nonce: &str) -> Self {
        let at = at.to_string();
        let signature = sha1([dev::WECHAT_PUSH_TOKEN, &at, nonce]);
        Self {
            app_id: dev::WECHAT_APP_ID.into(),
            query: vec![
                ("signature", signature),
                ("timestamp", at),
                ("nonce", nonce.into()),
                // Personal, and no business of ours.
                ("openid", "o-in-the-query".into()),
            ],
            body: Vec::new(),
        }
    }

    /// Change what the query says of `name`.
    pub(crate) fn with(mut self, name: &str, change: impl FnOnce(&mut String)) -> Self {
        let (_, value) = self.query.iter_mut().find(|(it, _)| *it == name).unwrap();
        change(value);
        self
    }

    pub(crate) async fn get(&self, from: &Caller) -> Reply {
        Reply::to(self.request(from, Method::GET)).await
    }

    pub(crate) async fn post(&self, to: &Caller) -> Reply {
        let request = self.request(to, Method::POST);
        Reply::to(request.body(self.body.clone())).await
    }

    /// Post it; it must be taken in.
    pub(crate) async fn deliver(&self, to: &Caller) {
        let reply = self.post(to).await;
        assert_eq!(
            reply.status,
            200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        assert_eq!(reply.body, b"success");
        assert!(
            reply.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/plain")
        );
    }

    fn request(&self, caller: &Caller, method: Method) -> reqwest::RequestBuilder {
        let path = format!("/v1/platforms/wechat/{}/push", self.app_id);
        caller.request(method, &path).query(&self.query)
    }
}

fn sha1<const N: usize>(mut parts: [&str; N]) -> String {
    parts.sort_unstable();
    hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes()))
}

fn seal(message: &str, app_id: &str) -> String {
    // The 43rd character holds two bits of the key; what follows them is dropped.
    let most: String = dev::WECHAT_ENCODING_AES_KEY.chars().take(42).collect();
    let whole = format!("{most}A=");
    let mut key = BASE64_STANDARD.decode(whole).unwrap();
    let last = dev::WECHAT_ENCODING_AES_KEY.as_bytes()[42];
    let last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        .iter()
        .position(|letter| *letter == last)
        .unwrap();
    key[31] |= u8::try_from(last >> 2).unwrap();
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
    BASE64_STANDARD.encode(bytes)
}
