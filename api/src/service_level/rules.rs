//! When a process goes up and down the ladder.

use chrono::{DateTime, TimeDelta, Utc};

/// The level at which doors help themselves.
pub const HIGHEST: u8 = 5;

/// The highest level that too many requests lead to: that doors help themselves, nobody's haste says.
const HIGHEST_OF_LOAD: u8 = 4;

/// The level while short-lived state is out of reach: consoles need it.
const WITHOUT_EPHEMERAL: u8 = 2;

/// The level while the truth is out of reach: what is known is shown, and nobody logs in.
const WITHOUT_DATABASE: u8 = 4;

/// Percent of what may be in flight from which on it is too much.
const PRESSED: usize = 75;

/// Percent up to which there is room.
const CALM: usize = 40;

/// For how long it must be too much before the next level.
const PRESSED_FOR: TimeDelta = TimeDelta::seconds(2);

/// For how long there must be room before the level below.
const CALM_FOR: TimeDelta = TimeDelta::seconds(30);

/// For how long something must be out of reach before it counts.
const DARK_FOR: TimeDelta = TimeDelta::seconds(3);

/// For how long the truth may be out of reach before what is known is too old to be shown (R10).
const BLIND_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What a process sees of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Requests in flight.
    pub in_flight: usize,
    /// How many may be.
    pub most: usize,
    /// Whether the database answers.
    pub database: bool,
    /// Whether the short-lived store answers.
    pub ephemeral: bool,
}

/// Where a process stands by its own measure, and since when it sees what it sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Course {
    /// What the requests alone lead to.
    pressure: u8,
    /// What a store that was out of reach led to, and until when that holds.
    held: Option<(u8, DateTime<Utc>)>,
    pressed_since: Option<DateTime<Utc>>,
    calm_since: Option<DateTime<Utc>>,
    database_dark_since: Option<DateTime<Utc>>,
    ephemeral_dark_since: Option<DateTime<Utc>>,
}

impl Course {
    /// The level by its own measure.
    #[must_use]
    pub fn level(&self) -> u8 {
        let held = self.held.map_or(0, |(level, _)| level);
        self.pressure.max(held)
    }

    /// After a look at `signs` at `now`: at most one level up or down by load, and at once up to what a
    /// store that is out of reach asks for. That holds for half a minute after the store is back,
    /// whatever there is to do then.
    #[must_use]
    pub fn after(self, signs: Signs, now: DateTime<Utc>) -> Self {
        let fill = signs.in_flight.saturating_mul(100) / signs.most.max(1);
        let since = |before: Option<DateTime<Utc>>, holds: bool| {
            holds.then_some(before.filter(|since| *since <= now).unwrap_or(now))
        };
        let mut next = Self {
            pressure: self.pressure,
            held: self.held.filter(|(_, until)| now < *until),
            pressed_since: since(self.pressed_since, fill >= PRESSED),
            calm_since: since(self.calm_since, fill <= CALM),
            database_dark_since: since(self.database_dark_since, !signs.database),
            ephemeral_dark_since: since(self.ephemeral_dark_since, !signs.ephemeral),
        };
        if has_lasted(next.pressed_since, PRESSED_FOR, now) && next.pressure < HIGHEST_OF_LOAD {
            next.pressure += 1;
            next.pressed_since = Some(now);
        } else if has_lasted(next.calm_since, CALM_FOR, now) && next.pressure > 0 {
            next.pressure -= 1;
            next.calm_since = Some(now);
        }
        let floor = next.floor(now);
        if floor > 0 && next.held.is_none_or(|(level, _)| floor >= level) {
            next.held = Some((floor, now + CALM_FOR));
        }
        next
    }

    /// The lowest level that stores which are out of reach allow.
    fn floor(&self, now: DateTime<Utc>) -> u8 {
        let database = self.database_dark_since;
        if has_lasted(database, BLIND_AFTER, now) {
            HIGHEST
        } else if has_lasted(database, DARK_FOR, now) {
            WITHOUT_DATABASE
        } else if has_lasted(self.ephemeral_dark_since, DARK_FOR, now) {
            WITHOUT_EPHEMERAL
        } else {
            0
        }
    }
}

fn has_lasted(since: Option<DateTime<Utc>>, long: TimeDelta, now: DateTime<Utc>) -> bool {
    since.is_some_and(|since| now - since >= long)
}

