//! People with a history, and the same counted without a thought for speed.

use std::collections::{BTreeMap, BTreeSet};

use api::{
    daily_counts::publishing::Counted,
    platform::{
        Clock, Entropy,
        clock::{local_date, midnight},
    },
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    colour_change, declaration, person,
    values::{CauseClass, Colour, DeclarationId, Division, PersonId, ReasonCode},
};
use integration_tests::{Backend, SeededEntropy};
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

const HOMES: [&str; 5] = ["310101", "310104", "320102", "320105", "441900"];

/// Where whoever declared nowhere to live is counted.
const NOWHERE: &str = "310000";

/// What rules find, and what the public is told of it: a table of its own.
const FOUND: [(ReasonCode, &str, CauseClass); 14] = [
    (ReasonCode::R09, "override.red", CauseClass::Override),
    (ReasonCode::R08, "push.red", CauseClass::Push),
    (ReasonCode::R06, "bank.depositors", CauseClass::Other),
    (ReasonCode::R01, "case.confirmed", CauseClass::Case),
    (ReasonCode::R02, "test.positive", CauseClass::Test),
    (ReasonCode::R03, "contact.close", CauseClass::Contact),
    (ReasonCode::R07, "risk-area.sealed", CauseClass::RiskArea),
    (ReasonCode::R05, "arrival.abroad", CauseClass::Arrival),
    (ReasonCode::Y01, "self-report.unwell", CauseClass::Symptom),
    (ReasonCode::Y05, "contact.close", CauseClass::Monitoring),
    (ReasonCode::Y06, "record.stale", CauseClass::Stale),
    (ReasonCode::Y08, "override.yellow", CauseClass::Override),
    (ReasonCode::G00, "code.undecided", CauseClass::Undecided),
    (ReasonCode::G00, "region.not-open", CauseClass::Undecided),
];

/// Throws the same in every run.
struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % sides
    }

    fn one_of<'a, T>(&self, all: &'a [T]) -> &'a T {
        let sides = u64::try_from(all.len()).unwrap();
        &all[usize::try_from(self.below(sides)).unwrap()]
    }

    /// So many moments within the week after `now`, in order. No two of them are the same.
    fn moments(&self, now: DateTime<Utc>, most: u64) -> Vec<DateTime<Utc>> {
        let moments: BTreeSet<_> = (0..self.below(most + 1))
            .map(|_| now + TimeDelta::seconds(self.below(7 * 24 * 3_600 + 1).cast_signed()))
            .collect();
        moments.into_iter().collect()
    }
}

/// Have `count` more people live through the week that begins now, by the throws of `seed`.
pub(super) async fn people_who_lived_through(backend: &Backend, seed: u64, count: usize) {
    let dice = Dice(SeededEntropy::new(seed));
    let now = backend.clock.now();
    let (mut people, mut declarations, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let id = PersonId(dice.0.id());
        people.push(somebody(id, now));
        for (at, version) in dice.moments(now, 2).into_iter().zip(1..) {
            let home = Division::try_from((*dice.one_of(&HOMES)).to_owned()).unwrap();
            declarations.push(declared(id, dice.0.id(), version, at, home));
        }
        let mut before = Colour::Grey;
        for (at, version) in dice.moments(now, 5).into_iter().zip(1..) {
            let (to, reasons) = found(&dice, before);
            changes.push(colour_change::Model {
                person_id: id,
                version: version * 3,
                at,
                colour_before: before,
                colour_after: to,
                reasons,
            });
            before = to;
        }
    }
    let db = &backend.deps.db;
    insert(
        db,
        people.into_iter().map(IntoActiveModel::into_active_model),
    )
    .await;
    insert(
        db,
        declarations
            .into_iter()
            .map(IntoActiveModel::into_active_model),
    )
    .await;
    insert(
        db,
        changes.into_iter().map(IntoActiveModel::into_active_model),
    )
    .await;
}

async fn insert<A: ActiveModelTrait>(db: &DatabaseConnection, rows: impl Iterator<Item = A>) {
    let rows: Vec<A> = rows.collect();
    for some in rows.chunks(500) {
        A::Entity::insert_many(some.iter().cloned())
            .exec_without_returning(db)
            .await
            .unwrap();
    }
}

