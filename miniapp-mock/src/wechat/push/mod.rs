//! Message push: what WeChat tells an app's server of its own accord.
//!
//! A message is delivered up to three times, until the server accepts it. With a URL set, deliveries
//! start by themselves on the mock's thread; [`World::flush_wechat_pushes`] makes what is left, pauses
//! skipped, and returns when all is done.

mod event;
mod form;

use std::collections::{HashMap, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value};

use self::form::Form;
use super::Wechat;
use crate::config::{WechatApp, WechatPush};
use crate::outgoing::Answered;
use crate::state::{Inner, World, lock};

pub(crate) use event::Event;

/// Deliveries of one message, at the most.
const ATTEMPTS: u32 = 3;
/// Until the next delivery of a message that was not accepted.
const PAUSE_MS: i64 = 5_000;
/// Deliveries that the log keeps.
const KEPT: usize = 1_000;

/// One delivery of a message to an app's server.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PushRecord {
    /// The message; the same for all its deliveries.
    pub id: u64,
    /// Which app.
    pub app_id: String,
    /// The name of the event.
    pub event: String,
    /// The user that it is about.
    pub openid: String,
    /// When, in Unix milliseconds of the mock's clock.
    pub at_ms: i64,
    /// 1 for the first delivery.
    pub attempt: u32,
    /// What was posted.
    pub body: String,
    /// The server's status; 0 if there was no answer.
    pub status: u16,
    /// The server's answer, or why there was none.
    pub answer: String,
    /// Whether the server accepted it.
    pub accepted: bool,
}

/// An order about message push that cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// Not an app of the mock's configuration.
    #[error("no such app")]
    NoSuchApp,
    /// The app has no push, or its URL or key is not usable.
    #[error("the app's message push is not set up")]
    NotSetUp,
    /// No message was pushed yet.
    #[error("nothing was pushed yet")]
    NothingYet,
}

/// Messages under way, and the log of deliveries.
#[derive(Default)]
pub(crate) struct Pushes {
    /// What was set since the start, by app; `None` turned it off.
    set: HashMap<String, Option<WechatPush>>,
    waiting: VecDeque<Pending>,
    log: VecDeque<PushRecord>,
    last: HashMap<String, Pending>,
    next_id: u64,
}

#[derive(Clone)]
struct Pending {
    id: u64,
    app_id: String,
    receiver: String,
    event: Event,
    created_ms: i64,
    attempt: u32,
    due_ms: i64,
}

impl Pushes {
    /// How the app's server is reached now.
    fn config<'a>(&'a self, app: &'a WechatApp) -> Option<&'a WechatPush> {
        match self.set.get(&app.app_id) {
            Some(set) => set.as_ref(),
            None => app.push.as_ref(),
        }
    }

    fn add(&mut self, app: &WechatApp, event: Event, now: i64) {
        if self.config(app).is_none_or(|push| push.url.is_empty()) {
            return;
        }
        self.next_id += 1;
        let pending = Pending {
            id: self.next_id,
            app_id: app.app_id.clone(),
            receiver: app.original_id.clone(),
            event,
            created_ms: now,
            attempt: 1,
            due_ms: now,
        };
        self.last.insert(app.app_id.clone(), pending.clone());
        self.waiting.push_back(pending);
    }

    /// Begin the app's last message anew.
    fn repeat(&mut self, app_id: &str, now: i64) -> Result<(), PushError> {
        let last = self.last.get(app_id).ok_or(PushError::NothingYet)?;
        self.waiting.push_back(Pending {
            due_ms: now,
            ..last.clone()
        });
        Ok(())
    }

    fn take_due(&mut self, until: i64) -> Option<Pending> {
        let at = self.waiting.iter().position(|it| it.due_ms <= until)?;
        self.waiting.remove(at)
    }

    fn note(&mut self, record: PushRecord, pending: Pending) {
        if !record.accepted && pending.attempt < ATTEMPTS {
            self.waiting.push_back(Pending {
                attempt: pending.attempt + 1,
                due_ms: record.at_ms + PAUSE_MS,
                ..pending
            });
        }
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back(record);
    }
}

impl Inner {
    /// Have `event` pushed to the server of `app`, if it has one.
    pub(super) fn tell(&self, wechat: &mut Wechat, app: &WechatApp, event: Event, now: i64) {
        wechat.pushes.add(app, event, now);
        self.push_bell.notify_one();
    }

