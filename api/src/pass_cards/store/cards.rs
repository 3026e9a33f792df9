//! Cards as rows.

use chrono::{DateTime, Utc};
use entity::{
    pass_card::{ActiveModel, Column, Entity, Model},
    pass_serial,
    values::{PassApplicationId, PassCardId, PassCardState, PassCardVoid, PersonId, StatusIndex},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, SelectStatement},
};

use crate::pass_cards::rules::Term;

/// The one row that counts cards.
const COUNTER: i64 = 1;

/// The next serial. Whoever asks has the counter to themselves until their transaction ends, so it is
/// asked for last.
pub(in crate::pass_cards) async fn next_serial(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    use pass_serial::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::Last, Expr::col(Column::Last).add(1))
        .filter(Column::Id.eq(COUNTER))
        .exec(db)
        .await?;
    let counter = Entity::find_by_id(COUNTER).one(db).await?;
    let counter = counter.ok_or_else(|| DbErr::RecordNotFound("pass_serial".into()))?;
    Ok(counter.last)
}

pub(in crate::pass_cards) async fn insert(
    db: &impl ConnectionTrait,
    row: Model,
) -> Result<(), DbErr> {
    Entity::insert(ActiveModel::from(row).reset_all())
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(in crate::pass_cards) async fn find(
    db: &impl ConnectionTrait,
    id: PassCardId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

/// The card that `person` has, if they have one that neither ended nor was superseded.
pub(in crate::pass_cards) async fn current(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::CurrentOf.eq(person))
        .one(db)
        .await
}

/// The places of the cards whose days are not over and that are void or suspended, or whose holder is one
/// of `coloured`, each with how the card stands whatever its holder's colour is.
pub(in crate::pass_cards) async fn not_counting(
    db: &impl ConnectionTrait,
    coloured: SelectStatement,
    now: DateTime<Utc>,
) -> Result<Vec<(StatusIndex, PassCardState)>, DbErr> {
    let stands = Condition::any()
        .add(Column::State.is_in([PassCardState::Void, PassCardState::Suspended]))
        .add(Column::PersonId.in_subquery(coloured));
    Entity::find()
        .select_only()
        .column(Column::StatusIndex)
        .column(Column::State)
        .filter(Column::ValidUntil.gt(now))
        .filter(Column::StatusIndex.is_not_null())
        .filter(stands)
        .into_tuple()
        .all(db)
        .await
}

/// Up to `limit` cards that are permits and whose days are not over, by id, after `after`.
pub(in crate::pass_cards) async fn running(
    db: &impl ConnectionTrait,
    after: Option<PassCardId>,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::find()
        .filter(Column::ValidUntil.gt(now))
        .filter(Column::StatusIndex.is_not_null());
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Up to `most` cards in force whose days are not over at `now` and that have no place in the lists of permits.
pub(in crate::pass_cards) async fn without_place(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::StatusIndex.is_null())
        .filter(Column::ValidUntil.gt(now))
        .filter(Column::State.is_in([PassCardState::Active, PassCardState::Suspended]))
        .order_by_asc(Column::ValidUntil)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// The card `id` has the place `place`.
pub(in crate::pass_cards) async fn place(
    db: &impl ConnectionTrait,
    id: PassCardId,
    place: StatusIndex,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            status_index: Set(Some(place)),
            ..Default::default()
        })
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// The newest card of `person`, whatever became of it.
pub(in crate::pass_cards) async fn newest_of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::Serial)
        .one(db)
        .await
}

/// The newest card that was issued on the application.
pub(in crate::pass_cards) async fn newest_on(
    db: &impl ConnectionTrait,
    application: PassApplicationId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::ApplicationId.eq(application))
        .order_by_desc(Column::Serial)
        .one(db)
        .await
}

/// End the card `id`, which another one takes the place of. `false` if it ended meanwhile.
pub(in crate::pass_cards) async fn supersede(
    db: &impl ConnectionTrait,
    id: PassCardId,
    by: PassCardId,
    why: PassCardVoid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let ended = ActiveModel {
        current_of: Set(None),
        state: Set(PassCardState::Void),
        due_at: Set(None),
        voided_at: Set(Some(at)),
        void: Set(Some(why)),
        superseded_by: Set(Some(by)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(id))
        .filter(Column::CurrentOf.is_not_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// The days of the card `id` begin, whose place is `place`.
pub(in crate::pass_cards) async fn begin(
    db: &impl ConnectionTrait,
    id: PassCardId,
    term: Term,
    place: StatusIndex,
) -> Result<(), DbErr> {
    let begun = ActiveModel {
        status_index: Set(Some(place)),
        state: Set(PassCardState::Active),
        valid_from: Set(Some(term.from)),
        valid_until: Set(Some(term.until)),
        due_at: Set(Some(term.next_look(term.from))),
        ..Default::default()
    };
    Entity::update_many()
        .set(begun)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(PassCardState::Observing))
        .exec(db)
        .await
        .map(drop)
}

/// The card `id` stands as `state` from now on.
pub(in crate::pass_cards) async fn set_state(
    db: &impl ConnectionTrait,
    id: PassCardId,
    state: PassCardState,
) -> Result<(), DbErr> {
    let changed = ActiveModel {
        state: Set(state),
        ..Default::default()
    };
    Entity::update_many()
        .set(changed)
        .filter(Column::Id.eq(id))
        .filter(Column::CurrentOf.is_not_null())
        .exec(db)
        .await
        .map(drop)
}

/// Up to `most` cards that a sweep has to look at by `now`.
pub(in crate::pass_cards) async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::DueAt.lte(now))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Look at `card` again at its end. `false` if somebody looked at it meanwhile.
pub(in crate::pass_cards) async fn look_again(
    db: &impl ConnectionTrait,
    card: &Model,
) -> Result<bool, DbErr> {
    let later = ActiveModel {
        due_at: Set(card.valid_until),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(later)
        .filter(Column::Id.eq(card.id))
        .filter(Column::DueAt.eq(card.due_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Look at `card` at `later`, unless somebody looked meanwhile.
pub(in crate::pass_cards) async fn put_off(
    db: &impl ConnectionTrait,
    card: &Model,
    later: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            due_at: Set(Some(later)),
            ..Default::default()
        })
        .filter(Column::Id.eq(card.id))
        .filter(Column::DueAt.eq(card.due_at))
        .exec(db)
        .await
        .map(drop)
}

/// The days of `card` are over. `false` if somebody saw that meanwhile.
pub(in crate::pass_cards) async fn expire(
    db: &impl ConnectionTrait,
    card: &Model,
) -> Result<bool, DbErr> {
    let over = ActiveModel {
        current_of: Set(None),
        state: Set(PassCardState::Expired),
        due_at: Set(None),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(over)
        .filter(Column::Id.eq(card.id))
        .filter(Column::DueAt.eq(card.due_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
