//! Instances of the service over one database and one shared store, with the outside world faked.

use std::sync::Arc;

use actix_web::{
    App,
    http::{Method, StatusCode, header::HeaderMap},
    test::{self, TestRequest},
    web::Data,
};
use api::{
    config::{Display, Login, Notifications, Policy, Regions, Staff},
    credentials::{self, Keyring},
    declarations::Reminders,
    deps::Deps,
    health_code::CodeCache,
    identity::{self, SessionCache},
    jobs::Nudge,
    platform::{
        Ephemeral, OsEntropy, Vault,
        ephemeral::{InProcess, Redis, RedisSettings},
        vault::VaultKeys,
    },
    regions::OpeningCache,
};
use chrono::TimeDelta;
use integration_tests::{
    Database, ManualClock, Stack,
    fakes::{APP, FakePlatform, FakeRegistry, Faulty, SentSms, Silent},
    stack,
};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;
use zeroize::Zeroizing;

/// What instances share.
pub(super) struct Rig {
    pub(super) database: Database,
    pub(super) clock: ManualClock,
    pub(super) store: Arc<Faulty>,
    pub(super) sms: Arc<SentSms>,
    pub(super) platform: Arc<FakePlatform>,
    pub(super) registry: Arc<FakeRegistry>,
    pub(super) login: Login,
}

/// One instance.
pub(super) struct Instance {
    pub(super) deps: Data<Deps>,
}

/// What an instance answered.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Rig {
    pub(super) async fn new(stack: Stack) -> Self {
        let clock = ManualClock::at("2026-03-02T04:00:00Z".parse().unwrap());
        let store: Arc<dyn Ephemeral> = match stack {
            Stack::Embedded => Arc::new(InProcess::new(Arc::new(clock.clone()))),
            Stack::Production => {
                let settings = RedisSettings {
                    prefix: stack::redis_prefix(),
                    // The machine that runs the tests may be busy with others.
                    connect_timeout: std::time::Duration::from_secs(10),
                    response_timeout: std::time::Duration::from_secs(20),
                    ..RedisSettings::new(vec![stack::redis_url()], false)
                };
                Arc::new(Redis::connect(&settings, Arc::new(clock.clone())).unwrap())
            }
        };
        Self {
            database: Database::fresh(stack).await,
            clock,
            store: Arc::new(Faulty::new(store)),
            sms: Arc::default(),
            platform: Arc::default(),
            registry: Arc::default(),
            login: Login::default(),
        }
    }

    pub(super) async fn instance(&self) -> Instance {
        let keys = VaultKeys {
            encryption: [(1, Zeroizing::new([1; 32]))].into(),
            index: [(1, Zeroizing::new([2; 32]))].into(),
        };
        let db = self.database.connect().await;
        let vault = Arc::new(Vault::new(&keys).unwrap());
        let visiting = api::config::Visits::default();
        let pace = api::visits::Pace {
            queue: visiting.queue,
            window: visiting.window(),
        };
        let visits =
            api::visits::Ingest::begin(db.clone(), pace, vault.clone(), Arc::new(OsEntropy));
        let deps = Deps {
            db,
            ephemeral: self.store.clone(),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(OsEntropy),
            vault,
            keyring: Keyring::new(None),
            sessions: SessionCache::new(1_000),
            codes: CodeCache::new(Display::default()),
            sms: self.sms.clone(),
            wechat: self.platform.clone(),
            wechat_inbox: Arc::new(Silent),
            wechat_messages: Arc::new(Silent),
            wechat_codes: Arc::new(Silent),
            alipay: self.platform.clone(),
            alipay_inbox: Arc::new(Silent),
            alipay_messages: Arc::new(Silent),
            alipay_codes: Arc::new(Silent),
            registry: self.registry.clone(),
            certificates: Arc::new(Silent),
            objects: Arc::new(api::clients::Folder::new(std::env::temp_dir())),
            vehicles: Arc::new(integration_tests::vehicles::TrafficRegistry::default()),
            permits: api::credentials::Kinds::default(),
            published: api::credentials::Published::default(),
            status_lists: String::new(),
            log: api::transparency::Log::default(),
            vehicle_passes: api::config::VehiclePasses::default(),
            uploads: api::uploads::Workshop::default(),
            data_centre: Arc::new(Silent),
            organisations: api::config::Organisations::default(),
            followers: Vec::new(),
            recheck: Nudge::default(),
            outbox: Nudge::default(),
            holdings: api::holdings::Holdings::default(),
            reminders: Reminders::default(),
            openings: OpeningCache::default(),
            law: api::policy::PolicyCache::default(),
            doors: api::venues::Doors::new(&[[3; 32]], String::new()),
            communities: api::config::Communities::default(),
            coverage: api::communities::Progress::default(),
            reviews: api::review::Handlers::default(),
            workflows: api::review::WorkflowCache::default(),
            imports: api::config::Imports::default(),
            notifications: Notifications::default(),
            login: self.login.clone(),
            overrides: api::config::Overrides::default(),
            policy: Policy::default(),
            regions: Regions::default(),
            reports: api::config::Reports::default(),
            retention: api::config::Retention::default(),
            forgetting: api::health_code::Forgetting::default(),
            staff: Staff::default(),
            gates: api::checkpoints::Gates::default(),
            gating: api::config::Gates::default(),
            admission: Arc::new(api::http::shedding::Admission::new(1_000)),
            ladder: api::service_level::Ladder::new(self.database.connect().await),
            venues: api::config::Venues::default(),
            visits,
            visiting,
            work_permits: api::config::WorkPermits::default(),
        };
        let instance = Instance {
            deps: Data::new(deps),
        };
        instance.rotate_keys().await;
        instance
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }

    /// Both at once.
    pub(super) async fn start(stack: Stack) -> (Self, Instance) {
        let rig = Self::new(stack).await;
        let instance = rig.instance().await;
        (rig, instance)
    }

    /// Ask for a code and give back what the log-in with it would be.
    pub(super) async fn code(&self, instance: &Instance, phone: &str) -> Value {
        let sent = instance
            .post("/login/sms-codes", json!({"phone": phone}))
            .await;
        assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", sent.text);
        json!({
            "request_id": sent.body()["request_id"],
            "phone": phone,
            "code": self.sms.last_code(phone),
            "accepted": accepted(),
            "device": "zhang's phone",
        })
    }

    /// Log in by SMS.
    pub(super) async fn log_in(&self, instance: &Instance, phone: &str) -> Value {
        let login = self.code(instance, phone).await;
        let answer = instance.post("/login/sms", login).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body()
    }

    /// Log in and verify the identity of `name` with the document `number`.
    pub(super) async fn verified(
        &self,
        instance: &Instance,
        phone: &str,
        name: &str,
        number: &str,
    ) -> Value {
        let tokens = self.log_in(instance, phone).await;
        self.registry.knows(name, number);
        let answer = instance
            .send(
                Method::PUT,
                "/me/identity",
                &tokens,
                Some(identity_of(name, number)),
            )
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        tokens
    }
}

