//! Clocks count working time, stand while the applicant must act, and go on where they stood.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use api::{http::problem::Fault, jobs::Sweep, platform::Clock, review::RunClocks};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::{CaseAction as Act, CaseOutcome, CaseState, CaseTimer, Role};
use integration_tests::on_both_stacks;
use sea_orm::{ActiveModelTrait, EntityTrait};

use super::rig::{ISSUER, Office, local};

/// Applied for, and six working hours later.
const WORKING_HOURS: [(&str, &str); 6] = [
    ("2020-03-02 08:00", "2020-03-02 16:00"),
    ("2020-03-02 15:30", "2020-03-03 14:30"),
    ("2020-03-06 16:00", "2020-03-09 15:00"),
    ("2020-01-23 16:30", "2020-02-03 15:30"),
    ("2022-04-02 15:00", "2022-04-06 14:00"),
    ("2022-09-30 16:50", "2022-10-08 15:50"),
];

/// A day, and the seventh working day after it.
const WORKING_DAYS: [(&str, &str); 6] = [
    ("2020-01-22", "2020-02-10"),
    ("2022-01-28", "2022-02-11"),
    ("2022-03-31", "2022-04-12"),
    ("2022-04-29", "2022-05-12"),
    ("2022-09-29", "2022-10-13"),
    ("2026-02-11", "2026-02-27"),
];

/// An hour, and then whoever is above decides.
const RISES: &str = r#"{
  "key": "rises", "version": 1, "subject": "pass_card",
  "title": {"zh": "上报", "en": "Rises"}, "first": "below",
  "stages": [
    {
      "key": "below", "title": {"zh": "下", "en": "Below"}, "waits_for": "person",
      "decider": {"role": "reviewer", "where": "district"},
      "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
      "clock": {"limit": {"minutes": 60}, "when_out": {"escalate": "above"}}
    },
    {
      "key": "above", "title": {"zh": "上", "en": "Above"}, "waits_for": "person",
      "decider": {"role": "reviewer", "where": "prefecture"},
      "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
      "clock": {"limit": {"minutes": 60}, "when_out": {"remind": 60}}
    }
  ]
}"#;

/// A clock that is set back by a minute once it was read as often as it may be.
#[derive(Debug)]
struct SetBack {
    at: DateTime<Utc>,
    reads_left: AtomicU32,
}

impl From<DateTime<Utc>> for SetBack {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            at,
            reads_left: AtomicU32::new(u32::MAX),
        }
    }
}

impl Clock for SetBack {
    fn now(&self) -> DateTime<Utc> {
        let one_less = |left: u32| left.checked_sub(1);
        let spent = self
            .reads_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        let back = TimeDelta::minutes(i64::from(spent.is_err()));
        self.at - back
    }
}

/// A stage that takes seven working days.
const SEVEN_DAYS: &str = r#"{
  "key": "seven_days", "version": 1, "subject": "pass_card",
  "title": {"zh": "七日", "en": "Seven days"}, "first": "only",
  "stages": [{
    "key": "only", "title": {"zh": "唯一", "en": "Only"}, "waits_for": "person",
    "decider": {"role": "reviewer", "where": "district"},
    "actions": [{"action": "approve", "to": {"outcome": "approved"}}],
    "clock": {"limit": {"working_days": 7}, "when_out": {"remind": 60}}
  }]
}"#;

