//! Who acts for units: copied for them, and erased.

use entity::{organisation_agent, organisation_session, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use serde_json::json;

use super::agents::{self, PHONE};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete},
    identity,
};

/// Invitations to act for units, and sessions of units behind which somebody is known to stand.
#[derive(Debug, Clone, Copy)]
pub struct Agencies;

impl Holding for Agencies {
    fn tables(&self) -> &'static [&'static str] {
        &["organisation_agent", "organisation_session"]
    }

    fn leave<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, ()> {
        leave(tx, deps, person).boxed()
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

/// What `person` accepted, or was asked by their phone.
async fn theirs(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Condition, HoldingError> {
    use organisation_agent::Column;
    let phones = identity::phone_keys_of(db, deps, person).await?;
    let asked = Condition::all()
        .add(Column::PersonId.is_null())
        .add(Column::PhoneIndex.is_in(phones));
    Ok(Condition::any().add(Column::PersonId.eq(person)).add(asked))
}

async fn leave(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<(), HoldingError> {
    let going_on = organisation_agent::Entity::find()
        .filter(theirs(tx, deps, person).await?)
        .filter(organisation_agent::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    for agency in going_on {
        agents::resign(tx, deps, person, agency).await?;
    }
    Ok(())
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let whose = theirs(db, deps, person).await?;
    let agencies = copied::<organisation_agent::Entity>(db, whose, |row| {
        let place = PHONE.owned_by(row.id.0.as_bytes());
        let phone = deps.vault.open(place, &row.phone).ok();
        json!({
            "id": row.id,
            "organisation_id": row.organisation_id,
            "phone": phone.map(|phone| String::from_utf8_lossy(&phone).into_owned()),
            "invited_at": row.invited_at,
            "expires_at": row.expires_at,
            "accepted_at": row.accepted_at,
            "ended_at": row.ended_at,
            "ending": row.ending,
        })
    })
    .await?;
    let whose = organisation_session::Column::PersonId.eq(person);
    let sessions = copied::<organisation_session::Entity>(db, whose, |row| {
        json!({
            "id": row.id,
            "organisation_id": row.organisation_id,
            "certificate": row.certificate,
            "began_at": row.began_at,
            "used_at": row.used_at,
            "expires_at": row.expires_at,
            "ended_at": row.ended_at,
        })
    })
    .await?;
    Ok(vec![agencies, sessions])
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let agencies = theirs(tx, deps, person).await?;
    let sessions = organisation_session::Column::PersonId.eq(person);
    Ok(vec![
        delete::<organisation_agent::Entity>(tx, agencies).await?,
        delete::<organisation_session::Entity>(tx, sessions).await?,
    ])
}
