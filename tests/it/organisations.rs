//! Units log in with their certificate, and people act for them.

mod agents;
pub(crate) mod rig;

use api::{jobs::Sweep, organisations::ForgetSessions};
use chrono::TimeDelta;
use entity::{audit_entry, organisation, organisation_session};
use integration_tests::{
    Backend, Stack,
    backend::{GRANDMOTHER, Identity, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
};
use miniapp_mock::{CertificateFlaw, CertifiedUnit, Endpoint, Fault};
use rig::{back, begin, company, company_of, finish, log_in, logged_in};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

/// Somebody else.
const WANG: Identity = Identity {
    name: "王建国",
    number: "310104197608237715",
};

async fn count(backend: &Backend, event: &str) -> usize {
    let found = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq(event))
        .all(&backend.deps.db)
        .await;
    found.unwrap().len()
}

on_both_stacks! {
    async fn a_unit_logs_in_with_its_certificate_and_is_the_same_the_next_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = logged_in(&backend, &company()).await;
        let shown = unit.get(&format!("/v1/organisations/{id}")).await.ok();
        for (field, value) in [
            ("id", json!(id)),
            ("credit_code", json!(COMPANY)),
            ("name", json!("上海浦江商贸有限公司")),
            ("division", json!("310115")),
            ("capacity", json!("legal_person")),
        ] {
            assert_eq!(shown[field], value, "{field}");
        }
        let (_, again) = logged_in(&backend, &company()).await;
        assert_eq!(again, id);
        assert_eq!(organisation::Entity::find().all(&backend.deps.db).await.unwrap().len(), 1);
        assert_eq!(count(&backend, "organisation_created").await, 1);
        assert_eq!(count(&backend, "organisation_session_began").await, 2);
    }

    async fn the_legal_person_is_kept_as_an_index_and_their_token_as_a_digest(stack: Stack) {
        let backend = Backend::start(stack).await;
        let session = log_in(&backend, &company()).await.ok();
        let unit = organisation::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        let kept = format!("{unit:?}");
        assert!(!kept.contains(ZHANG.number) && !kept.contains(ZHANG.name));
        assert_eq!(unit.legal_person_index.len(), 17);
        let row = organisation_session::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        let token = session["token"].as_str().unwrap();
        assert_eq!(token.len(), 43);
        assert!(row.digest.len() == 32 && row.digest != token.as_bytes());
    }

    async fn a_log_in_is_ended_once_and_by_whoever_began_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (ours, theirs) = (begin(&backend).await, begin(&backend).await);
        let mut injected = back(&backend, &theirs, &company());
        injected["binding"] = ours["binding"].clone();
        assert_eq!(finish(&backend, &injected).await.problem(401), "organisation-login-refused");

        let good = back(&backend, &ours, &company());
        finish(&backend, &good).await.ok();
        assert_eq!(finish(&backend, &good).await.problem(401), "organisation-login-refused");

        // The code of one log-in with the state of another: PKCE is in the way.
        let (one, other) = (begin(&backend).await, begin(&backend).await);
        let mut mixed = back(&backend, &one, &company());
        mixed["code"] = back(&backend, &other, &company())["code"].clone();
        assert_eq!(finish(&backend, &mixed).await.problem(401), "organisation-login-refused");

        let late = begin(&backend).await;
        let late = back(&backend, &late, &company());
        backend.wait(TimeDelta::minutes(10));
        assert_eq!(finish(&backend, &late).await.problem(401), "organisation-login-refused");
        for state in ["", "x", &"x".repeat(43)] {
            let body = json!({"code": "x", "state": state, "binding": "x"});
            assert!(finish(&backend, &body).await.status.is_client_error());
        }
    }

    async fn a_session_ends_unused_after_half_an_hour_and_when_it_is_ended(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = logged_in(&backend, &company()).await;
        let path = format!("/v1/organisations/{id}");
        for _ in 0..23 {
            backend.wait(TimeDelta::minutes(29));
            unit.get(&path).await.ok();
        }
        backend.wait(TimeDelta::minutes(30));
        unit.get(&path).await.problem(401);

        let (unit, _) = logged_in(&backend, &company()).await;
        let elsewhere = backend.another_instance().await;
        assert_eq!(unit.delete("/v1/organisation-sessions/current").await.status, 204);
        unit.get(&path).await.problem(401);
        let token = unit.request(reqwest::Method::GET, &path).build().unwrap();
        let bearer = token.headers()["authorization"].to_str().unwrap().to_owned();
        let bearer = bearer.trim_start_matches("Bearer ");
        elsewhere.anyone().with_bearer(bearer).get(&path).await.problem(401);

        backend.wait(TimeDelta::days(32));
        assert_eq!(ForgetSessions::run(&backend.deps).await.unwrap(), 2);
    }

    async fn a_session_is_for_its_unit_and_for_no_route_of_a_citizen(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (unit, id) = logged_in(&backend, &company()).await;
        let other = backend.organisation("91310000MA1H7ABC83").await;
        let nothing = "0195a1b2-0000-4000-8000-00000000000a";
        let foreign = unit.get(&format!("/v1/organisations/{other}")).await;
        let missing = unit.get(&format!("/v1/organisations/{nothing}")).await;
        assert_eq!(foreign.problem(404), missing.problem(404));
        unit.get("/v1/me").await.problem(401);
        let stranger = backend.verified("13900139000", GRANDMOTHER).await;
        backend.as_citizen(&stranger).get(&format!("/v1/organisations/{id}")).await.problem(404);
    }

    async fn the_legal_person_acts_for_the_unit_in_the_mini_program(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, id) = logged_in(&backend, &company()).await;
        let zhang = backend.log_in("13800138000").await;
        let page = backend.as_citizen(&zhang);
        let path = format!("/v1/organisations/{id}");
        page.get(&path).await.problem(404);
        backend.prove(&zhang, ZHANG).await;
        assert_eq!(page.get(&path).await.ok()["capacity"], "legal_person");
        let mine = page.get("/v1/me/organisations").await.ok();
        assert_eq!(mine["organisations"][0]["id"], id);
        assert_eq!(mine["organisations"][0]["capacity"], "legal_person");
    }

    async fn another_legal_person_ends_what_the_one_before_began(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let (before, id) = logged_in(&backend, &company()).await;
        let (now, same) = logged_in(&backend, &company_of(GRANDMOTHER)).await;
        assert_eq!(id, same);
        let path = format!("/v1/organisations/{id}");
        before.get(&path).await.problem(401);
        now.get(&path).await.ok();
        backend.as_citizen(&zhang).get(&path).await.problem(404);
        assert_eq!(count(&backend, "legal_person_changed").await, 1);
    }

    async fn a_former_legal_person_does_not_go_on_as_an_agent(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let (before, id) = logged_in(&backend, &company()).await;
        rig::invite(&before, &id, "13800138000").await;
        rig::accept(&page).await.ok();
        let wang = backend.verified("13700137000", WANG).await;
        rig::invite(&before, &id, "13700137000").await;
        rig::accept(&backend.as_citizen(&wang)).await.ok();
        // One more, to be accepted later.
        let friend = backend.log_in("13600136000").await;
        rig::invite(&before, &id, "13600136000").await;

        let (now, _) = logged_in(&backend, &company_of(GRANDMOTHER)).await;
        let path = format!("/v1/organisations/{id}");
        page.get(&path).await.problem(404);
        let nothing = json!({"organisations": [], "invitations": []});
        assert_eq!(page.get("/v1/me/organisations").await.ok(), nothing);
        let friend = backend.as_citizen(&friend).get("/v1/me/organisations").await.ok();
        assert_eq!(friend, nothing);
        backend.as_citizen(&wang).get(&path).await.ok();
        let agents = now.get(&format!("{path}/agents")).await.ok();
        assert_eq!(agents.as_array().unwrap().len(), 1);
        assert_eq!(count(&backend, "agent_ended").await, 2);
    }

    async fn a_unit_that_is_registered_elsewhere_is_turned_away_and_a_central_one_is_not(stack: Stack) {
        let backend = Backend::start(stack).await;
        let coded = |code: &str| CertifiedUnit { credit_code: code.into(), ..company() };
        let elsewhere = log_in(&backend, &coded("91110000600037341L")).await;
        assert_eq!(elsewhere.problem(403), "organisation-registered-elsewhere");
        assert_eq!(elsewhere.faults(), [("credit_code".to_owned(), "elsewhere".to_owned())]);
        log_in(&backend, &coded("12100000400009880K")).await.ok();
        assert_eq!(organisation::Entity::find().all(&backend.deps.db).await.unwrap().len(), 1);
    }

    async fn a_certificate_that_says_too_little_is_refused_by_what_is_missing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let change = |change: fn(&mut CertifiedUnit)| {
            let mut unit = company();
            change(&mut unit);
            unit
        };
        for (unit, field, code) in [
            (change(|unit| unit.credit_code = "91310115MA1H7ABC81".into()), "credit_code", "check_character"),
            (change(|unit| unit.organisation_name = " ".into()), "organisation_name", "missing"),
            (change(|unit| unit.organisation_name = "\u{200b}".into()), "organisation_name", "missing"),
            (change(|unit| unit.organisation_name = "浦江\u{202e}公司".into()), "organisation_name", "missing"),
            (change(|unit| unit.legal_person.document_number = "1".into()), "legal_person.document_number", "missing"),
            (change(|unit| unit.legal_person.document_type = "library_card".into()), "legal_person.document_number", "missing"),
        ] {
            let refused = log_in(&backend, &unit).await;
            assert_eq!(refused.problem(422), "organisation-certificate-unfit", "{field}");
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
    }
}

