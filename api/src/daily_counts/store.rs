//! The history that is counted, and days as rows.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    colour_change, daily_count, daily_standing, daily_turn, declaration, person,
    values::{Colour, Division, PersonId},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, TryGetable,
    sea_query::{Alias, Expr, OnConflict, Query, SelectStatement},
};
use serde_json::Value;
use uuid::Uuid;

use super::publishing::Counted;
use crate::platform::db::inserted;

/// From when to when a day is.
pub(super) type Span = (DateTime<Utc>, DateTime<Utc>);

/// Rows of one statement.
const ROWS_AT_ONCE: usize = 500;

/// People whose ids follow one another.
#[derive(Debug, Clone, Copy)]
pub(super) struct People {
    /// The one before the first.
    pub(super) after: Option<PersonId>,
    /// The last one.
    pub(super) last: PersonId,
}

impl People {
    fn in_column(self, column: impl ColumnTrait) -> Condition {
        let after = self.after.map(|after| column.gt(after));
        Condition::all()
            .add(column.lte(self.last))
            .add_option(after)
    }
}

/// Up to `most` people whose ids follow `after`, in the order of their ids.
pub(super) async fn people_after(
    db: &impl ConnectionTrait,
    after: Option<PersonId>,
    most: u64,
) -> Result<Vec<PersonId>, DbErr> {
    use person::{Column, Entity};
    Entity::find()
        .select_only()
        .column(Column::Id)
        .apply_if(after, |all, after| all.filter(Column::Id.gt(after)))
        .order_by_asc(Column::Id)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// Where each of `people` lived by their newest declaration before `end`, who had made one.
pub(super) async fn homes(
    db: &impl ConnectionTrait,
    people: People,
    end: DateTime<Utc>,
) -> Result<Vec<(PersonId, Division)>, DbErr> {
    use declaration::{Column, Entity};
    let history = History::<Entity> {
        person: Column::PersonId,
        version: Column::Version,
        at: Column::DeclaredAt,
        says: Column::Division,
    };
    history.last(db, people, end).await
}

/// What each of `people` had come to show last before `end`, who had come to show anything.
pub(super) async fn shown(
    db: &impl ConnectionTrait,
    people: People,
    end: DateTime<Utc>,
) -> Result<Vec<(PersonId, Colour)>, DbErr> {
    use colour_change::{Column, Entity};
    let history = History::<Entity> {
        person: Column::PersonId,
        version: Column::Version,
        at: Column::At,
        says: Column::ColourAfter,
    };
    history.last(db, people, end).await
}

/// The columns of a table in which people have versions.
struct History<E: EntityTrait> {
    person: E::Column,
    version: E::Column,
    at: E::Column,
    says: E::Column,
}

impl<E: EntityTrait> History<E> {
    /// What the newest version before `end` says of each of `people` who had one.
    async fn last<T: TryGetable>(
        self,
        db: &impl ConnectionTrait,
        people: People,
        end: DateTime<Utc>,
    ) -> Result<Vec<(PersonId, T)>, DbErr> {
        let other = Alias::new("newer");
        let theirs = |column: E::Column| Expr::col((other.clone(), column));
        let own = |column: E::Column| Expr::col((E::default(), column));
        let newer: SelectStatement = Query::select()
            .expr(Expr::val(1))
            .from_as(E::default(), other.clone())
            .and_where(theirs(self.person).eq(own(self.person)))
            .and_where(theirs(self.version).gt(own(self.version)))
            .and_where(theirs(self.at).lt(end))
            .take();
        E::find()
            .select_only()
            .columns([self.person, self.says])
            .filter(people.in_column(self.person))
            .filter(self.at.lt(end))
            .filter(Expr::exists(newer).not())
            .into_tuple()
            .all(db)
            .await
    }
}

/// A change of what somebody shows.
#[derive(Debug, FromQueryResult)]
pub(super) struct Turn {
    /// Who.
    pub(super) person: PersonId,
    /// What they showed before.
    pub(super) from: Colour,
    /// What they showed since.
    pub(super) to: Colour,
    /// Why, as the history keeps it.
    pub(super) reasons: Value,
}

/// The changes of `people` within `span`.
pub(super) async fn turns(
    db: &impl ConnectionTrait,
    people: People,
    (begin, end): Span,
) -> Result<Vec<Turn>, DbErr> {
    use colour_change::{Column, Entity};
    Entity::find()
        .select_only()
        .column_as(Column::PersonId, "person")
        .column_as(Column::ColourBefore, "from")
        .column_as(Column::ColourAfter, "to")
        .column(Column::Reasons)
        .filter(people.in_column(Column::PersonId))
        .filter(Column::At.gte(begin))
        .filter(Column::At.lt(end))
        .into_model()
        .all(db)
        .await
}

/// The newest day.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Option<daily_count::Model>, DbErr> {
    daily_count::Entity::find()
        .order_by_desc(daily_count::Column::Day)
        .one(db)
        .await
}

/// Have `day` be counted once it is over. `false` if that is so already.
pub(super) async fn begin(db: &impl ConnectionTrait, day: NaiveDate) -> Result<bool, DbErr> {
    let row = daily_count::Model {
        day,
        counted_to: None,
        counted_at: None,
        document: None,
        note: None,
        log_entry: None,
        published_at: None,
    };
    let begun = daily_count::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await;
    inserted(begun)
}

