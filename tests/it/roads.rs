//! The catalogue of sections is public, is decided by whoever looks after a district, and forgets nothing.

use api::roads::{self, Hours, HoursRequest, Route, RouteFinding, Weekday};
use chrono::TimeDelta;
use entity::values::{Plate, PlateColour, Role, SectionCode};
use integration_tests::{Backend, call::Reply, on_both_stacks};
use miniapp_mock::{Fault, Platform, RegisteredVehicle};
use reqwest::Method;
use serde_json::{Value, json};

const FIRST: &str = "120101-0001";
const SECOND: &str = "120101-0002";

fn section(valid_from: &str) -> Value {
    json!({
        "name_zh": "南京路", "name_en": "Nanjing Road", "valid_from": valid_from,
        "restricted": [{"weekdays": ["mon", "tue"], "from": "22:00", "until": "06:00"}],
        "classes": ["ordinary"],
    })
}

fn with(mut section: Value, field: &str, value: Value) -> Value {
    section[field] = value;
    section
}

fn of(code: &str) -> String {
    format!("/v1/staff/road-sections/{code}")
}

fn codes(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["code"].as_str().unwrap())
        .collect()
}

/// From the Monday on which every test begins to the Sunday after.
fn all_week(from: &str, until: &str) -> Hours {
    let request = HoursRequest {
        weekdays: Weekday::ALL.to_vec(),
        from: from.into(),
        until: until.into(),
        first: "2026-03-02".parse().unwrap(),
        last: "2026-03-08".parse().unwrap(),
    };
    request.read().unwrap()
}

async fn judged(backend: &Backend, named: &[&SectionCode], hours: &Hours) -> Vec<RouteFinding> {
    let route = Route::Sections {
        sections: named.iter().map(|&code| code.clone()).collect(),
    };
    let plate = Plate::parse("津A12345").unwrap();
    roads::judge(&backend.deps.db, &route, hours, &plate)
        .await
        .unwrap()
}

