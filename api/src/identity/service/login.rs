//! Log-in through each door (L1, L2).

use std::time::Duration;

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use entity::{
    person, platform_account,
    session::Door,
    values::{PersonId, Phone, Platform},
};
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    super::{
        error::Error,
        places::{self, Index},
        store::accounts,
        terms::{PRIVACY, TERMS},
    },
    accounts::{kind_name, text_of},
    codes, newcomer, owner,
    sessions::{self, Grant},
};
use crate::{
    audit::{self, Actor, Event},
    clients::{EncryptedPhone, PlatformError, WeChatUser},
    deps::Deps,
    platform::db::begin_write,
};

/// How long both of WeChat's answers may take together (R7).
const PATIENCE: Duration = Duration::from_secs(3);

/// Versions that were accepted.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct Accepted<'a> {
    pub(in crate::identity) terms: &'a str,
    pub(in crate::identity) privacy: &'a str,
}

impl Accepted<'_> {
    /// Before anything is spent on a log-in that could not be granted.
    fn are_current(self) -> Result<(), Error> {
        let terms = self.terms != TERMS.version;
        let privacy = self.privacy != PRIVACY.version;
        if terms || privacy {
            return Err(Error::TermsNotAccepted { terms, privacy });
        }
        Ok(())
    }
}

/// What every log-in brings along.
#[derive(Debug, Clone, Copy)]
pub(in crate::identity) struct Visitor<'a> {
    pub(in crate::identity) accepted: Accepted<'a>,
    /// What the client calls its device.
    pub(in crate::identity) device: &'a str,
    /// A document number, where the owner of the number has to be confirmed.
    pub(in crate::identity) document: Option<&'a str>,
}

/// A proved phone at one of the doors.
struct Arrival<'a> {
    door: Door,
    phone: &'a Phone,
    device: &'a str,
    account: Option<Account<'a>>,
    /// What may be accepted once.
    payload: Option<[u8; 32]>,
}

impl Arrival<'_> {
    async fn confirm_owner(&self, deps: &Deps, document: Option<&str>) -> Result<(), Error> {
        let account = self.account.as_ref().map(Account::text);
        owner::confirm(deps, self.phone, account.as_deref(), document).await
    }
}

/// A super-app's user.
struct Account<'a> {
    platform: Platform,
    app_id: &'a str,
    /// Which of the platform's names for a user `id` is.
    kind: &'static str,
    id: &'a str,
    /// Whether the platform vouched that the phone is this user's. If it did not, an account that
    /// stands for somebody does not come to stand for another (S6).
    phone_is_theirs: bool,
}

impl Account<'_> {
    fn text(&self) -> String {
        text_of(self.platform, self.app_id, self.kind, self.id)
    }
}

/// Log in with a code that was sent by SMS.
pub(in crate::identity) async fn by_sms(
    deps: &Deps,
    phone: &Phone,
    request_id: Uuid,
    code: &str,
    visitor: Visitor<'_>,
) -> Result<Grant, Error> {
    visitor.accepted.are_current()?;
    let guess = codes::check(deps, phone, request_id, code).await?;
    owner::confirm(deps, phone, None, visitor.document).await?;
    codes::redeem(deps, guess).await?;
    let arrival = Arrival {
        door: Door::Sms,
        phone,
        device: visitor.device,
        account: None,
        payload: None,
    };
    enter(deps, &arrival).await
}

