//! What a gate is told of whoever stands before it.

use chrono::TimeDelta;
use entity::{
    control_action, gate_record,
    values::{Assurance, GateReason, RefusalReason, VenueCategory, VisitWay},
    visit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    gates::Stands,
    on_both_stacks,
};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{code_of, said};
use crate::pass_cards::{rig as cards, tested_positive};

on_both_stacks! {
    async fn whoever_is_green_goes_in_and_the_visit_is_as_sure_as_a_sentinel(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device(Stands::At(venue.id)).await;
        let code = code_of(&backend, &zhang).await;
        let view = device.verify(json!([{"code": code, "temperature": 36.5}])).await.ok();
        assert_eq!(said(&view), ("pass", "green"));
        assert_eq!(view["say"]["zh"], "请通行");
        let person = &view["people"][0];
        assert_eq!((&person["colour"], &person["masked_name"]), (&json!("green"), &json!("张*明")));
        let visits = visit::Entity::find().all(&backend.deps.db).await.unwrap();
        let [visit] = visits.as_slice() else { panic!("{visits:?}") };
        assert_eq!(visit.assurance, Assurance::Sentinel);
        assert_eq!(visit.way, VisitWay::Device);
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 0);

        // By the card in their pocket as well.
        let number = ZHANG.number;
        let view = device.verify(json!([{"id_card": {"number": number}, "temperature": 36.5}])).await.ok();
        assert_eq!(said(&view), ("pass", "green"));
        let nobody = json!([{"id_card": {"number": GRANDMOTHER.number}}]);
        assert_eq!(said(&device.verify(nobody).await.ok()), ("look_again", "unknown"));
    }

    async fn a_fever_stops_whoever_shows_whatever_and_the_headquarters_is_told_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        let view = device.verify(json!([{"code": code, "temperature": 37.2}])).await.ok();
        assert_eq!(said(&view), ("pass", "green"));
        let number = ZHANG.number;
        let fever = json!([{"id_card": {"number": number}, "temperature": 37.3}]);
        let view = device.verify(fever.clone()).await.ok();
        assert_eq!(said(&view), ("stop", "fever"));
        device.verify(fever).await.ok();
        let actions = control_action::Entity::find().all(&backend.deps.db).await.unwrap();
        let [action] = actions.as_slice() else { panic!("{actions:?}") };
        assert_eq!(action.reason, RefusalReason::Fever);
        assert_eq!(action.device_id, Some(device.id));
        assert!(action.checkpoint_id.is_some());
        // Everybody who passed or was stopped at a post is on record.
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        let reasons: Vec<_> = rows.iter().map(|row| row.reason).collect();
        assert_eq!(reasons, [GateReason::Green, GateReason::Fever, GateReason::Fever]);
    }

    async fn readings_that_no_person_has_are_refused_by_name_and_nothing_is_written(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        for degrees in [3.6, 366.0, 29.9, 45.1, -1.0] {
            let people = json!([{"code": code}, {"code": code, "temperature": degrees}]);
            let refused = device.verify(people).await;
            assert_eq!(refused.problem(422), "temperature-not-plausible", "{degrees}");
            assert_eq!(refused.faults(), [("people[1].temperature".into(), "range".into())]);
        }
        let tomorrow = backend.deps.clock.now() + TimeDelta::days(1);
        let body = json!({"seq": 1, "captured_at": tomorrow, "people": [{"code": code}]});
        let refused = device.post("/v1/gate/verifications", &body).await;
        assert_eq!(refused.problem(422), "captured-in-the-future");
        assert_eq!(refused.faults(), [("captured_at".into(), "future".into())]);
        for people in [json!([{}]), json!([{"code": code, "id_card": {"number": ZHANG.number}}])] {
            let refused = device.verify(people).await;
            assert_eq!(refused.faults(), [("people[0].code".into(), "either".into())]);
        }
        let wrong = device.verify(json!([{"id_card": {"number": "310101199003070018"}}])).await;
        assert_eq!(wrong.faults(), [("people[0].id_card.number".into(), "document".into())]);
        assert_eq!(device.verify(json!([])).await.problem(422), "invalid-request");
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn a_code_that_was_shown_elsewhere_is_looked_at_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let post = backend.checkpoint().await;
        let [lane, other_lane] = [
            backend.device(Stands::On(post)).await,
            backend.device(Stands::On(post)).await,
        ];
        let elsewhere = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        let shown = json!([{"code": code, "temperature": 36.5}]);
        assert_eq!(said(&lane.verify(shown.clone()).await.ok()), ("pass", "green"));
        backend.wait(TimeDelta::seconds(10));
        let again = other_lane.verify(shown.clone()).await.ok();
        assert_eq!(said(&again), ("pass", "green"));
        assert_eq!(again["people"][0]["repeated"], true);
        let relayed = elsewhere.verify(shown).await.ok();
        assert_eq!(said(&relayed), ("look_again", "shown_elsewhere"));
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.len(), 2, "read twice is on record once: {rows:?}");
        // A fresh one is another one.
        backend.wait(TimeDelta::minutes(1));
        let code = code_of(&backend, &zhang).await;
        let fresh = json!([{"code": code, "temperature": 36.5}]);
        assert_eq!(said(&elsewhere.verify(fresh).await.ok()), ("pass", "green"));
    }

    async fn who_could_not_be_written_down_is_when_the_device_tries_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        let body = json!({
            "seq": 1, "captured_at": backend.deps.clock.now(), "people": [{"code": code, "temperature": 36.5}, {"code": code, "temperature": 36.5}],
        });
        let db = &backend.deps.db;
        db.execute_unprepared("ALTER TABLE gate_record RENAME TO elsewhere").await.unwrap();
        device.post("/v1/gate/verifications", &body).await.problem(500);
        db.execute_unprepared("ALTER TABLE elsewhere RENAME TO gate_record").await.unwrap();
        let view = device.post("/v1/gate/verifications", &body).await.ok();
        assert_eq!(said(&view), ("pass", "green"));
        let repeated: Vec<_> = view["people"].as_array().unwrap().iter().map(|it| &it["repeated"]).collect();
        assert_eq!(repeated, [&json!(false), &json!(true)], "the same code twice is there once");
        assert_eq!(gate_record::Entity::find().count(db).await.unwrap(), 1);
        let again = device.post("/v1/gate/verifications", &body).await.ok();
        assert_eq!(again["people"][0]["repeated"], true);
        assert_eq!(gate_record::Entity::find().count(db).await.unwrap(), 1);
    }

    async fn a_fever_that_is_measured_a_moment_later_is_on_record_as_well(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        device.verify(json!([{"code": code}])).await.ok();
        let hot = json!([{"code": code, "temperature": 38.0}]);
        let view = device.verify(hot.clone()).await.ok();
        assert_eq!((said(&view), &view["people"][0]["repeated"]), (("stop", "fever"), &json!(false)));
        assert_eq!(device.verify(hot).await.ok()["people"][0]["repeated"], true);
        assert_eq!(control_action::Entity::find().count(&backend.deps.db).await.unwrap(), 1);
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
    }

    async fn whoever_is_not_green_is_stopped_and_reported_wherever_the_code_was_shown_before(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let here = backend.device(Stands::On(backend.checkpoint().await)).await;
        let elsewhere = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        here.verify(json!([{"code": code}])).await.ok();
        tested_positive(&backend, &zhang).await;
        backend.wait(TimeDelta::seconds(3));
        let stopped = elsewhere.verify(json!([{"code": code}])).await.ok();
        assert_eq!(said(&stopped), ("stop", "red"));
        let actions = control_action::Entity::find().all(&backend.deps.db).await.unwrap();
        let reasons: Vec<_> = actions.iter().map(|action| action.reason).collect();
        assert_eq!(reasons, [RefusalReason::RedCode]);
    }

    async fn a_number_that_is_used_for_something_else_is_refused_and_nothing_is_acknowledged(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let grandmother = backend.green("13900139000", GRANDMOTHER).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let (one, two) = (code_of(&backend, &zhang).await, code_of(&backend, &grandmother).await);
        let now = backend.deps.clock.now();
        let call = |people: Value| json!({"seq": 1, "captured_at": now, "people": people});
        let first = call(json!([{"code": one}]));
        device.post("/v1/gate/verifications", &first).await.ok();
        for people in [
            json!([{"code": two}]),
            json!([{"code": two, "temperature": 38.0}]),
            json!([{"code": two}, {"code": two, "temperature": 38.0}]),
        ] {
            let other = device.post("/v1/gate/verifications", &call(people)).await;
            assert_eq!(other.problem(409), "gate-number-taken");
            assert_eq!(other.faults(), [("seq".into(), "taken".into())]);
        }
        device.post("/v1/gate/verifications", &first).await.ok();
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row.person_id.map(|it| it.to_string()), Some(zhang.person.clone()));
        assert_eq!(control_action::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
        // It is said again under another number, and kept.
        let again = json!({"seq": 2, "captured_at": now, "people": [{"code": two}]});
        device.post("/v1/gate/verifications", &again).await.ok();
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
    }

    async fn a_fever_is_reported_also_of_somebody_whom_nobody_knows(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let stranger = json!([{"id_card": {"number": GRANDMOTHER.number}, "temperature": 38.5}]);
        assert_eq!(said(&device.verify(stranger).await.ok()), ("stop", "fever"));
        let actions = control_action::Entity::find().all(&backend.deps.db).await.unwrap();
        let reasons: Vec<_> = actions.iter().map(|action| action.reason).collect();
        assert_eq!(reasons, [RefusalReason::Fever]);
    }

    async fn an_old_or_made_up_code_is_not_valid_and_why_is_not_said(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let code = code_of(&backend, &zhang).await;
        backend.wait(TimeDelta::seconds(65));
        let mut made_up = code.clone();
        made_up.replace_range(20..21, if code.get(20..21) == Some("A") { "B" } else { "A" });
        let mut answers = Vec::new();
        for text in [code.as_str(), &made_up, "JK1:", "https://example.com", "TX1:AB"] {
            let view = device.verify(json!([{"code": text}])).await.ok();
            assert_eq!(said(&view), ("look_again", "not_valid"), "{text}");
            answers.push(view["people"].clone());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }

    async fn everybody_in_a_vehicle_is_verified_in_one_call_and_a_family_in_one_code(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let grey = backend.verified("13900139000", GRANDMOTHER).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let (one, two) = (code_of(&backend, &zhang).await, code_of(&backend, &grey).await);
        let body = json!({
            "seq": device.seq(),
            "captured_at": backend.deps.clock.now(),
            "plate": "沪A12345",
            "people": [{"code": one, "temperature": 36.4}, {"code": two, "temperature": 36.6}],
        });
        let view = device.post("/v1/gate/verifications", &body).await.ok();
        assert_eq!(said(&view), ("look_again", "grey"));
        let each: Vec<_> = view["people"].as_array().unwrap().iter().map(said).collect();
        assert_eq!(each, [("pass", "green"), ("look_again", "grey")]);
        let rows = gate_record::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(rows.iter().map(|row| (row.seq, row.place)).collect::<Vec<_>>(), [(1, 0), (1, 1)]);
        assert!(rows.iter().all(|row| row.plate.as_ref().is_some_and(|plate| !plate.is_ascii())));

        let family = device.verify(json!([{"code": format!("{one}\n{two}")}])).await.ok();
        assert_eq!(family["people"].as_array().unwrap().len(), 2);
        let crowd = [one.as_str(); 10].join("\n");
        let refused = device.verify(json!([{"code": crowd}])).await;
        assert_eq!(refused.problem(422), "family-code-invalid");
        assert_eq!(refused.faults(), [("people[0].code".into(), "length".into())]);
    }

    async fn a_pass_card_and_a_normal_temperature_let_through_without_isolation(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(cards::COMMUNITY).await;
        let (zhang, _) = cards::with_card(&backend, "13800138000", ZHANG).await;
        let card = cards::card_of(&backend, &zhang).await;
        let token = card["token"].as_str().expect("a card that counts");
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        for (people, expected) in [
            (json!([{"code": token, "temperature": 36.8}]), ("pass", "pass_card")),
            (json!([{"code": token}]), ("look_again", "no_temperature")),
            (json!([{"code": token, "temperature": 37.3}]), ("stop", "fever")),
            (json!([{"code": token, "temperature": 36.8, "document_last4": "0019"}]), ("pass", "pass_card")),
            (json!([{"code": token, "temperature": 36.8, "document_last4": "002X"}]), ("stop", "other_document")),
        ] {
            assert_eq!(said(&device.verify(people.clone()).await.ok()), expected, "{people}");
        }
    }
}
