//! What a mini-program's page can ask of WeChat on a phone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::cipher::{data_signature, seal_data};
use super::picture::text_in;
use super::push::Event;
use super::{
    Purpose, ScanResult, SubscribeAnswer, SubscribeError, SubscribeQuestion, WechatMessage,
};
use crate::config::{SubscribeTemplate, WechatApp};
use crate::crypto::{base64_encode, random};
use crate::people::openid;
use crate::phone::{Phone, PhoneError};
use crate::state::lock;

/// Content that only the holder of the user's session key can read.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptedData {
    /// The content, in base64.
    pub encrypted_data: String,
    /// The initial vector, in base64.
    pub iv: String,
}

/// What `wx.getUserInfo` gives a page.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// The profile as JSON text.
    pub raw_data: String,
    /// Over [`UserInfo::raw_data`] and the session key.
    pub signature: String,
    /// The profile with openid and watermark.
    #[serde(flatten)]
    pub encrypted: EncryptedData,
}

impl Phone {
    fn app(&self) -> Result<&WechatApp, PhoneError> {
        let app = self.world.0.wechat_app(&self.wechat_app);
        app.ok_or(PhoneError::NoSuchApp)
    }

    /// Who the person is to the open WeChat app.
    #[must_use]
    pub fn wechat_openid(&self) -> String {
        let users = &mut lock(&self.world.0.wechat).users;
        users.meet(&self.wechat_app, &self.key)
    }

    /// `wx.login`: a code for one login within five minutes. It may change the session key.
    #[must_use]
    pub fn wechat_login_code(&self) -> String {
        let now = self.world.now_ms();
        let wechat = &mut *lock(&self.world.0.wechat);
        let openid = wechat.users.meet(&self.wechat_app, &self.key);
        if let Ok(app) = self.app() {
            wechat.sessions.log_in(app, &openid, now);
        }
        wechat
            .codes
            .make(Purpose::Login, &self.wechat_app, &self.key, now)
    }

    /// `wx.checkSession`: whether the session key still is good.
    #[must_use]
    pub fn wechat_check_session(&self) -> bool {
        self.session_key().is_ok()
    }

    fn session_key(&self) -> Result<String, PhoneError> {
        let openid = openid(&self.wechat_app, &self.key);
        let now = self.world.now_ms();
        let sessions = &lock(&self.world.0.wechat).sessions;
        let key = sessions.key(&self.wechat_app, &openid, now);
        key.ok_or(PhoneError::NotLoggedIn)
    }

    /// Have the session end now, as WeChat may decide at any time.
    pub fn expire_wechat_session(&self) {
        let openid = openid(&self.wechat_app, &self.key);
        let sessions = &mut lock(&self.world.0.wechat).sessions;
        sessions.end(&self.wechat_app, &openid);
    }

    /// The `getPhoneNumber` button: a code for one look at the number within five minutes.
    #[must_use]
    pub fn wechat_phone_code(&self) -> String {
        let now = self.world.now_ms();
        let codes = &mut lock(&self.world.0.wechat).codes;
        codes.make(Purpose::PhoneNumber, &self.wechat_app, &self.key, now)
    }

    /// The `getPhoneNumber` button of an older WeChat: the number under the session key. `wx.login`
    /// has to come first.
    pub fn wechat_encrypted_phone(&self) -> Result<EncryptedData, PhoneError> {
        let number = self.parsed_number();
        let content = json!({
            "phoneNumber": number.with_foreign_prefix(),
            "purePhoneNumber": number.national,
            "countryCode": number.country,
            "watermark": {"timestamp": self.world.now_ms() / 1000, "appid": self.wechat_app},
        });
        encrypted(&self.session_key()?, &content.to_string())
    }

    /// `wx.getUserInfo`: the profile, signed and under the session key. `wx.login` has to come first.
    pub fn wechat_user_info(&self) -> Result<UserInfo, PhoneError> {
        let key = self.session_key()?;
        let mut profile = json!({
            "nickName": self.key, "gender": 0, "language": "zh_CN",
            "city": "", "province": "", "country": "", "avatarUrl": "",
        });
        let raw_data = profile.to_string();
        if let Some(members) = profile.as_object_mut() {
            members.insert("openId".to_owned(), self.wechat_openid().into());
            let at = self.world.now_ms() / 1000;
            let watermark = json!({"timestamp": at, "appid": self.wechat_app});
            members.insert("watermark".to_owned(), watermark);
        }
        Ok(UserInfo {
            signature: data_signature(&raw_data, &key),
            encrypted: encrypted(&key, &profile.to_string())?,
            raw_data,
        })
    }

