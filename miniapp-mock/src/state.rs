//! One mocked world: what every platform remembers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::alipay::{Alipay, AlipayDelivery, AppKeys};
use crate::call::{Call, Endpoint, Reply, Trouble};
use crate::certificates::Certificates;
use crate::clock::{MockClock, millis};
use crate::config::{MockConfig, RegisteredPerson};
use crate::data_centre::DataCentre;
use crate::delivery::{self, Delivery};
use crate::faults::{Fault, Faults};
use crate::log::{RequestLog, RequestRecord};
use crate::objects::Objects;
use crate::people::{People, PhoneNumber};
use crate::phone::Phone;
use crate::registry::Registry;
use crate::sms::{Sms, SmsMessage};
use crate::target::Target;
use crate::vehicles::{RegisteredVehicle, Vehicles};
use crate::wechat::Wechat;
use crate::{
    StartError, alipay, certificates, data_centre, objects, registry, sms, vehicles, wechat,
};

/// The state behind a mock, and what may be done to it from outside the platforms' own paths.
///
/// The control surface over HTTP offers the same operations. A clone is the same world.
#[derive(Clone)]
pub struct World(pub(crate) Arc<Inner>);

/// No lock is held while another is taken, but for people, which comes last.
pub(crate) struct Inner {
    pub(crate) config: MockConfig,
    pub(crate) clock: MockClock,
    pub(crate) alipay_apps: Vec<AppKeys>,
    pub(crate) wechat: Mutex<Wechat>,
    pub(crate) alipay: Mutex<Alipay>,
    pub(crate) certificates: Mutex<Certificates>,
    pub(crate) data_centre: Mutex<DataCentre>,
    pub(crate) sms: Mutex<Sms>,
    pub(crate) registry: Mutex<Registry>,
    pub(crate) vehicles: Mutex<Vehicles>,
    pub(crate) objects: Mutex<Objects>,
    pub(crate) people: Mutex<People>,
    /// Held by whoever delivers WeChat's pushes: one at a time, in their order.
    pub(crate) push_turn: tokio::sync::Mutex<()>,
    /// Rung when there may be something to push.
    pub(crate) push_bell: tokio::sync::Notify,
    /// Held while notifications are delivered, so that no attempt is made twice.
    delivering: tokio::sync::Mutex<()>,
    faults: Mutex<Faults>,
    log: Mutex<RequestLog>,
}

/// Lock `mutex`; what a panicking holder left behind is still the state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(crate) fn alipay_app(&self, app_id: &str) -> Option<&AppKeys> {
        self.alipay_apps
            .iter()
            .find(|keys| keys.app.app_id == app_id)
    }

    /// Answer `call` as the platform does, or fail as ordered.
    pub(crate) fn deliver(&self, call: &Call) -> Delivery {
        let (endpoint, began) = (call.endpoint(), Instant::now());
        let fault = lock(&self.faults).take(endpoint);
        let delivery = delivery::deliver(
            fault,
            || self.answer(endpoint, call),
            |trouble| self.refuse(endpoint, call, &trouble),
        );
        let took = began.elapsed() + delivery.wait();
        let record = RequestRecord::new(self.clock.now_ms(), call, delivery.outcome(), took);
        tracing::info!(
            endpoint = ?record.endpoint, status = record.status, code = %record.code,
            "{} {} answered {}", record.method, record.path, record.code
        );
        lock(&self.log).add(record);
        delivery
    }

    fn answer(&self, endpoint: Endpoint, call: &Call) -> Reply {
        match endpoint {
            Endpoint::WechatToken
            | Endpoint::WechatStableToken
            | Endpoint::WechatSession
            | Endpoint::WechatCheckSession
            | Endpoint::WechatResetSession
            | Endpoint::WechatPhoneNumber
            | Endpoint::WechatMessage
            | Endpoint::WechatCode
            | Endpoint::WechatOther => wechat::answer(self, endpoint, call),
            Endpoint::AlipayOauthToken
            | Endpoint::AlipayTemplateMessage
            | Endpoint::AlipayQrCode
            | Endpoint::AlipayUserInfo
            | Endpoint::AlipayOther => alipay::answer(self, endpoint, call),
            Endpoint::AlipayPicture => alipay::picture(self, call),
            Endpoint::AliyunSms => sms::aliyun::answer(self, call),
            Endpoint::TencentSms => sms::tencent::answer(self, call),
            Endpoint::DataCentreBatches => data_centre::answer(self, call),
            Endpoint::RegistryIdentityCheck => registry::answer(self, call),
            Endpoint::VehiclesQuery => vehicles::answer(self, call),
            Endpoint::ObjectsObject => objects::answer(self, call),
            Endpoint::CertificatesDiscovery
            | Endpoint::CertificatesKeys
            | Endpoint::CertificatesAuthorize
            | Endpoint::CertificatesToken => certificates::answer(self, endpoint, call),
            Endpoint::Unknown => not_served(),
        }
    }

    fn refuse(&self, endpoint: Endpoint, call: &Call, trouble: &Trouble) -> Reply {
        match endpoint {
            Endpoint::WechatToken
            | Endpoint::WechatStableToken
            | Endpoint::WechatSession
            | Endpoint::WechatCheckSession
            | Endpoint::WechatResetSession
            | Endpoint::WechatPhoneNumber
            | Endpoint::WechatMessage
            | Endpoint::WechatCode
            | Endpoint::WechatOther => wechat::refuse(self, endpoint, trouble),
            Endpoint::AlipayOauthToken
            | Endpoint::AlipayTemplateMessage
            | Endpoint::AlipayQrCode
            | Endpoint::AlipayUserInfo
            | Endpoint::AlipayOther => alipay::refuse(self, endpoint, call, trouble),
            Endpoint::AliyunSms => sms::aliyun::refuse(trouble),
            Endpoint::TencentSms => sms::tencent::refuse(call, trouble),
            Endpoint::DataCentreBatches => data_centre::refuse(trouble),
            Endpoint::RegistryIdentityCheck => registry::refuse(trouble),
            Endpoint::VehiclesQuery => vehicles::refuse(trouble),
            Endpoint::ObjectsObject => objects::refuse(trouble),
            Endpoint::CertificatesDiscovery
            | Endpoint::CertificatesKeys
            | Endpoint::CertificatesAuthorize
            | Endpoint::CertificatesToken => certificates::refuse(trouble),
            Endpoint::AlipayPicture | Endpoint::Unknown => not_served(),
        }
    }
}

