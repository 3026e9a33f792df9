//! Passes for vehicles: copied for who applied for them or is aboard, and erased once nothing relies on them.

use chrono::{DateTime, Utc};
use entity::{
    values::{PersonId, VehicleApplicationState},
    vehicle_aboard, vehicle_application, vehicle_authorisation, vehicle_material, vehicle_pass,
};
use futures_util::future::FutureExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::SelectStatement,
};
use serde_json::json;

use super::{
    aboard::PHONE,
    drafting::{self, PURPOSE},
};
use crate::{
    audit::Actor,
    deps::Deps,
    holdings::{
        Answer, Erased, Holding, HoldingError, Section, Stop, changed, copied, delete, words,
    },
    http::problem::Text,
    identity,
};

const IN_FORCE: Text = Text::new(
    "车辆通行证仍在有效期内，请先注销该证或待其到期",
    "A pass for a vehicle is good: cancel it, or wait until its days are over",
);

const OF_A_UNIT: Text = Text::new(
    "您代单位提交的车辆通行证申请正在审核，办结或由单位撤回后方可注销",
    "An application that you made for a unit is being decided: once it is closed, or the unit takes it back, the \
     account can be deleted",
);

/// Applications and passes that people have for themselves, and places aboard. What is a unit's stays the unit's,
/// without what its applicant wrote. While a pass counts, nothing is erased; one that ended before its days were
/// over stays until they are, without the vehicle: else lists of permits would let it count again.
#[derive(Debug, Clone, Copy)]
pub struct Vehicles;

