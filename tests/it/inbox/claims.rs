//! Who takes a case on, and what that keeps others from.

use entity::{staff_account, values::Role};
use futures_util::future::join_all;
use integration_tests::{Backend, StaffMember, on_both_stacks};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};

use super::rig::{
    self, DISTRICT, HERE, NEXT_DOOR, actions, applied, approve, at, inbox, issuer, reviewer, start,
};

fn claim(case: entity::values::CaseId) -> String {
    format!("{}/claim", at(case))
}

async fn suspend(backend: &Backend, staff: &StaffMember) {
    let account = staff_account::ActiveModel {
        id: Set(staff.account),
        suspended_at: Set(Some(backend.deps.clock.now())),
        ..Default::default()
    };
    account.update(&backend.deps.db).await.unwrap();
}

on_both_stacks! {
    async fn of_many_who_claim_a_case_at_once_one_gets_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let mut staff = Vec::new();
        for _ in 0..8 {
            staff.push(issuer(&backend, HERE).await);
        }
        let path = claim(case);
        let answers = join_all(staff.iter().map(|one| one.put(&path, Value::Null))).await;
        let got: Vec<_> = answers.iter().zip(&staff).filter(|(answer, _)| answer.status == 200).collect();
        assert_eq!(got.len(), 1);
        let (answer, winner) = got[0];
        assert_eq!(answer.ok()["assignee"], winner.account.to_string());
        assert_eq!(rig::row(&backend, case).await.assignee, Some(winner.account));
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.problem(409), "case-claimed");
        }
        assert_eq!(winner.put(&path, Value::Null).await.status, 200, "once more is nothing");
    }

    async fn what_somebody_took_on_nobody_else_decides_until_they_let_go(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let (holder, other) = (issuer(&backend, HERE).await, issuer(&backend, HERE).await);
        holder.put(&claim(case), Value::Null).await.ok();
        assert_eq!(other.get(&at(case)).await.ok()["actions"], json!([]));
        assert_eq!(other.post(&actions(case), approve()).await.problem(409), "case-claimed");
        assert_eq!(other.delete(&claim(case)).await.problem(409), "case-claimed");

        assert_eq!(holder.delete(&claim(case)).await.status, 204);
        assert_eq!(holder.delete(&claim(case)).await.status, 204, "once more is nothing");
        assert_eq!(inbox(&other, "assignment=unassigned").await, [case.to_string()]);
        other.post(&actions(case), approve()).await.ok();
        assert_eq!(holder.put(&claim(case), Value::Null).await.problem(409), "case-decided");
    }

    async fn whoever_cannot_decide_a_case_any_more_does_not_keep_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let other = issuer(&backend, HERE).await;
        let suspended = issuer(&backend, HERE).await;
        let first = applied(&backend, &zhang, HERE).await;
        suspended.put(&claim(first), Value::Null).await.ok();
        assert_eq!(other.put(&claim(first), Value::Null).await.problem(409), "case-claimed");
        suspend(&backend, &suspended).await;
        other.put(&claim(first), Value::Null).await.ok();
        assert_eq!(inbox(&other, "assignment=mine").await, [first.to_string()]);

        let mut brief = backend.held(Role::CommunityIssuer, DISTRICT);
        brief.ends_at = backend.deps.clock.now() + chrono::TimeDelta::minutes(1);
        let gone = backend.staff_with(DISTRICT, &[brief]).await;
        let second = applied(&backend, &zhang, HERE).await;
        gone.put(&claim(second), Value::Null).await.ok();
        backend.wait(chrono::TimeDelta::minutes(1));
        other.post(&actions(second), approve()).await.ok();
    }

    async fn nobody_keeps_a_case_for_ever_or_until_it_is_late(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let (first, second) = (applied(&backend, &zhang, HERE).await, applied(&backend, &zhang, HERE).await);
        let (holder, other) = (issuer(&backend, HERE).await, issuer(&backend, HERE).await);
        holder.put(&claim(first), Value::Null).await.ok();
        backend.wait(chrono::TimeDelta::minutes(119));
        let other = backend.staff_again(&other).await;
        assert_eq!(other.put(&claim(first), Value::Null).await.problem(409), "case-claimed");
        backend.wait(chrono::TimeDelta::minutes(1));
        other.put(&claim(first), Value::Null).await.ok();
        assert_eq!(inbox(&other, "assignment=mine").await, [first.to_string()]);

        // Its limit is at eleven the next day: at ten it nears.
        backend.wait_until("2026-03-03T09:30:00+08:00");
        let (holder, other) = (backend.staff_again(&holder).await, backend.staff_again(&other).await);
        holder.put(&claim(second), Value::Null).await.ok();
        assert_eq!(other.post(&actions(second), approve()).await.problem(409), "case-claimed");
        backend.wait_until("2026-03-03T10:00:00+08:00");
        let other = backend.staff_again(&other).await;
        other.post(&actions(second), approve()).await.ok();
    }

    async fn a_reviewer_of_the_area_gives_a_case_to_somebody_who_can_decide_it(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let (holder, other) = (issuer(&backend, HERE).await, issuer(&backend, HERE).await);
        let next_door = issuer(&backend, NEXT_DOOR).await;
        let above = reviewer(&backend, DISTRICT).await;
        let path = format!("{}/assignee", at(case));
        let to = |staff: &StaffMember| json!({"account_id": staff.account});
        holder.put(&claim(case), Value::Null).await.ok();
        assert_eq!(other.put(&path, to(&other)).await.problem(403), "role-required");

        assert_eq!(above.put(&path, to(&other)).await.ok()["assignee"], other.account.to_string());
        assert_eq!(holder.post(&actions(case), approve()).await.problem(409), "case-claimed");
        for nobody in [to(&next_door), to(&above), json!({"account_id": case})] {
            let answer = above.put(&path, nobody).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [("account_id".to_owned(), "decides_not".to_owned())]);
        }
        let freed = above.put(&path, json!({"account_id": null})).await.ok();
        assert_eq!(freed["assignee"], Value::Null);
        holder.post(&actions(case), approve()).await.ok();
        assert_eq!(above.put(&path, to(&other)).await.problem(409), "case-decided");
    }

    async fn a_case_that_goes_on_is_nobodys_again(stack: Stack) {
        let backend = start(stack).await;
        let zhang = backend.log_in("13800138000").await;
        let case = applied(&backend, &zhang, HERE).await;
        let staff = issuer(&backend, HERE).await;
        staff.put(&claim(case), Value::Null).await.ok();
        staff.post(&actions(case), json!({"action": "escalate", "text": "请区里决定"})).await.ok();
        let above = reviewer(&backend, DISTRICT).await;
        assert_eq!(inbox(&above, "assignment=unassigned").await, [case.to_string()]);
        staff.get(&at(case)).await.problem(404);
    }
}
