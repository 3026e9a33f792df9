//! People are told what happened: never lost, never twice, in order, and as they allow.

mod delivery;
mod inbox;
mod outbox;
mod reminders;
mod reports;
mod trouble;

use std::sync::Arc;

use api::{
    jobs::Sweep,
    notifications::{self, Decision, DeliverDue, Message, Reference},
    platform::{Clock, db::begin_write},
    subscriptions,
};
use chrono::TimeDelta;
use entity::{
    notification::{self, Model},
    values::{PersonId, Platform},
};
use integration_tests::{
    Backend, Stack,
    backend::Session,
    fakes::{Carrier, Copy},
};
use miniapp_mock::dev;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::json;

const PHONE: &str = "13800138000";

/// The mock's template for a changed code.
const CODE_CHANGED: &str = dev::WECHAT_NOTICE_TEMPLATE;

/// A backend whose notices a carrier carries.
async fn start(stack: Stack) -> (Backend, Arc<Carrier>) {
    let mut carrier = None;
    let backend = Backend::start_reaching(stack, |deps| {
        carrier = Some(Carrier::take_over(deps));
    })
    .await;
    (backend, carrier.unwrap())
}

fn person_of(session: &Session) -> PersonId {
    PersonId(session.person.parse().unwrap())
}

/// A decision on the case `number`.
fn decided(backend: &Backend, number: &str) -> Message {
    Message::ReviewDecided {
        case: Reference::parse(number).unwrap(),
        decision: Decision::Approved,
        at: backend.clock.now(),
    }
}

async fn tell(backend: &Backend, person: PersonId, message: &Message) {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    notifications::tell(&tx, &backend.deps, person, message)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Run the relay until nothing is due.
pub(crate) async fn deliver(backend: &Backend) -> u64 {
    let mut tried = 0;
    while let more @ 1.. = DeliverDue::run(&backend.deps).await.unwrap() {
        tried += more;
    }
    tried
}

pub(crate) async fn rows(backend: &Backend) -> Vec<Model> {
    notification::Entity::find()
        .order_by_asc(notification::Column::Id)
        .all(&backend.deps.db)
        .await
        .unwrap()
}

fn texts(copies: &[Copy]) -> Vec<&str> {
    copies.iter().map(|copy| copy.text.as_str()).collect()
}

/// Log the owner of [`PHONE`] in through WeChat and Alipay as well.
async fn on_both_apps(backend: &Backend) -> Session {
    let phone = backend.mock.phone_of("owner");
    phone.set_number(PHONE).unwrap();
    backend.through_wechat(&phone).await.ok();
    Session::of(&backend.through_alipay(&phone).await.ok())
}

/// Have `person` allow one more message by `template_id` in WeChat.
async fn allow(backend: &Backend, person: PersonId, template_id: &str) {
    let template = subscriptions::Template {
        platform: Platform::Wechat,
        app_id: dev::WECHAT_APP_ID,
        template_id,
    };
    let tx = begin_write(&backend.deps.db).await.unwrap();
    subscriptions::accepted(&tx, person, template, false, backend.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Have the owner of `session` submit a form in Alipay.
async fn submit_form(backend: &Backend, session: &Session, form_id: &str) {
    let form = json!({"app_id": dev::ALIPAY_APP_ID, "form_id": form_id});
    backend
        .as_citizen(session)
        .post("/v1/me/form-ids", form)
        .await
        .ok();
}

/// How many messages `person` still allows.
async fn allowed(backend: &Backend, person: PersonId) -> u64 {
    let allowed = subscriptions::allowed(&backend.deps.db, person, backend.clock.now())
        .await
        .unwrap();
    allowed.iter().map(|one| one.remaining).sum()
}

/// A changed code, as [`CODE_CHANGED`] says it.
fn changed(backend: &Backend, assessment: i64) -> Message {
    Message::CodeChanged {
        assessment,
        colour: entity::values::Colour::Green,
        reason: None,
        at: backend.clock.now(),
    }
}

/// Longer than any wait between two tries.
const LONG: TimeDelta = TimeDelta::hours(2);
