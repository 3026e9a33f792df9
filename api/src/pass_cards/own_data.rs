//! Applications and cards: copied for whom they are of, and erased once nothing relies on them.

use entity::{
    pass_application, pass_card, pass_false_mark,
    values::{PassCardState, PersonId},
};
use futures_util::future::FutureExt;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction};
use serde_json::json;

use super::{
    store,
    views::{CONTENT, LIFTED_BECAUSE, MARK_TEXT},
};
use crate::{
    deps::Deps,
    holdings::{
        Answer, Erased, Holding, HoldingError, Section, Stop, copied, delete, document, words,
    },
    http::problem::Text,
    identity,
};

const IN_FORCE: Text = Text::new(
    "健康通行卡仍在有效期内，到期后方可注销",
    "A health pass card is good: once its days are over, the account can be deleted",
);

const OBSERVING: Text = Text::new(
    "健康通行卡处于观察期，观察期结束后方可注销",
    "A health pass card waits for the end of an observation: once that is over, the account can be deleted",
);

const MARKED: Text = Text::new(
    "一份申报被认定不实，上级撤销该认定后方可注销",
    "A declaration is marked as false: once the level above takes the mark back, the account can be deleted",
);

/// Applications, cards, and marks of false declarations. While a card counts or a mark stands, nothing is erased.
/// A card that ended before its days were over stays until they are: else lists of permits would let it count
/// again.
#[derive(Debug, Clone, Copy)]
pub struct Cards;

impl Holding for Cards {
    fn tables(&self) -> &'static [&'static str] {
        &["pass_application", "pass_card", "pass_false_mark"]
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
    let now = deps.clock.now();
    let mut stops = Vec::new();
    if let Some(card) = store::cards::current(tx, person).await? {
        let observing = card.state == PassCardState::Observing;
        if observing || card.valid_until.is_some_and(|until| until > now) {
            stops.push(Stop {
                cause: if observing {
                    "observation"
                } else {
                    "pass_card"
                },
                until: card.valid_until,
                words: if observing { OBSERVING } else { IN_FORCE },
            });
        }
    }
    if store::marks::stands_for(tx, person).await? {
        stops.push(Stop {
            cause: "false_declaration",
            until: None,
            words: MARKED,
        });
    }
    Ok(stops)
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = identity::data_key_of(db, deps, person).await?;
    let whose = pass_application::Column::PersonId.eq(person);
    let applications = copied::<pass_application::Entity>(db, whose, |row| {
        let place = CONTENT.owned_by(row.id.0.as_bytes());
        json!({
            "id": row.id,
            "filed_by": row.filed_by,
            "at_window": row.taken_by.is_some(),
            "filed_at": row.filed_at,
            "division": row.division,
            "community": row.community,
            "declaration_id": row.declaration_id,
            "content": document(key.open(place, &row.content)),
            "compared_at": row.compared_at,
            "found_colour": row.found_colour,
            "found": row.found,
            "outcome": row.outcome,
            "closed_at": row.closed_at,
        })
    })
    .await?;
    let whose = pass_card::Column::PersonId.eq(person);
    let cards = copied::<pass_card::Entity>(db, whose, |row| {
        json!({
            "id": row.id,
            "application_id": row.application_id,
            "division": row.division,
            "community": row.community,
            "serial": row.serial,
            "state": row.state,
            "issued_at": row.issued_at,
            "by_clock": row.by_clock,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "replacement": row.replacement,
            "voided_at": row.voided_at,
            "void": row.void,
            "superseded_by": row.superseded_by,
        })
    })
    .await?;
    let whose = pass_false_mark::Column::PersonId.eq(person);
    let marks = copied::<pass_false_mark::Entity>(db, whose, |row| {
        let place = row.id.0.as_bytes();
        let lifted = row.lifted_because.as_deref();
        let lifted =
            lifted.map(|sealed| words(key.open_text(LIFTED_BECAUSE.owned_by(place), sealed)));
        json!({
            "id": row.id,
            "application_id": row.application_id,
            "area": row.area,
            "marked_at": row.marked_at,
            "falsehood": row.falsehood,
            "evidence": row.evidence,
            "text": words(key.open_text(MARK_TEXT.owned_by(place), &row.text)),
            "lifted_at": row.lifted_at,
            "lifted_because": lifted,
        })
    })
    .await?;
    Ok(vec![applications, cards, marks])
}

async fn erase(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    use pass_card::Column;
    let over = Condition::any()
        .add(Column::ValidUntil.is_null())
        .add(Column::ValidUntil.lte(deps.clock.now()));
    let cards = Condition::all().add(Column::PersonId.eq(person)).add(over);
    let marks = pass_false_mark::Column::PersonId.eq(person);
    let applications = pass_application::Column::PersonId.eq(person);
    Ok(vec![
        delete::<pass_false_mark::Entity>(tx, marks).await?,
        delete::<pass_card::Entity>(tx, cards).await?,
        delete::<pass_application::Entity>(tx, applications).await?,
    ])
}