#[tokio::test]
async fn an_id_token_that_is_not_this_log_ins_is_refused() {
    use CertificateFlaw as Flaw;
    let backend = Backend::start(Stack::Embedded).await;
    for flaw in [
        Flaw::WrongNonce,
        Flaw::Expired,
        Flaw::OtherAudience,
        Flaw::OtherIssuer,
        Flaw::OtherParty,
        Flaw::UnknownKey,
        Flaw::Forged,
        Flaw::Unsigned,
        Flaw::SharedSecret,
        Flaw::OtherCertificate,
        Flaw::Old,
    ] {
        backend.mock.flaw_next_certificate(flaw);
        let refused = log_in(&backend, &company()).await;
        assert_eq!(
            refused.problem(401),
            "organisation-login-refused",
            "{flaw:?}"
        );
    }
    log_in(&backend, &company()).await.ok();
    let sessions = organisation_session::Entity::find().all(&backend.deps.db);
    assert_eq!(sessions.await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_found_and_unknown_ones_do_not_wear_it_out() {
    let backend = Backend::start(Stack::Embedded).await;
    log_in(&backend, &company()).await.ok();
    backend.wait(TimeDelta::minutes(1));
    backend.mock.rotate_certificate_key();
    log_in(&backend, &company()).await.ok();
    assert_eq!(backend.mock.calls_of(Endpoint::CertificatesKeys), 2);
    for _ in 0..3 {
        backend
            .mock
            .flaw_next_certificate(CertificateFlaw::UnknownKey);
        log_in(&backend, &company()).await.problem(401);
    }
    assert_eq!(backend.mock.calls_of(Endpoint::CertificatesKeys), 2);
    assert_eq!(backend.mock.calls_of(Endpoint::CertificatesDiscovery), 1);
}

#[tokio::test]
async fn a_provider_that_fails_is_not_waited_for_and_is_not_believed() {
    let backend = Backend::start(Stack::Embedded).await;
    let path = "/v1/organisation-sessions/authorization";
    let with = json!({"certificate": "business_licence"});
    let elsewhere = json!({
        "issuer": format!("{}/certificates", backend.mock.base_url()),
        "authorization_endpoint": "https://elsewhere.example/authorize",
        "token_endpoint": "https://elsewhere.example/token",
        "jwks_uri": "https://elsewhere.example/jwks",
    });
    for fault in [
        Fault::Body {
            text: elsewhere.to_string(),
        },
        Fault::Body { text: "{}".into() },
        Fault::Garbage,
        Fault::Redirect {
            location: "https://elsewhere.example/".into(),
        },
    ] {
        backend
            .mock
            .order_fault(Endpoint::CertificatesDiscovery, fault.clone(), 1);
        let refused = backend.anyone().post(path, with.clone()).await;
        assert_eq!(
            refused.problem(503),
            "certificate-provider-unavailable",
            "{fault:?}"
        );
    }
    for fault in [
        Fault::Status { status: 500 },
        Fault::Garbage,
        Fault::Refuse {
            code: "invalid_client".into(),
        },
        Fault::Body {
            text: json!({"access_token": "x", "token_type": "Bearer"}).to_string(),
        },
    ] {
        let begun = begin(&backend).await;
        let body = back(&backend, &begun, &company());
        backend
            .mock
            .order_fault(Endpoint::CertificatesToken, fault.clone(), 1);
        let refused = finish(&backend, &body).await;
        assert_eq!(
            refused.problem(503),
            "certificate-provider-unavailable",
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn log_ins_from_one_address_are_counted() {
    let backend = Backend::start_with(Stack::Embedded, |config| {
        config.organisations.per_address = api::config::Limit::new(2, 3600);
    })
    .await;
    log_in(&backend, &company()).await.ok();
    let path = "/v1/organisation-sessions/authorization";
    let with = json!({"certificate": "legal_person_certificate"});
    let refused = backend.anyone().post(path, with).await;
    assert_eq!(refused.problem(429), "too-many-attempts");
    assert_ne!(refused.headers.get("retry-after"), None);
}

/// A row in each of this feature's tables.
pub(crate) async fn live_through(backend: &Backend, legal: Identity) {
    let (unit, id) = logged_in(backend, &company_of(legal)).await;
    rig::invite(&unit, &id, "13700137000").await;
}