    /// Whether WeChat refuses the person's logins as a risk (40226).
    pub fn set_wechat_blocked(&self, blocked: bool) {
        let sessions = &mut lock(&self.world.0.wechat).sessions;
        sessions.set_blocked(&self.key, blocked);
    }

    /// `wx.requestSubscribeMessage`: the answer by template.
    ///
    /// What the user answers is pushed to the app's server. Where an earlier answer is kept, nobody is
    /// asked, the answer is the same and counts the same, but nothing is pushed.
    pub fn wechat_subscribe(
        &self,
        question: &SubscribeQuestion,
    ) -> Result<BTreeMap<String, SubscribeAnswer>, SubscribeError> {
        let app = self.app().map_err(|_| SubscribeError::NoSuchTemplate)?;
        let now = self.world.now_ms();
        let wechat = &mut *lock(&self.world.0.wechat);
        let openid = wechat.users.meet(&app.app_id, &self.key);
        let asked = wechat.permissions.ask(app, &openid, question)?;
        if !asked.tapped.is_empty() {
            let popup = Event::popup(&openid, &asked.tapped);
            self.world.0.tell(wechat, app, popup, now);
        }
        Ok(asked.answers)
    }

    /// The user is asked for one template and allows it.
    pub fn wechat_allow(&self, template_id: &str) -> Result<(), SubscribeError> {
        let question = SubscribeQuestion {
            templates: vec![template_id.to_owned()],
            accept: vec![template_id.to_owned()],
            keep: false,
        };
        self.wechat_subscribe(&question).map(|_| ())
    }

    /// Change the answer for a template in the settings. A refusal takes back what was allowed and is
    /// pushed to the app's server.
    pub fn set_wechat_subscription(
        &self,
        template_id: &str,
        accept: bool,
    ) -> Result<(), SubscribeError> {
        let (app, template) = self.template(template_id)?;
        let now = self.world.now_ms();
        let wechat = &mut *lock(&self.world.0.wechat);
        let openid = wechat.users.meet(&app.app_id, &self.key);
        let permissions = &mut wechat.permissions;
        permissions.settle(&app.app_id, &openid, template, accept);
        if !accept {
            let change = Event::change(&openid, template_id, accept);
            self.world.0.tell(wechat, app, change, now);
        }
        Ok(())
    }

    /// Turn all messages of the app on or off.
    pub fn set_wechat_messages(&self, on: bool) {
        let openid = openid(&self.wechat_app, &self.key);
        let permissions = &mut lock(&self.world.0.wechat).permissions;
        permissions.switch(&self.wechat_app, &openid, on);
    }

    /// Messages by the template that the app may still send; `None` is without limit.
    pub fn wechat_messages_left(&self, template_id: &str) -> Result<Option<u32>, SubscribeError> {
        let (app, template) = self.template(template_id)?;
        let openid = openid(&app.app_id, &self.key);
        let permissions = &mut lock(&self.world.0.wechat).permissions;
        Ok(permissions.left(&app.app_id, &openid, template))
    }

    fn template(
        &self,
        template_id: &str,
    ) -> Result<(&WechatApp, &SubscribeTemplate), SubscribeError> {
        let app = self.app().map_err(|_| SubscribeError::NoSuchTemplate)?;
        let template = app.template(template_id);
        Ok((app, template.ok_or(SubscribeError::NoSuchTemplate)?))
    }

    /// Every message of the open app, oldest first.
    #[must_use]
    pub fn wechat_inbox(&self) -> Vec<WechatMessage> {
        let openid = openid(&self.wechat_app, &self.key);
        let messages = self.world.wechat_messages();
        let ours =
            |message: &WechatMessage| message.app_id == self.wechat_app && message.openid == openid;
        messages.into_iter().filter(ours).collect()
    }

    /// `wx.scanCode` on what stands in a code.
    #[must_use]
    pub fn wechat_scan_text(&self, text: &str) -> ScanResult {
        lock(&self.world.0.wechat)
            .drawn
            .read(&self.wechat_app, text)
    }

    /// `wx.scanCode` on a picture (PNG): `None` if no code is found in it.
    #[must_use]
    pub fn wechat_scan(&self, picture: &[u8]) -> Option<ScanResult> {
        Some(self.wechat_scan_text(&text_in(picture)?))
    }
}

fn encrypted(key: &str, content: &str) -> Result<EncryptedData, PhoneError> {
    let iv = random::<16>();
    let sealed = seal_data(key, iv, content).ok_or(PhoneError::NotLoggedIn)?;
    Ok(EncryptedData {
        encrypted_data: sealed,
        iv: base64_encode(iv),
    })
}
