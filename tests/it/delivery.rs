//! The whole way of a message: from what happens to a person to what their phone shows, through our
//! clients, the platforms as they answer, and what they report back.

mod alipay;
mod sms;
mod trouble;
mod wechat;

use api::clients::Limits;
use entity::notification::Model;
use integration_tests::{
    Backend, Stack,
    backend::{Session, ZHANG},
};
use miniapp_mock::{Endpoint, Phone, SmsGateway, SmsMessage, dev};
use serde_json::{Value, json};

use crate::{
    notifications::{deliver, rows},
    platforms::{PATIENT, within},
};

const PHONE: &str = "13800138000";

/// The development set tells of a changed code by this one: one yes is good for any number.
const LONG_TERM: &str = dev::WECHAT_NOTICE_TEMPLATE;

/// One yes to this one is good for one message.
const ONE_TIME: &str = dev::WECHAT_REMINDER_TEMPLATE;

/// Somebody with a phone, who is logged in and has proved who they are.
struct Citizen {
    backend: Backend,
    phone: Phone,
    session: Session,
}

/// Zhang, whom WeChat knows.
async fn on_wechat(stack: Stack) -> Citizen {
    on_wechat_within(PATIENT, stack).await
}

async fn on_wechat_within(limits: Limits, stack: Stack) -> Citizen {
    let (backend, phone) = start(limits, stack).await;
    let session = Session::of(&backend.through_wechat(&phone).await.ok());
    Citizen::proved(backend, phone, session).await
}

/// Zhang, whom Alipay knows.
async fn on_alipay(stack: Stack) -> Citizen {
    let (backend, phone) = start(PATIENT, stack).await;
    let session = Session::of(&backend.through_alipay(&phone).await.ok());
    Citizen::proved(backend, phone, session).await
}

/// Zhang, who is known by the number alone.
async fn on_no_app(stack: Stack) -> Citizen {
    let (backend, phone) = start(PATIENT, stack).await;
    let session = backend.log_in(PHONE).await;
    Citizen::proved(backend, phone, session).await
}

/// A backend that WeChat pushes to, and Zhang's phone.
async fn start(limits: Limits, stack: Stack) -> (Backend, Phone) {
    let backend = Box::pin(within(limits, stack, |_| ())).await;
    let push = Some(backend.wechat_push());
    let pushed = backend.mock.set_wechat_push(dev::WECHAT_APP_ID, push);
    pushed.unwrap();
    let phone = backend.mock.phone_of("zhang");
    phone.set_number(PHONE).unwrap();
    (backend, phone)
}

impl Citizen {
    async fn proved(backend: Backend, phone: Phone, session: Session) -> Self {
        backend.prove(&session, ZHANG).await;
        Self {
            backend,
            phone,
            session,
        }
    }

    /// Say yes to `template` on the phone, and have WeChat push it.
    async fn allow(&self, template: &str) {
        self.phone.wechat_allow(template).unwrap();
        self.heard().await;
    }

    /// Have WeChat push what it has to say.
    async fn heard(&self) {
        self.backend.mock.flush_wechat_pushes().await;
    }

    /// Submit a form in Alipay, and have the page hand its id on.
    async fn submit_form(&self) -> String {
        let form_id = self.phone.submit_alipay_form();
        let form = json!({"app_id": dev::ALIPAY_APP_ID, "form_id": form_id});
        let page = self.backend.as_citizen(&self.session);
        page.post("/v1/me/form-ids", form).await.ok();
        form_id
    }

    /// The code turns green, and the relay runs.
    async fn turns_green(&self) {
        self.backend.become_green(&self.session).await;
        deliver(&self.backend).await;
    }

    /// A fever turns the code yellow, and the relay runs.
    async fn turns_yellow(&self) {
        let path = format!("/v1/people/{}/check-ins", self.session.person);
        let fever = json!({"temperature": 38.0, "symptoms": []});
        let page = self.backend.as_citizen(&self.session);
        page.post(&path, fever).await.ok();
        self.backend.compare().await;
        deliver(&self.backend).await;
    }

    /// What they were told, as the list has it: newest first.
    async fn told(&self) -> Vec<Value> {
        let page = self.backend.as_citizen(&self.session);
        let told = page.get("/v1/me/notifications").await.ok();
        told["items"].as_array().unwrap().clone()
    }

    /// The outbox.
    async fn rows(&self) -> Vec<Model> {
        rows(&self.backend).await
    }

    /// What became of the message that was told last.
    async fn outcome(&self) -> String {
        let last = self.rows().await.pop().unwrap();
        last.outcome.unwrap()
    }

    /// Notices by SMS: how each was sent, its text and its key.
    fn notices(&self) -> Vec<(SmsGateway, String, Option<String>)> {
        let inbox = self.phone.sms_inbox().into_iter();
        let notices = inbox.filter(|message: &SmsMessage| message.code.is_none());
        notices
            .map(|message| (message.gateway, message.text, message.key))
            .collect()
    }

    /// What WeChat answered to our messages, in order.
    fn answers(&self) -> Vec<String> {
        let calls = self.backend.mock.requests_of(Endpoint::WechatMessage);
        calls.into_iter().map(|call| call.code).collect()
    }
}
