//! A whole backend on a free port: its own database, a clock that stands still, seeded randomness,
//! and the outside world played by `miniapp-mock` on the same clock. Sweeps run when told.

use std::{io, net::TcpListener, sync::Arc};

use actix_web::web::Data;
use api::{
    assembly::assemble,
    commands::dev::listening,
    config::{Config, Ephemeral, Objects, Platforms, Store},
    credentials::{self, RotateKeys},
    declarations::MarkOpened,
    deps::Deps,
    health_code::{MarkDue, MarkRuled, assess_due},
    jobs::{Nudges, Sweep},
    notifications::templates,
    platform::{
        Clock, Secret,
        lifecycle::{self, Stopper},
    },
    regions::{self, AccessPlan, Opening},
    server,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::values::Division;
use metrics_exporter_prometheus::PrometheusBuilder;
use miniapp_mock::{Mock, MockConfig};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::{Database, ManualClock, SeededEntropy, Stack, call::Caller, stack};

/// When every test begins: noon of a Monday in Shanghai.
#[must_use]
pub fn noon() -> DateTime<Utc> {
    "2026-03-02T04:00:00Z".parse().expect("an instant")
}

/// A synthetic identity: the numbers' check characters fit, and they are nobody's.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// Name.
    pub name: &'static str,
    /// Number of a resident card.
    pub number: &'static str,
}

/// Zhang.
pub const ZHANG: Identity = Identity {
    name: "张小明",
    number: "310101199003070019",
};

/// Zhang's grandmother.
pub const GRANDMOTHER: Identity = Identity {
    name: "李秀英",
    number: "11010519491231002X",
};

/// A running instance.
pub struct Backend {
    /// What its use cases reach.
    pub deps: Data<Deps>,
    /// Its database.
    pub database: Arc<Database>,
    /// The time of all instances and of the outside world.
    pub clock: ManualClock,
    /// The outside world.
    pub mock: Arc<Mock>,
    caller: Caller,
    config: Config,
    stopper: Stopper,
    serving: JoinHandle<io::Result<()>>,
}

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub person: String,
    /// Access token.
    pub access: String,
    /// Refresh token.
    pub refresh: String,
}

impl Backend {
    /// Start one on `stack`.
    pub async fn start(stack: Stack) -> Self {
        Self::start_with(stack, |_| ()).await
    }

    /// Start one on `stack` with some of the configuration changed.
    pub async fn start_with(stack: Stack, change: impl FnOnce(&mut Config)) -> Self {
        Box::pin(Self::start_as(stack, change, |_| ())).await
    }

    async fn start_as(
        stack: Stack,
        change: impl FnOnce(&mut Config),
        reach: impl FnOnce(&mut Deps),
    ) -> Self {
        let clock = ManualClock::at(noon());
        let shared = clock.clone();
        let mock = miniapp_mock::start(MockConfig {
            clock: Some(Arc::new(move || shared.now().timestamp_millis())),
            ..MockConfig::default()
        })
        .await
        .expect("the mock starts");

        let database = Database::fresh(stack).await;
        let mut config = Config {
            platforms: Platforms::mocked(mock.base_url()),
            ..Config::default()
        };
        config.database.url = database.url().into();
        // Long enough for a busy machine.
        config.database.acquire_timeout_ms = 30_000;
        config.database.statement_timeout_ms = 30_000;
        config.database.lock_timeout_ms = 30_000;
        config.server.listen = ([127, 0, 0, 1], 0).into();
        config.server.workers = 1;
        config.keys.root_key = Some(root_key());
        if stack == Stack::Production {
            config.ephemeral = Ephemeral {
                kind: Store::Redis,
                urls: vec![Secret::new(stack::redis_url())],
                prefix: stack::redis_prefix(),
                ..Ephemeral::default()
            };
        }
        match database.folder() {
            Some(folder) => config.objects.folder = folder.join("objects"),
            None => config.objects = Objects::mocked(mock.base_url()),
        }
        change(&mut config);
        // Boxed, as it holds the whole configuration.
        Box::pin(Self::launch(
            config,
            clock,
            Arc::new(mock),
            Arc::new(database),
            reach,
        ))
        .await
    }

