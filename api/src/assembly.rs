//! From configuration to everything that a use case may reach.

use std::sync::Arc;

use anyhow::Context;
use sea_orm::{DatabaseConnection, DbBackend};

use crate::{
    checkpoints::{self, Gates},
    clients::{
        AliyunSms, FailoverSms, Folder, HttpAlipay, HttpCertificates, HttpDataCentre, HttpRegistry,
        HttpVehicleRegistry, HttpWeChat, Objects, S3, SmsGateway, SmsProvider, TencentSms,
    },
    communities,
    complaints::{self, Complaints},
    config::{Config, Profile, Sms},
    contact_tracing,
    control_actions::{self, ControlActions},
    corrections,
    credentials::{self, Keyring, Kinds, Published},
    declarations::{self, Reminders},
    deps::Deps,
    facts,
    health_code::{self, AssessMarked, CodeCache, Forgetting},
    holdings::Holdings,
    http::shedding::Admission,
    identity::{self, SessionCache},
    jobs::Nudges,
    notifications::{self, DeliverDue},
    organisations, overrides, pass_cards,
    platform::{
        Clock, Entropy, Ephemeral, Vault,
        db::{self, DatabaseSettings},
        ephemeral::{InProcess, Redis},
    },
    policy::{self, PolicyCache},
    recheck,
    regions::{self, OpeningCache},
    review::{self, Handlers, WorkflowCache},
    service_level::Ladder,
    subscriptions,
    transparency::Log,
    uploads::{self, Workshop},
    vehicle_passes::{self, PassRecords, PassesFollow, VehicleReviews},
    venues::{self, Doors, VenueReviews},
    visits::{self, Ingest, Pace, WRITERS},
    work_permits,
};

