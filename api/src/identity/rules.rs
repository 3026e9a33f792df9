//! Pure decisions about codes, consents, sessions and tokens.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Dependants that one person acts for, at the most (L6).
pub(super) const MOST_DEPENDANTS: u64 = 5;

/// Whether somebody born on `born` is a child on `today`: younger than 18 (Civil Code, article 17).
pub(super) fn is_child(born: NaiveDate, today: NaiveDate) -> bool {
    today.years_since(born).unwrap_or_default() < 18
}

/// Whether somebody born on `born` is an elder on `today`: 60 or older (Law on the Protection of the Rights and
/// Interests of the Elderly, article 2).
pub(super) fn is_elder(born: NaiveDate, today: NaiveDate) -> bool {
    today.years_since(born).unwrap_or_default() >= 60
}

/// How far another instance's clock may be ahead of ours.
pub(super) const SKEW: TimeDelta = TimeDelta::seconds(5);

/// Longest life of an access token, whatever is configured (S7).
pub(super) const LONGEST_ACCESS: TimeDelta = TimeDelta::minutes(15);

/// A number that nobody logged in with for this long may have gone to another subscriber (S11).
pub(super) const UNSEEN: TimeDelta = TimeDelta::days(90);

/// Whether the subscriber may be another than the one last seen then.
pub(super) fn may_be_recycled(now: DateTime<Utc>, last_seen: DateTime<Utc>) -> bool {
    now >= last_seen + UNSEEN
}

/// The six digits of a one-time code, zeros included.
pub(super) fn code_text(drawn: u32) -> String {
    format!("{:06}", drawn % 1_000_000)
}

/// What a stored one-time code is the keyed digest of: it is good for one request and one number.
pub(super) fn bound_code(request: &str, phone: &str, code: &str) -> String {
    format!("{request}|{phone}|{code}")
}

/// Seconds until another code may be asked for: the shortest window that admits one.
pub(super) fn resend_after(per_number: impl Iterator<Item = (u32, u64)>) -> u64 {
    per_number
        .filter(|(count, _)| *count == 1)
        .map(|(_, seconds)| seconds)
        .min()
        .unwrap_or(0)
}

/// When a session or a token of it ends: `life` from now, but not after the session itself.
pub(super) fn ends_within(
    now: DateTime<Utc>,
    life: TimeDelta,
    session_ends: DateTime<Utc>,
) -> DateTime<Utc> {
    (now + life.min(LONGEST_ACCESS)).min(session_ends)
}

/// Whether a session goes on at `now`.
pub(super) fn goes_on(
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    refreshed_at: DateTime<Utc>,
    idle: TimeDelta,
) -> bool {
    now < expires_at && now < refreshed_at + idle
}

/// What a refresh token that was used before means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UsedAgain {
    /// The answer was lost on the way: give it again.
    LostAnswer,
    /// Somebody else has the token.
    Theft,
}

/// Judge a token that was used `ago`, by the device that used it or by another (S8).
pub(super) fn used_again(ago: TimeDelta, same_device: bool, replay: TimeDelta) -> UsedAgain {
    if same_device && ago <= replay {
        UsedAgain::LostAnswer
    } else {
        UsedAgain::Theft
    }
}

/// Whether the times in an access token are possible, and it is good at `now` (S7).
pub(super) fn times_hold(issued: i64, expires: i64, now: DateTime<Utc>) -> bool {
    let now = now.timestamp();
    issued <= now + SKEW.num_seconds()
        && now < expires
        && issued < expires
        && expires.saturating_sub(issued) <= LONGEST_ACCESS.num_seconds()
}

/// A configured number of seconds as a difference between times: a century at the most, so that
/// adding it to a time does not overflow.
pub(super) fn seconds(count: u64) -> TimeDelta {
    const CENTURY: u32 = 3_155_760_000;
    TimeDelta::seconds(u32::try_from(count).unwrap_or(CENTURY).min(CENTURY).into())
}

/// How long the store keeps what concerns access tokens: their life, and a minute.
pub(super) fn kept_for(access_token_seconds: u64) -> Duration {
    Duration::from_secs(access_token_seconds.saturating_add(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_a_child_until_the_day_of_eighteen_and_an_elder_from_that_of_sixty() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2026-03-02");
        for (born, child, elder) in [
            ("2008-03-03", true, false),
            ("2008-03-02", false, false),
            ("1966-03-03", false, false),
            ("1966-03-02", false, true),
            ("2026-03-02", true, false),
        ] {
            assert_eq!(is_child(day(born), today), child, "{born}");
            assert_eq!(is_elder(day(born), today), elder, "{born}");
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn codes_have_six_digits() {
        assert_eq!(code_text(7), "000007");
        assert_eq!(code_text(999_999), "999999");
    }

    #[test]
    fn the_next_code_waits_for_the_shortest_window_that_admits_one() {
        let limits = [(1, 60), (5, 3600), (1, 90)];
        assert_eq!(resend_after(limits.into_iter()), 60);
        assert_eq!(resend_after([(5, 3600)].into_iter()), 0);
    }

    #[test]
    fn an_access_token_ends_with_its_session_and_within_a_quarter_of_an_hour() {
        let ends = |life, session| {
            (ends_within(at(0), TimeDelta::seconds(life), at(session)) - at(0)).num_seconds()
        };
        assert_eq!(ends(600, 10_000), 600);
        assert_eq!(ends(86_400, 10_000), 900);
        assert_eq!(ends(600, 60), 60);
    }

    #[test]
    fn a_session_ends_at_its_end_and_when_it_idles() {
        let idle = TimeDelta::seconds(14);
        assert!(goes_on(at(13), at(30), at(0), idle));
        assert!(!goes_on(at(14), at(30), at(0), idle));
        assert!(goes_on(at(29), at(30), at(20), idle));
        assert!(!goes_on(at(30), at(30), at(20), idle));
    }

    #[test]
    fn a_used_token_is_forgiven_to_its_device_for_a_moment() {
        let replay = TimeDelta::seconds(10);
        for (ago, same, expected) in [
            (0, true, UsedAgain::LostAnswer),
            (10, true, UsedAgain::LostAnswer),
            (11, true, UsedAgain::Theft),
            (0, false, UsedAgain::Theft),
        ] {
            assert_eq!(used_again(TimeDelta::seconds(ago), same, replay), expected);
        }
    }

    #[test]
    fn a_token_with_impossible_times_is_not_good() {
        let now = at(1_000);
        assert!(times_hold(1_000, 1_900, now));
        assert!(times_hold(1_005, 1_900, now), "another clock is ahead");
        assert!(!times_hold(1_006, 1_900, now), "from the future");
        assert!(!times_hold(100, 1_000, now), "over");
        assert!(!times_hold(1_000, 1_901, now), "too long");
        assert!(!times_hold(i64::MIN, i64::MAX, now));
    }

    #[test]
    fn a_number_may_have_gone_to_another_subscriber_after_ninety_days() {
        let day = 86_400;
        assert!(!may_be_recycled(at(90 * day - 1), at(0)));
        assert!(may_be_recycled(at(90 * day), at(0)));
    }

    #[test]
    fn absurd_settings_do_not_overflow() {
        assert!(at(0) + seconds(u64::MAX) > at(0));
    }
}
