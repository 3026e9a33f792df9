//! One member of staff decides in another's place.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, staff_account, staff_grant,
    values::{Role, StaffId},
};
use integration_tests::{Backend, StaffMember, on_both_stacks};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr,
};
use serde_json::{Value, json};

use super::rig::{
    DISTRICT, ELSEWHERE, HERE, NEXT_DOOR, actions, applied, approve, at, inbox, issuer, reviewer,
    start, steps,
};

const PATH: &str = "/v1/staff/review/delegations";

fn asked(to: StaffId, role: Role, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>) -> Value {
    json!({"to_account_id": to, "role": role, "starts_at": starts_at, "ends_at": ends_at})
}

/// Have `to` decide in the place of `from` as an issuer, from now on for `time`. Its id.
pub(super) async fn made(from: &StaffMember, to: &StaffMember, time: TimeDelta) -> String {
    let body = asked(to.account, Role::CommunityIssuer, noon(), noon() + time);
    let made = from.post(PATH, body).await;
    assert_eq!(made.status, 201);
    made.ok()["id"].as_str().unwrap().to_owned()
}

fn noon() -> DateTime<Utc> {
    integration_tests::backend::noon()
}

async fn set_suspended(backend: &Backend, staff: &StaffMember, suspended: bool) {
    let at = suspended.then(|| backend.deps.clock.now());
    let account = staff_account::ActiveModel {
        id: Set(staff.account),
        suspended_at: Set(at),
        ..Default::default()
    };
    account.update(&backend.deps.db).await.unwrap();
}

async fn revoke(backend: &Backend, staff: &StaffMember) {
    use staff_grant::{Column, Entity};
    let now = backend.deps.clock.now();
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(Some(now)))
        .filter(Column::AccountId.eq(staff.account))
        .exec(&backend.deps.db)
        .await
        .unwrap();
}

