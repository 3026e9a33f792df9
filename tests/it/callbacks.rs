//! What super-apps tell us: believed if they signed it, once, and not acknowledged before it is kept.

mod alipay;
pub(crate) mod pusher;
mod wechat;

use api::{
    callbacks::{ForgetEvents, KEPT},
    jobs::Sweep,
    subscriptions::{self, Allowed},
};
use chrono::TimeDelta;
use entity::{platform_event, values::PersonId};
use integration_tests::{
    backend::{Backend, Session},
    on_both_stacks,
};
use sea_orm::{EntityTrait, PaginatorTrait};

use self::pusher::{Push, answered, now};

const PHONE: &str = "13800138000";

/// Somebody who logged in through WeChat, and what WeChat calls them.
async fn on_wechat(backend: &Backend) -> (Session, String) {
    let phone = backend.mock.phone_of("owner");
    phone.set_number(PHONE).unwrap();
    let session = backend.through_wechat(&phone).await.ok();
    (Session::of(&session), phone.wechat_openid())
}

async fn allowed(backend: &Backend, session: &Session) -> Vec<Allowed> {
    let person = PersonId(session.person.parse().unwrap());
    let now = backend.deps.clock.now();
    let allowed = subscriptions::allowed(&backend.deps.db, person, now).await;
    allowed.unwrap()
}

/// How many messages are remembered.
async fn remembered(backend: &Backend) -> u64 {
    let events = platform_event::Entity::find();
    events.count(&backend.deps.db).await.unwrap()
}

on_both_stacks! {
    async fn messages_are_forgotten_when_no_platform_repeats_them_any_more(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, openid) = on_wechat(&backend).await;
        let forget = async || ForgetEvents::run(&backend.deps).await.unwrap();
        let at = now(&backend);
        Push::secure(&answered(&openid, "t1", "accept", at), at, "n").deliver(backend.anyone()).await;

        backend.wait(KEPT);
        let at = now(&backend);
        Push::secure(&answered(&openid, "t1", "accept", at), at, "n").deliver(backend.anyone()).await;
        assert_eq!((forget().await, remembered(&backend).await), (0, 2));

        backend.wait(TimeDelta::milliseconds(1));
        assert_eq!((forget().await, remembered(&backend).await), (1, 1));
        assert_eq!(forget().await, 0);
    }
}
