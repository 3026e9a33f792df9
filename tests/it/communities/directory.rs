//! Where people apply and where they complain is public, by county.

use api::{
    communities::{self, BroughtIn, Error},
    platform::{Entropy, OsEntropy},
};
use chrono::TimeDelta;
use entity::{
    review_case,
    values::{Area, CaseId, CaseState, CaseSubject, Community, Division, PersonId, Role},
};
use integration_tests::{Backend, Stack, call::Reply, on_both_stacks};
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};

use super::{ELSEWHERE, FIRST, SECOND, office, publish, recorded};

const DIRECTORY: &str = "/v1/regions/370102/directory";

fn codes(directory: &Value) -> Vec<&str> {
    let items = directory["communities"]["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["code"].as_str().unwrap())
        .collect()
}

/// A case that the community with the code `code` has to decide.
async fn open_case(backend: &Backend, code: &str) -> CaseId {
    let person = backend.log_in("13800138000").await.person;
    let now = backend.deps.clock.now();
    let case = review_case::Model {
        id: CaseId(OsEntropy.id()),
        subject: CaseSubject::PassCard,
        subject_id: OsEntropy.id(),
        person_id: PersonId(person.parse().unwrap()),
        division: Division::try_from("370102".to_owned()).unwrap(),
        community: Some(Community::try_from(code.to_owned()).unwrap()),
        residence_division: None,
        residence_community: None,
        against: None,
        against_since: None,
        workflow: "pass_card_online".into(),
        workflow_version: 1,
        opened_at: now,
        turn: 1,
        stay: 1,
        state: CaseState::Authority,
        stage: "community".into(),
        stage_since: now,
        decider: Some(Role::CommunityIssuer),
        area: Area::try_from(code.to_owned()).unwrap(),
        assignee: None,
        assigned_at: None,
        clock_since: None,
        clock_left: None,
        due_at: None,
        provisional: false,
        calendar_version: None,
        timer: None,
        timer_at: None,
        late_since: None,
        outcome: None,
        closed_at: None,
    };
    let id = case.id;
    review_case::Entity::insert(case.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    id
}

fn line(telephone: &str) -> Value {
    json!({"telephone": telephone, "hours": "全天"})
}

on_both_stacks! {
    async fn a_county_lists_its_communities_page_by_page(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "370000").await;
        let third = "370102002001";
        for code in [third, FIRST, ELSEWHERE, SECOND] {
            assert_eq!(publish(&admin, code).await["code"], code);
        }
        let anyone = backend.anyone();
        let first = anyone.get(&format!("{DIRECTORY}?limit=2")).await.ok();
        assert_eq!(first["full_name"], "山东省济南市历下区");
        assert_eq!(codes(&first), [FIRST, SECOND]);
        assert_eq!(first["communities"]["items"][0]["telephone"], "0531-86000000");
        let next = first["communities"]["next"].as_str().unwrap();
        let last = anyone.get(&format!("{DIRECTORY}?limit=2&after={next}")).await.ok();
        assert_eq!(codes(&last), [third]);
        assert!(last["communities"]["next"].is_null());
        let province = anyone.get("/v1/regions/370000/directory").await.ok();
        assert_eq!(codes(&province), [FIRST, SECOND, third, ELSEWHERE]);
        assert_eq!(anyone.get("/v1/regions/370199/directory").await.problem(404), "not-found");
    }

    async fn a_county_without_a_complaint_line_shows_the_level_above(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "370000").await;
        let shown = async || backend.anyone().get(DIRECTORY).await.ok();
        assert!(shown().await["complain_to"].is_null());
        for (division, telephone) in [("370000", "96678"), ("370100", "(0531) 12345")] {
            let path = format!("/v1/staff/complaint-lines/{division}");
            let saved = admin.put(&path, line(telephone)).await.ok();
            assert_eq!(saved["division"], division);
            admin.put(&path, line(telephone)).await.ok();
        }
        assert_eq!(recorded(&backend, "complaint_line_saved").await, 2, "the same again is nothing");
        let directory = shown().await;
        let lines: Vec<_> = directory["complaint_lines"].as_array().unwrap().iter()
            .map(|line| (line["name"].as_str().unwrap(), line["telephone"].as_str()))
            .collect();
        let expected = [("历下区", None), ("济南市", Some("0531-12345")), ("山东省", Some("96678"))];
        assert_eq!(lines, expected);
        assert_eq!(directory["complain_to"], "370100");
        admin.put("/v1/staff/complaint-lines/370102", line("0531-86000001")).await.ok();
        assert_eq!(shown().await["complain_to"], "370102");
    }

    async fn a_closed_community_is_listed_no_more_and_can_still_be_read(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "370102").await;
        publish(&admin, FIRST).await;
        publish(&admin, SECOND).await;
        let closure = format!("/v1/staff/communities/{FIRST}/closure");
        for _ in 0..2 {
            assert_eq!(admin.put(&closure, json!({})).await.status, 204);
        }
        assert_eq!(recorded(&backend, "community_closed").await, 1);
        let anyone = backend.anyone();
        assert_eq!(codes(&anyone.get(DIRECTORY).await.ok()), [SECOND]);
        let path = format!("/v1/communities/{FIRST}");
        assert!(anyone.get(&path).await.ok()["closed_at"].is_string());
        publish(&admin, FIRST).await;
        assert_eq!(codes(&anyone.get(DIRECTORY).await.ok()), [SECOND], "publishing opens nothing");
        assert_eq!(admin.delete(&closure).await.status, 204);
        assert!(anyone.get(&path).await.ok()["closed_at"].is_null());
        assert_eq!(codes(&anyone.get(DIRECTORY).await.ok()), [FIRST, SECOND]);
    }

    async fn a_community_is_not_closed_before_its_cases_are(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "370102").await;
        publish(&admin, FIRST).await;
        let case = open_case(&backend, FIRST).await;
        let closure = format!("/v1/staff/communities/{FIRST}/closure");
        let refused = admin.put(&closure, json!({})).await;
        assert_eq!(refused.problem(409), "community-has-open-cases");
        assert_eq!(recorded(&backend, "community_closed").await, 0);
        let closed = review_case::ActiveModel {
            id: Set(case),
            state: Set(CaseState::Closed),
            ..Default::default()
        };
        closed.update(&backend.deps.db).await.unwrap();
        assert_eq!(admin.put(&closure, json!({})).await.status, 204);
    }

    async fn closing_a_community_for_an_hour_makes_it_no_younger(stack: Stack) {
        let backend = Backend::start(stack).await;
        let code = backend.community(FIRST).await;
        let admin = backend.staff(Role::RegionAdmin, "370102").await;
        let opened_at = async || {
            let row = communities::find(&backend.deps.db, &code).await.unwrap();
            row.unwrap().opened_at
        };
        let before = opened_at().await;
        let closure = format!("/v1/staff/communities/{FIRST}/closure");
        assert_eq!(admin.put(&closure, json!({})).await.status, 204);
        backend.wait(TimeDelta::minutes(5));
        let admin = backend.staff_again(&admin).await;
        assert_eq!(admin.delete(&closure).await.status, 204);
        assert_eq!(opened_at().await, before);
        assert_eq!(admin.put(&closure, json!({})).await.status, 204);
        backend.wait_until("2026-03-03T12:00:00+08:00");
        let admin = backend.staff_again(&admin).await;
        assert_eq!(admin.delete(&closure).await.status, 204);
        assert_eq!(opened_at().await, backend.deps.clock.now());
    }

    async fn a_file_is_published_whole_or_not_at_all(stack: Stack) {
        let backend = Backend::start(stack).await;
        let row = |n: usize, name: &str| {
            format!("370102{:03}{:03},{name},某路{n}号,0531-86000000,全天\n", n / 500, n % 500 + 1)
        };
        let head = "code,name,address,telephone,hours\n";
        let mut file: String = head.into();
        file.extend((0..1_500).map(|n| row(n, "某社区")));
        let wrong = format!("{file}{}", "370102001001,再来,某路,13800138000,全天\n");
        match communities::bring_in(&backend.deps, wrong.as_bytes()).await {
            Err(Error::File(flaws)) => assert!(flaws.iter().all(|flaw| flaw.line == 1_502), "{flaws:?}"),
            other => panic!("{other:?}"),
        }
        let kept = async || {
            let all = entity::community::Entity::find();
            all.count(&backend.deps.db).await.unwrap()
        };
        assert_eq!(kept().await, 0);
        let brought = |added, changed, unchanged| BroughtIn { added, changed, unchanged };
        let bring_in = async |file: &str| communities::bring_in(&backend.deps, file.as_bytes()).await.unwrap();
        assert_eq!(bring_in(&file).await, brought(1_500, 0, 0));
        assert_eq!(kept().await, 1_500);
        assert_eq!(bring_in(&file).await, brought(0, 0, 1_500));
        let other = format!("{head}{}{}", row(7, "新名社区"), row(8, "某社区"));
        assert_eq!(bring_in(&other).await, brought(0, 1, 1));
        let renamed = backend.anyone().get("/v1/communities/370102000008").await.ok();
        assert_eq!(renamed["name"], "新名社区");
        assert_eq!(recorded(&backend, "communities_brought_in").await, 2);
    }
}