on_both_stacks! {
    async fn whoever_stands_in_decides_and_both_are_on_record(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let (away, there) = (issuer(&backend, HERE).await, issuer(&backend, NEXT_DOOR).await);
        there.get(&at(case)).await.problem(404);
        made(&away, &there, TimeDelta::days(60)).await;

        let entry = there.get("/v1/staff/review/cases").await.ok()["items"][0].clone();
        assert_eq!(entry["id"], case.to_string());
        assert_eq!(entry["in_place_of"], away.account.to_string());
        there.post(&actions(case), approve()).await.ok();
        let last = steps(&backend, case).await.pop().unwrap();
        assert_eq!((last.account_id, last.for_account_id), (Some(there.account), Some(away.account)));
        let seen = away.get(&at(case)).await.ok();
        let step = seen["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(step["for_account_id"], away.account.to_string());
    }

    async fn ones_own_cases_are_decided_in_ones_own_name(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let (away, colleague) = (issuer(&backend, HERE).await, issuer(&backend, HERE).await);
        made(&away, &colleague, TimeDelta::days(1)).await;
        colleague.post(&actions(case), approve()).await.ok();
        let last = steps(&backend, case).await.pop().unwrap();
        assert_eq!((last.account_id, last.for_account_id), (Some(colleague.account), None));
    }

    async fn what_whoever_is_away_took_on_is_decided_by_who_stands_in(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let (away, there) = (issuer(&backend, HERE).await, issuer(&backend, NEXT_DOOR).await);
        let colleague = issuer(&backend, HERE).await;
        made(&away, &there, TimeDelta::days(1)).await;
        let first = applied(&backend, &zhang, HERE).await;
        let second = applied(&backend, &zhang, HERE).await;
        away.put(&format!("{}/claim", at(first)), Value::Null).await.ok();
        there.put(&format!("{}/claim", at(second)), Value::Null).await.ok();
        assert_eq!(colleague.post(&actions(first), approve()).await.problem(409), "case-claimed");
        assert_eq!(colleague.post(&actions(second), approve()).await.problem(409), "case-claimed");
        there.post(&actions(first), approve()).await.ok();
        there.post(&actions(second), approve()).await.ok();
    }

    async fn nobody_stands_in_before_or_after_the_time(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let (away, there) = (issuer(&backend, HERE).await, issuer(&backend, NEXT_DOOR).await);
        let (starts, ends) = (noon() + TimeDelta::minutes(5), noon() + TimeDelta::minutes(10));
        let body = asked(there.account, Role::CommunityIssuer, starts, ends);
        let planned = away.post(PATH, body).await.ok();
        assert_eq!(planned["state"], "planned");
        for (wait, visible, state) in [(4, false, "planned"), (1, true, "in_force"), (4, true, "in_force"), (1, false, "over")] {
            backend.wait(TimeDelta::minutes(wait));
            let there = backend.staff_again(&there).await;
            assert_eq!(inbox(&there, "").await.len(), usize::from(visible), "{state}");
            assert_eq!(there.get(&at(case)).await.status == 200, visible, "{state}");
            let decided = there.post(&actions(case), json!({"action": "ask"})).await;
            decided.problem(if visible { 422 } else { 404 });
            assert_eq!(there.get(PATH).await.ok()["items"][0]["state"], state);
        }
        let again = away.delete(&format!("{PATH}/{}", planned["id"].as_str().unwrap())).await;
        assert_eq!(again.status, 204, "what is over stays over");
        assert_eq!(away.get(PATH).await.ok()["items"][0]["state"], "over");
    }

    async fn either_ends_it_at_once_and_nobody_else_can(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        applied(&backend, &zhang, HERE).await;
        let (away, there) = (issuer(&backend, HERE).await, issuer(&backend, NEXT_DOOR).await);
        let stranger = issuer(&backend, HERE).await;
        for ender in [&away, &there] {
            let id = made(&away, &there, TimeDelta::days(1)).await;
            let one = format!("{PATH}/{id}");
            assert_eq!(inbox(&there, "").await.len(), 1);
            stranger.sees_nothing_at(Method::DELETE, &one, &id, &Value::Null).await;
            assert_eq!(inbox(&there, "").await.len(), 1);
            assert_eq!(ender.delete(&one).await.status, 204);
            assert_eq!(inbox(&there, "").await.len(), 0);
            assert_eq!(ender.delete(&one).await.status, 204, "once more is nothing");
        }
        let listed = away.get(PATH).await.ok();
        let states: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["state"].clone()).collect();
        assert_eq!(states, ["ended", "ended"]);
        assert_eq!(stranger.get(PATH).await.ok()["items"], json!([]));
    }

    async fn it_does_not_hold_while_either_is_suspended_or_without_the_role(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let there = issuer(&backend, NEXT_DOOR).await;
        let away = issuer(&backend, HERE).await;
        made(&away, &there, TimeDelta::days(1)).await;
        set_suspended(&backend, &away, true).await;
        assert_eq!(inbox(&there, "").await.len(), 0);
        assert_eq!(there.get(PATH).await.ok()["items"][0]["state"], "suspended");
        there.post(&actions(case), approve()).await.problem(404);
        set_suspended(&backend, &away, false).await;
        assert_eq!(inbox(&there, "").await.len(), 1);
        revoke(&backend, &away).await;
        assert_eq!(inbox(&there, "").await.len(), 0);
        there.post(&actions(case), approve()).await.problem(404);

        // Still a reviewer, and no issuer any more.
        let away = issuer(&backend, HERE).await;
        let both = [
            backend.held(Role::CommunityIssuer, "370103"),
            backend.held(Role::Reviewer, "370103"),
        ];
        let there = backend.staff_with("370103", &both).await;
        made(&away, &there, TimeDelta::days(1)).await;
        assert_eq!(inbox(&there, "").await.len(), 1);
        revoke(&backend, &there).await;
        backend.give(there.account, &both[1]).await;
        assert_eq!(inbox(&there, "").await.len(), 0);
        there.post(&actions(case), approve()).await.problem(404);
    }

    async fn only_colleagues_of_the_same_role_and_province_stand_in(stack: Stack) {
        let backend = start(stack).await;
        let away = issuer(&backend, HERE).await;
        let tomorrow = noon() + TimeDelta::days(1);
        let post = async |to: StaffId, role| away.post(PATH, asked(to, role, noon(), tomorrow)).await;
        let strangers = [
            away.account,
            reviewer(&backend, DISTRICT).await.account,
            issuer(&backend, ELSEWHERE).await.account,
            backend.account(DISTRICT).await,
            StaffId(uuid::Uuid::nil()),
        ];
        for stranger in strangers {
            let answer = post(stranger, Role::CommunityIssuer).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [("to_account_id".to_owned(), "no_peer".to_owned())]);
        }
        let there = reviewer(&backend, DISTRICT).await;
        for role in [Role::Reviewer, Role::RegionAdmin] {
            let answer = post(there.account, role).await;
            assert_eq!(answer.faults(), [("role".to_owned(), "not_held".to_owned())]);
        }
        let there = issuer(&backend, NEXT_DOOR).await;
        let days = TimeDelta::days;
        for (starts_at, ends_at, field, code) in [
            (noon(), noon() + days(61), "ends_at", "range"),
            (noon(), noon(), "ends_at", "date_order"),
            (noon() + days(61), noon() + days(62), "starts_at", "range"),
        ] {
            let body = asked(there.account, Role::CommunityIssuer, starts_at, ends_at);
            let answer = away.post(PATH, body).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [(field.to_owned(), code.to_owned())]);
        }
        assert_eq!(away.get(PATH).await.ok()["items"], json!([]));
    }

    async fn whoever_stands_in_does_not_pass_it_on(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        applied(&backend, &zhang, HERE).await;
        let away = issuer(&backend, HERE).await;
        let there = issuer(&backend, NEXT_DOOR).await;
        let third = issuer(&backend, "370103001001").await;
        made(&away, &there, TimeDelta::days(1)).await;
        made(&there, &third, TimeDelta::days(1)).await;
        assert_eq!(inbox(&there, "").await.len(), 1);
        assert_eq!(inbox(&third, "").await.len(), 0);
    }

    async fn delegations_are_on_record(stack: Stack) {
        let backend = start(stack).await;
        let (away, there) = (issuer(&backend, HERE).await, issuer(&backend, NEXT_DOOR).await);
        let id = made(&away, &there, TimeDelta::days(1)).await;
        there.delete(&format!("{PATH}/{id}")).await.ok();
        for (event, actor) in [("delegation_made", &away), ("delegation_ended", &there)] {
            let entries = audit_entry::Entity::find().filter(audit_entry::Column::Event.eq(event)).all(&backend.deps.db).await.unwrap();
            assert_eq!(entries.len(), 1, "{event}");
            assert_eq!(entries[0].actor_id, Some(actor.account.0));
            assert_eq!(entries[0].subject_id, Some(there.account.0));
            assert_eq!(entries[0].detail["delegation"], id);
        }
    }
}
