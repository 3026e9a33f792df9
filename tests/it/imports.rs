//! Files of facts come in whole, once, and say what is wrong with them.

mod bad_input;
mod requests;
mod resuming;
pub(crate) mod rig;

use api::{facts::import::Kind, platform::Entropy};
use chrono::TimeDelta;
use entity::{
    assessment, health_fact, hold, import_batch, recheck_mark, test_result,
    values::{Colour, FactKind, HoldId, ReasonCode, TestResult},
};
use integration_tests::{
    SeededEntropy,
    backend::{ZHANG, noon},
    on_both_stacks,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use serde_json::{Value, json};

use rig::{Rig, Sent, csv, hours_ago, number, of_card, row};

on_both_stacks! {
    async fn every_way_of_writing_a_file_means_the_same_rows(stack: Stack) {
        let rig = Rig::with(stack, 3, 2).await;
        let rows = [row(0, "A1", 9, "negative"), row(1, "A-2_b", 8, "positive"), row(2, "A3", 7, "inconclusive")];
        let plain = csv(&rows);
        let quoted = plain.replace("lab-one", "\"lab-one\"").replace('\n', "\r\n");
        let json: Vec<String> = rows.iter().enumerate().map(|(at, row)| {
            let cells: Vec<&str> = row.split(',').collect();
            let object = rig::HEADER.split(',').zip(cells).map(|(name, cell)| {
                if name == "tube_size" && at == 0 { format!("\"{name}\":{cell}") } else { format!("\"{name}\":\"{cell}\"") }
            });
            format!("{{{}}}", object.collect::<Vec<_>>().join(","))
        }).collect();
        let json = json.join("\n");
        let zipped = bad_input::gzip(plain.as_bytes());
        let first = rig.bring(&rig.send(plain.as_bytes())).await.unwrap();
        assert_eq!((first.batch.applied, first.batch.refused), (3, 0));
        let table = rig.results().await;
        assert_eq!(table.len(), 3);
        for other in [
            format!("\u{feff}{plain}").into_bytes(),
            format!("\u{feff}{quoted}").into_bytes(),
            quoted.into_bytes(),
            plain.trim_end().as_bytes().to_vec(),
            json.clone().into_bytes(),
            format!("\u{feff}{json}\r\n").into_bytes(),
            zipped.clone(),
            [&zipped[..], &bad_input::gzip(b"")].concat(),
        ] {
            let again = rig.bring(&rig.send(&other)).await.unwrap();
            let batch = &again.batch;
            assert_eq!((batch.applied, batch.repeated, batch.refused), (0, 3, 0), "{:?}", rig.found(&again).await);
        }
        assert_eq!(rig.results().await, table);
    }

    async fn the_same_file_again_changes_nothing(stack: Stack) {
        let rig = Rig::with(stack, 5, 2).await;
        let rows: Vec<String> = (0..5).map(|at| row(at, "T", 5, "negative")).collect();
        let sent = rig.send_rows(&rows);
        let first = rig.bring(&sent).await.unwrap();
        let (table, imports) = (rig.results().await, rig.imports().await);
        assert_eq!(rig.bring(&sent).await.unwrap(), first, "answered from the first time");
        let again = rig.send_rows(&rows);
        assert_eq!(rig.bring(&again).await.unwrap(), first, "whatever it is called");
        assert_eq!((rig.results().await, rig.imports().await), (table, imports));
    }

    async fn what_was_applied_first_stands(stack: Stack) {
        let rig = Rig::with(stack, 4, 3).await;
        rig.bring(&rig.send_rows(&[row(0, "T0", 9, "negative")])).await.unwrap();
        let sent = rig.send_rows(&[
            row(1, "T1", 9, "negative"),
            row(0, "T0", 9, "positive"), // against what is stored
            row(0, "T0", 9, "negative"), // the same as what is stored
            row(2, "T2", 9, "negative"),
            row(1, "T1", 9, "positive"), // against an earlier chunk
            row(2, "T2", 9, "inconclusive"), // against its own chunk
            row(2, "T2", 9, "negative"), // the same as its own chunk
            row(3, "T3", 9, "positive"),
        ]);
        let outcome = rig.bring(&sent).await.unwrap();
        let found = rig.found(&outcome).await;
        let found: Vec<(i64, &str, &str)> = found.iter().map(|(line, field, code)| (*line, &**field, &**code)).collect();
        assert_eq!(found, [
            (3, "result", "contradicts"),
            (4, "", "repeated"),
            (6, "result", "contradicts"),
            (7, "result", "contradicts"),
            (8, "", "repeated"),
        ]);
        let batch = &outcome.batch;
        assert_eq!((batch.applied, batch.repeated, batch.refused), (3, 2, 3));
        let table: Vec<TestResult> = rig.results().await.iter().map(|row| row.result).collect();
        assert_eq!(table.iter().filter(|result| **result == TestResult::Positive).count(), 1);
    }

    async fn a_trial_says_the_same_and_leaves_no_trace(stack: Stack) {
        let rig = Rig::with(stack, 3, 2).await;
        let sent = rig.send_rows(&[row(0, "T", 9, "positive"), row(7, "T", 9, "negative"), row(1, "T", 9, "maybe"), row(0, "T", 9, "positive")]);
        let tried = rig.bring_as(&sent, |order| {
            order.dry_run = true;
            order.signature = None;
        }).await.unwrap();
        assert!(rig.results().await.is_empty());
        assert_eq!(rig.imports().await, 0);
        assert!(marked(&rig).await.is_empty());
        let told: Vec<(i64, &str)> = tried.findings.iter().map(|found| (found.line, found.flaw.code())).collect();
        assert_eq!(told, [(3, "unknown_person"), (4, "value")]);

        let real = rig.bring(&sent).await.unwrap();
        assert_eq!(real.batch.refused, tried.batch.refused);
        assert_eq!(real.batch.applied, 1);
    }

    async fn those_whose_colour_may_change_are_looked_at_and_nobody_else(stack: Stack) {
        let rig = Rig::with(stack, 4, 10).await;
        let people: Vec<_> = {
            rig.bring(&rig.send_rows(&(0..4).map(|at| row(at, "old", 99, "negative")).collect::<Vec<_>>())).await.unwrap();
            let mut by_tube = Vec::new();
            for at in 0..4 {
                let index = rig.backend.deps.vault.index("person.document", &format!("passport|{}", number(at)));
                let found = api::identity::people_with_documents(&rig.backend.deps.db, &[index]).await.unwrap();
                by_tube.push(found[0].unwrap());
            }
            by_tube
        };
        assert!(marked(&rig).await.is_empty(), "a negative result of somebody who is held for nothing");
        let held = hold::Model {
            id: HoldId(SeededEntropy::new(9).id()),
            person_id: people[1],
            reason: ReasonCode::Y04,
            rule: "arrival".into(),
            rule_version: "1.0.0".into(),
            phase: 0,
            found: None,
            evidence: "declaration/1".into(),
            source_region: "310000".into(),
            starts_at: noon(),
            earliest_release_at: None,
            released_at: None,
            released_by: None,
        };
        hold::Entity::insert(held.into_active_model()).exec_without_returning(&rig.backend.deps.db).await.unwrap();
        let key = |at: usize| format!("code:{{{:x}}}", people[at].number());
        let shared = &rig.backend.deps.ephemeral;
        for at in 0..4 {
            shared.put(&key(at), b"{}", std::time::Duration::from_mins(1)).await.unwrap();
        }
        let sent = rig.send_rows(&[row(0, "T", 9, "negative"), row(1, "T", 9, "negative"), row(2, "T", 9, "positive")]);
        rig.bring(&sent).await.unwrap();
        let mut expected = vec![people[1], people[2]];
        expected.sort();
        assert_eq!(marked(&rig).await, expected);
        let keys: Vec<String> = (0..4).map(key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let known: Vec<bool> = shared.get(&keys).await.unwrap().iter().map(|held| held.as_deref() == Some(b"{}")).collect();
        assert_eq!(known, [false, false, false, true], "what is shown is worked out anew");
    }

    async fn a_negative_result_makes_somebody_be_looked_at_again_whose_look_may_have_missed_it(stack: Stack) {
        let rig = Rig::with(stack, 4, 1).await;
        let db = &rig.backend.deps.db;
        // One chunk each: whoever looks at the first person may have read what was there before the second.
        rig.bring(&rig.send_rows(&[row(0, "P", 9, "positive"), row(0, "N", 5, "negative"), row(1, "N", 5, "negative")])).await.unwrap();
        let marks = recheck_mark::Entity::find().all(db).await.unwrap();
        assert_eq!(marks.iter().map(|mark| mark.generation).collect::<Vec<_>>(), [2]);
        let held = marks[0].person_id;

        let key = format!("code:{{{:x}}}", held.number());
        let shared = &rig.backend.deps.ephemeral;
        let hour = std::time::Duration::from_hours(1);
        assert!(!shared.put_newer(&key, 0, b"{}", hour).await.unwrap(), "worked out before the result");
        assert!(shared.put_newer(&key, 1, b"{}", hour).await.unwrap(), "the outcome of the next look");
    }

    async fn whoever_shows_another_colour_than_green_is_looked_at_for_any_result(stack: Stack) {
        let rig = Rig::with(stack, 2, 10).await;
        let db = &rig.backend.deps.db;
        rig.bring(&rig.send_rows(&[row(0, "old", 99, "negative"), row(1, "old", 99, "negative")])).await.unwrap();
        let people: Vec<_> = rig.results().await.iter().map(|row| row.person_id).collect();
        for (person, shown) in people.iter().zip([Colour::Yellow, Colour::Green]) {
            let assessed = assessment::Model {
                person_id: *person,
                version: 1,
                declaration_id: None,
                assessed_at: noon(),
                next_change_at: None,
                shown,
                division: None,
                record_at: None,
                compared_at: None,
            };
            assessment::Entity::insert(assessed.into_active_model()).exec_without_returning(db).await.unwrap();
        }
        rig.bring(&rig.send_rows(&[row(0, "N", 9, "negative"), row(1, "N", 9, "negative")])).await.unwrap();
        assert_eq!(marked(&rig).await, people[..1]);
    }

    async fn a_report_that_differs_only_in_when_the_sample_was_taken_contradicts(stack: Stack) {
        let rig = Rig::with(stack, 2, 2).await;
        let known = row(0, "T", 9, "negative");
        let moved = known.replace(&hours_ago(9), &hours_ago(10));
        let filler = |tube| row(1, tube, 9, "negative");
        let sent = rig.send_rows(&[&known, &moved, &filler("A"), &filler("B"), &moved]);
        let outcome = rig.bring(&sent).await.unwrap();
        let again = rig.bring(&rig.send_rows(&[&moved])).await.unwrap();
        let contradicts = |line| (line, "sampled_at".to_owned(), "contradicts".to_owned());
        assert_eq!(rig.found(&outcome).await, [contradicts(3), contradicts(6)]);
        assert_eq!(rig.found(&again).await, [contradicts(2)]);
        assert_eq!(rig.results().await.len(), 3);
    }

    async fn rows_of_a_leap_second_come_in_once(stack: Stack) {
        let rig = Rig::with(stack, 2, 2).await;
        let leap = row(0, "T", 9, "negative").replace(":00Z", ":60Z");
        let rows = [leap.clone(), row(1, "T", 9, "negative"), leap.clone(), leap];
        let outcome = rig.bring(&rig.send_rows(&rows)).await.unwrap();
        let batch = &outcome.batch;
        assert_eq!((batch.applied, batch.repeated, batch.refused), (2, 2, 0), "{:?}", rig.found(&outcome).await);
    }

    async fn a_file_that_says_again_what_was_known_is_not_taken_for_a_new_one(stack: Stack) {
        let rig = Rig::changed(stack, 6, |config| {
            config.imports.chunk_rows = 3;
            config.imports.quarantine_positives = 4;
        }).await;
        let mut rows: Vec<String> = (0..4).map(|at| row(at, "P", 9, "positive")).collect();
        rig.bring(&rig.send_rows(&rows)).await.unwrap();
        rig.backend.wait(TimeDelta::hours(25));
        rows.insert(0, row(4, "P", 9, "positive"));
        rows.extend((0..4).map(|at| row(at, "N", 5, "negative")));
        rows.push(row(5, "P", 9, "positive"));
        let again = rig.bring(&rig.send_rows(&rows)).await.unwrap().batch;
        assert_eq!((again.problem, again.applied, again.repeated), (None, 6, 4));
    }

    async fn a_file_of_nothing_but_errors_goes_no_further(stack: Stack) {
        let rig = Rig::changed(stack, 1, |config| {
            config.imports.chunk_rows = 2;
            config.imports.quarantine_rows = 1_000;
            config.imports.most_findings = 3;
        }).await;
        let wrong: Vec<String> = (0..9).map(|_| row(0, "=T", 9, "negative")).collect();
        let sent = rig.send_rows(&wrong);
        let tried = rig.bring_as(&sent, |order| order.dry_run = true).await.unwrap();
        let real = rig.bring(&sent).await.unwrap();
        for outcome in [&tried, &real] {
            assert_eq!(outcome.batch.state, import_batch::ImportState::Refused);
            assert_eq!(outcome.batch.problem.as_deref(), Some("too_many_findings"));
        }
        assert!(tried.findings.len() < 5 && rig.found(&real).await.len() < 5);

        let known = row(0, "T", 9, "negative");
        let repeated = rig.bring(&rig.send_rows(&vec![known; 9])).await.unwrap();
        assert_eq!((repeated.batch.applied, repeated.batch.repeated), (1, 8));
        assert!(rig.found(&repeated).await.len() < 6);
    }

    async fn a_result_is_shown_within_seconds_and_a_positive_one_turns_the_code_red(stack: Stack) {
        let rig = Rig::with(stack, 0, 10).await;
        let backend = &rig.backend;
        let zhang = backend.green("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let path = format!("/v1/people/{}/health-code", zhang.person);
        let shown = async || {
            backend.wait(TimeDelta::seconds(2));
            page.get(&path).await.ok()
        };
        assert_eq!(shown().await["latest_test"], Value::Null);

        rig.bring(&rig.send_rows(&[of_card(&row(0, "N", 9, "negative"), ZHANG.number)])).await.unwrap();
        let code = shown().await;
        assert_eq!((&code["colour"], &code["latest_test"]["result"]), (&json!("green"), &json!("negative")));
        assert_eq!(backend.compare().await, 0, "nobody needs another look for a negative result");

        rig.bring(&rig.send_rows(&[of_card(&row(0, "P", 5, "positive"), ZHANG.number)])).await.unwrap();
        assert_eq!(backend.compare().await, 1);
        let code = shown().await;
        assert_eq!((&code["colour"], &code["latest_test"]["result"]), (&json!("red"), &json!("positive")));
    }

    async fn facts_come_in_by_the_same_door_as_through_the_api(stack: Stack) {
        let rig = Rig::with(stack, 3, 2).await;
        let text = format!(
            "document_kind,document_number,happened_at,ends_at,origin,source_ref,detail\n\
             passport,{zero},{ago},,,ref.1,\n\
             passport,{one},{ago},,310101,ref.2,{{}}\n\
             passport,{one},{ago},,440100,ref.3,\n\
             passport,{unknown},{ago},,,ref.4,\n\
             passport,{one},{ago},,,ref.1,\n\
             passport,{one},{ago},,310101,ref.2,{{}}\n\
             passport,{one},{ago},,,=ref,\n",
            zero = number(0), one = number(1), unknown = number(9), ago = hours_ago(30),
        );
        let contacts = Kind::Fact(FactKind::CloseContact);
        let sent = rig.send(text.as_bytes());
        let signature = rig.sign(contacts, text.as_bytes());
        let sent = Sent { signature, ..sent };
        let outcome = rig.bring_as(&sent, |order| order.kind = contacts).await.unwrap();
        let found = rig.found(&outcome).await;
        let found: Vec<(i64, &str, &str)> = found.iter().map(|(line, field, code)| (*line, &**field, &**code)).collect();
        assert_eq!(found, [
            (4, "origin", "value"),
            (5, "document_number", "unknown_person"),
            (6, "", "contradicts"),
            (7, "", "repeated"),
            (8, "source_ref", "formula"),
        ]);
        let facts = health_fact::Entity::find().all(&rig.backend.deps.db).await.unwrap();
        assert_eq!(facts.len(), 2);
        assert!(facts.iter().all(|fact| fact.kind == FactKind::CloseContact && fact.source == rig::SOURCE));
        assert_eq!(marked(&rig).await.len(), 2);
    }

    async fn nobody_overrules_another_laboratory_by_the_name_of_its_tube(stack: Stack) {
        let rig = Rig::with(stack, 2, 2).await;
        let db = &rig.backend.deps.db;
        rig.bring(&rig.send_rows(&[row(0, "T", 9, "positive"), row(1, "T", 9, "positive")])).await.unwrap();
        let first = test_result::Entity::find().all(db).await.unwrap();
        let anothers = first.iter().find(|row| row.sample == "lab-one/T").unwrap().clone();
        let mut changed = anothers.clone().into_active_model();
        changed.source = Set("lab-two".to_owned());
        changed.update(db).await.unwrap();

        let again = [row(0, "T", 5, "negative"), row(1, "T", 5, "negative"), row(1, "T2", 5, "negative")];
        let outcome = rig.bring(&rig.send_rows(&again)).await.unwrap();
        let found = rig.found(&outcome).await;
        assert_eq!(found.len(), 1, "only the report on the other laboratory's sample: {found:?}");
        assert_eq!((&*found[0].1, &*found[0].2), ("tube", "contradicts"));
        assert_eq!((outcome.batch.applied, outcome.batch.refused), (2, 1));
        let theirs = test_result::Entity::find().all(db).await.unwrap();
        let theirs: Vec<_> = theirs.iter().filter(|row| row.person_id == anothers.person_id && row.sample == anothers.sample).collect();
        assert_eq!(theirs.len(), 1, "what the other laboratory reported stands");
    }

    async fn a_fact_that_was_withdrawn_stays_so_and_whoever_brings_it_again_is_told(stack: Stack) {
        let rig = Rig::with(stack, 2, 2).await;
        let contacts = Kind::Fact(FactKind::CloseContact);
        let line = |at: usize| format!("passport,{},{},,,ref.{at},", number(at), hours_ago(30));
        let bring = async |lines: &[String]| {
            let head = "document_kind,document_number,happened_at,ends_at,origin,source_ref,detail";
            let text = format!("{head}\n{}\n", lines.join("\n"));
            let signature = rig.sign(contacts, text.as_bytes());
            let sent = Sent { signature, ..rig.send(text.as_bytes()) };
            rig.bring_as(&sent, |order| order.kind = contacts).await.unwrap()
        };
        bring(&[line(0)]).await;
        let db = &rig.backend.deps.db;
        let fact = health_fact::Entity::find().one(db).await.unwrap().unwrap();
        let mut withdrawn = fact.into_active_model();
        withdrawn.withdrawn_at = Set(Some(noon()));
        withdrawn.update(db).await.unwrap();

        let outcome = bring(&[line(0), line(1)]).await;
        assert_eq!(rig.found(&outcome).await, [(2, String::new(), "withdrawn".to_owned())]);
        assert_eq!((outcome.batch.applied, outcome.batch.repeated, outcome.batch.refused), (1, 1, 0));
        let facts = health_fact::Entity::find().all(db).await.unwrap();
        assert_eq!(facts.iter().filter(|fact| fact.withdrawn_at.is_some()).count(), 1);
    }

    async fn too_much_that_looks_wrong_waits_and_applies_nothing(stack: Stack) {
        let rig = Rig::changed(stack, 10, |config| {
            config.imports.chunk_rows = 4;
            config.imports.quarantine_rows = 2;
            config.imports.quarantine_percent = 40;
            config.imports.quarantine_positives = 2;
        }).await;
        let mut rows: Vec<String> = (0..4).map(|at| row(at, "T", 9, "negative")).collect();
        rows.extend((0..4).map(|at| row(90 + at, "T", 9, "negative")));
        rows.push(row(9, "T", 9, "negative"));
        let outcome = rig.bring(&rig.send_rows(&rows)).await.unwrap();
        assert_eq!(outcome.batch.state, import_batch::ImportState::Quarantined);
        assert_eq!(outcome.batch.problem.as_deref(), Some("too_many_refused"));
        assert_eq!(rig.results().await.len(), 4, "the chunk before stays");
        assert_eq!(rig.found(&outcome).await.len(), 4, "for whoever decides");

        let positive: Vec<String> = (5..8).map(|at| row(at, "P", 9, "positive")).collect();
        let outcome = rig.bring(&rig.send_rows(&positive)).await.unwrap();
        assert_eq!(outcome.batch.problem.as_deref(), Some("too_many_positives"));
        assert_eq!(rig.results().await.len(), 4);
    }

    async fn many_small_files_of_a_day_are_one_large_one(stack: Stack) {
        let rig = Rig::changed(stack, 10, |config| config.imports.quarantine_positives = 2).await;
        for at in 0..2 {
            let outcome = rig.bring(&rig.send_rows(&[row(at, "P", 9, "positive")])).await.unwrap();
            assert_eq!(outcome.batch.state, import_batch::ImportState::Done);
        }
        let third = rig.bring(&rig.send_rows(&[row(2, "P", 9, "positive")])).await.unwrap();
        assert_eq!(third.batch.problem.as_deref(), Some("too_many_positives"));
        assert_eq!(rig.results().await.len(), 2);
        rig.backend.wait(TimeDelta::hours(25));
        let next_day = rig.bring(&rig.send_rows(&[row(3, "P", 9, "positive")])).await.unwrap();
        assert_eq!(next_day.batch.state, import_batch::ImportState::Done);
    }
}

async fn marked(rig: &Rig) -> Vec<entity::values::PersonId> {
    let marks = recheck_mark::Entity::find().all(&rig.backend.deps.db).await;
    let mut people: Vec<_> = marks.unwrap().iter().map(|mark| mark.person_id).collect();
    people.sort();
    people
}
