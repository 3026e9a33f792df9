//! Where people live: regions open one by one, and codes of divisions outlive the divisions.

mod calendar;

use api::{
    config::Undecided,
    declarations::MarkOpened,
    jobs::Sweep,
    recheck,
    regions::{self, AccessPlan, Notice, Opening},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, declaration, person,
    values::{DeclarationId, Division, PersonId},
};
use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    call::Reply,
    on_both_stacks,
};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

const PHONE: &str = "13800138000";

/// Three days after every test begins.
const OPENING: &str = "2026-03-05T08:00:00+08:00";

fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Huangpu opens in three days, and says so.
fn huangpu() -> Opening {
    Opening {
        division: division("310101"),
        opens_at: at(OPENING),
        closes_at: None,
        plan: AccessPlan {
            notice: Some(Notice {
                zh: "黄浦区三月五日开通".into(),
                en: "Huangpu opens on 5 March".into(),
            }),
            contact: Some("021-12345".into()),
            ..AccessPlan::default()
        },
    }
}

fn living_in(code: &str) -> Value {
    let mut report = declaration();
    report["division"] = json!(code);
    report
}

async fn declare(backend: &Backend, citizen: &Session, report: Value) -> Reply {
    let path = format!("/v1/people/{}/declarations", citizen.person);
    backend.as_citizen(citizen).post(&path, report).await
}

/// Zhang's code after his session has run out.
async fn code_much_later(backend: &Backend) -> Value {
    code_of(backend, &backend.log_in(PHONE).await).await
}

async fn code_of(backend: &Backend, citizen: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", citizen.person);
    backend.as_citizen(citizen).get(&path).await.ok()
}

/// What the log says of the colour of `citizen`, in order.
async fn colours_on_record(backend: &Backend, citizen: &Session) -> Vec<Value> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::SubjectId.eq(Uuid::parse_str(&citizen.person).unwrap()))
        .filter(audit_entry::Column::Event.eq("colour_changed"))
        .order_by_asc(audit_entry::Column::At)
        .all(&backend.deps.db)
        .await
        .unwrap();
    entries.into_iter().map(|entry| entry.detail).collect()
}

