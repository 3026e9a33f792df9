//! A community for which nobody signed in when it was time is reported, once, to all above.

use std::fmt::Write;

use api::{communities::NoteGaps, jobs::Sweep};
use chrono::TimeDelta;
use entity::{coverage_gap, values::Role};
use integration_tests::{Backend, StaffMember, on_both_stacks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{ELSEWHERE, FIRST, SECOND, recorded};

const COVERAGE: &str = "/v1/staff/coverage";
const GAPS: &str = "/v1/staff/coverage/gaps";

async fn sign_in(backend: &Backend, staff: &StaffMember, community: &str) {
    let staff = backend.staff_again(staff).await;
    let duty = json!({"community": community});
    staff.post("/v1/staff/duty", duty).await.ok();
}

async fn sweep(backend: &Backend) -> u64 {
    let mut noted = 0;
    loop {
        match NoteGaps::run(&backend.deps).await.unwrap() {
            0 => return noted,
            more => noted += more,
        }
    }
}

async fn noted(backend: &Backend) -> u64 {
    let all = coverage_gap::Entity::find();
    all.count(&backend.deps.db).await.unwrap()
}

/// Community and what it lacks, of each entry.
fn lacks(view: &Value) -> Vec<(String, Option<String>)> {
    let items = view["communities"]["items"].as_array().unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    items
        .iter()
        .map(|item| (text(&item["community"]).unwrap(), text(&item["lacks"])))
        .collect()
}

fn lacking(community: &str, what: Option<&str>) -> (String, Option<String>) {
    (community.to_owned(), what.map(str::to_owned))
}

on_both_stacks! {
    async fn the_level_above_sees_who_is_missing_as_the_morning_goes_by(stack: Stack) {
        let backend = Backend::start(stack).await;
        for code in [FIRST, SECOND, ELSEWHERE] {
            backend.community(code).await;
        }
        let first = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let elsewhere = backend.staff_of_community(Role::CommunityIssuer, ELSEWHERE).await;
        let district = backend.staff(Role::CommunityIssuer, "370102").await;
        let above = backend.staff(Role::Reviewer, "370000").await;
        let seen = async || {
            let above = backend.staff_again(&above).await;
            let seen = above.get(COVERAGE).await.ok();
            let counties = above.get("/v1/staff/coverage/counties").await.ok();
            let sum = |key: &str| -> i64 {
                let items = counties["counties"]["items"].as_array().unwrap().iter();
                items.map(|county| county[key].as_i64().unwrap()).sum()
            };
            // The totals say the same as the communities.
            let of = |what| lacks(&seen).iter().filter(|(_, lacks)| lacks.as_deref() == Some(what)).count();
            assert_eq!(sum("communities"), 3);
            assert_eq!(usize::try_from(sum("without_issuer")).unwrap(), of("no_issuer"));
            assert_eq!(usize::try_from(sum("without_sign_in")).unwrap(), of("no_sign_in"));
            seen
        };

        backend.wait_until("2026-03-03T09:00:00+08:00");
        let early = seen().await;
        assert_eq!(early["today"]["sign_in_by"], "2026-03-03T02:00:00Z");
        let unnamed = lacking(SECOND, Some("no_issuer"));
        assert_eq!(lacks(&early), [lacking(FIRST, None), unnamed.clone(), lacking(ELSEWHERE, None)]);
        sign_in(&backend, &first, FIRST).await;
        backend.wait_until("2026-03-03T10:00:00.001+08:00");
        let unsigned = lacking(ELSEWHERE, Some("no_sign_in"));
        assert_eq!(lacks(&seen().await), [lacking(FIRST, None), unnamed, unsigned.clone()]);
        sign_in(&backend, &elsewhere, ELSEWHERE).await;
        let late = seen().await;
        assert_eq!(lacks(&late)[2], unsigned, "late is late");
        let last = &late["communities"]["items"][2];
        assert_eq!((&last["signed_in"], &last["signed_in_in_time"]), (&json!(1), &json!(0)));

        backend.wait_until("2026-03-04T09:00:00+08:00");
        sign_in(&backend, &district, SECOND).await;
        let unnamed = lacking(SECOND, Some("no_issuer"));
        assert_eq!(lacks(&seen().await)[1], unnamed, "whoever of the district is there");
    }

    async fn a_region_sees_its_own_communities_page_by_page(stack: Stack) {
        let backend = Backend::start(stack).await;
        for code in [FIRST, SECOND, ELSEWHERE] {
            backend.community(code).await;
        }
        backend.staff(Role::CommunityIssuer, "370102").await;
        backend.staff(Role::CommunityIssuer, "370100").await;
        let codes = |view: &Value| -> Vec<String> {
            lacks(view).into_iter().map(|(code, _)| code).collect()
        };
        let district = backend.staff(Role::Auditor, "370102").await;
        let page = district.get(&format!("{COVERAGE}?limit=1")).await.ok();
        assert_eq!(codes(&page), [FIRST]);
        let next = page["communities"]["next"].as_str().unwrap();
        let rest = district.get(&format!("{COVERAGE}?limit=1&after={next}")).await.ok();
        assert_eq!(codes(&rest), [SECOND]);
        let counties = district.get("/v1/staff/coverage/counties").await.ok();
        let county = &counties["counties"]["items"][0];
        assert_eq!((&county["name"], &county["division_issuers"]), (&json!("山东省济南市历下区"), &json!(2)));
        assert!(counties["counties"]["next"].is_null());

        let province = backend.staff(Role::RegionAdmin, "370000").await;
        let narrowed = province.get(&format!("{COVERAGE}?division=370203")).await.ok();
        assert_eq!(codes(&narrowed), [ELSEWHERE]);
        let foreign = district.get(&format!("{COVERAGE}?division=370203")).await;
        assert_eq!(foreign.problem(404), "not-found");
    }

    async fn a_role_for_one_community_opens_no_division(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(FIRST).await;
        backend.wait_until("2026-03-03T11:00:00+08:00");
        assert_eq!(sweep(&backend).await, 1);
        // As nobody gets to be by the routes: a reviewer for one community.
        let narrow = backend.staff_of_community(Role::Reviewer, FIRST).await;
        assert_eq!(lacks(&narrow.get(COVERAGE).await.ok()), []);
        for path in [GAPS, "/v1/staff/corrections"] {
            assert_eq!(narrow.get(path).await.ok()["items"], json!([]), "{path}");
        }
        let county = narrow.get(&format!("{COVERAGE}?division=370102")).await;
        assert_eq!(county.problem(404), "not-found");
        let issuer = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        for path in [COVERAGE, GAPS, "/v1/staff/corrections", "/v1/staff/grants"] {
            assert_eq!(issuer.get(path).await.problem(403), "role-required", "{path}");
        }
    }

    async fn each_is_noted_once_a_day_and_stays_noted(stack: Stack) {
        let backend = Backend::start(stack).await;
        for code in [FIRST, SECOND, ELSEWHERE] {
            backend.community(code).await;
        }
        let first = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let second = backend.staff_of_community(Role::CommunityIssuer, SECOND).await;
        backend.wait_until("2026-03-03T09:00:00+08:00");
        sign_in(&backend, &first, FIRST).await;
        let district = backend.staff(Role::CommunityIssuer, "370200").await;
        sign_in(&backend, &district, ELSEWHERE).await;
        backend.wait_until("2026-03-03T10:00:00+08:00");
        assert_eq!(sweep(&backend).await, 0, "the hour itself is in time");
        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(sweep(&backend).await, 2);
        sign_in(&backend, &second, SECOND).await;
        assert_eq!(sweep(&backend).await, 0);
        let restarted = backend.another_instance().await;
        assert_eq!(sweep(&restarted).await, 0);
        assert_eq!(recorded(&backend, "coverage_gaps_noted").await, 2, "one for each county");

        let item = |community: &str, lacked: &str| json!({
            "community": community, "day": "2026-03-03", "lacked": lacked, "noted_at": "2026-03-03T02:00:00.001Z",
        });
        let (no_sign_in, no_issuer) = (item(SECOND, "no_sign_in"), item(ELSEWHERE, "no_issuer"));
        for (division, expected) in [
            ("370102", vec![&no_sign_in]),
            ("370100", vec![&no_sign_in]),
            ("370000", vec![&no_sign_in, &no_issuer]),
            ("310000", vec![]),
        ] {
            let above = backend.staff(Role::Reviewer, division).await;
            assert_eq!(above.get(GAPS).await.ok()["items"], json!(expected), "{division}");
        }
        backend.wait_until("2026-03-04T11:00:00+08:00");
        assert_eq!(sweep(&backend).await, 3, "another day");
        let above = backend.staff(Role::Auditor, "370000").await;
        let page = above.get(&format!("{GAPS}?limit=4")).await.ok();
        assert_eq!(page["items"][0]["day"], "2026-03-04");
        let next = page["next"].as_str().unwrap();
        let rest = above.get(&format!("{GAPS}?limit=4&after={next}")).await.ok();
        assert_eq!(rest["items"], json!([no_issuer]));
    }

    async fn days_off_have_no_gaps_and_weekends_that_are_made_up_do(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(FIRST).await;
        for (noon, found) in [
            ("2026-03-07T12:00:00+08:00", 0),
            ("2026-03-08T12:00:00+08:00", 0),
            ("2026-03-09T12:00:00+08:00", 1),
            // A holiday on a Friday, and the Saturday that makes up for it.
            ("2026-05-01T12:00:00+08:00", 0),
            ("2026-05-09T12:00:00+08:00", 1),
        ] {
            backend.wait_until(noon);
            assert_eq!(sweep(&backend).await, found, "{noon}");
        }
        assert_eq!(noted(&backend).await, 2);
    }

    async fn a_community_that_opened_after_the_hour_or_closed_before_it_is_not_missed(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(SECOND).await;
        let admin = backend.staff(Role::RegionAdmin, "370102").await;
        let closure = format!("/v1/staff/communities/{SECOND}/closure");
        assert_eq!(admin.put(&closure, json!({})).await.status, 204);
        // It is noon.
        super::publish(&admin, FIRST).await;
        assert_eq!(sweep(&backend).await, 0);
        backend.wait_until("2026-03-03T11:00:00+08:00");
        assert_eq!(sweep(&backend).await, 1);
    }

    async fn two_nodes_note_each_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut file = "code,name,address,telephone,hours\n".to_owned();
        for n in 0..1_200 {
            let code = format!("370102{:03}{:03}", n / 400, n % 400 + 1);
            writeln!(file, "{code},某社区,某路,12345,全天").unwrap();
        }
        let brought = api::communities::bring_in(&backend.deps, file.as_bytes()).await;
        assert_eq!(brought.unwrap().added, 1_200);
        let other = backend.another_instance().await;
        backend.wait_until("2026-03-03T10:30:00+08:00");
        let mut found = 0;
        while found < 1_200 {
            let (one, two) = tokio::join!(sweep(&backend), sweep(&other));
            assert!(one + two > 0, "{found} were found and no more");
            found += one + two;
        }
        assert_eq!((found, noted(&backend).await), (1_200, 1_200));
        assert_eq!(sweep(&backend).await + sweep(&other).await, 0);
    }
}
