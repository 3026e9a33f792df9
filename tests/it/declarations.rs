//! What was declared is kept as it was declared, and only its owner and their guardian see it.

use integration_tests::{
    backend::{Backend, GRANDMOTHER, Session, ZHANG, declaration},
    call::Caller,
    on_both_stacks,
};
use serde_json::{Value, json};

fn declarations_of(person: &str) -> String {
    format!("/v1/people/{person}/declarations")
}

/// A declaration that differs from all others by its address.
fn from_house(number: u32) -> Value {
    let mut report = declaration();
    report["address"] = json!(format!("人民大道 {number} 号"));
    report
}

async fn declare_houses(page: &Caller, path: &str, houses: std::ops::RangeInclusive<u32>) {
    for house in houses {
        page.post(path, from_house(house)).await.ok();
    }
}

async fn add_grandmother(backend: &Backend, guardian: &Session) -> String {
    let body = json!({
        "name": GRANDMOTHER.name,
        "document_kind": "resident_card",
        "document_number": GRANDMOTHER.number,
        "relationship": "elder",
    });
    let page = backend.as_citizen(guardian);
    let added = page.post("/v1/dependants", body).await.ok();
    added["person_id"].as_str().unwrap().to_owned()
}

on_both_stacks! {
    async fn every_version_of_a_declaration_reads_back_as_it_was_declared(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), declarations_of(&zhang.person));
        let mut travelled = from_house(2);
        travelled["health"] = json!({"temperature": 37.9, "symptoms": ["cough", "fever"]});
        travelled["residence"] = json!([
            {"place": {"division": "420106"}, "from": "2026-02-10", "until": "2026-02-24"},
            {"place": "abroad", "from": "2026-02-24", "until": "2026-03-01"},
        ]);
        travelled["contact"] = json!({"with_case": true, "with_risk_area": true});
        let reports = [from_house(1), travelled, from_house(3)];

        let mut made = Vec::new();
        for report in &reports {
            made.push(page.post(&path, report.clone()).await.ok());
        }

        let listed = page.get(&path).await.ok();
        for (at, (view, report)) in made.iter().zip(&reports).enumerate() {
            assert_eq!(view["version"], at + 1);
            assert_eq!(&view["report"], report);
            assert_eq!(view["declared_by"], zhang.person.as_str());
            assert_eq!(&listed["items"][reports.len() - 1 - at], view, "newest first");
            let one = format!("{path}/{}", view["id"].as_str().unwrap());
            assert_eq!(&page.get(&one).await.ok(), view);
        }
    }

    async fn pages_of_declarations_neither_skip_nor_repeat_while_new_ones_are_made(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), declarations_of(&zhang.person));
        declare_houses(&page, &path, 1..=7).await;

        let (mut seen, mut query) = (Vec::new(), "limit=3".to_owned());
        loop {
            let answer = page.get(&format!("{path}?{query}")).await.ok();
            let items = answer["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(|item| item["version"].as_i64().unwrap()));
            let Some(next) = answer["next"].as_str() else { break };
            query = format!("limit=3&after={next}");
            declare_houses(&page, &path, 100..=101).await;
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    }

    async fn only_the_guardian_declares_for_a_dependant_and_reads_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let stranger = backend.log_in("13900139000").await;
        let grandmother = add_grandmother(&backend, &zhang).await;
        let path = declarations_of(&grandmother);

        let made = backend.as_citizen(&zhang).post(&path, declaration()).await.ok();
        assert_eq!(made["person"], grandmother.as_str());
        assert_eq!(made["declared_by"], zhang.person.as_str());

        let (prying, one) = (backend.as_citizen(&stranger), made["id"].as_str().unwrap());
        prying.post(&path, declaration()).await.problem(404);
        prying.get(&path).await.problem(404);
        prying.get(&format!("{path}/{one}")).await.problem(404);
        let own = declarations_of(&stranger.person);
        prying.get(&format!("{own}/{one}")).await.problem(404);
        backend.anyone().get(&path).await.problem(401);

        let kept = backend.as_citizen(&zhang).get(&path).await.ok();
        assert_eq!(kept["items"].as_array().unwrap().len(), 1, "the stranger's was not kept");
    }

    async fn what_is_not_confirmed_or_cannot_be_is_refused_by_its_field(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), declarations_of(&zhang.person));
        let stay = |from: &str, until: &str| {
            json!({"place": {"division": "420106"}, "from": from, "until": until})
        };
        let overlapping = json!([stay("2026-02-20", "2026-02-25"), stay("2026-02-24", "2026-02-28")]);
        let refused = [
            ("confirmed_true", json!(false), "confirmed_true", "must_be_true"),
            ("residence", json!([stay("2026-03-01", "2026-03-03")]), "residence[0].until", "future"),
            ("residence", overlapping, "residence[1].from", "overlap"),
            ("residence", json!([stay("2026-02-28", "2026-02-27")]), "residence[0]", "date_order"),
        ];
        for (field, value, at_fault, code) in refused {
            let mut report = declaration();
            report[field] = value;
            let answer = page.post(&path, report).await;
            assert_eq!(answer.problem(422), "invalid-request");
            assert_eq!(answer.faults(), [(at_fault.to_owned(), code.to_owned())]);
        }
        assert_eq!(page.get(&path).await.ok()["items"], json!([]), "nothing was kept");
    }

    async fn versions_that_are_declared_at_once_count_on_without_a_gap(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let (page, path) = (backend.as_citizen(&zhang), declarations_of(&zhang.person));

        let at_once = (1..=8).map(|house| page.post(&path, from_house(house)));
        let answers = futures_util::future::join_all(at_once).await;
        let mut made: Vec<i64> = Vec::new();
        for answer in &answers {
            if answer.status == 201 {
                made.push(answer.json()["version"].as_i64().unwrap());
            } else {
                assert_eq!(answer.problem(409), "declaration-overtaken");
            }
        }
        made.sort_unstable();
        let count = i64::try_from(made.len()).unwrap();
        assert_eq!(made, (1..=count).collect::<Vec<_>>());
    }
}
