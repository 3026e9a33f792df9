//! What people say of themselves: declarations (H1) and daily check-ins (H6).
//!
//! A declaration is kept as declared, version by version. A check-in exists once for each person
//! and local day, however often it is posted. Both are sealed under the person's data key; beside
//! them stand only the facts that a colour is decided from.

mod check_ins;
mod declaring;
mod error;
mod jobs;
mod marking;
mod reminding;
mod report;
mod routes;
pub mod rules;
mod store;

pub use error::Error;
pub use jobs::{MarkOpened, RemindToCheckIn};
pub use reminding::Reminders;
pub use report::{CheckInReport, DeclarationReport, Symptom};
pub use routes::configure;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::PersonId;
use sea_orm::{ConnectionTrait, DbErr};

/// The newest declaration of `person`, or the newest until `until`.
pub async fn latest_declaration(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<entity::declaration::Model>, DbErr> {
    store::latest_declaration(db, person, until).await
}

/// The newest check-in of `person`, or the newest until `until`.
pub async fn latest_check_in(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<entity::check_in::Model>, DbErr> {
    store::latest_check_in(db, person, until).await
}

/// The local days since `first` on which `person` checked in or declared, or did until `until`, each
/// once.
pub async fn days_reported_since(
    db: &impl ConnectionTrait,
    person: PersonId,
    first: NaiveDate,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<NaiveDate>, DbErr> {
    store::days_reported_since(db, person, first, until).await
}