on_both_stacks! {
    async fn a_region_opens_at_its_time_and_its_people_turn_green_without_asking(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let zhang = backend.verified(PHONE, ZHANG).await;
        let made = declare(&backend, &zhang, declaration()).await.ok();
        backend.sweep().await;

        backend.wait(TimeDelta::seconds(3));
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "grey");
        assert_eq!(code["reasons"].as_array().unwrap().len(), 1, "{code}");
        assert_eq!(code["reasons"][0]["code"], "G00");
        assert_eq!(code["reasons"][0]["rule"], "region.not-open");
        assert_eq!(code["reasons"][0]["until"], "2026-03-05T00:00:00Z");
        let region = json!({
            "division": "310101",
            "name": "上海市黄浦区",
            "opens_at": "2026-03-05T00:00:00Z",
            "notice": "Huangpu opens on 5 March",
            "contact": "021-12345",
        });
        assert_eq!(code["region"], region);
        let verdict = backend.anyone().post("/v1/codes/verify", json!({"token": code["token"]}));
        assert_eq!(verdict.await.ok()["colour"], "grey");
        let kept = format!("/v1/people/{}/declarations/{}", zhang.person, made["id"].as_str().unwrap());
        assert_eq!(backend.as_citizen(&zhang).get(&kept).await.ok(), made);

        backend.wait_until("2026-03-05T07:59:59+08:00");
        assert_eq!(backend.sweep().await, 0, "nobody is due before");
        backend.wait_until(OPENING);
        let zhang = backend.log_in(PHONE).await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["reasons"][0]["rule"], "code.undecided", "not compared yet: {code}");
        assert_eq!(backend.sweep().await, 1);
        backend.wait(TimeDelta::seconds(3));
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "green", "{code}");
        assert_eq!((&code["reasons"], &code["region"]), (&json!([]), &Value::Null));
        assert_eq!(colours_on_record(&backend, &zhang).await.len(), 1);
    }

    async fn an_opening_that_is_brought_forward_reaches_those_who_wait_for_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let zhang = backend.verified(PHONE, ZHANG).await;
        declare(&backend, &zhang, declaration()).await.ok();
        backend.sweep().await;

        backend.wait(TimeDelta::hours(1));
        backend.open_region("310101", "2026-03-02T13:00:00+08:00").await;
        backend.sweep().await;
        assert_eq!(code_much_later(&backend).await["colour"], "green");
    }

    async fn nothing_is_found_against_anybody_before_the_region_opens(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let zhang = backend.verified(PHONE, ZHANG).await;
        let mut unwell = declaration();
        unwell["health"] = json!({"temperature": 38.5, "symptoms": ["cough"]});
        declare(&backend, &zhang, unwell).await.ok();
        backend.sweep().await;
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(code_of(&backend, &zhang).await["colour"], "grey");

        backend.wait_until(OPENING);
        backend.sweep().await;
        let code = code_much_later(&backend).await;
        assert_eq!(code["colour"], "yellow");
        assert_eq!(code["reasons"][0]["code"], "Y01");
    }

    async fn moving_to_a_region_that_is_not_open_hides_no_cause(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let zhang = backend.verified(PHONE, ZHANG).await;
        let mut unwell = living_in("310104");
        unwell["health"] = json!({"temperature": 38.5, "symptoms": []});
        declare(&backend, &zhang, unwell.clone()).await.ok();
        backend.sweep().await;
        unwell["division"] = json!("310101");
        declare(&backend, &zhang, unwell).await.ok();
        backend.sweep().await;
        backend.wait(TimeDelta::seconds(3));
        let code = code_of(&backend, &zhang).await;
        assert_eq!(code["colour"], "yellow");
        assert_eq!(code["reasons"][1]["rule"], "region.not-open");
    }

    async fn the_nearest_region_decides_and_elsewhere_the_configuration(stack: Stack) {
        let backend = Backend::start_with(stack, |config| {
            config.regions.default = Undecided::Closed;
        })
        .await;
        backend.open_region("310000", OPENING).await;
        backend.open_region("310104", "2026-03-01T00:00:00+08:00").await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        for (lives_in, colour, waits_for) in [
            ("310104", "green", Value::Null),
            ("310101", "grey", json!("310000")),
            ("310103", "grey", json!("310000")),
            ("420106", "grey", Value::Null),
        ] {
            backend.wait(TimeDelta::seconds(3));
            declare(&backend, &zhang, living_in(lives_in)).await.ok();
            backend.sweep().await;
            let code = code_of(&backend, &zhang).await;
            assert_eq!(code["colour"], colour, "{lives_in}: {code}");
            assert_eq!(code["region"]["division"], waits_for, "{lives_in}");
        }
    }

    async fn the_log_tells_that_a_region_closed_and_opened(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        backend.wait(TimeDelta::minutes(1));
        let mut closing = huangpu();
        closing.opens_at = at("2026-03-01T00:00:00Z");
        closing.closes_at = Some(at("2026-03-03T00:00:00Z"));
        regions::decide(&backend.deps, &closing).await.unwrap();
        backend.sweep().await;
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");

        backend.wait_until("2026-03-03T08:00:00+08:00");
        backend.sweep().await;
        let code = code_much_later(&backend).await;
        assert_eq!(code["colour"], "grey");
        assert_eq!(code["region"]["opens_at"], Value::Null);

        backend.wait(TimeDelta::minutes(1));
        backend.open_region("310101", "2026-03-01T00:00:00+08:00").await;
        backend.sweep().await;
        let colours: Vec<Value> = colours_on_record(&backend, &zhang)
            .await
            .into_iter()
            .map(|detail| json!([detail["from"], detail["to"]]))
            .collect();
        assert_eq!(
            colours,
            [json!(["grey", "green"]), json!(["green", "grey"]), json!(["grey", "green"])]
        );
    }

    async fn a_round_goes_on_where_it_stopped_and_leaves_nobody_out(stack: Stack) {
        let backend = Backend::start(stack).await;
        let people = people_of(&backend, 450).await;
        backend.open_region("310000", OPENING).await;

        let mut steps = 0;
        while MarkOpened::run(&backend.deps).await.unwrap() > 0 {
            steps += 1;
            assert!(steps < 10, "it comes to an end");
        }
        assert_eq!(steps, 3);
        let db = &backend.deps.db;
        let marked = recheck::claim(db, backend.deps.clock.now(), 1_000).await.unwrap();
        assert_eq!(marked.len(), people);
        assert_eq!(MarkOpened::run(&backend.deps).await.unwrap(), 0, "nothing until it opens");
        backend.wait_until(OPENING);
        assert_eq!(MarkOpened::run(&backend.deps).await.unwrap(), 201);
    }

    async fn a_declaration_names_divisions_that_exist_or_existed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified(PHONE, ZHANG).await;
        for known in ["310101", "310103", "429004", "441900", "659001", "810000"] {
            declare(&backend, &zhang, living_in(known)).await.ok();
        }
        let mut report = living_in("310199");
        report["residence"] = json!([
            {"place": {"division": "310103"}, "from": "2026-02-20", "until": "2026-02-22"},
            {"place": {"division": "838383"}, "from": "2026-02-22", "until": "2026-02-24"},
        ]);
        let refused = declare(&backend, &zhang, report).await;
        assert_eq!(refused.problem(422), "invalid-request");
        let unknown = |field: &str| (field.to_owned(), "unknown_division".to_owned());
        assert_eq!(
            refused.faults(),
            [unknown("division"), unknown("residence[1].place.division")]
        );
    }

    async fn anyone_looks_regions_up_and_need_not_fetch_them_twice(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let anyone = backend.anyone();

        let provinces = anyone.get("/v1/regions").await.ok();
        assert_eq!(provinces["items"].as_array().unwrap().len(), 34);
        let listed = anyone.get("/v1/regions?parent=310000").await;
        assert_eq!(listed.headers["cache-control"], "public, max-age=300");
        let first = &listed.json()["items"][0];
        assert_eq!(first, &json!({"code": "310101", "name": "黄浦区"}));
        let again = anyone
            .request(Method::GET, "/v1/regions?parent=310000")
            .header("if-none-match", &listed.headers["etag"]);
        let again = Reply::to(again).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));

        let region = anyone.get("/v1/regions/310101").await;
        let view = region.json();
        assert_eq!(view["full_name"], "上海市黄浦区");
        assert_eq!(view["parent"], "310000");
        assert_eq!(view["opening"]["open"], false);
        assert_eq!(view["opening"]["opens_at"], "2026-03-05T00:00:00Z");
        assert_eq!(view["opening"]["notice"]["zh"], "黄浦区三月五日开通");
        backend.wait_until(OPENING);
        let later = anyone.get("/v1/regions/310101").await;
        assert_eq!(later.json()["opening"]["open"], true);
        assert_ne!(later.headers["etag"], region.headers["etag"]);

        let abolished = anyone.get("/v1/regions/310103").await.ok();
        assert_eq!(abolished["status"], "abolished");
        assert_eq!(abolished["last_year"], 2010);
        assert_eq!(abolished["in_force"], "310000");
        assert_eq!(abolished["opening"]["division"], Value::Null);
        assert_eq!(abolished["opening"]["open"], true);

        anyone.get("/v1/regions/310199").await.problem(404);
        anyone.get("/v1/regions/x").await.problem(404);
        let unknown = anyone.get("/v1/regions?parent=310199").await;
        assert_eq!(unknown.problem(422), "invalid-request");
        assert_eq!(unknown.faults(), [("parent".to_owned(), "unknown_division".to_owned())]);
    }

    async fn looking_a_region_up_again_and_again_asks_the_database_every_five_seconds(stack: Stack) {
        let backend = Backend::start(stack).await;
        let anyone = backend.anyone();
        let decided_on = async |code: &str| {
            let region = anyone.get(&format!("/v1/regions/{code}")).await.ok();
            region["opening"]["division"].clone()
        };
        assert_eq!(decided_on("310101").await, Value::Null);
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        backend.wait(TimeDelta::milliseconds(4_999));
        assert_eq!(decided_on("310101").await, Value::Null);
        assert_eq!(decided_on("310104").await, Value::Null, "not Huangpu");
        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!(decided_on("310101").await, "310101");
    }

    async fn what_nobody_decides_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let refused = async |change: fn(&mut Opening)| {
            let mut opening = huangpu();
            change(&mut opening);
            regions::decide(&backend.deps, &opening).await.unwrap_err().to_string()
        };
        let abolished = refused(|o| o.division = Division::try_from("310103".to_owned()).unwrap());
        assert_eq!(abolished.await, "no division in force has the code 310103");
        let backwards = refused(|o| o.closes_at = Some(o.opens_at));
        assert_eq!(backwards.await, "a region closes after it opens");
        for implausible in [
            refused(|o| o.closes_at = Some(at("9999-12-31T00:00:00Z"))).await,
            refused(|o| o.opens_at = at("1999-12-31T23:59:59Z")).await,
        ] {
            assert_eq!(implausible, "a region opens and closes in the years 2000 to 2199");
        }
        assert!(refused(|o| o.plan.contact = Some(" ".into())).await.starts_with("a contact has"));
        assert!(regions::decisions(&backend.deps).await.unwrap().is_empty());
    }

    async fn a_dependant_waits_for_the_region_that_was_declared_for_them(stack: Stack) {
        let backend = Backend::start(stack).await;
        regions::decide(&backend.deps, &huangpu()).await.unwrap();
        let zhang = backend.verified(PHONE, ZHANG).await;
        let body = json!({
            "name": GRANDMOTHER.name,
            "document_kind": "resident_card",
            "document_number": GRANDMOTHER.number,
            "relationship": "elder",
        });
        let added = backend.as_citizen(&zhang).post("/v1/dependants", body).await.ok();
        let grandmother = Session {
            person: added["person_id"].as_str().unwrap().to_owned(),
            ..zhang.clone()
        };
        declare(&backend, &zhang, living_in("310104")).await.ok();
        declare(&backend, &grandmother, declaration()).await.ok();
        backend.sweep().await;
        backend.wait(TimeDelta::seconds(3));
        assert_eq!(code_of(&backend, &zhang).await["colour"], "green");
        assert_eq!(code_of(&backend, &grandmother).await["colour"], "grey");
    }
}

/// `count` people who declared to live somewhere in Shanghai, and one in Wuhan. Returns how many are
/// in Shanghai.
async fn people_of(backend: &Backend, count: u128) -> usize {
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
    person::Entity::insert_many(people.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    let districts = ["310101", "310104", "310105"];
    let declared = ids.iter().enumerate().map(|(at, id)| declaration::Model {
        id: DeclarationId(id.0),
        person_id: *id,
        version: 1,
        declared_by: *id,
        declared_at: now,
        division: division(if at == 0 { "420106" } else { districts[at % 3] }),
        content: Vec::new(),
        unwell: false,
        arrived_on: None,
    });
    declaration::Entity::insert_many(declared.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    ids.len() - 1
}
