//! The outside world, as a test wants it.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::anyhow;
use api::{
    clients::{
        Alipay, AlipayIdKind, AlipayInbox, AlipayNotification, AlipayPhone, AlipayUser, AppMessage,
        BatchAnswer, CertificateProvider, CertifiedUnit, DataCentre, DataCentreForged,
        DataCentreUnavailable, EncryptedPhone, IdentityRegistry, LoginTies, MessageOutcome,
        Messenger, PageCode, PageCodes, PagePicture, PlatformError, PushQuery, Receiver,
        RegistryAnswer, RegistryUnavailable, SmsGateway, SmsNotice, SmsOutcome, VehicleRecord,
        VehicleRegistry, VehicleRegistryUnavailable, WeChat, WeChatInbox, WeChatPush, WeChatUser,
        WorkerQuestion,
    },
    deps::Deps,
    platform::{
        Ephemeral,
        ephemeral::{Admission, Answer, Quota, Unavailable},
    },
};
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use entity::values::{CertificateKind, Phone, Plate, PlateColour, WorkBatchId};
use futures_util::future::{BoxFuture, ready};
use reqwest::Url;
use tokio::{sync::Notify, time::Instant};

/// A phone that gets every message, or a gateway that gives another outcome.
#[derive(Debug, Default)]
pub struct SentSms {
    messages: Mutex<Vec<(String, String)>>,
    outcome: Mutex<Option<SmsOutcome>>,
}

impl SentSms {
    /// The last code that was sent to `phone`.
    ///
    /// # Panics
    ///
    /// If none was.
    pub fn last_code(&self, phone: &str) -> String {
        let phone = Phone::parse(phone).expect("a mainland mobile");
        let messages = lock(&self.messages);
        let found = messages.iter().rev().find(|(to, _)| to == phone.reveal());
        found.expect("a code was sent").1.clone()
    }

    /// How many messages were sent.
    pub fn count(&self) -> usize {
        lock(&self.messages).len()
    }

    /// Answer with `outcome` from now on.
    pub fn answer_with(&self, outcome: SmsOutcome) {
        *lock(&self.outcome) = Some(outcome);
    }
}

impl SmsGateway for SentSms {
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome> {
        lock(&self.messages).push((to.reveal().into(), code.into()));
        let outcome = lock(&self.outcome).clone();
        Box::pin(ready(
            outcome.unwrap_or(SmsOutcome::Sent { id: "1".into() }),
        ))
    }

    fn send_notice<'a>(
        &'a self,
        to: &'a Phone,
        notice: &'a SmsNotice,
    ) -> BoxFuture<'a, SmsOutcome> {
        let text: Vec<&str> = notice.values.iter().map(|(_, it)| it.as_str()).collect();
        lock(&self.messages).push((to.reveal().into(), text.join(" ")));
        let outcome = lock(&self.outcome).clone();
        Box::pin(ready(
            outcome.unwrap_or(SmsOutcome::Sent { id: "1".into() }),
        ))
    }
}

/// The app of ours that both platforms know.
pub const APP: &str = "our-app";

/// Both super-apps. Their codes are users' and phones' own names, each good once: `user:zhang` stands
/// for the user `zhang`, `13800138000#1` for that number.
#[derive(Debug, Default)]
pub struct FakePlatform {
    used: Mutex<HashSet<String>>,
    down: AtomicBool,
}

impl FakePlatform {
    /// Stop answering, or answer again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn spend(&self, platform: &str, app_id: &str, code: &str) -> Result<(), PlatformError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(PlatformError::Unavailable(anyhow!("down")));
        }
        if app_id != APP {
            return Err(PlatformError::UnknownApp);
        }
        if !lock(&self.used).insert(format!("{platform} {code}")) {
            return Err(PlatformError::CodeRefused);
        }
        Ok(())
    }

    fn user_of(&self, platform: &str, app_id: &str, code: &str) -> Result<String, PlatformError> {
        self.spend(platform, app_id, code)?;
        let user = code
            .strip_prefix("user:")
            .ok_or(PlatformError::CodeRefused)?;
        if user.starts_with("blocked") {
            return Err(PlatformError::UserBlocked);
        }
        Ok(user.split('#').next().unwrap_or_default().into())
    }
}

