use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::regions::announced;

fn calendar() -> &'static Calendar {
    static ANNOUNCED: LazyLock<Calendar> = LazyLock::new(|| {
        let years = announced::years();
        Calendar::new(
            years.iter().map(|year| year.year),
            years.iter().flat_map(YearDays::exceptions),
        )
    });
    &ANNOUNCED
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `2020-03-02 08:00` in Shanghai.
fn local(text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    instant(local).unwrap()
}

#[test]
fn six_working_hours_are_over_in_office_hours_whatever_lies_between() {
    for (submitted, due) in [
        ("2020-03-02 08:00", "2020-03-02 16:00"),
        ("2020-03-02 15:30", "2020-03-03 14:30"),
        ("2020-03-06 16:00", "2020-03-09 15:00"),
        ("2020-01-23 16:30", "2020-02-03 15:30"),
        ("2022-04-02 15:00", "2022-04-06 14:00"),
        ("2022-09-30 16:50", "2022-10-08 15:50"),
    ] {
        let due_at = calendar().add_working_time(
            local(submitted),
            TimeDelta::hours(6),
            &OfficeHours::default(),
        );
        let expected = Due {
            at: local(due),
            provisional: false,
        };
        assert_eq!(due_at, expected, "{submitted}");
    }
}

#[test]
fn seven_working_days_are_counted_from_the_day_after() {
    for (from, due) in [
        ("2020-01-22", "2020-02-10"),
        ("2022-01-28", "2022-02-11"),
        ("2022-03-31", "2022-04-12"),
        ("2022-04-29", "2022-05-12"),
        ("2022-09-29", "2022-10-13"),
        ("2026-02-11", "2026-02-27"),
    ] {
        let expected = Due {
            at: day(due),
            provisional: false,
        };
        assert_eq!(
            calendar().add_working_days(day(from), 7),
            expected,
            "{from}"
        );
    }
}

#[test]
fn what_is_over_at_closing_time_is_due_at_closing_time() {
    let after = |minutes| {
        calendar()
            .add_working_time(
                local("2020-03-02 15:30"),
                TimeDelta::minutes(minutes),
                &OfficeHours::default(),
            )
            .at
    };
    assert_eq!(after(90), local("2020-03-02 17:00"));
    assert_eq!(after(91), local("2020-03-03 09:01"));
    assert_eq!(after(0), local("2020-03-02 15:30"));
}

#[test]
fn offices_with_other_hours_are_done_at_other_times() {
    let hours: OfficeHours = "08:30-12:00, 14:00-18:00".parse().unwrap();
    let due = calendar().add_working_time(local("2020-03-02 11:00"), TimeDelta::hours(6), &hours);
    assert_eq!(due.at, local("2020-03-03 09:30"));
}

#[test]
fn a_year_that_nobody_announced_has_weekends_only_and_is_said_to_be_provisional() {
    let calendar = calendar();
    let new_year = calendar.add_working_days(day("2026-12-31"), 1);
    assert_eq!(
        new_year,
        Due {
            at: day("2027-01-01"),
            provisional: true
        }
    );
    assert!(!calendar.add_working_days(day("2026-12-30"), 1).provisional);
    let hours = OfficeHours::default();
    let over = |from, hour| calendar.add_working_time(local(from), TimeDelta::hours(hour), &hours);
    assert!(!over("2026-12-31 16:00", 1).provisional);
    assert!(over("2026-12-31 16:00", 2).provisional);
    assert_eq!(over("2026-12-31 16:00", 2).at, local("2027-01-01 10:00"));
}

#[test]
fn a_year_that_arrives_moves_what_was_provisional() {
    let announced = YearDays {
        year: 2027,
        source: "test".into(),
        holidays: (1..=7)
            .map(|d| NaiveDate::from_ymd_opt(2027, 1, d).unwrap())
            .collect(),
        working_weekends: [day("2027-01-09")].into(),
    };
    assert_eq!(announced.check(), Ok(()));
    let years = announced::years();
    let all = || years.iter().chain([&announced]);
    let calendar = Calendar::new(
        all().map(|year| year.year),
        all().flat_map(YearDays::exceptions),
    );
    let due = calendar.add_working_days(day("2026-12-31"), 2);
    assert_eq!(
        due,
        Due {
            at: day("2027-01-09"),
            provisional: false
        }
    );
}

#[test]
fn the_ends_of_time_and_absurd_lengths_are_answered() {
    let (calendar, hours) = (calendar(), OfficeHours::default());
    for start in [
        DateTime::<Utc>::MIN_UTC,
        DateTime::<Utc>::MAX_UTC,
        local("2026-03-02 12:00"),
    ] {
        for length in [TimeDelta::MIN, TimeDelta::zero(), TimeDelta::MAX] {
            let due = calendar.add_working_time(start, length, &hours);
            assert!(due.at >= start || due.provisional);
        }
    }
    for start in [NaiveDate::MIN, NaiveDate::MAX, day("2026-03-02")] {
        let due = calendar.add_working_days(start, u16::MAX);
        assert!(due.provisional && due.at >= start);
    }
    let days = day("2020-01-01").iter_days().take(100 * 366);
    let closed = days.map(|day| WeekException {
        day,
        working: false,
    });
    let never = Calendar::new([2020], closed);
    assert!(never.add_working_days(day("2020-01-01"), 1).provisional);
    let due = never.add_working_time(local("2020-01-01 09:00"), TimeDelta::hours(1), &hours);
    assert!(due.provisional);
}

