//! People who act for units, or were asked to.

use chrono::{DateTime, Utc};
use entity::{
    organisation_agent::{ActiveModel, Column, Entity, Model},
    values::{AgentEnding, AgentId, OrganisationId, PersonId},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::platform::db::delete_some;
pub(in crate::organisations) async fn insert(
    tx: &impl ConnectionTrait,
    agent: Model,
) -> Result<(), DbErr> {
    Entity::insert(agent.into_active_model())
        .exec_without_returning(tx)
        .await
        .map(drop)
}

/// Whether `person` acts for `organisation`.
pub(in crate::organisations) async fn acts(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    person: PersonId,
) -> Result<bool, DbErr> {
    let found = Entity::find()
        .filter(Column::OrganisationId.eq(organisation))
        .filter(Column::PersonId.eq(person))
        .filter(Column::EndedAt.is_null())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// The people who act for `organisation`.
pub(in crate::organisations) async fn people_of(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<PersonId>, DbErr> {
    let people: Vec<Option<PersonId>> = Entity::find()
        .select_only()
        .column(Column::PersonId)
        .filter(Column::OrganisationId.eq(organisation))
        .filter(Column::AcceptedAt.is_not_null())
        .filter(Column::EndedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(people.into_iter().flatten().collect())
}

/// Accepted, or open at `now`.
fn counts(now: DateTime<Utc>) -> Condition {
    let may_be = Condition::any()
        .add(Column::AcceptedAt.is_not_null())
        .add(Column::ExpiresAt.gt(now));
    Condition::all().add(Column::EndedAt.is_null()).add(may_be)
}

/// How many act for `organisation` or may accept to.
pub(in crate::organisations) async fn count(
    tx: &impl ConnectionTrait,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::OrganisationId.eq(organisation))
        .filter(counts(now))
        .count(tx)
        .await
}

/// Whether the owner of a phone with one of the blind indexes `phone` acts for `organisation`, or may
/// accept to.
pub(in crate::organisations) async fn is_known(
    tx: &impl ConnectionTrait,
    organisation: OrganisationId,
    phone: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let found = Entity::find()
        .filter(Column::OrganisationId.eq(organisation))
        .filter(Column::PhoneIndex.is_in(phone.iter().map(Vec::as_slice)))
        .filter(counts(now))
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Those of `organisation` who act for it or may accept to, oldest first.
pub(in crate::organisations) async fn of_unit(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::OrganisationId.eq(organisation))
        .filter(counts(now))
        .order_by_asc(Column::InvitedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// What `person`, whose phone has one of the blind indexes `phone`, accepted or may accept at `now`, oldest
/// first.
pub(in crate::organisations) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    phone: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let open = Condition::all()
        .add(Column::AcceptedAt.is_null())
        .add(Column::PhoneIndex.is_in(phone.iter().map(Vec::as_slice)));
    let theirs = Condition::any().add(Column::PersonId.eq(person)).add(open);
    Entity::find()
        .filter(theirs)
        .filter(counts(now))
        .order_by_asc(Column::InvitedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

pub(in crate::organisations) async fn find(
    tx: &impl ConnectionTrait,
    id: AgentId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(tx).await
}

/// Have `person` accept an invitation that nobody accepted and that did not end. `true` if this call did.
pub(in crate::organisations) async fn accept(
    tx: &impl ConnectionTrait,
    id: AgentId,
    person: PersonId,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            person_id: Set(Some(person)),
            accepted_at: Set(Some(at)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::AcceptedAt.is_null())
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// End it, unless it ended before. `true` if this call did.
pub(in crate::organisations) async fn end(
    tx: &impl ConnectionTrait,
    id: AgentId,
    ending: AgentEnding,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .set(ActiveModel {
            ended_at: Set(Some(at)),
            ending: Set(Some(ending)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Forget up to `most` who ended by `since`, or were asked until then and did not accept.
pub(in crate::organisations) async fn forget(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    most: u64,
) -> Result<u64, DbErr> {
    let never = Condition::all()
        .add(Column::AcceptedAt.is_null())
        .add(Column::ExpiresAt.lte(since));
    let over = Condition::any().add(Column::EndedAt.lte(since)).add(never);
    delete_some::<Entity>(db, Column::Id, over, most).await
}
