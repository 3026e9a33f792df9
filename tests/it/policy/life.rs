//! From a draft to its refusal, its date, and the colours that it changes.

use api::policy::{self, Observation};
use chrono::TimeDelta;
use integration_tests::on_both_stacks;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::rig::{Office, curfew, path_of, version};

async fn refused(office: &Office, what: &str, status: u16, slug: &str) {
    let reply = office.first.post(&path_of("1.0.0", what), json!({})).await;
    assert_eq!(reply.problem(status), slug, "{what}");
}

on_both_stacks! {
    async fn a_rule_takes_every_step_in_its_order(stack: Stack) {
        let mut office = Office::open(stack).await;
        let draft = office.author.post("/v1/staff/policy/drafts", curfew("1.0.0")).await;
        assert_eq!(draft.status, 201);
        assert_eq!(office.state("1.0.0").await, "draft");
        refused(&office, "approvals", 409, "rule-state").await;

        office.author.post(&path_of("1.0.0", "proposal"), json!({})).await.ok();
        assert_eq!(office.state("1.0.0").await, "proposed");
        refused(&office, "approvals", 409, "rule-state").await;

        office.simulate("1.0.0", 1_000, 3).await;
        let tried = office.first.get("/v1/staff/policy/rules/arrival.curfew/1.0.0").await.ok();
        assert_eq!(tried["state"], "simulated");
        assert_eq!(tried["simulation"]["would_change"], 3);
        assert_eq!(tried["simulation"]["band"], json!({"low": 0, "high": 13}));
        assert_eq!(tried["simulation"]["shifts"][0]["division"], "310101");

        office.first.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        assert_eq!(office.state("1.0.0").await, "simulated", "one is not enough");
        let early = json!({"starts_at": office.backend.deps.clock.now() + TimeDelta::hours(72)});
        let reply = office.first.post(&path_of("1.0.0", "schedule"), early).await;
        assert_eq!(reply.problem(409), "rule-state");
        office.second.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        assert_eq!(office.state("1.0.0").await, "approved");

        let starts_at = office.scheduled("1.0.0").await;
        assert_eq!(office.state("1.0.0").await, "scheduled");
        let coming = office.backend.anyone().get("/v1/policy").await.ok();
        assert_eq!(coming["coming"][0]["rule"]["id"], "arrival.curfew");
        assert_eq!(coming["version"], "1");

        office.wait(TimeDelta::hours(48) - TimeDelta::milliseconds(1)).await;
        assert_eq!(office.in_force(office.backend.deps.clock.now()).await, None);
        office.wait(TimeDelta::milliseconds(1)).await;
        assert_eq!(office.in_force(starts_at).await.as_deref(), Some("1.0.0"));
        assert_eq!(office.state("1.0.0").await, "active");
        assert_eq!(office.backend.anyone().get("/v1/policy").await.ok()["version"], "2");

        let ends_at = office.backend.deps.clock.now() + TimeDelta::hours(50);
        let end = json!({"ends_at": ends_at});
        for _ in 0..2 {
            let asked = office.first.post(&path_of("1.0.0", "retirement"), end.clone()).await.ok();
            assert_eq!(asked["terms"][0]["ends_at"], Value::Null, "one alone ends nothing");
        }
        let decided = office.second.post(&path_of("1.0.0", "retirement"), end).await.ok();
        assert_eq!(decided["terms"][0]["ends_at"], json!(ends_at));
        office.wait(TimeDelta::hours(50)).await;
        assert_eq!(office.in_force(ends_at).await, None, "gone");
        assert_eq!(office.in_force(starts_at).await.as_deref(), Some("1.0.0"), "and was there");
        assert_eq!(office.in_force(ends_at - TimeDelta::milliseconds(1)).await.as_deref(), Some("1.0.0"));
        assert_eq!(office.state("1.0.0").await, "retired");
        assert_eq!(recorded(&office).await, [
            "rule_moved", "rule_moved", "rule_simulated", "rule_approved", "rule_approved", "rule_moved",
            "rule_scheduled", "rule_moved", "rule_moved", "rule_ends", "rule_ends", "rule_ends", "rule_moved",
        ].map(str::to_owned).into_iter().fold(Vec::new(), sorted));
    }

    async fn an_author_approves_nothing_and_nobody_approves_twice(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 3).await;
        let reply = office.author.post(&path_of("1.0.0", "approvals"), json!({})).await;
        assert_eq!(reply.problem(403), "role-required");

        // Somebody who is both, by two grants.
        let both = [entity::values::Role::PolicyAuthor, entity::values::Role::PolicyApprover];
        let held = both.map(|role| office.backend.held(role, "310000"));
        let both = office.backend.staff_with("310000", &held).await;
        both.post("/v1/staff/policy/drafts", curfew("1.1.0")).await.ok();
        both.post(&path_of("1.1.0", "proposal"), json!({})).await.ok();
        office.simulate("1.1.0", 1_000, 3).await;
        let reply = both.post(&path_of("1.1.0", "approvals"), json!({})).await;
        assert_eq!(reply.problem(403), "own-rule");

        office.first.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        refused(&office, "approvals", 409, "already-approved").await;
        assert_eq!(office.state("1.0.0").await, "simulated");
    }

    async fn of_two_approvals_at_once_both_count(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 3).await;
        let path = path_of("1.0.0", "approvals");
        let (one, other) = tokio::join!(
            office.first.post(&path, json!({})),
            office.second.post(&path, json!({})),
        );
        let counted = [one.ok(), other.ok()].map(|rule| rule["approvals"].as_array().unwrap().len());
        assert!(counted == [1, 2] || counted == [2, 1], "{counted:?}");
        assert_eq!(office.state("1.0.0").await, "approved");
    }

    async fn of_two_who_approve_with_one_account_one_counts(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 3).await;
        let path = path_of("1.0.0", "approvals");
        let (one, other) = tokio::join!(
            office.first.post(&path, json!({})),
            office.first.post(&path, json!({})),
        );
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(office.state("1.0.0").await, "simulated");
    }

    async fn a_draft_is_its_authors_and_final_once_proposed(stack: Stack) {
        let office = Office::open(stack).await;
        let other = office.backend.staff(entity::values::Role::PolicyAuthor, "310000").await;
        office.author.post("/v1/staff/policy/drafts", curfew("1.0.0")).await.ok();
        let path = "/v1/staff/policy/rules/arrival.curfew/1.0.0";
        let mut shorter = curfew("1.0.0");
        shorter["effect"]["hold"]["until"]["plusTime"][1] = json!(1);
        assert_eq!(other.put(path, shorter.clone()).await.problem(403), "not-the-author");
        assert_eq!(other.post(&path_of("1.0.0", "proposal"), json!({})).await.problem(403), "not-the-author");
        let misnamed = office.author.put(path, curfew("1.0.1")).await;
        assert_eq!(misnamed.problem(422), "invalid-request");
        let written = office.author.put(path, shorter.clone()).await.ok();
        assert_eq!(written["rule"], shorter);
        office.author.post(&path_of("1.0.0", "proposal"), json!({})).await.ok();
        assert_eq!(office.author.put(path, shorter).await.problem(409), "rule-state");
        let missing = office.author.post(&path_of("9.9.9", "proposal"), json!({})).await;
        assert_eq!(missing.problem(404), "not-found");
    }

    async fn a_version_grows_and_is_never_used_again(stack: Stack) {
        let mut office = Office::open(stack).await;
        let draft = async |office: &Office, version: &str| {
            office.author.post("/v1/staff/policy/drafts", curfew(version)).await
        };
        office.proposed("1.0.0").await;
        draft(&office, "1.10.0").await.ok();
        for old in ["1.10.0", "1.9.0", "1.0.0", "0.1.0"] {
            assert_eq!(draft(&office, old).await.problem(409), "policy-version-must-grow", "{old}");
        }
        office.first.post(&path_of("1.10.0", "refusal"), json!({})).await.ok();
        assert_eq!(office.state("1.10.0").await, "refused");
        assert_eq!(draft(&office, "1.10.0").await.problem(409), "policy-version-must-grow");

        // An older one that is approved later does not come after the newer one.
        office.approved("2.0.0").await;
        office.scheduled("2.0.0").await;
        office.wait(TimeDelta::hours(48)).await;
        office.simulate("1.0.0", 1_000, 3).await;
        for approver in [&office.first, &office.second] {
            approver.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        }
        let date = json!({"starts_at": office.backend.deps.clock.now() + TimeDelta::hours(48)});
        let late = office.first.post(&path_of("1.0.0", "schedule"), date).await;
        assert_eq!(late.problem(409), "policy-version-must-grow");
    }

    async fn people_have_two_days_notice(stack: Stack) {
        let office = Office::open(stack).await;
        office.approved("1.0.0").await;
        let now = office.backend.deps.clock.now();
        let path = path_of("1.0.0", "schedule");
        for starts_at in [
            now,
            now + TimeDelta::hours(48) - TimeDelta::milliseconds(1),
            now + TimeDelta::days(4_000),
        ] {
            let reply = office.first.post(&path, json!({"starts_at": starts_at})).await;
            assert_eq!(reply.problem(422), "invalid-request");
            assert_eq!(reply.faults(), [("starts_at".to_owned(), "notice".to_owned())]);
        }
        office.scheduled("1.0.0").await;
    }

    async fn a_rule_that_changes_many_colours_takes_a_third_approval(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 11).await;
        for approver in [&office.first, &office.second] {
            approver.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        }
        let date = json!({"starts_at": office.backend.deps.clock.now() + TimeDelta::hours(48)});
        let path = path_of("1.0.0", "schedule");
        assert_eq!(office.first.post(&path, date.clone()).await.problem(409), "approvals-missing");
        let third = office.backend.staff(entity::values::Role::PolicyApprover, "310000").await;
        third.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        office.first.post(&path, date).await.ok();
    }

    async fn a_new_dry_run_asks_everybody_again(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        office.simulate("1.0.0", 1_000, 3).await;
        office.first.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        office.simulate("1.0.0", 1_000, 900).await;
        let rule = office.second.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        assert_eq!(rule["approvals"].as_array().unwrap().len(), 1);
        assert_eq!(rule["state"], "simulated");
    }

    async fn a_dry_run_of_other_days_gives_no_date(stack: Stack) {
        let mut office = Office::open(stack).await;
        office.approved("1.0.0").await;
        office.wait(TimeDelta::days(7) + TimeDelta::milliseconds(1)).await;
        let date = json!({"starts_at": office.backend.deps.clock.now() + TimeDelta::hours(48)});
        let path = path_of("1.0.0", "schedule");
        assert_eq!(office.first.post(&path, date.clone()).await.problem(409), "dry-run-stale");

        let deps = &office.backend.deps;
        let waiting = policy::awaiting_simulation(deps).await.unwrap();
        assert_eq!(waiting.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["arrival.curfew"]);
        office.simulate("1.0.0", 1_000, 3).await;
        assert!(policy::awaiting_simulation(deps).await.unwrap().is_empty());
        assert_eq!(office.first.post(&path, date.clone()).await.problem(409), "rule-state");
        for approver in [&office.first, &office.second] {
            approver.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        }
        office.first.post(&path, date).await.ok();
    }

    async fn of_two_instances_that_try_a_rule_the_slower_takes_no_approval_away(stack: Stack) {
        let office = Office::open(stack).await;
        office.proposed("1.0.0").await;
        let slow = office.found(1_000, 3);
        office.backend.wait(TimeDelta::seconds(1));
        office.simulate("1.0.0", 1_000, 3).await;
        office.first.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        assert!(matches!(office.keep("1.0.0", &slow).await, Err(policy::Error::Overtaken)));
        let rule = office.second.post(&path_of("1.0.0", "approvals"), json!({})).await.ok();
        assert_eq!(rule["state"], "approved");
    }

    async fn a_rule_that_surprises_rolls_itself_back(stack: Stack) {
        let mut office = Office::open(stack).await;
        office.approved("1.0.0").await;
        office.scheduled("1.0.0").await;
        office.wait(TimeDelta::hours(48)).await;
        office.approved("2.0.0").await;
        office.scheduled("2.0.0").await;
        office.wait(TimeDelta::hours(48)).await;
        assert_eq!((office.state("1.0.0").await, office.state("2.0.0").await), ("retired".into(), "active".into()));

        let seen = |changed, complete| Observation { changed, complete };
        let two = ("arrival.curfew", version("2.0.0"));
        let watched = policy::watched(&office.backend.deps).await.unwrap();
        assert_eq!(watched.len(), 1);
        assert_eq!((watched[0].version, watched[0].band.high), (version("2.0.0"), 13));
        assert!(!policy::observed(&office.backend.deps, two, seen(13, false)).await.unwrap());
        assert!(policy::observed(&office.backend.deps, two, seen(14, false)).await.unwrap());
        assert!(!policy::observed(&office.backend.deps, two, seen(14, false)).await.unwrap(), "once");
        assert_eq!((office.state("1.0.0").await, office.state("2.0.0").await), ("active".into(), "rolled_back".into()));

        let at = office.backend.deps.clock.now();
        assert_eq!(office.in_force(at).await.as_deref(), Some("2.0.0"), "until all know");
        office.wait(TimeDelta::seconds(2)).await;
        let policy = policy::in_force(&office.backend.deps, at + TimeDelta::seconds(2)).await.unwrap();
        assert_eq!(office.in_force(at + TimeDelta::seconds(2)).await.as_deref(), Some("1.0.0"));
        let key = ("arrival.curfew".to_owned(), "2.0.0".to_owned());
        assert_eq!(policy.before.get(&key), Some(&None), "what it opened ends");
        assert_eq!(office.in_force(at).await.as_deref(), Some("2.0.0"), "the past stays");
    }

    async fn a_rule_that_does_what_it_was_said_to_is_left_alone(stack: Stack) {
        let mut office = Office::open(stack).await;
        office.approved("1.0.0").await;
        office.scheduled("1.0.0").await;
        office.wait(TimeDelta::hours(48)).await;
        let one = ("arrival.curfew", version("1.0.0"));
        let good = Observation { changed: 4, complete: true };
        assert!(!policy::observed(&office.backend.deps, one, good).await.unwrap());
        let later = Observation { changed: 400, complete: true };
        assert!(!policy::observed(&office.backend.deps, one, later).await.unwrap(), "people go on living");
        assert_eq!(policy::watched(&office.backend.deps).await.unwrap(), []);
    }

    async fn a_date_can_be_taken_back_before_it_comes(stack: Stack) {
        let mut office = Office::open(stack).await;
        office.approved("1.0.0").await;
        office.scheduled("1.0.0").await;
        office.wait(TimeDelta::hours(48)).await;
        office.approved("1.1.0").await;
        let starts_at = office.scheduled("1.1.0").await;
        office.approved("1.2.0").await;
        let date = json!({"starts_at": starts_at});
        let other = office.first.post(&path_of("1.2.0", "schedule"), date.clone()).await;
        assert_eq!(other.problem(409), "another-version-scheduled");
        let end = office.first.post(&path_of("1.0.0", "retirement"), json!({"ends_at": starts_at})).await;
        assert_eq!(end.problem(409), "rule-ending");
        office.second.post(&path_of("1.1.0", "refusal"), json!({})).await.ok();
        office.wait(TimeDelta::hours(48)).await;
        assert_eq!(office.in_force(starts_at).await.as_deref(), Some("1.0.0"), "the one before stays");
        assert_eq!(office.state("1.0.0").await, "active");
        refused(&office, "refusal", 409, "rule-state").await;
    }
}

fn sorted(mut known: Vec<String>, next: String) -> Vec<String> {
    known.push(next);
    known.sort();
    known
}

/// What the log has of rules.
async fn recorded(office: &Office) -> Vec<String> {
    let db = &office.backend.deps.db;
    let asked = "SELECT event FROM audit_entry WHERE event LIKE 'rule_%' ORDER BY event";
    let asked = Statement::from_string(db.get_database_backend(), asked);
    let rows = db.query_all_raw(asked).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}
