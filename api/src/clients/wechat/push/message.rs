//! What a push says.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::Value;

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
    #[serde(deserialize_with = "text_or_number")]
    msg_id: String,
    /// In JSON the entries stand beside the rest.
    list: Entries,
    /// In XML they stand within an element that is named after the event.
    subscribe_msg_popup_event: Nested,
    subscribe_msg_change_event: Nested,
    subscribe_msg_sent_event: Nested,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Nested {
    list: Entries,
}

/// One entry is an object, several are an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entries {
    Several(Vec<Entry>),
    One(Box<Entry>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Entries {
    fn as_slice(&self) -> &[Entry] {
        match self {
            Self::Several(entries) => entries,
            Self::One(entry) => std::slice::from_ref(entry),
        }
    }
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

    /// The same in the product's words; `None` without a time.
    pub(super) fn into_push(self, app_id: &str, token: &Secret) -> Option<WeChatPush> {
        let created_at = self.create_time.parse().ok()?;
        Some(WeChatPush {
            key: self.key(app_id, token),
            events: self.events(),
            created_at,
            openid: Some(self.from_user_name).filter(|openid| !openid.is_empty()),
        })
    }

    fn events(&self) -> Vec<WeChatEvent> {
        if self.msg_type != "event" {
            return Vec::new();
        }
        let entries = self.entries().filter(|entry| !entry.template_id.is_empty());
        match self.event.as_str() {
            "subscribe_msg_popup_event" => entries.filter_map(|it| it.answer(false)).collect(),
            "subscribe_msg_change_event" => entries.filter_map(|it| it.answer(true)).collect(),
            "subscribe_msg_sent_event" => entries.map(Entry::end).collect(),
            _ => Vec::new(),
        }
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        [
            &self.list,
            &self.subscribe_msg_popup_event.list,
            &self.subscribe_msg_change_event.list,
            &self.subscribe_msg_sent_event.list,
        ]
        .into_iter()
        .flat_map(Entries::as_slice)
    }

    /// A hash over all that tells one message from another. It is keyed, so that no user is found in
    /// it by trying.
    fn key(&self, app_id: &str, token: &Secret) -> String {
        let mut parts = vec![
            app_id,
            &self.from_user_name,
            &self.create_time,
            &self.msg_type,
            &self.event,
            &self.msg_id,
        ];
        for entry in self.entries() {
            parts.extend([
                entry.template_id.as_str(),
                &entry.subscribe_status_string,
                &entry.msg_id,
                &entry.error_code,
            ]);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, token.reveal().as_bytes());
        let text = Value::from(parts).to_string();
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
