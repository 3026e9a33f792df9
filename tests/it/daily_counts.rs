//! Every day the public is told how many people showed which colour, and why it changed (S30).

mod history;

use std::collections::BTreeMap;

use api::{
    audit,
    commands::verify_log::{self, Arguments},
    credentials::{
        day_note::{self, DayNote},
        key_list::KeyList,
    },
    daily_counts::{
        CountDays,
        offline::verified,
        publishing::{Counted, DailyCounts, publish},
        rules::class_of_rule,
    },
    jobs::Sweep,
    platform::{
        Clock,
        digest::{canonical_json, sha256},
    },
    reports::rules::Level,
    transparency::{
        GivePlaces,
        offline::{self, Proof},
    },
};
use chrono::{Days, NaiveDate};
use entity::{
    audit_entry, daily_count, daily_standing, daily_turn,
    values::{CauseClass, Colour, Division, ReasonCode},
};
use history::{History, people_who_lived_through};
use integration_tests::{Backend, on_both_stacks};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::transparency::{outside::Folder, pinned};

const DAYS: &str = "/v1/daily-counts";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Count and publish everything that is due.
async fn count(backend: &Backend) {
    while CountDays::run(&backend.deps).await.unwrap() > 0 {}
}

/// What is kept of `day`.
async fn kept(backend: &Backend, day: NaiveDate) -> Counted {
    let db = &backend.deps.db;
    let standing = daily_standing::Entity::find()
        .filter(daily_standing::Column::Day.eq(day))
        .all(db)
        .await
        .unwrap();
    let turned = daily_turn::Entity::find()
        .filter(daily_turn::Column::Day.eq(day))
        .all(db)
        .await
        .unwrap();
    let number = |people: i64| u64::try_from(people).unwrap();
    Counted {
        standing: standing
            .into_iter()
            .map(|row| ((row.division, row.colour), number(row.people)))
            .collect(),
        turned: turned
            .into_iter()
            .map(|row| ((row.division, row.colour, row.cause), number(row.people)))
            .collect(),
    }
}

/// Everything that is kept of days.
async fn days(backend: &Backend) -> Vec<daily_count::Model> {
    daily_count::Entity::find()
        .order_by_asc(daily_count::Column::Day)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

/// What is told of `day`.
async fn told(backend: &Backend, day: NaiveDate) -> Value {
    backend.anyone().get(&format!("{DAYS}/{day}")).await.ok()
}

fn document(told: &Value) -> DailyCounts {
    serde_json::from_value(told["document"].clone()).unwrap()
}

/// The digest of what is told, as anybody makes it.
fn digest_of(told: &Value) -> [u8; 32] {
    sha256(&[&canonical_json(&told["document"]).unwrap()])
}

/// How often the log says that a day was published.
async fn on_record(backend: &Backend) -> Vec<Value> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq("daily_counts_published"))
        .order_by_asc(audit_entry::Column::Id)
        .all(&backend.deps.db)
        .await
        .unwrap();
    let mut told: Vec<Value> = entries.into_iter().map(|entry| entry.detail).collect();
    told.sort_by_key(|detail| detail["day"].as_str().unwrap().to_owned());
    told
}

async fn anyone_gets(backend: &Backend, path: &str) -> Vec<u8> {
    backend.anyone().get(path).await.body
}

/// The keys that a verifier believes who pins the root.
async fn keys(backend: &Backend) -> KeyList {
    let list = anyone_gets(backend, "/v1/keys").await;
    KeyList::verify(&list, &pinned(backend), backend.clock.now(), 0).unwrap()
}

/// A day of which nobody was counted yet.
fn waiting(day: NaiveDate) -> daily_count::Model {
    daily_count::Model {
        day,
        counted_to: None,
        counted_at: None,
        document: None,
        note: None,
        log_entry: None,
        published_at: None,
    }
}

