//! Whom a unit asked to act for it, and who does.

use api::{jobs::Sweep, organisations::ForgetAgents};
use chrono::TimeDelta;
use entity::organisation_agent;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    call::Caller,
    on_both_stacks,
    organisations::COMPANY,
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::rig::{accept, invite};

const PHONE: &str = "13900139000";

/// The company's own session, and its id.
async fn company(backend: &Backend) -> (Caller, String) {
    let id = backend.organisation(COMPANY).await;
    (backend.as_unit(id).await, id.to_string())
}

on_both_stacks! {
    async fn somebody_is_asked_by_phone_accepts_and_acts(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = company(&backend).await;
        let invited = invite(&unit, &id, PHONE).await;
        assert_eq!(invited["phone"], "139****9000");
        assert_eq!((&invited["state"], &invited["name"]), (&json!("invited"), &json!(null)));

        let agent = backend.verified(PHONE, GRANDMOTHER).await;
        let page = backend.as_citizen(&agent);
        let own = format!("/v1/organisations/{id}");
        page.get(&own).await.problem(404);
        assert_eq!(accept(&page).await.ok()["capacity"], "agent");
        assert_eq!(page.get(&own).await.ok()["capacity"], "agent");
        let mine = page.get("/v1/me/organisations").await.ok();
        assert_eq!(mine["organisations"][0]["agent"], invited["id"]);
        assert_eq!(mine["invitations"], json!([]));

        let listed = unit.get(&format!("{own}/agents")).await.ok();
        assert_eq!(listed[0]["state"], "accepted");
        assert_eq!(listed[0]["name"], "李*英");
        let row = organisation_agent::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(&row.phone).contains(PHONE));
        for event in ["agent_invited", "agent_accepted"] {
            assert_eq!(super::count(&backend, event).await, 1, "{event}");
        }
    }

    async fn whoever_is_withdrawn_is_so_at_once_on_every_instance(stack: Stack) {
        let backend = Backend::start(stack).await;
        let elsewhere = backend.another_instance().await;
        let (unit, id) = company(&backend).await;
        let invited = invite(&unit, &id, PHONE).await;
        let agent = backend.verified(PHONE, GRANDMOTHER).await;
        accept(&backend.as_citizen(&agent)).await.ok();
        let there = elsewhere.as_citizen(&agent);
        let own = format!("/v1/organisations/{id}");
        there.get(&own).await.ok();
        let path = format!("{own}/agents/{}/withdrawal", invited["id"].as_str().unwrap());
        assert_eq!(unit.post(&path, json!({})).await.ok()["state"], "withdrawn");
        there.get(&own).await.problem(404);
        assert_eq!(unit.post(&path, json!({})).await.problem(409), "organisation-invitation-over");
        // Asked again, they may act again.
        invite(&unit, &id, PHONE).await;
        accept(&there).await.ok();
        there.get(&own).await.ok();
    }

    async fn agents_and_their_phones_are_forgotten_half_a_year_after_they_stop(stack: Stack) {
        let backend = Backend::start(stack).await;
        let company = backend.organisation(COMPANY).await;
        let (unit, id) = (backend.as_unit(company).await, company.to_string());
        let agents = async || {
            ForgetAgents::run(&backend.deps).await.unwrap();
            organisation_agent::Entity::find().all(&backend.deps.db).await.unwrap().len()
        };
        let own = format!("/v1/organisations/{id}");
        let invited = invite(&unit, &id, PHONE).await;
        let agent = backend.verified(PHONE, GRANDMOTHER).await;
        accept(&backend.as_citizen(&agent)).await.ok();
        // Whoever acts is not forgotten, however long they do; whoever never answered is.
        invite(&unit, &id, "13700137000").await;
        backend.wait(TimeDelta::days(180));
        assert_eq!(agents().await, 2, "an invitation is over after seven days");
        backend.wait(TimeDelta::days(8));
        assert_eq!(agents().await, 1);

        let unit = backend.as_unit(company).await;
        let path = format!("{own}/agents/{}/withdrawal", invited["id"].as_str().unwrap());
        unit.post(&path, json!({})).await.ok();
        backend.wait(TimeDelta::days(179));
        assert_eq!(agents().await, 1);
        backend.wait(TimeDelta::days(1));
        assert_eq!(agents().await, 0);
    }

    async fn an_agent_asks_nobody_and_withdraws_nobody_and_may_give_it_up(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = company(&backend).await;
        let invited = invite(&unit, &id, PHONE).await;
        let agent = backend.verified(PHONE, GRANDMOTHER).await;
        let page = backend.as_citizen(&agent);
        accept(&page).await.ok();
        let agents = format!("/v1/organisations/{id}/agents");
        let asked = page.post(&agents, json!({"phone": "13700137000"})).await;
        assert_eq!(asked.problem(403), "legal-person-required");
        let own = invited["id"].as_str().unwrap();
        let withdrawn = page.post(&format!("{agents}/{own}/withdrawal"), json!({})).await;
        assert_eq!(withdrawn.problem(403), "legal-person-required");
        let refusal = format!("/v1/me/organisations/invitations/{own}/refusal");
        assert_eq!(page.post(&refusal, json!({})).await.ok()["state"], "resigned");
        page.get(&format!("/v1/organisations/{id}")).await.problem(404);
    }

    async fn an_invitation_is_for_its_phone_for_a_verified_person_and_for_seven_days(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = company(&backend).await;
        let invited = invite(&unit, &id, PHONE).await;
        let path = format!("/v1/me/organisations/invitations/{}", invited["id"].as_str().unwrap());
        let (accepting, refusing) = (format!("{path}/acceptance"), format!("{path}/refusal"));

        let stranger = backend.verified("13800138000", ZHANG).await;
        for way in [&accepting, &refusing] {
            backend.as_citizen(&stranger).post(way, json!({})).await.problem(404);
        }
        let unverified = backend.log_in(PHONE).await;
        let page = backend.as_citizen(&unverified);
        assert_eq!(page.post(&accepting, json!({})).await.problem(409), "identity-required");
        backend.prove(&unverified, GRANDMOTHER).await;
        backend.wait(TimeDelta::days(7));
        backend.sweep().await;
        let page = backend.as_citizen(&backend.log_in(PHONE).await);
        assert_eq!(page.post(&accepting, json!({})).await.problem(409), "organisation-invitation-over");
        assert_eq!(page.get("/v1/me/organisations").await.ok()["invitations"], json!([]));
    }

    async fn twenty_may_act_for_a_unit_and_none_is_asked_twice(stack: Stack) {
        let backend = Backend::start(stack).await;
        let id = backend.organisation(COMPANY).await;
        let unit = backend.as_unit(id).await;
        let path = format!("/v1/organisations/{id}/agents");
        let asked = (0..30).map(|n| {
            let (unit, path) = (unit.clone(), path.clone());
            async move { unit.post(&path, json!({"phone": format!("139001390{n:02}")})).await.status.as_u16() }
        });
        let statuses = futures_util::future::join_all(asked).await;
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 20);
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 10);
        let listed = unit.get(&path).await.ok();
        let first = listed[0]["id"].as_str().unwrap();
        unit.post(&format!("{path}/{first}/withdrawal"), json!({})).await.ok();
        invite(&unit, &id.to_string(), PHONE.replace("139", "138").as_str()).await;
        let refused = unit.post(&path, json!({"phone": "13700137000"})).await;
        assert_eq!(refused.problem(409), "organisation-too-many-agents");
        let twice = unit.post(&path, json!({"phone": "+86 138-0013-8000"})).await;
        assert_eq!(twice.problem(409), "organisation-agent-known");
        let wrong = unit.post(&path, json!({"phone": "021-12345678"})).await;
        assert_eq!(wrong.faults(), [("phone".to_owned(), "not_a_mainland_mobile".to_owned())]);
    }
}
