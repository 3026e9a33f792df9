//! Use cases: the second organisation decides, and contacts are entered of what was released.

use std::collections::{BTreeMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use entity::{
    tracing_release,
    tracing_request::Model,
    values::{PersonId, TracingId, TracingState},
};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::{
    error::Error,
    reading::released,
    rules, store,
    views::{ContactsRequest, ContactsView, TracingDecision, TracingView},
};
use crate::{
    audit::{self, Actor, DoorEvent, Event, Subject},
    deps::Deps,
    facts::{self, NewFact, Recorded},
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    staff::{self, Staff},
    visits::{self, Overlaps, Presence},
};

/// Release what `id` asks for, or refuse it, as somebody of another organisation than whoever asked.
pub(super) async fn decide(
    deps: &Deps,
    staff: &Staff,
    id: TracingId,
    key: &IdempotencyKey,
    decision: TracingDecision,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::find(tx, &staff.scope.regions(), id).await?;
        let row = row.ok_or(Error::NotFound)?;
        two_organisations(tx, staff, &row).await?;
        let row = settle(tx, deps, staff, row, decision.release).await?;
        Ok((Outcome::Found, TracingView::from(row)))
    };
    let caller = staff.account.0.as_bytes();
    let asked = (id, &decision);
    idempotency::once(deps, caller, "decide-tracing", key, &asked, effect).await
}

async fn two_organisations(
    tx: &DatabaseTransaction,
    staff: &Staff,
    row: &Model,
) -> Result<(), Error> {
    let units = staff::units_of(tx, vec![row.requested_by, staff.account]).await?;
    let unit = |account| units.get(&account).map(String::as_str).unwrap_or_default();
    let asks = (row.requested_by.0, unit(row.requested_by));
    let decides = (staff.account.0, unit(staff.account));
    if rules::is_another(asks, decides) {
        Ok(())
    } else {
        Err(Error::OneOrganisation)
    }
}

async fn settle(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    row: Model,
    release: bool,
) -> Result<Model, Error> {
    let now = deps.clock.now();
    if now >= row.requested_at + rules::WAITS {
        return Err(Error::Decided);
    }
    let (rows, guests) = if release {
        concerned(tx, deps, &row).await?
    } else {
        (Vec::new(), 0)
    };
    let state = if release {
        TracingState::Released
    } else {
        TracingState::Refused
    };
    if !store::decide(tx, row.id, state, (staff.account, now), guests).await? {
        return Err(Error::Decided);
    }
    let event = Event::Door(DoorEvent::TracingDecided {
        tracing: row.id,
        released: release,
        people: u64::try_from(rows.len()).unwrap_or(u64::MAX),
    });
    store::release(tx, rows).await?;
    audit::record(
        tx,
        deps,
        Actor::Staff(staff.account),
        Subject::Nobody,
        &event,
    )
    .await?;
    Ok(Model {
        state,
        decided_by: Some(staff.account),
        decided_at: Some(now),
        guests,
        ..row
    })
}

/// Everybody whose stay overlaps what `row` asks for, each once, and how many guests.
async fn concerned(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: &Model,
) -> Result<(Vec<tracing_release::Model>, i64), Error> {
    let Overlaps { present, hinted } =
        visits::overlaps(deps, row.venue_id, row.from_at, row.until_at).await?;
    let release = |person, present, from_at, until_at| tracing_release::Model {
        tracing_id: row.id,
        person_id: person,
        present,
        from_at,
        until_at,
        told_at: None,
    };
    let hinted = hinted
        .iter()
        .map(|hint| release(hint.person(), false, hint.from(), hint.until()));
    let present = present
        .iter()
        .map(|there| release(there.person(), true, there.from(), there.until()));
    // Of somebody of whom there are both, what is vouched for counts.
    let by_person: BTreeMap<_, _> = hinted
        .chain(present)
        .map(|release| (release.person_id.0, release))
        .collect();
    let subjects: Vec<PersonId> = by_person.values().map(|one| one.person_id).collect();
    let known = identity::known_among(tx, &subjects).await?;
    let (people, guests): (Vec<_>, Vec<_>) = by_person
        .into_values()
        .partition(|one| known.contains(&one.person_id));
    Ok((people, i64::try_from(guests.len()).unwrap_or(i64::MAX)))
}

/// Enter contacts of what was released: people whose presence something at the door vouches for. All of
/// them, or none.
pub(super) async fn enter(
    deps: &Deps,
    staff: &Staff,
    id: TracingId,
    key: &IdempotencyKey,
    request: ContactsRequest,
) -> Result<Answer, Error> {
    let row = released(deps, staff, id).await?;
    let overlaps = visits::overlaps(deps, row.venue_id, row.from_at, row.until_at).await?;
    let wanted: HashSet<PersonId> = request.people.iter().copied().collect();
    let contacts = last_presences(&overlaps, &wanted);
    let named = store::named(&deps.db, id, &request.people).await?;
    if contacts.len() != wanted.len() || named != wanted {
        return Err(Error::NotVouchedFor);
    }
    let effect = async |tx: &DatabaseTransaction| {
        let mut entered = 0;
        for presence in contacts.values() {
            let fact = contact(&row, staff, &request, presence);
            match facts::record_fact(tx, deps, fact).await? {
                Recorded::New(_) => entered += 1,
                Recorded::Known(_) => (),
                Recorded::Contradiction(_) => return Err(Error::Contradiction),
            }
        }
        Ok::<_, Error>((Outcome::Created, ContactsView { entered }))
    };
    let caller = staff.account.0.as_bytes();
    let asked = (id, &request);
    let answer = idempotency::once(deps, caller, "enter-contacts", key, &asked, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

fn last_presences<'a>(
    overlaps: &'a Overlaps,
    wanted: &HashSet<PersonId>,
) -> BTreeMap<uuid::Uuid, &'a Presence> {
    overlaps
        .present
        .iter()
        .filter(|presence| wanted.contains(&presence.person()))
        .map(|presence| (presence.person().0, presence))
        .collect()
}

/// What the fact is called: one of a kind for each person of a request. A name of 64 characters at the
/// most has no room for both ids, so it is the beginning of their digest.
fn reference(row: &Model, request: &ContactsRequest, person: PersonId) -> String {
    let name = [
        row.id.0.as_bytes().as_slice(),
        person.0.as_bytes(),
        request.kind.name().as_bytes(),
    ]
    .concat();
    let digest = digest(&SHA256, &name);
    let digest = hex::encode(digest.as_ref().get(..16).unwrap_or_default());
    format!("{}:tracing:{digest}", row.division.code())
}

/// A contact. There is none but of a [`Presence`] (S25).
fn contact(row: &Model, staff: &Staff, request: &ContactsRequest, there: &Presence) -> NewFact {
    NewFact {
        person: there.person(),
        kind: request.kind.into(),
        happened_at: there.until().min(row.until_at),
        ends_at: None,
        origin: row.division.clone(),
        source: facts::STAFF.into(),
        source_ref: Some(reference(row, request, there.person())),
        detail: json!({}),
        recorded_by: Some(staff.account),
    }
}
