use url::form_urlencoded;

use super::*;
use crate::clients::{AlipayInbox, AlipayNotification};

type Fields = BTreeMap<&'static str, &'static str>;

fn fields() -> Fields {
    BTreeMap::from([
        ("app_id", APP),
        ("charset", "utf-8"),
        ("notify_id", "n-1"),
        ("notify_time", "2026-02-04 00:05:06"),
        ("notify_type", "open_app_auth_notify"),
        ("open_id", "074"),
        ("sign_type", "RSA2"),
        ("title", "通行 100% + 1&2"),
        ("version", "1.0"),
    ])
}

/// `fields` as Alipay sends them, signed over all but `unsigned`.
fn form(fields: &Fields, unsigned: &[&str]) -> Vec<u8> {
    let text: Vec<_> = fields
        .iter()
        .filter(|(name, _)| !unsigned.contains(*name))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    encoded(fields, &ALIPAYS.sign(&text.join("&")))
}

fn encoded(fields: &Fields, sign: &str) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .append_pair("sign", sign)
        .finish()
        .into_bytes()
}

fn open(body: &[u8]) -> Result<AlipayNotification, PlatformError> {
    AlipayInbox::open(&offline(), body)
}

fn forged(body: &[u8]) -> bool {
    matches!(open(body), Err(PlatformError::Forged))
}

#[test]
fn a_notification_opens_whether_or_not_sign_type_is_signed() {
    for unsigned in [&["sign_type"][..], &[]] {
        let opened = open(&form(&fields(), unsigned)).unwrap();
        assert_eq!(opened.key, "n-1");
        assert_eq!(opened.app_id, APP);
        assert_eq!(opened.kind, "open_app_auth_notify");
        assert_eq!(opened.user, Some((AlipayIdKind::OpenId, "074".into())));
    }
}

#[test]
fn a_message_names_its_method_and_its_user_within_its_content() {
    let mut fields = fields();
    fields.remove("notify_type");
    fields.remove("open_id");
    fields.insert("msg_method", "alipay.open.app.members.changed");
    fields.insert("biz_content", r#"{"user_id":"2088","open_id":"074"}"#);
    let opened = open(&form(&fields, &["sign_type"])).unwrap();
    assert_eq!(opened.kind, "alipay.open.app.members.changed");
    assert_eq!(opened.user, Some((AlipayIdKind::UserId, "2088".into())));

    fields.insert("biz_content", "not an object");
    assert_eq!(open(&form(&fields, &["sign_type"])).unwrap().user, None);
}

#[test]
fn every_field_is_under_the_signature() {
    let sign = {
        let form = form(&fields(), &["sign_type"]);
        let pairs = form_urlencoded::parse(&form).into_owned();
        pairs.filter(|(name, _)| name == "sign").last().unwrap().1
    };
    assert!(open(&encoded(&fields(), &sign)).is_ok());
    for name in fields().into_keys() {
        let mut changed = fields();
        changed.insert(name, "x");
        assert!(forged(&encoded(&changed, &sign)), "{name} changed");
        let mut shorter = fields();
        shorter.remove(name);
        assert!(forged(&encoded(&shorter, &sign)), "{name} left out");
    }
    let mut longer = fields();
    longer.insert("zone", "1");
    assert!(forged(&encoded(&longer, &sign)));
}

#[test]
fn what_alipay_signed_for_others_or_without_a_key_is_forged() {
    for (name, value) in [
        ("app_id", "2021000000000002"),
        ("charset", "gbk"),
        ("notify_id", ""),
        ("notify_id", "a b"),
        ("notify_id", "n-1&notify_time=2026-02-04 00:05:06"),
        ("notify_id", "n=1"),
        ("notify_time", "2026-02-01 00:05:06"),
        ("notify_time", "lately"),
        ("notify_type", "open&app"),
        ("utc_timestamp", "1769875506000"),
        ("utc_timestamp", "-99999999999999999999"),
        ("zone&a", "x"),
        ("notify_type", ""),
        ("sign_type", "RSA"),
    ] {
        let mut fields = fields();
        fields.insert(name, value);
        assert!(forged(&form(&fields, &["sign_type"])), "{name}={value}");
    }
    for name in [
        "app_id",
        "charset",
        "notify_id",
        "notify_time",
        "notify_type",
        "sign_type",
    ] {
        let mut fields = fields();
        fields.remove(name);
        assert!(forged(&form(&fields, &["sign_type"])), "without {name}");
    }
}

#[test]
fn a_form_that_says_a_thing_twice_or_nothing_at_all_is_forged() {
    let good = form(&fields(), &["sign_type"]);
    assert!(forged(&[b"notify_id=n-2&", &good[..]].concat()));
    assert!(forged(&[&good[..], b"&notify_id=n-1"].concat()));
    for body in [&b""[..], b"sign=x", b"{}", &[0xff; 16]] {
        assert!(forged(body));
    }
    let mut long = fields();
    long.insert("title", "a".repeat(70_000).leak());
    assert!(forged(&form(&long, &["sign_type"])));
    let text: Vec<_> = fields().iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert!(forged(&encoded(&fields(), &OURS.sign(&text.join("&")))));
}

#[test]
fn fields_cannot_be_moved_into_one_another_under_a_valid_signature() {
    let sign = {
        let form = form(&fields(), &["sign_type"]);
        let pairs = form_urlencoded::parse(&form).into_owned();
        pairs.filter(|(name, _)| name == "sign").last().unwrap().1
    };
    let mut moved = fields();
    let (id, time) = (moved["notify_id"], moved.remove("notify_time").unwrap());
    let both: &str = format!("{id}&notify_time={time}").replace(' ', "+").leak();
    moved.insert("notify_id", both);
    assert!(forged(&encoded(&moved, &sign)));
}

#[test]
fn a_notification_is_good_for_as_long_as_it_is_remembered() {
    let mut late = fields();
    late.insert("notify_time", "2026-02-01 00:05:07");
    assert!(open(&form(&late, &["sign_type"])).is_ok());
    let mut message = fields();
    message.remove("notify_time");
    message.insert("utc_timestamp", "1769875507000");
    assert!(open(&form(&message, &["sign_type"])).is_ok());
}
