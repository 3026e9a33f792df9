//! Cases: copied for whom they concern. What was decided stays, without anybody's words.

use entity::{
    review_case, review_contact, review_step,
    values::{CaseAction, CaseState, PersonId},
};
use futures_util::future::FutureExt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::SelectStatement,
};
use serde_json::json;

use super::{
    acting::{Move, act},
    contacting::NOTE,
    handler::By,
    workflows::{stage_of, text_of},
};
use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, Stop, changed, copied, words},
    http::problem::Text,
    identity,
};

const OPEN: Text = Text::new(
    "有关您的一宗案件正由主管部门处理，本人不能撤回，办结后方可注销",
    "An authority deals with a case about you that you cannot take back: once it is closed, the account can be \
     deleted",
);

/// Cases, their steps, and the attempts to reach whom they concern. What is open is withdrawn; how authorities
/// decided stays for its time, without what was written.
#[derive(Debug, Clone, Copy)]
pub struct Cases;

impl Holding for Cases {
    fn tables(&self) -> &'static [&'static str] {
        &["review_case", "review_step", "review_contact"]
    }

    fn stops<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
    ) -> Answer<'a, Vec<Stop>> {
        stops(tx, deps, person).boxed()
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

/// The cases about `person` that are not over.
async fn open_cases(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<review_case::Model>, DbErr> {
    use review_case::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::State.ne(CaseState::Closed))
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What whom it concerns cannot take back.
async fn stops(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    for case in open_cases(tx, person).await? {
        let stage = stage_of(tx, deps, &case).await?;
        if stage.action(CaseAction::Withdraw).is_none() {
            return Ok(vec![Stop {
                cause: "case",
                until: None,
                words: OPEN,
            }]);
        }
    }
    Ok(Vec::new())
}

async fn leave(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<(), HoldingError> {
    for case in open_cases(tx, person).await? {
        let withdraw = Move {
            action: CaseAction::Withdraw,
            reason: None,
            text: None,
        };
        act(tx, deps, &case, By::Person(person), withdraw).await?;
    }
    Ok(())
}

/// The cases about `person`: a query, to be part of another.
fn theirs(person: PersonId) -> SelectStatement {
    use review_case::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person))
        .into_query()
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let db = &deps.db;
    let key = identity::data_key_of(db, deps, person).await?;
    let whose = review_case::Column::PersonId.eq(person);
    let cases = copied::<review_case::Entity>(db, whose, |row| {
        json!({
            "id": row.id,
            "subject": row.subject,
            "subject_id": row.subject_id,
            "division": row.division,
            "community": row.community,
            "residence_division": row.residence_division,
            "residence_community": row.residence_community,
            "against": row.against,
            "workflow": row.workflow,
            "opened_at": row.opened_at,
            "state": row.state,
            "stage": row.stage,
            "area": row.area,
            "due_at": row.due_at,
            "late_since": row.late_since,
            "outcome": row.outcome,
            "closed_at": row.closed_at,
        })
    })
    .await?;
    let whose = review_step::Column::CaseId.in_subquery(theirs(person));
    let steps = copied::<review_step::Entity>(db, whose, |row| {
        let text = text_of(&row, &key).ok().flatten();
        json!({
            "case_id": row.case_id,
            "turn": row.turn,
            "at": row.at,
            "action": row.action,
            "stage": row.stage,
            "stage_after": row.stage_after,
            "by_staff": row.account_id.is_some(),
            "person_id": row.person_id,
            "reason": row.reason,
            "text": text.map(|text| text.to_string()),
        })
    })
    .await?;
    let whose = review_contact::Column::CaseId.in_subquery(theirs(person));
    let contacts = copied::<review_contact::Entity>(db, whose, |row| {
        let note = row.note.as_deref();
        let note =
            note.map(|sealed| words(key.open_text(NOTE.owned_by(row.id.0.as_bytes()), sealed)));
        json!({
            "id": row.id,
            "case_id": row.case_id,
            "at": row.at,
            "means": row.means,
            "result": row.result,
            "note": note,
        })
    })
    .await?;
    Ok(vec![cases, steps, contacts])
}

async fn erase(
    tx: &DatabaseTransaction,
    _: &Deps,
    person: PersonId,
) -> Result<Vec<Erased>, HoldingError> {
    let without_text = review_step::ActiveModel {
        text: Set(None),
        ..Default::default()
    };
    let steps = review_step::Entity::update_many()
        .set(without_text)
        .filter(review_step::Column::CaseId.in_subquery(theirs(person)))
        .filter(review_step::Column::Text.is_not_null());
    let without_note = review_contact::ActiveModel {
        note: Set(None),
        ..Default::default()
    };
    let contacts = review_contact::Entity::update_many()
        .set(without_note)
        .filter(review_contact::Column::CaseId.in_subquery(theirs(person)))
        .filter(review_contact::Column::Note.is_not_null());
    Ok(vec![
        changed(tx, steps).await?,
        changed(tx, contacts).await?,
    ])
}