/// Leave a row in each table.
pub(crate) async fn live_through(backend: &Backend) {
    let db = &backend.deps.db;
    let yesterday = backend.clock.today() - Days::new(1);
    let division = Division::try_from("310101".to_owned()).unwrap();
    daily_count::Entity::insert(waiting(yesterday).into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let standing = daily_standing::Model {
        day: yesterday,
        division: division.clone(),
        colour: Colour::Green,
        people: 9,
    };
    daily_standing::Entity::insert(standing.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let turned = daily_turn::Model {
        day: yesterday,
        division,
        colour: Colour::Green,
        cause: CauseClass::Compared,
        people: 9,
    };
    daily_turn::Entity::insert(turned.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    count(backend).await;
}

/// Whether `code` lies in the place that is told of.
fn lies_in(code: &Division, level: Level, place: &Division) -> bool {
    let digits = match level {
        Level::Province => 2,
        Level::Prefecture => 4,
        Level::County => 6,
    };
    code.code().get(..digits) == place.code().get(..digits)
}

/// Every number that is told is the number of people whom `history` says. How many are.
fn is_what_was(told: &DailyCounts, history: &Counted) -> usize {
    let mut numbers = 0;
    for place in &told.places {
        let within = |code: &Division| lies_in(code, place.level, &place.division);
        if let Some(people) = place.people {
            for (colour, people) in [
                (Colour::Green, people.green),
                (Colour::Grey, people.grey),
                (Colour::Yellow, people.yellow),
                (Colour::Red, people.red),
            ] {
                let all = history.standing.iter();
                let sum: u64 = all
                    .filter(|((code, shown), _)| within(code) && *shown == colour)
                    .map(|(_, people)| people)
                    .sum();
                assert_eq!(people, sum, "{place:?}");
                numbers += 1;
            }
        }
        for turn in &place.turned {
            let all = history.turned.iter();
            let sum: u64 = all
                .filter(|((code, to, cause), _)| {
                    within(code) && *to == turn.colour && *cause == turn.cause
                })
                .map(|(_, people)| people)
                .sum();
            if let Some(people) = turn.people {
                assert_eq!(people, sum, "{place:?}");
                assert!(people >= told.smallest, "{place:?}");
                numbers += 1;
            }
        }
    }
    numbers
}

on_both_stacks! {
    async fn whoever_counts_the_history_again_gets_the_same_numbers_for_each_day_of_a_missed_week(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        count(&one).await;
        let seed = one.clock.now().timestamp().unsigned_abs();
        for seed in [seed, seed + 1] {
            people_who_lived_through(&one, seed, 620).await;
        }
        one.wait_until("2026-03-10T00:14:59+08:00");
        assert_eq!(CountDays::run(&one.deps).await.unwrap(), 1, "so many people at a time");
        // The other one goes on with what the first began, and then both at once.
        assert_eq!(CountDays::run(&other.deps).await.unwrap(), 1);
        tokio::join!(count(&one), count(&other));
        count(&one).await;
        let last = days(&one).await.pop().unwrap();
        assert_eq!((last.day, last.counted_at), (day("2026-03-09"), None), "it is hardly over");
        one.wait_until("2026-03-10T00:15:00+08:00");
        tokio::join!(count(&one), count(&other));
        count(&one).await;

        let history = History::of(&one).await;
        let kept_days = days(&one).await;
        assert_eq!(kept_days.len(), 9, "the last one goes on");
        let (mut seen, mut numbers) = (BTreeMap::new(), 0);
        for row in &kept_days[..8] {
            let again = history.counted_again(row.day);
            assert_eq!(kept(&one, row.day).await, again, "{}", row.day);
            let told = document(&told(&one, row.day).await);
            assert_eq!((told.day, told.smallest), (row.day, one.deps.reports.smallest));
            numbers += is_what_was(&told, &again);
            let anew = publish(&again, row.day, told.issuer.clone(), told.smallest);
            assert_eq!(told, anew, "{}", row.day);
            seen.insert(row.day, again);
        }
        assert!(numbers > 200, "{numbers} numbers are told");
        let all: std::collections::HashSet<_> = seen.values().map(|it| format!("{it:?}")).collect();
        assert_eq!(all.len(), 8, "each day has its own numbers");
        let override_red = |it: &Counted| {
            let mut turned = it.turned.iter();
            turned.any(|((_, to, cause), _)| (*to, *cause) == (Colour::Red, CauseClass::Override))
        };
        assert!(seen.values().any(override_red));
        let recorded = on_record(&one).await;
        let published: Vec<String> = recorded.iter().map(|it| it["day"].as_str().unwrap().to_owned()).collect();
        let expected: Vec<String> = seen.keys().map(NaiveDate::to_string).collect();
        assert_eq!(published, expected, "each day once");
    }

    async fn a_day_that_was_counted_does_not_change_any_more(stack: Stack) {
        let backend = Backend::start(stack).await;
        count(&backend).await;
        people_who_lived_through(&backend, 5, 60).await;
        assert_eq!(CountDays::run(&backend.deps).await.unwrap(), 0, "today goes on");
        backend.wait_until("2026-03-03T00:20:00+08:00");
        count(&backend).await;
        let (first, numbers) = (days(&backend).await, kept(&backend, day("2026-03-02")).await);
        assert_eq!(first.len(), 2, "and today");
        for _ in 0..3 {
            assert_eq!(CountDays::run(&backend.deps).await.unwrap(), 0);
        }
        // What is recorded later about it is of later days.
        people_who_lived_through(&backend, 6, 60).await;
        count(&backend).await;
        assert_eq!(days(&backend).await, first);
        assert_eq!(kept(&backend, day("2026-03-02")).await, numbers);
        assert_eq!(on_record(&backend).await.len(), 1);
    }

    async fn whoever_is_red_by_a_decision_counts_as_that_and_is_not_told_of_alone(stack: Stack) {
        let backend = Backend::start(stack).await;
        count(&backend).await;
        crate::overrides::turned_red(&backend).await;
        backend.wait_until("2026-03-03T00:20:00+08:00");
        count(&backend).await;
        let today = day("2026-03-02");
        let home = Division::try_from("310101".to_owned()).unwrap();
        let kept = kept(&backend, today).await;
        assert_eq!(kept.standing, BTreeMap::from([((home.clone(), Colour::Red), 1)]));
        let turned = |colour, cause| ((home.clone(), colour, cause), 1);
        assert_eq!(kept.turned, BTreeMap::from([
            turned(Colour::Green, CauseClass::Compared),
            turned(Colour::Red, CauseClass::Override),
        ]));

        let told = document(&told(&backend, today).await);
        assert_eq!(told.places.len(), 3);
        for place in told.places {
            assert_eq!(place.people, None);
            assert!(place.turned.iter().all(|turn| turn.people.is_none()), "{place:?}");
            let red: Vec<_> = place.turned.iter().filter(|turn| turn.colour == Colour::Red).collect();
            assert!(red.len() > 10, "nor by which of the causes it was");
        }
    }

    async fn what_is_told_is_signed_and_its_digest_lies_in_the_log(stack: Stack) {
        let backend = Backend::start(stack).await;
        count(&backend).await;
        people_who_lived_through(&backend, 7, 200).await;
        backend.wait_until("2026-03-03T00:20:00+08:00");
        backend.sweep().await;
        count(&backend).await;
        let today = day("2026-03-02");
        let told = told(&backend, today).await;
        let keys = keys(&backend).await;
        let note = told["note"].as_str().unwrap();
        let signed = day_note::believe(note, &keys, backend.clock.now()).unwrap();
        let expected = DayNote {
            name: "127.0.0.1:8080/v1/log/daily-counts".into(),
            day: today,
            digest: digest_of(&told),
        };
        assert_eq!(signed, expected);
        assert_eq!(told["document"]["issuer"], expected.name);
        assert_eq!(told["sha256"], hex::encode(signed.digest));

        let mut changed = told.clone();
        let numbers = changed["document"]["places"].as_array_mut().unwrap();
        let number = numbers.iter_mut().find_map(|it| it["people"].as_object_mut()).unwrap();
        number["green"] = json!(number["green"].as_u64().unwrap() + 1);
        assert_ne!(digest_of(&changed), signed.digest, "one changed number");
        let now = backend.clock.now();
        assert_eq!(verified(&told, &keys, now).unwrap(), expected);
        verified(&changed, &keys, now).unwrap_err();
        let forged = note.replace("2026-03-02", "2026-03-01");
        day_note::believe(&forged, &keys, now).unwrap_err();

        let path = format!("{DAYS}/{today}/log-proof");
        backend.anyone().get(&path).await.problem(404);
        while GivePlaces::run(&backend.deps).await.unwrap() > 0 {}
        let proof = backend.anyone().get(&path).await.ok();
        let proof: Proof = serde_json::from_value(proof).unwrap();
        let (entry, _) = offline::proved(&proof, &keys, backend.clock.now()).unwrap();
        let entry: Value = serde_json::from_str(&entry).unwrap();
        assert_eq!(entry["event"], "daily_counts_published");
        assert_eq!(entry["detail"], json!({"day": "2026-03-02", "sha256": hex::encode(signed.digest)}));
        let mut other = proof.clone();
        other.index += 1;
        offline::proved(&other, &keys, now).unwrap_err();

        // The same by the command, from files.
        let folder = Folder::new(&backend);
        let list = anyone_gets(&backend, "/v1/keys").await;
        let proof = serde_json::to_vec(&proof).unwrap();
        let asked = |day: &Value| Arguments {
            keys: folder.keep("keys.cose", &list).display().to_string(),
            checkpoints: Vec::new(),
            tiles: None,
            proof: Some(folder.keep("proof.json", &proof)),
            day: Some(folder.keep("day.json", day.to_string())),
        };
        let said = verify_log::run(&asked(&told), &pinned(&backend), now).await.unwrap();
        assert!(said.contains("day         2026-03-02 is as 127.0.0.1:8080/v1/log/daily-counts signed it"), "{said}");
        verify_log::run(&asked(&changed), &pinned(&backend), now).await.unwrap_err();

        // Nobody asks for other entries this way.
        let logged = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let another = logged.iter().find(|it| it.event != "daily_counts_published").unwrap();
        assert!(audit::commitment_of(another).unwrap().is_some());
        assert!(api::transparency::proof_of(&backend.deps, another.id).await.is_err());
    }

    async fn everybody_may_read_it_and_keep_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        count(&backend).await;
        people_who_lived_through(&backend, 8, 100).await;
        backend.wait_until("2026-03-05T00:20:00+08:00");
        count(&backend).await;
        let anyone = backend.anyone();
        let listed = anyone.get(&format!("{DAYS}?from=2026-03-03&limit=1")).await.ok();
        assert_eq!(listed["items"][0]["day"], "2026-03-04");
        let next = listed["next"].as_str().unwrap();
        let listed = anyone.get(&format!("{DAYS}?from=2026-03-03&limit=1&after={next}")).await.ok();
        assert_eq!(listed["items"][0]["day"], "2026-03-03");
        assert_eq!(listed["next"], Value::Null);
        let read = told(&backend, day("2026-03-03")).await;
        for field in ["sha256", "note"] {
            assert_eq!(listed["items"][0][field], read[field]);
        }

        let path = format!("{DAYS}/2026-03-03");
        for path in [path.clone(), format!("{path}?format=csv"), DAYS.to_owned()] {
            let reply = anyone.get(&path).await;
            assert!(reply.headers["cache-control"].to_str().unwrap().starts_with("public, max-age="));
            let tag = reply.headers["etag"].clone();
            let again = anyone.request(reqwest::Method::GET, &path).header("if-none-match", tag);
            assert_eq!(again.send().await.unwrap().status(), 304, "{path}");
        }
        let csv = anyone.get(&format!("{path}?format=csv")).await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let text = String::from_utf8(csv.body).unwrap();
        let document = document(&read);
        let lines: usize = document.places.iter().map(|it| 4 + it.turned.len()).sum();
        assert_eq!(text.lines().count(), lines + 1);
        for place in &document.places {
            let people = place.people.map_or("*".into(), |it| it.green.to_string());
            let line = format!("2026-03-03,{},{},green,standing,{people}\r\n", place.level.name(), place.division.code());
            assert!(text.contains(&line), "{line}");
        }

        for missing in ["2026-03-05", "2026-03-01", "0001-01-01", "+262000-01-01", "yesterday", "2026-02-30"] {
            for path in [format!("{DAYS}/{missing}"), format!("{DAYS}/{missing}/log-proof")] {
                assert_eq!(anyone.get(&path).await.problem(404), "not-found", "{path}");
            }
        }
        for odd in ["from=x", "after=x", "limit=0", "limit=101", "to=2026-03-01"] {
            assert_eq!(anyone.get(&format!("{DAYS}?{odd}")).await.problem(422), "invalid-request");
        }
        assert_eq!(anyone.get(&format!("{path}?format=xlsx")).await.problem(422), "invalid-request");
        let none = anyone.get(&format!("{DAYS}?from=%2B262000-01-01")).await.ok();
        assert_eq!(none["items"], json!([]));
    }

    async fn every_rule_of_the_shipped_policy_has_a_class_of_its_own(stack: Stack) {
        let backend = Backend::start(stack).await;
        let policy = backend.anyone().get("/v1/policy").await.ok();
        let published = policy["rules"].as_array().unwrap();
        let mut reasons = 0;
        for rule in published.iter().map(|it| &it["rule"]) {
            let id = rule["id"].as_str().unwrap_or_else(|| panic!("{rule}"));
            for reason in reasons_in(rule) {
                assert_ne!(class_of_rule(id, reason), CauseClass::Other, "{id} {reason:?}");
                reasons += 1;
            }
        }
        assert!(reasons > 20, "{reasons}");
    }
}

/// The causes that a rule makes.
fn reasons_in(rule: &Value) -> Vec<ReasonCode> {
    match rule {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(code) if name == "reason" => ReasonCode::from_name(code).into_iter().collect(),
                _ => reasons_in(value),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(reasons_in).collect(),
        _ => Vec::new(),
    }
}
