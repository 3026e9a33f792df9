//! Cases, and what was done to them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use entity::{
    review_breach, review_case,
    review_case::{ActiveModel, Column, Entity, Model},
    review_contact, review_step,
    values::{Area, CaseId, CaseState, CaseSubject, PersonId, StaffId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Order,
    QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Func, NullOrdering, SimpleExpr},
};
use uuid::Uuid;

use super::{
    super::rules::{Held, Lateness, Seat},
    Since, any_of, lies_in,
};
use crate::http::page::{self, NoPlace};

/// Where a page of an inbox begins: after this limit, and among those of one limit after this id.
/// Cases without a limit come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Place {
    due_at: Option<DateTime<Utc>>,
    id: CaseId,
}

impl Place {
    pub(in super::super) fn of(row: &Model) -> Self {
        Self {
            due_at: row.due_at,
            id: row.id,
        }
    }

    /// That a row comes after this place.
    fn after(self) -> Condition {
        let Some(due_at) = self.due_at else {
            let unlimited = Condition::all().add(Column::DueAt.is_null());
            return unlimited.add(Column::Id.gt(self.id));
        };
        let same = Condition::all()
            .add(Column::DueAt.eq(due_at))
            .add(Column::Id.gt(self.id));
        Condition::any()
            .add(Column::DueAt.gt(due_at))
            .add(same)
            .add(Column::DueAt.is_null())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.due_at {
            Some(at) => write!(f, "{}_{}", at.timestamp_micros(), self.id),
            None => write!(f, "never_{}", self.id),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (due_at, id) = text.split_once('_').ok_or(NoPlace)?;
        let id: Uuid = id.parse().map_err(|_| NoPlace)?;
        let due_at = match due_at {
            "never" => None,
            at => Some(page::micros(at).ok_or(NoPlace)?),
        };
        Ok(Self {
            due_at,
            id: CaseId(id),
        })
    }
}

/// Who took on the cases that are wanted.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Taken {
    /// Whoever did, or nobody.
    ByAnyone,
    /// Nobody.
    ByNobody,
    /// Them.
    By(StaffId),
}

/// The posts at which somebody decides, and those that they have and had.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Seats<'a> {
    pub(in super::super) at: &'a [Seat<'a>],
    pub(in super::super) held: &'a [Held],
}

/// Which of the cases in an inbox are wanted.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Wanted {
    pub(in super::super) subject: Option<CaseSubject>,
    pub(in super::super) taken: Taken,
    pub(in super::super) lateness: Option<Lateness>,
}

/// Until when a limit is past, and until when it is near.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Times {
    pub(in super::super) now: DateTime<Utc>,
    pub(in super::super) nearing: DateTime<Utc>,
}

impl Times {
    fn is(self, lateness: Lateness) -> Condition {
        match lateness {
            Lateness::Late => Condition::all().add(Column::DueAt.lte(self.now)),
            Lateness::Nearing => Condition::all()
                .add(Column::DueAt.gt(self.now))
                .add(Column::DueAt.lte(self.nearing)),
            Lateness::InTime => Condition::any()
                .add(Column::DueAt.gt(self.nearing))
                .add(Column::DueAt.is_null()),
        }
    }
}

/// Up to `most` of the cases that wait for a decision at one of `seats`, what runs out first first,
/// after `after`.
pub(in super::super) async fn page(
    db: &impl ConnectionTrait,
    seats: Seats<'_>,
    wanted: Wanted,
    times: Times,
    after: Option<Place>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    page_statement(seats, wanted, times, after, most)
        .all(db)
        .await
}

/// The statement of [`page`].
pub(in super::super) fn page_statement(
    seats: Seats<'_>,
    wanted: Wanted,
    times: Times,
    after: Option<Place>,
    most: u64,
) -> Select<Entity> {
    let taken = match wanted.taken {
        Taken::ByAnyone => Condition::all(),
        Taken::ByNobody => Condition::all().add(Column::Assignee.is_null()),
        Taken::By(account) => Condition::all().add(Column::Assignee.eq(account)),
    };
    let subject = wanted.subject.map(|subject| Column::Subject.eq(subject));
    waiting_at(seats)
        .filter(taken)
        .filter(Condition::all().add_option(subject))
        .filter(Condition::all().add_option(wanted.lateness.map(|late| times.is(late))))
        .filter(Condition::all().add_option(after.map(Place::after)))
        .order_by_with_nulls(Column::DueAt, Order::Asc, NullOrdering::Last)
        .order_by_asc(Column::Id)
        .limit(most)
}

/// Each post says all that its index begins with: SQLite looks up several so, and otherwise reads whatever
/// they have in common.
fn waiting_at(seats: Seats<'_>) -> Select<Entity> {
    let at = any_of(seats.at.iter().map(|Seat { post, held }| {
        Condition::all()
            .add(Column::State.eq(CaseState::Authority))
            .add(Column::Decider.eq(post.role))
            .add(lies_in(Column::Area, &post.area))
            .add_option(about(held).map(is_not))
    }));
    Entity::find()
        .filter(at)
        .filter(Condition::all().add_option(about(seats.held).map(is_not)))
}

