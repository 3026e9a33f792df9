//! Eight weeks of one person, day by day: what they show, why, until when, and what they showed.

use api::{
    facts::{self, NewFact, NewTest, Recorded},
    health_code::colour_at,
    platform::{Clock, db::begin_write},
};
use chrono::{DateTime, Utc};
use entity::values::{Colour, Division, FactKind, PersonId, ReasonCode, TestResult};

use super::*;

/// Colour, and causes with their ends, worst first.
type Shown = (Colour, Vec<(ReasonCode, Option<DateTime<Utc>>)>);

/// From when on what colour is shown, and its causes with their ends, in Asia/Shanghai.
type Scene = (&'static str, Colour, &'static [(ReasonCode, &'static str)]);

/// What is shown from a moment on.
const STORY: [Scene; 15] = {
    use Colour::{Green, Red, Yellow};
    use ReasonCode::{R01, R02, R03, Y02, Y04, Y05};
    const ARRIVED: (ReasonCode, &str) = (Y04, "03-16T00:00");
    const CONTACT: (ReasonCode, &str) = (R03, "03-25T20:00");
    const CASE: (ReasonCode, &str) = (R01, "04-03T10:00");
    const RECOVERING: (ReasonCode, &str) = (R01, "04-13T10:00");
    const WATCHED: (ReasonCode, &str) = (Y05, "04-01T20:00");
    [
        ("03-02T12:00", Yellow, &[ARRIVED]),
        ("03-12T12:00", Red, &[CONTACT, ARRIVED]),
        // A day was missed, so the observation goes on until the next report.
        ("03-16T00:00", Red, &[CONTACT, ARRIVED]),
        ("03-16T12:00", Red, &[CONTACT]),
        ("03-18T12:00", Red, &[CONTACT, (Y02, "")]),
        ("03-19T12:00", Red, &[(R02, ""), CONTACT]),
        ("03-20T12:00", Red, &[CASE, CONTACT]),
        ("03-25T20:00", Red, &[CASE, WATCHED]),
        ("03-30T12:00", Red, &[RECOVERING, WATCHED]),
        ("04-01T20:00", Red, &[RECOVERING, WATCHED]),
        ("04-02T12:00", Red, &[RECOVERING]),
        ("04-13T10:00", Yellow, &[(Y05, "04-27T10:00")]),
        ("04-20T12:00", Yellow, &[(Y05, "04-27T10:00")]),
        ("04-27T10:00", Green, &[]),
        ("04-29T12:00", Green, &[]),
    ]
};

/// The same day each year that this is written for.
fn at(moment: &str) -> DateTime<Utc> {
    format!("2026-{moment}:00+08:00").parse().unwrap()
}

fn expected(now: DateTime<Utc>) -> Shown {
    let told = STORY.iter().rfind(|(from, ..)| at(from) <= now);
    let (_, colour, reasons) = told.expect("the story began");
    let until = |until: &str| (!until.is_empty()).then(|| at(until));
    let reasons = reasons.iter().map(|(code, end)| (*code, until(end)));
    (*colour, reasons.collect())
}

/// Zhang, whom it happens to.
struct Walk {
    backend: Backend,
    person: PersonId,
    session: (DateTime<Utc>, Session),
    told: Vec<(DateTime<Utc>, Shown)>,
}

impl Walk {
    /// Let time pass until `moment`, with the sweeps run there and at the moment before.
    async fn until(&mut self, moment: &str) {
        let now = at(moment);
        let before = now - TimeDelta::milliseconds(1);
        self.backend.wait_until(&before.to_rfc3339());
        self.backend.sweep().await;
        self.look().await;
        self.backend.wait(TimeDelta::milliseconds(1));
        self.backend.sweep().await;
    }

    /// Zhang's session, which lasts for a quarter of an hour.
    async fn session(&mut self) -> Session {
        let now = self.backend.clock.now();
        if now - self.session.0 > TimeDelta::minutes(10) {
            self.session = (now, self.backend.log_in(PHONE).await);
        }
        self.session.1.clone()
    }

    /// See what Zhang shows, and that it is what is expected.
    async fn look(&mut self) {
        let zhang = self.session().await;
        let code = code_of(&self.backend, &zhang).await;
        let now = self.backend.clock.now();
        let told = |reason: &Value| {
            let code = serde_json::from_value(reason["code"].clone()).unwrap();
            let until = serde_json::from_value(reason["until"].clone()).unwrap();
            (code, until)
        };
        let colour = serde_json::from_value(code["colour"].clone()).unwrap();
        let reasons = code["reasons"].as_array().unwrap().iter();
        let shown: Shown = (colour, reasons.map(told).collect());
        assert_eq!(shown, expected(now), "at {now}");
        self.told.push((now, shown));
    }

    async fn check_in(&mut self) {
        let zhang = self.session().await;
        check_in(&self.backend, &zhang).await;
        self.backend.compare().await;
    }

    async fn happens(&self, kind: FactKind, moment: &str, detail: Value) {
        let deps = &self.backend.deps;
        let tx = begin_write(&deps.db).await.unwrap();
        let new = NewFact {
            person: self.person,
            kind,
            happened_at: at(moment),
            ends_at: None,
            origin: Division::try_from("310101".to_owned()).unwrap(),
            source: "cdc".into(),
            source_ref: None,
            detail,
            recorded_by: None,
        };
        let recorded = facts::record_fact(&tx, deps, new).await.unwrap();
        assert!(matches!(recorded, Recorded::New(_)));
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    /// A sample of three hours ago, in a tube for `tube_size` people.
    async fn is_tested(&self, tube_size: i16, result: TestResult) {
        let deps = &self.backend.deps;
        let now = self.backend.clock.now();
        let tx = begin_write(&deps.db).await.unwrap();
        let new = NewTest {
            person: self.person,
            sampled_at: now - TimeDelta::hours(3),
            sample: format!("lab/{}", now.timestamp()),
            reported_at: now,
            result,
            tube_size,
            source: "lab".into(),
            recorded_by: None,
        };
        facts::record_test(&tx, deps, new).await.unwrap();
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    /// What happens at noon of `day`, given as month and day.
    async fn live_through(&mut self, day: &str) {
        let nothing = || json!({});
        match day {
            "03-12" => {
                self.happens(FactKind::CloseContact, "03-11T20:00", nothing())
                    .await;
            }
            "03-18" => self.is_tested(10, TestResult::Positive).await,
            "03-19" => self.is_tested(1, TestResult::Positive).await,
            "03-20" => {
                let symptoms = json!({"asymptomatic": false});
                self.happens(FactKind::ConfirmedCase, "03-20T10:00", symptoms)
                    .await;
            }
            "03-30" => {
                self.happens(FactKind::Recovered, "03-30T10:00", nothing())
                    .await;
            }
            "04-02" | "04-20" => self.is_tested(1, TestResult::Negative).await,
            _ => (),
        }
        if !["03-02", "03-07"].contains(&day) {
            self.check_in().await;
        }
    }
}

on_both_stacks! {
    async fn eight_weeks_of_one_person_are_told_day_by_day_and_again_afterwards(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let person = PersonId(zhang.person.parse().unwrap());
        let session = (backend.clock.now(), zhang);
        let mut walk = Walk { backend, person, session, told: Vec::new() };

        let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for day in first.iter_days().take(59) {
            let day = day.format("%m-%d").to_string();
            // The moments between noons at which time alone changes something.
            for (moment, ..) in STORY.iter().filter(|(at, ..)| at.starts_with(&day) && !at.ends_with("T12:00")) {
                if at(moment) < at(&format!("{day}T12:00")) {
                    walk.until(moment).await;
                    walk.look().await;
                }
            }
            walk.backend.wait_until(&at(&format!("{day}T12:00")).max(walk.backend.clock.now()).to_rfc3339());
            walk.backend.sweep().await;
            walk.live_through(&day).await;
            walk.look().await;
            if ["03-25", "04-01"].contains(&day.as_str()) {
                walk.until(&format!("{day}T20:00")).await;
                walk.look().await;
            }
        }
        let Walk { backend, told, .. } = walk;
        assert!(told.len() > 59);
        for (when, shown) in told {
            let verdict = colour_at(&backend.deps, person, when).await.unwrap();
            let reasons = verdict.reasons.iter().map(|reason| (reason.code, reason.until));
            assert_eq!((verdict.colour, reasons.collect::<Vec<_>>()), shown, "as it was at {when}");
        }
    }
}
