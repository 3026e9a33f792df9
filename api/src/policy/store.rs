//! The policy as rows.

use chrono::{DateTime, Utc};
use entity::{
    policy_approval, policy_rule, policy_simulation, policy_term,
    values::{RuleState, StaffId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};

use super::version::Version;
use crate::platform::db::inserted;

/// Whether there is any rule.
pub(super) async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    Ok(policy_rule::Entity::find().limit(1).count(db).await? == 0)
}

/// Keep `rows`, those aside whose rule and version are known.
pub(super) async fn insert_rules(
    db: &impl ConnectionTrait,
    rows: Vec<policy_rule::Model>,
) -> Result<bool, DbErr> {
    use policy_rule::{Column, Entity};
    let rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    let known = OnConflict::columns([Column::Rule, Column::Version])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Keep `rows`, those aside that are known.
pub(super) async fn insert_terms(
    db: &impl ConnectionTrait,
    rows: Vec<policy_term::Model>,
) -> Result<bool, DbErr> {
    use policy_term::{Column, Entity};
    let rows = rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all());
    let known = OnConflict::columns([Column::Rule, Column::StartsAt])
        .do_nothing()
        .to_owned();
    let kept = Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(db)
        .await;
    inserted(kept)
}

/// Every version of `rule`, kept from others that would change one.
pub(super) async fn versions_locked(
    db: &impl ConnectionTrait,
    rule: &str,
) -> Result<Vec<policy_rule::Model>, DbErr> {
    use policy_rule::{Column, Entity};
    Entity::find()
        .filter(Column::Rule.eq(rule))
        .order_by_asc(Column::Version)
        .lock_exclusive()
        .all(db)
        .await
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    rule: &str,
    version: Version,
) -> Result<Option<policy_rule::Model>, DbErr> {
    policy_rule::Entity::find_by_id((rule.to_owned(), version.to_string()))
        .one(db)
        .await
}

/// The versions of rules with `keys`.
pub(super) async fn documents(
    db: &impl ConnectionTrait,
    keys: &[(String, String)],
) -> Result<Vec<policy_rule::Model>, DbErr> {
    use policy_rule::{Column, Entity};
    let named = keys.iter().fold(Condition::any(), |any, (rule, version)| {
        any.add(
            Condition::all()
                .add(Column::Rule.eq(rule))
                .add(Column::Version.eq(version)),
        )
    });
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    Entity::find().filter(named).all(db).await
}

/// Where a page of rules begins: when the last of the page before was drafted, and which it was.
pub(super) type After = (DateTime<Utc>, String, String);

/// Versions of rules, the one drafted last first.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    after: Option<After>,
    limit: u64,
) -> Result<Vec<policy_rule::Model>, DbErr> {
    use policy_rule::{Column, Entity};
    Entity::find()
        .apply_if(after, |all, (at, rule, version)| {
            let same_time = Condition::all().add(Column::DraftedAt.eq(at)).add(
                Condition::any().add(Column::Rule.lt(rule.clone())).add(
                    Condition::all()
                        .add(Column::Rule.eq(rule))
                        .add(Column::Version.lt(version)),
                ),
            );
            all.filter(
                Condition::any()
                    .add(Column::DraftedAt.lt(at))
                    .add(same_time),
            )
        })
        .order_by_desc(Column::DraftedAt)
        .order_by_desc(Column::Rule)
        .order_by_desc(Column::Version)
        .limit(limit)
        .all(db)
        .await
}

/// The versions that stand at `state`, by rule.
pub(super) async fn standing_at(
    db: &impl ConnectionTrait,
    state: RuleState,
    limit: u64,
) -> Result<Vec<policy_rule::Model>, DbErr> {
    use policy_rule::{Column, Entity};
    Entity::find()
        .filter(Column::State.eq(state))
        .order_by_asc(Column::Rule)
        .order_by_asc(Column::Version)
        .limit(limit)
        .all(db)
        .await
}

