//! What people were told: copied for them, and erased.

use entity::{notification, notification_preference, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use serde_json::json;

use super::telling::CONTENT;
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied, delete, document},
    identity,
};

/// Messages, and how people wish to be told.
#[derive(Debug, Clone, Copy)]
pub struct Told;

impl Holding for Told {
    fn tables(&self) -> &'static [&'static str] {
        &["notification", "notification_preference"]
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
    let key = identity::data_key_of(&deps.db, deps, person).await?;
    let whose = notification::Column::PersonId.eq(person);
    let told = copied::<notification::Entity>(&deps.db, whose, |row| {
        let place = CONTENT.owned_by(row.id.0.as_bytes());
        json!({
            "id": row.id,
            "kind": row.kind,
            "content": document(key.open(place, &row.content)),
            "created_at": row.created_at,
            "state": row.state.to_value(),
            "channel": row.channel,
            "app_id": row.app_id,
            "template_id": row.template_id,
            "outcome": row.outcome,
            "sent_at": row.sent_at,
            "read_at": row.read_at,
        })
    })
    .await?;
    let whose = notification_preference::Column::PersonId.eq(person);
    let wishes = copied::<notification_preference::Entity>(&deps.db, whose, |row| {
        json!({
            "channels": row.channels,
            "sms": row.sms,
            "language": row.language,
            "changed_at": row.changed_at,
        })
    })
    .await?;
    Ok(vec![told, wishes])
}

/// What somebody else was told through this person stays theirs, and does not say through whom.
async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use notification::{ActiveModel, Column, Entity};
    let told = delete::<Entity>(tx, Column::PersonId.eq(person)).await?;
    let through_nobody = ActiveModel {
        recipient_id: Set(None),
        ..Default::default()
    };
    let through = Entity::update_many()
        .set(through_nobody)
        .filter(Column::RecipientId.eq(person));
    changed(tx, through).await?;
    let wishes = notification_preference::Column::PersonId.eq(person);
    Ok(vec![
        told,
        delete::<notification_preference::Entity>(tx, wishes).await?,
    ])
}