impl WeChat for FakePlatform {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        _: Instant,
    ) -> BoxFuture<'a, Result<WeChatUser, PlatformError>> {
        let user = self.user_of("wechat", app_id, login_code);
        Box::pin(ready(user.map(|openid| WeChatUser {
            openid,
            unionid: None,
        })))
    }

    fn phone<'a>(
        &'a self,
        app_id: &'a str,
        phone_code: &'a str,
        _: &'a str,
        _: Instant,
    ) -> BoxFuture<'a, Result<Option<Phone>, PlatformError>> {
        let phone = self
            .spend("wechat", app_id, phone_code)
            .map(|()| number_in(phone_code));
        Box::pin(ready(phone))
    }

    /// A phone is encrypted under the session of the user that is its `iv`.
    fn user_and_phone<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        phone: EncryptedPhone<'a>,
        _: Instant,
    ) -> BoxFuture<'a, Result<(WeChatUser, Option<Phone>), PlatformError>> {
        let user = self.user_of("wechat", app_id, login_code);
        let opened = user.and_then(|openid| {
            if openid != phone.iv {
                return Err(PlatformError::Forged);
            }
            let unionid = None;
            let user = WeChatUser { openid, unionid };
            Ok((user, number_in(phone.encrypted_data)))
        });
        Box::pin(ready(opened))
    }
}

impl Alipay for FakePlatform {
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Result<AlipayUser, PlatformError>> {
        let user = self.user_of("alipay", app_id, auth_code);
        Box::pin(ready(user.map(|id| AlipayUser {
            kind: AlipayIdKind::OpenId,
            id,
        })))
    }

    /// Like the real one it opens as often as it is asked to.
    fn open_phone(&self, app_id: &str, payload: &str) -> Result<AlipayPhone, PlatformError> {
        if app_id != APP {
            return Err(PlatformError::UnknownApp);
        }
        if payload == "forged" {
            return Err(PlatformError::Forged);
        }
        let mut sum = [0; 32];
        sum.copy_from_slice(digest(&SHA256, payload.as_bytes()).as_ref());
        Ok(AlipayPhone {
            phone: number_in(payload),
            digest: sum,
        })
    }
}

fn number_in(code: &str) -> Option<Phone> {
    Phone::parse(code.split('#').next().unwrap_or_default()).ok()
}

/// A super-app whose users want no messages, and that never calls us.
#[derive(Debug)]
pub struct Silent;

impl Messenger for Silent {
    fn send<'a>(&'a self, _: &'a AppMessage) -> BoxFuture<'a, MessageOutcome> {
        Box::pin(ready(MessageOutcome::NotAllowed))
    }
}

impl PageCodes for Silent {
    fn page_code<'a>(
        &'a self,
        _: &'a PageCode,
    ) -> BoxFuture<'a, Result<PagePicture, PlatformError>> {
        Box::pin(ready(Err(PlatformError::UnknownApp)))
    }
}

impl CertificateProvider for Silent {
    fn authorization<'a>(
        &'a self,
        _: CertificateKind,
        _: &'a LoginTies,
    ) -> BoxFuture<'a, Result<Url, PlatformError>> {
        Box::pin(ready(Err(PlatformError::UnknownApp)))
    }

    fn redeem<'a>(
        &'a self,
        _: &'a str,
        _: CertificateKind,
        _: &'a LoginTies,
    ) -> BoxFuture<'a, Result<CertifiedUnit, PlatformError>> {
        Box::pin(ready(Err(PlatformError::CodeRefused)))
    }
}

impl VehicleRegistry for Silent {
    fn look_up<'a>(
        &'a self,
        _: &'a Plate,
        _: PlateColour,
    ) -> BoxFuture<'a, Result<Option<VehicleRecord>, VehicleRegistryUnavailable>> {
        let nobody = anyhow!("nobody is asked");
        Box::pin(ready(Err(VehicleRegistryUnavailable(nobody))))
    }
}

impl DataCentre for Silent {
    fn submit<'a>(
        &'a self,
        _: WorkBatchId,
        _: &'a [WorkerQuestion],
    ) -> BoxFuture<'a, Result<(), DataCentreUnavailable>> {
        Box::pin(ready(Ok(())))
    }

    fn answer(
        &self,
        _: WorkBatchId,
    ) -> BoxFuture<'_, Result<Option<BatchAnswer>, DataCentreUnavailable>> {
        Box::pin(ready(Ok(None)))
    }

    fn read_call(&self, _: &str, _: &[u8]) -> Result<BatchAnswer, DataCentreForged> {
        Err(DataCentreForged)
    }
}

impl AlipayInbox for Silent {
    fn open(&self, _: &[u8]) -> Result<AlipayNotification, PlatformError> {
        Err(PlatformError::Forged)
    }
}

impl WeChatInbox for Silent {
    fn signed(&self, _: &str, _: &PushQuery) -> Result<(), PlatformError> {
        Err(PlatformError::Forged)
    }