    /// Start one on `stack` with some of what its use cases reach changed.
    pub async fn start_reaching(stack: Stack, change: impl FnOnce(&mut Deps)) -> Self {
        Self::start_as(stack, |_| (), change).await
    }

    /// Another instance of the same deployment: same database, same shared store, another process'
    /// memory.
    pub async fn another_instance(&self) -> Self {
        self.another_instance_with(|_| ()).await
    }

    /// Another instance, with some of what its use cases reach changed.
    pub async fn another_instance_with(&self, change: impl FnOnce(&mut Deps)) -> Self {
        let shared =
            (self.config.ephemeral.kind == Store::InProcess).then(|| self.deps.ephemeral.clone());
        // Boxed, as it holds the whole configuration.
        Box::pin(Self::launch(
            self.config.clone(),
            self.clock.clone(),
            self.mock.clone(),
            self.database.clone(),
            move |deps| {
                if let Some(shared) = shared {
                    deps.ephemeral = shared;
                }
                change(deps);
            },
        ))
        .await
    }

    async fn launch(
        config: Config,
        clock: ManualClock,
        mock: Arc<Mock>,
        database: Arc<Database>,
        change: impl FnOnce(&mut Deps),
    ) -> Self {
        let entropy = Arc::new(SeededEntropy::new(rand_seed()));
        let mut deps = assemble(
            &config,
            Arc::new(clock.clone()),
            entropy,
            &Nudges::default(),
        )
        .await
        .expect("the deployment assembles");
        change(&mut deps);
        templates::save(&deps, templates::DEVELOPMENT)
            .await
            .expect("the templates of the mock are in order");
        // As the worker of a new deployment does: later rounds are about what turns later.
        while MarkRuled::run(&deps).await.expect("rules turn") > 0 {}
        let deps = Data::new(deps);
        let listener = TcpListener::bind(config.server.listen).expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let meters = PrometheusBuilder::new().build_recorder().handle();
        let (stopper, stop) = lifecycle::pair();
        let server = server::serve(deps.clone(), meters, listener, listening(&config), &stop)
            .expect("it serves");
        let leave = config.server.leave();
        let serving = tokio::spawn(async move { lifecycle::serve(server, &stop, leave).await });
        Self {
            deps,
            clock,
            mock,
            caller: Caller::new(base_url),
            config,
            database,
            stopper,
            serving,
        }
    }

    /// A client of this instance, without a session.
    #[must_use]
    pub fn anyone(&self) -> &Caller {
        &self.caller
    }

    /// A client of this instance with the session of `citizen`.
    #[must_use]
    pub fn as_citizen(&self, citizen: &Session) -> Caller {
        self.caller.with_bearer(&citizen.access)
    }

    /// The versions of the documents that must be accepted.
    pub async fn accepted(&self) -> Value {
        let terms = self.caller.get("/v1/terms").await.ok();
        json!({"terms": terms["terms"]["version"], "privacy": terms["privacy"]["version"]})
    }

    /// Log `phone` in by SMS.
    pub async fn log_in(&self, phone: &str) -> Session {
        let asked = self
            .caller
            .post("/v1/login/sms-codes", json!({"phone": phone}))
            .await
            .ok();
        let code = self.mock.latest_sms_code(phone).expect("an SMS");
        let body = json!({
            "request_id": asked["request_id"],
            "phone": phone,
            "code": code,
            "accepted": self.accepted().await,
        });
        Session::of(&self.caller.post("/v1/login/sms", body).await.ok())
    }

    /// Log `phone` in and prove that it is `identity`.
    pub async fn verified(&self, phone: &str, identity: Identity) -> Session {
        let session = self.log_in(phone).await;
        self.prove(&session, identity).await;
        session
    }

    /// Prove that the owner of `session` is `identity`.
    pub async fn prove(&self, session: &Session, identity: Identity) {
        let body = json!({
            "name": identity.name,
            "document_kind": "resident_card",
            "document_number": identity.number,
        });
        self.as_citizen(session)
            .put("/v1/me/identity", body)
            .await
            .ok();
    }

