//! People of whom much is recorded, and the sweep that forgets it.

use api::{
    declarations,
    facts::{self, By, NewArea, NewFact, NewTest, Recorded, Withdrawal, WithdrawalReason},
    health_code::ForgetRecords,
    jobs::Sweep,
    platform::{Clock, db::begin_write},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    assessment, check_in, declaration, declared_stay, health_fact, hold, person, test_result,
    values::{Colour, Division, FactKind, PersonId, RiskLevel, StaffId, TestResult},
};
use integration_tests::{Backend, Stack, backend::declaration as all_well};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

/// The clerk who takes everything down.
const CLERK: StaffId = StaffId(Uuid::from_u128(1));

/// What is on record of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OnRecord {
    pub(super) declarations: u64,
    pub(super) stays: u64,
    pub(super) check_ins: u64,
    pub(super) tests: u64,
    pub(super) facts: u64,
    pub(super) holds: u64,
}

/// A backend with verified people in it.
pub(super) struct Town {
    pub(super) backend: Backend,
    pub(super) people: Vec<PersonId>,
}

pub(super) fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

impl Town {
    pub(super) async fn of(stack: Stack, people: u128) -> Self {
        let backend = Backend::start(stack).await;
        let ids: Vec<PersonId> = (1..=people)
            .map(|n| PersonId(Uuid::from_u128(n << 80)))
            .collect();
        let deps = &backend.deps;
        let rows = ids.iter().map(|id| {
            let owner = id.0.as_bytes();
            let (_, data_key) = deps.vault.new_data_key(owner, &*deps.entropy).unwrap();
            person::Model {
                id: *id,
                number: id.number(),
                data_key,
                phone: None,
                phone_index: None,
                name: None,
                document_kind: None,
                document_number: None,
                document_index: None,
                verified_at: Some(deps.clock.now()),
                created_at: deps.clock.now(),
            }
            .into_active_model()
        });
        person::Entity::insert_many(rows)
            .exec_without_returning(&deps.db)
            .await
            .unwrap();
        Self {
            backend,
            people: ids,
        }
    }

    /// One person, who declared today that all is well.
    pub(super) async fn of_one(stack: Stack) -> (Self, PersonId) {
        let town = Self::of(stack, 1).await;
        let person = town.people[0];
        town.declares(person, json!([])).await;
        (town, person)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.backend.clock.now()
    }

    /// Let `days` pass, and what sweeps do be done.
    pub(super) async fn days_pass(&self, days: i64) {
        self.backend.wait(TimeDelta::days(days));
        self.backend.sweep().await;
    }

    /// Forget what may go. How much the sweep came to.
    pub(super) async fn forget(&self) -> u64 {
        let mut done = 0;
        loop {
            match ForgetRecords::run(&self.backend.deps).await.unwrap() {
                0 => break,
                more => done += more,
            }
        }
        self.backend.compare().await;
        done
    }

