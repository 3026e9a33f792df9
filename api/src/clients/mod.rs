//! The outside world: SMS gateways, WeChat, Alipay, the registries of people and of vehicles, and the data
//! centre.
//!
//! A trait for what the product needs of each, and an HTTP implementation. Nothing here knows what a
//! health code is. Every call has a deadline and a bound; addresses come from configuration only and
//! redirects are not followed (S18, R7).

mod alipay;
mod certificates;
mod data_centre;
mod messages;
mod objects;
mod outbound;
mod registry;
mod sms;
mod vehicles;
mod wechat;
mod word;

#[cfg(test)]
mod fakes;

use std::fmt::Debug;

use bytes::Bytes;
use entity::values::{Phone, WorkBatchId};
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use url::Url;

pub use self::{
    alipay::{AlipayApp, AlipayCertificates, AlipayCodeRequest, AlipaySettings, HttpAlipay},
    certificates::{
        CertificateProvider, CertificateSettings, CertifiedPerson, CertifiedUnit, HttpCertificates,
        LoginTies,
    },
    data_centre::{BatchAnswer, DataCentreSettings, HttpDataCentre, WorkerAnswer, WorkerQuestion},
    messages::{
        AlipayInbox, AlipayNotification, AppMessage, MessageLanguage, MessageOutcome, Messenger,
        Permission, PushQuery, Receiver, SmsNotice, SmsProvider, WeChatEvent, WeChatInbox,
        WeChatPush,
    },
    objects::{Folder, Objects, ObjectsUnavailable, S3, S3Settings},
    outbound::{Limits, install_tls},
    registry::{HttpRegistry, RegistrySettings},
    sms::{AliyunSettings, AliyunSms, FailoverSms, TencentSettings, TencentSms},
    vehicles::{
        HttpVehicleRegistry, VehicleRecord, VehicleRegistry, VehicleRegistrySettings,
        VehicleRegistryUnavailable,
    },
    wechat::{
        CodeRequest, EnvVersion, HttpWeChat, PushMode, WeChatApp, WeChatPushSettings,
        WeChatSession, WeChatSettings,
    },
};

/// What became of a short message, in one vocabulary for all gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsOutcome {
    /// Accepted by the gateway.
    Sent {
        /// The gateway's serial number.
        id: String,
    },
    /// The gateway limits how often this number is written to.
    RateLimited,
    /// The gateway says that there is no such number.
    BadNumber,
    /// Refused for a reason that trying again does not cure: signature, template, money.
    Rejected {
        /// The gateway's own code.
        code: String,
    },
    /// Surely not sent; may be tried again.
    Retryable,
    /// No answer in time: it may have been sent, so it must not be sent again blindly.
    Unknown,
}

/// A gateway that sends SMS by approved templates.
pub trait SmsGateway: Debug + Send + Sync {
    /// Send `code` to `to` by the gateway's template for log-in codes.
    fn send_code<'a>(&'a self, to: &'a Phone, code: &'a str) -> BoxFuture<'a, SmsOutcome>;

    /// Send `notice` to `to`. Refused if it names no template at this gateway.
    fn send_notice<'a>(&'a self, to: &'a Phone, notice: &'a SmsNotice)
    -> BoxFuture<'a, SmsOutcome>;
}

/// A platform did not vouch for what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The code is unknown, expired, used, or another app's.
    #[error("the platform does not accept this code")]
    CodeRefused,
    /// The platform blocks this user.
    #[error("the platform blocks this user")]
    UserBlocked,
    /// This app is not one of ours.
    #[error("no such app is configured")]
    UnknownApp,
    /// An answer or payload is not what the platform signed, or is meant for another app.
    #[error("the platform's answer does not verify")]
    Forged,
    /// No usable answer within the deadline, or the platform is busy, or the breaker is open.
    #[error("the platform is not available")]
    Unavailable(#[source] anyhow::Error),
}

/// Who a WeChat log-in code stands for. The session key stays inside the client.
#[derive(Clone, PartialEq, Eq)]
pub struct WeChatUser {
    /// The user within this app.
    pub openid: String,
    /// The user across the operator's apps, where the app is bound to an open-platform account.
    pub unionid: Option<String>,
}

/// What a `getPhoneNumber` button gives the page of an older WeChat: the number, encrypted under the
/// session key of the log-in before it.
#[derive(Clone, Copy)]
pub struct EncryptedPhone<'a> {
    /// The number and its watermark, in base64.
    pub encrypted_data: &'a str,
    /// The initial vector, in base64.
    pub iv: &'a str,
}

