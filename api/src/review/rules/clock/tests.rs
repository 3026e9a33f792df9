use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use entity::values::{CaseOutcome, CaseTimer, OfficeHours};
use proptest::prelude::*;

use super::{super::workflow::Consequence, *};

/// `2020-03-02 08:00` in Shanghai.
fn local(text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    local.and_local_timezone(CHINA).unwrap().to_utc()
}

fn calendar() -> Calendar {
    Calendar::new(2019..=2030, [])
}

fn rule(limit: Limit, remind_minutes_before: Option<u32>) -> ClockRule {
    ClockRule {
        limit,
        from: Begin::Arrival,
        remind_minutes_before,
        when_out: Consequence::Remind(60),
    }
}

/// A clock that counts from `now`.
fn started_at(
    rule: &ClockRule,
    left: Option<i64>,
    now: DateTime<Utc>,
    working: Working<'_>,
) -> Dial {
    Dial::started(rule, left, now, now, working)
}

fn working<'a>(calendar: &'a Calendar, hours: &'a OfficeHours) -> Working<'a> {
    Working {
        calendar,
        version: 7,
        hours,
    }
}

#[test]
fn a_reminder_comes_before_the_limit_by_the_limits_own_time() {
    let (calendar, hours) = (calendar(), OfficeHours::default());
    let working = working(&calendar, &hours);
    let started =
        |limit, remind, at| started_at(&rule(limit, Some(remind)), None, local(at), working);
    let six = started(Limit::WorkingMinutes(360), 60, "2020-03-02 15:30");
    assert_eq!(six.due_at, Some(local("2020-03-03 14:30")));
    assert_eq!(
        (six.timer, six.timer_at),
        (Some(CaseTimer::Remind), Some(local("2020-03-03 13:30")))
    );
    let early = started(Limit::WorkingMinutes(360), 120, "2020-03-02 14:00");
    assert_eq!(early.timer_at, Some(local("2020-03-03 10:00")));
    let window = started(Limit::Minutes(360), 60, "2020-03-06 16:00");
    assert_eq!(window.timer_at, Some(local("2020-03-06 21:00")));
    assert_eq!(window.calendar_version, None, "no calendar moves it");
    assert_eq!(six.calendar_version, Some(7));
}

#[test]
fn what_is_almost_over_is_not_reminded_of() {
    let (calendar, hours) = (calendar(), OfficeHours::default());
    let rule = rule(Limit::WorkingMinutes(360), Some(60));
    let now = local("2020-03-02 09:00");
    let clock = started_at(&rule, Some(3_600_000), now, working(&calendar, &hours));
    assert_eq!(
        (clock.timer, clock.timer_at),
        (Some(CaseTimer::Limit), clock.due_at)
    );
    // Never more than the limit, whatever was written down.
    let clock = started_at(&rule, Some(i64::MAX), now, working(&calendar, &hours));
    assert_eq!(clock.due_at, Some(local("2020-03-02 16:00")));
    let clock = started_at(&rule, Some(-5), now, working(&calendar, &hours));
    assert_eq!(clock.due_at, Some(now));
}

#[test]
fn days_are_over_with_the_last_of_them_and_the_first_is_none() {
    let (calendar, hours) = (calendar(), OfficeHours::default());
    let working = working(&calendar, &hours);
    let limit = Limit::WorkingDays(3);
    let clock = started_at(&rule(limit, None), None, local("2020-03-05 10:00"), working);
    assert_eq!(clock.due_at, Some(local("2020-03-11 00:00")));
    let left = |at| {
        clock
            .left_at(limit, local(at), working)
            .map(|left| left / DAY)
    };
    assert_eq!(left("2020-03-05 23:00"), Some(3));
    assert_eq!(left("2020-03-08 12:00"), Some(2));
    assert_eq!(left("2020-03-20 12:00"), Some(0));
    assert_eq!(
        left("2020-03-01 12:00"),
        Some(3),
        "a clock set back gives nothing"
    );
}

#[test]
fn a_workflow_decides_on_the_next_day_and_never_before_the_limit() {
    let when = |from| When::NextDay {
        time: NaiveTime::from_hms_opt(18, 0, 0).unwrap(),
        from,
    };
    let at = |from, opened, out| decides_at(&when(from), local(opened), local(out), Some(1));
    let (friday, monday) = ("2020-03-06 16:00", "2020-03-09 15:00");
    assert_eq!(
        at(Start::TimeOut, friday, monday),
        local("2020-03-10 18:00")
    );
    assert_eq!(at(Start::Opening, friday, monday), local(monday));
    assert_eq!(
        at(Start::Opening, "2020-03-09 09:00", "2020-03-09 16:00"),
        local("2020-03-10 18:00")
    );
    // Just before midnight in Shanghai it is still the day before.
    assert_eq!(
        at(Start::TimeOut, friday, "2020-03-09 23:59"),
        local("2020-03-10 18:00")
    );
    assert_eq!(
        at(Start::TimeOut, friday, "2020-03-10 00:00"),
        local("2020-03-11 18:00")
    );
    assert_eq!(
        decides_at(&When::Now, local(friday), local(monday), Some(0)),
        local(monday)
    );
}

#[test]
fn whatever_comes_back_after_its_time_waits_for_no_other_day() {
    let when = When::NextDay {
        time: NaiveTime::from_hms_opt(18, 0, 0).unwrap(),
        from: Start::TimeOut,
    };
    let at = |back| decides_at(&when, local("2020-03-06 16:00"), local(back), Some(0));
    assert_eq!(at("2020-03-09 17:59"), local("2020-03-09 18:00"));
    assert_eq!(at("2020-03-09 18:00"), local("2020-03-10 18:00"));
    assert_eq!(at("2020-03-09 23:00"), local("2020-03-10 18:00"));
}