    fn open(&self, _: &str, _: &PushQuery, _: &[u8]) -> Result<WeChatPush, PlatformError> {
        Err(PlatformError::Forged)
    }

    fn tolerance(&self) -> Duration {
        Duration::ZERO
    }
}

/// A registry that knows whom it is told of.
#[derive(Debug, Default)]
pub struct FakeRegistry {
    people: Mutex<HashMap<String, String>>,
    down: AtomicBool,
    asked: AtomicUsize,
}

impl FakeRegistry {
    /// Have `name` own the document `number`.
    pub fn knows(&self, name: &str, number: &str) {
        lock(&self.people).insert(number.into(), name.into());
    }

    /// Stop answering, or answer again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl IdentityRegistry for FakeRegistry {
    fn check<'a>(
        &'a self,
        name: &'a str,
        _: &'a str,
        number: &'a str,
    ) -> BoxFuture<'a, Result<RegistryAnswer, RegistryUnavailable>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = if self.down.load(Ordering::SeqCst) {
            Err(RegistryUnavailable(anyhow!("down")))
        } else if lock(&self.people)
            .get(number)
            .is_some_and(|owner| owner == name)
        {
            Ok(RegistryAnswer::Match)
        } else {
            Ok(RegistryAnswer::Mismatch)
        };
        Box::pin(ready(answer))
    }
}

/// A shared store that can be taken away, and remembers every key and value that it was given.
pub struct Faulty {
    inner: Arc<dyn Ephemeral>,
    down: AtomicBool,
    seen: Mutex<Vec<u8>>,
}

impl Faulty {
    /// `inner`, while it is up.
    #[must_use]
    pub fn new(inner: Arc<dyn Ephemeral>) -> Self {
        Self {
            inner,
            down: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    /// Stop answering, or answer again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// Whether `text` is part of any key or value that was ever written.
    pub fn has_seen(&self, text: &str) -> bool {
        let seen = lock(&self.seen);
        seen.windows(text.len()).any(|part| part == text.as_bytes())
    }

    fn see(&self, key: &str, value: &[u8]) {
        let mut seen = lock(&self.seen);
        seen.extend(key.as_bytes());
        seen.push(0);
        seen.extend(value);
        seen.push(0);
    }

    fn unless_down<'a, T: Send + 'a>(&self, answer: Answer<'a, T>) -> Answer<'a, T> {
        if self.down.load(Ordering::SeqCst) {
            Box::pin(ready(Err(Unavailable(anyhow!("down")))))
        } else {
            answer
        }
    }
}

impl Ephemeral for Faulty {
    fn get<'a>(&'a self, keys: &'a [&'a str]) -> Answer<'a, Vec<Option<Bytes>>> {
        self.unless_down(self.inner.get(keys))
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, ()> {
        self.see(key, value);
        self.unless_down(self.inner.put(key, value, ttl))
    }

    fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> Answer<'a, bool> {
        self.see(key, value);
        self.unless_down(self.inner.put_new(key, value, ttl))
    }

    fn put_newer<'a>(
        &'a self,
        key: &'a str,
        version: u64,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, bool> {
        self.see(key, value);
        self.unless_down(self.inner.put_newer(key, version, value, ttl))
    }

    fn take<'a>(&'a self, key: &'a str) -> Answer<'a, Option<Bytes>> {
        self.unless_down(self.inner.take(key))
    }

    fn outdate<'a>(&'a self, keys: &'a [&'a str], version: u64, ttl: Duration) -> Answer<'a, ()> {
        self.unless_down(self.inner.outdate(keys, version, ttl))
    }

    fn hit<'a>(&'a self, quotas: &'a [Quota]) -> Answer<'a, Admission> {
        for quota in quotas {
            self.see(&quota.key, b"");
        }
        self.unless_down(self.inner.hit(quotas))
    }

    fn hit_and_put<'a>(
        &'a self,
        quotas: &'a [Quota],
        key: &'a str,
        value: &'a [u8],
        ttl: Duration,
    ) -> Answer<'a, Admission> {
        for quota in quotas {
            self.see(&quota.key, b"");
        }
        self.see(key, value);
        self.unless_down(self.inner.hit_and_put(quotas, key, value, ttl))
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.unless_down(self.inner.ping())
    }
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").finish_non_exhaustive()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries messages of all kinds, and remembers every copy. Says "sent" unless told otherwise.
pub struct Carrier {
    codes: Arc<dyn SmsGateway>,
    copies: Mutex<Vec<Copy>>,
    answers: Mutex<HashMap<&'static str, MessageOutcome>>,
    stuck: AtomicBool,
    got_stuck: Notify,
}

