//! What is kept about who somebody is: copied for them, and erased with their data key.

use chrono::{DateTime, Utc};
use entity::{
    consent, guardianship, person, platform_account, refresh_token, session,
    values::{Document, PersonId, PersonName, Phone, SessionId},
};
use futures_util::future::FutureExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};
use serde_json::json;

use super::{
    actors::Citizen,
    error::Error,
    places,
    service::{
        liveness,
        profile::{self, KeyError},
    },
    store,
};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied, delete, words},
    http::problem::{Fault, INTERNAL, Kind, UNAVAILABLE},
    platform::db::is_outage,
};

impl Fault for KeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) if is_outage(error) => UNAVAILABLE,
            Self::Store(_) | Self::Sealed(_) => INTERNAL,
        }
    }
}

/// People, their accounts, what they accepted, whom they act for, and their log-ins.
///
/// Erased, a person is an id and nothing else: no phone, no document, no index of either, and a data key that
/// opens nothing that was sealed before. So the phone registers anew as somebody new, and what is still kept
/// under the id leads to nobody.
#[derive(Debug, Clone, Copy)]
pub struct People;

impl Holding for People {
    fn tables(&self) -> &'static [&'static str] {
        &[
            "person",
            "platform_account",
            "consent",
            "guardianship",
            "session",
        ]
    }

    fn copy<'a>(&'a self, deps: &'a Deps, person: PersonId) -> Answer<'a, Vec<Section>> {
        copy(deps, person).boxed()
    }

    fn erase<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Erased>> {
        erase(tx, deps, person).boxed()
    }
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = profile::data_key_of(db, deps, person).await?;
    let opened = profile::opened(db, deps, person).await?;
    let identity = copied::<person::Entity>(db, person::Column::Id.eq(person), |row| {
        json!({
            "id": row.id,
            "phone": opened.phone.as_ref().map(Phone::reveal),
            "name": opened.name.as_ref().map(PersonName::reveal),
            "document_kind": row.document_kind,
            "document_number": opened.document.as_ref().map(Document::reveal),
            "verified_at": row.verified_at,
            "created_at": row.created_at,
        })
    })
    .await?;
    let accounts = copied::<platform_account::Entity>(
        db,
        platform_account::Column::PersonId.eq(person),
        |row| {
            json!({
                "platform": row.platform,
                "app_id": row.app_id,
                "account": words(key.open_text(places::account(&person), &row.account)),
                "linked_at": row.linked_at,
            })
        },
    )
    .await?;
    let consents = copied::<consent::Entity>(db, consent::Column::PersonId.eq(person), |row| {
        json!({
            "document": row.document,
            "version": row.version,
            "accepted_at": row.accepted_at,
        })
    })
    .await?;
    let guardianships = copied::<guardianship::Entity>(db, acts(person), |row| {
        json!({
            "dependant_id": row.dependant_id,
            "guardian_id": row.guardian_id,
            "relationship": row.relationship,
            "created_at": row.created_at,
        })
    })
    .await?;
    let sessions = copied::<session::Entity>(db, session::Column::PersonId.eq(person), |row| {
        let device = row.device.as_deref();
        let device = device.map(|sealed| words(key.open_text(places::device(&row.id), sealed)));
        json!({
            "id": row.id,
            "door": row.door,
            "device": device,
            "created_at": row.created_at,
            "refreshed_at": row.refreshed_at,
            "expires_at": row.expires_at,
            "ended_at": row.ended_at,
            "ending": row.ending,
        })
    })
    .await?;
    Ok(vec![identity, accounts, consents, guardianships, sessions])
}

