//! Places with a door, and the code on it.

mod pictures;
pub(crate) mod rig;

use api::{
    jobs::Sweep,
    review::RunClocks,
    venues::{self, WatchDoors, word_of},
};
use chrono::TimeDelta;
use entity::{
    audit_entry, organisation,
    values::{Assurance, OrganisationId, Role, VenueApplicationId, VenueCategory, VenueId},
    venue,
};
use futures_util::future::join_all;
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
};
use reqwest::Method;
use rig::{
    ANOTHER, DISTRICT, agent, approve, ask, bookshop, case_of, decide, of_unit, open, read, scan,
    text, unit,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

/// How many places through the mini-program are taken.
async fn taken(backend: &Backend, unit: OrganisationId) -> i64 {
    let unit = organisation::Entity::find_by_id(unit)
        .one(&backend.deps.db)
        .await;
    unit.unwrap().unwrap().mini_program_venues
}

/// Who did `event` to `case`: what kind of actor the audit log names.
async fn actors(backend: &Backend, event: &str, case: &str) -> Vec<String> {
    let found = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq(event))
        .all(&backend.deps.db)
        .await;
    let found = found.unwrap().into_iter();
    let about = found.filter(|entry| format!("{entry:?}").contains(case));
    about.map(|entry| entry.actor_kind).collect()
}

fn id(value: &Value) -> VenueId {
    VenueId(text(value).parse().unwrap())
}

