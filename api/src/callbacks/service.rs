//! Use cases: take in what a platform says.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use entity::{
    platform_event,
    values::{PersonId, Platform},
};
use metrics::counter;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    error::Error,
    rules::{self, KEPT},
    store,
};
use crate::{
    clients::{Permission, PushQuery, Receiver, WeChatEvent},
    deps::Deps,
    identity,
    notifications::{self, templates::is_long_term},
    platform::db::begin_write,
    subscriptions::{self, Template},
};

/// A statement that forgets more might not end in its time.
const FORGOTTEN_AT_ONCE: u64 = 200;

/// What became of a call that is the platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It had its effect.
    New,
    /// It had its effect before.
    Again,
    /// It is about nobody that we know.
    OfNobody,
    /// It says nothing that we have a use for.
    Idle,
}

impl Taken {
    fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Again => "again",
            Self::OfNobody => "of_nobody",
            Self::Idle => "idle",
        }
    }
}

/// Whether it is WeChat that asks for proof that the address of `app_id` is ours.
pub(super) fn verify_asker(deps: &Deps, app_id: &str, query: &PushQuery) -> Result<Taken, Error> {
    deps.wechat_inbox.signed(app_id, query)?;
    is_fresh(deps, query)?;
    Ok(Taken::Idle)
}

/// Take in what WeChat pushed.
pub(super) async fn take_in_push(
    deps: &Deps,
    app_id: &str,
    query: &PushQuery,
    body: &[u8],
) -> Result<Taken, Error> {
    let push = deps.wechat_inbox.open(app_id, query, body)?;
    is_fresh(deps, query)?;
    if push.events.is_empty() {
        return Ok(Taken::Idle);
    }
    let Some(openid) = push.openid else {
        return Ok(Taken::OfNobody);
    };
    let user = Receiver::WeChat { openid };
    let person = identity::person_of_account(&deps.db, deps, app_id, &user).await?;
    let Some(person) = person else {
        return Ok(Taken::OfNobody);
    };
    let at = rules::happened_at(push.created_at, deps.clock.now());
    let about = About { person, app_id, at };
    let (key, mut events) = (push.key, push.events);
    // Two pushes about the same templates do not wait for each other crosswise.
    events.sort_by(|one, other| template_of(one).cmp(template_of(other)));
    let effect = async |tx: &DatabaseTransaction| {
        for event in &events {
            apply(tx, deps, about, event).await?;
        }
        Ok(())
    };
    once(deps, Platform::Wechat, app_id, &key, effect).await
}

/// Whom a push is about, in which app, and when it came about.
#[derive(Clone, Copy)]
struct About<'a> {
    person: PersonId,
    app_id: &'a str,
    at: DateTime<Utc>,
}

fn is_fresh(deps: &Deps, query: &PushQuery) -> Result<(), Error> {
    let tolerance = deps.wechat_inbox.tolerance();
    let fresh = rules::is_fresh(&query.timestamp, deps.clock.now(), tolerance);
    fresh.then_some(()).ok_or(Error::Replayed)
}

fn template_of(event: &WeChatEvent) -> &str {
    match event {
        WeChatEvent::Permission { template_id, .. }
        | WeChatEvent::Delivered { template_id, .. } => template_id,
    }
}

async fn apply(
    tx: &DatabaseTransaction,
    deps: &Deps,
    about: About<'_>,
    event: &WeChatEvent,
) -> Result<(), Error> {
    match event {
        WeChatEvent::Permission {
            template_id,
            permission,
            ..
        } => note_answer(tx, about, template_id, *permission).await?,
        WeChatEvent::Delivered {
            template_id,
            delivered,
            ..
        } => {
            let About { person, app_id, at } = about;
            let by = rules::at_the_latest(at, deps.clock.now());
            notifications::delivery_reported(tx, deps, person, app_id, template_id, *delivered, by)
                .await?;
        }
    }
    Ok(())
}

/// A template that is none of ours, or not yet, counts as one for single messages: WeChat says no more
/// of it.
async fn note_answer(
    tx: &DatabaseTransaction,
    about: About<'_>,
    template_id: &str,
    permission: Permission,
) -> Result<(), DbErr> {
    let About { person, app_id, at } = about;
    let template = Template {
        platform: Platform::Wechat,
        app_id,
        template_id,
    };
    match permission {
        Permission::Rejected => subscriptions::rejected(tx, person, template, at).await,
        Permission::Accepted => {
            let long_term = is_long_term(tx, Platform::Wechat, app_id, template_id).await?;
            let long_term = long_term.unwrap_or(false);
            subscriptions::accepted(tx, person, template, long_term, at).await
        }
    }
}

/// Take in what Alipay notified us of. No kind has an effect yet.
pub(super) async fn take_in_notification(deps: &Deps, body: &[u8]) -> Result<Taken, Error> {
    let said = deps.alipay_inbox.open(body)?;
    let nothing = async |_: &DatabaseTransaction| Ok(());
    once(deps, Platform::Alipay, &said.app_id, &said.key, nothing).await
}

/// Give a message its `effect` once, in the transaction that notes it.
async fn once(
    deps: &Deps,
    platform: Platform,
    app_id: &str,
    key: &str,
    effect: impl AsyncFnOnce(&DatabaseTransaction) -> Result<(), Error>,
) -> Result<Taken, Error> {
    let tx = begin_write(&deps.db).await?;
    let event = platform_event::Model {
        platform,
        app_id: app_id.into(),
        key: digest(&SHA256, key.as_bytes()).as_ref().to_vec(),
        received_at: deps.clock.now(),
    };
    if !store::note(&tx, event).await? {
        tx.rollback().await?;
        return Ok(Taken::Again);
    }
    effect(&tx).await?;
    tx.commit().await?;
    Ok(Taken::New)
}

/// Count a call, and log one that was refused: who sent it, and what it said, is nobody's to read.
pub(super) fn account(platform: Platform, outcome: &Result<Taken, Error>) {
    let (platform, label) = (
        platform.name(),
        outcome
            .as_ref()
            .map_or_else(Error::label, |taken| taken.label()),
    );
    counter!("platform_calls_total", "platform" => platform, "outcome" => label).increment(1);
    if outcome.is_err() {
        tracing::info!(
            platform,
            outcome = label,
            "a platform's call was not taken in: {label}"
        );
    }
}

/// Forget some of the messages that are older than [`KEPT`]. Returns how many.
pub(super) async fn forget_old(deps: &Deps) -> Result<u64, DbErr> {
    store::forget(&deps.db, deps.clock.now() - KEPT, FORGOTTEN_AT_ONCE).await
}