impl Instance {
    /// What the sweep does every minute.
    pub(super) async fn rotate_keys(&self) {
        credentials::rotate(&self.deps).await.unwrap();
    }

    /// Post without a session.
    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(TestRequest::post().uri(path).set_json(body))
            .await
    }

    /// Send with the access token in `tokens`.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        tokens: &Value,
        body: Option<Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let mut request = TestRequest::with_uri(path)
            .method(method)
            .insert_header(("authorization", bearer));
        if let Some(body) = body {
            request = request.set_json(body);
        }
        self.call(request).await
    }

    pub(super) async fn get(&self, path: &str, tokens: &Value) -> Answer {
        self.send(Method::GET, path, tokens, None).await
    }

    pub(super) async fn call(&self, request: TestRequest) -> Answer {
        let app = App::new()
            .app_data(self.deps.clone())
            .configure(|app| identity::configure(&mut ServiceConfig::new(app)));
        let app = test::init_service(app).await;
        let response = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Answer {
            status,
            headers,
            text,
        }
    }
}

impl Answer {
    pub(super) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// Status and kind of a refusal, and the first field at fault with its code.
    pub(super) fn refusal(&self) -> String {
        let body = self.body();
        let kind = body["type"].as_str().unwrap_or_default();
        let kind = kind.rsplit(':').next().unwrap_or_default();
        let field = body["errors"][0]["field"]
            .as_str()
            .map_or_else(String::new, |field| {
                format!(
                    " {field}: {}",
                    body["errors"][0]["code"].as_str().unwrap_or_default()
                )
            });
        format!("{} {kind}{field}", self.status.as_u16())
    }

    pub(super) fn retry_after(&self) -> Option<u64> {
        self.headers.get("retry-after")?.to_str().ok()?.parse().ok()
    }
}

pub(super) fn accepted() -> Value {
    json!({"terms": "2026-11-23", "privacy": "2026-11-23"})
}

pub(super) fn identity_of(name: &str, number: &str) -> Value {
    json!({"name": name, "document_kind": "resident_card", "document_number": number})
}

/// A log-in of `user`, with the number in `phone`; `#1` and so on make codes new.
pub(super) fn wechat(user: &str, phone: &str) -> Value {
    json!({
        "app_id": APP,
        "login_code": format!("user:{user}"),
        "phone_code": phone,
        "accepted": accepted(),
    })
}

/// The same from an older WeChat, whose page got the number encrypted.
pub(super) fn old_wechat(user: &str, phone: &str) -> Value {
    let openid = user.split('#').next();
    json!({
        "app_id": APP,
        "login_code": format!("user:{user}"),
        "encrypted_phone": {"encrypted_data": phone, "iv": openid},
        "accepted": accepted(),
    })
}

/// The same through Alipay.
pub(super) fn alipay(user: &str, phone: &str) -> Value {
    json!({
        "app_id": APP,
        "auth_code": format!("user:{user}"),
        "phone_payload": phone,
        "accepted": accepted(),
    })
}

/// A resident card's number of somebody born on a day of May 1990, with its check character.
pub(super) fn card(day: u32) -> String {
    born("199005", day)
}

/// The same of a child.
pub(super) fn child_card(day: u32) -> String {
    born("201505", day)
}

/// The number of who was born on `day` of `month`.
fn born(month: &str, day: u32) -> String {
    let digits = format!("310101{month}{day:02}001");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum();
    let check = b"10X98765432"[sum as usize % 11] as char;
    format!("{digits}{check}")
}
