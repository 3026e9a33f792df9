//! An issuer signs in for the day, once, where they may issue.

use api::communities;
use chrono::TimeDelta;
use entity::values::Role;
use integration_tests::{Backend, on_both_stacks};
use serde_json::{Value, json};

use super::{ELSEWHERE, FIRST, SECOND, recorded};

const DUTY: &str = "/v1/staff/duty";

fn at(community: &str) -> Value {
    json!({"community": community})
}

on_both_stacks! {
    async fn signing_in_twice_on_a_day_is_signing_in_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(FIRST).await;
        let issuer = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let first = issuer.post(DUTY, at(FIRST)).await;
        assert_eq!(first.status, 201);
        assert_eq!(first.json()["day"], "2026-03-02");
        backend.wait(TimeDelta::minutes(5));
        let again = issuer.post(DUTY, at(FIRST)).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, first.json()));
        assert_eq!(recorded(&backend, "duty_signed_in").await, 1);

        backend.wait_until("2026-03-03T00:00:00+08:00");
        let issuer = backend.staff_again(&issuer).await;
        let next = issuer.post(DUTY, at(FIRST)).await;
        assert_eq!((next.status.as_u16(), &next.json()["day"]), (201, &json!("2026-03-03")));
    }

    async fn two_nodes_sign_somebody_in_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(FIRST).await;
        let other = backend.another_instance().await;
        let issuer = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let there = other.anyone().with_bearer(&issuer.token);
        let (one, two) = tokio::join!(issuer.post(DUTY, at(FIRST)), there.post(DUTY, at(FIRST)));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
        assert_eq!(recorded(&backend, "duty_signed_in").await, 1);
    }

    async fn an_issuer_signs_in_where_they_may_issue_and_another_community_looks_like_none(stack: Stack) {
        let backend = Backend::start(stack).await;
        for code in [FIRST, SECOND, ELSEWHERE] {
            backend.community(code).await;
        }
        let own = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let district = backend.staff(Role::CommunityIssuer, "370102").await;
        for (issuer, community, status) in [
            (&own, FIRST, 201),
            (&own, SECOND, 404),
            (&own, ELSEWHERE, 404),
            (&own, "370102009009", 404),
            (&district, FIRST, 201),
            (&district, SECOND, 201),
            (&district, ELSEWHERE, 404),
            (&district, "370102009009", 404),
        ] {
            let reply = issuer.post(DUTY, at(community)).await;
            assert_eq!(reply.status, status, "{community}");
        }
        let admin = backend.staff(Role::RegionAdmin, "370102").await;
        assert_eq!(admin.post(DUTY, at(FIRST)).await.problem(403), "role-required");
        let closure = format!("/v1/staff/communities/{FIRST}/closure");
        assert_eq!(admin.put(&closure, json!({})).await.status, 204);
        let late = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        assert_eq!(late.post(DUTY, at(FIRST)).await.problem(409), "community-closed");
    }

    async fn a_roster_shows_ones_own_area_and_no_other(stack: Stack) {
        let backend = Backend::start(stack).await;
        let mut issuers = Vec::new();
        for code in [FIRST, SECOND, ELSEWHERE] {
            backend.community(code).await;
            let issuer = backend.staff_of_community(Role::CommunityIssuer, code).await;
            issuer.post(DUTY, at(code)).await.ok();
            issuers.push(issuer);
        }
        let there = |roster: &Value| -> Vec<String> {
            let items = roster["issuers"]["items"].as_array().unwrap().iter();
            items.map(|item| item["community"].as_str().unwrap().to_owned()).collect()
        };
        let own = issuers[0].get(DUTY).await.ok();
        assert_eq!(there(&own), [FIRST]);
        assert_eq!(own["issuers"]["items"][0]["name"], "王*国");
        assert_eq!(own["issuers"]["items"][0]["in_time"], false, "it is noon");
        let district = backend.staff(Role::Reviewer, "370102").await;
        let page = district.get(&format!("{DUTY}?limit=1")).await.ok();
        assert_eq!(there(&page), [FIRST]);
        let next = page["issuers"]["next"].as_str().unwrap();
        let rest = district.get(&format!("{DUTY}?limit=1&after={next}")).await.ok();
        assert_eq!(there(&rest), [SECOND]);
        assert!(rest["issuers"]["next"].is_null());
        let province = backend.staff(Role::RegionAdmin, "370000").await;
        assert_eq!(there(&province.get(DUTY).await.ok()), [FIRST, SECOND, ELSEWHERE]);
        let auditor = backend.staff(Role::Auditor, "370000").await;
        assert_eq!(auditor.get(DUTY).await.problem(403), "role-required");
    }

    async fn who_can_issue_for_a_community_is_named_for_it_or_for_what_is_around_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let community = backend.community(FIRST).await;
        let own = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        let suspended = backend.staff_of_community(Role::CommunityIssuer, FIRST).await;
        backend.staff_of_community(Role::CommunityIssuer, SECOND).await;
        let district = backend.staff(Role::CommunityIssuer, "370102").await;
        let city = backend.staff(Role::CommunityIssuer, "370100").await;
        backend.staff(Role::CommunityIssuer, "370200").await;
        backend.staff(Role::Reviewer, "370102").await;
        // Twice, and the same person.
        backend.give(city.account, &backend.held(Role::CommunityIssuer, "370102")).await;
        let admin = backend.staff(Role::RegionAdmin, "370000").await;
        let path = format!("/v1/staff/accounts/{}/suspension", suspended.account);
        assert_eq!(admin.put(&path, json!({})).await.status, 204);

        let (db, now) = (&backend.deps.db, backend.deps.clock.now());
        let issuers = communities::issuers(db, &community, now).await.unwrap();
        let mut around = vec![district.account, city.account];
        around.sort_unstable();
        assert_eq!((issuers.own, issuers.around), (vec![own.account], around));
        let later = now + TimeDelta::days(301);
        let later = communities::issuers(db, &community, later).await.unwrap();
        assert_eq!(later, communities::Issuers::default());
    }
}
