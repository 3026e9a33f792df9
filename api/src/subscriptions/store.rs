//! What was allowed, as rows. The person is a parameter of every query.

use chrono::{DateTime, Utc};
use entity::{
    form_id,
    subscription::{self, Model},
    values::{PersonId, Platform},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};

use super::rules::{Allowance, MOST_GRANTS};
use crate::platform::db::inserted;

/// Which row of `subscription`.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) person: PersonId,
    pub(super) platform: Platform,
    pub(super) app_id: &'a str,
    pub(super) template_id: &'a str,
}

impl Key<'_> {
    fn is(self) -> Condition {
        use subscription::Column;
        Condition::all()
            .add(Column::PersonId.eq(self.person))
            .add(Column::Platform.eq(self.platform))
            .add(Column::AppId.eq(self.app_id))
            .add(Column::TemplateId.eq(self.template_id))
    }
}

/// Have the row of `key` to oneself until the transaction ends; made if it was not there.
pub(super) async fn lock(tx: &impl ConnectionTrait, key: Key<'_>) -> Result<Allowance, DbErr> {
    use subscription::{Column, Entity};
    let unasked = Allowance::unasked();
    let row = subscription::ActiveModel {
        person_id: Set(key.person),
        platform: Set(key.platform),
        app_id: Set(key.app_id.into()),
        template_id: Set(key.template_id.into()),
        remaining: Set(unasked.remaining),
        standing: Set(unasked.standing),
        refused: Set(unasked.refused),
        changed_at: Set(unasked.changed_at),
    };
    let first = OnConflict::columns([
        Column::PersonId,
        Column::Platform,
        Column::AppId,
        Column::TemplateId,
    ])
    .do_nothing()
    .to_owned();
    inserted(
        Entity::insert(row)
            .on_conflict(first)
            .exec_without_returning(tx)
            .await,
    )?;
    let row = Entity::find()
        .filter(key.is())
        .lock_exclusive()
        .one(tx)
        .await?;
    Ok(row.as_ref().map_or(unasked, Allowance::from))
}

/// Write what is allowed into a row that is locked.
pub(super) async fn write(
    tx: &impl ConnectionTrait,
    key: Key<'_>,
    allowance: Allowance,
) -> Result<(), DbErr> {
    let new = subscription::ActiveModel {
        remaining: Set(allowance.remaining),
        standing: Set(allowance.standing),
        refused: Set(allowance.refused),
        changed_at: Set(allowance.changed_at),
        ..Default::default()
    };
    let written = subscription::Entity::update_many()
        .set(new)
        .filter(key.is());
    written.exec(tx).await.map(drop)
}

/// What was answered.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    key: Key<'_>,
) -> Result<Option<Allowance>, DbErr> {
    let row = subscription::Entity::find()
        .filter(key.is())
        .one(db)
        .await?;
    Ok(row.as_ref().map(Allowance::from))
}

