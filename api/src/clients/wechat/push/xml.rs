//! XML as JSON, so that a message has one reader.

use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};
use serde_json::{Map, Value};

/// Elements within elements, at the most; WeChat's have four.
const DEPTH: usize = 8;

/// What stands in the one outer element of `text`: elements as members, repeated ones as an array,
/// text as strings. `None` if it is not well-formed, too deep, or brings definitions of its own.
pub(super) fn to_json(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) if root.is_none() && open.len() < DEPTH => {
                open.push(Element::named(tag.name().as_ref()));
            }
            Event::Empty(tag) if open.len() < DEPTH => {
                let empty = Element::named(tag.name().as_ref());
                open.last_mut()?.take_in(empty);
            }
            Event::End(_) => {
                let closed = open.pop()?;
                match open.last_mut() {
                    Some(around) => around.take_in(closed),
                    None => root = Some(closed.into_value()),
                }
            }
            Event::Text(text) => say(&mut open, &text.xml10_content())?,
            Event::CData(text) => say(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref().ok()? {
                Some(character) => say(&mut open, character.encode_utf8(&mut [0; 4]))?,
                None => say(
                    &mut open,
                    resolve_predefined_entity(&reference.xml10_content())?,
                )?,
            },
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return root.filter(|_| open.is_empty()),
            Event::Start(_) | Event::Empty(_) | Event::DocType(_) => return None,
        }
    }
}

/// Text belongs to the innermost open element; outside there may be white space alone.
fn say(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(innermost) => {
            innermost.text.push_str(text);
            Some(())
        }
        None => text.trim().is_empty().then_some(()),
    }
}

struct Element {
    name: String,
    text: String,
    members: Map<String, Value>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            members: Map::new(),
        }
    }

    fn take_in(&mut self, inner: Self) {
        let name = inner.name.clone();
        let value = inner.into_value();
        match self.members.get_mut(&name) {
            None => {
                self.members.insert(name, value);
            }
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }

    fn into_value(self) -> Value {
        if self.members.is_empty() {
            Value::String(self.text)
        } else {
            Value::Object(self.members)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_become_members_and_repeated_ones_an_array() {
        let text = "<?xml version=\"1.0\"?>\n<xml>\n<A><![CDATA[1 < 2]]></A><B>x &amp; &#121;</B>\n\
                    <C><L><T>1</T></L><L><T>2</T></L><L/></C></xml>";
        assert_eq!(
            to_json(text).unwrap(),
            json!({"A": "1 < 2", "B": "x & y", "C": {"L": [{"T": "1"}, {"T": "2"}, ""]}})
        );
    }

    #[test]
    fn what_is_not_well_formed_or_defines_entities_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(9), "</a>".repeat(9));
        let deep_and_empty = format!("{}<a/>{}", "<a>".repeat(8), "</a>".repeat(8));
        assert!(to_json(" <xml></xml>\n<!-- end -->\n").is_some());
        let bomb = "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml>&b;</xml>";
        for text in [
            "",
            "x",
            "<xml>",
            "<xml></wrong>",
            "<xml>&unknown;</xml>",
            "<a/>",
            "<xml></xml>x",
            "<xml></xml><xml></xml>",
            "<xml></xml></xml>",
            "<xml></xml><",
            &deep,
            &deep_and_empty,
            bomb,
        ] {
            assert!(to_json(text).is_none(), "{text}");
        }
    }
}
