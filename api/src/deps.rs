//! Everything that a use case may reach.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use crate::{
    clients::{Alipay, IdentityRegistry, SmsGateway, WeChat},
    config::{Login, Policy, Regions},
    credentials::Keyring,
    health_code::CodeCache,
    identity::SessionCache,
    jobs::Nudge,
    platform::{Clock, Entropy, Ephemeral, Vault},
};

/// Everything that a use case may reach. Shared by all workers of a process; what must be shared
/// between processes is in `db` and `ephemeral`.
#[derive(Debug)]
pub struct Deps {
    /// The truth.
    pub db: DatabaseConnection,
    /// Short-lived state shared between instances.
    pub ephemeral: Arc<dyn Ephemeral>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Sealing of personal data.
    pub vault: Vault,
    /// Keys that sign codes and sessions.
    pub keyring: Keyring,
    /// What this process knows of sessions, for at most two seconds.
    pub sessions: SessionCache,
    /// What this process knows of codes, for at most two seconds.
    pub codes: CodeCache,
    /// SMS.
    pub sms: Arc<dyn SmsGateway>,
    /// WeChat.
    pub wechat: Arc<dyn WeChat>,
    /// Alipay.
    pub alipay: Arc<dyn Alipay>,
    /// The population registry.
    pub registry: Arc<dyn IdentityRegistry>,
    /// Wakes the sweep that looks at colours: woken after the commit of a mark.
    pub recheck: Nudge,
    /// How log-in behaves.
    pub login: Login,
    /// How colours are decided.
    pub policy: Policy,
    /// Where regions are not decided on, and when offices work.
    pub regions: Regions,
}
