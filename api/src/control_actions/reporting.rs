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

use super::{error::Error, store, views::WORDS};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    identity,
    review::{self, By, Opening},
};

/// Whoever is turned away again for the same reason at the same door within this time is in the same
/// report: people try again, and devices read twice.
const SAME: TimeDelta = TimeDelta::minutes(10);

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
    /// Staff of a unit.
    Unit {
        /// Which unit.
        organisation: OrganisationId,
        /// Who of it. None: a session of the unit itself, whose legal person is not known here.
        person: Option<PersonId>,
    },
    /// A device at the door.
    Device(DeviceId),
}

impl Reporter {
    fn person(self) -> Option<PersonId> {
        match self {
            Self::Unit { person, .. } => person,
            Self::Device(_) => None,
        }
    }

    fn organisation(self) -> Option<OrganisationId> {
        match self {
            Self::Unit { organisation, .. } => Some(organisation),
            Self::Device(_) => None,
        }
    }

    fn device(self) -> Option<DeviceId> {
        match self {
            Self::Unit { .. } => None,
            Self::Device(device) => Some(device),
        }
    }

    fn actor(self) -> Actor {
        match self {
            Self::Unit {
                person: Some(person),
                ..
            } => Actor::Person(person),
            Self::Unit { organisation, .. } => Actor::Organisation(organisation),
            Self::Device(_) => Actor::System,
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
) -> Result<ControlActionId, Error> {
    let now = deps.clock.now();
    let about = match report.person {
        Some(person) => person,
        None => identity::unnamed_person(tx, deps, report.by.actor()).await?,
    };
    identity::lock(tx, about).await?;
    if let Some(person) = report.person {
        let same = store::since(tx, person, &report, now - SAME).await?;
        if let Some(same) = same {
            return Ok(same.id);
        }
    }
    let id = ControlActionId(deps.entropy.id());
    let words = match &report.words {
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
        words,
        reported_at: now,
        organisation_id: report.by.organisation(),
        reported_by: report.by.person(),
        device_id: report.by.device(),
        closed_at: None,
    };
    store::insert(tx, row).await?;
    let event = Event::ControlActionOpened {
        action: id,
        reason: report.reason,
    };
    audit::record(tx, deps, report.by.actor(), about, &event).await?;
    let opening = Opening {
        subject: CaseSubject::ControlAction,
        subject_id: id.0,
        person: about,
        division: report.division,
        community: None,
        workflow: "control_action",
        by: report.by.person().map_or(By::System, By::Person),
    };
    review::open(tx, deps, opening).await?;
    Ok(id)
}