/// Change `row` to `to`, unless somebody moved it since it was read. `true` if this call did.
pub(super) async fn change(
    db: &impl ConnectionTrait,
    row: &policy_rule::Model,
    to: policy_rule::ActiveModel,
) -> Result<bool, DbErr> {
    use policy_rule::{Column, Entity};
    let done = Entity::update_many()
        .set(to)
        .filter(Column::Rule.eq(&row.rule))
        .filter(Column::Version.eq(&row.version))
        .filter(Column::State.eq(row.state))
        .filter(Column::ChangedAt.eq(row.changed_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Who approved `version` of `rule`, the first one first.
pub(super) async fn approvals(
    db: &impl ConnectionTrait,
    rule: &str,
    version: &str,
) -> Result<Vec<policy_approval::Model>, DbErr> {
    use policy_approval::{Column, Entity};
    Entity::find()
        .filter(Column::Rule.eq(rule))
        .filter(Column::Version.eq(version))
        .order_by_asc(Column::ApprovedAt)
        .order_by_asc(Column::StaffId)
        .all(db)
        .await
}

pub(super) async fn insert_approval(
    db: &impl ConnectionTrait,
    row: policy_approval::Model,
) -> Result<(), DbErr> {
    policy_approval::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Forget who approved `version` of `rule`.
pub(super) async fn forget_approvals(
    db: &impl ConnectionTrait,
    rule: &str,
    version: &str,
) -> Result<(), DbErr> {
    use policy_approval::{Column, Entity};
    Entity::delete_many()
        .filter(Column::Rule.eq(rule))
        .filter(Column::Version.eq(version))
        .exec(db)
        .await
        .map(drop)
}

pub(super) async fn simulation(
    db: &impl ConnectionTrait,
    rule: &str,
    version: &str,
) -> Result<Option<policy_simulation::Model>, DbErr> {
    policy_simulation::Entity::find_by_id((rule.to_owned(), version.to_owned()))
        .one(db)
        .await
}

/// Keep `row` in place of the dry run before.
pub(super) async fn put_simulation(
    db: &impl ConnectionTrait,
    row: policy_simulation::Model,
) -> Result<(), DbErr> {
    use policy_simulation::{Column, Entity};
    let again = OnConflict::columns([Column::Rule, Column::Version])
        .update_columns([
            Column::TakenAt,
            Column::People,
            Column::WouldChange,
            Column::Changes,
            Column::BandLow,
            Column::BandHigh,
            Column::SettledAt,
        ])
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// What happened since `version` of `rule` came into force was found to be what was predicted.
pub(super) async fn settle(
    db: &impl ConnectionTrait,
    rule: &str,
    version: &str,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use policy_simulation::{ActiveModel, Column, Entity};
    Entity::update_many()
        .set(ActiveModel {
            settled_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Rule.eq(rule))
        .filter(Column::Version.eq(version))
        .filter(Column::SettledAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Every term, by rule and time.
pub(super) async fn terms(db: &impl ConnectionTrait) -> Result<Vec<policy_term::Model>, DbErr> {
    use policy_term::{Column, Entity};
    Entity::find()
        .order_by_asc(Column::Rule)
        .order_by_asc(Column::StartsAt)
        .all(db)
        .await
}

/// The terms of `rule`, by time.
pub(super) async fn terms_of(
    db: &impl ConnectionTrait,
    rule: &str,
) -> Result<Vec<policy_term::Model>, DbErr> {
    use policy_term::{Column, Entity};
    Entity::find()
        .filter(Column::Rule.eq(rule))
        .order_by_asc(Column::StartsAt)
        .all(db)
        .await
}

/// Have the term of `rule` that starts at `starts_at` end at `ends_at`.
pub(super) async fn end_term(
    db: &impl ConnectionTrait,
    rule: &str,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    rolled_back: bool,
) -> Result<(), DbErr> {
    use policy_term::{ActiveModel, Column, Entity};
    Entity::update_many()
        .set(ActiveModel {
            ends_at: Set(ends_at),
            rolled_back: Set(rolled_back),
            ..Default::default()
        })
        .filter(Column::Rule.eq(rule))
        .filter(Column::StartsAt.eq(starts_at))
        .exec(db)
        .await
        .map(drop)
}

/// Forget a term that has not begun.
pub(super) async fn remove_term(
    db: &impl ConnectionTrait,
    rule: &str,
    starts_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    use policy_term::{Column, Entity};
    Entity::delete_many()
        .filter(Column::Rule.eq(rule))
        .filter(Column::StartsAt.eq(starts_at))
        .exec(db)
        .await
        .map(drop)
}

/// That `row` comes to stand at `state` at `at`.
pub(super) fn moved(state: RuleState, at: DateTime<Utc>) -> policy_rule::ActiveModel {
    policy_rule::ActiveModel {
        state: Set(state),
        changed_at: Set(at),
        ..Default::default()
    }
}

/// That `by` asks that a rule end at `ends_at`; or that nobody does.
pub(super) fn end_asked(by: Option<(StaffId, DateTime<Utc>)>) -> policy_rule::ActiveModel {
    policy_rule::ActiveModel {
        end_asked_by: Set(by.map(|(by, _)| by)),
        end_asked_for: Set(by.map(|(_, ends_at)| ends_at)),
        ..Default::default()
    }
}

/// That a draft says `document` from `at` on.
pub(super) fn rewritten(
    document: serde_json::Value,
    at: DateTime<Utc>,
) -> policy_rule::ActiveModel {
    policy_rule::ActiveModel {
        document: Set(document),
        changed_at: Set(at),
        ..Default::default()
    }
}
