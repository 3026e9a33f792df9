//! The super-apps' doors: log-in from a phone, and what WeChat pushes.

use miniapp_mock::{Phone, WechatPush, dev};
use serde_json::json;

use crate::{Backend, call::Reply};

impl Backend {
    /// Log the owner of `phone` in through WeChat, with fresh codes.
    pub async fn through_wechat(&self, phone: &Phone) -> Reply {
        let body = json!({
            "app_id": dev::WECHAT_APP_ID,
            "login_code": phone.wechat_login_code(),
            "phone_code": phone.wechat_phone_code(),
            "accepted": self.accepted().await,
        });
        self.anyone().post("/v1/login/wechat", body).await
    }

    /// Log the owner of `phone` in through Alipay, with fresh codes.
    pub async fn through_alipay(&self, phone: &Phone) -> Reply {
        let payload = phone.alipay_phone_payload();
        let body = json!({
            "app_id": dev::ALIPAY_APP_ID,
            "auth_code": phone.alipay_auth_code(),
            "phone_payload": payload.expect("the app has a content key"),
            "accepted": self.accepted().await,
        });
        self.anyone().post("/v1/login/alipay", body).await
    }

    /// Where WeChat's message push reaches this instance.
    #[must_use]
    pub fn wechat_push(&self) -> WechatPush {
        let path = format!("/v1/platforms/wechat/{}/push", dev::WECHAT_APP_ID);
        WechatPush::to(self.anyone().url(&path))
    }
}
