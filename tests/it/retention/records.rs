//! What is recorded about somebody goes when its time is over, and stays while it has an effect.

use api::{corrections::ForgetDecided, health_code::colour_at, jobs::Sweep};
use chrono::TimeDelta;
use entity::{
    check_in, correction,
    values::{
        CheckInId, Colour, CorrectionId, CorrectionState, FactKind, Mistake, PersonId, RiskLevel,
        TestResult,
    },
};
use integration_tests::on_both_stacks;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;
use uuid::Uuid;

use super::town::{Town, before_noon, division};

/// A correction of `record` that waits for a decision.
fn waiting(town: &Town, person: PersonId, record: &str) -> correction::Model {
    let now = town.now();
    correction::Model {
        id: CorrectionId(Uuid::from_u128(7)),
        person_id: person,
        filed_by: person,
        filed_at: now,
        division: division("310101"),
        origin: None,
        record: record.to_owned(),
        mistake: Mistake::NotMine,
        content: Vec::new(),
        due_at: now + TimeDelta::days(2),
        provisional: false,
        state: CorrectionState::Open,
        decided_at: None,
        decided_by: None,
        refusal: None,
        answer: None,
    }
}

on_both_stacks! {
    async fn a_declaration_that_was_replaced_is_kept_for_thirty_days_with_its_stays(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.days_pass(1).await;
        town.declares(person, json!([])).await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.declarations, kept.stays), (2, 2));
        town.days_pass(28).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await, kept, "a day before");
        town.days_pass(2).await;
        town.forget().await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.declarations, kept.stays), (1, 1), "a day after");
    }

    async fn the_declaration_that_counts_stays_however_old_it_is(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.days_pass(400).await;
        let colours = town.colours().await;
        town.forget().await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.declarations, kept.stays), (1, 1));
        assert_eq!(town.colours().await, colours);
    }

    async fn a_check_in_is_kept_for_a_hundred_and_eighty_days(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.checks_in(person, 36.5).await;
        town.days_pass(100).await;
        town.checks_in(person, 36.5).await;
        town.days_pass(79).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.check_ins, 2, "a day before");
        town.days_pass(2).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.check_ins, 1, "a day after");
        town.days_pass(400).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.check_ins, 1, "it says how the person is");
        town.declares(person, json!([])).await;
        town.days_pass(1).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.check_ins, 0, "something newer does");
    }

    async fn a_test_is_kept_for_thirty_days_and_the_one_that_is_shown_for_ninety(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.is_tested(person, "T1", 1, TestResult::Negative).await;
        town.days_pass(10).await;
        town.is_tested(person, "T2", 1, TestResult::Negative).await;
        town.days_pass(19).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, ["T1", "T2"], "a day before");
        town.days_pass(2).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, ["T2"], "a day after");
        town.days_pass(68).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, ["T2"], "it is shown");
        town.days_pass(2).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, [""; 0], "nobody asks for it any more");
    }

    async fn a_sample_goes_as_a_whole_so_that_what_was_corrected_stays_corrected(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        let sampled = town.now() - TimeDelta::hours(1);
        town.is_reported(person, "T1", 1, TestResult::Positive, sampled).await;
        assert_eq!(town.colours().await, [Colour::Red]);
        town.days_pass(1).await;
        town.is_reported(person, "T1", 1, TestResult::Negative, sampled - TimeDelta::days(3)).await;
        town.days_pass(1).await;
        town.is_tested(person, "T2", 1, TestResult::Negative).await;
        let green = town.colours().await;
        for _ in 0..35 {
            town.days_pass(1).await;
            town.checks_in(person, 36.5).await;
            town.forget().await;
            assert_eq!(town.colours().await, green);
        }
        assert_eq!(town.tubes_of(person).await, ["T2"]);
    }

    async fn a_fact_is_kept_for_ninety_days_after_it_ended(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        let detail = json!({"place": "central"});
        town.happens(person, FactKind::IsolationStarted, Some(10), detail).await;
        // Seven days of monitoring follow the isolation, and a report says that all is well.
        town.days_pass(20).await;
        town.checks_in(person, 36.5).await;
        town.days_pass(79).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.facts, 1, "a day before");
        town.days_pass(2).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.facts, 0, "a day after");
    }

    async fn a_cause_is_kept_for_ninety_days_after_it_ended(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.checks_in(person, 38.5).await;
        assert_eq!(town.colours().await, [Colour::Yellow]);
        town.days_pass(1).await;
        town.checks_in(person, 36.5).await;
        assert_eq!(town.on_record(person).await.holds, 1);
        town.days_pass(89).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.holds, 1, "a day before");
        town.days_pass(2).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await.holds, 0, "a day after");
    }

    async fn what_holds_was_found_in_stays_until_nothing_follows_it(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.happens(person, FactKind::CloseContact, None, json!({})).await;
        town.is_tested(person, "T1", 1, TestResult::Inconclusive).await;
        town.days_pass(14).await;
        town.days_pass(186).await;
        assert_eq!(town.colours().await, [Colour::Yellow], "monitored until a test says otherwise");
        town.forget().await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.facts, kept.tests, kept.holds), (1, 1, 2));
        assert_eq!(town.colours().await, [Colour::Yellow]);

        town.is_tested(person, "T2", 1, TestResult::Negative).await;
        town.checks_in(person, 36.5).await;
        assert_eq!(town.colours().await, [Colour::Green]);
        town.days_pass(1).await;
        town.forget().await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.facts, town.tubes_of(person).await), (0, vec!["T2".to_owned()]));
        assert_eq!(town.colours().await, [Colour::Green]);
    }

    async fn where_somebody_declared_to_have_been_stays_while_they_are_held_for_it(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.days_pass(5).await;
        let stay = json!({"place": {"division": "310104"}, "from": "2026-03-01", "until": "2026-03-08"});
        town.is_dangerous("310104", RiskLevel::Medium, Some(10)).await;
        town.days_pass(1).await;
        town.declares(person, json!([stay])).await;
        assert_eq!(town.colours().await, [Colour::Yellow]);
        town.days_pass(1).await;
        town.declares(person, json!([])).await;
        let all = town.on_record(person).await;
        town.days_pass(100).await;
        town.forget().await;
        assert_eq!(town.on_record(person).await, all);
        assert_eq!(town.colours().await, [Colour::Yellow]);

        town.is_tested(person, "T1", 1, TestResult::Negative).await;
        town.checks_in(person, 36.5).await;
        assert_eq!(town.colours().await, [Colour::Green]);
        town.days_pass(1).await;
        town.forget().await;
        let kept = town.on_record(person).await;
        assert_eq!((kept.declarations, kept.stays), (1, 1));
    }

    async fn what_an_open_correction_is_about_stays_until_it_is_decided(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.is_tested(person, "T1", 1, TestResult::Negative).await;
        town.days_pass(5).await;
        town.is_tested(person, "T2", 1, TestResult::Negative).await;
        let db = &town.backend.deps.db;
        let open = waiting(&town, person, "test/lab-1/T1");
        correction::Entity::insert(open.clone().into_active_model())
            .exec_without_returning(db).await.unwrap();
        town.days_pass(50).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, ["T1", "T2"]);
        let mut decided = open.into_active_model();
        decided.state = Set(CorrectionState::Refused);
        decided.decided_at = Set(Some(town.now()));
        decided.update(db).await.unwrap();
        town.days_pass(1).await;
        town.forget().await;
        assert_eq!(town.tubes_of(person).await, ["T2"]);
    }

    async fn a_correction_is_kept_for_three_years_after_it_was_decided(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        let db = &town.backend.deps.db;
        let mut decided = waiting(&town, person, "test/lab-1/T1");
        let mut open = decided.clone();
        open.id = CorrectionId(Uuid::from_u128(8));
        decided.state = CorrectionState::Upheld;
        decided.decided_at = Some(town.now());
        for row in [decided, open] {
            correction::Entity::insert(row.into_active_model())
                .exec_without_returning(db).await.unwrap();
        }
        let kept = async || correction::Entity::find().count(db).await.unwrap();
        town.backend.wait(TimeDelta::days(1_094));
        ForgetDecided::run(&town.backend.deps).await.unwrap();
        assert_eq!(kept().await, 2, "a day before");
        town.backend.wait(TimeDelta::days(2));
        ForgetDecided::run(&town.backend.deps).await.unwrap();
        assert_eq!(kept().await, 1, "a day after, but for what is open");
    }

    async fn a_test_that_was_forgotten_is_shown_no_more_and_what_showed_before_is_replayed(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.is_tested(person, "T1", 1, TestResult::Positive).await;
        town.days_pass(1).await;
        town.happens(person, FactKind::SuspicionExcluded, None, json!({})).await;
        town.checks_in(person, 36.5).await;
        let colours = town.colours().await;
        for days in [30, 61, 2, 2, 30] {
            town.days_pass(days).await;
            let now = town.now();
            let before = colour_at(&town.backend.deps, person, now).await.unwrap().colour;
            town.forget().await;
            let after = colour_at(&town.backend.deps, person, now).await.unwrap().colour;
            assert_eq!(before, after, "{days}");
        }
        assert_eq!(colours, [Colour::Green]);
        let kept = town.on_record(person).await;
        assert_eq!((kept.tests, kept.facts, kept.holds), (0, 0, 0));
        let shown = api::health_code::live_colour(&town.backend.deps, person, town.now()).await;
        assert_eq!(shown.unwrap().unwrap().latest_test, None);
    }

    async fn the_sweep_touches_so_many_check_ins_at_once_and_comes_back_for_the_rest(stack: Stack) {
        let (town, person) = Town::of_one(stack).await;
        town.checks_in(person, 36.5).await;
        let db = &town.backend.deps.db;
        let rows = (200..2_700_u64).map(|days| {
            check_in::Model {
                id: CheckInId(Uuid::from_u128(days.into())),
                person_id: person,
                day: before_noon(days),
                checked_in_by: person,
                checked_in_at: town.now() - TimeDelta::days(i64::try_from(days).unwrap()),
                content: Vec::new(),
                unwell: false,
            }
            .into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        for some in rows.chunks(500) {
            check_in::Entity::insert_many(some.to_vec())
                .exec_without_returning(db).await.unwrap();
        }
        let deps = &town.backend.deps;
        assert_eq!(api::health_code::ForgetRecords::run(deps).await.unwrap(), 2_000);
        assert_eq!(town.on_record(person).await.check_ins, 501);
        assert_eq!(api::health_code::ForgetRecords::run(deps).await.unwrap(), 500);
        assert_eq!(api::health_code::ForgetRecords::run(deps).await.unwrap(), 0);
        assert_eq!(town.on_record(person).await.check_ins, 1);
    }
}
