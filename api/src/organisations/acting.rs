//! Who acts for which unit, looked up on each call.

use actix_web::http::header::HeaderValue;
use entity::values::{OrganisationId, PersonId, VenueChannel};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    actor::{Capacity, UnitActor, UnitSession},
    error::Error,
    rules, store,
    views::UnitView,
};
use crate::{
    deps::Deps,
    http::{
        bearer::bearer,
        problem::{NOT_FOUND, Problem},
    },
    identity,
    platform::one_time,
};

/// As what `person` acts for `organisation` now, if they do.
pub async fn capacity_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<Capacity>, Error> {
    let Some(unit) = store::units::find(db, organisation).await? else {
        return Ok(None);
    };
    let own = identity::document_keys_of(db, deps, person).await?;
    if own.contains(&unit.legal_person_index) {
        return Ok(Some(Capacity::LegalPerson));
    }
    let agent = store::agents::acts(db, organisation, person).await?;
    Ok(agent.then_some(Capacity::Agent))
}

/// Everybody who acts for `organisation` and is known here, in the order in which people are locked.
pub async fn who_act_for(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<PersonId>, DbErr> {
    let Some(unit) = store::units::find(db, organisation).await? else {
        return Ok(Vec::new());
    };
    let mut people = store::agents::people_of(db, organisation).await?;
    people.extend(identity::person_with_document_key(db, unit.legal_person_index).await?);
    people.sort_unstable_by_key(|person| person.0);
    people.dedup();
    Ok(people)
}

/// Whoever may act for `organisation` with what `authorization` holds. Tokens of units and of citizens are
/// told apart by their length.
pub(super) async fn authorise(
    deps: &Deps,
    authorization: Option<&HeaderValue>,
    organisation: Option<OrganisationId>,
) -> Result<UnitActor, Problem> {
    if let Some(unit) = unit_in_session(deps, authorization).await? {
        return (Some(unit.organisation) == organisation)
            .then_some(unit)
            .ok_or_else(|| Problem::new(NOT_FOUND));
    }
    let citizen = identity::authenticate(deps, authorization).await?;
    let organisation = organisation.ok_or_else(|| Problem::new(NOT_FOUND))?;
    let capacity = capacity_of(&deps.db, deps, citizen.person, organisation).await?;
    Ok(UnitActor {
        organisation,
        person: Some(citizen.person),
        capacity: capacity.ok_or_else(|| Problem::new(NOT_FOUND))?,
        door: VenueChannel::MiniProgram,
    })
}

/// The unit whose session `authorization` holds the token of. None if it holds none of a unit: then whoever
/// calls is a citizen, or nobody.
pub async fn unit_in_session(
    deps: &Deps,
    authorization: Option<&HeaderValue>,
) -> Result<Option<UnitActor>, Error> {
    let token = authorization.and_then(bearer).unwrap_or_default();
    if one_time::digest_of(token).is_none() {
        return Ok(None);
    }
    let session = of_session(deps, token).await?;
    Ok(Some(UnitActor {
        organisation: session.organisation,
        person: session.person,
        capacity: Capacity::LegalPerson,
        door: VenueChannel::OpenPlatform,
    }))
}

/// The unit whose session has `token`, if it goes on.
pub(super) async fn of_session(deps: &Deps, token: &[u8]) -> Result<UnitSession, Error> {
    let now = deps.clock.now();
    let digest = one_time::digest_of(token).ok_or(Error::Unauthenticated)?;
    let session = store::sessions::with_digest(&deps.db, &digest).await?;
    let session = session
        .filter(|it| rules::goes_on(now, it.ended_at.is_some(), it.expires_at, it.used_at))
        .ok_or(Error::Unauthenticated)?;
    if rules::is_noted(now, session.used_at) {
        store::sessions::note_use(&deps.db, session.id, now).await?;
    }
    let person = match session.person_id {
        Some(person) => Some(person),
        None => legal_person_of(deps, session.organisation_id).await?,
    };
    Ok(UnitSession {
        organisation: session.organisation_id,
        person,
        session: session.id,
    })
}

/// Who is known here as the legal person of `organisation` by now.
async fn legal_person_of(
    deps: &Deps,
    organisation: OrganisationId,
) -> Result<Option<PersonId>, Error> {
    let Some(unit) = store::units::find(&deps.db, organisation).await? else {
        return Ok(None);
    };
    let keys = [unit.legal_person_index];
    let people = identity::people_with_documents(&deps.db, &keys).await?;
    Ok(people.into_iter().next().flatten())
}

/// The unit, for whoever acts for it.
pub(super) async fn show(deps: &Deps, actor: &UnitActor) -> Result<UnitView, Error> {
    let unit = store::units::find(&deps.db, actor.organisation).await?;
    let unit = unit.ok_or(Error::NotFound)?;
    Ok(UnitView::of(unit, actor.capacity))
}

/// Sessions forgotten at once.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// Forget some of the sessions that are long over. Returns how many.
pub(super) async fn forget_old(deps: &Deps) -> Result<u64, Error> {
    let since = deps.clock.now() - rules::REMEMBERED;
    Ok(store::sessions::forget(&deps.db, since, FORGOTTEN_AT_ONCE).await?)
}
