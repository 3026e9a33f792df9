//! A push on the wire, and what counts as an answer to it.

use serde_json::{Value, json};
use url::Url;

use super::event::{Event, write_member};
use crate::config::{PushFormat, PushMode, WechatPush};
use crate::crypto::random;
use crate::outgoing::{Answered, Outgoing};
use crate::wechat::cipher::{PushKey, push_signature};

/// Who pushes what to whom, and how.
pub(super) struct Form<'a> {
    pub(super) app_id: &'a str,
    pub(super) receiver: &'a str,
    pub(super) config: &'a WechatPush,
    pub(super) now_s: i64,
}

/// A push ready to be sent.
pub(super) struct Wire {
    pub(super) call: Outgoing,
    pub(super) body: String,
}

impl Form<'_> {
    /// The message as the mode and the format want it. `None` if URL or key are not usable.
    pub(super) fn write(&self, event: &Event, created_s: i64) -> Option<Wire> {
        let (timestamp, nonce) = (self.now_s.to_string(), nonce());
        let token = self.config.token.as_str();
        let mut url = Url::parse(&self.config.url).ok()?;
        url.query_pairs_mut()
            .append_pair("signature", &push_signature([token, &timestamp, &nonce]))
            .append_pair("timestamp", &timestamp)
            .append_pair("nonce", &nonce)
            .append_pair("openid", &event.openid);
        let sealed = match self.config.mode {
            PushMode::Plaintext => None,
            PushMode::Compatible | PushMode::Secure => {
                let key = PushKey::read(&self.config.encoding_aes_key)?;
                Some(key.seal(&self.clear(event, created_s, None), self.app_id)?)
            }
        };
        if let Some(sealed) = &sealed {
            let parts = [token, &timestamp, &nonce, sealed];
            url.query_pairs_mut()
                .append_pair("encrypt_type", "aes")
                .append_pair("msg_signature", &push_signature(parts));
        }
        let body = match (self.config.mode, &sealed) {
            (PushMode::Secure, Some(sealed)) => self.sealed_only(sealed),
            (_, sealed) => self.clear(event, created_s, sealed.as_deref()),
        };
        let content_type = match self.config.format {
            PushFormat::Json => "application/json",
            PushFormat::Xml => "text/xml",
        };
        let call = Outgoing::post(url, content_type, body.clone());
        Some(Wire { call, body })
    }

    /// The message in the clear, with its encrypted twin beside it if there is one.
    fn clear(&self, event: &Event, created_s: i64, sealed: Option<&str>) -> String {
        match self.config.format {
            PushFormat::Json => {
                let mut message = event.to_json(self.receiver, created_s);
                if let Some(sealed) = sealed {
                    message.insert("Encrypt".to_owned(), sealed.into());
                }
                Value::Object(message).to_string()
            }
            PushFormat::Xml => {
                let mut members = event.to_xml(self.receiver, created_s);
                if let Some(sealed) = sealed {
                    write_member(&mut members, "Encrypt", &sealed.into());
                }
                format!("<xml>{members}</xml>")
            }
        }
    }

    fn sealed_only(&self, sealed: &str) -> String {
        match self.config.format {
            PushFormat::Json => json!({"ToUserName": self.receiver, "Encrypt": sealed}).to_string(),
            PushFormat::Xml => {
                let mut members = String::new();
                write_member(&mut members, "ToUserName", &self.receiver.into());
                write_member(&mut members, "Encrypt", &sealed.into());
                format!("<xml>{members}</xml>")
            }
        }
    }

    /// The call that verifies the URL, and what has to come back.
    pub(super) fn verification(&self) -> Option<(Outgoing, String)> {
        let (timestamp, nonce) = (self.now_s.to_string(), nonce());
        let echo = nonce_of_digits(19);
        let signature = push_signature([&self.config.token, &timestamp, &nonce]);
        let mut url = Url::parse(&self.config.url).ok()?;
        url.query_pairs_mut()
            .append_pair("signature", &signature)
            .append_pair("timestamp", &timestamp)
            .append_pair("nonce", &nonce)
            .append_pair("echostr", &echo);
        Some((Outgoing::get(url), echo))
    }

    /// `success`, nothing, or something encrypted for this app.
    pub(super) fn accepts(&self, answer: &Answered) -> bool {
        if answer.status != 200 {
            return false;
        }
        answer.body.is_empty() || answer.body == "success" || self.opens(&answer.body).is_some()
    }

    fn opens(&self, body: &str) -> Option<String> {
        let json: Option<Value> = serde_json::from_str(body).ok();
        let member = |name: &str| match &json {
            Some(json) => match json.get(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
            None => element(body, name),
        };
        let (sealed, signature) = (member("Encrypt")?, member("MsgSignature")?);
        let (timestamp, nonce) = (member("TimeStamp")?, member("Nonce")?);
        let token = self.config.token.as_str();
        let expected = push_signature([token, &timestamp, &nonce, &sealed]);
        (expected == signature).then_some(())?;
        PushKey::read(&self.config.encoding_aes_key)?.open(&sealed, self.app_id)
    }
}

/// The text of the first element `name`, in a CDATA section or not.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let plain = text
        .strip_prefix("<![CDATA[")
        .and_then(|text| text.strip_suffix("]]>"));
    Some(plain.unwrap_or(text).to_owned())
}

fn nonce() -> String {
    nonce_of_digits(10)
}

fn nonce_of_digits(count: usize) -> String {
    let digits = random::<20>();
    digits
        .iter()
        .take(count)
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}