on_both_stacks! {
    async fn a_unit_asks_the_district_grants_and_the_code_counts_from_then_on(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let asked = ask(&page, unit, bookshop()).await;
        assert_eq!(asked.status, 201);
        let asked = asked.ok();
        for (field, value) in [
            ("kind", json!("new")),
            ("channel", json!("mini_program")),
            ("applied_by", json!(zhang.person)),
            ("name", json!("人民广场书店")),
            ("state", json!("authority")),
            // Three working days after a Monday.
            ("due_at", json!("2026-03-05T16:00:00Z")),
            ("outcome", Value::Null),
        ] {
            assert_eq!(asked[field], value, "{field}");
        }
        assert!(text(&asked["reference"]).starts_with("CS-"));
        let before = read(&page, unit, &asked["venue"]).await;
        assert_eq!((&before["state"], &before["code"]), (&json!("applied"), &Value::Null));
        decide(&backend, &asked, ANOTHER, json!({"action": "approve"})).await.problem(404);

        approve(&backend, &asked, DISTRICT).await;
        let after = read(&page, unit, &asked["venue"]).await;
        assert_eq!(after["state"], "active");
        let code = text(&after["code"]);
        assert!(code.starts_with("http://127.0.0.1:8080/v/"), "{code}");
        assert_eq!(scan(&backend, code).await, Ok((id(&asked["venue"]), Assurance::StaticOnly)));
        let door = venues::door(&backend.deps, id(&asked["venue"])).await.unwrap().unwrap();
        assert_eq!((&*door.name, door.category, door.organisation), ("人民广场书店", VenueCategory::Shop, unit));

        let told = page.get("/v1/me/notifications").await.ok();
        assert!(told.to_string().contains("review_decided"), "{told}");
        for records in ["/v1/me/venue-applications".to_owned(), of_unit(unit, "venue-applications")] {
            let records = page.get(&records).await.ok();
            assert_eq!(records["items"][0]["id"], asked["id"]);
            assert_eq!(records["items"][0]["outcome"], "approved");
        }
    }

    async fn my_records_are_ones_own_and_the_units(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, first) = unit(&backend).await;
        let grandmother = backend.verified("13900139000", GRANDMOTHER).await;
        let second = backend.organisation_of("91310101MA1K3D2E6B", GRANDMOTHER).await;
        let (zhang, li) = (backend.as_citizen(&zhang), backend.as_citizen(&grandmother));
        let asked = ask(&zhang, first, bookshop()).await.ok();
        let hers = ask(&li, second, bookshop()).await.ok();
        ask(&backend.as_unit(first).await, first, bookshop()).await.ok();

        let ids = |records: Value| -> Vec<String> {
            let items = records["items"].as_array().unwrap().iter();
            items.map(|item| text(&item["id"]).to_owned()).collect()
        };
        let own = ids(li.get("/v1/me/venue-applications").await.ok());
        assert_eq!(own, [text(&hers["id"])]);
        let of_first = zhang.get(&of_unit(first, "venue-applications")).await.ok();
        assert_eq!(ids(of_first).len(), 2, "through either door");
        let one = of_unit(first, &format!("venue-applications/{}", text(&asked["id"])));
        assert_eq!(zhang.get(&one).await.ok()["id"], asked["id"]);
        li.get(&one).await.problem(404);
        li.get(&of_unit(first, "venues")).await.problem(404);
        let stolen = of_unit(second, &format!("venue-applications/{}", text(&asked["id"])));
        li.get(&stolen).await.problem(404);
        let page = zhang.get(&of_unit(first, "venues?limit=1")).await.ok();
        let rest = format!("venues?limit=1&after={}", text(&page["next"]));
        let rest = zhang.get(&of_unit(first, &rest)).await.ok();
        assert_ne!(page["items"][0]["id"], rest["items"][0]["id"]);
        assert_eq!(rest["next"], Value::Null);
    }

    async fn what_was_refused_says_why_and_gives_its_place_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let asked = ask(&page, unit, bookshop()).await.ok();
        assert_eq!(taken(&backend, unit).await, 1);
        decide(&backend, &asked, DISTRICT, json!({"action": "refuse"})).await.problem(422);
        decide(&backend, &asked, DISTRICT, json!({"action": "refuse", "reason": "no_such_reason"})).await.problem(422);
        decide(&backend, &asked, DISTRICT, json!({"action": "refuse", "reason": "not_true"})).await.ok();
        assert_eq!(taken(&backend, unit).await, 0);
        let one = of_unit(unit, &format!("venue-applications/{}", text(&asked["id"])));
        let seen = page.get(&one).await.ok();
        assert_eq!((&seen["outcome"], &seen["refusal"]["code"]), (&json!("refused"), &json!("not_true")));
        assert!(text(&seen["refusal"]["zh"]).contains("不属实"));
        assert_eq!(read(&page, unit, &asked["venue"]).await["state"], "refused");

        let asked = ask(&page, unit, bookshop()).await.ok();
        let withdrawal = of_unit(unit, &format!("venue-applications/{}/withdrawal", text(&asked["id"])));
        let taken_back = page.post(&withdrawal, Value::Null).await.ok();
        assert_eq!(taken_back["outcome"], "withdrawn");
        assert_eq!(taken(&backend, unit).await, 0);
        page.post(&withdrawal, Value::Null).await.problem(409);
        let nothing = VenueApplicationId(uuid::Uuid::nil());
        page.post(&of_unit(unit, &format!("venue-applications/{nothing}/withdrawal")), Value::Null).await.problem(404);
    }

    async fn of_forty_who_ask_at_once_through_the_mini_program_twenty_are_taken(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let (agent, _) = agent(&backend, &backend.as_unit(unit).await, unit).await;
        let callers = [page.clone(), backend.as_citizen(&agent)];
        let replies = join_all((0..40).map(|at| ask(&callers[at % 2], unit, bookshop()))).await;
        let (taken_now, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
        assert_eq!((taken_now.len(), refused.len()), (20, 20));
        for reply in refused {
            assert_eq!(reply.problem(409), "venue-quota-used-up");
        }
        assert_eq!(taken(&backend, unit).await, 20);
        assert_eq!(venue::Entity::find().all(&backend.deps.db).await.unwrap().len(), 20);
        // A refused one makes room for one more, and the open platform has no such limit.
        let refusal = json!({"action": "refuse", "reason": "no_venue"});
        decide(&backend, &taken_now[0].json(), DISTRICT, refusal).await.ok();
        ask(&page, unit, bookshop()).await.ok();
        ask(&page, unit, bookshop()).await.problem(409);
        let with_certificate = backend.as_unit(unit).await;
        for _ in 0..3 {
            let asked = ask(&with_certificate, unit, bookshop()).await.ok();
            assert_eq!(asked["channel"], "open_platform");
        }
        assert_eq!(taken(&backend, unit).await, 20);
    }

    async fn asking_twice_with_one_key_asks_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let path = of_unit(unit, "venues");
        let first = page.post_keyed(&path, "k", bookshop()).await;
        let again = page.post_keyed(&path, "k", bookshop()).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(first.ok(), again.ok());
        assert_eq!(taken(&backend, unit).await, 1);
    }

    async fn what_nobody_can_find_or_read_is_refused_by_field(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        for (field, value, code) in [
            ("name", json!(""), "length"),
            ("name", json!("店".repeat(51)), "length"),
            ("name", json!("书\u{7}店"), "characters"),
            ("name", json!(" 书店"), "characters"),
            ("address", json!("　"), "length"),
            ("category", json!("bookshop"), "type"),
            ("division", json!("310000"), "unknown_division"),
            ("division", json!("310199"), "unknown_division"),
            ("name", json!("\u{200b}\u{2060}"), "characters"),
            ("name", json!("书\u{202e}店"), "characters"),
            ("address", json!("人民大道\u{feff} 1 号"), "characters"),
            ("division", json!("110101"), "elsewhere"),
            ("colour", json!("green"), "unknown_field"),
        ] {
            let mut request = bookshop();
            request[field] = value;
            let answer = ask(&page, unit, request).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [(field.to_owned(), code.to_owned())]);
        }
        assert_eq!(taken(&backend, unit).await, 0);
    }

    async fn who_does_not_act_for_a_unit_finds_nothing_of_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let shop = open(&backend, &backend.as_citizen(&zhang), unit, bookshop()).await;
        let stranger = backend.verified("13900139000", GRANDMOTHER).await;
        let own = backend.organisation_of("91310101MA1K3D2E6B", GRANDMOTHER).await;
        let stranger = backend.as_citizen(&stranger);
        let venue = text(&shop["id"]);
        for path in ["", "/code.png", "/code.svg", "/poster", "/code/wechat", "/code/alipay", "/screen"] {
            stranger.get(&of_unit(unit, &format!("venues/{venue}{path}"))).await.problem(404);
            stranger.get(&of_unit(own, &format!("venues/{venue}{path}"))).await.problem(404);
        }
        let elsewhere = json!({"division": ANOTHER, "address": "别处"});
        for (path, body) in [("moves", elsewhere), ("code-replacements", json!({"reason": "lost"})), ("closure", Value::Null)] {
            stranger.post(&of_unit(own, &format!("venues/{venue}/{path}")), body).await.problem(404);
        }
        let staff = backend.staff(Role::Reviewer, ANOTHER).await;
        let path = format!("/v1/staff/venues/{venue}");
        staff.sees_nothing_at(Method::GET, &path, venue, &Value::Null).await;
        staff.sees_nothing_at(Method::PUT, &format!("{path}/suspension"), venue, &json!({"reason": "shut"})).await;
        staff.sees_nothing_at(Method::DELETE, &format!("{path}/suspension"), venue, &Value::Null).await;
        let listed = staff.get("/v1/staff/venues").await.ok();
        assert_eq!(listed["items"], json!([]));
        let staff = backend.staff(Role::Reviewer, "310000").await;
        let listed = staff.get("/v1/staff/venues?state=active&category=shop").await.ok();
        assert_eq!(listed["items"][0]["id"], shop["id"]);
        assert_eq!(listed["items"][0]["organisation"]["credit_code"], COMPANY);
    }

    async fn a_code_counts_as_long_as_its_venue_stands(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let shop = open(&backend, &page, unit, bookshop()).await;
        let (venue, code) = (text(&shop["id"]), text(&shop["code"]));
        let elsewhere = backend.another_instance().await;
        assert!(scan(&elsewhere, code).await.is_ok());

        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let suspension = format!("/v1/staff/venues/{venue}/suspension");
        let suspended = staff.put(&suspension, json!({"reason": "wrong_place"})).await.ok();
        assert_eq!((&suspended["state"], &suspended["suspension"]), (&json!("suspended"), &json!("wrong_place")));
        assert_eq!(scan(&backend, code).await, Err("venue-suspended"));
        backend.wait(TimeDelta::seconds(2));
        assert_eq!(scan(&elsewhere, code).await, Err("venue-suspended"));
        page.get(&of_unit(unit, &format!("venues/{venue}/code.png"))).await.problem(409);
        staff.put(&suspension, json!({"reason": "shut"})).await.ok();
        staff.delete(&suspension).await.ok();
        assert!(scan(&backend, code).await.is_ok());
        staff.delete(&suspension).await.ok();
        let told = page.get("/v1/me/notifications").await.ok();
        let told = told["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "venue_standing");
        let told: Vec<_> = told.map(|it| it.to_string().contains("suspended")).collect();
        assert_eq!(told, [false, true], "whoever acts for the unit is told of each change, once");

        let replacement = of_unit(unit, &format!("venues/{venue}/code-replacements"));
        let replaced = page.post(&replacement, json!({"reason": "copied"})).await.ok();
        let new = text(&replaced["code"]);
        assert_ne!(new, code);
        assert_eq!(scan(&backend, code).await, Err("venue-code-replaced"));
        assert_eq!(scan(&backend, new).await, Ok((id(&shop["id"]), Assurance::StaticOnly)));

        let closure = of_unit(unit, &format!("venues/{venue}/closure"));
        let closed = page.post(&closure, Value::Null).await.ok();
        assert_eq!((&closed["state"], &closed["code"]), (&json!("closed"), &Value::Null));
        for code in [code, new] {
            assert_eq!(scan(&backend, code).await, Err("venue-closed"));
        }
        assert_eq!(taken(&backend, unit).await, 0, "its place is free");
        assert_eq!(page.post(&closure, Value::Null).await.problem(409), "venue-not-active");
        assert_eq!(page.post(&replacement, json!({"reason": "lost"})).await.problem(409), "venue-not-active");
        staff.put(&suspension, json!({"reason": "shut"})).await.problem(409);
    }

    async fn a_venue_that_moves_keeps_its_code_until_that_is_granted(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let shop = open(&backend, &page, unit, bookshop()).await;
        let (venue, code) = (text(&shop["id"]), text(&shop["code"]));
        let moves = of_unit(unit, &format!("venues/{venue}/moves"));
        let elsewhere = json!({"division": ANOTHER, "address": "肇嘉浜路 1 号"});
        let asked = page.post(&moves, elsewhere.clone()).await.ok();
        assert_eq!((&asked["kind"], &asked["division"]), (&json!("move"), &json!(ANOTHER)));
        assert_eq!(page.post(&moves, elsewhere.clone()).await.problem(409), "venue-application-open");
        let closure = of_unit(unit, &format!("venues/{venue}/closure"));
        assert_eq!(page.post(&closure, Value::Null).await.problem(409), "venue-application-open");
        assert!(scan(&backend, code).await.is_ok());

        decide(&backend, &asked, DISTRICT, json!({"action": "approve"})).await.problem(404);
        let beijing = json!({"division": "110101", "address": "东长安街 1 号"});
        let refused = page.post(&moves, beijing).await;
        assert_eq!(refused.faults(), [("division".to_owned(), "elsewhere".to_owned())]);
        approve(&backend, &asked, ANOTHER).await;
        assert_eq!(scan(&backend, code).await, Err("venue-code-replaced"));
        let moved = read(&page, unit, &shop["id"]).await;
        assert_eq!((&moved["division"], &moved["name"]), (&json!(ANOTHER), &shop["name"]));
        assert!(scan(&backend, text(&moved["code"])).await.is_ok());

        let asked = page.post(&moves, json!({"division": DISTRICT, "address": "人民大道 1 号", "name": "新书店"})).await.ok();
        decide(&backend, &asked, DISTRICT, json!({"action": "refuse", "reason": "not_true"})).await.ok();
        assert_eq!(read(&page, unit, &shop["id"]).await, moved, "nothing happened");
        assert_eq!(taken(&backend, unit).await, 1);
    }

    async fn what_is_not_a_code_of_a_venue_is_refused_by_its_own_name(stack: Stack) {
        let backend = Backend::start(stack).await;
        let shop = backend.venue(VenueCategory::Shop).await;
        let code = &shop.code_text;
        let last = if code.ends_with('A') { "Q" } else { "A" };
        for (scanned, slug) in [
            (format!("https://evil.example/v/{}", code.split_at(code.len() - 22).1), "venue-code-foreign"),
            (code.to_uppercase(), "venue-code-in-capitals"),
            (code.split_at(code.len() - 3).0.to_owned(), "venue-code-truncated"),
            (format!("{}{last}", code.split_at(code.len() - 1).0), "venue-code-forged"),
            ("JK1:6BFOXN*TS0BI$ZD".to_owned(), "venue-code-foreign"),
        ] {
            assert_eq!(scan(&backend, &scanned).await, Err(slug), "{scanned}");
        }
        assert_eq!(scan(&backend, code).await, Ok((shop.id, Assurance::StaticOnly)));
    }

    async fn a_screen_shows_a_code_that_changes_and_the_word_of_the_minute(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let mut hall = bookshop();
        hall["rotating_only"] = json!(true);
        let hall = open(&backend, &page, unit, hall).await;
        assert_eq!((&hall["rotating_only"], &hall["code"]), (&json!(true), &Value::Null));
        let path = |rest: &str| of_unit(unit, &format!("venues/{}{rest}", text(&hall["id"])));
        assert_eq!(page.get(&path("/code.png")).await.problem(409), "venue-code-on-screen-only");

        let shown = page.get(&path("/screen")).await.ok();
        assert_eq!(shown["code_until"], "2026-03-02T04:00:30Z");
        assert_eq!(shown["word_until"], "2026-03-02T04:01:00Z");
        let word = word_of(&backend.deps, id(&hall["id"]), backend.deps.clock.now());
        assert_eq!(shown["word"], json!({"zh": word.zh, "en": word.en}));
        let picture = text(&shown["code"]);
        assert_eq!(scan(&backend, picture).await, Ok((id(&hall["id"]), Assurance::Rotating)));
        backend.wait(TimeDelta::seconds(30));
        let next = page.get(&path("/screen")).await.ok();
        assert_ne!(next["code"], shown["code"]);
        assert_eq!(next["word"], shown["word"]);
        assert!(scan(&backend, picture).await.is_ok(), "one window late");
        backend.wait(TimeDelta::seconds(30));
        assert_eq!(scan(&backend, picture).await, Err("venue-code-expired"));
        assert_ne!(page.get(&path("/screen")).await.ok()["word"], shown["word"]);

        // Printed again, both count.
        let again = json!({"reason": "damaged", "rotating_only": false});
        let printed = page.post(&path("/code-replacements"), again).await.ok();
        assert!(scan(&backend, text(&printed["code"])).await.is_ok());
        let shown = page.get(&path("/screen")).await.ok();
        assert_eq!(scan(&backend, text(&shown["code"])).await.map(|found| found.1), Ok(Assurance::Rotating));
        let screen_alone = json!({"reason": "copied", "rotating_only": true});
        let code = text(&printed["code"]).to_owned();
        page.post(&path("/code-replacements"), screen_alone).await.ok();
        assert_eq!(scan(&backend, &code).await, Err("venue-code-replaced"));
    }

    async fn a_printed_code_does_not_count_where_only_the_screen_does(stack: Stack) {
        let backend = Backend::start(stack).await;
        let hall = backend.venue_with(VenueCategory::Airport, |venue| venue.rotating_only = true).await;
        assert_eq!(scan(&backend, &hall.code_text).await, Err("venue-code-on-screen-only"));
    }

    async fn a_unit_asks_with_its_certificate_once_somebody_can_be_told(stack: Stack) {
        let backend = Backend::start(stack).await;
        let unit = backend.organisation(COMPANY).await;
        let with_certificate = backend.as_unit(unit).await;
        let asked = ask(&with_certificate, unit, bookshop()).await;
        assert_eq!(asked.problem(409), "legal-person-not-verified");
        // It helps at once: the session goes on.
        backend.verified("13800138000", ZHANG).await;
        let shop = open(&backend, &with_certificate, unit, bookshop()).await;
        assert_eq!((&shop["state"], &shop["channel"]), (&json!("active"), &json!("open_platform")));
        assert_eq!(taken(&backend, unit).await, 0);
    }

    async fn what_a_unit_does_in_a_session_of_its_own_is_booked_on_the_unit(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let with_certificate = backend.as_unit(unit).await;
        for (caller, kind) in [(&page, "person"), (&with_certificate, "organisation")] {
            let asked = ask(caller, unit, bookshop()).await.ok();
            let path = of_unit(unit, &format!("venue-applications/{}/withdrawal", text(&asked["id"])));
            caller.post(&path, Value::Null).await.ok();
            let case = case_of(&backend, &asked).await;
            for event in ["case_opened", "case_moved"] {
                assert_eq!(actors(&backend, event, &case).await, [kind], "{event}");
            }
            let path = format!("/v1/cases/{case}");
            let steps = page.get(&path).await.ok()["steps"].clone();
            assert_eq!(steps[1]["by"], "applicant", "{steps}");
        }
        // An application of the legal person's that the unit takes back is not booked on them either.
        let asked = ask(&page, unit, bookshop()).await.ok();
        let path = of_unit(unit, &format!("venue-applications/{}/withdrawal", text(&asked["id"])));
        with_certificate.post(&path, Value::Null).await.ok();
        let case = case_of(&backend, &asked).await;
        assert_eq!(actors(&backend, "case_moved", &case).await, ["organisation"]);
    }

    async fn who_acts_for_the_unit_no_more_takes_none_of_its_applications_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, unit) = unit(&backend).await;
        let with_certificate = backend.as_unit(unit).await;
        let (agent, invited) = agent(&backend, &with_certificate, unit).await;
        let agent = backend.as_citizen(&agent);
        let withdrawal = |case: &str| format!("/v1/cases/{case}/withdrawal");
        let asked = ask(&agent, unit, bookshop()).await.ok();
        let case = case_of(&backend, &asked).await;
        agent.post(&withdrawal(&case), json!({})).await.ok();
        let asked = ask(&agent, unit, bookshop()).await.ok();
        let case = case_of(&backend, &asked).await;
        assert_eq!(taken(&backend, unit).await, 1);

        let path = of_unit(unit, &format!("agents/{}/withdrawal", text(&invited["id"])));
        with_certificate.post(&path, json!({})).await.ok();
        let refused = agent.post(&withdrawal(&case), json!({})).await;
        assert_eq!(refused.problem(403), "venue-unit-not-acted-for");
        assert_eq!(taken(&backend, unit).await, 1);
        let path = of_unit(unit, &format!("venue-applications/{}", text(&asked["id"])));
        assert_eq!(with_certificate.get(&path).await.ok()["outcome"], Value::Null);
        with_certificate.post(&format!("{path}/withdrawal"), Value::Null).await.ok();
        assert_eq!(taken(&backend, unit).await, 0);
    }

    async fn a_change_that_the_watch_misses_is_seen_within_a_minute(stack: Stack) {
        let backend = Backend::start(stack).await;
        let elsewhere = backend.another_instance().await;
        let shop = backend.venue(VenueCategory::Shop).await;
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let suspension = format!("/v1/staff/venues/{}/suspension", shop.id);
        let second = TimeDelta::seconds(1);
        WatchDoors::run(&elsewhere.deps).await.unwrap();
        assert!(scan(&elsewhere, &shop.code_text).await.is_ok());
        staff.put(&suspension, json!({"reason": "wrong_place"})).await.ok();
        backend.wait(second);
        WatchDoors::run(&elsewhere.deps).await.unwrap();
        assert_eq!(scan(&elsewhere, &shop.code_text).await, Err("venue-suspended"));
        staff.delete(&suspension).await.ok();
        backend.wait(second);
        WatchDoors::run(&elsewhere.deps).await.unwrap();
        assert!(scan(&elsewhere, &shop.code_text).await.is_ok());

        // Whoever suspends it now has a clock that is five minutes slow.
        staff.put(&suspension, json!({"reason": "wrong_place"})).await.ok();
        let slow = venue::ActiveModel {
            id: Set(shop.id),
            changed_at: Set(backend.deps.clock.now() - TimeDelta::minutes(5)),
            ..Default::default()
        };
        venue::Entity::update(slow).exec(&backend.deps.db).await.unwrap();
        for _ in 0..60 {
            backend.wait(second);
            WatchDoors::run(&elsewhere.deps).await.unwrap();
        }
        assert_eq!(scan(&elsewhere, &shop.code_text).await, Err("venue-suspended"));
    }

    async fn an_application_ends_once_and_gives_one_place_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        let elsewhere = backend.another_instance().await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let (agent, _) = agent(&backend, &backend.as_unit(unit).await, unit).await;
        let agent = elsewhere.as_citizen(&agent);
        ask(&page, unit, bookshop()).await.ok();
        for _ in 0..4 {
            let asked = ask(&agent, unit, bookshop()).await.ok();
            assert_eq!(taken(&backend, unit).await, 2);
            let id = text(&asked["id"]);
            let own = of_unit(unit, &format!("venue-applications/{id}/withdrawal"));
            let closure = of_unit(unit, &format!("venues/{}/closure", text(&asked["venue"])));
            let case = case_of(&backend, &asked).await;
            let decision = format!("/v1/staff/review/cases/{case}/actions");
            let taken_back = format!("/v1/cases/{case}/withdrawal");
            let staff = backend.staff(Role::Reviewer, DISTRICT).await;
            let refusal = json!({"action": "refuse", "reason": "not_true"});
            let (refused, closed, by_unit, by_case) = tokio::join!(
                staff.post(&decision, refusal),
                page.post(&closure, Value::Null),
                page.post(&own, Value::Null),
                agent.post(&taken_back, json!({})),
            );
            let ended = [refused, by_unit, by_case];
            let ended = ended.iter().filter(|reply| reply.status == 200).count();
            assert_eq!(ended, 1);
            closed.problem(409);
            assert_eq!(taken(&backend, unit).await, 1);
        }
    }

    async fn an_application_that_nobody_decides_goes_to_the_prefecture(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, unit) = unit(&backend).await;
        let page = backend.as_citizen(&zhang);
        let asked = ask(&page, unit, bookshop()).await.ok();
        backend.wait(TimeDelta::days(4));
        while RunClocks::run(&backend.deps).await.unwrap() > 0 {}
        decide(&backend, &asked, DISTRICT, json!({"action": "approve"})).await.problem(404);
        approve(&backend, &asked, "310000").await;
    }
}
