//! The return to work: copied for who returns, and emptied of whom it is about.

use entity::{values::PersonId, work_objection, work_permit};
use futures_util::future::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{objecting::TEXT, sealed::Content};
use crate::{
    deps::Deps,
    holdings::{
        Answer, Erased, Holding, HoldingError, Section, Stop, changed, copied, delete, words,
    },
    http::problem::Text,
    identity,
};

const IN_FORCE: Text = Text::new(
    "复工证仍在有效期内，到期后方可注销",
    "A work permit is good: once its days are over, the account can be deleted",
);

/// Permits of people whom an enterprise named, and what people objected to. The enterprise's form and how it was
/// decided stay for their time, without the worker. While a permit counts, nothing is erased.
#[derive(Debug, Clone, Copy)]
pub struct Workers;

impl Holding for Workers {
    fn tables(&self) -> &'static [&'static str] {
        &["work_permit", "work_objection"]
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

async fn stops(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    use work_permit::{Column, Entity};
    let good = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ValidUntil.gt(deps.clock.now()))
        .all(tx)
        .await?;
    let until = good
        .into_iter()
        .filter_map(|permit| permit.valid_until)
        .max();
    let stop = until.map(|until| Stop {
        cause: "work_permit",
        until: Some(until),
        words: IN_FORCE,
    });
    Ok(stop.into_iter().collect())
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = identity::data_key_of(db, deps, person).await?;
    let whose = work_permit::Column::PersonId.eq(person);
    let permits = copied::<work_permit::Entity>(db, whose, |row| {
        let content = Content::open(deps, &row).ok().flatten();
        json!({
            "id": row.id,
            "organisation_id": row.organisation_id,
            "credit_code": row.credit_code,
            "division": row.division,
            "residence_division": row.residence_division,
            "residence_community": row.residence_community,
            "content": serde_json::to_value(content).unwrap_or(Value::Null),
            "filed_at": row.filed_at,
            "opened_at": row.opened_at,
            "outcome": row.outcome,
            "closed_at": row.closed_at,
            "authentication": row.authentication,
            "authenticated_at": row.authenticated_at,
            "public_from": row.public_from,
            "public_until": row.public_until,
            "number": row.number,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "ended_at": row.ended_at,
            "ending": row.ending,
        })
    })
    .await?;
    let whose = work_objection::Column::PersonId.eq(person);
    let objections = copied::<work_objection::Entity>(db, whose, |row| {
        let text = row.text.as_deref();
        let text =
            text.map(|sealed| words(key.open_text(TEXT.owned_by(row.id.0.as_bytes()), sealed)));
        json!({
            "id": row.id,
            "permit_id": row.permit_id,
            "made_at": row.made_at,
            "reason": row.reason,
            "text": text,
        })
    })
    .await?;
    Ok(vec![permits, objections])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use work_permit::{ActiveModel, Column, Entity};
    let without_worker = ActiveModel {
        content: Set(None),
        worker_index: Set(Vec::new()),
        held_by_worker: Set(None),
        due_at: Set(None),
        ..Default::default()
    };
    let permits = Entity::update_many()
        .set(without_worker)
        .filter(Column::PersonId.eq(person));
    let objections = work_objection::Column::PersonId.eq(person);
    Ok(vec![
        changed(tx, permits).await?,
        delete::<work_objection::Entity>(tx, objections).await?,
    ])
}
