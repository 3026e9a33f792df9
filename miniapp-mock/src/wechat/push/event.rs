//! What is pushed, in both formats.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// A message to the app's server, without receiver and time.
#[derive(Clone)]
pub(crate) struct Event {
    /// The user that it is about.
    pub(super) openid: String,
    pub(super) name: String,
    content: Content,
}

#[derive(Clone)]
enum Content {
    /// Entries, which stand within this element in XML.
    Entries(&'static str, Vec<Value>),
    /// Members of any kind.
    Members(Map<String, Value>),
}

impl Event {
    /// The user answered a question.
    pub(crate) fn popup(openid: &str, answers: &[(String, bool)]) -> Self {
        let entries = answers.iter().map(|(template_id, accept)| {
            json!({"TemplateId": template_id, "SubscribeStatusString": word(*accept),
                "PopupScene": "0"})
        });
        Self::of(
            openid,
            "subscribe_msg_popup_event",
            "SubscribeMsgPopupEvent",
            entries.collect(),
        )
    }

    /// The user changed an answer in the settings.
    pub(crate) fn change(openid: &str, template_id: &str, accept: bool) -> Self {
        let entry = json!({"TemplateId": template_id, "SubscribeStatusString": word(accept)});
        Self::of(
            openid,
            "subscribe_msg_change_event",
            "SubscribeMsgChangeEvent",
            vec![entry],
        )
    }

    /// A message reached the user.
    pub(crate) fn sent(openid: &str, template_id: &str, message_id: &str) -> Self {
        let entry = json!({"TemplateId": template_id, "MsgID": message_id, "ErrorCode": "0",
            "ErrorStatus": "success"});
        Self::of(
            openid,
            "subscribe_msg_sent_event",
            "SubscribeMsgSentEvent",
            vec![entry],
        )
    }

    /// Any event, with members of the caller's own.
    pub(crate) fn other(openid: &str, name: &str, members: Map<String, Value>) -> Self {
        Self {
            openid: openid.to_owned(),
            name: name.to_owned(),
            content: Content::Members(members),
        }
    }

    fn of(openid: &str, name: &str, element: &'static str, entries: Vec<Value>) -> Self {
        Self {
            openid: openid.to_owned(),
            name: name.to_owned(),
            content: Content::Entries(element, entries),
        }
    }

    /// One entry is an object, several are an array.
    pub(super) fn to_json(&self, receiver: &str, at_s: i64) -> Map<String, Value> {
        let mut message = Map::new();
        message.insert("ToUserName".to_owned(), receiver.into());
        message.insert("FromUserName".to_owned(), self.openid.as_str().into());
        message.insert("CreateTime".to_owned(), at_s.into());
        message.insert("MsgType".to_owned(), "event".into());
        message.insert("Event".to_owned(), self.name.as_str().into());
        match &self.content {
            Content::Entries(_, entries) => {
                let list = match entries.as_slice() {
                    [one] => one.clone(),
                    several => Value::from(several),
                };
                message.insert("List".to_owned(), list);
            }
            Content::Members(members) => message.extend(members.clone()),
        }
        message
    }

    /// The members of the `xml` element.
    pub(super) fn to_xml(&self, receiver: &str, at_s: i64) -> String {
        let mut xml = String::new();
        write_member(&mut xml, "ToUserName", &receiver.into());
        write_member(&mut xml, "FromUserName", &self.openid.as_str().into());
        write_member(&mut xml, "CreateTime", &at_s.into());
        write_member(&mut xml, "MsgType", &"event".into());
        write_member(&mut xml, "Event", &self.name.as_str().into());
        match &self.content {
            Content::Entries(element, entries) => {
                let list = json!({"List": entries});
                write_member(&mut xml, element, &list);
            }
            Content::Members(members) => {
                for (name, value) in members {
                    write_member(&mut xml, name, value);
                }
            }
        }
        xml
    }
}

fn word(accept: bool) -> &'static str {
    if accept { "accept" } else { "reject" }
}

/// Texts stand in CDATA sections, arrays are repeated elements.
pub(super) fn write_member(xml: &mut String, name: &str, value: &Value) {
    // Writing to a string does not fail.
    let _ = match value {
        Value::Array(several) => {
            for one in several {
                write_member(xml, name, one);
            }
            Ok(())
        }
        Value::Object(members) => {
            let mut inner = String::new();
            for (name, value) in members {
                write_member(&mut inner, name, value);
            }
            write!(xml, "<{name}>{inner}</{name}>")
        }
        Value::String(text) => {
            let text = text.replace("]]>", "]]]]><![CDATA[>");
            write!(xml, "<{name}><![CDATA[{text}]]></{name}>")
        }
        other => write!(xml, "<{name}>{other}</{name}>"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_an_object_and_several_are_an_array() {
        let one = [("t1".to_owned(), true)];
        let two = [("t1".to_owned(), true), ("t2".to_owned(), false)];
        let json = Event::popup("o1", &one).to_json("gh_1", 7);
        assert_eq!(json["List"]["SubscribeStatusString"], "accept");
        assert_eq!(json["CreateTime"], 7);
        let json = Event::popup("o1", &two).to_json("gh_1", 7);
        assert_eq!(json["List"][1]["SubscribeStatusString"], "reject");
    }

    #[test]
    fn in_xml_entries_repeat_within_the_events_element() {
        let two = [("t1".to_owned(), true), ("t]]>2".to_owned(), false)];
        let xml = Event::popup("o1", &two).to_xml("gh_1", 7);
        assert!(xml.contains("<CreateTime>7</CreateTime>"), "{xml}");
        assert!(
            xml.contains(
                "<SubscribeMsgPopupEvent><List><PopupScene><![CDATA[0]]></PopupScene>\
                 <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>"
            ),
            "{xml}"
        );
        assert_eq!(xml.matches("<List>").count(), 2);
        assert!(xml.contains("<![CDATA[t]]]]><![CDATA[>2]]>"), "{xml}");
    }
}
