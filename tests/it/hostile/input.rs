//! Bodies.

use api::platform::Entropy;
use entity::values::Role;
use integration_tests::{
    Backend, SeededEntropy, Stack,
    backend::{ZHANG, declaration},
    call::{Caller, Reply},
    document::operations,
    on_both_stacks,
};
use reqwest::Method;
use serde_json::{Value, json};

/// Makes a good declaration a bad one.
type Spoil = fn(&mut Value);

/// Somebody verified, and the path of their declarations.
async fn citizen() -> (Backend, Caller, String) {
    let backend = Backend::start(Stack::Embedded).await;
    let zhang = backend.verified("13800138000", ZHANG).await;
    let page = backend.as_citizen(&zhang);
    let declare = format!("/v1/people/{}/declarations", zhang.person);
    (backend, page, declare)
}

#[tokio::test]
async fn a_document_number_that_cannot_be_is_refused_by_name() {
    let backend = Backend::start(Stack::Embedded).await;
    let page = backend.as_citizen(&backend.log_in("13800138000").await);
    for (number, code) in [
        ("310101199003070018", "check_character"),
        ("11010519491231002x9", "form"),
        ("310101199002300019", "birth_date"),
        ("310101209901010019", "birth_date"),
        ("990101199003070019", "province"),
        ("一二三四五六", "form"),
        ("31010119900307001", "form"),
        ("31010119900307OO19", "form"),
        ("' OR '1'='1", "form"),
        ("\u{0}\u{0}\u{0}", "null_character"),
        ("٣١٠١٠١١٩٩٠٠٣٠٧٠٠١٩", "form"),
    ] {
        let body = identity(ZHANG.name, number);
        let reply = page.put("/v1/me/identity", body).await;
        assert_eq!(reply.problem(422), "invalid-request", "{number}");
        assert_eq!(
            reply.faults(),
            [("document_number".into(), code.into())],
            "{number}"
        );
    }
    let me = page.get("/v1/me").await.ok();
    assert_eq!(me["verified"], false);
}

on_both_stacks! {
    async fn a_null_character_is_refused_by_name_wherever_it_stands(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let admin = backend.staff(Role::RegionAdmin, "310000").await;
        let steward = backend.staff(Role::DataSteward, "310000").await;
        let correction = json!({
            "person": zhang.person, "record": "test/lab/T", "mistake": "not_mine", "text": "a\u{0}b",
        });
        let newcomer = json!({"name": "赵敏", "unit": "卫\u{0}健委", "division": "310101"});
        for (reply, field) in [
            (page.post("/v1/corrections", correction).await, "text"),
            (page.get("/v1/corrections?person=%00").await, "person"),
            (admin.post("/v1/staff/accounts", newcomer).await, "unit"),
            (admin.get("/v1/staff/accounts?after=%00").await, "after"),
            (steward.post("/v1/staff/fact-sources/a%00b/revocation", json!({})).await, "id"),
        ] {
            assert_eq!(reply.problem(422), "invalid-request", "{field}");
            assert_eq!(reply.faults(), [(field.to_owned(), "null_character".to_owned())]);
        }
    }
}

#[tokio::test]
async fn a_document_number_in_full_width_digits_is_the_same_number() {
    let backend = Backend::start(Stack::Embedded).await;
    let page = backend.as_citizen(&backend.log_in("13800138000").await);
    let body = identity("李秀英", "１１０１０５１９４９１２３１００２ｘ");
    let identity = page.put("/v1/me/identity", body).await.ok();
    assert_eq!(identity["document_number"], "110105********002X");
}

#[tokio::test]
async fn a_number_that_is_no_mainland_mobile_gets_no_sms() {
    let backend = Backend::start(Stack::Embedded).await;
    for phone in [
        "",
        "1380013800",
        "138001380001",
        "12800138000",
        "+85261234567",
        "+14155552671",
        "02164721000",
        "10086",
        "13800138000;13900139000",
        "13800138000\r\n13900139000",
        "一三八〇〇一三八〇〇〇",
    ] {
        let reply = backend
            .anyone()
            .post("/v1/login/sms-codes", json!({"phone": phone}))
            .await;
        assert_eq!(reply.problem(422), "invalid-request", "{phone}");
        assert_eq!(
            reply.faults(),
            [("phone".into(), "not_a_mainland_mobile".into())]
        );
    }
    assert_eq!(backend.mock.latest_sms_code("13800138000"), None);
}

