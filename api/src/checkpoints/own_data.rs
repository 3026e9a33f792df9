//! Records of gates: copied for who passed, and emptied of plates.

use entity::{gate_record, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::recording::PLATE;
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied, patient},
};

/// What gates recorded of people who passed. Records are looked for by gate and by time, not by person, so a copy
/// reads them all. They stay for their time under an id that leads to nobody, without plates.
#[derive(Debug, Clone, Copy)]
pub struct Passed;

impl Holding for Passed {
    fn tables(&self) -> &'static [&'static str] {
        &["gate_record"]
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
    let tx = patient(&deps.db).await?;
    let whose = gate_record::Column::PersonId.eq(person);
    let records = copied::<gate_record::Entity>(&tx, whose, |row| {
        let owned = PLATE.owned_by(row.device_id.0.as_bytes());
        let plate = row.plate.as_deref();
        let plate = plate.and_then(|sealed| deps.vault.open(owned, sealed).ok());
        json!({
            "device_id": row.device_id,
            "captured_at": row.captured_at,
            "received_at": row.received_at,
            "checkpoint_id": row.checkpoint_id,
            "means": row.means,
            "decision": row.decision,
            "reason": row.reason,
            "colour": row.colour,
            "temperature_tenths": row.temperature,
            "plate": plate.map(|plate| String::from_utf8_lossy(&plate).into_owned()),
            "offline": row.offline,
        })
    })
    .await?;
    tx.rollback().await?;
    Ok(vec![records])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use gate_record::{ActiveModel, Column, Entity};
    let without_plate = ActiveModel {
        plate: Set(None),
        ..Default::default()
    };
    let records = Entity::update_many()
        .set(without_plate)
        .filter(Column::PersonId.eq(person))
        .filter(Column::Plate.is_not_null());
    Ok(vec![changed(tx, records).await?])
}
