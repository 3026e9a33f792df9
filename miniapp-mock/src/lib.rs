//! The outside world for local testing: WeChat, Alipay, two SMS gateways, the registries of people and of
//! vehicles, the provider of certificates, the data centre, a bucket of objects, and the phones of those who
//! use them.
//!
//! One listener plays every platform, so the backend under test needs nothing but other base
//! URLs. Signatures, single use, expiry, error codes, content types and flow control follow the
//! platforms. Nothing is shared between mocks, and nothing is kept.
//!
//! ```no_run
//! # async fn example() -> Result<(), miniapp_mock::StartError> {
//! let mock = miniapp_mock::start(miniapp_mock::MockConfig::default()).await?;
//! let zhang = mock.phone_of("zhang");
//! let code = zhang.wechat_login_code();
//! // … post the code to a backend whose WeChat is at mock.base_url() …
//! mock.stop().await;
//! # Ok(())
//! # }
//! ```

mod alipay;
pub mod authenticator;
mod bodies;
mod call;
mod certificates;
mod clock;
mod config;
mod control;
mod crypto;
mod data_centre;
mod delivery;
pub mod dev;
mod faults;
mod log;
mod objects;
mod outgoing;
mod people;
mod phone;
mod registry;
mod server;
mod sms;
mod state;
mod target;
mod vehicles;
mod wechat;

pub use alipay::{AlipayAttempt, AlipayDelivery, AlipayMessage, AlipayNotice, AlipayNoticeStyle};
pub use call::Endpoint;
pub use certificates::{
    CertificateFlaw, CertificateRefused, CertificateReturn, CertifiedUnit, LegalPerson,
};
pub use clock::ClockSource;
pub use config::{
    AlipayApp, AlipayCertificates, AlipayTemplate, AlipayUserIds, AliyunSmsAccount,
    CertificateClient, MockConfig, ObjectsAccount, PushFormat, PushMode, RegisteredPerson,
    SmsTemplate, SubscribeKind, SubscribeTemplate, TemplateField, TencentSmsAccount, WechatApp,
    WechatPush,
};
pub use data_centre::DataCentreManner;
pub use faults::Fault;
pub use log::RequestRecord;
pub use outgoing::Answered;
pub use phone::{Phone, PhoneError};
pub use server::{Mock, StartError, start};
pub use sms::{SmsGateway, SmsMessage};
pub use state::World;
pub use target::{Platform, Target};
pub use vehicles::RegisteredVehicle;
pub use wechat::{
    EncryptedData, MessageLine, PushError, PushRecord, ScanResult, SubscribeAnswer, SubscribeError,
    SubscribeQuestion, UserInfo, WechatMessage,
};
