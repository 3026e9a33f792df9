//! Venues that people come to, and the requests of those who come: nobody to the same venue twice.

use std::{cell::Cell, sync::Arc};

use anyhow::{Context, Result, ensure};
use api::{
    platform::{Clock, Entropy, OsEntropy, SystemClock, clock::local_date, entropy},
    venues::{Doors, rules::CodeId},
};
use entity::{
    organisation,
    values::{
        Division, OrganisationId, SocialCreditCode, VenueCategory, VenueChannel, VenueId,
        VenueState,
    },
    venue, venue_code,
};
use integration_tests::organisations::COMPANY;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Statement};
use serde::Deserialize;

use crate::{
    floors::Places,
    load::{self, Requests, Sample},
    stage::Stage,
};

/// Venues.
pub(crate) const VENUES: usize = 10_000;

/// People who come.
pub(crate) const PEOPLE: usize = 1_000;

/// Connections that they come on.
pub(crate) const CONNECTIONS: usize = 256;

/// Scans of a turn, at the most.
const TURN: usize = 150_000;

/// Rows in one statement.
const BATCH: usize = 1_000;

/// From one venue to the next: no divisor of how many there are.
const STRIDE: usize = 7_919;

/// Put [`VENUES`] into the database of `stage`.
pub(crate) async fn settle(stage: &Stage) -> Result<Places> {
    let config = stage.configuration()?;
    let doors = Doors::new(
        &config.secrets.lasting("venue.code"),
        config.venue_address(),
    );
    let now = SystemClock.now();
    let unit = organisation::Model {
        id: OrganisationId(OsEntropy.id()),
        credit_code: SocialCreditCode::parse(COMPANY)?,
        name: "上海某某有限公司".into(),
        division: huangpu()?,
        legal_person_index: vec![1],
        created_at: now,
        confirmed_at: now,
        mini_program_venues: 0,
    };
    let (organisation, applied_by) = (unit.id, stage.people.all.first().context("nobody")?.id);
    let found = organisation::Entity::find().one(&stage.db).await?;
    let organisation = found.map_or(organisation, |unit| unit.id);
    if organisation == unit.id {
        let unit = unit.into_active_model();
        organisation::Entity::insert(unit)
            .exec_without_returning(&stage.db)
            .await?;
    }
    let mut places = Places {
        people: stage
            .people
            .all
            .iter()
            .take(PEOPLE)
            .map(|person| person.id.0)
            .collect(),
        ..Places::default()
    };
    for _ in 0..VENUES / BATCH {
        let (mut venues, mut codes) = (Vec::new(), Vec::new());
        for _ in 0..BATCH {
            let code = CodeId(entropy::bytes(&OsEntropy));
            let row = venue::Model {
                id: VenueId(OsEntropy.id()),
                organisation_id: organisation,
                name: "人民广场书店".into(),
                category: VenueCategory::Shop,
                division: huangpu()?,
                address: "人民大道 1 号".into(),
                state: VenueState::Active,
                channel: VenueChannel::OpenPlatform,
                applied_by,
                applied_at: now,
                suspension: None,
                rotating_only: false,
                changed_at: now,
            };
            places.venues.push(row.id.0);
            places.codes.push(doors.printed(code));
            codes.push(
                venue_code::Model {
                    id: code.text(),
                    venue_id: row.id,
                    current_of: Some(row.id),
                    created_at: now,
                    ended_at: None,
                }
                .into_active_model(),
            );
            venues.push(row.into_active_model());
        }
        venue::Entity::insert_many(venues)
            .exec_without_returning(&stage.db)
            .await?;
        venue_code::Entity::insert_many(codes)
            .exec_without_returning(&stage.db)
            .await?;
    }
    Ok(places)
}

fn huangpu() -> Result<Division> {
    Ok(Division::try_from("310101".to_owned())?)
}

/// Makes requests: of each turn other ones.
#[derive(Debug)]
pub(crate) struct Coming<'a> {
    places: &'a Places,
    next: Cell<usize>,
}

impl<'a> Coming<'a> {
    pub(crate) fn to(places: &'a Places) -> Self {
        Self {
            places,
            next: Cell::new(0),
        }
    }

    /// Requests of a turn to `path`, by people with `tokens`.
    pub(crate) fn turn(&self, path: &str, tokens: &[String]) -> Result<Arc<Requests>> {
        self.turn_on(CONNECTIONS, path, tokens)
    }

    /// The same by so many at once.
    pub(crate) fn turn_on(
        &self,
        connections: usize,
        path: &str,
        tokens: &[String],
    ) -> Result<Arc<Requests>> {
        let first = self.next.replace(self.next.get() + TURN);
        let requests = (first..first + TURN).map(|at| {
            let (round, person) = (at / tokens.len(), at % tokens.len());
            let venue = (round * STRIDE + person * 31) % self.places.codes.len();
            let code = self.places.codes.get(venue).context("no venue")?;
            let token = tokens.get(person).context("nobody")?;
            let body = format!(r#"{{"code":"{code}"}}"#);
            Ok(load::request("POST", path, Some(token), "", Some(&body)))
        });
        let requests = requests.collect::<Result<Vec<_>>>()?;
        Ok(Requests::once_on(connections, requests))
    }
}

/// The part of an answer that is checked.
#[derive(Deserialize)]
struct Answer {
    visitor: Visitor,
}

#[derive(Deserialize)]
struct Visitor {
    colour: entity::values::Colour,
    repeated: bool,
}

/// Everybody is green and new.
pub(crate) fn are_new(samples: &[Sample]) -> Result<()> {
    samples.iter().try_for_each(|sample| {
        let answer: Answer = serde_json::from_slice(&sample.body)?;
        ensure!(!answer.visitor.repeated, "somebody came twice");
        ensure!(
            answer.visitor.colour == entity::values::Colour::Green,
            "not green"
        );
        Ok(())
    })
}

/// A number that `query` answers with.
pub(crate) async fn number(stage: &Stage, query: &str) -> Result<i64> {
    let query = Statement::from_string(DbBackend::Postgres, query);
    let row = stage.db.query_one_raw(query).await?.context("no answer")?;
    Ok(row.try_get_by_index(0)?)
}

/// The table of today's visits.
pub(crate) fn today() -> String {
    format!("visit_{}", local_date(SystemClock.now()).format("%Y%m%d"))
}

/// Begin with an empty day.
pub(crate) async fn clear(stage: &Stage) -> Result<()> {
    let made = format!("SELECT visit_make_day('{}')", local_date(SystemClock.now()));
    stage.db.execute_unprepared(&made).await?;
    let clear = format!("TRUNCATE {}, venue_hour, visit_uncounted", today());
    stage.db.execute_unprepared(&clear).await?;
    stage
        .db
        .execute_unprepared("VACUUM ANALYZE venue_hour")
        .await?;
    stage.db.execute_unprepared("CHECKPOINT").await?;
    Ok(())
}
