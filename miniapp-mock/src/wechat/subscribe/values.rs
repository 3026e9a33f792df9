//! What may stand in a template, by the kind of its key. Lengths count characters, not bytes.

/// Whether `value` may stand under `key`: `thing1`, `time2`. `choices` are those of an `enum`.
pub(super) fn fits(key: &str, value: &str, choices: &[String]) -> bool {
    let length = value.chars().count();
    let all = |test: fn(char) -> bool| value.chars().all(test);
    match key.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "thing" => length <= 20,
        "number" => length <= 32 && is_number(value),
        "letter" => length <= 32 && all(|c| c.is_ascii_alphabetic()),
        "symbol" => length <= 5 && all(is_symbol),
        "character_string" => length <= 32 && all(|c| c.is_ascii_alphanumeric() || is_symbol(c)),
        "time" => each_end(value, is_time),
        "date" => each_end(value, is_date),
        "amount" => is_amount(value),
        "phone_number" => length <= 17 && all(|c| c.is_ascii_digit() || is_symbol(c)),
        "car_number" => length <= 8 && is_plate(value),
        "name" => is_name(value),
        "phrase" => length <= 5 && all(is_chinese),
        "enum" | "enum_string" => choices.iter().any(|choice| choice == value),
        _ => false,
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_symbol(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_digits(whole) && is_digits(fraction)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One point, or a span from one to another.
fn each_end(text: &str, point: fn(&str) -> bool) -> bool {
    match text.split_once('~') {
        Some((from, until)) => point(from.trim()) && point(until.trim()),
        None => point(text),
    }
}

/// `15:01`, or a day before it.
fn is_time(text: &str) -> bool {
    match text.split_once(' ') {
        Some((day, clock)) => is_day(day) && is_clock(clock),
        None => is_clock(text),
    }
}

/// `2019年10月1日`, or a time after it.
fn is_date(text: &str) -> bool {
    match text.split_once(' ') {
        Some((day, clock)) => is_day(day) && is_clock(clock),
        None => is_day(text),
    }
}

fn is_clock(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: &str, bound: u8| {
        (1..=2).contains(&part.len())
            && is_digits(part)
            && part.parse::<u8>().is_ok_and(|number| number < bound)
    };
    match parts.as_slice() {
        [hour, minute] => below(hour, 24) && below(minute, 60),
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 60),
        _ => false,
    }
}

fn is_day(text: &str) -> bool {
    let day = || {
        let (year, rest) = text.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        let day = rest.strip_suffix('日')?;
        let year = (year.len() == 4).then(|| year.parse().ok())??;
        chrono::NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
    };
    day().is_some()
}

/// A currency sign or none, up to ten digits, and perhaps 元.
fn is_amount(text: &str) -> bool {
    let text = text.strip_suffix('元').unwrap_or(text);
    let text = text
        .strip_prefix(['¥', '￥', '$', '€', '£'])
        .unwrap_or(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    is_number(text) && digits <= 10
}

fn is_plate(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let Some((first, rest)) = letters.split_first() else {
        return false;
    };
    let (middle, last) = rest.split_at(rest.len().saturating_sub(1));
    let end = |c: &char| c.is_ascii_alphanumeric() || is_chinese(*c);
    end(first) && last.iter().all(end) && middle.iter().all(char::is_ascii_alphanumeric)
}

/// Ten characters of Chinese, or twenty letters.
fn is_name(text: &str) -> bool {
    let length = text.chars().count();
    let latin = |c: char| c.is_ascii_alphabetic() || c == ' ' || is_symbol(c);
    if text.chars().all(latin) {
        return length <= 20;
    }
    length <= 10 && text.chars().all(|c| is_chinese(c) || is_symbol(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_what_wechat_says_and_no_more() {
        let cases: [(&str, &[&str], &[&str]); 13] = [
            (
                "thing1",
                &[
                    "一二三四五六七八九十一二三四五六七八九十",
                    "a b",
                    "健康码🙂",
                ],
                &["一二三四五六七八九十一二三四五六七八九十一"],
            ),
            (
                "number12",
                &["1", "3.14", "12345678901234567890123456789012"],
                &[
                    "1.2.3",
                    "-1",
                    "一",
                    ".",
                    "123456789012345678901234567890123",
                ],
            ),
            ("letter1", &["abcXYZ"], &["a1", "a b", "字"]),
            ("symbol1", &["#!", "！"], &["a", "######"]),
            (
                "character_string1",
                &["A-1/2#", "12345678901234567890123456789012"],
                &["字", "a b", "123456789012345678901234567890123"],
            ),
            (
                "time1",
                &[
                    "15:01",
                    "2019年10月1日 15:01",
                    "15:01~16:30",
                    "2019年10月1日 15:01~2019年10月2日 9:00",
                ],
                &[
                    "24:00",
                    "15:60",
                    "2019-10-01",
                    "下午3点",
                    "15:01~",
                    "2019年13月1日 15:01",
                ],
            ),
            (
                "date2",
                &[
                    "2019年10月1日",
                    "2019年10月1日 15:01",
                    "2019年10月1日~2019年10月2日",
                ],
                &["2019-10-01", "10月1日", "2019年2月30日", "15:01"],
            ),
            (
                "amount1",
                &["100", "¥100.50", "100元", "￥1234567890元"],
                &["12345678901", "¥¥1", "百元", "元"],
            ),
            (
                "phone_number1",
                &["+86-0766-66888866", "13800138000"],
                &["1380013800a", "123456789012345678"],
            ),
            (
                "car_number1",
                &["粤A8Z888挂", "京A12345"],
                &["粤A8粤888", "粤A8Z8888挂", "A-1"],
            ),
            (
                "name1",
                &[
                    "张三",
                    "阿卜杜拉·买买提",
                    "John Smith",
                    "abcdefghijklmnopqrst",
                ],
                &["一二三四五六七八九十一", "abcdefghijklmnopqrstu", "张3"],
            ),
            (
                "phrase1",
                &["已通过", "一二三四五"],
                &["一二三四五六", "ok", "通过!"],
            ),
            ("enum1", &["绿码", "red"], &["黄码"]),
        ];
        let choices = ["绿码".to_owned(), "red".to_owned()];
        for (key, good, bad) in cases {
            for value in good {
                assert!(fits(key, value, &choices), "{key} {value}");
            }
            for value in bad {
                assert!(!fits(key, value, &choices), "{key} {value}");
            }
        }
        assert!(!fits("unknown1", "x", &[]));
    }
}