#[test]
fn what_was_promised_counts_from_the_opening_and_what_is_left_from_now() {
    let (calendar, hours) = (calendar(), OfficeHours::default());
    let rule = ClockRule {
        from: Begin::Opening,
        ..rule(Limit::WorkingMinutes(360), Some(60))
    };
    let (opened, now) = (local("2020-03-02 09:00"), local("2020-03-02 10:00"));
    let begun = |left| Dial::started(&rule, left, opened, now, working(&calendar, &hours));
    assert_eq!(begun(None).due_at, Some(local("2020-03-02 16:00")));
    assert_eq!(
        begun(Some(3_600_000)).due_at,
        Some(local("2020-03-02 11:00"))
    );
    // A reminder whose time was before that is not given.
    let late = local("2020-03-02 15:30");
    let clock = Dial::started(&rule, None, opened, late, working(&calendar, &hours));
    assert_eq!(
        (clock.timer, clock.due_at),
        (Some(CaseTimer::Limit), Some(local("2020-03-02 16:00")))
    );
}

#[test]
fn a_calendar_that_says_something_else_moves_the_limit_and_keeps_what_was_left() {
    let hours = OfficeHours::default();
    let (before, after) = (Calendar::default(), calendar());
    let rule = rule(Limit::WorkingMinutes(360), Some(60));
    let start = local("2020-03-02 15:30");
    let clock = started_at(&rule, None, start, working(&before, &hours));
    assert!(clock.provisional);
    let newer = Working {
        version: 8,
        ..working(&after, &hours)
    };
    let again = clock.reckoned_again(&rule, newer);
    assert_eq!(
        (again.provisional, again.calendar_version),
        (false, Some(8))
    );
    assert_eq!((again.since, again.left), (clock.since, clock.left));
    let reminded = Dial {
        timer: Some(CaseTimer::Limit),
        timer_at: clock.due_at,
        ..clock
    };
    assert_eq!(
        reminded.reckoned_again(&rule, newer).timer,
        Some(CaseTimer::Limit)
    );
    assert_eq!(
        Dial::default().reckoned_again(&rule, newer),
        Dial::default()
    );
}

#[test]
fn only_what_lapses_or_is_granted_by_it_is_decided_by_a_clock() {
    // Written down as people write it.
    let text = r#"{"decide": {"outcome": "by_clock", "at": {"next_day": {"time": "18:00:00"}}, "otherwise": "district"}}"#;
    let consequence: Consequence = serde_json::from_str(text).unwrap();
    let Consequence::Decide { outcome, at, .. } = consequence else {
        panic!("it decides");
    };
    assert_eq!(outcome, CaseOutcome::ByClock);
    assert!(matches!(
        at,
        When::NextDay {
            from: Start::TimeOut,
            ..
        }
    ));
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (local("2020-01-01 00:00"), local("2021-12-31 00:00"));
    (first.timestamp_millis()..last.timestamp_millis())
        .prop_map(|at| DateTime::from_timestamp_millis(at).unwrap())
}

fn limits() -> impl Strategy<Value = Limit> {
    prop_oneof![
        (1..3_000_u32).prop_map(Limit::WorkingMinutes),
        (1..3_000_u32).prop_map(Limit::Minutes),
    ]
}

proptest! {
    /// However often a clock is stopped and goes on, and however long it stands: it takes as much of its
    /// kind of time, to the millisecond, as one that was never stopped.
    #[test]
    fn a_pause_neither_resets_a_clock_nor_takes_from_it(
        limit in limits(),
        start in moments(),
        pauses in prop::collection::vec((0..200_000_000_i64, 0..2_000_000_000_i64), 0..6),
    ) {
        let (calendar, hours) = (calendar(), OfficeHours::default());
        let working = working(&calendar, &hours);
        let rule = rule(limit, None);
        let whole = limit.milliseconds();
        let (mut now, mut spent) = (start, 0);
        let mut clock = started_at(&rule, None, now, working);
        for (runs, stands) in pauses {
            let until = now + TimeDelta::milliseconds(runs);
            let left = clock.left_at(limit, until, working).unwrap();
            prop_assert_eq!(left, (whole - spent - limit.spent(now, until, working)).max(0));
            spent = whole - left;
            now = until + TimeDelta::milliseconds(stands);
            clock = started_at(&rule, Some(left), now, working);
        }
        let rest = limit.spent(now, clock.due_at.unwrap(), working);
        prop_assert_eq!(spent + rest, whole);
    }

    /// When the limit is reached nothing is left, and before there is.
    #[test]
    fn a_clock_is_out_at_its_limit_and_not_before(limit in limits(), start in moments()) {
        let (calendar, hours) = (calendar(), OfficeHours::default());
        let working = working(&calendar, &hours);
        let clock = started_at(&rule(limit, None), None, start, working);
        let due_at = clock.due_at.unwrap();
        prop_assert_eq!(clock.left_at(limit, due_at, working), Some(0));
        let before = due_at - TimeDelta::milliseconds(1);
        prop_assert!(clock.left_at(limit, before, working).unwrap() > 0);
    }

    /// A reminder comes after the start and before the limit.
    #[test]
    fn a_reminder_lies_between(limit in limits(), start in moments(), before in 1..4_000_u32) {
        let (calendar, hours) = (calendar(), OfficeHours::default());
        let clock = started_at(&rule(limit, Some(before)), None, start, working(&calendar, &hours));
        if clock.timer == Some(CaseTimer::Remind) {
            prop_assert!(clock.timer_at > Some(start) && clock.timer_at < clock.due_at);
        }
    }
}