/// How a page says which phone WeChat vouches for.
#[derive(Clone, Copy)]
pub(in crate::identity) enum WeChatPhone<'a> {
    /// By a code that WeChat exchanges for the number.
    Code(&'a str),
    /// By the number itself, under the session key of the same log-in.
    Encrypted(EncryptedPhone<'a>),
}

/// Log in through WeChat, with the phone that it vouches for.
pub(in crate::identity) async fn by_wechat(
    deps: &Deps,
    app_id: &str,
    login_code: &str,
    phone: WeChatPhone<'_>,
    visitor: Visitor<'_>,
) -> Result<Grant, Error> {
    visitor.accepted.are_current()?;
    let by = Instant::now() + PATIENCE;
    let (user, phone) = timeout_at(by, vouched(deps, app_id, login_code, phone, by))
        .await
        .map_err(|_| Error::PlatformUnavailable(anyhow!("WeChat takes too long")))??;
    let phone = phone.ok_or(Error::PhoneNotMainland)?;
    let arrival = Arrival {
        door: Door::Wechat,
        phone: &phone,
        device: visitor.device,
        account: Some(Account {
            platform: Platform::Wechat,
            app_id,
            kind: "openid",
            id: &user.openid,
            phone_is_theirs: true,
        }),
        payload: None,
    };
    arrival.confirm_owner(deps, visitor.document).await?;
    let grant = enter(deps, &arrival).await?;
    codes::proved_otherwise(deps, &phone).await;
    Ok(grant)
}

/// Whom WeChat knows by a code, and with what phone. One deadline for all that is asked: were a
/// second call's later than our patience, what hangs would never count as a failure.
async fn vouched(
    deps: &Deps,
    app_id: &str,
    login_code: &str,
    phone: WeChatPhone<'_>,
    by: Instant,
) -> Result<(WeChatUser, Option<Phone>), PlatformError> {
    let wechat = &deps.wechat;
    match phone {
        WeChatPhone::Code(code) => {
            let user = wechat.user(app_id, login_code, by).await?;
            let phone = wechat.phone(app_id, code, &user.openid, by).await?;
            Ok((user, phone))
        }
        WeChatPhone::Encrypted(phone) => wechat.user_and_phone(app_id, login_code, phone, by).await,
    }
}

/// Log in through Alipay, with the phone in a payload that is good once.
pub(in crate::identity) async fn by_alipay(
    deps: &Deps,
    app_id: &str,
    auth_code: &str,
    phone_payload: &str,
    visitor: Visitor<'_>,
) -> Result<Grant, Error> {
    visitor.accepted.are_current()?;
    let opened = deps.alipay.open_phone(app_id, phone_payload)?;
    let phone = opened.phone.ok_or(Error::PhoneNotMainland)?;
    let user = deps.alipay.user(app_id, auth_code).await?;
    let arrival = Arrival {
        door: Door::Alipay,
        phone: &phone,
        device: visitor.device,
        account: Some(Account {
            platform: Platform::Alipay,
            app_id,
            kind: kind_name(user.kind),
            id: &user.id,
            // The payload names no user: it may be another's.
            phone_is_theirs: false,
        }),
        payload: Some(opened.digest),
    };
    arrival.confirm_owner(deps, visitor.document).await?;
    let grant = enter(deps, &arrival).await?;
    codes::proved_otherwise(deps, &phone).await;
    Ok(grant)
}

/// Let a proved phone in: one transaction from the person to the session.
async fn enter(deps: &Deps, arrival: &Arrival<'_>) -> Result<Grant, Error> {
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;

    if let Some(payload) = &arrival.payload
        && !accounts::spend(&tx, payload, now).await?
    {
        return Err(Error::PayloadUsed);
    }
    let person = newcomer::with_phone(&tx, deps, arrival.phone).await?;
    record(&tx, deps, person.id, &Event::PhoneProved {}).await?;
    if let Some(account) = &arrival.account {
        link(&tx, deps, &person, account, now).await?;
    }
    consent(&tx, deps, person.id, now).await?;
    let grant = sessions::begin(&tx, deps, &person, arrival.door, arrival.device).await?;

    tx.commit().await?;
    sessions::announce(deps, grant.citizen).await;
    Ok(grant)
}

/// Have `account` stand for `person`.
async fn link(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: &person::Model,
    account: &Account<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let index = Index::of_account(&deps.vault, &account.text());
    let sealed = newcomer::key_of(deps, person)?.seal(
        places::account(&person.id),
        account.id.as_bytes(),
        &*deps.entropy,
    )?;
    let new = platform_account::Model {
        account_index: index.current,
        person_id: person.id,
        platform: account.platform.name().into(),
        app_id: account.app_id.into(),
        account: sealed,
        linked_at: now,
    };
    if let Some(known) = find_or_link(tx, &index.any, &new).await? {
        if known.person_id == person.id {
            return Ok(());
        }
        if !account.phone_is_theirs {
            return Err(Error::SmsCheckRequired);
        }
        accounts::relink(tx, &known, new).await?;
    }
    let platform = account.platform.name();
    record(tx, deps, person.id, &Event::PlatformLinked { platform }).await
}

/// The account that is linked already, perhaps by another log-in at the same moment. `None` if this
/// call linked it.
async fn find_or_link(
    tx: &DatabaseTransaction,
    indexes: &[Vec<u8>],
    new: &platform_account::Model,
) -> Result<Option<platform_account::Model>, DbErr> {
    let known = accounts::find(tx, indexes).await?;
    if known.is_some() || accounts::link(tx, new.clone()).await? {
        return Ok(known);
    }
    accounts::find(tx, indexes).await
}

async fn consent(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    for document in [TERMS, PRIVACY] {
        if accounts::accept(tx, person, document.name, document.version, now).await? {
            let given = Event::ConsentGiven {
                document: document.name,
                version: document.version.into(),
            };
            record(tx, deps, person, &given).await?;
        }
    }
    Ok(())
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    event: &Event,
) -> Result<(), Error> {
    Ok(audit::record(tx, deps, Actor::Person(person), person, event).await?)
}
