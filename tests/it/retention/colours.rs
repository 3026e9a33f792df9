//! The same happens to the people of two towns, one of which forgets. They show the same every day.

use api::health_code::{colour_at, verdict_now};
use entity::values::{FactKind, RiskLevel, TestResult};
use integration_tests::on_both_stacks;
use serde_json::json;

use super::town::{OnRecord, Town};

/// What happens to people, each by its number.
const STORIES: usize = 20;

/// Days that are lived through: longer than any record is kept.
const DAYS: u64 = 200;

/// What happens to the person with the story `story` on `day`, counted from 0.
async fn happens(town: &Town, story: usize, day: u64) {
    use FactKind::{
        CloseContact, Companion, ConfirmedCase, IsolationEnded, IsolationStarted, Override, Push,
        Recovered, SecondaryContact, SuspectedCase, SuspicionExcluded,
    };
    use TestResult::{Negative, Positive};
    let person = town.people[story];
    let tube = format!("{story}-{day}");
    let tested = async |size, result| town.is_tested(person, &tube, size, result).await;
    let fact = async |kind, ends, detail| {
        town.happens(person, kind, ends, detail).await;
    };
    if day == 0 {
        town.declares(person, json!([])).await;
    }
    match (story, day) {
        // Well, tested and asked every few days.
        (0, _) if day.is_multiple_of(3) => {
            town.checks_in(person, 36.5).await;
            tested(10, Negative).await;
        }
        // Arrived from Wuhan, reports every day, and goes on doing so.
        (1, 0) => {
            let stay = json!({"place": {"division": "420106"}, "from": "2026-02-16", "until": "2026-03-02"});
            town.declares(person, json!([stay])).await;
        }
        (1, 1..60) | (12, 5) => town.checks_in(person, 36.5).await,
        (2 | 16 | 17, 3) | (17, 60) => fact(CloseContact, None, json!({})).await,
        (2 | 16, 20) | (17, 30 | 90) | (3, 36 | 110) | (6, 36) | (5, 6) | (15, 4 | 8) => {
            tested(1, Negative).await;
        }
        (3, 5) | (6, 6) => fact(ConfirmedCase, None, json!({"asymptomatic": false})).await,
        (3 | 6, 20) => fact(Recovered, None, json!({})).await,
        // Positive, excluded a few days later, and never tested again.
        (4 | 6, 5) => tested(1, Positive).await,
        (4, 8) => fact(SuspicionExcluded, None, json!({})).await,
        (5, 5) => tested(10, Positive).await,
        (7, 2) => fact(Push, None, json!({"colour": "red", "reason": "x"})).await,
        (7, 120) => town.takes_back(person).await,
        (8, 2) => fact(Push, Some(38), json!({"colour": "yellow", "reason": "x"})).await,
        (9, 2) => fact(IsolationStarted, None, json!({"place": "central"})).await,
        (9, 16) => fact(IsolationEnded, None, json!({})).await,
        // Was where there was a level, and is never tested.
        (10, 10) => {
            town.is_dangerous("310104", RiskLevel::Medium, Some(30))
                .await;
        }
        (10, 12) => {
            let stay = json!({"place": {"division": "310104"}, "from": "2026-03-01", "until": "2026-03-14"});
            town.declares(person, json!([stay])).await;
        }
        (10, 40) => town.declares(person, json!([])).await,
        (11 | 12, 4) => town.checks_in(person, 38.5).await,
        // Declares again and again.
        (14, _) if day.is_multiple_of(20) && day > 0 => town.declares(person, json!([])).await,
        (15, 3) => fact(Companion, None, json!({})).await,
        (16, 5) => {
            let detail =
                json!({"effect": "release", "ground": "exposure_excluded", "cause": "R03"});
            fact(Override, None, detail).await;
        }
        (18, 3) => fact(SuspectedCase, None, json!({})).await,
        (18, 10) => fact(ConfirmedCase, None, json!({"asymptomatic": true})).await,
        (19, 2) => fact(SecondaryContact, None, json!({})).await,
        (19, 30) => tested(5, Negative).await,
        _ => (),
    }
    // Most report now and then, so that not everybody is yellow for want of it.
    if story > 2 && story != 13 && (day + story as u64).is_multiple_of(9) && story != 11 {
        town.checks_in(person, 36.5).await;
    }
}

on_both_stacks! {
    async fn forgetting_changes_nobodys_colour_on_any_day(stack: Stack) {
        let people = u128::try_from(STORIES).unwrap();
        let (forgets, keeps) = (Town::of(stack, people).await, Town::of(stack, people).await);
        for day in 0..DAYS {
            for town in [&forgets, &keeps] {
                if day > 0 {
                    town.days_pass(1).await;
                }
                for story in 0..STORIES {
                    happens(town, story, day).await;
                }
                town.backend.sweep().await;
            }
            let before = forgets.colours().await;
            assert_eq!(before, keeps.colours().await, "day {day}, before the sweep");
            forgets.forget().await;
            assert_eq!(before, forgets.colours().await, "day {day}, after the sweep");
            if day % 10 == 0 {
                see_that_both_show_the_same(&forgets, &keeps, day).await;
            }
        }
        see_what_is_left(&forgets, &keeps).await;
    }
}

/// What is worked out anew, and what is replayed of this moment, is the same in both towns, reason by reason.
async fn see_that_both_show_the_same(forgets: &Town, keeps: &Town, day: u64) {
    for (story, person) in forgets.people.iter().enumerate() {
        let mut shown = Vec::new();
        for town in [forgets, keeps] {
            let deps = &town.backend.deps;
            let now = verdict_now(&deps.db, deps, *person).await.unwrap();
            let replayed = colour_at(deps, *person, town.now()).await.unwrap();
            for verdict in [now, replayed] {
                let reasons = verdict.reasons.into_iter();
                let reasons = reasons.map(|why| (why.code, why.rule, why.until));
                shown.push((verdict.colour, reasons.collect::<Vec<_>>()));
            }
        }
        assert!(
            shown.windows(2).all(|pair| pair[0] == pair[1]),
            "story {story}, day {day}: {shown:?}"
        );
    }
}

/// Hardly anything of what is over is left where it is forgotten, and everything where it is not.
async fn see_what_is_left(forgets: &Town, keeps: &Town) {
    let mut left = Vec::new();
    let mut all = Vec::new();
    for person in &forgets.people {
        left.push(forgets.on_record(*person).await);
        all.push(keeps.on_record(*person).await);
    }
    // What was a case, a contact, in isolation, observed, pushed for a time.
    for story in [1, 2, 3, 4, 5, 6, 8, 9, 12, 15, 16, 17] {
        let OnRecord { facts, holds, .. } = left[story];
        assert_eq!((facts, holds), (0, 0), "story {story}: {:?}", left[story]);
        assert!(all[story].holds > 0, "story {story}: {:?}", all[story]);
    }
    assert_eq!((left[14].declarations, all[14].declarations), (1, 10));
    assert_eq!((left[0].tests, all[0].tests), (10, 67));
    assert_eq!((left[13].declarations, left[13].stays), (1, 1));
    // Who is still held for what is long ago: not tested since, unwell without another word, a case.
    for story in [10, 11, 18] {
        assert!(left[story].holds > 0, "story {story}: {:?}", left[story]);
    }
}