/// That a case is about what was done where somebody has or had one of the posts `held`, since they had.
/// `None` if they have and had none.
pub(super) fn about(held: &[Held]) -> Option<Condition> {
    let of_post = |held: &Held| {
        let around = held
            .area
            .division()
            .map_or_else(|_| Vec::new(), |it| it.chain());
        let mut units: Vec<Area> = around.into_iter().map(Area::from).collect();
        units.push(held.area.clone());
        Condition::all()
            .add(Column::Against.is_in(units))
            .add(Column::AgainstSince.lt(held.until))
    };
    (!held.is_empty()).then(|| any_of(held.iter().map(of_post)))
}

/// That a case is about nobody's doing, or about that of others.
fn is_not(about: Condition) -> Condition {
    Condition::any()
        .add(Column::Against.is_null())
        .add(about.not())
}

/// How many cases there are of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub(in super::super) struct Counted {
    pub(in super::super) due: i64,
    pub(in super::super) nearing: i64,
    pub(in super::super) late: i64,
    pub(in super::super) unassigned: i64,
    pub(in super::super) mine: i64,
}

/// How many cases wait for a decision at one of `seats`.
pub(in super::super) async fn count(
    db: &impl ConnectionTrait,
    seats: Seats<'_>,
    me: StaffId,
    times: Times,
) -> Result<Counted, DbErr> {
    let nobodys = Condition::all().add(Column::Assignee.is_null());
    let mine = Condition::all().add(Column::Assignee.eq(me));
    let counted = waiting_at(seats)
        .select_only()
        .expr_as(Column::Id.count(), "due")
        .expr_as(number_of(times.is(Lateness::Nearing)), "nearing")
        .expr_as(number_of(times.is(Lateness::Late)), "late")
        .expr_as(number_of(nobodys), "unassigned")
        .expr_as(number_of(mine), "mine")
        .into_model()
        .one(db)
        .await?;
    counted.ok_or_else(|| DbErr::RecordNotFound("a count".into()))
}

/// How many rows are so.
fn number_of(condition: Condition) -> SimpleExpr {
    Func::count(Expr::case(condition, 1)).into()
}

pub(in super::super) async fn find(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

pub(in super::super) async fn find_all(
    db: &impl ConnectionTrait,
    ids: Vec<CaseId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// A case, kept from changing until the transaction ends.
pub(in super::super) async fn lock(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Give a case, as it was read, to `to`, unless it moved or somebody else took it since. `true` if this
/// call did. Of several at once, one does.
pub(in super::super) async fn give(
    db: &impl ConnectionTrait,
    case: &Model,
    to: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let held = match case.assignee {
        Some(account) => Column::Assignee.eq(account),
        None => Column::Assignee.is_null(),
    };
    let given = ActiveModel {
        assignee: Set(to),
        assigned_at: Set(to.map(|_| now)),
        ..Default::default()
    };
    let done = Entity::update_many()
        .set(given)
        .filter(Column::Id.eq(case.id))
        .filter(Column::Turn.eq(case.turn))
        .filter(Column::State.eq(CaseState::Authority))
        .filter(held)
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}

/// What was done to a case, in order.
pub(in super::super) async fn steps(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Vec<review_step::Model>, DbErr> {
    review_step::Entity::find()
        .filter(review_step::Column::CaseId.eq(id))
        .order_by_asc(review_step::Column::Turn)
        .all(db)
        .await
}

/// How the applicant was reached, in order.
pub(in super::super) async fn contacts(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Vec<review_contact::Model>, DbErr> {
    review_contact::Entity::find()
        .filter(review_contact::Column::CaseId.eq(id))
        .order_by_asc(review_contact::Column::At)
        .order_by_asc(review_contact::Column::Id)
        .all(db)
        .await
}

/// The limits of a case that were reached without an opinion, in order.
pub(in super::super) async fn breaches(
    db: &impl ConnectionTrait,
    id: CaseId,
) -> Result<Vec<review_breach::Model>, DbErr> {
    review_breach::Entity::find()
        .filter(review_breach::Column::CaseId.eq(id))
        .order_by_asc(review_breach::Column::Turn)
        .all(db)
        .await
}

/// The cases that concern `person`, newest first, after `after`.
pub(in super::super) async fn of_person(
    db: &impl ConnectionTrait,
    person: PersonId,
    after: Option<Since>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let older = after.map(|Since { at, id, .. }| {
        let same = Condition::all()
            .add(Column::OpenedAt.eq(at))
            .add(Column::Id.lt(id));
        Condition::any().add(Column::OpenedAt.lt(at)).add(same)
    });
    Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Condition::all().add_option(older))
        .order_by_desc(Column::OpenedAt)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// Where a page of cases of one person begins, after `row`.
pub(in super::super) fn since(row: &review_case::Model) -> Since {
    Since {
        at: row.opened_at,
        id: row.id.0,
        turn: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_fits_its_parameter() {
        let far = "9999-12-31T23:59:59.999999Z".parse().unwrap();
        for due_at in [None, Some(far)] {
            let place = Place {
                due_at,
                id: CaseId(Uuid::max()),
            };
            assert!(place.to_string().len() <= 64);
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "_", "never", "never_7", "x_7", "99999999999999999999_7"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
