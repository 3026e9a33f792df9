//! Who works here, and what they may do where.

mod accounts;
mod enrolment;
mod first;
mod grants;
mod keys;
mod log_in;
mod matrix;
mod sessions;

use api::deps::Deps;
use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{
    Backend, StaffMember,
    authenticator::{Authenticator, Signs, totp},
};
use serde_json::{Value, json};

/// Somebody who was invited.
struct Invited {
    account: String,
    handle: String,
    secret: String,
}

/// Have `admin` invite somebody to the division with the code `division`.
async fn invited(admin: &StaffMember, division: &str) -> Invited {
    let body = json!({"name": "陈静", "unit": "卫健委", "division": division});
    let invited = admin.post("/v1/staff/accounts", body).await.ok();
    let text = |key: &str| invited[key].as_str().unwrap().to_owned();
    Invited {
        account: text("account_id"),
        handle: text("handle"),
        secret: text("enrolment_secret"),
    }
}

/// Somebody with an app.
struct Coder {
    account: String,
    handle: String,
    uri: String,
}

/// Somebody who enrolled an app, and whose next code is good.
async fn coder(backend: &Backend) -> Coder {
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let Invited {
        account,
        handle,
        secret,
    } = invited(&admin, "310101").await;
    let anyone = backend.anyone();
    let begun = anyone
        .post("/v1/staff/enrolment/totp", json!({"secret": secret}))
        .await
        .ok();
    let uri = begun["otpauth_uri"].as_str().unwrap().to_owned();
    let code = totp(&uri, backend.deps.clock.now());
    let confirm = json!({"secret": secret, "code": code});
    let path = "/v1/staff/enrolment/totp/confirmation";
    anyone.post(path, confirm).await.ok();
    backend.wait(TimeDelta::seconds(30));
    Coder {
        account,
        handle,
        uri,
    }
}

impl Coder {
    /// A log-in with what the app shows now.
    fn login(&self, deps: &Deps) -> Value {
        json!({"handle": self.handle, "code": totp(&self.uri, deps.clock.now())})
    }
}

/// Leave something of everything that is kept of staff.
pub(crate) async fn enrolled(backend: &Backend) {
    let admin = backend.staff(Role::RegionAdmin, "310000").await;
    let authenticator = Authenticator::new(Signs::EdDsa);
    enrol(backend, &invited(&admin, "310101").await, &authenticator).await;
}

/// Enrol `authenticator` for somebody who was invited.
async fn enrol(backend: &Backend, invited: &Invited, authenticator: &Authenticator) {
    let anyone = backend.anyone();
    let secret = json!({"secret": invited.secret});
    let options = anyone.post("/v1/staff/enrolment/webauthn", secret).await;
    let mut made = authenticator.make(&options.ok());
    made["secret"] = json!(invited.secret);
    let path = "/v1/staff/enrolment/webauthn/confirmation";
    anyone.post(path, made).await.ok();
}