/// Between which levels the service moves, until a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The lowest.
    pub at_least: u8,
    /// The highest.
    pub at_most: u8,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// The level that counts: a process's own, as far as `order` leaves it free at `now`.
#[must_use]
pub fn level_under(order: Option<Order>, own: u8, now: DateTime<Utc>) -> u8 {
    match order.filter(|order| now < order.until) {
        Some(order) => own.min(order.at_most).max(order.at_least).min(HIGHEST),
        None => own.min(HIGHEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Signs = Signs {
        in_flight: 0,
        most: 100,
        database: true,
        ephemeral: true,
    };
    const FULL: Signs = Signs {
        in_flight: 90,
        ..QUIET
    };
    const BUSY: Signs = Signs {
        in_flight: 60,
        ..QUIET
    };
    const NO_DATABASE: Signs = Signs {
        database: false,
        ..QUIET
    };

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
    }

    /// One look a second, from `from` on; the level after each.
    fn looks(course: &mut Course, from: i64, signs: Signs, seconds: i64) -> Vec<u8> {
        (from..from + seconds)
            .map(|second| {
                *course = course.after(signs, start() + TimeDelta::seconds(second));
                course.level()
            })
            .collect()
    }

    #[test]
    fn too_much_for_two_seconds_is_one_level_and_never_the_last() {
        let mut course = Course::default();
        assert_eq!(looks(&mut course, 0, FULL, 5), [0, 0, 1, 1, 2]);
        assert_eq!(looks(&mut course, 5, FULL, 20).last(), Some(&4));
    }

    #[test]
    fn it_goes_down_only_after_half_a_minute_of_room_for_each_level() {
        let mut course = Course::default();
        looks(&mut course, 0, FULL, 5);
        let levels = looks(&mut course, 5, QUIET, 70);
        let lasts = |level: u8| levels.split(|at| *at != level).map(<[u8]>::len).max();
        assert_eq!((lasts(2), lasts(1)), (Some(30), Some(30)));
        assert_eq!(levels.last(), Some(&0));
    }

    #[test]
    fn neither_pressed_nor_calm_it_stays_where_it_is() {
        let mut course = Course::default();
        looks(&mut course, 0, FULL, 3);
        assert_eq!(looks(&mut course, 3, BUSY, 600), vec![1; 600]);
    }

    #[test]
    fn a_moment_of_haste_is_no_reason() {
        let mut course = Course::default();
        for second in 0..60 {
            let signs = if second % 2 == 0 { FULL } else { QUIET };
            looks(&mut course, second, signs, 1);
        }
        assert_eq!(course.level(), 0);
    }

    #[test]
    fn without_the_database_it_goes_to_four_at_once_and_after_ten_minutes_doors_help_themselves() {
        let mut course = Course::default();
        assert_eq!(looks(&mut course, 0, NO_DATABASE, 4), [0, 0, 0, 4]);
        assert_eq!(looks(&mut course, 4, NO_DATABASE, 596), vec![4; 596]);
        assert_eq!(looks(&mut course, 600, NO_DATABASE, 1), [5]);
        for full in [QUIET, BUSY] {
            let back = looks(&mut course.clone(), 601, full, 60);
            assert_eq!(back.iter().take_while(|level| **level == 5).count(), 29);
            assert_eq!(
                back.last(),
                Some(&0),
                "much to do is no reason to stay there"
            );
        }
    }

    #[test]
    fn without_short_lived_state_it_goes_to_two() {
        let mut course = Course::default();
        let signs = Signs {
            ephemeral: false,
            ..QUIET
        };
        assert_eq!(looks(&mut course, 0, signs, 4), [0, 0, 0, 2]);
    }

    #[test]
    fn a_clock_that_steps_back_begins_anew() {
        let mut course = Course::default();
        looks(&mut course, 100, FULL, 2);
        assert_eq!(looks(&mut course, 0, FULL, 2), [0, 0]);
    }

    #[test]
    fn an_order_keeps_it_between_two_levels_until_its_time_is_over() {
        let order = Order {
            at_least: 1,
            at_most: 3,
            until: start(),
        };
        let before = start() - TimeDelta::seconds(1);
        let under = |own, now| level_under(Some(order), own, now);
        assert_eq!([0, 2, 5].map(|own| under(own, before)), [1, 2, 3]);
        assert_eq!([0, 2, 5].map(|own| under(own, start())), [0, 2, 5]);
        assert_eq!(level_under(None, 9, before), HIGHEST);
    }
}
