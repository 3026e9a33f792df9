//! What people allowed us to send: copied for them, and erased.

use entity::{form_id, subscription, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, copied, delete},
};

/// What may be sent through super-apps.
#[derive(Debug, Clone, Copy)]
pub struct Allowances;

impl Holding for Allowances {
    fn tables(&self) -> &'static [&'static str] {
        &["subscription", "form_id"]
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
    let whose = subscription::Column::PersonId.eq(person);
    let subscriptions = copied::<subscription::Entity>(&deps.db, whose, |row| {
        json!({
            "platform": row.platform,
            "app_id": row.app_id,
            "template_id": row.template_id,
            "remaining": row.remaining,
            "standing": row.standing,
            "refused": row.refused,
            "changed_at": row.changed_at,
        })
    })
    .await?;
    let forms = copied::<form_id::Entity>(&deps.db, form_id::Column::PersonId.eq(person), |row| {
        json!({
            "app_id": row.app_id,
            "form_id": row.form_id,
            "expires_at": row.expires_at,
            "spent_at": row.spent_at,
        })
    })
    .await?;
    Ok(vec![subscriptions, forms])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let subscriptions = subscription::Column::PersonId.eq(person);
    Ok(vec![
        delete::<subscription::Entity>(tx, subscriptions).await?,
        delete::<form_id::Entity>(tx, form_id::Column::PersonId.eq(person)).await?,
    ])
}
