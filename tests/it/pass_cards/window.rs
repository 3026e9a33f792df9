//! At the window nobody needs a phone.

use entity::{declaration, person, values::Role};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Identity, ZHANG, declaration as well},
    on_both_stacks,
    staff::StaffMember,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::rig::{self, PHONE, act, approve, cards_of, issuer, settle, text};

const WINDOW: &str = "/v1/staff/pass-applications";

fn at_window(identity: Identity) -> Value {
    json!({
        "name": identity.name,
        "document_kind": "resident_card",
        "document_number": identity.number,
        "community": rig::COMMUNITY,
        "declaration": well(),
    })
}

async fn case_of(staff: &StaffMember, taken: &Value) -> Value {
    let path = format!("/v1/staff/review/cases/{}", text(&taken["stage"]["case"]));
    staff.get(&path).await.ok()
}

on_both_stacks! {
    async fn somebody_without_a_phone_gets_a_card_at_the_window(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let staff = issuer(&backend).await;
        let mut request = at_window(GRANDMOTHER);
        request["telephone"] = json!("021-6321-0000");
        let taken = staff.post(WINDOW, request).await;
        assert_eq!(taken.status, 201);
        let taken = taken.ok();
        assert_eq!(taken["at_window"], true);
        settle(&backend).await;
        let case = case_of(&staff, &taken).await;
        assert_eq!(case["about"]["telephone"], "021-6321-0000", "{case}");
        assert_eq!(case["about"]["masked_name"], "李*英");
        assert_eq!(case["about"]["comparison"]["colour"], "green");
        approve(&staff, &taken).await.ok();

        let people = person::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(people.len(), 1);
        assert!(people[0].phone_index.is_none(), "a number that nobody proved lets nobody in");
        let declared = declaration::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(declared[0].declared_by, people[0].id, "it is their own declaration");
        let path = format!("{WINDOW}/{}/replacement", text(&taken["id"]));
        let replaced = staff.post(&path, json!({"reason": "damaged"})).await;
        assert_eq!(replaced.status, 201);
        let card = replaced.ok();
        assert_eq!(card["number"], "TXK31010100000002");
        assert!(card["token"].is_string());
    }

    async fn a_clerk_checks_in_once_a_day_whoever_applied_at_the_window(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let staff = issuer(&backend).await;
        let taken = staff.post(WINDOW, at_window(GRANDMOTHER)).await.ok();
        let path = format!("{WINDOW}/{}/check-ins", text(&taken["id"]));
        let well = json!({"temperature": 36.5, "symptoms": []});
        let first = staff.post(&path, well.clone()).await;
        assert_eq!(first.status, 201);
        let first = first.ok();
        assert_eq!((&first["person"], &first["day"]), (&taken["person"], &json!("2026-03-02")));
        let again = staff.post(&path, json!({"temperature": 39.0, "symptoms": []})).await;
        assert_eq!((again.status.as_u16(), again.ok()), (200, first), "the first report of a day stands");
        let hot = json!({"temperature": 60.0, "symptoms": []});
        assert_eq!(staff.post(&path, hot).await.problem(422), "invalid-request");
        let log = entity::audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let checked: Vec<_> = log.iter().filter(|entry| entry.event == "checked_in").collect();
        assert_eq!(checked.len(), 1);
        assert!(format!("{:?}", checked[0]).contains(&staff.account.0.to_string()), "{:?}", checked[0]);

        backend.community("310101001002").await;
        let elsewhere = backend.staff_of_community(Role::CommunityIssuer, "310101001002").await;
        assert_eq!(elsewhere.post(&path, well.clone()).await.problem(404), "not-found");
        let zhang = backend.green(PHONE, ZHANG).await;
        let online = rig::apply(&backend, &zhang).await;
        let path = format!("{WINDOW}/{}/check-ins", text(&online["id"]));
        assert_eq!(staff.post(&path, well.clone()).await.problem(409), "check-in-not-at-window");

        settle(&backend).await;
        approve(&staff, &taken).await.ok();
        backend.wait(chrono::TimeDelta::days(1));
        let staff = backend.staff_again(&staff).await;
        let path = format!("{WINDOW}/{}/check-ins", text(&taken["id"]));
        assert_eq!(staff.post(&path, well.clone()).await.status, 201, "while they have the card");
        let fever = json!({"temperature": 38.1, "symptoms": []});
        backend.wait(chrono::TimeDelta::days(1));
        let staff = backend.staff_again(&staff).await;
        staff.post(&path, fever).await.ok();
        backend.wait(chrono::TimeDelta::days(14));
        settle(&backend).await;
        let staff = backend.staff_again(&staff).await;
        assert_eq!(staff.post(&path, well).await.problem(409), "check-in-not-at-window");
    }

    async fn the_window_finds_whom_it_knows(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let staff = issuer(&backend).await;
        let taken = staff.post(WINDOW, at_window(ZHANG)).await.ok();
        assert_eq!(taken["person"], zhang.person);
        settle(&backend).await;
        approve(&staff, &taken).await.ok();
        assert_eq!(cards_of(&backend, &zhang).await.len(), 1);
        assert_eq!(rig::card_of(&backend, &zhang).await["state"], "active", "on the phone as well");
    }

    async fn the_window_has_six_hours_by_the_clock_on_the_wall(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let staff = issuer(&backend).await;
        let taken = staff.post(WINDOW, at_window(GRANDMOTHER)).await.ok();
        settle(&backend).await;
        let case = case_of(&staff, &taken).await;
        // From Monday noon.
        assert!(case.to_string().contains("2026-03-02T10:00:00Z"), "{case}");
    }

    async fn a_clerk_takes_down_for_their_own_community_alone(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        backend.community("310101001002").await;
        let elsewhere = backend.staff_of_community(Role::CommunityIssuer, "310101001002").await;
        assert_eq!(elsewhere.post(WINDOW, at_window(ZHANG)).await.problem(404), "not-found");
        let district = backend.staff(Role::CommunityIssuer, "310101").await;
        let taken = district.post(WINDOW, at_window(ZHANG)).await;
        assert_eq!(taken.status, 201, "whoever issues for the whole district");
    }

    async fn nobody_is_taken_down_whom_the_registry_does_not_know(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let staff = issuer(&backend).await;
        let mut request = at_window(ZHANG);
        request["document_number"] = json!("310101199003070010");
        assert_eq!(staff.post(WINDOW, request).await.problem(422), "invalid-request");
        let mut request = at_window(ZHANG);
        request["declaration"]["confirmed_true"] = json!(false);
        assert_eq!(staff.post(WINDOW, request).await.problem(422), "invalid-request");
        let people = person::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(people.is_empty());
    }

    async fn a_window_repeated_with_its_key_takes_down_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let staff = issuer(&backend).await;
        let first = staff.post_keyed(WINDOW, "k", at_window(ZHANG)).await.ok();
        let again = staff.post_keyed(WINDOW, "k", at_window(ZHANG)).await.ok();
        assert_eq!(first["id"], again["id"]);
        assert_eq!(
            staff.post(WINDOW, at_window(ZHANG)).await.problem(409),
            "pass-application-open"
        );
        let declared = declaration::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(declared.len(), 1, "what was refused left nothing");
        settle(&backend).await;
        act(&staff, &first, json!({"action": "approve"})).await.ok();
    }
}
