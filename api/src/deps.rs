//! Everything that a use case may reach.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use crate::{
    checkpoints::Gates,
    clients::{
        Alipay, AlipayInbox, CertificateProvider, DataCentre, IdentityRegistry, Messenger, Objects,
        PageCodes, SmsGateway, VehicleRegistry, WeChat, WeChatInbox,
    },
    communities::Progress,
    config::{
        self, Communities, Imports, Login, Notifications, Organisations, Policy, Regions, Reports,
    },
    credentials::{Keyring, Kinds, Published},
    declarations::Reminders,
    health_code::{CodeCache, Followers, Forgetting},
    holdings::Holdings,
    http::shedding::Admission,
    identity::SessionCache,
    jobs::Nudge,
    platform::{Clock, Entropy, Ephemeral, Vault},
    policy::PolicyCache,
    regions::OpeningCache,
    review::{Handlers, WorkflowCache},
    service_level::Ladder,
    transparency::Log,
    uploads::Workshop,
    venues::Doors,
    visits::Ingest,
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
    pub vault: Arc<Vault>,
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
    /// What WeChat tells us.
    pub wechat_inbox: Arc<dyn WeChatInbox>,
    /// Messages in WeChat.
    pub wechat_messages: Arc<dyn Messenger>,
    /// Codes that WeChat draws.
    pub wechat_codes: Arc<dyn PageCodes>,
    /// Alipay.
    pub alipay: Arc<dyn Alipay>,
    /// What Alipay tells us.
    pub alipay_inbox: Arc<dyn AlipayInbox>,
    /// Messages in Alipay.
    pub alipay_messages: Arc<dyn Messenger>,
    /// Codes that Alipay draws.
    pub alipay_codes: Arc<dyn PageCodes>,
    /// The population registry.
    pub registry: Arc<dyn IdentityRegistry>,
    /// The city's data centre.
    pub data_centre: Arc<dyn DataCentre>,
    /// The provider of units' certificates and licences.
    pub certificates: Arc<dyn CertificateProvider>,
    /// Where what people send lies.
    pub objects: Arc<dyn Objects>,
    /// The registry of vehicles.
    pub vehicles: Arc<dyn VehicleRegistry>,
    /// Wakes the sweep that looks at colours: woken after the commit of a mark.
    pub recheck: Nudge,
    /// What changes with somebody's colour.
    pub followers: Followers,
    /// The features that keep something about people, in the order in which they erase.
    pub holdings: Holdings,
    /// Wakes the sweep that sends messages: woken after the commit of one.
    pub outbox: Nudge,
    /// How far this process got with today's reminders.
    pub reminders: Reminders,
    /// What this process knows of regions, for a few seconds.
    pub openings: OpeningCache,
    /// What this process knows of the policy, for at most two seconds.
    pub law: PolicyCache,
    /// What this process knows of gates, for at most two seconds.
    pub gates: Gates,
    /// What is looked at again at gates, and how much a device delivers.
    pub gating: config::Gates,
    /// The features whose records are permits.
    pub permits: Kinds,
    /// What this process published of permits, for a minute.
    pub published: Published,
    /// Where lists of what became of permits are fetched: their addresses begin with it.
    pub status_lists: String,
    /// The features whose cases are reviewed.
    pub reviews: Handlers,
    /// The workflows that this process read. Versions of them never change.
    pub workflows: WorkflowCache,
    /// Who is let in, and the level that this process runs at.
    pub admission: Arc<Admission>,
    /// What this process goes up and down on by itself.
    pub ladder: Ladder,
    /// How codes on doors are made and recognised, and what this process knows of venues, for at most two
    /// seconds.
    pub doors: Doors,
    /// How far this process got with today's communities.
    pub coverage: Progress,
    /// When issuers of communities sign in.
    pub communities: Communities,
    /// How log-in behaves.
    pub login: Login,
    /// How files of facts are brought in.
    pub imports: Imports,
    /// When people are told, and for how long that is kept.
    pub notifications: Notifications,
    /// Which units may log in.
    pub organisations: Organisations,
    /// Colours that several people decide on.
    pub overrides: config::Overrides,
    /// How colours are decided.
    pub policy: Policy,
    /// How members of staff prove themselves.
    pub staff: config::Staff,
    /// Where regions are not decided on, and when offices work.
    pub regions: Regions,
    /// What reports tell.
    pub reports: Reports,
    /// How long what is about people is kept.
    pub retention: config::Retention,
    /// How far this process got with what it forgets of people today.
    pub forgetting: Forgetting,
    /// What the log is called that outsiders can check, and who watches it.
    pub log: Log,
    /// Passes for vehicles.
    pub vehicle_passes: config::VehiclePasses,
    /// Room to take files in.
    pub uploads: Workshop,
    /// Codes on doors.
    pub venues: config::Venues,
    /// What writes visits down.
    pub visits: Ingest,
    /// How visits are written down, and for how long.
    pub visiting: config::Visits,
    /// The return to work.
    pub work_permits: config::WorkPermits,
}
