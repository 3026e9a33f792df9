//! When a place gets a level, those who stayed there are looked at, and nobody else.

use std::collections::BTreeSet;

use api::{declarations, facts::MarkStayed, jobs::Sweep, platform::clock::local_date};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    declared_stay, person, recheck_mark,
    values::{DeclarationId, Division, PersonId, RiskLevel},
};
use integration_tests::{
    Backend, StaffMember,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{OUYANG, ago, declare, dossier, epidemiologist, living_in, on_record, person as of};

const AREAS: &str = "/v1/staff/risk-areas";

fn high(backend: &Backend, code: &str, hours: i64) -> Value {
    json!({"division": code, "level": "high", "starts_at": ago(backend, hours)})
}

/// Have everybody marked who is to be. Returns who is.
async fn marked(backend: &Backend) -> BTreeSet<PersonId> {
    while MarkStayed::run(&backend.deps).await.unwrap() > 0 {}
    let marks = recheck_mark::Entity::find().all(&backend.deps.db).await;
    marks.unwrap().iter().map(|mark| mark.person_id).collect()
}

async fn lifted(staff: &StaffMember, area: &Value) -> Value {
    let path = format!("{AREAS}/{}/lifting", area["id"].as_str().unwrap());
    staff.post(&path, json!({})).await.ok()
}

on_both_stacks! {
    async fn a_level_has_exactly_those_looked_at_who_stayed_there_when_it_begins_and_is_lifted(stack: Stack) {
        let backend = Backend::start(stack).await;
        let lives_there = living_in(&backend, "13800138000", ZHANG, "310104").await;
        let was_there = living_in(&backend, "13800138001", OUYANG, "310101").await;
        let stay = json!([{"place": {"division": "310104"}, "from": "2026-02-20", "until": "2026-02-27"}]);
        declare(&backend, &was_there, "310101", stay).await;
        let elsewhere = living_in(&backend, "13800138002", GRANDMOTHER, "310101").await;
        let staff = epidemiologist(&backend, "310000").await;
        assert_eq!(marked(&backend).await, BTreeSet::new());

        // Since the twenty-fifth of February.
        let area = staff.post(AREAS, high(&backend, "310104", 24 * 5)).await.ok();
        let both = BTreeSet::from([of(&lives_there), of(&was_there)]);
        assert_eq!(marked(&backend).await, both);
        backend.compare().await;
        // Since the first of March.
        let later = json!({"division": "310104", "level": "medium", "starts_at": ago(&backend, 24)});
        staff.post(AREAS, later).await.ok();
        assert_eq!(marked(&backend).await, BTreeSet::from([of(&lives_there)]));
        backend.compare().await;

        let stays = async |session| {
            let known = dossier(&backend, session, None).await.risk_stays;
            known.into_iter().map(|stay| (stay.level, stay.from, stay.until)).collect::<Vec<_>>()
        };
        let left = "2026-02-28T00:00:00+08:00".parse().unwrap();
        assert_eq!(stays(&was_there).await, [(RiskLevel::High, ago(&backend, 24 * 5), Some(left))]);
        assert_eq!(
            stays(&lives_there).await,
            [(RiskLevel::High, ago(&backend, 24 * 5), None), (RiskLevel::Medium, ago(&backend, 24), None)],
        );
        assert_eq!(stays(&elsewhere).await, []);

        backend.wait(TimeDelta::minutes(5));
        let staff = backend.staff_again(&staff).await;
        assert_eq!(lifted(&staff, &area).await["lifted_at"], json!(ago(&backend, 0)));
        assert_eq!(marked(&backend).await, both);
        let until = dossier(&backend, &lives_there, None).await.risk_stays[0].until;
        assert_eq!(until, Some(ago(&backend, 0)));
        let path = format!("{AREAS}/{}/lifting", area["id"].as_str().unwrap());
        assert_eq!(staff.post(&path, json!({})).await.problem(409), "risk-area-over");
        assert_eq!(on_record(&backend, "risk_area_recorded").await.len(), 2);
        assert_eq!(
            on_record(&backend, "risk_area_lifted").await,
            [("staff".to_owned(), json!({"area": area["id"]}))],
        );
    }

    async fn who_declared_anew_is_where_they_said_last_and_was_where_they_said_then(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, "13800138000", ZHANG, "310104").await;
        let staff = epidemiologist(&backend, "310000").await;
        staff.post(AREAS, high(&backend, "310104", 24)).await.ok();
        let before = ago(&backend, 0);
        backend.wait(TimeDelta::minutes(1));
        declare(&backend, &zhang, "310101", json!([])).await;
        backend.compare().await;

        let areas = async |until| dossier(&backend, &zhang, until).await.risk_stays.len();
        assert_eq!((areas(None).await, areas(Some(before)).await), (0, 1));
        assert_eq!(areas(Some(before - TimeDelta::milliseconds(1))).await, 0, "recorded later");
        assert_eq!(marked(&backend).await, BTreeSet::from([of(&zhang)]), "who was there may be held for it");

        // Somewhere in the city may be there, until they say where.
        declare(&backend, &zhang, "310100", json!([])).await;
        assert_eq!(areas(None).await, 1);
    }

    async fn declaring_again_ends_no_hold_of_a_risk_area_and_its_lifting_still_does(stack: Stack) {
        let backend = Backend::start(stack).await;
        let resident = living_in(&backend, "13800138000", ZHANG, "310104").await;
        let visitor = living_in(&backend, "13800138001", OUYANG, "310101").await;
        let stayed = |until: &str| {
            json!([{"place": {"division": "310105"}, "from": "2026-02-20", "until": until}])
        };
        declare(&backend, &visitor, "310101", stayed("2026-02-27")).await;
        let staff = epidemiologist(&backend, "310000").await;
        let sealed = json!({"division": "310104", "level": "sealed", "starts_at": ago(&backend, 24)});
        let area = staff.post(AREAS, sealed).await.ok();
        staff.post(AREAS, high(&backend, "310105", 24 * 8)).await.ok();
        assert_eq!(marked(&backend).await.len(), 2);
        backend.compare().await;
        let shown = async |session: &Session| {
            let path = format!("/v1/people/{}/health-code", session.person);
            let code = backend.as_citizen(session).get(&path).await.ok();
            let reason = &code["reasons"][0];
            (reason["code"].clone(), reason["until"].clone())
        };
        let long = (json!("R06"), json!("2026-03-13T16:00:00Z"));
        assert_eq!(shown(&resident).await, (json!("R07"), Value::Null));
        assert_eq!(shown(&visitor).await, long);

        backend.wait(TimeDelta::minutes(1));
        declare(&backend, &resident, "310101", json!([])).await;
        declare(&backend, &visitor, "310101", stayed("2026-02-24")).await;
        backend.compare().await;
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(shown(&resident).await, (json!("R07"), Value::Null));
        assert_eq!(shown(&visitor).await, long, "nobody was there for less time by saying so later");

        let staff = backend.staff_again(&staff).await;
        let lifted_at: DateTime<Utc> =
            serde_json::from_value(lifted(&staff, &area).await["lifted_at"].clone()).unwrap();
        assert_eq!(marked(&backend).await, BTreeSet::from([of(&resident)]));
        backend.compare().await;
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(shown(&resident).await, (json!("R07"), json!(lifted_at + TimeDelta::days(7))));
    }

    async fn a_level_that_ends_by_itself_has_its_people_looked_at_then(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, "13800138000", ZHANG, "310104").await;
        let staff = epidemiologist(&backend, "310104").await;
        let mut area = high(&backend, "310104", 1);
        area["ends_at"] = json!(ago(&backend, -2));
        let area = staff.post(AREAS, area).await.ok();
        let all = BTreeSet::from([of(&zhang)]);
        assert_eq!(marked(&backend).await, all);
        backend.compare().await;
        backend.wait(TimeDelta::hours(2) - TimeDelta::milliseconds(1));
        assert_eq!(marked(&backend).await, BTreeSet::new());
        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(marked(&backend).await, all);
        backend.compare().await;
        backend.wait(TimeDelta::hours(2));
        assert_eq!(marked(&backend).await, BTreeSet::new(), "once");
        let staff = backend.staff_again(&staff).await;
        let path = format!("{AREAS}/{}/lifting", area["id"].as_str().unwrap());
        assert_eq!(staff.post(&path, json!({})).await.problem(409), "risk-area-over");
    }

    async fn a_round_goes_on_where_it_stopped_and_begins_anew_when_the_level_is_lifted(stack: Stack) {
        let backend = Backend::start(stack).await;
        let people = people_of(&backend, 450).await;
        let staff = epidemiologist(&backend, "310000").await;
        let area = staff.post(AREAS, high(&backend, "310100", 1)).await.ok();
        assert_eq!(MarkStayed::run(&backend.deps).await.unwrap(), 201);
        let other = backend.another_instance().await;
        assert_eq!(MarkStayed::run(&other.deps).await.unwrap(), 201);
        // Lifted in the midst of it: the first have to be looked at again.
        lifted(&staff, &area).await;
        let db = &backend.deps.db;
        recheck_mark::Entity::delete_many().exec(db).await.unwrap();
        assert_eq!(marked(&backend).await, people);
    }

    async fn a_step_that_nobody_finishes_is_taken_again_after_a_minute(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, "13800138000", ZHANG, "310104").await;
        let staff = epidemiologist(&backend, "310104").await;
        let area = staff.post(AREAS, high(&backend, "310104", 1)).await.ok();
        // Claimed by somebody who died.
        let id = area["id"].as_str().unwrap().parse::<Uuid>().unwrap();
        let now = backend.deps.clock.now();
        let claim = entity::risk_area::ActiveModel {
            id: sea_orm::ActiveValue::Unchanged(entity::values::RiskAreaId(id)),
            due_at: sea_orm::ActiveValue::Set(Some(now + TimeDelta::minutes(1))),
            round_at: sea_orm::ActiveValue::Set(Some(now)),
            ..Default::default()
        };
        entity::risk_area::Entity::update(claim).exec(&backend.deps.db).await.unwrap();
        assert_eq!(marked(&backend).await, BTreeSet::new());
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(marked(&backend).await, BTreeSet::from([of(&zhang)]));
    }

    async fn anyone_lists_the_places_that_have_a_level_now_page_by_page(stack: Stack) {
        let backend = Backend::start(stack).await;
        let staff = epidemiologist(&backend, "310000").await;
        let other = epidemiologist(&backend, "320000").await;
        let codes = ["310104", "310100", "310101"];
        let mut made = Vec::new();
        for code in codes {
            made.push(staff.post(AREAS, high(&backend, code, 1)).await.ok());
        }
        other.post(AREAS, high(&backend, "320102", 1)).await.ok();
        let list = async |query: &str| {
            let page = backend.anyone().get(&format!("/v1/risk-areas{query}")).await.ok();
            let items = page["items"].as_array().unwrap().iter();
            let codes: Vec<String> = items.map(|area| area["division"].as_str().unwrap().into()).collect();
            (codes, page["next"].as_str().map(str::to_owned))
        };
        assert_eq!(list("").await.0, ["310100", "310101", "310104", "320102"]);
        let (first, next) = list("?limit=3").await;
        assert_eq!(first, ["310100", "310101", "310104"]);
        let (rest, next) = list(&format!("?limit=3&after={}", next.unwrap())).await;
        assert_eq!((rest, next), (vec!["320102".to_owned()], None));
        // Around it and within it.
        assert_eq!(list("?division=310101").await.0, ["310100", "310101"]);
        assert_eq!(list("?division=310000").await.0, ["310100", "310101", "310104"]);

        lifted(&staff, &made[0]).await;
        assert_eq!(list("?division=310000").await.0, ["310100", "310101"]);
        for query in ["?after=x", "?division=x", "?limit=0", "?person=1"] {
            backend.anyone().get(&format!("/v1/risk-areas{query}")).await.problem(422);
        }
    }

    async fn a_level_is_the_regions_own_and_stands_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let staff = epidemiologist(&backend, "310100").await;
        assert_eq!(staff.post(AREAS, high(&backend, "320102", 1)).await.problem(404), "not-found");
        assert_eq!(staff.post(AREAS, high(&backend, "310000", 1)).await.problem(404), "not-found");
        let area = staff.post(AREAS, high(&backend, "310104", 1)).await.ok();
        assert_eq!(staff.post(AREAS, high(&backend, "310104", 2)).await.problem(409), "risk-area-stands");
        for (field, wrong, code) in [
            ("division", json!("319999"), "unknown_division"),
            ("starts_at", json!(ago(&backend, -1)), "in_future"),
            ("starts_at", json!(ago(&backend, 24 * 61)), "too_long_ago"),
            ("ends_at", json!(ago(&backend, 0)), "end"),
        ] {
            let mut request = high(&backend, "310101", 1);
            request[field] = wrong;
            let refused = staff.post(AREAS, request).await;
            refused.problem(422);
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        // The county did not decide it.
        let county = epidemiologist(&backend, "310104").await;
        let path = format!("{AREAS}/{}/lifting", area["id"].as_str().unwrap());
        assert_eq!(county.post(&path, json!({})).await.problem(404), "not-found");
        lifted(&staff, &area).await;
        staff.post(AREAS, high(&backend, "310104", 1)).await.ok();
    }

    async fn stays_are_found_by_place_and_day(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = living_in(&backend, "13800138000", ZHANG, "310101").await;
        let stay = json!([{"place": {"division": "420106"}, "from": "2026-02-20", "until": "2026-02-24"}]);
        declare(&backend, &zhang, "310101", stay).await;
        let today = local_date(backend.deps.clock.now());
        let found = async |code: &str, from: &str, until: Option<NaiveDate>| {
            let place = Division::try_from(code.to_owned()).unwrap();
            let from = from.parse().unwrap();
            let found = declarations::stayed_within(&backend.deps.db, &place, from, until, None, 10).await;
            found.unwrap().into_iter().map(|(place, _)| String::from(place)).collect::<Vec<_>>()
        };
        assert_eq!(found("420000", "2026-02-24", Some(today)).await, ["420106"]);
        assert_eq!(found("420000", "2026-02-25", None).await, Vec::<String>::new());
        let before = "2026-02-19".parse().ok();
        assert_eq!(found("420106", "2026-02-01", before).await, Vec::<String>::new());
        assert_eq!(found("310101", "2026-03-09", None).await, ["310101"], "still at home");
        let home = declarations::stays_of(&backend.deps.db, of(&zhang), None).await.unwrap();
        assert_eq!(home.len(), 3);
    }
}

