//! What platforms take as the value of a template's key.

use chrono::NaiveDate;
use entity::values::TemplateChannel;

/// Characters of a variable at Aliyun and at Tencent Cloud.
const LONGEST_ALIYUN: usize = 35;
const LONGEST_TENCENT: usize = 12;

/// A kind of key in a template of WeChat's: `thing1` is of the kind `thing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Thing,
    Number,
    Letter,
    Symbol,
    CharacterString,
    Time,
    Date,
    Amount,
    PhoneNumber,
    CarNumber,
    Name,
    Phrase,
    Enumeration,
}

/// Whether `channel` has keys that look like `key`.
#[must_use]
pub(super) fn is_key(channel: TemplateChannel, key: &str) -> bool {
    match channel {
        TemplateChannel::Wechat => kind_of(key).is_some(),
        TemplateChannel::Alipay => is_numbered(key, "keyword"),
        TemplateChannel::Aliyun | TemplateChannel::Tencent => is_word(key),
    }
}

/// Whether keys of this look take one of the values that the template lists.
#[must_use]
pub(super) fn is_enumeration(channel: TemplateChannel, key: &str) -> bool {
    channel == TemplateChannel::Wechat && kind_of(key) == Some(Kind::Enumeration)
}

/// Whether `channel` takes `value` for `key`, where the template lists `one_of`.
#[must_use]
pub(super) fn takes(channel: TemplateChannel, key: &str, value: &str, one_of: &[String]) -> bool {
    let length = value.chars().count();
    let plain = !value.trim().is_empty() && !value.chars().any(char::is_control);
    plain
        && match channel {
            TemplateChannel::Wechat => {
                kind_of(key).is_some_and(|kind| wechat_takes(kind, value, length, one_of))
            }
            TemplateChannel::Alipay => true,
            TemplateChannel::Aliyun => length <= LONGEST_ALIYUN,
            TemplateChannel::Tencent => length <= LONGEST_TENCENT,
        }
}