impl Holding for Vehicles {
    fn tables(&self) -> &'static [&'static str] {
        &[
            "vehicle_application",
            "vehicle_aboard",
            "vehicle_material",
            "vehicle_pass",
            "vehicle_authorisation",
        ]
    }

    fn stops<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Stop>> {
        stops(tx, deps, person).boxed()
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

/// The applications of `person`, their own or, if `units`, for units.
fn applied_by(person: PersonId, units: bool) -> Condition {
    use vehicle_application::Column;
    let whose = if units {
        Column::OrganisationId.is_not_null()
    } else {
        Column::OrganisationId.is_null()
    };
    Condition::all()
        .add(Column::AppliedBy.eq(person))
        .add(whose)
}

/// The same as ids: a query, to be part of another.
fn own_applications(person: PersonId) -> SelectStatement {
    vehicle_application::Entity::find()
        .select_only()
        .column(vehicle_application::Column::Id)
        .filter(applied_by(person, false))
        .into_query()
}

/// The passes that `person` has for themselves.
fn own_passes(person: PersonId) -> Condition {
    use vehicle_pass::Column;
    Condition::all()
        .add(Column::PersonId.eq(person))
        .add(Column::OrganisationId.is_null())
}

async fn last_day(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    use vehicle_pass::{Column, Entity};
    let good = Entity::find()
        .filter(own_passes(person))
        .filter(Column::Void.is_null())
        .filter(Column::ValidUntil.gt(now))
        .all(db)
        .await?;
    Ok(good.into_iter().map(|pass| pass.valid_until).max())
}

async fn stops(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    let mut stops = Vec::new();
    if let Some(until) = last_day(tx, person, deps.clock.now()).await? {
        stops.push(Stop {
            cause: "vehicle_pass",
            until: Some(until),
            words: IN_FORCE,
        });
    }
    let submitted = vehicle_application::Entity::find()
        .filter(applied_by(person, true))
        .filter(vehicle_application::Column::State.eq(VehicleApplicationState::Submitted));
    if submitted.count(tx).await? > 0 {
        stops.push(Stop {
            cause: "unit_application",
            until: None,
            words: OF_A_UNIT,
        });
    }
    Ok(stops)
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = identity::data_key_of(db, deps, person).await?;
    let applied = vehicle_application::Column::AppliedBy.eq(person);
    let applications = copied::<vehicle_application::Entity>(db, applied, |row| {
        let purpose = row.purpose.as_deref();
        let purpose = purpose
            .map(|sealed| words(key.open_text(PURPOSE.owned_by(row.id.0.as_bytes()), sealed)));
        json!({
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "type": row.type_key,
            "organisation_id": row.organisation_id,
            "division": row.division,
            "created_at": row.created_at,
            "plate": row.plate,
            "plate_colour": row.plate_colour,
            "vin": row.vin,
            "route": row.route,
            "hours": row.hours,
            "purpose": purpose,
            "submitted_at": row.submitted_at,
            "findings": row.findings,
            "inspected_until": row.inspected_until,
            "outcome": row.outcome,
            "closed_at": row.closed_at,
        })
    })
    .await?;
    let whose = vehicle_aboard::Column::PersonId.eq(person);
    let aboard = copied::<vehicle_aboard::Entity>(db, whose, |row| {
        let place = PHONE.owned_by(row.id.0.as_bytes());
        let phone = row.phone.as_deref();
        let phone = phone.map(|sealed| {
            let opened = deps.vault.open(place, sealed).ok();
            opened.map(|phone| String::from_utf8_lossy(&phone).into_owned())
        });
        json!({
            "id": row.id,
            "application_id": row.application_id,
            "role": row.role,
            "phone": phone,
            "asked_at": row.asked_at,
            "agreed_at": row.agreed_at,
            "ended_at": row.ended_at,
            "ending": row.ending,
        })
    })
    .await?;
    let whose = vehicle_material::Column::ApplicationId.in_subquery(own_applications(person));
    let materials = copied::<vehicle_material::Entity>(db, whose, |row| {
        json!({
            "application_id": row.application_id,
            "upload_id": row.upload_id,
            "kind": row.kind,
            "added_at": row.added_at,
        })
    })
    .await?;
    let mut sections = vec![applications, aboard, materials];
    sections.extend(copied_passes(db, person).await?);
    Ok(sections)
}

/// The passes of `person` and whom they let see them.
async fn copied_passes(db: &impl ConnectionTrait, person: PersonId) -> Result<[Section; 2], DbErr> {
    let passes = copied::<vehicle_pass::Entity>(db, own_passes(person), |row| {
        json!({
            "id": row.id,
            "application_id": row.application_id,
            "type": row.type_key,
            "division": row.division,
            "number": row.number,
            "plate": row.plate,
            "vin": row.vin,
            "route": row.route,
            "hours": row.hours,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "issued_at": row.issued_at,
            "void": row.void,
            "void_from": row.void_from,
            "revocation": row.revocation,
        })
    })
    .await?;
    let own = vehicle_pass::Entity::find()
        .select_only()
        .column(vehicle_pass::Column::Id)
        .filter(own_passes(person))
        .into_query();
    let whose = vehicle_authorisation::Column::PassId.in_subquery(own);
    let authorisations = copied::<vehicle_authorisation::Entity>(db, whose, |row| {
        json!({
            "id": row.id,
            "pass_id": row.pass_id,
            "made_at": row.made_at,
            "expires_at": row.expires_at,
            "used_at": row.used_at,
            "used_by": row.used_by,
        })
    })
    .await?;
    Ok([passes, authorisations])
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let own = vehicle_application::Entity::find()
        .filter(applied_by(person, false))
        .all(tx)
        .await?;
    let mut erased = passes(tx, deps, person).await?;
    for application in &own {
        drafting::forget(tx, deps, Actor::Person(person), application).await?;
    }
    erased.push(Erased {
        table: "vehicle_application",
        rows: own.len() as u64,
    });
    let without_purpose = vehicle_application::ActiveModel {
        purpose: Set(None),
        ..Default::default()
    };
    let for_units = vehicle_application::Entity::update_many()
        .set(without_purpose)
        .filter(applied_by(person, true))
        .filter(vehicle_application::Column::Purpose.is_not_null());
    erased.push(changed(tx, for_units).await?);
    erased.push(aboard(tx, deps, person).await?);
    Ok(erased)
}

/// Passes whose days are over go. The others ended before, and stay without the vehicle.
async fn passes(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use vehicle_pass::{ActiveModel, Column, Entity};
    let own = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(own_passes(person))
        .into_query();
    let theirs = vehicle_authorisation::Column::PassId.in_subquery(own);
    let authorisations = delete::<vehicle_authorisation::Entity>(tx, theirs).await?;
    let over = own_passes(person).add(Column::ValidUntil.lte(deps.clock.now()));
    let gone = delete::<Entity>(tx, over).await?;
    let without_vehicle = ActiveModel {
        plate: Set(None),
        vin: Set(None),
        due_at: Set(None),
        ..Default::default()
    };
    let void = Entity::update_many()
        .set(without_vehicle)
        .filter(own_passes(person));
    let emptied = changed(tx, void).await?;
    Ok(vec![authorisations, gone, emptied])
}

/// Places aboard what others have: they are nobody's any more, and say nothing of a phone.
async fn aboard(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Erased, HoldingError> {
    use vehicle_aboard::{Column, Entity};
    let phones = identity::phone_keys_of(tx, deps, person).await?;
    let asked = Condition::all()
        .add(Column::PersonId.is_null())
        .add(Column::PhoneIndex.is_in(phones));
    let theirs = Condition::any().add(Column::PersonId.eq(person)).add(asked);
    Ok(delete::<Entity>(tx, theirs).await?)
}