/// So many people who live in districts of Shanghai, and one who does not.
async fn people_of(backend: &Backend, count: u128) -> BTreeSet<PersonId> {
    let now = backend.deps.clock.now();
    let ids: Vec<PersonId> = (1..=count + 1)
        .map(|n| PersonId(Uuid::from_u128(n << 80)))
        .collect();
    let people = ids.iter().map(|id| person::Model {
        id: *id,
        number: id.number(),
        data_key: Vec::new(),
        phone: None,
        phone_index: None,
        name: None,
        document_kind: None,
        document_number: None,
        document_index: None,
        verified_at: None,
        created_at: now,
    });
    let db = &backend.deps.db;
    person::Entity::insert_many(people.map(IntoActiveModel::into_active_model))
        .exec_without_returning(db)
        .await
        .unwrap();
    let districts = ["310101", "310104", "310105"];
    let stays = ids.iter().enumerate().map(|(at, id)| {
        let code = if at == 0 { "420106" } else { districts[at % 3] };
        declared_stay::Model {
            declaration_id: DeclarationId(id.0),
            position: 0,
            person_id: *id,
            division: Division::try_from(code.to_owned()).unwrap(),
            first_day: local_date(now),
            last_day: None,
            declared_at: now,
            replaced_at: None,
        }
    });
    declared_stay::Entity::insert_many(stays.map(IntoActiveModel::into_active_model))
        .exec_without_returning(db)
        .await
        .unwrap();
    ids.into_iter().skip(1).collect()
}
