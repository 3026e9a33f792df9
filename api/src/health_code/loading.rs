//! What a colour is decided from, out of the tables.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    assessment, check_in, declaration, hold,
    values::{Colour, Division, FactKind, PersonId, RiskAreaId, Window},
};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{
    error::Error,
    rules::{CaseKind, Facts, Finding, Held, Noted, Phase, Released, Tested, What},
    store,
};
use crate::{
    declarations,
    deps::Deps,
    facts::{
        self, Dossier, Fact, Shown,
        rules::{Arrival, ArrivedFrom, ConfirmedCase, Override, Push, PushedColour},
    },
    identity,
    platform::clock::{local_date, midnight},
    regions::{self, Opening, Service},
};

/// How far back reports of how a person is matter to anything that happens now.
const REPORTS_MATTER: Days = Days::new(35);

/// How long after it happened something may first be found.
const FOUND_WITHIN: TimeDelta = TimeDelta::days(183);

/// How the evidence of a stay in a risk area begins.
pub(super) const RISK_AREA: &str = "risk_area/";

/// Everything recorded about a person, with what is shown besides the colour.
pub(super) struct Loaded {
    /// What the colour is decided from.
    pub(super) facts: Facts,
    /// What was decided on the region where they live.
    pub(super) opening: Option<Opening>,
    /// The test to show.
    pub(super) latest_test: Option<Shown>,
    /// The last assessment. Read before all else: whatever was recorded since belongs to the next one.
    pub(super) assessment: Option<assessment::Model>,
}

/// What says how somebody is and where they live.
struct Reports {
    declaration: Option<declaration::Model>,
    check_in: Option<check_in::Model>,
}

/// Everything recorded about `person` that a colour depends on, or that was on record at `until`.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Loaded, Error> {
    let now = until.unwrap_or_else(|| deps.clock.now());
    let assessment = store::assessment(db, person).await?;
    let reports = Reports {
        declaration: declarations::latest_declaration(db, person, until).await?,
        check_in: declarations::latest_check_in(db, person, until).await?,
    };
    let holds = holds(db, person, until).await?;
    let dossier = facts::dossier_with(db, person, &areas_held(&holds), until).await?;
    let verified_at = identity::verified_at(db, person).await?;
    let mut findings = found(&dossier);
    findings.extend(reports.found());
    let first_day = first_day_that_matters(&findings, &holds, now);
    let days_reported = declarations::days_reported_since(db, person, first_day, until).await?;
    let division = reports.declaration.as_ref().map(|row| row.division.clone());
    let (opening, opened) = opening(db, deps, division.as_ref(), until).await?;
    let facts = Facts {
        verified: verified_at.is_some_and(|at| until.is_none_or(|until| at <= until)),
        declaration: reports.declaration.as_ref().map(|row| row.id),
        division,
        province: Division::try_from(deps.policy.region()).map_err(|_| Error::NoProvince)?,
        compared: was_compared(assessment.as_ref(), until),
        opened,
        days_reported,
        findings,
        recoveries: noted(&dossier, FactKind::Recovered),
        exclusions: noted(&dossier, FactKind::SuspicionExcluded),
        holds,
    };
    Ok(Loaded {
        facts,
        opening,
        latest_test: facts::latest_test(&dossier),
        assessment,
    })
}

/// What was decided on the region of somebody who lives in `division`, and when it shows colours:
/// always, while nobody knows where they live.
async fn opening(
    db: &impl ConnectionTrait,
    deps: &Deps,
    division: Option<&Division>,
    until: Option<DateTime<Utc>>,
) -> Result<(Option<Opening>, Window), Error> {
    let Some(division) = division else {
        return Ok((None, Window::ALWAYS));
    };
    let opening = regions::opening_of(db, division, until).await?;
    let window = regions::window_of(opening.as_ref(), &deps.regions, Service::HealthCode);
    Ok((opening, window))
}

