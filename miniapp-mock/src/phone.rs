//! A person's phone: what it shows the mini-programs.

use crate::alipay::{AlipayMessage, AlipayNotice, phone_payload, phone_refusal};
use crate::people::{PhoneNumber, alipay_open_id, alipay_user_id};
use crate::sms::SmsMessage;
use crate::state::{World, lock};

/// The phone of one person, with one mini-program of each platform open.
#[derive(Clone)]
pub struct Phone {
    pub(crate) world: World,
    pub(crate) key: String,
    pub(crate) wechat_app: String,
    alipay_app: String,
}

/// A phone was asked for what it cannot do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Not an app of the mock's configuration.
    #[error("no such app")]
    NoSuchApp,
    /// There is no session: `wx.login` has to come first.
    #[error("not logged in")]
    NotLoggedIn,
    /// Neither a mainland number nor `+country number`.
    #[error("not a phone number")]
    BadNumber,
    /// Not an http or https address.
    #[error("not an address")]
    BadAddress,
}

impl Phone {
    pub(crate) fn new(world: World, key: &str) -> Self {
        let config = &world.0.config;
        let wechat_app = config.wechat_apps.first().map(|app| app.app_id.clone());
        let alipay_app = config.alipay_apps.first().map(|app| app.app_id.clone());
        Self {
            key: key.to_owned(),
            wechat_app: wechat_app.unwrap_or_default(),
            alipay_app: alipay_app.unwrap_or_default(),
            world,
        }
    }

    /// The same phone with another WeChat mini-program open.
    #[must_use]
    pub fn in_wechat_app(self, app_id: &str) -> Self {
        Self {
            wechat_app: app_id.to_owned(),
            ..self
        }
    }

    /// The same phone with another Alipay mini-program open.
    #[must_use]
    pub fn in_alipay_app(self, app_id: &str) -> Self {
        Self {
            alipay_app: app_id.to_owned(),
            ..self
        }
    }

    /// The person's number: eleven digits, or `+` and all digits of a foreign one.
    #[must_use]
    pub fn number(&self) -> String {
        let number = self.parsed_number();
        if number.country == "86" {
            number.national
        } else {
            number.e164()
        }
    }

    pub(crate) fn parsed_number(&self) -> PhoneNumber {
        lock(&self.world.0.people).person(&self.key).number
    }

    /// Give the person a number: `13800138000`, `+8613800138000` or `+852 91234567`.
    pub fn set_number(&self, number: &str) -> Result<(), PhoneError> {
        let number = PhoneNumber::parse(number).ok_or(PhoneError::BadNumber)?;
        lock(&self.world.0.people).set_number(&self.key, number);
        Ok(())
    }

    /// Who the person is to every Alipay app that gets user ids.
    #[must_use]
    pub fn alipay_user_id(&self) -> String {
        self.known_to_alipay_app();
        alipay_user_id(&self.key)
    }

    /// Who the person is to the open Alipay app.
    #[must_use]
    pub fn alipay_open_id(&self) -> String {
        self.known_to_alipay_app();
        alipay_open_id(&self.alipay_app, &self.key)
    }

    fn known_to_alipay_app(&self) {
        let messages = &mut lock(&self.world.0.alipay).messages;
        messages.meet(&self.alipay_app, &self.key);
    }

    /// `my.getAuthCode` with the silent scope `auth_base`.
    #[must_use]
    pub fn alipay_auth_code(&self) -> String {
        self.alipay_auth_code_for("auth_base")
    }

    /// `my.getAuthCode` with `scope`: `auth_base` or `auth_user`.
    #[must_use]
    pub fn alipay_auth_code_for(&self, scope: &str) -> String {
        let now = self.world.now_ms();
        let grants = &mut lock(&self.world.0.alipay).grants;
        grants.make_code(&self.alipay_app, &self.key, scope, now)
    }

    /// `my.getPhoneNumber`: the string that the front end posts to its backend.
    ///
    /// If the app has no content key, the string is a signed error.
    pub fn alipay_phone_payload(&self) -> Result<String, PhoneError> {
        let number = self.parsed_number().with_foreign_prefix();
        let keys = self.world.0.alipay_app(&self.alipay_app);
        keys.map(|keys| phone_payload(keys, &number))
            .ok_or(PhoneError::NoSuchApp)
    }

    /// `my.getPhoneNumber` when the person has not allowed it: a signed error.
    pub fn alipay_phone_refusal(&self) -> Result<String, PhoneError> {
        let keys = self.world.0.alipay_app(&self.alipay_app);
        keys.map(phone_refusal).ok_or(PhoneError::NoSuchApp)
    }

    /// Submit a form with `report-submit` in the open Alipay app: a `form_id` for one message within
    /// seven days.
    #[must_use]
    pub fn submit_alipay_form(&self) -> String {
        let now = self.world.now_ms();
        let messages = &mut lock(&self.world.0.alipay).messages;
        messages.submit_form(&self.alipay_app, &self.key, now)
    }

    /// Whether the person wants no messages in Alipay.
    pub fn set_alipay_messages_refused(&self, refused: bool) {
        let messages = &mut lock(&self.world.0.alipay).messages;
        messages.set_refused(&self.key, refused);
    }

    /// Every message that the person got in Alipay, oldest first.
    #[must_use]
    pub fn alipay_messages(&self) -> Vec<AlipayMessage> {
        lock(&self.world.0.alipay).messages.inbox_of(&self.key)
    }

    /// Have Alipay tell the open app something about the person; returns the `notify_id`. It is
    /// delivered when it is due: see [`World::flush_notifications`].
    pub fn notify_alipay_app(&self, notice: &AlipayNotice) -> Result<String, PhoneError> {
        let keys = self.world.0.alipay_app(&self.alipay_app);
        let keys = keys.ok_or(PhoneError::NoSuchApp)?;
        let now = self.world.now_ms();
        let notifications = &mut lock(&self.world.0.alipay).notifications;
        notifications
            .add(keys, &self.key, notice, now)
            .ok_or(PhoneError::BadAddress)
    }

    /// Every message the person got, oldest first.
    #[must_use]
    pub fn sms_inbox(&self) -> Vec<SmsMessage> {
        lock(&self.world.0.sms)
            .inbox
            .of(&self.parsed_number().e164())
    }

    /// The last verification code the person got.
    #[must_use]
    pub fn latest_sms_code(&self) -> Option<String> {
        let inbox = self.sms_inbox();
        inbox.into_iter().rev().find_map(|message| message.code)
    }
}
