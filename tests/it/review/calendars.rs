//! Limits and the working calendar: a year that nobody announced, and holidays that change.

use api::regions::{self, YearDays};
use chrono::NaiveDate;
use entity::values::{CaseAction as Act, CaseOutcome, CaseTimer};
use integration_tests::on_both_stacks;
use sea_orm::EntityTrait;

use super::rig::{ISSUER, Office, local};

on_both_stacks! {
    async fn nobody_is_held_to_a_limit_that_an_older_calendar_gave(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let case = office.compared("pass_card_online").await;
        office.at("2027-01-02 19:00");
        announce(&office, 2027).await;
        // Neither sweep has come.
        let approved = office.done(&case, ISSUER, Act::Approve).await;
        assert_eq!((approved.outcome, approved.late_since), (Some(CaseOutcome::Approved), None));
        assert!(office.breaches(&case).await.is_empty());
    }

    async fn a_limit_in_a_year_that_nobody_announced_is_provisional_until_it_is(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let case = office.compared("pass_card_online").await;
        assert_eq!((case.due_at, case.provisional), (Some(local("2027-01-01 15:00")), true));
        assert_eq!(office.reckon_again().await, 0);
        // The year is announced, and the sweep of the clocks is quicker than the one that reckons again.
        office.at("2027-01-01 15:00");
        announce(&office, 2027).await;
        office.run_clocks().await;
        let known = office.read(&case).await;
        assert_eq!((known.due_at, known.provisional), (Some(local("2027-01-04 15:00")), false));
        assert!(office.breaches(&case).await.is_empty(), "nobody is late on a holiday");
        assert_eq!(office.reckon_again().await, 0);
    }

    async fn a_breach_that_the_calendar_takes_back_is_corrected_and_kept(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let waits = office.compared("pass_card_online").await;
        let late = office.compared("pass_card_online").await;
        office.at("2027-01-01 15:00");
        office.run_clocks().await;
        for case in [&waits, &late] {
            let booked = office.breaches(case).await;
            assert_eq!(booked[0].due_at, local("2027-01-01 15:00"));
            assert!(office.read(case).await.late_since.is_some());
        }
        // Decided before the true limit, while only the week was known.
        office.at("2027-01-01 16:00");
        let now = office.read(&late).await;
        let decided = office.done(&now, ISSUER, Act::Approve).await;
        assert!(decided.late_since.is_some());
        announce(&office, 2027).await;
        office.reckon_again().await;
        for case in [&waits, &late] {
            let booked = office.breaches(case).await;
            assert_eq!(booked.len(), 1, "nothing is deleted");
            assert_eq!(booked[0].due_at, local("2027-01-01 15:00"), "it says what was booked");
            assert_eq!(booked[0].corrected_at, Some(office.now()));
            assert_eq!(booked[0].corrected_to, Some(local("2027-01-04 15:00")));
            assert_eq!(office.read(case).await.late_since, None);
        }
        let log = entity::audit_entry::Entity::find().all(&office.deps().db).await.unwrap();
        let of = |event| log.iter().filter(|entry| entry.event == event).count();
        assert_eq!((of("promise_broken"), of("breach_corrected")), (2, 2));
        assert_eq!(timed_out(&office).await, 0);
        // What is missed after all is booked after all.
        let again = office.read(&waits).await;
        assert_eq!((again.due_at, again.timer), (Some(local("2027-01-04 15:00")), Some(CaseTimer::Remind)));
        office.at("2027-01-04 15:00");
        office.run_clocks().await;
        let booked = office.breaches(&waits).await;
        assert_eq!((booked[0].due_at, booked[0].corrected_at), (local("2027-01-04 15:00"), None));
        assert_eq!(office.read(&waits).await.late_since, Some(local("2027-01-04 15:00")));
        assert_eq!(timed_out(&office).await, 1);
        assert_eq!(office.reckon_again().await, 0);
    }

    async fn the_clock_issues_nothing_by_a_limit_that_may_still_move(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let case = office.compared("pass_card_online").await;
        for moment in ["2027-01-01 15:00", "2027-01-02 18:00", "2027-01-22 18:00"] {
            office.at(moment);
            office.run_clocks().await;
            assert_eq!(office.read(&case).await.outcome, None, "{moment}");
        }
        assert_eq!(office.breaches(&case).await.len(), 1);
        // Fifteen weekdays from the first of January are off at the most.
        office.at("2027-01-23 18:00");
        office.run_clocks().await;
        assert_eq!(office.read(&case).await.outcome, Some(CaseOutcome::ByClock));
    }

    async fn people_decide_while_the_limit_may_still_move(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let case = office.compared("pass_card_online").await;
        office.at("2027-01-02 18:01");
        office.run_clocks().await;
        let now = office.read(&case).await;
        let decided = office.done(&now, ISSUER, Act::Approve).await;
        assert_eq!(decided.outcome, Some(CaseOutcome::Approved));
    }

    async fn limits_are_worked_out_again_when_holidays_change(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2026-12-31 16:00");
        let running = office.compared("pass_card_online").await;
        let closed = office.compared("pass_card_online").await;
        let closed = office.done(&closed, ISSUER, Act::Approve).await;
        let window = office.compared("pass_card_window").await;
        announce(&office, 2027).await;
        assert_eq!(office.reckon_again().await, 1);
        let again = office.read(&running).await;
        assert_eq!(again.due_at, Some(local("2027-01-04 15:00")));
        assert_eq!(again.turn, running.turn);
        assert_eq!(office.read(&closed).await, closed);
        assert_eq!(office.read(&window).await, window);
        assert_eq!(office.reckon_again().await, 0);
    }
}

/// How many promises the report says were broken.
async fn timed_out(office: &Office) -> u64 {
    use api::reports::{
        self,
        rules::{Figure, LONGEST_TOTAL, Level, Period},
    };
    let [first, last] = ["2026-12-01", "2027-01-31"].map(|day| day.parse().unwrap());
    let period = Period::new(first, last, last, LONGEST_TOTAL).unwrap();
    let tally = reports::tally(&office.deps().db, period, Level::Province).await;
    let tally = tally.unwrap();
    tally
        .values()
        .map(|counts| counts.of(Figure::TimedOut))
        .sum()
}

/// The first three days of `year` are off, and four more somewhere.
async fn announce(office: &Office, year: i32) {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let days = YearDays {
        year,
        source: "a test".into(),
        holidays: [(1, 1), (1, 2), (1, 3), (5, 1), (5, 3), (10, 1), (10, 4)]
            .map(|(month, of)| day(month, of))
            .into(),
        working_weekends: [].into(),
    };
    regions::save_year(office.deps(), &days).await.unwrap();
}