on_both_stacks! {
    async fn a_section_is_public_from_the_day_on_that_was_decided(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "120000").await;
        let decided = admin.put(&of(FIRST), section("2026-03-02")).await.ok();
        assert_eq!(decided["versions"].as_array().unwrap().len(), 1);
        let again = admin.put(&of(FIRST), section("2026-03-02")).await.ok();
        assert_eq!(again, decided, "deciding what holds anyway does nothing");
        let open = with(section("2026-03-10"), "restricted", json!([]));
        admin.put(&of(FIRST), open).await.ok();

        let anyone = backend.anyone();
        let path = format!("/v1/road-sections/{FIRST}");
        let seen = anyone.get(&path).await;
        let tag = seen.headers["etag"].to_str().unwrap().to_owned();
        let known = anyone.request(Method::GET, &path).header("if-none-match", &tag);
        assert_eq!(Reply::to(known).await.status, 304);
        let seen = seen.ok();
        assert_eq!(seen["division"], "120101");
        assert_eq!(seen["now"]["restricted"][0]["until"], "06:00");
        assert_eq!(seen["later"][0]["valid_from"], "2026-03-10");
        backend.clock.advance(TimeDelta::days(8));
        let seen = anyone.get(&path).await.ok();
        assert_eq!((&seen["now"]["restricted"], &seen["later"]), (&json!([]), &json!([])));

        let admin = backend.staff(Role::RegionAdmin, "120000").await;
        let over = json!({"valid_from": "2026-03-11"});
        admin.put(&format!("{}/end", of(FIRST)), over).await.ok();
        assert_eq!(anyone.get(&path).await.ok()["later"][0]["ended"], true);
        backend.clock.advance(TimeDelta::days(1));
        assert_eq!(anyone.get(&path).await.problem(404), "not-found");
        let auditor = backend.staff(Role::Auditor, "120101").await;
        let history = auditor.get(&of(FIRST)).await.ok();
        assert_eq!(history["versions"].as_array().unwrap().len(), 3, "nothing is forgotten");
    }

    async fn sections_are_listed_by_division_page_by_page(stack: Stack) {
        let backend = Backend::start(stack).await;
        for code in ["120102-0001", SECOND, FIRST, "310101-0001"] {
            backend.road(code).await;
        }
        let anyone = backend.anyone();
        let first = anyone.get("/v1/road-sections?division=120000&limit=2").await.ok();
        assert_eq!(codes(&first), [FIRST, SECOND]);
        let next = first["next"].as_str().unwrap();
        let last = anyone.get(&format!("/v1/road-sections?division=120000&limit=2&after={next}")).await.ok();
        assert_eq!(codes(&last), ["120102-0001"]);
        let district = anyone.get("/v1/road-sections?division=120101").await.ok();
        assert_eq!(codes(&district), [FIRST, SECOND]);
        anyone.get("/v1/road-sections").await.problem(422);
        anyone.get("/v1/road-sections?division=120101&after=x").await.problem(422);
    }

    async fn what_cannot_be_decided_is_refused_by_field(stack: Stack) {
        let backend = Backend::start(stack).await;
        let admin = backend.staff(Role::RegionAdmin, "120000").await;
        let good = || section("2026-03-02");
        let week = |from: &str, until: &str| json!([{"weekdays": ["mon"], "from": from, "until": until}]);
        for (body, field, code) in [
            (section("2026-03-01"), "valid_from", "past"),
            (section("2029-03-01"), "valid_from", "far"),
            (with(good(), "name_zh", json!(" ")), "name_zh", "length"),
            (with(good(), "restricted", week("07:00", "07:00")), "restricted[0].until", "same"),
            (with(good(), "restricted", week("25:00", "07:00")), "restricted[0].from", "time"),
            (with(good(), "ways_around", json!([FIRST])), "ways_around[0]", "itself"),
            (with(good(), "ways_around", json!([SECOND])), "ways_around[0]", "unknown_section"),
            (with(good(), "colour", json!("x")), "colour", "unknown_field"),
        ] {
            let refused = admin.put(&of(FIRST), body).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        let elsewhere = backend.staff(Role::RegionAdmin, "310000").await;
        assert_eq!(elsewhere.put(&of(FIRST), good()).await.problem(404), "not-found");
        assert_eq!(admin.put(&of("120100-0001"), good()).await.problem(404), "not-found");
        let end = format!("{}/end", of(FIRST));
        assert_eq!(admin.put(&end, json!({"valid_from": "2026-03-02"})).await.problem(404), "not-found");
    }

    async fn a_file_is_kept_as_a_whole_or_not_at_all(stack: Stack) {
        let backend = Backend::start(stack).await;
        let head = "code,name_zh,name_en,valid_from,restricted,classes,ways_around\n";
        let bad = format!("{head}{FIRST},甲,A,2026-03-02,,,{SECOND}\n120102-0001,乙,B,2026-03-02,mon,,\n");
        let roads::Error::File(flaws) = roads::bring_in(&backend.deps, bad.as_bytes()).await.unwrap_err() else {
            panic!("refused for its rows");
        };
        assert_eq!(flaws[0].line, 3);
        let lost = format!("{head}{FIRST},甲,A,2026-03-02,,,{SECOND}\n");
        let roads::Error::File(flaws) = roads::bring_in(&backend.deps, lost.as_bytes()).await.unwrap_err() else {
            panic!("refused for its ways");
        };
        assert_eq!(flaws[0].to_string(), "line 2: ways_around[0]: is in no catalogue of sections");
        backend.anyone().get(&format!("/v1/road-sections/{FIRST}")).await.problem(404);

        let good = format!("{lost}{SECOND},乙,B,2026-03-02,daily 07:00-09:00,,\n");
        let kept = roads::bring_in(&backend.deps, good.as_bytes()).await.unwrap();
        assert_eq!((kept.decided, kept.unchanged), (2, 0));
        let kept = roads::bring_in(&backend.deps, good.as_bytes()).await.unwrap();
        assert_eq!((kept.decided, kept.unchanged), (0, 2));
    }

    async fn a_route_is_judged_by_the_catalogue(stack: Stack) {
        let backend = Backend::start(stack).await;
        let open = backend.road_with("120101-0005", "", "").await;
        let around = backend.road_with(SECOND, "daily 07:00-09:00", "120101-0005").await;
        let restricted = backend.road_with(FIRST, "daily 22:00-06:00", "").await;
        let unknown: SectionCode = "120101-0009".parse().unwrap();
        let night = all_week("23:00", "01:00");
        let morning = all_week("08:00", "10:00");
        assert_eq!(judged(&backend, &[&restricted], &night).await, []);
        let named = [&restricted, &around, &open, &unknown];
        assert_eq!(judged(&backend, &named, &morning).await, [
            RouteFinding::NotAtTheseHours { section: restricted.clone() },
            RouteFinding::OtherWay { section: around.clone(), by: open.clone() },
            RouteFinding::NotRestricted { section: open.clone() },
            RouteFinding::Unknown { section: unknown.clone() },
        ]);
    }

    async fn the_registry_of_vehicles_is_asked_by_plate_and_colour(stack: Stack) {
        let backend = Backend::start(stack).await;
        let plate = Plate::parse("津·ａ12345").unwrap();
        let look_up = async |colour| backend.deps.vehicles.look_up(&plate, colour).await;
        let known = look_up(PlateColour::Blue).await.unwrap().unwrap();
        assert_eq!(known.unresolved_violations, 0);
        backend.mock.register_vehicle(RegisteredVehicle {
            plate: "津A12345".into(),
            colour: "yellow".into(),
            unresolved_violations: 2,
            inspected_until: "2026-02-28".parse().unwrap(),
        });
        let known = look_up(PlateColour::Yellow).await.unwrap().unwrap();
        assert_eq!(known.unresolved_violations, 2);
        assert_eq!(known.inspected_until.to_string(), "2026-02-28");
        assert_eq!(look_up(PlateColour::Blue).await.unwrap(), None);
        backend.mock.order_fault(Platform::Vehicles, Fault::Busy, None);
        assert!(look_up(PlateColour::Yellow).await.is_err());
    }
}
