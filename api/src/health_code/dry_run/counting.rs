//! What the database counts. What people show is what their last assessment found.

use chrono::{DateTime, Utc};
use entity::{
    assessment::{Column, Entity},
    hold,
    values::{Colour, Division, PersonId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{CaseStatement, Expr, Func, SelectStatement, SimpleExpr},
};

use super::{Trial, rules::Questions};
use crate::{
    facts::{SAMPLES_COUNT_FOR, negatives},
    platform::clock::{local_date, midnight},
    policy::{Comparison, Question, Rule},
};

/// How many people were ever assessed, and how many of them are `among`.
pub(super) async fn everybody(
    db: &impl ConnectionTrait,
    among: Option<Condition>,
) -> Result<(u64, u64), DbErr> {
    let Some(among) = among else {
        return Ok((Entity::find().count(db).await?, 0));
    };
    // In one look at each, where two would take twice as long.
    let one = CaseStatement::new().case(among, 1);
    let counted: Option<(i64, i64)> = Entity::find()
        .select_only()
        .column_as(Column::PersonId.count(), "people")
        .column_as(Expr::expr(Func::count(one)), "among")
        .into_tuple()
        .one(db)
        .await?;
    let (people, among) = counted.unwrap_or_default();
    Ok((people.cast_unsigned(), among.cast_unsigned()))
}

/// Those whom the rule concerns and the one before it does not, and who show something better than
/// `colour`: by where they live and what they show. None if the question cannot be asked.
pub(super) async fn newly_concerned(
    db: &impl ConnectionTrait,
    rule: &Rule,
    asked: &Questions,
    colour: Colour,
    now: DateTime<Utc>,
) -> Result<Option<Vec<(Division, Colour, u64)>>, DbErr> {
    let Some(after) = condition(&asked.after, now) else {
        return Ok(None);
    };
    let mut concerned = Condition::all().add(after);
    if let Some(before) = &asked.before {
        let Some(before) = condition(before, now) else {
            return Ok(None);
        };
        concerned = concerned.add(before.not());
    }
    // Whoever shows grey is not decided on, whatever the rule says.
    let better = [Colour::Green, Colour::Yellow].into_iter();
    let better: Vec<Colour> = better.filter(|shown| *shown < colour).collect();
    let counts: Vec<(Division, Colour, i64)> = living_within(Entity::find(), rule)
        .select_only()
        .columns([Column::Division, Column::Shown])
        .column_as(Column::PersonId.count(), "people")
        .filter(Column::Shown.is_in(better))
        .filter(Column::Division.is_not_null())
        .filter(concerned)
        .group_by(Column::Division)
        .group_by(Column::Shown)
        .into_tuple()
        .all(db)
        .await?;
    let counts = counts
        .into_iter()
        .map(|(division, shown, people)| (division, shown, people.cast_unsigned()));
    Ok(Some(counts.collect()))
}

/// Those whom the rule concerns no more. None if there is no rule before it.
pub(super) fn concerned_no_more(
    rule: &Rule,
    asked: &Questions,
    now: DateTime<Utc>,
) -> Option<Condition> {
    let after = condition(&asked.after, now)?;
    let before = condition(asked.before.as_ref()?, now)?;
    let released = Condition::all().add(before).add(after.not());
    Some(if rule.scope.is_empty() {
        released
    } else {
        released.add(anywhere_in(&rule.scope))
    })
}

/// How many people are `among` those within the rule's scope.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    trial: &Trial,
    among: &Condition,
) -> Result<u64, DbErr> {
    concerned_by(Entity::find(), trial)
        .filter(among.clone())
        .count(db)
        .await
}

/// Up to `most` of the same, after `after`, by their ids. These are random, so the first are as good
/// as any.
pub(super) async fn some(
    db: &impl ConnectionTrait,
    trial: &Trial,
    among: &Condition,
    after: Option<PersonId>,
    most: u64,
) -> Result<Vec<(PersonId, Option<Division>)>, DbErr> {
    concerned_by(Entity::find(), trial)
        .select_only()
        .columns([Column::PersonId, Column::Division])
        .filter(among.clone())
        .apply_if(after, |all, after| all.filter(Column::PersonId.gt(after)))
        .order_by_asc(Column::PersonId)
        .limit(most)
        .into_tuple()
        .all(db)
        .await
}

/// The people whom `selected` names.
pub(super) fn of(selected: SelectStatement) -> Condition {
    Condition::all().add(Column::PersonId.in_subquery(selected))
}

/// Everybody.
pub(super) fn assessed() -> SelectStatement {
    Entity::find()
        .select_only()
        .column(Column::PersonId)
        .into_query()
}

/// The people with a hold of the rule with `id`.
pub(super) fn held_by(id: &str) -> SelectStatement {
    hold::Entity::find()
        .select_only()
        .column(hold::Column::PersonId)
        .filter(hold::Column::Rule.eq(id))
        .filter(hold::Column::ReleasedAt.is_null())
        .into_query()
}