on_both_stacks! {
    async fn six_working_hours_of_a_case_end_when_the_table_says(stack: Stack) {
        let office = Office::open(stack).await;
        for (submitted, due) in WORKING_HOURS {
            office.at(submitted);
            let case = office.compared("pass_card_online").await;
            assert_eq!(case.due_at, Some(local(due)), "{submitted}");
            assert!(!case.provisional, "{submitted}");
            assert_eq!(case.timer, Some(CaseTimer::Remind));
        }
    }

    async fn seven_working_days_of_a_case_end_with_the_day_that_the_table_says(stack: Stack) {
        let office = Office::open(stack).await;
        super::workflows::save(&office, SEVEN_DAYS).await.unwrap();
        for (day, due) in WORKING_DAYS {
            office.at(&format!("{day} 11:00"));
            let case = office.case("seven_days").await;
            let midnight = local(&format!("{due} 00:00")) + TimeDelta::days(1);
            assert_eq!(case.due_at, Some(midnight), "{day}");
        }
    }

    async fn the_six_hours_of_a_window_are_hours_of_any_time(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-06 16:00");
        let case = office.compared("pass_card_window").await;
        assert_eq!(case.due_at, Some(local("2020-03-06 22:00")));
    }

    async fn the_clock_stands_while_the_applicant_must_act_and_goes_on_where_it_stood(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        assert_eq!(case.due_at, Some(local("2020-03-02 16:00")));
        // Two hours later somebody asks.
        office.at("2020-03-02 11:00");
        let asked = office.done(&case, ISSUER, Act::Ask).await;
        assert_eq!((asked.state, asked.stage.as_str()), (CaseState::Applicant, "applicant"));
        // Whoever has to bring something has fourteen days of any time.
        assert_eq!(asked.due_at, Some(local("2020-03-16 11:00")));
        // The clock of the authority does nothing meanwhile.
        office.at("2020-03-04 15:00");
        assert_eq!(office.run_clocks().await, 0);
        let by = api::review::By::Person(case.person_id);
        let back = office.done(&asked, by, Act::Resubmit).await;
        // Four hours are left: two today, two tomorrow.
        assert_eq!((back.state, back.stage.as_str()), (CaseState::Authority, "community"));
        assert_eq!(back.due_at, Some(local("2020-03-05 11:00")));
        // Asked and answered again at once, nothing is gained or lost.
        let asked = office.done(&back, ISSUER, Act::Ask).await;
        let again = office.done(&asked, by, Act::Resubmit).await;
        assert_eq!(again.due_at, back.due_at);
        assert_eq!(again.stay, case.stay, "it never left");
        assert!(office.breaches(&case).await.is_empty());
    }

    async fn a_case_that_was_late_before_it_was_asked_about_is_booked_once(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        office.at("2020-03-02 16:30");
        // The sweep has not come yet; that the promise is broken is booked anyhow.
        let asked = office.done(&case, ISSUER, Act::Ask).await;
        assert_eq!(asked.late_since, Some(local("2020-03-02 16:00")));
        office.at("2020-03-03 10:00");
        let by = api::review::By::Person(case.person_id);
        let back = office.done(&asked, by, Act::Resubmit).await;
        assert_eq!(back.due_at, Some(office.now()), "nothing is left");
        office.run_clocks().await;
        let late = office.read(&case).await;
        // Nor is another day won by asking.
        assert_eq!((late.timer, late.timer_at), (Some(CaseTimer::Decide), Some(local("2020-03-03 18:00"))));
        let breaches = office.breaches(&case).await;
        assert_eq!(breaches.len(), 1);
        assert_eq!(breaches[0].due_at, local("2020-03-02 16:00"));
    }

    async fn at_the_limit_the_delay_is_booked_and_the_next_day_the_system_grants(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-06 15:00");
        let case = office.compared("pass_card_online").await;
        office.at("2020-03-09 13:00");
        office.run_clocks().await;
        let reminded = office.read(&case).await;
        assert_eq!((reminded.timer, reminded.late_since), (Some(CaseTimer::Limit), None));
        office.at("2020-03-09 14:00");
        assert_eq!(office.run_clocks().await, 1);
        let late = office.read(&case).await;
        assert_eq!(late.turn, case.turn, "a limit is no step");
        assert_eq!((late.timer, late.timer_at), (Some(CaseTimer::Decide), Some(local("2020-03-10 18:00"))));
        assert_eq!(late.late_since, Some(local("2020-03-09 14:00")));
        let breaches = office.breaches(&case).await;
        assert_eq!(breaches.len(), 1);
        assert_eq!(breaches[0].area.code(), super::rig::COMMUNITY);
        assert_eq!(breaches[0].decider, Some(Role::CommunityIssuer));
        office.at("2020-03-10 17:59");
        assert_eq!(office.run_clocks().await, 0);
        office.at("2020-03-10 18:00");
        assert_eq!(office.run_clocks().await, 1);
        let granted = office.read(&case).await;
        assert_eq!((granted.state, granted.outcome), (CaseState::Closed, Some(CaseOutcome::ByClock)));
        assert_eq!((granted.timer, granted.due_at), (None, None));
        assert_eq!(office.run_clocks().await, 0);
        assert_eq!(office.breaches(&case).await.len(), 1);
    }

    async fn any_opinion_before_then_cancels_it(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        office.at("2020-03-02 16:00");
        office.run_clocks().await;
        office.at("2020-03-03 17:00");
        let late = office.read(&case).await;
        let approved = office.done(&late, ISSUER, Act::Approve).await;
        assert_eq!(approved.outcome, Some(CaseOutcome::Approved));
        assert_eq!(approved.late_since, Some(local("2020-03-02 16:00")));
        office.at("2020-03-03 18:00");
        assert_eq!(office.run_clocks().await, 0);
        assert_eq!(office.read(&case).await, approved);
    }

    async fn nothing_is_granted_over_a_hold_and_the_case_goes_up(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        office.cards.held.store(true, Ordering::SeqCst);
        office.at("2020-03-03 18:00");
        office.run_clocks().await;
        let up = office.read(&case).await;
        assert_eq!((up.stage.as_str(), up.area.code()), ("district", "370102"));
        assert_eq!(up.decider, Some(Role::Reviewer));
        assert_eq!(up.late_since, Some(local("2020-03-02 16:00")));
        // It has its own six hours, and is as late if nobody decides.
        assert_eq!(up.due_at, Some(local("2020-03-04 16:00")));
        office.at("2020-03-05 18:00");
        office.run_clocks().await;
        let up = office.read(&case).await;
        assert_eq!((up.stage.as_str(), up.area.code()), ("prefecture", "370100"));
        office.at("2020-03-06 16:00");
        office.run_clocks().await;
        let areas: Vec<String> = office.breaches(&case).await.into_iter().map(|b| b.area.into()).collect();
        assert_eq!(areas, ["370102001001", "370102", "370100"]);
        // There whoever decides is reminded daily, and the case stays.
        let last = office.read(&case).await;
        assert_eq!((last.timer, last.timer_at), (Some(CaseTimer::Decide), Some(local("2020-03-07 18:00"))));
        office.at("2020-03-07 18:00");
        office.run_clocks().await;
        let last = office.read(&case).await;
        assert_eq!((last.timer, last.timer_at), (Some(CaseTimer::Remind), Some(local("2020-03-08 18:00"))));
        // It is for people now, and as far as the hold lets them.
        let held = office.act(&last, ISSUER, super::rig::says(Act::Approve)).await.unwrap_err();
        assert_eq!(held.kind().slug, "held");
        office.at("2020-03-08 18:00");
        office.run_clocks().await;
        assert_eq!(office.read(&case).await.timer_at, Some(local("2020-03-09 18:00")));
        // Once nothing stands against it, it is granted.
        office.cards.held.store(false, Ordering::SeqCst);
        office.at("2020-03-09 18:00");
        office.run_clocks().await;
        assert_eq!(office.read(&case).await.outcome, Some(CaseOutcome::ByClock));
        assert_eq!(office.breaches(&case).await.len(), 3);
    }

    async fn whoever_sends_a_case_up_sends_the_time_that_is_left_with_it(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        for (workflow, due) in [("pass_card_online", "2020-03-02 16:00"), ("pass_card_window", "2020-03-02 15:00")] {
            office.at("2020-03-02 09:00");
            let case = office.compared(workflow).await;
            office.at("2020-03-02 11:00");
            let up = office.done(&case, ISSUER, Act::Escalate).await;
            assert_eq!((up.stage.as_str(), up.due_at), ("district", Some(local(due))), "{workflow}");
            office.at("2020-03-02 14:00");
            let top = office.done(&up, ISSUER, Act::Escalate).await;
            assert_eq!((top.stage.as_str(), top.due_at), ("prefecture", Some(local(due))), "{workflow}");
            // Nobody decides there either: it is granted when it would have been anyhow.
            office.at("2020-03-03 18:00");
            office.run_clocks().await;
            let granted = office.read(&case).await;
            assert_eq!(granted.outcome, Some(CaseOutcome::ByClock), "{workflow}");
            let booked: Vec<String> = office.breaches(&case).await.into_iter().map(|b| b.area.into()).collect();
            assert_eq!(booked, ["370100"], "{workflow}");
        }
    }

    async fn nobody_sends_up_what_the_clock_is_about_to_grant(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let mut cases = Vec::new();
        for _ in 0..4 {
            cases.push(office.compared("pass_card_online").await);
        }
        for case in &cases {
            office.contacted(case, entity::values::ContactResult::Reached).await;
        }
        // Whether the sweep has come or not.
        office.at("2020-03-02 16:00");
        let early = office.act(&cases[0], ISSUER, super::rig::says(Act::Escalate)).await.unwrap_err();
        assert_eq!(early.kind().slug, "too-late-to-escalate");
        office.run_clocks().await;
        office.at("2020-03-02 16:30");
        let late = office.act(&cases[0], ISSUER, super::rig::says(Act::Escalate)).await.unwrap_err();
        assert_eq!(late.kind().slug, "too-late-to-escalate");
        // Any opinion is one.
        let approved = office.done(&cases[1], ISSUER, Act::Approve).await;
        let refused = office.act(&cases[2], ISSUER, super::rig::refusal("symptoms")).await.unwrap();
        let asked = office.done(&cases[3], ISSUER, Act::Ask).await;
        office.at("2020-03-03 18:00");
        office.run_clocks().await;
        assert_eq!(office.read(&cases[0]).await.outcome, Some(CaseOutcome::ByClock));
        assert_eq!(office.read(&cases[1]).await, approved);
        assert_eq!(office.read(&cases[2]).await, refused);
        assert_eq!(office.read(&cases[3]).await, asked);
    }

    async fn asking_again_and_again_puts_nothing_off_for_ever(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        let by = api::review::By::Person(case.person_id);
        office.at("2020-03-03 17:30");
        let mut now = case.clone();
        for _ in 0..2 {
            let asked = office.done(&now, ISSUER, Act::Ask).await;
            now = office.done(&asked, by, Act::Resubmit).await;
        }
        let again = office.act(&now, ISSUER, super::rig::says(Act::Ask)).await.unwrap_err();
        assert_eq!(again.kind().slug, "action-too-often");
        office.run_clocks().await;
        office.at("2020-03-03 18:00");
        office.run_clocks().await;
        assert_eq!(office.read(&case).await.outcome, Some(CaseOutcome::ByClock));
    }

    async fn what_the_clock_cannot_decide_people_decide_an_hour_later(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        office.cards.failing.store(true, Ordering::SeqCst);
        office.at("2020-03-03 18:00");
        office.run_clocks().await;
        office.at("2020-03-03 18:30");
        office.run_clocks().await;
        office.cards.failing.store(false, Ordering::SeqCst);
        office.at("2020-03-03 19:00");
        let early = office.act(&case, ISSUER, super::rig::says(Act::Approve)).await.unwrap_err();
        assert_eq!(early.kind().slug, "case-decided-by-clock");
        office.at("2020-03-03 19:01");
        let approved = office.done(&case, ISSUER, Act::Approve).await;
        assert_eq!(approved.outcome, Some(CaseOutcome::Approved));
        assert_eq!(office.breaches(&case).await.len(), 1);
    }

    async fn a_reminder_that_fails_until_the_limit_does_not_swallow_it(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        // What is put off is put off from its reminder past its limit.
        let put_off = entity::review_case::ActiveModel {
            id: sea_orm::ActiveValue::Set(case.id),
            timer_at: sea_orm::ActiveValue::Set(Some(local("2020-03-02 16:01"))),
            ..Default::default()
        };
        put_off.update(&office.deps().db).await.unwrap();
        office.at("2020-03-02 16:01");
        office.run_clocks().await;
        let late = office.read(&case).await;
        assert_eq!((late.timer, late.timer_at), (Some(CaseTimer::Decide), Some(local("2020-03-03 18:00"))));
        assert_eq!(office.breaches(&case).await.len(), 1);
    }

    async fn a_clock_that_is_set_back_during_a_sweep_loses_no_breach(stack: Stack) {
        let office = Office::open(stack).await;
        super::workflows::save(&office, RISES).await.unwrap();
        office.at("2020-03-02 09:00");
        let case = office.case("rises").await;
        office.at("2020-03-02 10:00");
        let before = office.now();
        let clock = Arc::new(SetBack::from(before));
        let theirs = Arc::clone(&clock);
        let other = office.another_with(move |deps| deps.clock = theirs).await;
        clock.reads_left.store(1, Ordering::SeqCst);
        RunClocks::run(&other.deps).await.unwrap();
        assert_eq!(office.read(&case).await.stage, "above");
        assert_eq!(office.breaches(&case).await.len(), 1);
    }

    async fn a_comparison_that_never_answers_holds_nobody_up_and_is_nobodys_delay(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.case("pass_card_online").await;
        assert_eq!((case.state, case.decider), (CaseState::Answer, None));
        office.at("2020-03-02 10:00");
        assert_eq!(office.run_clocks().await, 1);
        let waits = office.read(&case).await;
        assert_eq!((waits.stage.as_str(), waits.late_since), ("community", None));
        // What was promised to the applicant was promised when they applied.
        assert_eq!(waits.due_at, Some(local("2020-03-02 16:00")));
        assert!(office.breaches(&case).await.is_empty());
    }

    async fn what_the_applicant_does_not_bring_in_fourteen_days_lapses(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        office.done(&case, ISSUER, Act::Ask).await;
        office.at("2020-03-16 08:59");
        assert_eq!(office.run_clocks().await, 0);
        office.at("2020-03-16 09:00");
        office.run_clocks().await;
        let lapsed = office.read(&case).await;
        assert_eq!(lapsed.outcome, Some(CaseOutcome::Lapsed));
        assert!(office.breaches(&case).await.is_empty(), "nobody of the authority was late");
    }

    async fn restarts_and_clocks_that_jump_neither_lose_nor_repeat_anything(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.compared("pass_card_online").await;
        // The machine's clock is set back, and the case opened again for its applicant: no time is won.
        office.at("2020-03-01 09:00");
        let asked = office.done(&case, ISSUER, Act::Ask).await;
        let by = api::review::By::Person(case.person_id);
        office.at("2020-03-02 09:00");
        let back = office.done(&asked, by, Act::Resubmit).await;
        assert_eq!(back.due_at, case.due_at);
        // Nothing runs over the weekend; another process takes over on Monday.
        office.at("2020-03-09 09:00");
        let other = office.another().await;
        assert_eq!(super::rig::run_clocks(&other.deps).await, 2, "limit and decision; for a reminder it is too late");
        let granted = office.read(&case).await;
        assert_eq!(granted.outcome, Some(CaseOutcome::ByClock));
        assert_eq!(office.breaches(&case).await[0].due_at, local("2020-03-02 16:00"));
        // Back again: what is done stays done, and once.
        office.at("2020-03-02 10:00");
        assert_eq!(office.run_clocks().await, 0);
        office.at("2020-03-09 09:00");
        assert_eq!(office.run_clocks().await, 0);
        assert_eq!(office.read(&case).await, granted);
        assert_eq!(office.breaches(&case).await.len(), 1);
    }

    async fn a_feature_that_fails_holds_up_its_own_case_and_no_other(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let case = office.case("pass_card_online").await;
        office.at("2020-03-02 10:00");
        office.cards.failing.store(true, Ordering::SeqCst);
        assert_eq!(office.run_clocks().await, 0);
        let kept = office.read(&case).await;
        assert_eq!((kept.turn, kept.timer_at), (case.turn, Some(local("2020-03-02 10:01"))));
        office.cards.failing.store(false, Ordering::SeqCst);
        office.at("2020-03-02 10:01");
        assert_eq!(office.run_clocks().await, 1);
        assert_eq!(entity::review_step::Entity::find().all(&office.deps().db).await.unwrap().len(), 2);
    }
}