/// The holds of `person`, or as they were at `until`.
async fn holds(
    db: &impl ConnectionTrait,
    person: PersonId,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Held>, Error> {
    let rows = store::holds(db, person).await?.into_iter().map(held);
    Ok(match until {
        Some(until) => rows.filter_map(|held| held.as_of(until)).collect(),
        None => rows.collect(),
    })
}

/// The areas that active ones of `holds` were found in.
fn areas_held(holds: &[Held]) -> Vec<RiskAreaId> {
    let active = holds.iter().filter(|held| held.is_active());
    active
        .filter_map(|held| held.evidence.strip_prefix(RISK_AREA)?.parse().ok())
        .map(RiskAreaId)
        .collect()
}

/// Whether the data comparison has run on any declaration, or had at `until`.
fn was_compared(assessment: Option<&assessment::Model>, until: Option<DateTime<Utc>>) -> bool {
    let compared = assessment.filter(|row| row.declaration_id.is_some());
    compared.is_some_and(|row| {
        let since = row.compared_at.unwrap_or(DateTime::<Utc>::MIN_UTC);
        until.is_none_or(|until| since <= until)
    })
}

/// Reports count from the first of what may still matter: of what active holds were found in, of
/// whatever happened within half a year, and of five weeks at least.
fn first_day_that_matters(findings: &[Finding], holds: &[Held], now: DateTime<Utc>) -> NaiveDate {
    let held = holds.iter().filter(|held| held.is_active());
    let held = held.map(|held| held.found.as_ref().map_or(held.starts_at, What::at));
    let recent = findings
        .iter()
        .filter(|found| !matches!(found.what, What::Test(_)))
        .map(|found| found.what.at())
        .filter(|at| *at > now - FOUND_WITHIN);
    let recent = held.chain(recent).min().map(local_date);
    let usual = local_date(now)
        .checked_sub_days(REPORTS_MATTER)
        .unwrap_or(NaiveDate::MIN);
    recent.map_or(usual, |first| first.min(usual))
}

fn held(row: hold::Model) -> Held {
    let found = row.found.map(serde_json::from_value);
    Held {
        id: row.id,
        phase: Phase::of(row.phase),
        reason: row.reason,
        rule: row.rule,
        rule_version: row.rule_version,
        evidence: row.evidence,
        found: found.and_then(Result::ok),
        source_region: row.source_region,
        starts_at: row.starts_at,
        until: row.earliest_release_at,
        released: row.released_at.map(|at| Released {
            at,
            by: row.released_by.unwrap_or_default(),
        }),
    }
}

impl Reports {
    fn found(&self) -> Vec<Finding> {
        let declaration = self.declaration.as_ref();
        let declared = declaration.map(|row| {
            let evidence = format!("declaration/{}", row.id);
            own_record(row.declared_at, row.unwell, evidence)
        });
        let checked_in = self.check_in.as_ref().map(|row| {
            let evidence = format!("check_in/{}", row.id);
            own_record(row.checked_in_at, row.unwell, evidence)
        });
        // Made at the same instant, the check-in says how the person is.
        let newest = [declared, checked_in]
            .into_iter()
            .flatten()
            .max_by_key(|found| found.recorded_at);
        newest
            .into_iter()
            .chain(declaration.and_then(declared_arrival))
            .collect()
    }
}

fn own_record(at: DateTime<Utc>, unwell: bool, evidence: String) -> Finding {
    Finding {
        what: What::Record { at, unwell },
        evidence,
        origin: None,
        recorded_at: at,
        withdrawn_at: None,
    }
}

fn declared_arrival(row: &declaration::Model) -> Option<Finding> {
    Some(Finding {
        what: What::Arrival {
            arrived_at: midnight(row.arrived_on?),
            abroad: false,
            declared: true,
        },
        evidence: format!("declaration/{}", row.id),
        origin: None,
        recorded_at: row.declared_at,
        withdrawn_at: None,
    })
}

/// What rules may be about, of what is known from elsewhere.
fn found(dossier: &Dossier) -> Vec<Finding> {
    let tests = dossier.tests.iter().map(|test| Finding {
        what: What::Test(Tested {
            sampled_at: test.sampled_at,
            reported_at: test.reported_at,
            result: test.result,
            single: test.single,
        }),
        evidence: test.evidence.clone(),
        origin: None,
        recorded_at: test.recorded_at,
        withdrawn_at: None,
    });
    let stays = dossier.risk_stays.iter().map(|stay| Finding {
        what: What::RiskStay {
            level: stay.level,
            from: stay.from,
            until: stay.until,
            lifted_at: stay.lifted_at,
        },
        evidence: format!("{RISK_AREA}{}", stay.area),
        origin: Some(stay.division.clone()),
        recorded_at: stay.recorded_at,
        withdrawn_at: None,
    });
    let facts = dossier.facts.iter().filter_map(|fact| {
        Some(Finding {
            what: what(fact, dossier)?,
            evidence: evidence(fact),
            origin: Some(fact.origin.clone()),
            recorded_at: fact.recorded_at,
            withdrawn_at: taken_back(fact),
        })
    });
    tests.chain(stays).chain(facts).collect()
}

fn evidence(fact: &Fact) -> String {
    format!("fact/{}", fact.id)
}

/// When `fact` ceases to count. What is pushed may have an end from its beginning, and what several
/// people decide to worsen has one, whatever a rule makes of it.
fn taken_back(fact: &Fact) -> Option<DateTime<Utc>> {
    let ends = matches!(fact.kind, FactKind::Push | FactKind::Override);
    let ends_at = fact.until.filter(|_| ends);
    fact.withdrawn_at.into_iter().chain(ends_at).min()
}

/// What `fact` says that rules may be about.
fn what(fact: &Fact, dossier: &Dossier) -> Option<What> {
    let at = fact.at;
    Some(match fact.kind {
        FactKind::CloseContact => What::Contact { exposed_at: at },
        FactKind::SecondaryContact => What::SecondaryContact { exposed_at: at },
        FactKind::Companion => What::Companion { exposed_at: at },
        FactKind::SuspectedCase => What::Case {
            at,
            kind: CaseKind::Suspected,
        },
        FactKind::ConfirmedCase => What::Case {
            at,
            kind: case_kind(&fact.detail),
        },
        FactKind::Arrival => What::Arrival {
            arrived_at: midnight(local_date(at)),
            abroad: is_from_abroad(&fact.detail),
            declared: false,
        },
        FactKind::IsolationStarted => What::Isolation {
            from: Some(at),
            until: end_of_isolation(fact, dossier),
            place: place(&fact.detail),
        },
        FactKind::IsolationEnded if beginning_of_isolation(fact, dossier).is_none() => {
            What::Isolation {
                from: None,
                until: Some(at),
                place: None,
            }
        }
        FactKind::Push => What::Push {
            at,
            colour: pushed_colour(&fact.detail),
            origin: fact.origin.clone(),
        },
        FactKind::Override => decision(fact)?,
        FactKind::IsolationEnded | FactKind::Recovered | FactKind::SuspicionExcluded => {
            return None;
        }
    })
}

/// What several people decided. What cannot be read decides nothing.
fn decision(fact: &Fact) -> Option<What> {
    let decided: Override = serde_json::from_value(fact.detail.clone()).ok()?;
    Some(What::Override {
        at: fact.at,
        effect: decided.effect,
        ground: decided.ground,
        until: fact.until,
        cause: decided.cause,
        origin: fact.origin.clone(),
    })
}

fn case_kind(detail: &Value) -> CaseKind {
    match serde_json::from_value(detail.clone()) {
        Ok(ConfirmedCase { asymptomatic: true }) => CaseKind::Asymptomatic,
        _ => CaseKind::Confirmed,
    }
}

fn is_from_abroad(detail: &Value) -> bool {
    let arrival: Result<Arrival, _> = serde_json::from_value(detail.clone());
    arrival.is_ok_and(|arrival| arrival.from == ArrivedFrom::Abroad)
}

fn place(detail: &Value) -> Option<String> {
    detail.get("place")?.as_str().map(str::to_owned)
}

/// What cannot be read is taken for the graver.
fn pushed_colour(detail: &Value) -> Colour {
    match serde_json::from_value(detail.clone()) {
        Ok(Push {
            colour: PushedColour::Yellow,
            ..
        }) => Colour::Yellow,
        _ => Colour::Red,
    }
}

/// When the isolation that began with `started` ended, or when it will by what was planned.
fn end_of_isolation(started: &Fact, dossier: &Dossier) -> Option<DateTime<Utc>> {
    let ended = of_kind(dossier, FactKind::IsolationEnded)
        .filter(|ended| {
            beginning_of_isolation(ended, dossier).is_some_and(|began| began.id == started.id)
        })
        .map(|ended| ended.at)
        .min();
    ended.or(started.until)
}

/// The beginning of the isolation that `ended` ends: the last before it.
fn beginning_of_isolation<'a>(ended: &Fact, dossier: &'a Dossier) -> Option<&'a Fact> {
    of_kind(dossier, FactKind::IsolationStarted)
        .filter(|started| started.at <= ended.at)
        .max_by_key(|started| (started.at, started.id))
}

fn of_kind(dossier: &Dossier, kind: FactKind) -> impl Iterator<Item = &Fact> {
    let stands = move |fact: &&Fact| fact.kind == kind && fact.withdrawn_at.is_none();
    dossier.facts.iter().filter(stands)
}

fn noted(dossier: &Dossier, kind: FactKind) -> Vec<Noted> {
    let noted = |fact: &Fact| Noted {
        at: fact.at,
        recorded_at: fact.recorded_at,
    };
    of_kind(dossier, kind).map(noted).collect()
}