fn wechat_takes(kind: Kind, value: &str, length: usize, one_of: &[String]) -> bool {
    let all = |test: fn(char) -> bool| value.chars().all(test);
    match kind {
        Kind::Thing => length <= 20,
        Kind::Number => length <= 32 && is_decimal(value),
        Kind::Letter => length <= 32 && all(|c| c.is_ascii_alphabetic()),
        Kind::Symbol => length <= 5 && all(|c| c.is_ascii_punctuation()),
        Kind::CharacterString => length <= 32 && all(|c| c.is_ascii_graphic()),
        Kind::Time => is_span(value, |part| is_clock(part) || is_moment(part)),
        Kind::Date => is_span(value, |part| is_day(part) || is_moment(part)),
        Kind::Amount => is_amount(value),
        Kind::PhoneNumber => {
            length <= 17 && all(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
        }
        Kind::CarNumber => length <= 8 && is_plate(value),
        Kind::Name => {
            length <= 10 && all(is_han) || length <= 20 && all(|c| c.is_ascii_alphabetic())
        }
        Kind::Phrase => length <= 5 && all(is_han),
        Kind::Enumeration => one_of.iter().any(|listed| listed == value),
    }
}

fn kind_of(key: &str) -> Option<Kind> {
    const KINDS: [(&str, Kind); 14] = [
        ("thing", Kind::Thing),
        ("number", Kind::Number),
        ("letter", Kind::Letter),
        ("symbol", Kind::Symbol),
        ("character_string", Kind::CharacterString),
        ("time", Kind::Time),
        ("date", Kind::Date),
        ("amount", Kind::Amount),
        ("phone_number", Kind::PhoneNumber),
        ("car_number", Kind::CarNumber),
        ("name", Kind::Name),
        ("phrase", Kind::Phrase),
        ("enum", Kind::Enumeration),
        ("enum_string", Kind::Enumeration),
    ];
    KINDS
        .into_iter()
        .find(|(name, _)| is_numbered(key, name))
        .map(|(_, kind)| kind)
}

/// `thing1`, `thing12`.
fn is_numbered(key: &str, name: &str) -> bool {
    key.strip_prefix(name).is_some_and(|number| {
        matches!(number.len(), 1..=3)
            && number.bytes().all(|b| b.is_ascii_digit())
            && !number.starts_with('0')
    })
}

fn is_word(key: &str) -> bool {
    key.len() <= 32
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_decimal(value: &str) -> bool {
    match value.split_once('.') {
        None => is_digits(value),
        Some((whole, part)) => is_digits(whole) && is_digits(part),
    }
}

/// One, or two with `~` between them.
fn is_span(value: &str, is_part: impl Fn(&str) -> bool) -> bool {
    match value.split_once('~') {
        None => is_part(value),
        Some((from, until)) => is_part(from) && is_part(until),
    }
}

/// `15:01`.
fn is_clock(text: &str) -> bool {
    text.split_once(':').is_some_and(|(hour, minute)| {
        number(hour, 1..=2).is_some_and(|hour| hour < 24)
            && number(minute, 2..=2).is_some_and(|minute| minute < 60)
    })
}

/// `2019年10月1日`.
fn is_day(text: &str) -> bool {
    let read = || {
        let (year, rest) = text.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        let day = rest.strip_suffix('日')?;
        let year = i32::try_from(number(year, 4..=4)?).ok()?;
        NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
    };
    read().is_some()
}

/// `2019年10月1日 15:01`.
fn is_moment(text: &str) -> bool {
    text.split_once(' ')
        .is_some_and(|(day, clock)| is_day(day) && is_clock(clock))
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    (digits.contains(&text.len()) && is_digits(text))
        .then(|| text.parse().ok())
        .flatten()
}

/// `¥100`, `$100元`.
fn is_amount(value: &str) -> bool {
    value
        .strip_prefix(['¥', '￥', '$', '€', '£'])
        .map(|rest| rest.strip_suffix('元').unwrap_or(rest))
        .is_some_and(|digits| is_digits(digits) && digits.len() <= 10)
}

/// First and last may be Chinese: `粤A8Z888挂`.
fn is_plate(value: &str) -> bool {
    let last = value.chars().count().saturating_sub(1);
    value
        .chars()
        .enumerate()
        .all(|(at, c)| c.is_ascii_alphanumeric() || (at == 0 || at == last) && is_han(c))
}

/// A Chinese character of the basic block.
fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wechat(key: &str, value: &str) -> bool {
        let listed = ["红码".to_owned()];
        takes(TemplateChannel::Wechat, key, value, &listed)
    }

    #[test]
    fn wechat_takes_what_its_table_says() {
        let longest = "行".repeat(20);
        let digits = "1".repeat(32);
        for (key, value) in [
            ("thing1", longest.as_str()),
            ("thing1", "Hello, 世界 🙂"),
            ("number1", "12.50"),
            ("number1", &digits),
            ("letter1", "abcXYZ"),
            ("symbol1", "+-*/!"),
            ("character_string1", "A-1_2:3"),
            ("time1", "15:01"),
            ("time1", "2019年10月1日 15:01"),
            ("time1", "8:00~21:00"),
            ("date1", "2019年10月1日"),
            ("date1", "2019年10月1日 15:01~2019年10月2日 15:01"),
            ("amount1", "¥100"),
            ("amount1", "￥1000000000元"),
            ("phone_number1", "+86-0766-66888866"),
            ("car_number1", "粤A8Z888挂"),
            ("name1", "欧阳修文"),
            ("name1", "Ouyang"),
            ("phrase1", "配送中"),
            ("enum1", "红码"),
            ("enum_string12", "红码"),
        ] {
            assert!(wechat(key, value), "{key}: {value}");
        }
    }

    #[test]
    fn wechat_takes_nothing_else() {
        let long = |text: &str, times| text.repeat(times);
        for (key, value) in [
            ("thing1", long("行", 21)),
            ("thing1", String::new()),
            ("thing1", "  ".into()),
            ("thing1", "a\nb".into()),
            ("number1", long("1", 33)),
            ("number1", "1.2.3".into()),
            ("number1", "1.".into()),
            ("number1", "一".into()),
            ("letter1", long("a", 33)),
            ("letter1", "a1".into()),
            ("symbol1", "+-*/!?".into()),
            ("symbol1", "a".into()),
            ("character_string1", long("a", 33)),
            ("character_string1", "张".into()),
            ("character_string1", "a b".into()),
            ("time1", "24:00".into()),
            ("time1", "15:60".into()),
            ("time1", "2019-10-01 15:01".into()),
            ("time1", "2019年10月1日".into()),
            ("date1", "2019年2月29日".into()),
            ("date1", "2019年10月1日~".into()),
            ("date1", "15:01".into()),
            ("amount1", "100".into()),
            ("amount1", "¥10000000000".into()),
            ("phone_number1", long("1", 18)),
            ("phone_number1", "张".into()),
            ("car_number1", "粤A8Z8888挂".into()),
            ("car_number1", "粤粤8Z888".into()),
            ("name1", long("张", 11)),
            ("name1", long("a", 21)),
            ("name1", "张*三".into()),
            ("phrase1", "正在配送之中".into()),
            ("phrase1", "abc".into()),
            ("enum1", "黄码".into()),
            ("thing", "行".into()),
            ("thing01", "行".into()),
            ("other1", "行".into()),
        ] {
            assert!(!wechat(key, &value), "{key}: {value}");
        }
    }

    #[test]
    fn alipay_has_keywords_and_gateways_have_short_variables() {
        assert!(is_key(TemplateChannel::Alipay, "keyword1"));
        assert!(!is_key(TemplateChannel::Alipay, "thing1"));
        assert!(is_key(TemplateChannel::Aliyun, "code"));
        assert!(!is_key(TemplateChannel::Aliyun, "1code"));
        assert!(!is_key(TemplateChannel::Tencent, "a b"));
        for (gateway, longest) in [
            (TemplateChannel::Aliyun, LONGEST_ALIYUN),
            (TemplateChannel::Tencent, LONGEST_TENCENT),
        ] {
            assert!(takes(gateway, "code", &"行".repeat(longest), &[]));
            assert!(!takes(gateway, "code", &"行".repeat(longest + 1), &[]));
        }
    }
}