#[tokio::test]
async fn a_declaration_that_cannot_be_is_refused_and_not_kept() {
    let (_backend, page, declare) = citizen().await;
    let cases: [(Spoil, &str, &str); 13] = [
        (
            |d| d["division"] = json!("３１０１０１"),
            "division",
            "type",
        ),
        (|d| d["division"] = json!("310101 "), "division", "type"),
        (|d| d["division"] = json!(310_101), "division", "type"),
        (
            |d| d["health"]["temperature"] = json!(33.9),
            "health.temperature",
            "type",
        ),
        (
            |d| d["health"]["temperature"] = json!("36.5"),
            "health.temperature",
            "type",
        ),
        (
            |d| d["health"]["symptoms"] = json!(["cough", "cough"]),
            "health.symptoms",
            "duplicate",
        ),
        (
            |d| d["residence"] = stay("2026-02-30", "2026-03-01"),
            "residence[0].from",
            "type",
        ),
        (
            |d| d["residence"] = stay("2026-03-01", "2026-02-27"),
            "residence[0]",
            "date_order",
        ),
        (
            |d| d["residence"] = stay("+262143-12-31", "+262143-12-31"),
            "residence[0].from",
            "type",
        ),
        (
            |d| d["residence"] = json!(vec![stay("2026-03-01", "2026-03-01")[0].clone(); 31]),
            "residence",
            "length",
        ),
        (|d| d["address"] = json!(""), "address", "length"),
        (
            |d| d["confirmed_true"] = json!(false),
            "confirmed_true",
            "must_be_true",
        ),
        (|d| d["colour"] = json!("green"), "colour", "unknown_field"),
    ];
    for (spoil, field, code) in cases {
        let mut body = declaration();
        spoil(&mut body);
        let reply = page.post(&declare, body.clone()).await;
        assert_eq!(reply.problem(422), "invalid-request", "{body}");
        assert_eq!(
            reply.faults(),
            [(field.to_owned(), code.to_owned())],
            "{body}"
        );
    }
    assert_eq!(page.get(&declare).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn malformed_deep_and_huge_json_is_refused_before_it_is_read() {
    let (_backend, page, declare) = citizen().await;
    let deep = format!("{}{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let fields: Vec<_> = (0..5_000).map(|n| format!("\"{n}\":{n}")).collect();
    let cases: [(Vec<u8>, u16); 12] = [
        (b"null".to_vec(), 422),
        (b"[]".to_vec(), 422),
        (b"\"\"".to_vec(), 422),
        (b"{".to_vec(), 400),
        (format!("{}{{}}", declaration()).into_bytes(), 400),
        (b"{'address':1}".to_vec(), 400),
        (b"\xef\xbb\xbf{}".to_vec(), 400),
        (b"{\"address\":\"\\ud800\"}".to_vec(), 400),
        (b"{\"address\":NaN}".to_vec(), 400),
        (deep.into_bytes(), 400),
        (format!("{{{}}}", fields.join(",")).into_bytes(), 422),
        (vec![b'['; 10 << 20], 413),
    ];
    for (body, status) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let reply = Reply::to(json_post(&page, &declare, body)).await;
        assert_eq!(reply.status, status, "{shown}");
        reply.problem(status);
    }
    let twice = br#"{"temperature":36.5,"temperature":36.6}"#.to_vec();
    let check_in = declare.replace("declarations", "check-ins");
    let reply = Reply::to(json_post(&page, &check_in, twice)).await;
    assert_eq!(reply.problem(422), "invalid-request");
}