#[tokio::test]
async fn whoever_has_the_directory_need_not_fetch_it_again() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "370102").await;
    publish(&admin, FIRST).await;
    let anyone = backend.anyone();
    for path in [DIRECTORY, &format!("/v1/communities/{FIRST}")] {
        let reply = anyone.get(path).await;
        assert_eq!(reply.headers["cache-control"], "public, max-age=60");
        let tag = reply.headers["etag"].clone();
        let request = || {
            anyone
                .request(Method::GET, path)
                .header("if-none-match", &tag)
        };
        assert_eq!(Reply::to(request()).await.status, 304, "{path}");
        let mut changed = office();
        changed["hours"] = json!(path);
        let own = format!("/v1/staff/communities/{FIRST}");
        admin.put(&own, changed).await.ok();
        assert_eq!(Reply::to(request()).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn another_regions_community_looks_like_none() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "370102").await;
    publish(&admin, FIRST).await;
    let foreign = backend.staff(Role::RegionAdmin, "370203").await;
    let path = format!("/v1/staff/communities/{FIRST}");
    let closure = format!("{path}/closure");
    let line_of = "/v1/staff/complaint-lines/370102";
    for reply in [
        foreign.put(&path, office()).await,
        foreign.put(&closure, json!({})).await,
        foreign.delete(&closure).await,
        foreign.put(line_of, line("12345")).await,
        admin
            .put("/v1/staff/complaint-lines/370100", line("12345"))
            .await,
        admin.put(&closure.replace(FIRST, SECOND), json!({})).await,
        backend
            .anyone()
            .get(&format!("/v1/communities/{SECOND}"))
            .await,
    ] {
        assert_eq!(reply.problem(404), "not-found");
    }
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_by_name() {
    let backend = Backend::start(Stack::Embedded).await;
    let admin = backend.staff(Role::RegionAdmin, "370000").await;
    let path = format!("/v1/staff/communities/{FIRST}");
    for (field, value, fault) in [
        ("telephone", "13800138000", "mobile"),
        ("telephone", "86000000", "telephone"),
        ("name", "  ", "length"),
        ("address", "某路\t1号", "characters"),
        ("hours", &"长".repeat(201), "length"),
    ] {
        let mut body = office();
        body[field] = json!(value);
        let reply = admin.put(&path, body).await;
        assert_eq!(reply.problem(422), "invalid-request");
        assert_eq!(reply.faults(), [(field.to_owned(), fault.to_owned())]);
    }
    let nowhere = admin
        .put("/v1/staff/communities/370199001001", office())
        .await;
    nowhere.problem(422);
    assert_eq!(
        nowhere.faults(),
        [("division".into(), "unknown_division".into())]
    );
    let mut more = office();
    more["owner"] = json!("张三");
    assert_eq!(admin.put(&path, more).await.problem(422), "invalid-request");
    assert_eq!(recorded(&backend, "community_saved").await, 0);
}
