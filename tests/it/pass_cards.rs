//! A health pass card is applied for, compared, reviewed and issued, and counts as long as its holder is
//! green.

mod clock;
mod gates;
mod marks;
mod observation;
pub(crate) mod rig;
mod upkeep;
mod window;

use api::{
    facts::{self, NewTest},
    jobs::Sweep,
    pass_cards::AnswerCompared,
    platform::{Clock, db::begin_write},
};
use chrono::TimeDelta;
use entity::values::TestResult;
use futures_util::future::join_all;
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

use rig::{
    PHONE, act, application, apply, approve, arrived, ask, card_of, cards_of, contact, declare,
    issuer, person, read, settle, text, with_card,
};

/// Have the owner of `session` tested positive.
pub(crate) async fn tested_positive(backend: &Backend, session: &Session) {
    let now = backend.clock.now();
    let test = NewTest {
        person: person(session),
        sampled_at: now - TimeDelta::hours(1),
        sample: "lab-1/1".into(),
        reported_at: now,
        result: TestResult::Positive,
        tube_size: 1,
        source: "lab-1".into(),
        recorded_by: None,
    };
    let tx = begin_write(&backend.deps.db).await.unwrap();
    facts::record_test(&tx, &backend.deps, test).await.unwrap();
    tx.commit().await.unwrap();
    settle(backend).await;
}