/// Connect to everything that `config` names, and load the keys. `nudges` are those of the sweeps
/// that this process runs.
///
/// The schema must be up to date: see [`db::migrate`].
#[expect(clippy::too_many_lines, reason = "one line a part")]
pub async fn assemble(
    config: &Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    nudges: &Nudges,
) -> anyhow::Result<Deps> {
    let db = db::connect(&config.database.settings())
        .await
        .context("opening the database")?;
    let ephemeral = ephemeral(config, &clock)?;
    let platforms = &config.platforms;
    let seal_key = config.secrets.derived("wechat.access_token");
    let wechat = Arc::new(HttpWeChat::new(
        &platforms.wechat,
        &seal_key,
        Arc::clone(&ephemeral),
        Arc::clone(&clock),
        Arc::clone(&entropy),
    )?);
    let alipay = Arc::new(HttpAlipay::new(
        &platforms.alipay,
        Arc::clone(&clock),
        Arc::clone(&entropy),
    )?);
    let root = config
        .keys
        .root_key
        .as_ref()
        .map(|key| credentials::read_root(key.reveal()));
    let vault = Arc::new(Vault::new(&config.secrets.vault_keys())?);
    let visits = ingest(config, &db, &vault, &entropy).await?;
    let ladder = Ladder::new(of_its_own(config, &db, 1).await?);
    let deps = Deps {
        db,
        ephemeral,
        vault,
        keyring: Keyring::new(root.transpose()?),
        sessions: SessionCache::default(),
        codes: CodeCache::new(config.display),
        sms: sms(&platforms.sms, &clock, &entropy)?,
        wechat: wechat.clone(),
        wechat_inbox: wechat.clone(),
        wechat_messages: wechat.clone(),
        wechat_codes: wechat,
        alipay: alipay.clone(),
        alipay_inbox: alipay.clone(),
        alipay_messages: alipay.clone(),
        alipay_codes: alipay,
        registry: Arc::new(HttpRegistry::new(
            &platforms.registry,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?),
        data_centre: Arc::new(HttpDataCentre::new(
            &platforms.data_centre,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?),
        certificates: Arc::new(HttpCertificates::new(
            &platforms.certificates,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?),
        objects: objects(config, &clock, &entropy)?,
        vehicles: Arc::new(HttpVehicleRegistry::new(
            &platforms.vehicles,
            Arc::clone(&clock),
            Arc::clone(&entropy),
        )?),
        recheck: nudges.of_sweep::<AssessMarked>(),
        followers: vec![
            Arc::new(pass_cards::CardsFollow),
            Arc::new(PassesFollow),
            Arc::new(work_permits::WorkFollows),
        ],
        holdings: holdings(),
        outbox: nudges.of_sweep::<DeliverDue>(),
        reminders: Reminders::default(),
        openings: OpeningCache::default(),
        law: PolicyCache::default(),
        permits: Kinds::default()
            .with(pass_cards::CardRecords)
            .with(PassRecords)
            .with(work_permits::WorkRecords)
            .with_most_a_key(config.keys.permits_per_key),
        published: Published::default(),
        status_lists: config.status_lists_address(),
        reviews: Handlers::default()
            .with(pass_cards::CardReviews)
            .with(Complaints)
            .with(ControlActions)
            .with(VehicleReviews)
            .with(VenueReviews)
            .with(work_permits::WorkReviews),
        gates: Gates::default(),
        gating: config.gates,
        workflows: WorkflowCache::default(),
        admission: Arc::new(Admission::new(config.service_level.in_flight)),
        ladder,
        doors: Doors::new(
            &config.secrets.lasting("venue.code"),
            config.venue_address(),
        ),
        coverage: communities::Progress::default(),
        communities: config.communities.clone(),
        login: config.login.clone(),
        imports: config.imports.clone(),
        notifications: config.notifications.clone(),
        organisations: config.organisations.clone(),
        overrides: config.overrides.clone(),
        policy: config.policy.clone(),
        regions: config.regions.clone(),
        reports: config.reports.clone(),
        retention: config.retention.clone(),
        forgetting: Forgetting::default(),
        staff: config.staff.clone(),
        log: Log::new(config.log_origin(), &config.transparency)
            .context("reading the keys of witnesses")?,
        vehicle_passes: config.vehicle_passes.clone(),
        uploads: Workshop::default(),
        venues: config.venues.clone(),
        visits,
        visiting: config.visits.clone(),
        work_permits: config.work_permits.clone(),
        clock,
        entropy,
    };
    credentials::rotate(&deps)
        .await
        .context("loading the keys")?;
    credentials::sign_list(&deps)
        .await
        .context("signing the key list")?;
    policy::install_shipped(&deps.db, deps.clock.now())
        .await
        .context("installing the policy")?;
    regions::seed_calendar(&deps)
        .await
        .context("keeping the working calendar")?;
    review::install_shipped(&deps)
        .await
        .context("loading the workflows")?;
    vehicle_passes::install_types(&deps)
        .await
        .context("loading the types of vehicle passes")?;
    Ok(deps)
}

/// The features that keep something about people. They erase in this order: cases first, which is how what is
/// under way is taken back, and who somebody is last.
fn holdings() -> Holdings {
    Holdings::default()
        .with(review::Cases)
        .with(complaints::Complained)
        .with(corrections::Corrections)
        .with(control_actions::TurnedAway)
        .with(pass_cards::Cards)
        .with(vehicle_passes::Vehicles)
        .with(work_permits::Workers)
        .with(venues::Applied)
        .with(organisations::Agencies)
        .with(visits::Visits)
        .with(checkpoints::Passed)
        .with(contact_tracing::Released)
        .with(overrides::Named)
        .with(facts::Facts)
        .with(declarations::Declarations)
        .with(health_code::Colours)
        .with(notifications::Told)
        .with(subscriptions::Allowances)
        .with(uploads::Files)
        .with(recheck::Marks)
        .with(identity::People)
}

/// What writes visits down has connections of its own on PostgreSQL, so that nobody else's work is in the
/// way of whoever stands at a door.
async fn ingest(
    config: &Config,
    db: &DatabaseConnection,
    vault: &Arc<Vault>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Ingest> {
    let db = of_its_own(config, db, WRITERS).await?;
    let pace = Pace {
        queue: config.visits.queue,
        window: config.visits.window(),
    };
    Ok(Ingest::begin(
        db,
        pace,
        Arc::clone(vault),
        Arc::clone(entropy),
    ))
}

/// Connections that nobody else waits for, which find rows by indexes. On SQLite everybody shares.
async fn of_its_own(
    config: &Config,
    db: &DatabaseConnection,
    connections: u32,
) -> anyhow::Result<DatabaseConnection> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(db.clone());
    }
    let own = DatabaseSettings {
        max_connections: connections,
        min_connections: 0,
        by_index: true,
        ..config.database.settings()
    };
    db::connect(&own).await.context("opening the database")
}

fn ephemeral(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Ephemeral>> {
    Ok(match config.ephemeral.redis() {
        Some(settings) => Arc::new(Redis::connect(&settings, Arc::clone(clock))?),
        None => Arc::new(InProcess::new(Arc::clone(clock))),
    })
}

fn objects(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn Objects>> {
    let objects = &config.objects;
    if let Some(bucket) = objects.bucket() {
        let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
        return Ok(Arc::new(S3::new(bucket, clock, entropy)?));
    }
    if config.profile == Profile::Production {
        tracing::warn!("objects lie in a folder: all instances have to share its file system");
    }
    Ok(Arc::new(Folder::new(objects.folder.clone())))
}

/// The gateways in their order: the second stands in for the first.
fn sms(
    settings: &Sms,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<Arc<dyn SmsGateway>> {
    let gateway = |gateway: &SmsProvider| -> anyhow::Result<Arc<dyn SmsGateway>> {
        let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
        Ok(match gateway {
            SmsProvider::Aliyun => {
                let settings = settings
                    .aliyun
                    .as_ref()
                    .context("platforms.sms.aliyun is not set")?;
                Arc::new(AliyunSms::new(settings, clock, entropy)?)
            }
            SmsProvider::Tencent => {
                let settings = settings
                    .tencent
                    .as_ref()
                    .context("platforms.sms.tencent is not set")?;
                Arc::new(TencentSms::new(settings, clock, entropy)?)
            }
        })
    };
    let mut gateways = settings
        .order
        .iter()
        .map(gateway)
        .collect::<Result<Vec<_>, _>>()?
        .into_iter();
    let first = gateways
        .next()
        .context("platforms.sms.order names no gateway")?;
    Ok(gateways.fold(first, |first, second| {
        Arc::new(FailoverSms::new(first, second))
    }))
}
