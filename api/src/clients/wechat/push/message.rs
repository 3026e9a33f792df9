//! What a push says.

use std::slice;

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::xml;
use crate::{
    clients::{Permission, WeChatEvent, WeChatPush, wechat::answers::text_or_number},
    platform::Secret,
};

/// A message in either format, encrypted or not. Absent texts are empty.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
pub(super) struct Message {
    pub(super) encrypt: Option<String>,
    from_user_name: String,
    #[serde(deserialize_with = "text_or_number")]
    create_time: String,
    msg_type: String,
    event: String,
    /// All the rest. What a member holds is another thing in every kind of push, so it is looked at
    /// once the kind is known.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    template_id: String,
    subscribe_status_string: String,
    #[serde(rename = "MsgID", deserialize_with = "text_or_number")]
    msg_id: String,
    #[serde(deserialize_with = "text_or_number")]
    error_code: String,
    error_status: String,
}

impl Message {
    /// Read JSON or XML.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let text = str::from_utf8(body).ok()?.trim_start();
        let value: Value = if text.starts_with('<') {
            xml::to_json(text)?
        } else {
            serde_json::from_str(text).ok()?
        };
        serde_json::from_value(value).ok()
    }

    /// Whether more is readable than whom it is to.
    pub(super) fn speaks_in_the_clear(&self) -> bool {
        !(self.from_user_name.is_empty() && self.msg_type.is_empty())
    }

    /// The same in the product's words; `None` without a time, or if it is of a kind that the product
    /// has a use for and does not hold what that kind holds.
    pub(super) fn into_push(self, app_id: &str, token: &Secret) -> Option<WeChatPush> {
        let created_at = self.create_time.parse().ok()?;
        Some(WeChatPush {
            key: self.key(app_id, token),
            events: self.events()?,
            created_at,
            openid: Some(self.from_user_name).filter(|openid| !openid.is_empty()),
        })
    }

    fn events(&self) -> Option<Vec<WeChatEvent>> {
        let told: fn(&Entry) -> Option<WeChatEvent> = match (&*self.msg_type, &*self.event) {
            ("event", "subscribe_msg_popup_event") => |entry| entry.answer(false),
            ("event", "subscribe_msg_change_event") => |entry| entry.answer(true),
            ("event", "subscribe_msg_sent_event") => |entry| Some(entry.end()),
            _ => return Some(Vec::new()),
        };
        let entries = self.lists().map(|entry| Entry::deserialize(entry).ok());
        let entries: Option<Vec<_>> = entries.collect();
        let entries = entries?.into_iter();
        Some(
            entries
                .filter(|entry| !entry.template_id.is_empty())
                .filter_map(|entry| told(&entry))
                .collect(),
        )
    }

    /// The entries. In JSON they stand beside the rest, in XML within an element that is named after
    /// the event. One entry is an object, several are an array.
    fn lists(&self) -> impl Iterator<Item = &Value> {
        let nested = [
            "SubscribeMsgPopupEvent",
            "SubscribeMsgChangeEvent",
            "SubscribeMsgSentEvent",
        ]
        .into_iter()
        .filter_map(|name| self.rest.get(name)?.get("List"));
        let lists = self.rest.get("List").into_iter().chain(nested);
        lists.flat_map(|list| match list {
            Value::Array(several) => several.as_slice(),
            one => slice::from_ref(one),
        })
    }

    /// A hash over all that tells one message from another. It is keyed, so that no user is found in
    /// it by trying.
    fn key(&self, app_id: &str, token: &Secret) -> String {
        let head = [
            app_id,
            &self.from_user_name,
            &self.create_time,
            &self.msg_type,
            &self.event,
        ];
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.reveal().as_bytes());
        let text = json!([head, self.rest]).to_string();
        hex::encode(hmac::sign(&key, text.as_bytes()))
    }
}

impl Entry {
    fn answer(&self, by_settings: bool) -> Option<WeChatEvent> {
        let permission = match self.subscribe_status_string.as_str() {
            "accept" => Permission::Accepted,
            "reject" => Permission::Rejected,
            _ => return None,
        };
        Some(WeChatEvent::Permission {
            template_id: self.template_id.clone(),
            permission,
            by_settings,
        })
    }

    fn end(&self) -> WeChatEvent {
        WeChatEvent::Delivered {
            template_id: self.template_id.clone(),
            message_id: Some(self.msg_id.clone()).filter(|id| !id.is_empty()),
            delivered: self.error_code == "0" || self.error_status == "success",
        }
    }
}