on_both_stacks! {
    async fn an_application_is_compared_reviewed_and_issued_for_fourteen_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, integration_tests::backend::declaration()).await;
        let filed = ask(&backend, &zhang, application()).await;
        assert_eq!(filed.status, 201);
        let filed = filed.ok();
        assert!(text(&filed["reference"]).starts_with("TX-"));
        assert_eq!(filed["stage"]["stage"], "comparison");
        assert_eq!(filed["comparison"], Value::Null);

        settle(&backend).await;
        let compared = read(&backend, &zhang, &filed).await;
        assert_eq!(compared["comparison"]["colour"], "green");
        assert_eq!(compared["stage"]["stage"], "community");
        assert_eq!(compared["card"], Value::Null);
        // Monday noon, and six working hours: the afternoon and two hours of Tuesday.
        assert_eq!(compared["stage"]["due_at"], "2026-03-03T03:00:00Z");

        approve(&issuer(&backend).await, &compared).await.ok();
        let decided = read(&backend, &zhang, &filed).await;
        assert_eq!(decided["outcome"], "approved");
        let card = card_of(&backend, &zhang).await;
        assert_eq!(card["id"], decided["card"]);
        assert_eq!(card["number"], "TXK31010100000001");
        assert_eq!((&card["state"], &card["by_clock"]), (&json!("active"), &json!(false)));
        assert_eq!(card["valid_until"], "2026-03-15T16:00:00Z");
        assert!(text(&card["token"]).starts_with("TX1:"));
        assert_eq!(card["masked_name"], "张*明");
    }

    async fn a_reviewer_sees_what_was_declared_found_and_whom_to_call(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let mut request = application();
        request["arrival"] = json!({"from": {"division": "420106"}, "on": "2026-03-02"});
        let filed = ask(&backend, &zhang, request.clone()).await.ok();
        settle(&backend).await;
        let seen = read(&backend, &zhang, &filed).await;
        assert_eq!(seen["arrival"], request["arrival"]);
        let staff = issuer(&backend).await;
        let path = format!("/v1/staff/review/cases/{}", text(&seen["stage"]["case"]));
        let case = staff.get(&path).await.ok();
        let shown = &case["about"];
        assert_eq!(shown["masked_name"], "张*明", "{case}");
        assert_eq!(shown["telephone"], PHONE);
        assert_eq!(shown["arrival"], request["arrival"]);
        assert_eq!(shown["comparison"]["colour"], "yellow");
        assert_eq!(shown["comparison"]["reasons"], json!(["Y04"]));
        assert_eq!(shown["declaration"]["report"]["residence"], arrived()["residence"]);
    }

    async fn nobody_applies_unknown_undeclared_elsewhere_or_from_the_future(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.log_in(PHONE).await;
        let refused = ask(&backend, &zhang, application()).await;
        assert_eq!(refused.problem(409), "identity-required");
        backend.prove(&zhang, ZHANG).await;
        assert_eq!(ask(&backend, &zhang, application()).await.problem(409), "declaration-missing");
        backend.become_green(&zhang).await;
        let with = |field: &str, value: Value| {
            let mut request = application();
            request[field] = value;
            request
        };
        for (request, fault) in [
            (with("community", json!("310101001002")), ("community", "unknown_community")),
            (with("confirmed_true", json!(false)), ("confirmed_true", "must_be_true")),
            (
                with("arrival", json!({"from": "abroad", "on": "2026-03-03"})),
                ("arrival.on", "future"),
            ),
            (
                with("arrival", json!({"from": {"division": "899999"}, "on": "2026-03-02"})),
                ("arrival.from.division", "unknown_division"),
            ),
        ] {
            let refused = ask(&backend, &zhang, request).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults(), [(fault.0.to_owned(), fault.1.to_owned())]);
        }
        backend.open_region("310101", "2026-04-01T00:00:00+08:00").await;
        let refused = ask(&backend, &zhang, application()).await;
        assert_eq!(refused.problem(409), "region-not-open");
        let path = format!("/v1/people/{}/pass-applications", zhang.person);
        let kept = backend.as_citizen(&zhang).get(&path).await.ok();
        assert_eq!(kept["items"], json!([]), "nothing of it was kept");
    }

    async fn there_is_one_open_application_and_one_card(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let first = apply(&backend, &zhang).await;
        assert_eq!(ask(&backend, &zhang, application()).await.problem(409), "pass-application-open");
        approve(&issuer(&backend).await, &first).await.ok();
        assert_eq!(ask(&backend, &zhang, application()).await.problem(409), "pass-card-in-force");

        backend.wait_until("2026-03-09T00:00:00+08:00");
        settle(&backend).await;
        let zhang = backend.log_in(PHONE).await;
        backend.become_green(&zhang).await;
        let second = apply(&backend, &zhang).await;
        approve(&issuer(&backend).await, &second).await.ok();
        let cards = cards_of(&backend, &zhang).await;
        assert_eq!(cards.len(), 2);
        assert_eq!(cards[0].superseded_by, Some(cards[1].id), "the later one takes its place");
        assert!(cards[0].current_of.is_none() && cards[1].current_of.is_some());
    }

    async fn racing_applications_of_one_person_leave_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let asked = join_all((0..4).map(|_| ask(&backend, &zhang, application()))).await;
        let filed = asked.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(filed, 1);
        assert!(asked.iter().all(|reply| [201, 409].contains(&reply.status.as_u16())));
    }

    async fn two_instances_answer_a_comparison_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let other = backend.another_instance().await;
        let zhang = backend.green(PHONE, ZHANG).await;
        ask(&backend, &zhang, application()).await.ok();
        backend.compare().await;
        let answered = join_all([&backend, &other].map(|it| AnswerCompared::run(&it.deps))).await;
        let answered: u64 = answered.into_iter().map(Result::unwrap).sum();
        assert_eq!(answered, 1);
    }

    async fn an_application_waits_for_a_comparison_of_what_was_declared_for_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        declare(&backend, &zhang, arrived()).await;
        let filed = ask(&backend, &zhang, application()).await.ok();
        assert_eq!(AnswerCompared::run(&backend.deps).await.unwrap(), 0, "an older one is no answer");
        settle(&backend).await;
        let compared = read(&backend, &zhang, &filed).await;
        assert_eq!(compared["comparison"]["colour"], "yellow");
        assert_eq!(compared["comparison"]["holds"], 1);
    }

    async fn nobody_is_granted_a_card_whose_code_is_red(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let filed = apply(&backend, &zhang).await;
        tested_positive(&backend, &zhang).await;
        let staff = issuer(&backend).await;
        assert_eq!(approve(&staff, &filed).await.problem(409), "red-code-stands");
        let same = read(&backend, &zhang, &filed).await;
        assert_eq!((&same["outcome"], &same["card"]), (&Value::Null, &Value::Null));
        assert_eq!(same["stage"], filed["stage"]);
    }

    async fn a_refusal_needs_a_reason_of_the_list_words_and_a_contact_and_is_not_the_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let filed = apply(&backend, &zhang).await;
        let staff = issuer(&backend).await;
        let refuse = |reason: &str| json!({"action": "refuse", "reason": reason, "text": "多次联系未果"});
        let none = act(&staff, &filed, refuse("symptoms")).await;
        assert_eq!(none.problem(409), "contact-missing");
        contact(&staff, &filed, "not_reached").await;
        let unlisted = act(&staff, &filed, refuse("unknown_to_us")).await;
        assert_eq!(unlisted.problem(422), "reason-not-listed");
        let once = act(&staff, &filed, refuse("not_reachable")).await;
        assert_eq!(once.problem(409), "contact-missing");
        backend.wait(chrono::TimeDelta::hours(1));
        let (staff, zhang) = (backend.staff_again(&staff).await, backend.log_in(PHONE).await);
        contact(&staff, &filed, "not_reached").await;
        let silent = json!({"action": "refuse", "reason": "not_reachable"});
        assert_eq!(act(&staff, &filed, silent).await.problem(422), "text-missing");
        assert_eq!(read(&backend, &zhang, &filed).await["outcome"], Value::Null);
        act(&staff, &filed, refuse("not_reachable")).await.ok();

        let refused = read(&backend, &zhang, &filed).await;
        assert_eq!((&refused["outcome"], &refused["card"]), (&json!("refused"), &Value::Null));
        apply(&backend, &zhang).await;
    }

    async fn what_is_taken_back_is_over_and_another_may_be_applied_for(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let filed = apply(&backend, &zhang).await;
        let path = format!("/v1/cases/{}/withdrawal", text(&filed["stage"]["case"]));
        backend.as_citizen(&zhang).post(&path, json!({})).await.ok();
        assert_eq!(read(&backend, &zhang, &filed).await["outcome"], "withdrawn");
        apply(&backend, &zhang).await;
    }

    async fn an_application_is_nobody_elses(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, application) = with_card(&backend, PHONE, ZHANG).await;
        let other = backend.log_in("13900139000").await;
        let page = backend.as_citizen(&other);
        let own = format!("/v1/people/{}", zhang.person);
        let id = text(&application["id"]);
        for path in [
            format!("{own}/pass-card"),
            format!("{own}/pass-applications"),
            format!("{own}/pass-applications/{id}"),
            format!("/v1/people/{}/pass-applications/{id}", other.person),
            format!("/v1/people/{}/pass-card", other.person),
        ] {
            assert_eq!(page.get(&path).await.problem(404), "not-found", "{path}");
        }
    }

    async fn another_card_for_the_same_days_voids_the_one_before_at_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        let before = card_of(&backend, &zhang).await;
        let path = format!("/v1/people/{}/pass-card/replacements", zhang.person);
        let page = backend.as_citizen(&zhang);
        let replaced = page.post(&path, json!({"reason": "lost"})).await;
        assert_eq!(replaced.status, 201);
        let after = replaced.ok();
        assert_ne!(after["number"], before["number"]);
        assert_eq!(after["valid_until"], before["valid_until"], "for the same days");

        let lost = rig::at_gate(&backend, &before["token"], Some(36.5)).await;
        assert_eq!(rig::decision(&lost), (&json!("stop"), &json!("card_does_not_count")));
        assert_eq!(lost["card"]["counts"], false);
        let new = rig::at_gate(&backend, &after["token"], Some(36.5)).await;
        assert_eq!(new["decision"], "pass");
    }
}