    /// Make the deliveries that are due by `until`, one after the other.
    async fn deliver_pushes(&self, until: i64) {
        let _turn = self.push_turn.lock().await;
        loop {
            let Some(pending) = lock(&self.wechat).pushes.take_due(until) else {
                return;
            };
            self.deliver_push(pending).await;
        }
    }

    async fn deliver_push(&self, pending: Pending) {
        let Some(app) = self.wechat_app(&pending.app_id) else {
            return;
        };
        let config = lock(&self.wechat).pushes.config(app).cloned();
        let Some(config) = config else {
            return;
        };
        let now = self.clock.now_ms();
        let form = Form {
            app_id: &app.app_id,
            receiver: &pending.receiver,
            config: &config,
            now_s: now / 1000,
        };
        let (body, answer) = match form.write(&pending.event, pending.created_ms / 1000) {
            Some(wire) => (wire.body, wire.call.send().await),
            None => (String::new(), not_set_up()),
        };
        let record = PushRecord {
            id: pending.id,
            app_id: pending.app_id.clone(),
            event: pending.event.name.clone(),
            openid: pending.event.openid.clone(),
            at_ms: now,
            attempt: pending.attempt,
            body,
            status: answer.status,
            accepted: form.accepts(&answer),
            answer: answer.body,
        };
        lock(&self.wechat).pushes.note(record, pending);
    }

    /// Deliver pushes as they fall due, for ever.
    pub(crate) async fn keep_pushing(&self) {
        loop {
            self.deliver_pushes(self.clock.now_ms()).await;
            let waiting = !lock(&self.wechat).pushes.waiting.is_empty();
            if waiting {
                // The mock's clock may be moved or stand still, so its end is looked for, not waited for.
                let look_again = std::time::Duration::from_millis(200);
                let _ = tokio::time::timeout(look_again, self.push_bell.notified()).await;
            } else {
                self.push_bell.notified().await;
            }
        }
    }
}

fn not_set_up() -> Answered {
    Answered {
        status: 0,
        body: "the URL or the key is not usable".to_owned(),
    }
}

impl World {
    /// Set how WeChat reaches the server of `app_id`, or that it does not.
    pub fn set_wechat_push(&self, app_id: &str, push: Option<WechatPush>) -> Result<(), PushError> {
        let app = self.0.wechat_app(app_id).ok_or(PushError::NoSuchApp)?;
        let set = &mut lock(&self.0.wechat).pushes.set;
        set.insert(app.app_id.clone(), push);
        Ok(())
    }

    /// Verify the server's URL as WeChat does when it is entered: whether it echoed what it was sent.
    pub async fn verify_wechat_push(&self, app_id: &str) -> Result<bool, PushError> {
        let app = self.0.wechat_app(app_id).ok_or(PushError::NoSuchApp)?;
        let config = lock(&self.0.wechat).pushes.config(app).cloned();
        let config = config.ok_or(PushError::NotSetUp)?;
        let form = Form {
            app_id,
            receiver: &app.original_id,
            config: &config,
            now_s: self.now_ms() / 1000,
        };
        let (call, echo) = form.verification().ok_or(PushError::NotSetUp)?;
        let answer = call.send().await;
        Ok(answer.status == 200 && answer.body == echo)
    }

    /// Push an event of the caller's own making, about `openid`.
    pub fn push_wechat_event(
        &self,
        app_id: &str,
        openid: &str,
        event: &str,
        members: Map<String, Value>,
    ) -> Result<(), PushError> {
        let app = self.0.wechat_app(app_id).ok_or(PushError::NoSuchApp)?;
        let now = self.now_ms();
        let wechat = &mut *lock(&self.0.wechat);
        wechat.pushes.config(app).ok_or(PushError::NotSetUp)?;
        let event = Event::other(openid, event, members);
        self.0.tell(wechat, app, event, now);
        Ok(())
    }

    /// Push the app's last message once more, as if WeChat had not heard the server's answer.
    pub fn repeat_wechat_push(&self, app_id: &str) -> Result<(), PushError> {
        let now = self.now_ms();
        lock(&self.0.wechat).pushes.repeat(app_id, now)?;
        self.0.push_bell.notify_one();
        Ok(())
    }

    /// Make every delivery that is under way or due later, retries included, without pauses.
    pub async fn flush_wechat_pushes(&self) {
        self.0.deliver_pushes(i64::MAX).await;
    }

    /// Deliveries made, oldest first.
    #[must_use]
    pub fn wechat_pushes(&self) -> Vec<PushRecord> {
        lock(&self.0.wechat).pushes.log.iter().cloned().collect()
    }
}
