//! Platform accounts, payloads and consents.

use chrono::{DateTime, Utc};
use entity::{consent, platform_account, spent_payload, values::PersonId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, sea_query::OnConflict,
};

use crate::platform::db::inserted;

/// The account with one of these blind indexes.
pub(in crate::identity) async fn find(
    db: &impl ConnectionTrait,
    indexes: &[Vec<u8>],
) -> Result<Option<platform_account::Model>, DbErr> {
    let indexes = indexes.iter().map(Vec::as_slice);
    platform_account::Entity::find()
        .filter(platform_account::Column::AccountIndex.is_in(indexes))
        .one(db)
        .await
}

/// The accounts of `person`, the newest first.
pub(in crate::identity) async fn of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<platform_account::Model>, DbErr> {
    use platform_account::{Column, Entity};
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::LinkedAt)
        .order_by_asc(Column::AccountIndex)
        .all(db)
        .await
}

/// Whether `person` has an account in an app.
pub(in crate::identity) async fn has(
    db: &impl ConnectionTrait,
    person: PersonId,
    platform: &str,
    app_id: &str,
) -> Result<bool, DbErr> {
    use platform_account::{Column, Entity};
    let account = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Platform.eq(platform))
        .filter(Column::AppId.eq(app_id));
    Ok(account.one(db).await?.is_some())
}

/// Link an account, unless it is linked already; waits for one who is linking it.
pub(in crate::identity) async fn link(
    db: &impl ConnectionTrait,
    account: platform_account::Model,
) -> Result<bool, DbErr> {
    let first = OnConflict::column(platform_account::Column::AccountIndex)
        .do_nothing()
        .to_owned();
    let insert = platform_account::Entity::insert(account.into_active_model()).on_conflict(first);
    inserted(insert.exec_without_returning(db).await)
}

/// Have a `known` account stand for another person, as `new` says, unless it was moved meanwhile.
pub(in crate::identity) async fn relink(
    db: &impl ConnectionTrait,
    known: &platform_account::Model,
    new: platform_account::Model,
) -> Result<bool, DbErr> {
    let done = platform_account::Entity::update_many()
        .set(platform_account::ActiveModel {
            person_id: Set(new.person_id),
            account: Set(new.account),
            linked_at: Set(new.linked_at),
            ..Default::default()
        })
        .filter(platform_account::Column::AccountIndex.eq(known.account_index.as_slice()))
        .filter(platform_account::Column::PersonId.eq(known.person_id))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Spend a payload. `false` if it was spent; waits for one who is spending it.
pub(in crate::identity) async fn spend(
    db: &impl ConnectionTrait,
    digest: &[u8],
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let once = OnConflict::column(spent_payload::Column::Digest)
        .do_nothing()
        .to_owned();
    let payload = spent_payload::ActiveModel {
        digest: Set(digest.to_vec()),
        spent_at: Set(at),
    };
    let insert = spent_payload::Entity::insert(payload).on_conflict(once);
    inserted(insert.exec_without_returning(db).await)
}

/// Keep that a version was accepted. `false` if it was accepted before.
pub(in crate::identity) async fn accept(
    db: &impl ConnectionTrait,
    person: PersonId,
    document: &str,
    version: &str,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let once = OnConflict::columns([
        consent::Column::PersonId,
        consent::Column::Document,
        consent::Column::Version,
    ])
    .do_nothing()
    .to_owned();
    let acceptance = consent::ActiveModel {
        person_id: Set(person),
        document: Set(document.into()),
        version: Set(version.into()),
        accepted_at: Set(at),
    };
    let insert = consent::Entity::insert(acceptance).on_conflict(once);
    inserted(insert.exec_without_returning(db).await)
}

/// What a person accepted, in the order they did.
pub(in crate::identity) async fn accepted_by(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<consent::Model>, DbErr> {
    consent::Entity::find()
        .filter(consent::Column::PersonId.eq(person))
        .order_by_asc(consent::Column::AcceptedAt)
        .order_by_asc(consent::Column::Document)
        .all(db)
        .await
}