    /// `person` declares to live in Huangpu, and to have been at `residence` before.
    pub(super) async fn declares(&self, person: PersonId, residence: Value) {
        let mut report = all_well();
        report["residence"] = residence;
        let report = serde_json::from_value(report).unwrap();
        let tx = begin_write(&self.backend.deps.db).await.unwrap();
        declarations::take_down(&tx, &self.backend.deps, CLERK, person, &report)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    pub(super) async fn checks_in(&self, person: PersonId, temperature: f64) {
        let report = json!({"temperature": temperature, "symptoms": []});
        let report = serde_json::from_value(report).unwrap();
        let tx = begin_write(&self.backend.deps.db).await.unwrap();
        declarations::take_down_check_in(&tx, &self.backend.deps, CLERK, person, &report)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    /// A sample of `person`, taken an hour ago into `tube` for so many people.
    pub(super) async fn is_tested(
        &self,
        person: PersonId,
        tube: &str,
        tube_size: i16,
        result: TestResult,
    ) {
        let sampled_at = self.now() - TimeDelta::hours(1);
        self.is_reported(person, tube, tube_size, result, sampled_at)
            .await;
    }

    /// The same, taken at `sampled_at`, and reported a minute ago.
    pub(super) async fn is_reported(
        &self,
        person: PersonId,
        tube: &str,
        tube_size: i16,
        result: TestResult,
        sampled_at: DateTime<Utc>,
    ) {
        let test = NewTest {
            person,
            sampled_at,
            sample: format!("lab-1/{tube}"),
            reported_at: self.now() - TimeDelta::minutes(1),
            result,
            tube_size,
            source: "lab-1".into(),
            recorded_by: None,
        };
        let tx = begin_write(&self.backend.deps.db).await.unwrap();
        let recorded = facts::record_test(&tx, &self.backend.deps, test).await;
        assert!(matches!(recorded, Ok(Recorded::New(_))), "{recorded:?}");
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    /// Something happened to `person` a day ago, and ends so many days from now if it has an end.
    pub(super) async fn happens(
        &self,
        person: PersonId,
        kind: FactKind,
        ends_in: Option<i64>,
        detail: Value,
    ) -> health_fact::Model {
        let new = NewFact {
            person,
            kind,
            happened_at: self.now() - TimeDelta::days(1),
            ends_at: ends_in.map(|days| self.now() + TimeDelta::days(days)),
            origin: division("310101"),
            source: "cdc".into(),
            source_ref: None,
            detail,
            recorded_by: None,
        };
        let tx = begin_write(&self.backend.deps.db).await.unwrap();
        let recorded = facts::record_fact(&tx, &self.backend.deps, new).await;
        let Ok(Recorded::New(row)) = recorded else {
            panic!("{recorded:?}");
        };
        tx.commit().await.unwrap();
        self.backend.compare().await;
        row
    }

    /// Its source takes back every fact about `person`.
    pub(super) async fn takes_back(&self, person: PersonId) {
        let db = &self.backend.deps.db;
        let tx = begin_write(db).await.unwrap();
        for fact in self.facts_of(person).await {
            let withdrawal = Withdrawal {
                by: By::Source("cdc".into()),
                reason: WithdrawalReason::EnteredInError,
                note: None,
            };
            facts::withdraw(&tx, &self.backend.deps, fact, withdrawal)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        self.backend.compare().await;
    }

    /// The county with `code` has `level` from now on, for so many days if that is known.
    pub(super) async fn is_dangerous(&self, code: &str, level: RiskLevel, days: Option<i64>) {
        let deps = &self.backend.deps;
        let new = NewArea {
            division: division(code),
            level,
            starts_at: self.now() - TimeDelta::hours(1),
            ends_at: days.map(|days| self.now() + TimeDelta::days(days)),
            origin: division(code),
            by: By::Source("cdc".into()),
        };
        let tx = begin_write(&deps.db).await.unwrap();
        facts::record_area(&tx, deps, new).await.unwrap();
        tx.commit().await.unwrap();
        while facts::MarkStayed::run(deps).await.unwrap() > 0 {}
        self.backend.compare().await;
    }

    pub(super) async fn facts_of(&self, person: PersonId) -> Vec<health_fact::Model> {
        health_fact::Entity::find()
            .filter(health_fact::Column::PersonId.eq(person))
            .all(&self.backend.deps.db)
            .await
            .unwrap()
    }

    /// The tubes of `person` that are on record, in order.
    pub(super) async fn tubes_of(&self, person: PersonId) -> Vec<String> {
        let rows = test_result::Entity::find()
            .filter(test_result::Column::PersonId.eq(person))
            .order_by_asc(test_result::Column::SampledAt)
            .all(&self.backend.deps.db)
            .await
            .unwrap();
        let tube = |row: test_result::Model| row.sample.trim_start_matches("lab-1/").to_owned();
        rows.into_iter().map(tube).collect()
    }

    /// What the last comparison of each found, in their order.
    pub(super) async fn colours(&self) -> Vec<Colour> {
        let rows = assessment::Entity::find()
            .order_by_asc(assessment::Column::PersonId)
            .all(&self.backend.deps.db)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.shown).collect()
    }

    pub(super) async fn on_record(&self, person: PersonId) -> OnRecord {
        let db = &self.backend.deps.db;
        let declarations =
            declaration::Entity::find().filter(declaration::Column::PersonId.eq(person));
        let stays =
            declared_stay::Entity::find().filter(declared_stay::Column::PersonId.eq(person));
        let check_ins = check_in::Entity::find().filter(check_in::Column::PersonId.eq(person));
        let tests = test_result::Entity::find().filter(test_result::Column::PersonId.eq(person));
        let facts = health_fact::Entity::find().filter(health_fact::Column::PersonId.eq(person));
        let holds = hold::Entity::find().filter(hold::Column::PersonId.eq(person));
        OnRecord {
            declarations: declarations.count(db).await.unwrap(),
            stays: stays.count(db).await.unwrap(),
            check_ins: check_ins.count(db).await.unwrap(),
            tests: tests.count(db).await.unwrap(),
            facts: facts.count(db).await.unwrap(),
            holds: holds.count(db).await.unwrap(),
        }
    }
}

/// The day that it is `days` before the one that every test begins on.
pub(super) fn before_noon(days: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    first.checked_sub_days(Days::new(days)).unwrap()
}