/// `people` to whom the rule that is tried applies by where they live, or the version before it does.
fn concerned_by(people: Select<Entity>, trial: &Trial) -> Select<Entity> {
    let rules = [Some(&*trial.rule), trial.predecessor()];
    let scopes: Vec<&[Division]> = rules
        .into_iter()
        .flatten()
        .map(|rule| &*rule.scope)
        .collect();
    if scopes.iter().any(|scope| scope.is_empty()) {
        return people;
    }
    people.filter(anywhere_in(scopes.into_iter().flatten()))
}

/// `people` to whom `rule` applies by where they live.
fn living_within(people: Select<Entity>, rule: &Rule) -> Select<Entity> {
    people.apply_if(
        (!rule.scope.is_empty()).then(|| anywhere_in(&rule.scope)),
        QueryFilter::filter,
    )
}

fn anywhere_in<'a>(regions: impl IntoIterator<Item = &'a Division>) -> Condition {
    let within = |region: &Division| {
        let stem = region.stem();
        Column::Division.between(format!("{stem:0<6}"), format!("{stem:9<6}"))
    };
    let regions = regions.into_iter().map(within);
    regions.fold(Condition::any(), Condition::add)
}

/// `question` of the person in a row. None if the row does not know.
fn condition(question: &Question, now: DateTime<Utc>) -> Option<Condition> {
    let all_of = |parts: &[Question], start: Condition| {
        parts
            .iter()
            .try_fold(start, |all, part| Some(all.add(condition(part, now)?)))
    };
    Some(match question {
        Question::Always(false) => Condition::all().not(),
        // Whoever is decided on is verified.
        Question::Always(true) | Question::Is("verified") => Condition::all(),
        Question::Is(_) => return None,
        Question::Known(name) => match Source::of(name)? {
            Source::Record | Source::RecordDay => {
                Condition::all().add(Column::RecordAt.is_not_null())
            }
            Source::Negative { single } => sampled(single, now - SAMPLES_COUNT_FOR),
        },
        Question::Compares(name, comparison, at) => {
            compared(&Source::of(name)?, *comparison, *at, now)
        }
        Question::All(parts) => all_of(parts, Condition::all())?,
        Question::Any(parts) if parts.is_empty() => Condition::all().not(),
        Question::Any(parts) => all_of(parts, Condition::any())?,
        Question::Not(part) => condition(part, now)?.not(),
    })
}

/// Where an instant of a person is found.
enum Source {
    Record,
    RecordDay,
    Negative { single: bool },
}

impl Source {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "record_at" => Self::Record,
            "record_day" => Self::RecordDay,
            "last_negative_at" => Self::Negative { single: false },
            "last_single_negative_at" => Self::Negative { single: true },
            _ => return None,
        })
    }
}

fn compared(
    source: &Source,
    comparison: Comparison,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Condition {
    // From the next tick on is later; samples and records are kept to the millisecond.
    let later = at + chrono::TimeDelta::milliseconds(1);
    match source {
        Source::Record => known(comparison_with(comparison, at)),
        Source::RecordDay => {
            // A day begins so to an instant as all of its moments do to the next midnight.
            let (midnight_of, next) = (midnight(local_date(at)), day_after(at));
            known(match comparison {
                Comparison::Before if midnight_of == at => Column::RecordAt.lt(at),
                Comparison::NotBefore if midnight_of == at => Column::RecordAt.gte(at),
                Comparison::Before | Comparison::NotAfter => Column::RecordAt.lt(next),
                Comparison::NotBefore | Comparison::After => Column::RecordAt.gte(next),
            })
        }
        Source::Negative { single } => {
            let earliest = now - SAMPLES_COUNT_FOR;
            let ever = || sampled(*single, earliest);
            let since = |from: DateTime<Utc>| sampled(*single, Ord::max(from, earliest));
            match comparison {
                Comparison::NotBefore => since(at),
                Comparison::After => since(later),
                Comparison::Before => Condition::all().add(ever()).add(since(at).not()),
                Comparison::NotAfter => Condition::all().add(ever()).add(since(later).not()),
            }
        }
    }
}

fn day_after(at: DateTime<Utc>) -> DateTime<Utc> {
    midnight(local_date(at)) + chrono::TimeDelta::days(1)
}

fn comparison_with(comparison: Comparison, at: DateTime<Utc>) -> SimpleExpr {
    match comparison {
        Comparison::After => Column::RecordAt.gt(at),
        Comparison::NotBefore => Column::RecordAt.gte(at),
        Comparison::Before => Column::RecordAt.lt(at),
        Comparison::NotAfter => Column::RecordAt.lte(at),
    }
}

/// Never null, so that its opposite is true where nothing is known.
fn known(compared: SimpleExpr) -> Condition {
    Condition::all()
        .add(Column::RecordAt.is_not_null())
        .add(compared)
}

fn sampled(single: bool, from: DateTime<Utc>) -> Condition {
    let samples = negatives((Entity, Column::PersonId), single, from);
    Condition::all().add(Expr::exists(samples))
}