fn not_served() -> Reply {
    Reply::new("text/plain", "nothing is served here", "not served").with_status(404)
}

impl World {
    pub(crate) fn new(config: MockConfig) -> Result<Self, StartError> {
        let alipay_apps = config
            .alipay_apps
            .iter()
            .map(|app| AppKeys::read(app).map_err(|_| StartError::Key(app.app_id.clone())))
            .collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Inner {
            clock: MockClock::new(config.clock.clone()),
            alipay_apps,
            wechat: Mutex::default(),
            alipay: Mutex::default(),
            certificates: Mutex::default(),
            data_centre: Mutex::default(),
            sms: Mutex::default(),
            registry: Mutex::new(new_registry(&config)),
            vehicles: Mutex::default(),
            objects: Mutex::default(),
            people: Mutex::default(),
            push_turn: tokio::sync::Mutex::default(),
            push_bell: tokio::sync::Notify::default(),
            delivering: tokio::sync::Mutex::default(),
            faults: Mutex::default(),
            log: Mutex::default(),
            config,
        })))
    }

    /// The phone of the person `key`, who comes into being on first use.
    ///
    /// It runs the first configured app of each platform until told otherwise.
    #[must_use]
    pub fn phone_of(&self, key: &str) -> Phone {
        Phone::new(self.clone(), key)
    }

    /// Everything delivered to `number`, oldest first. A mainland number needs no prefix.
    #[must_use]
    pub fn sms_inbox(&self, number: &str) -> Vec<SmsMessage> {
        match PhoneNumber::parse(number) {
            Some(number) => lock(&self.0.sms).inbox.of(&number.e164()),
            None => Vec::new(),
        }
    }

    /// The last verification code delivered to `number`.
    #[must_use]
    pub fn latest_sms_code(&self, number: &str) -> Option<String> {
        let inbox = self.sms_inbox(number);
        inbox.into_iter().rev().find_map(|message| message.code)
    }

    /// The mock's present, in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// How far the mock's clock is ahead of its source, in milliseconds.
    #[must_use]
    pub fn clock_offset_ms(&self) -> i64 {
        self.0.clock.offset_ms()
    }

    /// Set the mock's clock ahead of its source (or behind it) by `offset_ms`.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.0.clock.set_offset_ms(offset_ms);
    }

    /// Move the mock's clock forward.
    pub fn advance_clock(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    /// Bring the end of every token that WeChat or Alipay handed out nearer by `by`.
    pub fn age_tokens(&self, by: Duration) {
        lock(&self.0.wechat).tokens.age(millis(by));
        lock(&self.0.alipay).grants.age(millis(by));
    }

    /// Show `fault` on the next `times` calls of an endpoint, or of a platform, after faults ordered
    /// before; with `None` on every call, until it is cleared.
    pub fn order_fault(
        &self,
        target: impl Into<Target>,
        fault: Fault,
        times: impl Into<Option<u32>>,
    ) {
        lock(&self.0.faults).order(target.into(), fault, times.into());
    }

    /// Forget the faults that were ordered for `target`, or for a part of it. Replies on their way are
    /// not hurried.
    pub fn clear_faults_of(&self, target: impl Into<Target>) {
        lock(&self.0.faults).clear(target.into());
    }

    /// Forget every fault not shown yet.
    pub fn clear_faults(&self) {
        lock(&self.0.faults).clear_all();
    }

    /// The most recent calls the platforms received, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestRecord> {
        lock(&self.0.log).all()
    }

    /// Those of them that were for an endpoint, or for a platform.
    #[must_use]
    pub fn requests_of(&self, target: impl Into<Target>) -> Vec<RequestRecord> {
        let (mut requests, target) = (self.requests(), target.into());
        requests.retain(|call| target.covers(call.endpoint));
        requests
    }

    /// How many of the recent calls were for an endpoint, or for a platform.
    #[must_use]
    pub fn calls_of(&self, target: impl Into<Target>) -> usize {
        self.requests_of(target).len()
    }

    /// Enter a person in the identity registry, in place of whoever had the number.
    pub fn register_person(&self, person: RegisteredPerson) {
        lock(&self.0.registry).register(person);
    }

    /// Enter a vehicle in the registry of vehicles, in place of whichever had the plate.
    pub fn register_vehicle(&self, vehicle: RegisteredVehicle) {
        lock(&self.0.vehicles).register(vehicle);
    }

    /// Have no vehicle with `plate`.
    pub fn unregister_vehicle(&self, plate: &str) {
        lock(&self.0.vehicles).unregister(plate);
    }

    /// Whether there is every vehicle that nobody told the registry about, without violations.
    pub fn set_vehicles_lenient(&self, lenient: bool) {
        lock(&self.0.vehicles).set_lenient(lenient);
    }

    /// The names of what lies in the bucket.
    #[must_use]
    pub fn object_names(&self) -> Vec<String> {
        lock(&self.0.objects).0.keys().cloned().collect()
    }

    /// What lies in the bucket under `name`.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<Vec<u8>> {
        lock(&self.0.objects).0.get(name).cloned()
    }

    /// Lose everything in the bucket.
    pub fn lose_objects(&self) {
        lock(&self.0.objects).0.clear();
    }

    /// Everything that Alipay told an app of its own accord, oldest first.
    #[must_use]
    pub fn alipay_notifications(&self) -> Vec<AlipayDelivery> {
        lock(&self.0.alipay).notifications.all()
    }

    /// Deliver the notification `notify_id` once more. `false` if there is none.
    #[must_use]
    pub fn repeat_alipay_notification(&self, notify_id: &str) -> bool {
        let now = self.now_ms();
        let notifications = &mut lock(&self.0.alipay).notifications;
        notifications.repeat(notify_id, now)
    }

    /// Make every attempt to deliver a notification that is due, and wait for the answers.
    ///
    /// Where the mock follows the machine's clock, it does so itself every second; where it follows
    /// another source of time, attempts are made when this is called. Returns how many were made.
    pub async fn flush_notifications(&self) -> usize {
        let _alone = self.0.delivering.lock().await;
        let mut made = 0;
        loop {
            let due = lock(&self.0.alipay).notifications.due(self.now_ms());
            let Some((notify_id, call)) = due else {
                return made;
            };
            let answered = call.send().await;
            let notifications = &mut lock(&self.0.alipay).notifications;
            notifications.ended(&notify_id, answered, self.now_ms());
            made += 1;
        }
    }

    pub(crate) fn follows_the_machine(&self) -> bool {
        self.0.config.clock.is_none()
    }

    /// Whether numbers nobody registered match any name.
    pub fn set_registry_lenient(&self, lenient: bool) {
        lock(&self.0.registry).set_lenient(lenient);
    }

    /// Forget everything since the start, clock offset and faults included.
    pub fn reset(&self) {
        self.0.clock.set_offset_ms(0);
        *lock(&self.0.wechat) = Wechat::default();
        *lock(&self.0.alipay) = Alipay::default();
        *lock(&self.0.certificates) = Certificates::default();
        *lock(&self.0.data_centre) = DataCentre::default();
        *lock(&self.0.sms) = Sms::default();
        *lock(&self.0.registry) = new_registry(&self.0.config);
        *lock(&self.0.vehicles) = Vehicles::default();
        *lock(&self.0.objects) = Objects::default();
        *lock(&self.0.people) = People::default();
        *lock(&self.0.faults) = Faults::default();
        *lock(&self.0.log) = RequestLog::default();
    }
}

fn new_registry(config: &MockConfig) -> Registry {
    Registry::new(config.registry_people.clone(), config.registry_lenient)
}
