//! What a unit sees of visits, and what follows from one.

use api::{
    jobs::Sweep,
    visits::{self, Arrival, CountVisits, ForgetLookUps, MakeDays},
};
use chrono::TimeDelta;
use entity::{
    values::{Assurance, Colour, PersonId, Role, VenueCategory, VisitWay},
    visit, visitor_look_up,
};
use integration_tests::{
    backend::{Backend, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{PHONE, arrival, on_record, scan, who};

on_both_stacks! {
    async fn whom_a_unit_looks_up_is_on_record_and_has_an_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let door = format!("/v1/organisations/{}/venues/{}/visits", venue.organisation, venue.id);
        unit.post(&door, json!({"phone": PHONE})).await.ok();
        let said = &on_record(&backend).await[0];
        assert_eq!(visits::Voucher::of(said.assurance), None, "a number that somebody said");
        let shown = json!({"document": {"document_kind": "resident_card", "document_number": ZHANG.number}});
        unit.post(&door, shown).await.ok();
        let visits = on_record(&backend).await;
        assert_eq!(visits.iter().map(|visit| visit.assurance).collect::<Vec<_>>(), [Assurance::Staff]);
        let unknown = json!({"phone": "13600136000"});
        assert_eq!(unit.post(&door, unknown.clone()).await.problem(404), "visitor-unknown");
        let entries = entity::audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let looked_up: Vec<_> = entries
            .iter()
            .filter(|entry| entry.event == "visitor_looked_up")
            .map(|entry| entry.subject_id)
            .collect();
        let known = Some(who(&zhang).0);
        assert_eq!(looked_up.len(), 3);
        assert_eq!(looked_up.iter().filter(|subject| **subject == known).count(), 2);

        for _ in 3..300 {
            unit.post(&door, unknown.clone()).await.problem(404);
        }
        let refused = unit.post(&door, json!({"phone": PHONE})).await;
        assert_eq!(refused.problem(429), "visitors-too-many-look-ups");
        let words = json!({"guest": {"name": "王大明", "contact": "13700137000"}});
        unit.post(&door, words).await.ok();
    }

    async fn whoever_is_looked_up_sees_where_and_a_number_that_is_said_tells_no_tests(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let staff = backend.staff(Role::Epidemiologist, "310000").await;
        let at = backend.deps.clock.now();
        let test = json!({
            "document_kind": "resident_card", "document_number": ZHANG.number, "lab": "cdc", "tube": "1",
            "tube_size": 1, "sampled_at": at, "reported_at": at, "result": "negative",
        });
        staff.post("/v1/staff/tests", test).await.ok();
        backend.compare().await;
        backend.wait(TimeDelta::seconds(3));
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let door = format!("/v1/organisations/{}/venues/{}/visits", venue.organisation, venue.id);
        let by_phone = unit.post(&door, json!({"phone": PHONE})).await.ok();
        assert_eq!((&by_phone["masked_name"], &by_phone["colour"]), (&json!("张*明"), &json!("green")));
        assert_eq!(by_phone["latest_test"], Value::Null, "whoever says a number learns no more");
        let first = backend.deps.clock.now();
        backend.wait(TimeDelta::minutes(1));
        let document = json!({"document": {"document_kind": "resident_card", "document_number": ZHANG.number}});
        let shown = unit.post(&door, document).await.ok();
        assert_eq!(shown["latest_test"]["result"], "negative");
        unit.post(&door, json!({"phone": "13600136000"})).await.problem(404);

        let path = format!("/v1/people/{}/look-ups", zhang.person);
        let seen = backend.as_citizen(&zhang).get(&path).await.ok();
        let seen = seen["items"].as_array().unwrap();
        assert_eq!(seen.iter().map(|it| &it["by"]).collect::<Vec<_>>(), ["document", "phone"]);
        assert_eq!(seen[1], json!({
            "venue": venue.id, "venue_name": "人民广场书店", "by": "phone", "at": first,
        }));
        let stranger = backend.log_in("13900139000").await;
        assert_eq!(backend.as_citizen(&stranger).get(&path).await.problem(404), "not-found");

        // Forgotten with the visits.
        backend.wait(TimeDelta::days(21));
        assert_eq!(ForgetLookUps::run(&backend.deps).await.unwrap(), 1);
        backend.wait(TimeDelta::minutes(2));
        assert_eq!(ForgetLookUps::run(&backend.deps).await.unwrap(), 1);
        assert_eq!(visitor_look_up::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn a_unit_sees_counts_and_masked_names_of_its_own_venues(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let of = |what: &str| format!("/v1/organisations/{}/venues/{}/{what}", venue.organisation, venue.id);
        scan(&backend, &zhang, &venue).await;
        backend.wait(TimeDelta::minutes(1));
        let guest = json!({"guest": {"name": "王大明", "contact": "13700137000"}});
        let written = unit.post(&of("visits"), guest.clone()).await.ok();
        assert_eq!((&written["colour"], &written["repeated"]), (&json!(null), &json!(false)));
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(unit.post(&of("visits"), guest).await.ok()["repeated"], true);
        let by_phone = unit.post(&of("visits"), json!({"phone": PHONE})).await.ok();
        assert_eq!((&by_phone["colour"], &by_phone["repeated"]), (&json!("green"), &json!(true)));
        assert_eq!(by_phone["masked_name"], "张*明");
        let nobody = unit.post(&of("visits"), json!({"phone": "13600136000"})).await;
        assert_eq!(nobody.problem(404), "visitor-unknown");
        let both = unit.post(&of("visits"), json!({})).await;
        assert_eq!(both.problem(422), "invalid-request");

        let today = unit.get(&of("records/today")).await.ok();
        assert_eq!((&today["total"], &today["green"], &today["grey"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!(CountVisits::run(&backend.deps).await.unwrap(), 0, "few are left");
        assert_eq!(unit.get(&of("records/today")).await.ok(), today, "counted once");
        let hours = unit.get(&of("records/hours?day=2026-03-02")).await.ok();
        assert_eq!((&hours[0]["hour"], &hours[0]["total"]), (&json!(12), &json!(2)));
        let days = unit.get(&of("records/days?from=2026-03-01&to=2026-03-03")).await.ok();
        assert_eq!(days.as_array().unwrap().len(), 3);
        let page = unit.get(&of("records/visits?day=2026-03-02&limit=1")).await.ok();
        assert_eq!((&page["items"][0]["name"], &page["items"][0]["way"]), (&json!("王**"), &json!("hand")));
        let next = format!("records/visits?day=2026-03-02&limit=1&after={}", page["next"].as_str().unwrap());
        let page = unit.get(&of(&next)).await.ok();
        assert_eq!(page["items"][0]["name"], "张*明");
        assert_eq!(page["next"], json!(null));
        let sheet = unit.get(&of("records/visits?day=2026-03-02&format=csv")).await;
        assert!(!sheet.headers.contains_key("link"), "a spreadsheet holds the whole day");
        let first = unit.get(&of("records/visits?day=2026-03-02&format=csv&limit=1")).await;
        let link = first.headers["link"].to_str().unwrap();
        let query = link.strip_prefix("<?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        let second = unit.get(&of(&format!("records/visits?{query}"))).await;
        let lines = |sheet: &[u8]| String::from_utf8(sheet.to_vec()).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!([lines(&first.body), lines(&second.body)].concat(), lines(&sheet.body));
        let greens = unit.get(&of("records/visits?day=2026-03-02&colour=green&format=csv")).await;
        assert_eq!(greens.headers["content-type"], "text/csv; charset=utf-8");
        let greens = String::from_utf8(greens.body).unwrap();
        assert!(greens.contains("张*明") && !greens.contains("王"), "{greens}");
        let book = unit.get(&of("records/days?from=2026-03-01&to=2026-03-02&format=xlsx")).await;
        assert!(book.body.starts_with(b"PK"));
        let too_long = unit.get(&of("records/days?from=2026-01-01&to=2026-03-02")).await;
        assert_eq!(too_long.problem(422), "invalid-request");

        let other = backend.organisation(COMPANY).await;
        let stranger = backend.as_unit(other).await;
        assert_eq!(stranger.get(&of("records/today")).await.problem(404), "not-found");
        let foreign = format!("/v1/organisations/{}/venues/{}/records/today", other, venue.id);
        assert_eq!(stranger.get(&foreign).await.problem(404), "not-found");
    }

    async fn an_hour_says_the_same_whoever_counts_at_the_moment(stack: Stack) {
        let backend = Backend::start(stack).await;
        let other = backend.another_instance().await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let today = format!("/v1/organisations/{}/venues/{}/records/today", venue.organisation, venue.id);
        let colours = [Colour::Green, Colour::Grey, Colour::Yellow, Colour::Red];
        for came in 1..=8 {
            let mut arrivals = Vec::new();
            for colour in colours {
                let person = PersonId(backend.deps.entropy.id());
                arrivals.push(Arrival { colour, ..arrival(&backend, &venue, person).await });
            }
            visits::register(&backend.deps, arrivals).await.unwrap();
            let (told, ..) = tokio::join!(
                unit.get(&today),
                CountVisits::run(&backend.deps),
                CountVisits::run(&other.deps),
            );
            let told = told.ok();
            assert_eq!((&told["total"], &told["red"]), (&json!(4 * came), &json!(came)));
            assert_eq!(unit.get(&today).await.ok(), told);
        }
    }

    async fn a_printed_code_counts_against_nobody_and_stays_overlap_by_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let noon = backend.deps.clock.now();
        let came = |minutes: i64| noon - TimeDelta::minutes(minutes);
        let mut seen = Vec::new();
        for (minutes, assurance) in [
            (200, Assurance::Sentinel),
            (90, Assurance::Staff),
            (80, Assurance::StaticOnly),
            (10, Assurance::Rotating),
        ] {
            let person = PersonId(backend.deps.entropy.id());
            let at = came(minutes);
            let arrival = Arrival { at, assurance, ..arrival(&backend, &venue, person).await };
            visits::register(&backend.deps, vec![arrival]).await.unwrap();
            seen.push(person);
        }
        // People stay in a shop for an hour.
        let overlaps = visits::overlaps(&backend.deps, venue.id, came(45), came(20)).await.unwrap();
        let present: Vec<PersonId> = overlaps.present.iter().map(visits::Presence::person).collect();
        let hinted: Vec<PersonId> = overlaps.hinted.iter().map(visits::Hint::person).collect();
        assert_eq!((present, hinted), (vec![seen[1]], vec![seen[2]]));
        assert_eq!(visits::Voucher::of(Assurance::StaticOnly), None);
    }

    async fn nobody_is_missed_where_more_came_than_are_read_at_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Airport).await;
        let (noon, db) = (backend.deps.clock.now(), &backend.deps.db);
        MakeDays::run(&backend.deps).await.unwrap();
        let visits: Vec<visit::ActiveModel> = (0..5_100_i32)
            .map(|place| {
                let yesterday = place % 100 == 0;
                let day = if yesterday { "2026-03-01" } else { "2026-03-02" };
                let back = if yesterday { 43_200 + place } else { 7_200 };
                visit::Model {
                    day: day.parse().unwrap(),
                    venue_id: venue.id,
                    // Some come several times.
                    subject: Uuid::from_u128(u128::try_from(place % 4_000).unwrap()),
                    slot: place,
                    at: noon - TimeDelta::seconds(back.into()),
                    left_at: Some(noon),
                    assurance: Assurance::Sentinel,
                    way: VisitWay::Device,
                    colour: Colour::Green,
                    noted_by: None,
                }
                .into_active_model()
            })
            .collect();
        for some in visits.chunks(1_000) {
            let some = some.to_vec();
            visit::Entity::insert_many(some).exec_without_returning(db).await.unwrap();
        }
        let overlaps = visits::overlaps(&backend.deps, venue.id, noon, noon).await.unwrap();
        assert_eq!(overlaps.present.len(), 5_100);
        let came: Vec<_> = overlaps.present.iter().map(visits::Presence::from).collect();
        assert!(came.is_sorted(), "in the order in which they came");
    }
}