/// Note that the day `row` is counted up to `last`, and with `done_at` that this is everybody. `false` if somebody
/// moved it since it was read.
pub(super) async fn go_on(
    db: &impl ConnectionTrait,
    row: &daily_count::Model,
    last: Option<PersonId>,
    done_at: Option<DateTime<Utc>>,
) -> Result<bool, DbErr> {
    use daily_count::{ActiveModel, Column, Entity};
    let as_read = match row.counted_to {
        Some(person) => Column::CountedTo.eq(person),
        None => Column::CountedTo.is_null(),
    };
    let change = ActiveModel {
        counted_to: Set(last),
        counted_at: Set(done_at),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(change)
        .filter(Column::Day.eq(row.day))
        .filter(Column::CountedAt.is_null())
        .filter(as_read)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Add what was counted to what `day` has.
pub(super) async fn add(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    counted: Counted,
) -> Result<(), DbErr> {
    let standing = counted.standing.into_iter();
    let standing = standing.map(|((division, colour), people)| daily_standing::Model {
        day,
        division,
        colour,
        people: people.cast_signed(),
    });
    let turned = counted.turned.into_iter();
    let turned = turned.map(|((division, colour, cause), people)| daily_turn::Model {
        day,
        division,
        colour,
        cause,
        people: people.cast_signed(),
    });
    add_standing(db, standing.collect()).await?;
    add_turned(db, turned.collect()).await
}

async fn add_standing(
    db: &impl ConnectionTrait,
    rows: Vec<daily_standing::Model>,
) -> Result<(), DbErr> {
    use daily_standing::{Column, Entity};
    let known = Expr::col((Entity, Column::People));
    let more = Expr::col((Alias::new("excluded"), Column::People));
    let again = OnConflict::columns([Column::Day, Column::Division, Column::Colour])
        .value(Column::People, known.add(more))
        .to_owned();
    for some in rows.chunks(ROWS_AT_ONCE) {
        let some = some.iter().cloned();
        Entity::insert_many(some.map(|row| row.into_active_model().reset_all()))
            .on_conflict(again.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

async fn add_turned(db: &impl ConnectionTrait, rows: Vec<daily_turn::Model>) -> Result<(), DbErr> {
    use daily_turn::{Column, Entity};
    let known = Expr::col((Entity, Column::People));
    let more = Expr::col((Alias::new("excluded"), Column::People));
    let key = [Column::Day, Column::Division, Column::Colour, Column::Cause];
    let again = OnConflict::columns(key)
        .value(Column::People, known.add(more))
        .to_owned();
    for some in rows.chunks(ROWS_AT_ONCE) {
        let some = some.iter().cloned();
        Entity::insert_many(some.map(|row| row.into_active_model().reset_all()))
            .on_conflict(again.clone())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// What was counted of `day`.
pub(super) async fn counted(db: &impl ConnectionTrait, day: NaiveDate) -> Result<Counted, DbErr> {
    let standing = daily_standing::Entity::find()
        .filter(daily_standing::Column::Day.eq(day))
        .all(db)
        .await?;
    let turned = daily_turn::Entity::find()
        .filter(daily_turn::Column::Day.eq(day))
        .all(db)
        .await?;
    let standing = standing.into_iter();
    let turned = turned.into_iter();
    Ok(Counted {
        standing: standing
            .map(|row| ((row.division, row.colour), row.people.cast_unsigned()))
            .collect(),
        turned: turned
            .map(|row| {
                let key = (row.division, row.colour, row.cause);
                (key, row.people.cast_unsigned())
            })
            .collect(),
    })
}

/// What is published of a day.
pub(super) struct Published {
    /// What is told.
    pub(super) document: String,
    /// What signs it.
    pub(super) note: String,
    /// The entry of the audit log.
    pub(super) log_entry: Uuid,
    /// When.
    pub(super) at: DateTime<Utc>,
}

/// Publish `day`. `false` if it was.
pub(super) async fn publish(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    published: Published,
) -> Result<bool, DbErr> {
    use daily_count::{ActiveModel, Column, Entity};
    let change = ActiveModel {
        document: Set(Some(published.document)),
        note: Set(Some(published.note)),
        log_entry: Set(Some(published.log_entry)),
        published_at: Set(Some(published.at)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(change)
        .filter(Column::Day.eq(day))
        .filter(Column::PublishedAt.is_null())
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What was published of `day`.
pub(super) async fn published(
    db: &impl ConnectionTrait,
    day: NaiveDate,
) -> Result<Option<daily_count::Model>, DbErr> {
    daily_count::Entity::find_by_id(day)
        .filter(daily_count::Column::PublishedAt.is_not_null())
        .one(db)
        .await
}

/// Days that were published, since `from` and from before `before`, the newest first.
pub(super) async fn days(
    db: &impl ConnectionTrait,
    from: Option<NaiveDate>,
    before: Option<NaiveDate>,
    most: u64,
) -> Result<Vec<daily_count::Model>, DbErr> {
    use daily_count::{Column, Entity};
    Entity::find()
        .filter(Column::PublishedAt.is_not_null())
        .apply_if(from, |all, from| all.filter(Column::Day.gte(from)))
        .apply_if(before, |all, before| all.filter(Column::Day.lt(before)))
        .order_by_desc(Column::Day)
        .limit(most)
        .all(db)
        .await
}