/// That somebody acts for `person`, or they for somebody.
fn acts(person: PersonId) -> Condition {
    use guardianship::Column;
    Condition::any()
        .add(Column::DependantId.eq(person))
        .add(Column::GuardianId.eq(person))
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let accounts = platform_account::Column::PersonId.eq(person);
    let tokens = refresh_token::Column::SessionId.in_subquery(
        session::Entity::find()
            .select_only()
            .column(session::Column::Id)
            .filter(session::Column::PersonId.eq(person))
            .into_query(),
    );
    Ok(vec![
        delete::<platform_account::Entity>(tx, accounts).await?,
        delete::<consent::Entity>(tx, consent::Column::PersonId.eq(person)).await?,
        delete::<guardianship::Entity>(tx, acts(person)).await?,
        delete::<refresh_token::Entity>(tx, tokens).await?,
        end_sessions(tx, deps, person).await?,
        destroy_key(tx, deps, person).await?,
    ])
}

/// Sessions end, and stay for as long as tokens of theirs may be shown again: without what their devices are
/// called.
async fn end_sessions(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Erased, DbErr> {
    use session::{ActiveModel, Column, Ending, Entity};
    let ended = ActiveModel {
        ended_at: Set(Some(deps.clock.now())),
        ending: Set(Some(Ending::Deleted)),
        ending_unpublished: Set(true),
        ..Default::default()
    };
    let going_on = Entity::update_many()
        .set(ended)
        .filter(Column::PersonId.eq(person))
        .filter(Column::EndedAt.is_null());
    changed(tx, going_on).await?;
    let nameless = ActiveModel {
        device: Set(None),
        ..Default::default()
    };
    let all = Entity::update_many()
        .set(nameless)
        .filter(Column::PersonId.eq(person));
    changed(tx, all).await
}

/// Leave nothing of the person but their id, and another key in place of the one that sealed what is theirs.
async fn destroy_key(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Erased, HoldingError> {
    use person::{ActiveModel, Column, Entity};
    let (_, data_key) = deps
        .vault
        .new_data_key(person.0.as_bytes(), &*deps.entropy)
        .map_err(KeyError::from)?;
    let nobody = ActiveModel {
        data_key: Set(data_key),
        phone: Set(None),
        phone_index: Set(None),
        name: Set(None),
        document_kind: Set(None),
        document_number: Set(None),
        document_index: Set(None),
        verified_at: Set(None),
        ..Default::default()
    };
    let row = Entity::update_many()
        .set(nobody)
        .filter(Column::Id.eq(person));
    Ok(changed(tx, row).await?)
}

/// When the citizen logged in through their present session: proved their phone, that is. None if it ended.
pub async fn logged_in_at(
    db: &impl ConnectionTrait,
    citizen: &Citizen,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let session = store::sessions::find(db, citizen.session).await?;
    let goes_on = session.filter(|it| it.person_id == citizen.person && it.ended_at.is_none());
    Ok(goes_on.map(|session| session.created_at))
}

/// Those whom `guardian` alone acts for and who have no phone of their own: nobody else could ever see to
/// what is kept about them. Each dependant has one guardian at most.
pub async fn go_with(
    db: &impl ConnectionTrait,
    guardian: PersonId,
) -> Result<Vec<PersonId>, DbErr> {
    let dependants = store::dependants::of(db, guardian).await?;
    let ids: Vec<PersonId> = dependants.iter().map(|it| it.dependant_id).collect();
    let mut people = store::people::find_all(db, ids).await?;
    people.retain(|person| person.phone_index.is_none());
    Ok(people.into_iter().map(|person| person.id).collect())
}

/// Tell every instance that the sessions of `guardian` ended and that they act for none of `dependants` any
/// more, once it is committed that they were erased. What the shared store does not hear now, it hears with
/// the next sweep.
pub async fn announce_erasure(
    deps: &Deps,
    guardian: PersonId,
    dependants: &[PersonId],
) -> Result<(), Error> {
    use session::{Column, Entity};
    let ended: Vec<SessionId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(guardian))
        .filter(Column::EndingUnpublished.eq(true))
        .into_tuple()
        .all(&deps.db)
        .await?;
    for session in ended {
        let citizen = Citizen {
            person: guardian,
            session,
        };
        liveness::publish_ending(deps, citizen).await;
    }
    for dependant in dependants {
        deps.sessions.no_longer_acts(guardian, *dependant);
    }
    Ok(())
}
