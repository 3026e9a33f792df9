//! Which day and window a visit falls into, and which can be written down at all.

pub(super) mod tree;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};

use crate::platform::clock::{CHINA, local_date};

/// How far a clock at a door may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// The window since 1970 that `at` falls into. Two visits within one `window` of each other fall into
/// the same or into neighbouring ones.
#[must_use]
pub(super) fn slot(at: DateTime<Utc>, window: TimeDelta) -> i32 {
    let windows = at.timestamp().div_euclid(window.num_seconds().max(1));
    i32::try_from(windows).unwrap_or(i32::MAX)
}

/// Whether another visit within `window` of `at` may be one of another local day.
#[must_use]
pub(super) fn is_near_midnight(at: DateTime<Utc>, window: TimeDelta) -> bool {
    local_date(at - window) != local_date(at + window)
}

/// The local hour of `at`.
#[must_use]
pub(super) fn hour(at: DateTime<Utc>) -> i16 {
    i16::try_from(at.with_timezone(&CHINA).hour()).unwrap_or_default()
}

/// Why a visit is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untimely {
    /// It has not happened yet.
    Ahead,
    /// What was written down of its day has been deleted.
    Past,
}

/// Whether a visit `at` a time can be written down at `now`, where days are kept for `kept`.
pub(super) fn timely(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    kept: TimeDelta,
) -> Result<(), Untimely> {
    if at > now + AHEAD {
        return Err(Untimely::Ahead);
    }
    if local_date(at) < oldest_kept(local_date(now), kept) {
        return Err(Untimely::Past);
    }
    Ok(())
}

/// The oldest day that is kept on `today`.
#[must_use]
pub(super) fn oldest_kept(today: NaiveDate, kept: TimeDelta) -> NaiveDate {
    today - kept
}

/// A visit, as far as windows are concerned: where and who, and when.
pub(super) trait Coming {
    /// What is the same for two visits of one person to one venue.
    type Who: Ord;

    /// Where and who.
    fn who(&self) -> Self::Who;

    /// When.
    fn at(&self) -> DateTime<Utc>;
}

/// Those of `visits` that begin a window of their own, in the order of place, person and time; and for
/// each of `visits` the one of them that it belongs to, by its place among them.
pub(super) fn beginnings<V: Coming>(visits: &[V], window: TimeDelta) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..visits.len()).collect();
    let key = |at: usize| visits.get(at).map(|visit| (visit.who(), visit.at()));
    order.sort_by_cached_key(|at| key(*at));
    let (mut firsts, mut belongs) = (Vec::with_capacity(visits.len()), vec![0; visits.len()]);
    let mut last: Option<(V::Who, DateTime<Utc>)> = None;
    for at in order {
        let Some((who, when)) = key(at) else { continue };
        let goes_on = last
            .as_ref()
            .is_some_and(|(before, since)| *before == who && when - *since < window);
        if !goes_on {
            firsts.push(at);
            last = Some((who, when));
        }
        if let Some(belongs) = belongs.get_mut(at) {
            *belongs = firsts.len().saturating_sub(1);
        }
    }
    (firsts, belongs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: TimeDelta = TimeDelta::minutes(10);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn visits_within_a_window_fall_into_the_same_or_neighbouring_slots() {
        let first = at("2026-03-02T04:09:59Z");
        for seconds in 0..600 {
            let second = first + TimeDelta::seconds(seconds);
            let apart = slot(second, WINDOW) - slot(first, WINDOW);
            assert!((0..=1).contains(&apart), "{seconds}");
        }
    }

    #[test]
    fn midnight_is_shanghais() {
        assert!(is_near_midnight(at("2026-03-02T15:50:01Z"), WINDOW));
        assert!(is_near_midnight(at("2026-03-02T16:09:00Z"), WINDOW));
        assert!(!is_near_midnight(at("2026-03-02T15:49:59Z"), WINDOW));
        assert!(!is_near_midnight(at("2026-03-02T00:00:00Z"), WINDOW));
        assert_eq!(hour(at("2026-03-02T16:09:00Z")), 0);
        assert_eq!(hour(at("2026-03-02T15:59:59Z")), 23);
    }

    #[test]
    fn neither_tomorrow_nor_what_was_deleted_is_written_down() {
        let now = at("2026-03-22T04:00:00Z");
        let kept = TimeDelta::days(21);
        assert_eq!(timely(now, now, kept), Ok(()));
        assert_eq!(timely(now + TimeDelta::seconds(60), now, kept), Ok(()));
        let tomorrow = now + TimeDelta::days(1);
        assert_eq!(timely(tomorrow, now, kept), Err(Untimely::Ahead));
        assert_eq!(timely(at("2026-02-28T16:00:00Z"), now, kept), Ok(()));
        let before = at("2026-02-28T15:59:59Z");
        assert_eq!(timely(before, now, kept), Err(Untimely::Past));
    }

    #[derive(Debug)]
    struct Came(u8, i64);

    impl Coming for Came {
        type Who = u8;

        fn who(&self) -> u8 {
            self.0
        }

        fn at(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH + TimeDelta::minutes(self.1)
        }
    }

    #[test]
    fn whoever_comes_again_within_a_window_is_there_still() {
        let visits = [
            Came(2, 0),
            Came(1, 19),
            Came(1, 0),
            Came(1, 9),
            Came(1, 10),
            Came(2, 0),
        ];
        let (firsts, belongs) = beginnings(&visits, WINDOW);
        assert_eq!(firsts, [2, 4, 0]);
        assert_eq!(belongs, [2, 1, 0, 0, 1, 2]);
    }
}
