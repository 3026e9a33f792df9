//! Use case: a copy of everything that is kept about somebody (P6).

use std::time::Duration;

use entity::values::PersonId;
use sea_orm::ConnectionTrait;

use super::{
    error::Error,
    rules::{self, COPIES_A_DAY},
    views::OwnDataView,
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity::{self, Citizen, Subject},
    platform::{
        db::begin_write,
        ephemeral::{Admission, Quota},
    },
};

/// A copy of what is kept about `subject`, for `citizen`, who logged in a moment ago.
///
/// Feature by feature, so no row is locked; that it was made is on record before it is handed out.
pub(super) async fn copy(
    deps: &Deps,
    citizen: &Citizen,
    subject: Subject,
) -> Result<OwnDataView, Error> {
    fresh(&deps.db, deps, citizen).await?;
    admit(deps, subject.acting).await?;
    let mut sections = Vec::new();
    for holding in deps.holdings.iter() {
        sections.extend(holding.copy(deps, subject.person).await?);
    }
    sections.sort_by_key(|section| section.table);
    let tx = begin_write(&deps.db).await?;
    let actor = Actor::Person(subject.acting);
    audit::record(&tx, deps, actor, subject.person, &Event::OwnDataCopied {}).await?;
    tx.commit().await?;
    Ok(OwnDataView::new(subject.person, deps.clock.now(), sections))
}

/// Refuse whoever logged in too long ago: what is asked for is for the owner of the phone alone, not for whoever
/// holds it.
pub(super) async fn fresh(
    db: &impl ConnectionTrait,
    deps: &Deps,
    citizen: &Citizen,
) -> Result<(), Error> {
    let logged_in_at = identity::logged_in_at(db, citizen).await?;
    let logged_in_at = logged_in_at.ok_or(identity::Error::Unauthenticated)?;
    if rules::is_fresh(logged_in_at, deps.clock.now()) {
        Ok(())
    } else {
        Err(Error::NotFresh)
    }
}

async fn admit(deps: &Deps, acting: PersonId) -> Result<(), Error> {
    let key = format!("{{{}}}:copies", acting.0.as_simple());
    let quota = Quota::new(key, COPIES_A_DAY, Duration::from_hours(24));
    match deps.ephemeral.hit(&[quota]).await? {
        Admission::Refused { retry_after, .. } => Err(Error::TooManyCopies(retry_after)),
        Admission::Admitted => Ok(()),
    }
}
