//! What the document says is what is served.

mod kept;
mod refusals;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use api::server;
use integration_tests::{
    Backend, Stack,
    call::Reply,
    document::{document, operations},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The checked-in document.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");

/// What anyone may call. Everything else asks for a session.
const PUBLIC: [&str; 49] = [
    "GET /.well-known/jwks.json",
    "GET /healthz",
    "GET /metrics",
    "GET /readyz",
    "GET /v1/communities/{code}",
    "GET /v1/daily-counts",
    "GET /v1/daily-counts/{day}",
    "GET /v1/daily-counts/{day}/log-proof",
    "GET /v1/data-map",
    "GET /v1/keys",
    "GET /v1/log/checkpoint",
    "GET /v1/log/tile/{level}/{index}",
    "GET /v1/notification-templates",
    "GET /v1/platforms/wechat/{app_id}/push",
    "GET /v1/policy",
    "GET /v1/regions",
    "GET /v1/regions/{code}",
    "GET /v1/regions/{code}/directory",
    "GET /v1/risk-areas",
    "GET /v1/road-sections",
    "GET /v1/road-sections/{code}",
    "GET /v1/service-level",
    "GET /v1/status-lists",
    "GET /v1/status-lists/{kind}/{list}",
    "GET /v1/terms",
    "GET /v1/vehicle-pass-types",
    "POST /v1/codes/verify",
    // The signature of a witness lets in.
    "POST /v1/log/cosignatures",
    "POST /v1/login/alipay",
    "POST /v1/login/sms",
    "POST /v1/login/sms-codes",
    "POST /v1/login/wechat",
    "POST /v1/login/refresh",
    // The provider of certificates vouches for whoever goes on.
    "POST /v1/organisation-sessions",
    "POST /v1/organisation-sessions/authorization",
    "POST /v1/passes/verify",
    "POST /v1/receipts/verify",
    // The text that the holder of a pass gave lets in.
    "POST /v1/recognitions",
    // The platform's signature lets in.
    "POST /v1/platforms/alipay/notifications",
    "POST /v1/platforms/data-centre/answers",
    "POST /v1/platforms/wechat/{app_id}/push",
    // The one-time code that a device was given lets in.
    "POST /v1/gate/enrolment",
    // The secret of an invitation lets in, or a proof.
    "POST /v1/staff/enrolment/totp",
    "POST /v1/staff/enrolment/totp/confirmation",
    "POST /v1/staff/enrolment/webauthn",
    "POST /v1/staff/enrolment/webauthn/confirmation",
    "POST /v1/staff/login/totp",
    "POST /v1/staff/login/webauthn",
    "POST /v1/staff/login/webauthn/challenges",
];

#[test]
fn openapi_yaml_is_current() {
    let generated = server::document_yaml().unwrap();
    if asked_to_update() {
        std::fs::write(DOCUMENT, &generated).unwrap();
    }
    let kept = std::fs::read_to_string(Path::new(DOCUMENT)).unwrap_or_default();
    assert!(
        kept == generated,
        "openapi.yaml is not what the routes say; write it anew with \
         `UPDATE=1 cargo test -p integration-tests openapi_yaml_is_current`"
    );
}

#[test]
fn whatever_the_document_refers_to_is_in_it() {
    let document = document();
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    assert!(referred.len() > 100, "{}", referred.len());
    for reference in referred {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

fn collect<'a>(value: &'a Value, into: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| collect(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        _ => (),
    }
}

#[test]
fn no_two_schemas_of_the_document_have_one_name() {
    let mut named: BTreeMap<String, String> = BTreeMap::new();
    for folder in ["api/src", "entity/src"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder);
        for file in files_of(&root) {
            let source = std::fs::read_to_string(&file).unwrap();
            // What macros name is named where they are used.
            for name in schemas_of(&source)
                .into_iter()
                .filter(|name| !name.starts_with('$'))
            {
                let place = file.display().to_string();
                let before = named.insert(name.clone(), place.clone());
                assert_eq!(
                    before, None,
                    "{name} is in {place} too: the document keeps one of them"
                );
            }
        }
    }
    assert!(named.len() > 300, "{}", named.len());
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => files_of(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// What the types that derive a schema in `source` are called in the document.
fn schemas_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut deriving, mut derives, mut renamed) = (false, false, None);
    for line in source.lines().map(str::trim) {
        let words: Vec<_> = line.split([' ', '<', '{', '(', ';']).collect();
        let kind = words
            .iter()
            .position(|word| ["struct", "enum"].contains(word));
        deriving |= line.starts_with("#[derive(");
        if deriving {
            derives |= line.contains("ToSchema");
            deriving = !line.ends_with(")]");
        } else if let Some((_, name)) = line.split_once("schema(as = ") {
            renamed = name.split([')', ',']).next().map(str::to_owned);
        } else if let Some(kind) = kind.filter(|_| !line.starts_with(['/', '#'])) {
            let name = renamed.take().unwrap_or_else(|| words[kind + 1].to_owned());
            names.extend(std::mem::take(&mut derives).then_some(name));
        }
    }
    names
}

#[test]
fn whatever_is_a_units_is_open_through_both_of_its_doors() {
    let own = |operation: &integration_tests::document::Operation| {
        operation
            .path
            .starts_with("/v1/organisations/{organisation}")
    };
    let units: Vec<_> = operations().into_iter().filter(own).collect();
    assert!(units.len() > 20, "{}", units.len());
    for operation in units {
        for door in ["session", "unit"] {
            assert!(operation.asks_for(door), "{}: {door}", operation.name());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test may ask for the file to be written"
)]
fn asked_to_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn the_document_asks_for_a_session_wherever_the_list_does() {
    let open: BTreeSet<_> = operations()
        .iter()
        .filter(|operation| !operation.is_for_a_session())
        .map(integration_tests::document::Operation::name)
        .collect();
    assert_eq!(open, PUBLIC.map(str::to_owned).into());
}

#[tokio::test]
async fn every_operation_turns_strangers_away() {
    let backend = Backend::start(Stack::Embedded).await;
    for operation in operations() {
        if PUBLIC.contains(&operation.name().as_str()) {
            continue;
        }
        for caller in [backend.anyone().clone(), backend.anyone().with_bearer("x")] {
            let request = caller
                .request(operation.method.clone(), &operation.path_of_nothing())
                .header("idempotency-key", "a-key-of-a-stranger")
                .json(&json!({}));
            let reply = Reply::to(request).await;
            assert_eq!(
                reply.problem(401),
                "unauthenticated",
                "{}",
                operation.name()
            );
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
}

#[test]
fn every_operation_is_documented_in_full() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let (name, says) = (operation.name(), &operation.says);
        let text = |key: &str| says[key].as_str().unwrap_or_default().to_owned();
        assert!(!text("summary").is_empty(), "{name} has no summary");
        assert!(says["tags"][0].is_string(), "{name} has no tag");
        assert!(ids.insert(text("operationId")), "{name}: its id is taken");

        let responses = says["responses"].as_object().unwrap();
        let takes_input = !says["requestBody"].is_null() || !says["parameters"].is_null();
        if takes_input || operation.is_for_a_session() {
            for class in ["4XX", "5XX"] {
                assert!(responses.contains_key(class), "{name} documents no {class}");
            }
        }
        for (status, response) in responses {
            assert!(response["description"].is_string(), "{name} {status}");
            if status.starts_with(['4', '5']) {
                let refusal = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(
                    refusal, "#/components/schemas/ProblemBody",
                    "{name} {status}"
                );
            }
        }
        let parameters = says["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
}

#[test]
fn every_field_of_an_answer_is_present_unless_the_document_says_so() {
    // Absent rather than null, by RFC 9457 and because a cursor that is there means more to come.
    let absent = [
        ("Page_AreaView", "next"),
        ("Page_CaseProgressView", "next"),
        ("Page_CheckInView", "next"),
        ("Page_CheckpointView", "next"),
        ("Page_ColourChangeView", "next"),
        ("Page_CommunityCoverageView", "next"),
        ("Page_CommunityView", "next"),
        ("Page_ComplaintView", "next"),
        ("Page_ControlActionView", "next"),
        ("Page_CorrectionView", "next"),
        ("Page_CountyCoverageView", "next"),
        ("Page_DeclarationView", "next"),
        ("Page_DelegationView", "next"),
        ("Page_DeviceView", "next"),
        ("Page_FindingView", "next"),
        ("Page_GapView", "next"),
        ("Page_GrantView", "next"),
        ("Page_ImportErrorView", "next"),
        ("Page_LogProofView", "next"),
        ("Page_NotificationView", "next"),
        ("Page_OverrideView", "next"),
        ("Page_RefusalView", "next"),
        ("Page_ReleasedView", "next"),
        ("Page_ReviewBreachView", "next"),
        ("Page_ReviewCaseView", "next"),
        ("Page_RosterEntryView", "next"),
        ("Page_RuleView", "next"),
        ("Page_SectionView", "next"),
        ("Page_StaffAccountView", "next"),
        ("Page_TracingView", "next"),
        ("Page_VehicleApplicationView", "next"),
        ("Page_VehiclePassView", "next"),
        ("Page_VisitDeletionView", "next"),
        ("Page_VisitRecordView", "next"),
        ("Page_VenueApplicationView", "next"),
        ("Page_VenueView", "next"),
        ("Page_WaitingView", "next"),
        ("Page_PublicReturnView", "next"),
        ("Page_WorkBatchView", "next"),
        ("Page_WorkEnterpriseView", "next"),
        ("Page_WorkFormView", "next"),
        ("Page_WorkerView", "next"),
        ("ReturneesView", "next"),
        ("ProblemBody", "errors"),
        ("ProblemBody", "request_id"),
    ];
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let required = |field: &str| {
            let required = schema["required"].as_array();
            required.is_some_and(|required| required.iter().any(|known| known == field))
        };
        let is_answer = ["View", "Verification", "Body"]
            .iter()
            .any(|end| name.ends_with(end));
        for field in schema["properties"]
            .as_object()
            .into_iter()
            .flat_map(|p| p.keys())
        {
            let may_be_absent = absent.contains(&(name.as_str(), field.as_str()));
            assert!(
                !is_answer || may_be_absent || required(field),
                "{name}.{field}"
            );
        }
    }
}

#[test]
fn requests_take_no_field_that_the_document_does_not_know() {
    let document = document();
    for operation in operations() {
        let body = &operation.says["requestBody"]["content"]["application/json"]["schema"];
        if !body.is_null() {
            closed(&document, body, &operation.name());
        }
    }
}

/// Every object within `schema` is closed.
fn closed(document: &Value, schema: &Value, at: &str) {
    match schema {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let pointer = reference.trim_start_matches('#');
                closed(document, document.pointer(pointer).unwrap(), reference);
            }
            let is_closed = fields.get("additionalProperties") == Some(&json!(false));
            assert!(
                !fields.contains_key("properties") || is_closed,
                "{at} is open"
            );
            for inner in fields.values() {
                closed(document, inner, at);
            }
        }
        Value::Array(items) => {
            for inner in items {
                closed(document, inner, at);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_served_as_it_is_kept() {
    let backend = Backend::start(Stack::Embedded).await;
    let reply = backend.anyone().get("/openapi.yaml").await;
    assert_eq!(reply.headers["content-type"], "application/yaml");
    let kept = std::fs::read(DOCUMENT).unwrap();
    assert!(
        reply.body == kept,
        "another document is served than is kept"
    );
}

#[tokio::test]
async fn the_browsable_document_asks_nobody_else() {
    let backend = Backend::start(Stack::Embedded).await;
    let page = backend.anyone().get("/docs/").await;
    assert!(page.status.is_success());
    let page = String::from_utf8(page.body).unwrap();
    let mut linked: Vec<_> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| page.split(attribute).skip(1))
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert!(linked.len() >= 3, "{page}");
    linked.push("swagger-initializer.js".into());
    for link in linked {
        assert!(!link.contains("//"), "{link} is somewhere else");
        let path = format!("/docs/{}", link.trim_start_matches("./"));
        let part = backend.anyone().get(&path).await;
        assert!(part.status.is_success(), "{path}");
    }
    let setup = backend.anyone().get("/docs/swagger-initializer.js").await;
    let setup = String::from_utf8(setup.body).unwrap();
    assert!(setup.contains("/openapi.json"));
    assert!(!setup.contains("://"), "{setup}");
    // Unless told otherwise the page shows a badge that a server elsewhere draws.
    assert!(setup.contains("\"validatorUrl\": \"none\""), "{setup}");
    assert_eq!(backend.anyone().get("/openapi.json").await.ok(), document());
}

#[tokio::test]
async fn a_camera_that_opens_a_printed_code_is_told_where_to_scan_it_and_nothing_is_asked_of_it() {
    let backend = Backend::start(Stack::Embedded).await;
    let one = backend.anyone().get("/v/q3VhL0xkZ2NwYTkxbTd0Zg").await;
    let other = backend.anyone().get("/v/canary7f3a").await;
    assert_eq!(one.status, 200);
    assert_eq!(one.body, other.body, "the same whatever was printed");
    let page = String::from_utf8(one.body).unwrap();
    for words in ["微信", "支付宝", "WeChat", "Alipay"] {
        assert!(page.contains(words), "{words}");
    }
    for asking in ["<script", "<link", "<img", "<form", "://", "src="] {
        assert!(!page.contains(asking), "{asking}");
    }
    assert_eq!(one.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(one.headers["cache-control"], "public, max-age=300");
    assert!(!one.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let backend = Backend::start_with(Stack::Embedded, |config| {
        config.server.public_url = "https://code.example".into();
    })
    .await;
    let described = operations()
        .into_iter()
        .map(|o| (o.method.clone(), o.path_of_nothing()));
    let others = [
        "/openapi.yaml",
        "/openapi.json",
        "/docs/",
        "/v/x",
        "/nowhere",
    ];
    let others = others.map(|path| (Method::GET, path.to_owned()));
    for (method, path) in described.chain(others) {
        let reply = Reply::to(backend.anyone().request(method.clone(), &path)).await;
        let header = |name: &str| {
            let value = reply
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok());
            value
                .unwrap_or_else(|| panic!("{method} {path} answers without {name}"))
                .to_owned()
        };
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert!(header("strict-transport-security").starts_with("max-age=31536000"));
        assert!(header("content-security-policy").contains("default-src '"));
        assert!(header("x-request-id").len() >= 8);
        let may_be_kept = [
            "/v1/daily-counts",
            "/v1/data-map",
            "/v1/terms",
            "/v1/keys",
            "/v1/policy",
            "/v1/regions",
            "/v1/status-lists",
            "/.well-known/jwks.json",
            "/v/x",
        ]
        .contains(&path.as_str());
        let expected = if may_be_kept {
            "public, max-age=300"
        } else {
            "no-store"
        };
        assert_eq!(header("cache-control"), expected, "{method} {path}");
    }
}
