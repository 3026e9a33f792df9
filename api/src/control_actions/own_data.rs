//! Reports from doors: copied for whom they are about. They stay for their time, without words.

use entity::{control_action, values::PersonId};
use futures_util::future::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::views::WORDS;
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, changed, copied, words},
    identity,
};

/// That somebody was turned away at a door. Whoever reported it answers for it, so it stays for its time,
/// without what was said in words.
#[derive(Debug, Clone, Copy)]
pub struct TurnedAway;

impl Holding for TurnedAway {
    fn tables(&self) -> &'static [&'static str] {
        &["control_action"]
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
    let whose = control_action::Column::PersonId.eq(person);
    let actions = copied::<control_action::Entity>(&deps.db, whose, |row| {
        let said = row.words.as_deref();
        let said =
            said.map(|sealed| words(key.open_text(WORDS.owned_by(row.id.0.as_bytes()), sealed)));
        json!({
            "id": row.id,
            "venue_id": row.venue_id,
            "checkpoint_id": row.checkpoint_id,
            "division": row.division,
            "reason": row.reason,
            "words": said,
            "reported_at": row.reported_at,
            "organisation_id": row.organisation_id,
            "closed_at": row.closed_at,
        })
    });
    Ok(vec![actions.await?])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use control_action::{ActiveModel, Column, Entity};
    let without_words = ActiveModel {
        words: Set(None),
        ..Default::default()
    };
    let said = Entity::update_many()
        .set(without_words)
        .filter(Column::SealedFor.eq(person))
        .filter(Column::Words.is_not_null());
    Ok(vec![changed(tx, said).await?])
}