/// A copy of a message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// `wechat`, `alipay` or `sms`.
    pub channel: &'static str,
    /// Number or user.
    pub to: String,
    /// What it says, joined by spaces.
    pub text: String,
    /// Which notification it is, as its receiver reads it.
    pub notification: String,
    /// Alipay's `form_id`.
    pub form_id: Option<String>,
}

impl Carrier {
    /// Have all notices in `deps` be carried by a carrier. Log-in codes go as before.
    #[must_use]
    pub fn take_over(deps: &mut Deps) -> Arc<Self> {
        let carrier = Self::sharing(deps.sms.clone());
        carrier.carry_for(deps);
        carrier
    }

    fn sharing(codes: Arc<dyn SmsGateway>) -> Arc<Self> {
        Arc::new(Self {
            codes,
            copies: Mutex::default(),
            answers: Mutex::default(),
            stuck: AtomicBool::new(false),
            got_stuck: Notify::new(),
        })
    }

    /// Have all notices in `deps` be carried by this one.
    pub fn carry_for(self: &Arc<Self>, deps: &mut Deps) {
        deps.sms = self.clone();
        deps.wechat_messages = Arc::new(Through("wechat", self.clone()));
        deps.alipay_messages = Arc::new(Through("alipay", self.clone()));
    }

    /// Answer with `outcome` on `channel` from now on.
    pub fn answer(&self, channel: &'static str, outcome: MessageOutcome) {
        lock(&self.answers).insert(channel, outcome);
    }

    /// Carry every copy, and never say so; or say so again.
    pub fn get_stuck(&self, stuck: bool) {
        self.stuck.store(stuck, Ordering::SeqCst);
    }

    /// Wait until a copy is carried about which nothing will be said.
    pub async fn stuck(&self) {
        self.got_stuck.notified().await;
    }

    /// Every copy, in order.
    pub fn copies(&self) -> Vec<Copy> {
        lock(&self.copies).clone()
    }

    /// The channels of all copies, in order; and forget them.
    pub fn channels(&self) -> Vec<&'static str> {
        let copies = std::mem::take(&mut *lock(&self.copies));
        copies.into_iter().map(|copy| copy.channel).collect()
    }

    async fn carry(&self, copy: Copy) -> MessageOutcome {
        let outcome = lock(&self.answers).get(copy.channel).cloned();
        lock(&self.copies).push(copy);
        if self.stuck.load(Ordering::SeqCst) {
            self.got_stuck.notify_one();
            std::future::pending::<()>().await;
        }
        outcome.unwrap_or(MessageOutcome::Sent)
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").finish_non_exhaustive()
    }
}

/// One super-app of a carrier.
#[derive(Debug)]
struct Through(&'static str, Arc<Carrier>);

impl Messenger for Through {
    fn send<'a>(&'a self, message: &'a AppMessage) -> BoxFuture<'a, MessageOutcome> {
        let to = match &message.to {
            Receiver::WeChat { openid } => openid,
            Receiver::Alipay { id, .. } => id,
        };
        let page = message.page.as_deref().unwrap_or_default();
        let notification = page.rsplit("notification=").next().unwrap_or_default();
        Box::pin(self.1.carry(Copy {
            channel: self.0,
            to: to.clone(),
            text: text_of(&message.values),
            notification: notification.into(),
            form_id: message.form_id.clone(),
        }))
    }
}

impl SmsGateway for Carrier {
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome> {
        self.codes.send_code(to, code)
    }

    fn send_notice<'a>(
        &'a self,
        to: &'a Phone,
        notice: &'a SmsNotice,
    ) -> BoxFuture<'a, SmsOutcome> {
        let carried = self.carry(Copy {
            channel: "sms",
            to: to.reveal().into(),
            text: text_of(&notice.values),
            notification: notice.key.clone(),
            form_id: None,
        });
        Box::pin(async {
            match carried.await {
                MessageOutcome::Sent => SmsOutcome::Sent { id: "1".into() },
                MessageOutcome::NotAllowed => SmsOutcome::BadNumber,
                MessageOutcome::Rejected { code } => SmsOutcome::Rejected { code },
                MessageOutcome::Retryable => SmsOutcome::Retryable,
                MessageOutcome::Unknown => SmsOutcome::Unknown,
            }
        })
    }
}

fn text_of(values: &[(String, String)]) -> String {
    let texts: Vec<&str> = values.iter().map(|(_, text)| text.as_str()).collect();
    texts.join(" ")
}