/// Another colour than `before`, and why: most are green, and of two causes one may be of another colour.
fn found(dice: &Dice, before: Colour) -> (Colour, Value) {
    if before != Colour::Green && dice.below(2) == 0 {
        return (Colour::Green, because(&[]));
    }
    loop {
        let found = [dice.one_of(&FOUND), dice.one_of(&FOUND)];
        let mut found: Vec<_> = found
            .into_iter()
            .take(1 + usize::from(dice.below(3) == 0))
            .collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.0.colour()));
        let to = found[0].0.colour();
        if to != before {
            return (to, because(&found));
        }
    }
}

fn because(found: &[&(ReasonCode, &str, CauseClass)]) -> Value {
    let reasons = found.iter().map(|(code, rule, _)| {
        json!({
            "code": code.name(), "rule": rule, "rule_version": "1.0.0", "source_region": "310000",
            "since": null, "until": null,
        })
    });
    let reasons: Vec<Value> = reasons.collect();
    json!({"reasons": reasons, "holding": [], "opened": [], "released": []})
}

fn somebody(id: PersonId, now: DateTime<Utc>) -> person::Model {
    person::Model {
        id,
        number: id.number(),
        data_key: vec![0],
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: now,
    }
}

fn declared(
    person: PersonId,
    id: uuid::Uuid,
    version: i32,
    at: DateTime<Utc>,
    division: Division,
) -> declaration::Model {
    declaration::Model {
        id: DeclarationId(id),
        person_id: person,
        version,
        declared_by: person,
        declared_at: at,
        division,
        content: vec![0],
        unwell: false,
        arrived_on: None,
    }
}

/// All that is on record of who lived where and showed what.
pub(super) struct History {
    declarations: Vec<declaration::Model>,
    changes: Vec<colour_change::Model>,
}

impl History {
    pub(super) async fn of(backend: &Backend) -> Self {
        let db = &backend.deps.db;
        let mut declarations = declaration::Entity::find().all(db).await.unwrap();
        declarations.sort_by_key(|it| it.declared_at);
        let mut changes = colour_change::Entity::find().all(db).await.unwrap();
        changes.sort_by_key(|it| it.at);
        Self {
            declarations,
            changes,
        }
    }

    /// What was so when `day` was over, change by change from the beginning.
    pub(super) fn counted_again(&self, day: NaiveDate) -> Counted {
        let end = midnight(day.succ_opt().unwrap());
        let mut homes: BTreeMap<PersonId, Division> = BTreeMap::new();
        let mut shown: BTreeMap<PersonId, Colour> = BTreeMap::new();
        let mut turned = BTreeSet::new();
        for it in self.declarations.iter().filter(|it| it.declared_at < end) {
            homes.insert(it.person_id, it.division.clone());
            shown.entry(it.person_id).or_insert(Colour::Grey);
        }
        for it in self.changes.iter().filter(|it| it.at < end) {
            shown.insert(it.person_id, it.colour_after);
            if local_date(it.at) == day {
                turned.insert((it.person_id, it.colour_after, told_as(it)));
            }
        }
        let home = |person: &PersonId| {
            let nowhere = || Division::try_from(NOWHERE.to_owned()).unwrap();
            homes.get(person).cloned().unwrap_or_else(nowhere)
        };
        let mut counted = Counted::default();
        for (person, colour) in &shown {
            *counted.standing.entry((home(person), *colour)).or_default() += 1;
        }
        for (person, colour, cause) in &turned {
            let key = (home(person), *colour, *cause);
            *counted.turned.entry(key).or_default() += 1;
        }
        counted
    }
}

/// What the public is told that a change was for: of several causes, what people decided or nobody knows.
fn told_as(change: &colour_change::Model) -> CauseClass {
    match (change.colour_before, change.colour_after) {
        (Colour::Grey, Colour::Green) => return CauseClass::Compared,
        (_, Colour::Green) => return CauseClass::Release,
        _ => (),
    }
    let reasons = change.reasons["reasons"].as_array().unwrap();
    let classes: Vec<CauseClass> = reasons
        .iter()
        .filter_map(|reason| {
            let known = FOUND
                .iter()
                .find(|(code, rule, _)| reason["code"] == code.name() && reason["rule"] == *rule);
            let (code, _, class) = known.unwrap();
            (code.colour() == change.colour_after).then_some(*class)
        })
        .collect();
    let first = FOUND.iter().map(|(_, _, class)| class);
    let mut first = first.filter(|class| classes.contains(class));
    *first.next().unwrap()
}