#[test]
fn nights_weekends_and_holidays_are_no_working_time() {
    let hours = OfficeHours::default();
    let between = |start, end| {
        let time = calendar().working_time_between(local(start), local(end), &hours);
        time.num_minutes()
    };
    assert_eq!(between("2020-03-02 08:00", "2020-03-02 16:00"), 360);
    assert_eq!(between("2020-03-06 16:30", "2020-03-09 09:30"), 60);
    assert_eq!(between("2020-01-23 16:30", "2020-02-03 15:30"), 360);
    assert_eq!(between("2020-03-02 12:10", "2020-03-02 12:50"), 0);
    assert_eq!(between("2020-03-02 16:00", "2020-03-02 08:00"), 0);
    assert_eq!(
        calendar().working_days_between(day("2022-09-29"), day("2022-10-13")),
        7
    );
    assert_eq!(
        calendar().working_days_between(day("2022-10-13"), day("2022-09-29")),
        0
    );
    let ends = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let _ = calendar().working_time_between(ends.0, ends.1, &hours);
}

#[test]
fn a_year_as_nobody_announces_it_is_refused() {
    let year = |change: fn(&mut YearDays)| {
        let mut year = announced::years().pop().unwrap();
        change(&mut year);
        year.check()
    };
    assert_eq!(year(|_| ()), Ok(()));
    let other = day("2025-05-01");
    assert_eq!(
        year(|y| y.year = 2025),
        Err(YearError::OtherYear(day("2026-01-01")))
    );
    assert_eq!(
        year(|y| _ = y.holidays.insert(day("2025-05-01"))),
        Err(YearError::OtherYear(other))
    );
    let both = day("2026-05-09");
    assert_eq!(
        year(|y| _ = y.holidays.insert(day("2026-05-09"))),
        Err(YearError::Both(both))
    );
    let monday = day("2026-03-02");
    assert_eq!(
        year(|y| _ = y.working_weekends.insert(day("2026-03-02"))),
        Err(YearError::NoWeekend(monday))
    );
    assert_eq!(year(|y| y.holidays.clear()), Err(YearError::Implausible));
    assert_eq!(year(|y| y.source = " ".into()), Err(YearError::Source));
}

/// A minute between 2019 and 2027, so that announced and unannounced years are both met.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let (first, last) = (local("2019-01-01 00:00"), local("2027-12-31 00:00"));
    (first.timestamp() / 60..last.timestamp() / 60)
        .prop_map(|minute| DateTime::from_timestamp(minute * 60, 0).unwrap())
}

fn lengths() -> impl Strategy<Value = TimeDelta> {
    (0..20_000_i64).prop_map(TimeDelta::minutes)
}

fn office_hours() -> impl Strategy<Value = OfficeHours> {
    let hours = [
        "09:00-12:00, 13:00-17:00",
        "08:30-12:00, 14:00-18:00",
        "00:00-23:59",
        "10:00-12:20",
    ];
    prop::sample::select(hours.to_vec()).prop_map(|hours| hours.parse().unwrap())
}

proptest! {
    #[test]
    fn working_time_is_over_when_an_office_works(
        start in moments(), length in lengths(), hours in office_hours(),
    ) {
        let calendar = calendar();
        let due = calendar.add_working_time(start, length, &hours);
        let over = due.at.naive_utc().checked_add_offset(CHINA).unwrap();
        prop_assert!(due.at >= start);
        prop_assert!(calendar.is_working_day(over.date()));
        let at_work = |(opens, closes): &(NaiveTime, NaiveTime)| {
            (*opens..=*closes).contains(&over.time())
        };
        prop_assert!(hours.parts().iter().any(at_work));
    }

    #[test]
    fn a_later_start_is_never_due_earlier(
        one in moments(), other in moments(), length in lengths(), hours in office_hours(),
    ) {
        let calendar = calendar();
        let due = |start| calendar.add_working_time(start, length, &hours).at;
        prop_assert!(due(one.min(other)) <= due(one.max(other)));
    }

    #[test]
    fn two_lengths_one_after_the_other_are_due_when_their_sum_is(
        start in moments(), one in lengths(), other in lengths(), hours in office_hours(),
    ) {
        let calendar = calendar();
        let after = |start, length| calendar.add_working_time(start, length, &hours).at;
        prop_assert_eq!(after(after(start, one), other), after(start, one + other));
    }

    #[test]
    fn days_add_up_and_end_on_a_working_day(
        start in moments(), one in 0..300_u16, other in 0..300_u16,
    ) {
        let (calendar, start) = (calendar(), start.date_naive());
        let after = |start, count| calendar.add_working_days(start, count).at;
        let end = after(start, one + other);
        prop_assert_eq!(after(after(start, one), other), end);
        prop_assert!(one + other == 0 || calendar.is_working_day(end));
    }

    #[test]
    fn between_a_start_and_what_is_due_after_it_lies_the_length(
        start in moments(), length in lengths(), hours in office_hours(),
    ) {
        let due = calendar().add_working_time(start, length, &hours).at;
        prop_assert_eq!(calendar().working_time_between(start, due, &hours), length);
    }

    #[test]
    fn working_time_of_two_parts_is_that_of_the_whole(
        times in (moments(), moments(), moments()), hours in office_hours(),
    ) {
        let mut times: [DateTime<Utc>; 3] = times.into();
        times.sort_unstable();
        let [first, middle, last] = times;
        let between = |start, end| calendar().working_time_between(start, end, &hours);
        prop_assert_eq!(between(first, middle) + between(middle, last), between(first, last));
        prop_assert_eq!(between(last, first), TimeDelta::zero());
    }

    #[test]
    fn between_a_day_and_what_is_due_after_it_lie_the_days(
        start in moments(), count in 0..300_u16,
    ) {
        let start = start.date_naive();
        let due = calendar().add_working_days(start, count).at;
        prop_assert_eq!(calendar().working_days_between(start, due), u32::from(count));
    }
}
