//! Times in files: RFC 3339 with an offset, to the microsecond.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The time that `text` says. Without an offset it says none.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    usual(text.as_bytes()).or_else(|| {
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        // No store has leap seconds: what lies in one is said to lie in the next.
        DateTime::from_timestamp_micros(at.timestamp_micros())
    })
}

/// `2026-03-02T12:00:00Z` or `2026-03-02T12:00:00+08:00`: nearly all there are, and several times
/// quicker read like this.
fn usual(text: &[u8]) -> Option<DateTime<Utc>> {
    let (
        [
            y1,
            y2,
            y3,
            y4,
            b'-',
            mo1,
            mo2,
            b'-',
            d1,
            d2,
            b'T',
            h1,
            h2,
            b':',
            mi1,
            mi2,
            b':',
            s1,
            s2,
        ],
        offset,
    ) = text.split_first_chunk()?
    else {
        return None;
    };
    let year = two(*y1, *y2)? * 100 + two(*y3, *y4)?;
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, two(*mo1, *mo2)?, two(*d1, *d2)?)?;
    let time = NaiveTime::from_hms_opt(two(*h1, *h2)?, two(*mi1, *mi2)?, two(*s1, *s2)?)?;
    let offset = match offset {
        b"Z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(*h1, *h2)?, two(*m1, *m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i64::from(hours * 3600 + minutes * 60);
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    let local = date.and_time(time).and_utc();
    local.checked_sub_signed(TimeDelta::seconds(offset))
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_without_an_offset_is_none() {
        for text in [
            "2026-03-02T12:00:00",
            "2026-03-02 12:00:00",
            "2026-03-02",
            "",
            "2026-02-30T12:00:00Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T12:00:00+8:00",
            "2026-03-02T12:00:00+24:00",
            "1772424000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_cut_to_what_every_store_keeps() {
        let at = parse("2026-03-02T12:00:00.1234567+08:00").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-03-02T04:00:00.123456+00:00");
    }

    #[test]
    fn a_leap_second_is_the_next_one() {
        for (text, expected) in [
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
            (
                "2017-01-01T07:59:60.25+08:00",
                "2017-01-01T00:00:00.250+00:00",
            ),
        ] {
            let at = parse(text).unwrap();
            assert_eq!(at.to_rfc3339(), expected);
            assert_eq!(
                DateTime::from_timestamp_micros(at.timestamp_micros()),
                Some(at)
            );
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_says_what_chrono_says(
            seconds in 0_i64..4_102_444_800,
            offset in -12_i32..14,
        ) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let zone = chrono::FixedOffset::east_opt(offset * 3600 + 1800).unwrap();
            for text in [at.with_timezone(&zone).to_rfc3339(), format!("{}", at.format("%FT%TZ"))] {
                prop_assert_eq!(usual(text.as_bytes()), Some(at));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9T:Z+.-]{0,30}") {
            let _ = parse(&text);
        }
    }
}
