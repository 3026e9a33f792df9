//! Sixty days of an office on one clock: people apply, answer and give up; whoever decides does so, asks,
//! goes on leave or does nothing; processes die and start; the clock is set forward and back. After every
//! step no case is lost, none is decided twice, and each promise was kept or its breach is booked.

mod doors;
mod log;

use std::{collections::BTreeMap, sync::atomic::Ordering};

use api::{
    http::problem::Fault,
    jobs::Sweep,
    platform::Entropy,
    review::{By, Move, RunClocks},
};
use chrono::TimeDelta;
use entity::{
    review_case::Model,
    values::{CaseAction as Act, CaseId, CaseState, ContactResult, Division, StaffId},
};
use integration_tests::{Backend, SeededEntropy, on_both_stacks};
use uuid::Uuid;

use crate::review::{
    rig::{Office, opening, refusal, run_clocks, says},
    sweeping::killed_after,
};

const DAYS: i64 = 60;

/// Whoever decides in a county: its own people, and their deputies.
const STAFF: [StaffId; 2] = [StaffId(Uuid::from_u128(1)), StaffId(Uuid::from_u128(2))];

const REASONS: [&str; 3] = ["symptoms", "duplicate", "not_reachable"];

/// An office and what happens to it.
struct Life {
    office: Office,
    other: Option<Backend>,
    dice: SeededEntropy,
    /// Whether the first of the staff is on leave.
    on_leave: bool,
    /// The cases, as they were seen last.
    cases: BTreeMap<CaseId, Model>,
}

impl Life {
    fn roll(&self, sides: u32) -> u32 {
        self.dice.below(sides)
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let sides = u32::try_from(from.len()).unwrap();
        from.get(usize::try_from(self.roll(sides)).unwrap())
    }

    fn some_case(&self, state: CaseState) -> Option<Model> {
        let of_it: Vec<&Model> = self
            .cases
            .values()
            .filter(|case| case.state == state)
            .collect();
        self.pick(&of_it).map(|case| (*case).clone())
    }

    /// Whoever decides today.
    fn decider(&self) -> By {
        let [first, deputy] = STAFF;
        if self.on_leave {
            By::Staff {
                account: deputy,
                instead_of: Some(first),
            }
        } else {
            By::Staff {
                account: first,
                instead_of: None,
            }
        }
    }

    async fn step(&mut self) {
        match self.roll(100) {
            0..13 => self.apply().await,
            13..26 => self.compare().await,
            26..46 => self.decide().await,
            46..53 => self.applicant().await,
            53..55 => self.decide_again().await,
            55..57 => self.on_leave = !self.on_leave,
            57..59 => self
                .office
                .cards
                .held
                .store(self.roll(3) == 0, Ordering::SeqCst),
            59..61 => Box::pin(self.restart()).await,
            61..63 => Box::pin(self.die()).await,
            63..72 => self.sweep().await,
            _ => self.time(),
        }
    }

    async fn apply(&mut self) {
        let person = self.office.person().await;
        let workflow = ["pass_card_online", "pass_card_window"][usize::from(self.roll(3) == 0)];
        let mut opening = opening(person, workflow);
        if self.roll(3) == 0 {
            opening.division = Division::try_from("370103".to_owned()).unwrap();
            opening.community = None;
        }
        let case = self.office.try_open(opening).await.unwrap();
        self.cases.insert(case.id, case);
    }

    async fn compare(&self) {
        if let Some(case) = self.some_case(CaseState::Answer) {
            self.office.done(&case, By::System, Act::Answer).await;
        }
    }

    async fn decide(&self) {
        let Some(case) = self.some_case(CaseState::Authority) else {
            return;
        };
        let what = match self.roll(10) {
            0..5 => says(Act::Approve),
            5..7 => says(Act::Ask),
            7 => says(Act::Escalate),
            _ => {
                if self.roll(4) > 0 {
                    let results = [ContactResult::NotReached, ContactResult::Contradicted];
                    self.office
                        .contacted(&case, *self.pick(&results).unwrap())
                        .await;
                }
                refusal(self.pick(&REASONS).unwrap())
            }
        };
        self.attempt(&case, self.decider(), what).await;
    }

    /// What may be refused, for reasons that there are.
    async fn attempt(&self, case: &Model, by: By, what: Move) {
        const REFUSED: [&str; 7] = [
            "action-not-at-this-stage",
            "case-decided-by-clock",
            "contact-missing",
            "held",
            "case-decided",
            "action-too-often",
            "too-late-to-escalate",
        ];
        if let Err(error) = self.office.act(case, by, what).await {
            assert!(REFUSED.contains(&error.kind().slug), "{error:?}");
        }
    }

    async fn applicant(&self) {
        let Some(case) = self.some_case(CaseState::Applicant) else {
            return;
        };
        let action = if self.roll(6) == 0 {
            Act::Withdraw
        } else {
            Act::Resubmit
        };
        self.attempt(&case, By::Person(case.person_id), says(action))
            .await;
    }

    /// Nobody decides what was decided.
    async fn decide_again(&self) {
        if let Some(case) = self.some_case(CaseState::Closed) {
            let again = self
                .office
                .act(&case, self.decider(), says(Act::Approve))
                .await;
            let slug = again.unwrap_err().kind().slug;
            assert!(slug.starts_with("case-decided"), "{slug}");
        }
    }

    async fn restart(&mut self) {
        self.other = None;
        self.other = Some(self.office.another().await);
    }

    /// A sweep begins and its process dies.
    async fn die(&mut self) {
        if let Some(other) = self.other.take() {
            let steps = usize::try_from(self.roll(120)).unwrap();
            killed_after(steps, RunClocks::run(&other.deps)).await;
        }
    }

    async fn sweep(&self) {
        match &self.other {
            Some(other) => {
                tokio::join!(run_clocks(&other.deps), self.office.run_clocks());
            }
            None => {
                self.office.run_clocks().await;
            }
        }
        self.office.run_clocks().await;
        log::all_limits_are_booked(&self.office.backend).await;
    }

    fn time(&self) {
        let minutes = match self.roll(12) {
            0 => -i64::from(self.roll(180)),
            1 => i64::from(self.roll(3 * 24 * 60)),
            _ => i64::from(self.roll(9 * 60)),
        };
        self.office.backend.wait(TimeDelta::minutes(minutes));
    }

    /// No case is lost or decided twice, and each promise was kept or is booked as broken.
    async fn look(&mut self) {
        let now = log::cases(&self.office.backend).await;
        assert_eq!(
            now.len(),
            self.cases.len(),
            "a case was lost, or one came from nowhere"
        );
        for case in now {
            let before = &self.cases[&case.id];
            assert!(case.turn >= before.turn);
            if before.state == CaseState::Closed {
                assert_eq!(&case, before, "what is decided stays as it was decided");
            }
            self.cases.insert(case.id, case);
        }
        log::steps_lead_to(&self.office.backend, &self.cases).await;
    }
}

on_both_stacks! {
    async fn sixty_days_keep_every_promise_or_book_its_breach(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let end = office.now() + TimeDelta::days(DAYS);
        let dice = SeededEntropy::new(20_200_302);
        let mut life = Life { office, other: None, dice, on_leave: false, cases: BTreeMap::new() };
        while life.office.now() < end {
            Box::pin(life.step()).await;
            life.look().await;
        }
        life.sweep().await;
        life.look().await;
        let ended = life.cases.values().filter(|case| case.state == CaseState::Closed).count();
        assert!(ended > 20 && life.cases.len() > 40, "{ended} of {}", life.cases.len());
        log::the_report_tells_it(&life.office.backend).await;
    }
}