#[tokio::test]
async fn a_text_that_is_no_code_is_answered_invalid() {
    let (backend, page, declare) = citizen().await;
    let shown = page
        .get(&declare.replace("declarations", "health-code"))
        .await
        .ok();
    let code = shown["token"].as_str().unwrap().to_owned();
    let good = backend
        .anyone()
        .post("/v1/codes/verify", json!({"token": code}))
        .await
        .ok();
    assert_eq!(good["verdict"], "valid");

    let mut forged: Vec<String> = [
        "x",
        "JK1:",
        "JK2:",
        "jk1:",
        "https://example.com/?q=1",
        "健康码",
        "6BF5A",
    ]
    .map(str::to_owned)
    .into();
    forged.push(code.to_lowercase());
    forged.push(code.replacen("JK1:", "JK2:", 1));
    forged.push(code.replacen("JK1:", "HC1:", 1));
    forged.push(code.trim_start_matches("JK1:").to_owned());
    forged.push(format!("{code} "));
    forged.push(format!(" {code}"));
    forged.push(format!("{code}{code}"));
    forged.push(format!("JK1:{}", "0".repeat(1_196)));
    for at in (4..code.len()).step_by(7) {
        let mut changed = code.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        forged.push(String::from_utf8(changed).unwrap());
        forged.push(code.chars().take(at).collect());
    }
    for text in forged {
        let reply = backend
            .anyone()
            .post("/v1/codes/verify", json!({"token": text}))
            .await;
        let verdict = reply.ok();
        assert_eq!(verdict["verdict"], "invalid", "{text}");
        assert_eq!(
            (&verdict["colour"], &verdict["issued_at"]),
            (&Value::Null, &Value::Null)
        );
    }
    backend.wait(chrono::TimeDelta::seconds(66));
    let late = backend
        .anyone()
        .post("/v1/codes/verify", json!({"token": code}))
        .await
        .ok();
    assert_eq!(late["verdict"], "invalid");
}

#[tokio::test]
async fn noise_never_breaks_anything() {
    let (backend, page, _) = citizen().await;
    let noise = SeededEntropy::new(20_260_302);
    let posts: Vec<_> = operations()
        .into_iter()
        .filter(|operation| !operation.says["requestBody"].is_null())
        .collect();
    for round in 0..300_u32 {
        let mut bytes = vec![0; usize::try_from(noise.below(600)).unwrap()];
        noise.fill(&mut bytes);
        let operation = &posts[usize::try_from(round).unwrap() % posts.len()];
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let as_code = json!({"token": format!("JK1:{text}")})
            .to_string()
            .into_bytes();
        let as_field = json!({"phone": text, "name": text, "token": text})
            .to_string()
            .into_bytes();
        let own = operation.path_of(&own_id(&page).await);
        for (method, path, body) in [
            (Method::POST, "/v1/codes/verify", as_code),
            (operation.method.clone(), own.as_str(), bytes),
            (operation.method.clone(), own.as_str(), as_field),
        ] {
            let reply = Reply::to(json_request(&page, method, path, body)).await;
            assert!(
                reply.status.as_u16() < 500,
                "{path}: {:?} to {text:?}",
                reply.status
            );
            if reply.status.is_client_error() {
                reply.problem(reply.status.as_u16());
            }
        }
    }
    assert_eq!(backend.anyone().get("/readyz").await.status, 200);
}

async fn own_id(page: &Caller) -> String {
    page.get("/v1/me").await.ok()["person_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn json_post(page: &Caller, path: &str, body: Vec<u8>) -> reqwest::RequestBuilder {
    json_request(page, Method::POST, path, body)
}

fn json_request(
    page: &Caller,
    method: Method,
    path: &str,
    body: Vec<u8>,
) -> reqwest::RequestBuilder {
    page.request(method, path)
        .header("idempotency-key", "a-key")
        .header("content-type", "application/json")
        .body(body)
}

fn identity(name: &str, number: &str) -> Value {
    json!({"name": name, "document_kind": "resident_card", "document_number": number})
}

fn stay(from: &str, until: &str) -> Value {
    json!([{"place": {"division": "310101"}, "from": from, "until": until}])
}
