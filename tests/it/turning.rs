//! Rules come into force and end: whom they concern is looked at, and nobody else.

use api::{
    health_code::{colour_at, would_show},
    platform::Clock,
    policy::{self, Effect},
    recheck,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, policy_rule, policy_term,
    values::{Colour, PersonId, ReasonCode, RuleState},
};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    on_both_stacks,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

/// Have the version of `rule` that is in force end at `ends_at`.
async fn end(backend: &Backend, rule: &str, ends_at: DateTime<Utc>, rolled_back: bool) {
    let over = policy_term::ActiveModel {
        ends_at: Set(Some(ends_at)),
        rolled_back: Set(rolled_back),
        ..Default::default()
    };
    policy_term::Entity::update_many()
        .set(over)
        .filter(policy_term::Column::Rule.eq(rule))
        .filter(policy_term::Column::EndsAt.is_null())
        .exec(&backend.deps.db)
        .await
        .unwrap();
}

/// Have `version` of `rule` come into force at `starts_at`: the first one with some of it changed.
async fn begin(
    backend: &Backend,
    (rule, version): (&str, &str),
    starts_at: DateTime<Utc>,
    change: impl FnOnce(&mut Value),
) {
    let db = &backend.deps.db;
    let first = policy_rule::Entity::find()
        .filter(policy_rule::Column::Rule.eq(rule))
        .order_by_asc(policy_rule::Column::Version)
        .one(db)
        .await
        .unwrap()
        .expect("a shipped rule");
    let mut document = first.document.clone();
    document["version"] = json!(version);
    change(&mut document);
    let row = policy_rule::Model {
        version: version.into(),
        state: RuleState::Scheduled,
        document,
        ..first
    };
    policy_rule::Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
    let term = policy_term::Model {
        rule: rule.into(),
        starts_at,
        version: version.into(),
        ends_at: None,
        rolled_back: false,
    };
    policy_term::Entity::insert(term.into_active_model())
        .exec_without_returning(db)
        .await
        .unwrap();
}

/// Arrived from Wuhan on the second of March, and declared so.
async fn arrived(backend: &Backend) -> Session {
    let zhang = backend.verified(PHONE, ZHANG).await;
    let mut report = declaration();
    report["residence"] = json!([
        {"place": {"division": "420106"}, "from": "2026-02-16", "until": "2026-03-02"},
    ]);
    declare(backend, &zhang, report).await;
    zhang
}

async fn declare(backend: &Backend, citizen: &Session, report: Value) {
    let path = format!("/v1/people/{}/declarations", citizen.person);
    backend.as_citizen(citizen).post(&path, report).await.ok();
    backend.compare().await;
}

async fn code_of(backend: &Backend, citizen: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", citizen.person);
    backend.as_citizen(citizen).get(&path).await.ok()
}

fn id(citizen: &Session) -> PersonId {
    PersonId(citizen.person.parse().unwrap())
}

/// What released holds of `citizen`, in order.
async fn released_by(backend: &Backend, citizen: &Session) -> Vec<Value> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(id(citizen).0))
        .filter(audit_entry::Column::Event.eq("hold_released"))
        .order_by_asc(audit_entry::Column::At)
        .all(&backend.deps.db)
        .await
        .unwrap();
    entries
        .into_iter()
        .map(|entry| entry.detail["by"].clone())
        .collect()
}

on_both_stacks! {
    async fn holds_of_a_rule_that_ends_end_with_it_and_what_was_shown_before_stays_so(stack: Stack) {
        for rolled_back in [false, true] {
            let backend = Backend::start(stack).await;
            let zhang = arrived(&backend).await;
            assert_eq!(code_of(&backend, &zhang).await["colour"], "yellow");
            let before = backend.clock.now();
            end(&backend, "arrival.observation", before + TimeDelta::minutes(1), rolled_back).await;

            backend.wait(TimeDelta::seconds(59));
            assert_eq!(backend.sweep().await, 0, "nobody is looked at before");
            backend.wait(TimeDelta::seconds(1));
            assert_eq!(backend.sweep().await, 1);
            assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
            assert_eq!(
                released_by(&backend, &zhang).await,
                [json!("retired:arrival.observation@1.0.0")]
            );
            assert_eq!(backend.sweep().await, 0, "and nobody twice");
            let then = colour_at(&backend.deps, id(&zhang), before).await.unwrap();
            assert_eq!((then.colour, then.reasons[0].code), (Colour::Yellow, ReasonCode::Y04));
        }
    }

    async fn a_hold_ends_as_the_version_said_under_which_it_was_opened(stack: Stack) {
        let backend = Backend::start(stack).await;
        arrived(&backend).await;
        let turn = backend.clock.now() + TimeDelta::minutes(1);
        end(&backend, "arrival.observation", turn, false).await;
        begin(&backend, ("arrival.observation", "2.0.0"), turn, |rule| {
            rule["effect"]["hold"]["until"]["plusTime"][1] = json!(2);
        })
        .await;
        backend.wait(TimeDelta::days(3));
        backend.sweep().await;
        let zhang = backend.log_in(PHONE).await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "yellow");
        assert_eq!(code["reasons"].as_array().unwrap().len(), 1, "{code}");
        assert_eq!(code["reasons"][0]["rule_version"], "1.0.0");
        assert_eq!(code["reasons"][0]["until"], "2026-03-15T16:00:00Z");
    }

    async fn only_those_are_looked_at_whom_a_new_rule_concerns(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let li = backend.verified("13900139000", GRANDMOTHER).await;
        let mut report = declaration();
        report["division"] = json!("310104");
        declare(&backend, &li, report).await;
        let turn = backend.clock.now() + TimeDelta::minutes(1);
        begin(&backend, ("test.overdue", "1.1.0"), turn, |rule| {
            rule["scope"] = json!(["310104"]);
        })
        .await;

        backend.wait(TimeDelta::minutes(1));
        backend.mark_ruled().await;
        assert_eq!(recheck::backlog(&backend.deps.db).await.unwrap(), 1);
        assert_eq!(backend.compare().await, 1);
        let code = code_of(&backend, &li).await;
        assert_eq!((&code["colour"], &code["reasons"][0]["code"]), (&json!("yellow"), &json!("Y07")));
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
    }

    async fn what_somebody_would_show_by_another_policy_is_told_and_nothing_is_kept(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = arrived(&backend).await;
        let before = code_of(&backend, &zhang).await["version"].clone();
        let now = policy::in_force(&backend.deps, backend.clock.now()).await.unwrap();
        let mut sealed = now.rules.iter().find(|rule| rule.id == "arrival.observation").unwrap().as_ref().clone();
        sealed.id = "arrival.sealed".into();
        let Effect::Hold { reason, .. } = &mut sealed.effect else {
            panic!("a hold");
        };
        *reason = ReasonCode::R06;
        let tried = now.with(sealed);

        let shown = would_show(&backend.deps, id(&zhang), [&now, &tried]).await.unwrap();
        assert_eq!(shown, [Colour::Yellow, Colour::Red]);
        assert_eq!(backend.sweep().await, 0);
        let code = code_of(&backend, &zhang).await;
        assert_eq!((&code["colour"], &code["version"]), (&json!("yellow"), &before));
    }
}
