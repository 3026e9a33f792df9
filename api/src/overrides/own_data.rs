//! Colours that several people decide on: copied for whom they name. They stay for their time.

use entity::{
    override_request, override_subject,
    values::{OverrideState, PersonId},
};
use futures_util::future::{FutureExt, ready};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};
use serde_json::json;

use crate::{
    deps::Deps,
    holdings::{Answer, Erased, Holding, HoldingError, Section, Stop, copied},
    http::problem::Text,
};

const UNDER_WAY: Text = Text::new(
    "主管部门正在就您的健康码作出决定，或该决定仍在生效，结束后方可注销",
    "An authority is deciding on your code, or what it decided has its effect: once that is over, the account can \
     be deleted",
);

/// Who is named by requests that turn colours. While one waits or has its effect, nothing is erased.
#[derive(Debug, Clone, Copy)]
pub struct Named;

impl Holding for Named {
    fn tables(&self) -> &'static [&'static str] {
        &["override_subject"]
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
        _: &'a DatabaseTransaction,
        _: &'a Deps,
        _: PersonId,
    ) -> Answer<'a, Vec<Erased>> {
        ready(Ok(Vec::new())).boxed()
    }
}

async fn stops(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<Stop>, HoldingError> {
    use override_request::{Column, Entity};
    let named = override_subject::Entity::find()
        .select_only()
        .column(override_subject::Column::OverrideId)
        .filter(override_subject::Column::PersonId.eq(person))
        .into_query();
    let has_effect = Condition::all()
        .add(Column::State.eq(OverrideState::Applied))
        .add(Column::UntilAt.gt(deps.clock.now()));
    let under_way = Condition::any()
        .add(Column::State.eq(OverrideState::Waiting))
        .add(has_effect);
    let requests = Entity::find()
        .filter(Column::Id.in_subquery(named))
        .filter(under_way)
        .all(tx)
        .await?;
    let stop = (!requests.is_empty()).then(|| Stop {
        cause: "override",
        until: requests.iter().filter_map(|request| request.until_at).max(),
        words: UNDER_WAY,
    });
    Ok(stop.into_iter().collect())
}

async fn copy(deps: &Deps, person: PersonId) -> Result<Vec<Section>, HoldingError> {
    let whose = override_subject::Column::PersonId.eq(person);
    let named = copied::<override_subject::Entity>(&deps.db, whose, |row| {
        json!({
            "override_id": row.override_id,
            "evidence": row.evidence,
            "evidence_kind": row.evidence_kind,
            "fact_id": row.fact_id,
        })
    });
    Ok(vec![named.await?])
}
