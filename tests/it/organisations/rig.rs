//! Units at the provider of their certificates.

use integration_tests::{
    Backend,
    backend::{Identity, ZHANG},
    call::{Caller, Reply},
    organisations::COMPANY,
};
use miniapp_mock::{CertifiedUnit, LegalPerson};
use serde_json::{Value, json};

/// The company, with `legal` as its legal person.
pub(crate) fn company_of(legal: Identity) -> CertifiedUnit {
    CertifiedUnit {
        credit_code: COMPANY.into(),
        organisation_name: "上海浦江商贸有限公司".into(),
        legal_person: LegalPerson {
            name: legal.name.into(),
            document_type: "resident_card".into(),
            document_number: legal.number.into(),
        },
    }
}

/// The same, Zhang's.
pub(crate) fn company() -> CertifiedUnit {
    company_of(ZHANG)
}

/// Begin a log-in.
pub(crate) async fn begin(backend: &Backend) -> Value {
    let with = json!({"certificate": "legal_person_certificate"});
    let path = "/v1/organisation-sessions/authorization";
    backend.anyone().post(path, with).await.ok()
}

/// What the page sends once `unit` has logged in at the provider.
pub(crate) fn back(backend: &Backend, begun: &Value, unit: &CertifiedUnit) -> Value {
    let address = begun["authorization_url"].as_str().unwrap();
    let back = backend.mock.certify(address, unit).unwrap();
    json!({"code": back.code, "state": back.state, "binding": begun["binding"]})
}

/// End a log-in.
pub(crate) async fn finish(backend: &Backend, body: &Value) -> Reply {
    let path = "/v1/organisation-sessions";
    backend.anyone().post(path, body.clone()).await
}

/// Have `unit` log in, whatever comes of it.
pub(crate) async fn log_in(backend: &Backend, unit: &CertifiedUnit) -> Reply {
    let begun = begin(backend).await;
    finish(backend, &back(backend, &begun, unit)).await
}

/// The caller with the session that a log-in gave, and the unit's id.
pub(crate) async fn logged_in(backend: &Backend, unit: &CertifiedUnit) -> (Caller, String) {
    let session = log_in(backend, unit).await.ok();
    let token = session["token"].as_str().unwrap();
    let organisation = session["organisation"].as_str().unwrap();
    (backend.anyone().with_bearer(token), organisation.to_owned())
}

/// Ask the owner of `phone` to act for `organisation`, whose `unit` is.
pub(crate) async fn invite(unit: &Caller, organisation: &str, phone: &str) -> Value {
    let path = format!("/v1/organisations/{organisation}/agents");
    unit.post(&path, json!({"phone": phone})).await.ok()
}

/// Accept the only invitation of `citizen`'s.
pub(crate) async fn accept(citizen: &Caller) -> Reply {
    let mine = citizen.get("/v1/me/organisations").await.ok();
    let agent = mine["invitations"][0]["id"].as_str().unwrap();
    let path = format!("/v1/me/organisations/invitations/{agent}/acceptance");
    citizen.post(&path, json!({})).await
}