/// What log-in needs of WeChat. Each call is over `by` then, and sooner where its own limits say so.
pub trait WeChat: Debug + Send + Sync {
    /// Exchange a `wx.login` code: `code2Session`.
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        by: Instant,
    ) -> BoxFuture<'a, Result<WeChatUser, PlatformError>>;

    /// Exchange the code of a `getPhoneNumber` button. `Ok(None)` if the number is not a mainland mobile.
    fn phone<'a>(
        &'a self,
        app_id: &'a str,
        phone_code: &'a str,
        openid: &'a str,
        by: Instant,
    ) -> BoxFuture<'a, Result<Option<Phone>, PlatformError>>;

    /// Exchange a `wx.login` code and decrypt a phone under the session key that it gives. The phone is
    /// `None` if the number is not a mainland mobile. [`PlatformError::Forged`] covers every way in which
    /// it is not this user's, in this app, of the last minutes; a newer `wx.login` is one.
    fn user_and_phone<'a>(
        &'a self,
        app_id: &'a str,
        login_code: &'a str,
        phone: EncryptedPhone<'a>,
        by: Instant,
    ) -> BoxFuture<'a, Result<(WeChatUser, Option<Phone>), PlatformError>>;
}

/// How Alipay names a user to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlipayIdKind {
    /// Sixteen digits, the same in every app.
    UserId,
    /// Per app.
    OpenId,
}

/// Who an Alipay authorisation code stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct AlipayUser {
    /// Which of Alipay's two names `id` is.
    pub kind: AlipayIdKind,
    /// The user.
    pub id: String,
}

/// A phone number out of an Alipay payload.
#[derive(Clone, PartialEq, Eq)]
pub struct AlipayPhone {
    /// `None` if the number is not a mainland mobile.
    pub phone: Option<Phone>,
    /// SHA-256 of the encrypted payload. The payload itself names neither user nor time, so whoever
    /// accepts it must remember this and refuse it the second time.
    pub digest: [u8; 32],
}

/// What log-in needs of Alipay.
pub trait Alipay: Debug + Send + Sync {
    /// Exchange an authorisation code: `alipay.system.oauth.token`.
    fn user<'a>(
        &'a self,
        app_id: &'a str,
        auth_code: &'a str,
    ) -> BoxFuture<'a, Result<AlipayUser, PlatformError>>;

    /// Verify and decrypt what `my.getPhoneNumber` gave the page. No network.
    fn open_phone(&self, app_id: &str, payload: &str) -> Result<AlipayPhone, PlatformError>;
}

/// A code that opens a page of ours in a super-app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCode {
    /// The page, without a slash in front.
    pub page: String,
    /// What the page is given: letters, digits, hyphens and underscores, 32 at the most.
    pub code: String,
    /// What the code is for, for the operator's eyes: at most 32 characters.
    pub describe: String,
    /// Whether to refuse a page that is not in the released app, where the platform can.
    pub check_page: bool,
}

/// The picture of such a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagePicture {
    /// The picture itself: PNG or JPEG.
    Drawn(Bytes),
    /// Where the platform serves it.
    At(Url),
}

/// A super-app that draws codes for pages of ours.
pub trait PageCodes: Debug + Send + Sync {
    /// The code that opens a page of our first mini-program there. A request that the platform refuses is
    /// [`PlatformError::Unavailable`].
    fn page_code<'a>(
        &'a self,
        wanted: &'a PageCode,
    ) -> BoxFuture<'a, Result<PagePicture, PlatformError>>;
}

/// What the registry says of a name and a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistryAnswer {
    /// The document is this person's.
    Match,
    /// The document exists and is not this person's, or does not exist: the registry does not say which.
    Mismatch,
}

/// The registry does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the identity registry is not available")]
pub struct RegistryUnavailable(#[source] pub anyhow::Error);

/// The population registry, or an intermediary that asks it (L3).
pub trait IdentityRegistry: Debug + Send + Sync {
    /// Whether the document `number` of type `document` (the entity's name for it) belongs to `name`.
    fn check<'a>(
        &'a self,
        name: &'a str,
        document: &'a str,
        number: &'a str,
    ) -> BoxFuture<'a, Result<RegistryAnswer, RegistryUnavailable>>;
}

/// The data centre does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the data centre is not available")]
pub struct DataCentreUnavailable(#[source] pub anyhow::Error);

/// A call is not the data centre's, or too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the call does not verify")]
pub struct DataCentreForged;

/// The city's data centre: whether workers are who and where an enterprise says (W4). It answers in its own
/// time: late, in parts, twice, or never.
pub trait DataCentre: Debug + Send + Sync {
    /// Hand over the workers of `batch`. Doing so twice does no more than doing so once.
    fn submit<'a>(
        &'a self,
        batch: WorkBatchId,
        workers: &'a [WorkerQuestion],
    ) -> BoxFuture<'a, Result<(), DataCentreUnavailable>>;

    /// What it found out about `batch` so far. None if it knows nothing of it.
    fn answer(
        &self,
        batch: WorkBatchId,
    ) -> BoxFuture<'_, Result<Option<BatchAnswer>, DataCentreUnavailable>>;

    /// What a call of its own says, if it signed it within the last minutes.
    fn read_call(&self, signature: &str, body: &[u8]) -> Result<BatchAnswer, DataCentreForged>;
}