/// Take one message of those that are allowed one by one. `false` if none is left.
pub(super) async fn take(tx: &impl ConnectionTrait, key: Key<'_>) -> Result<bool, DbErr> {
    use subscription::{Column, Entity};
    let done = Entity::update_many()
        .col_expr(Column::Remaining, Expr::col(Column::Remaining).sub(1))
        .filter(key.is())
        .filter(Column::Refused.eq(false))
        .filter(Column::Remaining.gt(0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Put one message back, unless the person refused since.
pub(super) async fn put_back(tx: &impl ConnectionTrait, key: Key<'_>) -> Result<(), DbErr> {
    use subscription::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::Remaining, Expr::col(Column::Remaining).add(1))
        .filter(key.is())
        .filter(Column::Refused.eq(false))
        .filter(Column::Remaining.lt(MOST_GRANTS))
        .exec(tx)
        .await
        .map(drop)
}

/// Note that the platform takes nothing by this template, unless the person answered since `seen`.
pub(super) async fn void(
    tx: &impl ConnectionTrait,
    key: Key<'_>,
    seen: DateTime<Utc>,
) -> Result<(), DbErr> {
    use subscription::{ActiveModel, Column, Entity};
    let nothing = ActiveModel {
        remaining: Set(0),
        standing: Set(false),
        refused: Set(true),
        ..Default::default()
    };
    Entity::update_many()
        .set(nothing)
        .filter(key.is())
        .filter(Column::ChangedAt.eq(seen))
        .exec(tx)
        .await
        .map(drop)
}

/// All that `person` answered.
pub(super) async fn all_of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<Model>, DbErr> {
    use subscription::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_asc(Column::Platform)
        .order_by_asc(Column::AppId)
        .order_by_asc(Column::TemplateId)
        .all(db)
        .await
}

/// Keep a form's id. `false` if it was kept before, spent or not.
pub(super) async fn keep_form(
    tx: &impl ConnectionTrait,
    row: form_id::Model,
) -> Result<bool, DbErr> {
    use form_id::{Column, Entity};
    let first = OnConflict::columns([Column::PersonId, Column::AppId, Column::FormId])
        .do_nothing()
        .to_owned();
    let insert = Entity::insert(row.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(tx).await)
}

/// One of `person`'s forms, spent or not.
pub(super) async fn form(
    db: &impl ConnectionTrait,
    person: PersonId,
    app_id: &str,
    form_id: &str,
) -> Result<Option<form_id::Model>, DbErr> {
    let key = (person, app_id.to_owned(), form_id.to_owned());
    form_id::Entity::find_by_id(key).one(db).await
}

/// `person`'s forms that can be spent at `now`, the soonest to expire first.
pub(super) async fn good_forms(
    db: &impl ConnectionTrait,
    person: PersonId,
    app_id: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<form_id::Model>, DbErr> {
    use form_id::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .apply_if(app_id, |all, app_id| all.filter(Column::AppId.eq(app_id)))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .order_by_asc(Column::AppId)
        .order_by_asc(Column::ExpiresAt)
        .order_by_asc(Column::FormId)
        .all(db)
        .await
}

/// Remove a form that nobody spent.
pub(super) async fn drop_form(
    tx: &impl ConnectionTrait,
    form: &form_id::Model,
) -> Result<(), DbErr> {
    form_id::Entity::delete_many()
        .filter(is_form(form.person_id, &form.app_id, &form.form_id))
        .filter(form_id::Column::SpentAt.is_null())
        .exec(tx)
        .await
        .map(drop)
}

/// Spend a form. `false` if it was spent.
pub(super) async fn spend_form(
    tx: &impl ConnectionTrait,
    form: &form_id::Model,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let spent = form_id::ActiveModel {
        spent_at: Set(Some(now)),
        ..Default::default()
    };
    let done = form_id::Entity::update_many()
        .set(spent)
        .filter(is_form(form.person_id, &form.app_id, &form.form_id))
        .filter(form_id::Column::SpentAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Have a form be good again.
pub(super) async fn unspend_form(
    tx: &impl ConnectionTrait,
    person: PersonId,
    app_id: &str,
    form_id: &str,
) -> Result<(), DbErr> {
    let unspent = form_id::ActiveModel {
        spent_at: Set(None),
        ..Default::default()
    };
    form_id::Entity::update_many()
        .set(unspent)
        .filter(is_form(person, app_id, form_id))
        .exec(tx)
        .await
        .map(drop)
}

/// Remove up to `most` forms that were over at `now`. Returns how many.
pub(super) async fn remove_expired(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    use form_id::{Column, Entity};
    let expired = Entity::find()
        .filter(Column::ExpiresAt.lte(now))
        .limit(most)
        .all(db)
        .await?;
    let any = expired.iter().fold(Condition::any(), |any, form| {
        any.add(is_form(form.person_id, &form.app_id, &form.form_id))
    });
    if any.is_empty() {
        return Ok(0);
    }
    let done = Entity::delete_many().filter(any).exec(db).await?;
    Ok(done.rows_affected)
}

fn is_form(person: PersonId, app_id: &str, form_id: &str) -> Condition {
    use form_id::Column;
    Condition::all()
        .add(Column::PersonId.eq(person))
        .add(Column::AppId.eq(app_id))
        .add(Column::FormId.eq(form_id))
}

impl From<&Model> for Allowance {
    fn from(row: &Model) -> Self {
        Self {
            remaining: row.remaining,
            standing: row.standing,
            refused: row.refused,
            changed_at: row.changed_at,
        }
    }
}