    /// Log `phone` in, prove that it is `identity`, declare that all is well, and compare: green.
    pub async fn green(&self, phone: &str, identity: Identity) -> Session {
        let session = self.verified(phone, identity).await;
        self.become_green(&session).await;
        session
    }

    /// Declare that all is well, for the owner of `session`, and compare.
    pub async fn become_green(&self, session: &Session) {
        let path = format!("/v1/people/{}/declarations", session.person);
        self.as_citizen(session)
            .post(&path, declaration())
            .await
            .ok();
        self.compare().await;
    }

    /// Run the data comparison until nothing is left to compare. Returns how many it looked at.
    pub async fn compare(&self) -> u64 {
        let mut looked = 0;
        loop {
            match assess_due(&self.deps).await.expect("the comparison runs") {
                0 => return looked,
                more => looked += more,
            }
        }
    }

    /// What the sweeps do in a while: rotate the keys, find those whose time, or whose region's or
    /// rule's time has come, and compare.
    /// Returns how many people it looked at.
    pub async fn sweep(&self) -> u64 {
        RotateKeys::run(&self.deps).await.expect("the keys rotate");
        MarkDue::run(&self.deps)
            .await
            .expect("those who are due are found");
        self.mark_opened().await;
        self.mark_ruled().await;
        self.compare().await
    }

    /// Ask for another look at everybody whom a rule concerns that came into force or ended.
    pub async fn mark_ruled(&self) {
        while MarkRuled::run(&self.deps).await.expect("rules turn") > 0 {}
    }

    /// Decide that the region with `code` opens `at` a time and offers everything.
    pub async fn open_region(&self, code: &str, at: &str) {
        self.open(code, at, AccessPlan::default()).await;
    }

    /// The same, with whom to call.
    pub async fn open_region_with(&self, code: &str, at: &str, contact: &str) {
        let contact = Some(contact.to_owned());
        let plan = AccessPlan {
            contact,
            ..AccessPlan::default()
        };
        self.open(code, at, plan).await;
    }

    async fn open(&self, code: &str, at: &str, plan: AccessPlan) {
        let opening = Opening {
            division: Division::try_from(code.to_owned()).expect("a code"),
            opens_at: at.parse().expect("an instant"),
            closes_at: None,
            plan,
        };
        regions::decide(&self.deps, &opening)
            .await
            .expect("the region can be decided on");
    }

    /// Ask for another look at everybody whose region opened or closed.
    pub async fn mark_opened(&self) {
        while MarkOpened::run(&self.deps).await.expect("regions open") > 0 {}
    }

    /// Accept nothing new, and finish what was accepted.
    pub fn stop_softly(&self) {
        self.stopper.soft();
    }

    /// Break off whatever goes on.
    pub fn stop_hard(&self) {
        self.stopper.hard();
    }

    /// Wait until it has stopped.
    pub async fn stopped(&mut self) {
        let served = (&mut self.serving).await.expect("serving does not panic");
        served.expect("it served until it was stopped");
    }

    /// Let time pass until `at`, such as `2026-03-03T00:00:00+08:00`.
    pub fn wait_until(&self, at: &str) {
        let at: DateTime<Utc> = at.parse().expect("an instant");
        self.clock.advance(at - self.clock.now());
    }

    /// Let time pass.
    pub fn wait(&self, time: TimeDelta) {
        self.clock.advance(time);
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stopper.hard();
    }
}

impl Session {
    /// The session in a log-in's answer.
    #[must_use]
    pub fn of(answer: &Value) -> Self {
        let text = |key: &str| {
            answer
                .get(key)
                .and_then(Value::as_str)
                .expect("a session")
                .to_owned()
        };
        Self {
            person: text("person_id"),
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

/// A declaration of somebody who is well and did not travel.
#[must_use]
pub fn declaration() -> Value {
    json!({
        "division": "310101",
        "address": "人民大道 1 号",
        "health": {"temperature": 36.5, "symptoms": []},
        "residence": [],
        "contact": {"with_case": false, "with_risk_area": false},
        "confirmed_true": true,
    })
}

fn root_key() -> Secret {
    let key = credentials::create_root(&SeededEntropy::new(7)).expect("a root key");
    Secret::new(key.to_string())
}

/// Instances must not draw the same ids.
fn rand_seed() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
