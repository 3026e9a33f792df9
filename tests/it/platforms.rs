//! Platforms that fail in every way there is, through a whole backend: what we say is a problem of our
//! own, nothing is kept of it, and once the platform is well the same call works.

mod hanging;
mod hostile;

use api::{clients::Limits, config::Config};
use entity::{person, platform_account, session};
use integration_tests::{Backend, Stack, call::Reply};
use miniapp_mock::{Fault, Mock, MockConfig, dev};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

/// Long enough for a busy machine, where nothing hangs.
const PATIENT: Limits = Limits {
    connect_ms: 30_000,
    total_ms: 60_000,
    reply_bytes: 64 * 1024,
    in_flight: 64,
    failures: 5,
    rest_ms: 5_000,
};

/// Gives up what hangs; for the one platform that does.
const HASTY: Limits = Limits {
    total_ms: 2_000,
    ..PATIENT
};

/// A backend that asks every platform within `limits`, and lets one address ask for many codes.
async fn within(limits: Limits, stack: Stack, change: impl FnOnce(&mut Config)) -> Backend {
    Backend::start_with(stack, |config| {
        let platforms = &mut config.platforms;
        platforms.wechat.limits = limits;
        platforms.alipay.limits = limits;
        platforms.registry.limits = limits;
        if let Some(aliyun) = &mut platforms.sms.aliyun {
            aliyun.limits = limits;
        }
        if let Some(tencent) = &mut platforms.sms.tencent {
            tencent.limits = limits;
        }
        config.login.per_address.count = 10_000;
        config.login.per_subnet.count = 10_000;
        change(config);
    })
    .await
}

/// The owner of the phone `key` logs in through WeChat, with fresh codes.
async fn through_wechat(backend: &Backend, key: &str) -> Reply {
    let phone = backend.mock.phone_of(key);
    let body = json!({
        "app_id": dev::WECHAT_APP_ID,
        "login_code": phone.wechat_login_code(),
        "phone_code": phone.wechat_phone_code(),
        "accepted": backend.accepted().await,
    });
    backend.anyone().post("/v1/login/wechat", body).await
}

/// The same through Alipay.
async fn through_alipay(backend: &Backend, key: &str) -> Reply {
    let phone = backend.mock.phone_of(key);
    let body = json!({
        "app_id": dev::ALIPAY_APP_ID,
        "auth_code": phone.alipay_auth_code(),
        "phone_payload": phone.alipay_phone_payload().unwrap(),
        "accepted": backend.accepted().await,
    });
    backend.anyone().post("/v1/login/alipay", body).await
}

/// Ask for a code by SMS.
async fn ask_for_code(backend: &Backend, phone: &str) -> Reply {
    let body = json!({ "phone": phone });
    backend.anyone().post("/v1/login/sms-codes", body).await
}

/// People, their accounts, and their sessions.
async fn kept(backend: &Backend) -> [u64; 3] {
    let db = &backend.deps.db;
    [
        person::Entity::find().count(db).await.unwrap(),
        platform_account::Entity::find().count(db).await.unwrap(),
        session::Entity::find().count(db).await.unwrap(),
    ]
}

/// A server that nobody has any business with.
async fn elsewhere() -> Mock {
    miniapp_mock::start(MockConfig::default()).await.unwrap()
}

/// Every way to fail that ends by itself. Redirects lead to `elsewhere`.
fn quick_faults(elsewhere: &Mock) -> Vec<Fault> {
    let body = |text: &str| Fault::Body { text: text.into() };
    let location = format!("{}/sns/jscode2session", elsewhere.base_url());
    vec![
        Fault::Status { status: 500 },
        Fault::Status { status: 404 },
        Fault::Garbage,
        Fault::Redirect { location },
        Fault::Reset,
        Fault::Close,
        Fault::LoseReply,
        Fault::CutShort,
        Fault::HugeBody { bytes: 50_000_000 },
        Fault::Bomb { bytes: 2_000_000 },
        Fault::HugeHead { bytes: 1_000_000 },
        body(""),
        body("{}"),
        body("null"),
        body(&"[".repeat(60_000)),
        Fault::Busy,
        Fault::Quota,
    ]
}

/// The ways that do not.
fn slow_faults() -> [Fault; 2] {
    let drip = Fault::Drip {
        bytes: 1,
        every_ms: 60_000,
    };
    [Fault::Hang { ms: 600_000 }, drip]
}
