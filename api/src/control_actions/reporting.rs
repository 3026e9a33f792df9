//! Use case: report that somebody was turned away.

use chrono::TimeDelta;
use entity::{
    control_action::Model,
    values::{
        CaseSubject, CheckpointId, ControlActionId, DeviceId, Division, OrganisationId, PersonId,
        RefusalReason, VenueId,
    },
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    store,
    views::{WORDS, reference, words},
};
use crate::{
    audit::{self, DoorEvent, Event},
    deps::Deps,
    http::idempotency::Outcome,
    identity,
    notifications::{self, Message},
    organisations::UnitActor,
    review::{self, By, Opening},
};

/// Whoever is turned away again for the same reason at the same door within this time is in the same
/// report: people try again, and devices read twice.
const SAME: TimeDelta = TimeDelta::minutes(10);

/// Whoever of a unit reports somebody unknown again at the same door, for the same reason and in the same
/// words, within this time tapped twice.
const TAPPED_TWICE: TimeDelta = TimeDelta::minutes(1);

/// Somebody who was turned away.
#[derive(Debug, Clone)]
pub struct Report {
    /// Who, where that is known.
    pub person: Option<PersonId>,
    /// At which venue's door.
    pub at_venue: Option<VenueId>,
    /// At which post.
    pub at_checkpoint: Option<CheckpointId>,
    /// The county or district whose headquarters is told.
    pub division: Division,
    /// Why.
    pub reason: RefusalReason,
    /// What whoever reports it adds: where nobody is known, whom to look for.
    pub words: Option<String>,
    /// Who reports it.
    pub by: Reporter,
}

/// Who reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reporter {
    /// Staff of a unit, or the unit in a session of its own.
    Unit(UnitActor),
    /// A device at the door.
    Device(DeviceId),
}

impl Reporter {
    /// Who reports it in person: nobody, where the unit does in a session of its own.
    pub(super) fn person(self) -> Option<PersonId> {
        match self.by() {
            By::Person(person) => Some(person),
            _ => None,
        }
    }

    pub(super) fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Unit(unit) => Some(unit.organisation),
            Self::Device(_) => None,
        }
    }

    fn device(self) -> Option<DeviceId> {
        match self {
            Self::Unit(_) => None,
            Self::Device(device) => Some(device),
        }
    }

    fn by(self) -> By {
        match self {
            Self::Unit(unit) => unit.by(),
            Self::Device(_) => By::System,
        }
    }
}

/// Report that somebody was turned away, as part of the transaction `tx`, which locks the person whom the
/// case is about: them, or where nobody knows them somebody of whom nothing is known. It is never whoever
/// reports it, who would read what the headquarters does as an applicant does. Somebody who tries again at
/// the same door is in the report of before. Call [`crate::deps::Deps::outbox`] after the commit.
pub async fn report(
    tx: &DatabaseTransaction,
    deps: &Deps,
    report: Report,
) -> Result<(Outcome, ControlActionId), Error> {
    let now = deps.clock.now();
    if report.person.is_none()
        && let Some(same) = tapped_before(tx, deps, &report).await?
    {
        return Ok((Outcome::Found, same));
    }
    let about = match report.person {
        Some(person) => person,
        None => identity::unnamed_person(tx, deps, report.by.by().actor()).await?,
    };
    identity::lock(tx, about).await?;
    if let Some(person) = report.person {
        let same = store::since(tx, person, &report, now - SAME).await?;
        if let Some(same) = same {
            return Ok((Outcome::Found, same.id));
        }
    }
    let id = ControlActionId(deps.entropy.id());
    let sealed = match &report.words {
        Some(words) => {
            let key = identity::data_key_of(tx, deps, about).await?;
            let place = WORDS.owned_by(id.0.as_bytes());
            Some(key.seal(place, words.as_bytes(), &*deps.entropy)?)
        }
        None => None,
    };
    let row = Model {
        id,
        person_id: report.person,
        sealed_for: about,
        venue_id: report.at_venue,
        checkpoint_id: report.at_checkpoint,
        division: report.division.clone(),
        reason: report.reason,
        words: sealed,
        reported_at: now,
        organisation_id: report.by.organisation(),
        reported_by: report.by.person(),
        device_id: report.by.device(),
        closed_at: None,
    };
    store::insert(tx, row).await?;
    let event = Event::Door(DoorEvent::ControlActionOpened {
        action: id,
        reason: report.reason,
    });
    audit::record(tx, deps, report.by.by().actor(), about, &event).await?;
    let opening = Opening {
        subject: CaseSubject::ControlAction,
        subject_id: id.0,
        person: about,
        division: report.division,
        community: None,
        workflow: "control_action",
        by: report.by.by(),
    };
    review::open(tx, deps, opening).await?;
    if let Some(person) = report.person {
        let message = Message::ControlAction {
            action: reference(id),
            at: now,
        };
        notifications::tell(tx, deps, person, &message).await?;
    }
    Ok((Outcome::Created, id))
}

/// The report on somebody unknown that `report` says once more. A device sees one after another whom nobody
/// knows, so none of its reports is another.
async fn tapped_before(
    tx: &DatabaseTransaction,
    deps: &Deps,
    report: &Report,
) -> Result<Option<ControlActionId>, Error> {
    let (Reporter::Unit(_), Some(venue)) = (report.by, report.at_venue) else {
        return Ok(None);
    };
    // One report at a time, so that of two taps at once one finds the other.
    store::lock_venue(tx, venue).await?;
    let since = deps.clock.now() - TAPPED_TWICE;
    for row in store::of_unknown_since(tx, report, since).await? {
        let key = identity::data_key_of(tx, deps, row.sealed_for).await?;
        if words(&row, &key)? == report.words {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}
