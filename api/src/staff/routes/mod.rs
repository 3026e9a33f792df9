//! Routes.

mod accounts;
mod enrolment;
mod grants;
mod keys;
mod login;
mod me;
mod step_up;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::http::{
    page,
    problem::{FieldFault, INVALID_REQUEST, Problem, Text},
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(login::by_totp)
        .service(login::challenge)
        .service(login::by_key)
        .service(login::log_out)
        .service(enrolment::totp)
        .service(enrolment::confirm_totp)
        .service(enrolment::options)
        .service(enrolment::keep_key)
        .service(step_up::by_totp)
        .service(step_up::challenge)
        .service(step_up::by_key)
        .service(me::me)
        .service(accounts::list)
        .service(accounts::invite)
        .service(accounts::find)
        .service(accounts::suspend)
        .service(accounts::reinstate)
        .service(grants::list)
        .service(grants::request)
        .service(grants::approve)
        .service(grants::revoke);
}

/// Where the page after an entry begins.
fn page_key(at: DateTime<Utc>, id: Uuid) -> String {
    format!("{}_{id}", at.timestamp_millis())
}

/// The entry that a page begins after.
fn page_start(after: Option<&str>) -> Result<Option<(DateTime<Utc>, Uuid)>, Problem> {
    let read = |after: &str| {
        let (at, id) = after.split_once('_')?;
        let at = page::instant(DateTime::from_timestamp_millis(at.parse().ok()?)?)?;
        Some((at, Uuid::from_str(id).ok()?))
    };
    let unreadable = || {
        let message = Text::new("不是上一页的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    };
    after
        .map(|after| read(after).ok_or_else(unreadable))
        .transpose()
}
