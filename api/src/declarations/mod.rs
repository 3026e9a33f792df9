//! What people say of themselves: declarations (H1) and daily check-ins (H6).
//!
//! A declaration is kept as declared, version by version. A check-in exists once for each person
//! and local day, however often it is posted. Both are sealed under the person's data key; beside
//! them stand only the facts that a colour is decided from.

mod check_ins;
mod declaring;
mod error;
mod forgetting;
mod jobs;
mod marking;
mod own_data;
mod reminding;
mod report;
mod routes;
pub mod rules;
mod store;

pub use check_ins::CheckInView;
pub use error::Error;
pub use forgetting::{checked_in_before, declared_before, forget_check_ins, forget_declarations};
pub use jobs::{MarkOpened, RemindToCheckIn};
pub use own_data::Declarations;
pub use reminding::Reminders;
pub use report::{CheckInReport, DeclarationReport, Place, Symptom, Temperature, must_be_true};
pub use routes::configure;
pub use store::forgetting::{old_check_ins, old_declarations};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    declaration, declared_stay,
    values::{DeclarationId, Division, PersonId, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, sea_query::SelectStatement};

use crate::{deps::Deps, http::idempotency::Outcome, platform::vault::DataKey};

/// The newest declaration of `person`, or the newest until `until`.
pub async fn latest_declaration(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<entity::declaration::Model>, DbErr> {
    store::latest_declaration(db, person, until).await
}

/// The declaration `id`, if it is of `person`.
pub async fn declaration(
    db: &impl ConnectionTrait,
    person: PersonId,
    id: DeclarationId,
) -> Result<Option<declaration::Model>, DbErr> {
    store::declaration(db, person, id).await
}

/// What was declared as `row`, which opens with the person's `key`.
pub fn report_in(row: &declaration::Model, key: &DataKey) -> Result<DeclarationReport, Error> {
    declaring::report_in(row, key)
}

/// Take down what `person` declares at a window, as part of the transaction `tx`: a new version, kept
/// as the person's own, with `staff` on record. Refused if it cannot be true. Wake [`Deps::recheck`]
/// after the commit.
pub async fn take_down(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: StaffId,
    person: PersonId,
    report: &DeclarationReport,
) -> Result<declaration::Model, Error> {
    declaring::take_down(tx, deps, staff, person, report).await
}

/// Take down how `person` is today, who has no phone to check in with, as part of the transaction `tx`: the
/// first report of a local day stands, whoever made it. Wake [`Deps::recheck`] after the commit.
pub async fn take_down_check_in(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: StaffId,
    person: PersonId,
    report: &CheckInReport,
) -> Result<(Outcome, CheckInView), Error> {
    check_ins::take_down(tx, deps, staff, person, report).await
}

/// Whether `report` can be true today, before anybody is asked about it.
pub fn check(deps: &Deps, report: &DeclarationReport) -> Result<(), Error> {
    declaring::check(deps, report)
}

/// The newest check-in of `person`, or the newest until `until`.
pub async fn latest_check_in(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Option<entity::check_in::Model>, DbErr> {
    store::latest_check_in(db, person, until).await
}

/// The people who declared an arrival from outside the province: a query, to be part of another.
#[must_use]
pub fn people_who_arrived() -> SelectStatement {
    store::people_who_arrived()
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

/// Where `person` declared to have stayed and to live, by their newest declaration or the newest until
/// `until`.
pub async fn stays_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<declared_stay::Model>, DbErr> {
    store::stays::of(db, person, until).await
}

/// Where `person` ever declared to have stayed and to live, or did until `until`.
pub async fn all_stays_of(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<declared_stay::Model>, DbErr> {
    store::stays::ever_of(db, person, until).await
}

/// Up to `most` people who by their newest declaration, or one replaced since `from`, were in
/// `division` on a local day from `from` to `until`, each with the place that they declared: by place
/// and person, after `after`. Who declared a wider place that `division` lies in is among them.
pub async fn stayed_within(
    db: &impl ConnectionTrait,
    division: &Division,
    from: NaiveDate,
    until: Option<NaiveDate>,
    after: Option<&(Division, PersonId)>,
    most: u64,
) -> Result<Vec<(Division, PersonId)>, DbErr> {
    store::stays::within(db, division, from, until, after, most).await
}
