//! Use cases: staff of a venue report whom they turned away, and see that it is handled; whoever was
//! turned away sees it too.

use std::{collections::BTreeMap, time::Duration};

use entity::{
    control_action::Model,
    review_case,
    values::{PersonId, VenueId, VenueState},
    venue,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    reporting::{Report, Reporter, report},
    store,
    views::{ControlActionView, ProgressView, RefusalRequest, RefusalView},
};
use crate::{
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
        problem::Language,
    },
    identity::{self, Subject},
    organisations::UnitActor,
    platform::ephemeral::{Admission, Quota, Rate},
    review,
};

/// Reports of a unit at one of its doors, at the most.
const REPORTED: Rate = Rate {
    limit: 60,
    period: Duration::from_hours(1),
};

const OPERATION: &str = "report-refusal";

/// Report that somebody was turned away at the door of a venue of the unit's.
pub(super) async fn refuse(
    deps: &Deps,
    unit: UnitActor,
    venue: VenueId,
    key: &IdempotencyKey,
    request: RefusalRequest,
    language: Language,
) -> Result<Answer, Error> {
    let (caller, asked) = (unit.caller(), (venue, &request));
    let before = idempotency::given_before(deps, &caller, OPERATION, key, &asked).await?;
    if let Some(answer) = before {
        return Ok(answer);
    }
    door(&deps.db, &unit, venue).await?;
    count(deps, &unit, venue).await?;
    let effect =
        async |tx: &DatabaseTransaction| record(tx, deps, &unit, venue, &request, language).await;
    let answer = idempotency::once(deps, &caller, OPERATION, key, &asked, effect).await?;
    deps.outbox.wake();
    Ok(answer)
}

/// Count a report. That nobody can count keeps none from being made.
async fn count(deps: &Deps, unit: &UnitActor, venue: VenueId) -> Result<(), Error> {
    let key = format!("control_actions:{}:{venue}", unit.organisation);
    let quota = Quota::new(key, REPORTED.limit, REPORTED.period);
    match deps.ephemeral.hit(&[quota]).await {
        Ok(Admission::Admitted) => Ok(()),
        Ok(Admission::Refused { retry_after, .. }) => Err(Error::TooMany(retry_after)),
        Err(error) => {
            tracing::warn!(%error, "reports at a door are not counted");
            Ok(())
        }
    }
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    request: &RefusalRequest,
    language: Language,
) -> Result<(Outcome, RefusalView), Error> {
    let at = door(tx, unit, venue).await?;
    let written = Report {
        person: whose(tx, deps, request.code.as_deref()).await?,
        at_venue: Some(venue),
        at_checkpoint: None,
        division: at.division,
        reason: request.reason,
        words: request.words.clone(),
        by: Reporter::Unit(*unit),
    };
    let (outcome, id) = report(tx, deps, written).await?;
    let row = store::find(tx, id).await?.ok_or(Error::NotFound)?;
    let views = told(tx, deps, vec![row], language).await?;
    let view = views.into_iter().next().ok_or(Error::NotFound)?;
    Ok((outcome, RefusalView::from(view)))
}

/// A venue of the unit's that has a door.
async fn door(
    db: &impl ConnectionTrait,
    unit: &UnitActor,
    venue: VenueId,
) -> Result<venue::Model, Error> {
    let found = store::venue_of(db, unit.organisation, venue).await?;
    let open =
        |venue: &venue::Model| matches!(venue.state, VenueState::Active | VenueState::Suspended);
    found.filter(open).ok_or(Error::NotFound)
}

/// Whose code it is that was shown, if one was.
async fn whose(
    db: &impl ConnectionTrait,
    deps: &Deps,
    code: Option<&str>,
) -> Result<Option<PersonId>, Error> {
    let Some(code) = code else {
        return Ok(None);
    };
    let code = deps.keyring.read(code, deps.clock.now());
    let code = code.map_err(|_| Error::CodeNotGood)?;
    let person = identity::person_with_number(db, code.number).await?;
    person.map(Some).ok_or(Error::CodeNotGood)
}

/// Those who were turned away at the door of a venue of the unit's, newest first, after `after`.
pub(super) async fn at_venue(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    (after, limit): (Option<Place>, u64),
    language: Language,
) -> Result<Page<RefusalView>, Error> {
    let found = store::venue_of(&deps.db, unit.organisation, venue).await?;
    found.ok_or(Error::NotFound)?;
    let rows = store::of_venue(&deps.db, venue, after, limit + 1).await?;
    let page = Page::cut(rows, limit, place);
    let told = told(&deps.db, deps, page.items, language).await?;
    Ok(Page {
        items: told.into_iter().map(RefusalView::from).collect(),
        next: page.next,
    })
}

/// How often `subject` was turned away and the headquarters was told, newest first, after `after`.
pub(super) async fn of_person(
    deps: &Deps,
    subject: Subject,
    (after, limit): (Option<Place>, u64),
    language: Language,
) -> Result<Page<ControlActionView>, Error> {
    let rows = store::of_person(&deps.db, subject.person, after, limit + 1).await?;
    let page = Page::cut(rows, limit, place);
    let venues = page.items.iter().filter_map(|row| row.venue_id);
    let venues = store::venues(&deps.db, venues).await?;
    let names: BTreeMap<_, _> = venues.into_iter().map(|it| (it.id, it.name)).collect();
    let told = told(&deps.db, deps, page.items, language).await?;
    let view = |(row, progress): (Model, ProgressView)| {
        let name = row.venue_id.and_then(|venue| names.get(&venue).cloned());
        ControlActionView::of(&row, name, progress)
    };
    Ok(Page {
        items: told.into_iter().map(view).collect(),
        next: page.next,
    })
}

/// `rows` with how far their cases got, in their order.
async fn told(
    db: &impl ConnectionTrait,
    deps: &Deps,
    rows: Vec<Model>,
    language: Language,
) -> Result<Vec<(Model, ProgressView)>, Error> {
    let cases = store::cases_about(db, rows.iter().map(|row| row.id)).await?;
    let cases: BTreeMap<_, review_case::Model> = cases
        .into_iter()
        .map(|case| (case.subject_id, case))
        .collect();
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(case) = cases.get(&row.id.0) else {
            continue;
        };
        let stage = review::stage_of(db, deps, case).await?;
        let progress = ProgressView::of(case, &stage, language);
        told.push((row, progress));
    }
    Ok(told)
}

fn place(last: &Model) -> String {
    Place {
        at: last.reported_at,
        id: last.id.0,
    }
    .to_string()
}
