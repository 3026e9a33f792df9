//! Decisions, and what was decided, go when their time is over, and stay while something open is about them.

use api::{
    complaints,
    facts::import::ForgetFiles,
    health_code::ForgetChanges,
    jobs::Sweep,
    overrides, pass_cards,
    platform::{Clock, Entropy, OsEntropy},
    review, work_permits as permits,
};
use chrono::TimeDelta;
use entity::{
    colour_change, colour_change_rule, complaint, import_batch, import_finding, override_approval,
    override_request, override_subject, pass_application, pass_card, pass_false_mark,
    review_breach, review_case, review_contact, review_step,
    values::{CaseAction, Colour, ComplaintId, ComplaintKind, PersonId},
    work_form, work_objection, work_permit, work_ruling,
};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;

use crate::{
    complaints::rig, imports, overrides as overriding, pass_cards::rig as cards, work_permits,
};

const PHONE: &str = "13800138000";

/// Days that decisions are kept.
const KEPT: i64 = 1_095;

/// How many rows of each entity there are.
macro_rules! count {
    ($backend:expr, $($entity:ident),+) => {
        ($($entity::Entity::find().count(&$backend.deps.db).await.unwrap()),+)
    };
}

/// Run the sweep `S` until it finds nothing.
async fn drain<S: Sweep>(backend: &Backend) -> u64 {
    let mut done = 0;
    loop {
        match S::run(&backend.deps).await.unwrap() {
            0 => return done,
            more => done += more,
        }
    }
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

/// Zhang, whose card is over.
async fn card_that_is_over(backend: &Backend) -> Session {
    backend.community(cards::COMMUNITY).await;
    let (zhang, _) = cards::with_card(backend, PHONE, ZHANG).await;
    cards::settle(backend).await;
    backend.wait(days(15));
    cards::settle(backend).await;
    zhang
}

/// An application that Zhang made, and a complaint about it that was answered or not.
async fn complained_of(backend: &Backend) -> (review_case::Model, serde_json::Value) {
    let zhang = backend.verified(PHONE, ZHANG).await;
    let case = rig::open_case(backend, &zhang, rig::COUNTY).await;
    let filed = rig::complain(backend, &zhang, &case, "rude").await;
    (case, filed)
}

on_both_stacks! {
    async fn a_card_is_kept_for_ninety_days_after_its_end_with_what_it_was_issued_on(stack: Stack) {
        let backend = Backend::start(stack).await;
        card_that_is_over(&backend).await;
        // It was over a day ago at the most.
        backend.wait(days(88));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_card), (1, 1), "before");
        backend.wait(days(3));
        assert_eq!(drain::<pass_cards::ForgetOver>(&backend).await, 1);
        assert_eq!(count!(backend, pass_application, pass_card), (0, 0), "after");
        assert_eq!(count!(backend, review_case, pass_card), (1, 0), "the decision stays");
    }

    async fn a_card_that_somebody_has_stays_with_its_application(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.retention.pass_days = 1).await;
        backend.community(cards::COMMUNITY).await;
        cards::with_card(&backend, PHONE, ZHANG).await;
        backend.wait(days(13));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_card), (1, 1));
    }

    async fn an_application_whose_declaration_is_marked_as_false_stays_as_long_as_decisions(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        cards::live_through(&backend, &zhang).await;
        backend.wait(days(15));
        cards::settle(&backend).await;
        backend.wait(days(KEPT - 16));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_false_mark), (1, 1), "a day before");
        backend.wait(days(2));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_false_mark), (0, 0), "a day after");
    }

    async fn a_mark_that_was_taken_back_goes_with_the_card(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        cards::live_through(&backend, &zhang).await;
        backend.wait(days(15));
        cards::settle(&backend).await;
        let db = &backend.deps.db;
        let mark = pass_false_mark::Entity::find().one(db).await.unwrap().unwrap();
        let mut lifted = mark.into_active_model();
        lifted.standing_on = Set(None);
        lifted.lifted_at = Set(Some(backend.clock.now()));
        lifted.update(db).await.unwrap();
        backend.wait(days(89));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_false_mark), (1, 1));
        backend.wait(days(2));
        drain::<pass_cards::ForgetOver>(&backend).await;
        assert_eq!(count!(backend, pass_application, pass_false_mark), (0, 0));
    }

    async fn what_an_open_complaint_is_about_stays(stack: Stack) {
        let backend = Backend::start(stack).await;
        card_that_is_over(&backend).await;
        let db = &backend.deps.db;
        let case = review_case::Entity::find().one(db).await.unwrap().unwrap();
        let open = complaint_about(&case, &backend);
        complaint::Entity::insert(open.clone().into_active_model())
            .exec_without_returning(db).await.unwrap();
        backend.wait(days(KEPT + 20));
        assert_eq!(drain::<pass_cards::ForgetOver>(&backend).await, 0);
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 0);
        assert_eq!(drain::<complaints::ForgetAnswered>(&backend).await, 0);
        let mut closed = open.into_active_model();
        closed.closed_at = Set(Some(backend.clock.now()));
        closed.update(db).await.unwrap();
        assert_eq!(drain::<pass_cards::ForgetOver>(&backend).await, 1);
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 0, "the answer tells of the case");
    }

    async fn a_case_is_kept_for_three_years_with_its_steps_and_contacts(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        cards::live_through(&backend, &zhang).await;
        let case = review_case::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        let breach = review_breach::Model {
            case_id: case.id,
            turn: 1,
            stage: case.stage.clone(),
            area: case.area.clone(),
            decider: None,
            due_at: case.opened_at,
            booked_at: case.opened_at,
            clock_since: None,
            clock_left: None,
            calendar_version: None,
            corrected_at: None,
            corrected_to: None,
        };
        review_breach::Entity::insert(breach.into_active_model())
            .exec_without_returning(&backend.deps.db).await.unwrap();
        let all = count!(backend, review_case, review_step, review_contact, review_breach);
        assert!(all.1 > 1 && all.2 == 1, "{all:?}");
        backend.wait(case.closed_at.unwrap() + days(KEPT - 1) - backend.clock.now());
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 0, "a day before");
        backend.wait(days(2));
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 1, "a day after");
        let none = count!(backend, review_case, review_step, review_contact, review_breach);
        assert_eq!(none, (0, 0, 0, 0));
    }

    async fn a_case_that_is_open_stays(stack: Stack) {
        let backend = rig::started(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        rig::open_case(&backend, &zhang, rig::COUNTY).await;
        backend.wait(days(KEPT + 1));
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 0);
        assert_eq!(count!(backend, review_case, review_contact), (1, 0));
    }

    async fn a_complaint_is_kept_for_three_years_after_its_answer_and_then_its_cases_go(stack: Stack) {
        let backend = rig::started(stack).await;
        let (case, filed) = complained_of(&backend).await;
        rig::answered(&backend, &filed, CaseAction::Approve).await;
        let mut closed = review_case::Entity::find_by_id(case.id)
            .one(&backend.deps.db).await.unwrap().unwrap().into_active_model();
        closed.closed_at = Set(Some(backend.clock.now()));
        closed.update(&backend.deps.db).await.unwrap();
        backend.wait(days(KEPT - 1));
        drain::<complaints::ForgetAnswered>(&backend).await;
        assert_eq!(count!(backend, complaint, review_case), (1, 2), "a day before");
        backend.wait(days(2));
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 0, "first the complaint");
        assert_eq!(drain::<complaints::ForgetAnswered>(&backend).await, 1);
        assert_eq!(drain::<review::ForgetClosed>(&backend).await, 2);
        assert_eq!(count!(backend, complaint, review_case), (0, 0), "a day after");
    }

    async fn a_complaint_that_nobody_answered_stays(stack: Stack) {
        let backend = rig::started(stack).await;
        complained_of(&backend).await;
        backend.wait(days(KEPT + 1));
        assert_eq!(drain::<complaints::ForgetAnswered>(&backend).await, 0);
        assert_eq!(count!(backend, complaint, review_case), (1, 2));
    }

    async fn a_decision_of_several_people_is_kept_for_three_years_after_its_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        overriding::live_through(&backend, &zhang).await;
        let all = count!(backend, override_request, override_subject, override_approval);
        assert_eq!(all, (1, 1, 1));
        backend.wait(days(KEPT + 1));
        assert_eq!(drain::<overrides::ForgetOver>(&backend).await, 0, "it waits");
        assert_eq!(drain::<overrides::LetLapse>(&backend).await, 1);
        backend.wait(days(KEPT - 1));
        assert_eq!(drain::<overrides::ForgetOver>(&backend).await, 0, "a day before");
        backend.wait(days(2));
        assert_eq!(drain::<overrides::ForgetOver>(&backend).await, 1, "a day after");
        let none = count!(backend, override_request, override_subject, override_approval);
        assert_eq!(none, (0, 0, 0));
    }

    async fn a_change_of_colour_is_kept_for_three_years_and_many_go_a_thousand_at_a_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let db = &backend.deps.db;
        let before = count!(backend, colour_change, colour_change_rule);
        let person = PersonId(zhang.person.parse().unwrap());
        let at = backend.clock.now() - days(2);
        let rows = (1_000..2_500).map(|version| {
            let change = colour_change::Model {
                person_id: person,
                version,
                at,
                colour_before: Colour::Green,
                colour_after: Colour::Yellow,
                reasons: json!({"reasons": [], "holding": [], "opened": [], "released": []}),
            };
            change.into_active_model()
        });
        let rows: Vec<_> = rows.collect();
        for some in rows.chunks(500) {
            colour_change::Entity::insert_many(some.to_vec())
                .exec_without_returning(db).await.unwrap();
        }
        let cause = colour_change_rule::Model {
            rule: "x".into(),
            rule_version: "1.0.0".into(),
            person_id: person,
            version: 1_000,
            at,
        };
        colour_change_rule::Entity::insert(cause.into_active_model())
            .exec_without_returning(db).await.unwrap();
        backend.wait(days(KEPT - 3));
        assert_eq!(ForgetChanges::run(&backend.deps).await.unwrap(), 0, "a day before");
        backend.wait(days(2));
        assert_eq!(ForgetChanges::run(&backend.deps).await.unwrap(), 1_001, "a day after");
        assert_eq!(ForgetChanges::run(&backend.deps).await.unwrap(), 500);
        assert_eq!(ForgetChanges::run(&backend.deps).await.unwrap(), 0);
        let after = count!(backend, colour_change, colour_change_rule);
        assert_eq!(after, before, "younger ones stay");
    }

    async fn a_worker_is_kept_for_three_years_with_the_form_and_objections(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        work_permits::rig::live_through(&backend, &zhang, ZHANG).await;
        let db = &backend.deps.db;
        let all = count!(backend, work_form, work_permit, work_objection, work_ruling);
        assert_eq!(all, (1, 1, 1, 1));
        backend.wait(days(KEPT + 1));
        assert_eq!(drain::<permits::ForgetOver>(&backend).await, 0, "it is not over");
        let is_over = work_permit::ActiveModel {
            content: Set(None),
            due_at: Set(None),
            held_by_worker: Set(None),
            closed_at: Set(Some(backend.clock.now())),
            valid_until: Set(Some(backend.clock.now())),
            ..Default::default()
        };
        work_permit::Entity::update_many().set(is_over).exec(db).await.unwrap();
        backend.wait(days(KEPT - 1));
        assert_eq!(drain::<permits::ForgetOver>(&backend).await, 0, "a day before");
        backend.wait(days(2));
        assert_eq!(drain::<permits::ForgetOver>(&backend).await, 2, "a day after");
        let none = count!(backend, work_form, work_permit, work_objection, work_ruling);
        assert_eq!(none, (0, 0, 0, 0));
    }

    async fn a_file_is_known_until_nothing_of_it_could_be_recorded_a_second_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        imports::rig::bring_about(&backend, ZHANG.number).await;
        let all = count!(backend, import_batch, import_finding);
        assert!(all.0 > 0 && all.1 > 0, "{all:?}");
        backend.wait(days(366));
        assert_eq!(drain::<ForgetFiles>(&backend).await, 0);
        backend.wait(days(2));
        drain::<ForgetFiles>(&backend).await;
        assert_eq!(count!(backend, import_batch, import_finding), (0, 0));
    }
}

/// A complaint about `case` that waits for an answer.
fn complaint_about(case: &review_case::Model, backend: &Backend) -> complaint::Model {
    complaint::Model {
        id: ComplaintId(OsEntropy.id()),
        person_id: case.person_id,
        filed_by: case.person_id,
        filed_at: backend.clock.now(),
        case_id: case.id,
        against: case.area.clone(),
        kind: ComplaintKind::Rude,
        content: Vec::new(),
        closed_at: None,
    }
}
