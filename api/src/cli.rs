//! The command line: what to do, and with which configuration.

mod arguments;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use metrics_exporter_prometheus::PrometheusHandle;
use miniapp_mock::MockConfig;

use self::arguments::{
    AuditLog, Calendar, Command, Communities, Keys, Notifications, Regions, Roads, ServiceLevel,
    Staff, Templates, Verify, VerifyLog,
};
use crate::{
    assembly::assemble,
    clients::install_tls,
    commands::{
        audit_log, calendar, communities, demo, demo_data, dev, gate, import, keys, migrate,
        notifications, openapi, reconcile, regions, roads, serve, service_level, staff, verify,
        verify_log,
    },
    config::{Config, Profile, Telemetry},
    deps::Deps,
    jobs::Nudges,
    platform::{Clock, OsEntropy, SystemClock, lifecycle, telemetry},
    server,
};

/// Where `dev` keeps its data.
const DATA: &str = "data";

/// Where `demo` keeps its data. Each run begins by removing it.
const DEMO_DATA: &str = "data/demo";

/// Tongxing (通行): health codes and passes that explain every decision.
#[derive(Debug, Parser)]
#[command(name = "tongxing", version)]
pub struct Cli {
    /// The configuration; variables that begin with TONGXING_ go before it
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What to do; `dev` if nothing is said
    #[command(subcommand)]
    command: Option<Command>,
}

/// Do what `cli` says.
///
/// Must be called within a multi-threaded Tokio runtime: sweeps run on its threads, and requests on
/// threads that the server starts beside them.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    install_tls();
    let config = || checked(cli.config.as_deref());
    let deps = async || Box::pin(reached(&config()?)).await;
    match cli.command.unwrap_or_default() {
        Command::Dev => Box::pin(run_dev(config()?)).await,
        Command::Demo => Box::pin(run_demo(config()?)).await,
        Command::Serve { with_work: true } => run_part(&config()?, serve::Part::Both).await,
        Command::Serve { with_work: false } => run_part(&config()?, serve::Part::Serve).await,
        Command::Work => run_part(&config()?, serve::Part::Work).await,
        Command::Migrate { service_role } => run_migrate(&config()?, service_role.as_deref()).await,
        Command::Openapi { check } => openapi::run(&server::document_yaml()?, check.as_deref()),
        Command::Import(asked) => import::run(&deps().await?, &asked.into()).await,
        Command::Verify(asked) => run_verify(config, asked).await,
        Command::VerifyLog(asked) => run_verify_log(config, asked).await,
        Command::AuditLog(AuditLog::Check { checkpoints }) => {
            run_audit_log(&config()?, &checkpoints).await
        }
        Command::Reconcile => reconcile::run(&deps().await?).await,
        Command::Keys(command) => Box::pin(look_after_keys(deps, command)).await,
        Command::Templates(Templates::Check { path }) => {
            notifications::check_templates(&path).await
        }
        Command::Templates(Templates::Save { path }) => {
            notifications::save_templates(&deps().await?, &path).await
        }
        Command::Templates(Templates::List) => notifications::list_templates(&deps().await?).await,
        Command::Notifications(Notifications::Dead) => {
            notifications::list_dead(&deps().await?).await
        }
        Command::Notifications(Notifications::Retry { id }) => {
            notifications::retry(&deps().await?, id).await
        }
        Command::Regions(command) => look_after_regions(&deps().await?, command).await,
        Command::Calendar(Calendar::Save { path }) => calendar::save(&deps().await?, &path).await,
        Command::Calendar(Calendar::Show { year }) => calendar::show(&deps().await?, year).await,
        Command::Communities(Communities::Import { path }) => {
            communities::import(&deps().await?, &path).await
        }
        Command::Roads(Roads::Import { path }) => roads::import(&deps().await?, &path).await,
        Command::ServiceLevel(command) => order(&deps().await?, command).await,
        Command::Staff(Staff::Matrix) => {
            staff::matrix();
            Ok(())
        }
        Command::Staff(Staff::Invite {
            name,
            unit,
            role,
            division,
        }) => staff::invite(&deps().await?, &name, unit, division, role).await,
    }
}

async fn run_verify(
    config: impl Fn() -> anyhow::Result<Config>,
    asked: Verify,
) -> anyhow::Result<()> {
    let root = match asked.root {
        Some(root) => verify::pinned(&root)?,
        None => verify::own_root(&config()?)?,
    };
    let now = SystemClock.now();
    let said = if let Some(keys) = asked.keys {
        let [token] = asked.tokens.as_slice() else {
            bail!("verify one text at a time, or those before a gate with --bundle");
        };
        verify::run(&keys, &root, token, now).await?
    } else {
        let tokens = asked.tokens.into_iter().map(verify::read);
        let gate = asked.gate.arguments(tokens.collect::<Result<_, _>>()?);
        gate::run(&gate.context("no bundle")?, &root, now).await?
    };
    println!("{said}");
    Ok(())
}

async fn run_verify_log(
    config: impl Fn() -> anyhow::Result<Config>,
    asked: VerifyLog,
) -> anyhow::Result<()> {
    let root = match &asked.root {
        Some(root) => verify::pinned(root)?,
        None => verify::own_root(&config()?)?,
    };
    let said = verify_log::run(&asked.into(), &root, SystemClock.now()).await?;
    println!("{said}");
    Ok(())
}

async fn run_audit_log(config: &Config, held: &[PathBuf]) -> anyhow::Result<()> {
    telemetry::log(&config.telemetry)?;
    audit_log::check(&config.database.settings(), held).await
}

async fn look_after_keys(
    deps: impl AsyncFn() -> anyhow::Result<Deps>,
    command: Keys,
) -> anyhow::Result<()> {
    match command {
        Keys::InitRoot { path } => {
            println!("{}", keys::init_root(&path, &OsEntropy).await?);
            Ok(())
        }
        Keys::Rotate => keys::rotate(&deps().await?).await,
        Keys::Replace => keys::replace(&deps().await?).await,
        Keys::DropPermitKey { kid } => keys::drop_permit_key(&deps().await?, &kid).await,
        Keys::SignList => keys::sign_list(&deps().await?).await,
        Keys::List => {
            keys::list(&deps().await?);
            Ok(())
        }
    }
}

async fn look_after_regions(deps: &Deps, command: Regions) -> anyhow::Result<()> {
    match command {
        Regions::Open {
            division,
            at,
            until,
            plan,
        } => regions::open(deps, division, at, until, plan.as_deref()).await,
        Regions::List => regions::list(deps).await,
    }
}

async fn order(deps: &Deps, command: ServiceLevel) -> anyhow::Result<()> {
    match command {
        ServiceLevel::Order {
            at_least,
            at_most,
            minutes,
            reason,
        } => service_level::order(deps, (at_least, at_most), minutes, &reason).await,
        ServiceLevel::Free => service_level::free(deps).await,
    }
}

fn checked(path: Option<&Path>) -> anyhow::Result<Config> {
    let config = Config::of_process(path)?;
    config.check()?;
    Ok(config)
}

async fn run_dev(config: Config) -> anyhow::Result<()> {
    refuse_production(&config, "dev")?;
    telemetry::log(&config.telemetry)?;
    let stop = lifecycle::on_signals(config.server.leave() + config.server.grace())?;
    let mock = dev::mock_on_its_port();
    let running = Box::pin(dev::start(config, Path::new(DATA), mock, counting())).await?;
    let added = demo_data::add(&running).await?;
    println!("service        {}", running.base_url);
    println!("documentation  {}/docs/", running.base_url);
    println!("outside world  {}/__ctl/", running.mock.base_url());
    if !added.is_empty() {
        println!(
            "demo citizens  {}: their SMS are in the outside world",
            added.join(", ")
        );
    }
    running.until(&stop).await
}

async fn run_demo(mut config: Config) -> anyhow::Result<()> {
    refuse_production(&config, "demo")?;
    telemetry::log(&Telemetry {
        filter: "warn".into(),
        ..config.telemetry
    })?;
    let folder = Path::new(DEMO_DATA);
    remove(folder).await?;
    config.database.url = format!("sqlite:{DEMO_DATA}/tongxing.db").as_str().into();
    config.server.listen.set_port(0);
    let running = Box::pin(dev::start(
        config,
        folder,
        MockConfig::default(),
        counting(),
    ))
    .await?;
    demo_data::publish(running.deps()).await?;
    let outcome = demo::run(&running, folder).await;
    running.stop().await?;
    outcome
}

async fn run_part(config: &Config, part: serve::Part) -> anyhow::Result<()> {
    telemetry::log(&config.telemetry)?;
    serve::run(config, part, counting()).await
}

async fn run_migrate(config: &Config, service_role: Option<&str>) -> anyhow::Result<()> {
    telemetry::log(&config.telemetry)?;
    migrate::run(&config.database.settings(), service_role).await
}

/// What `config` names, for a command that does one thing and ends.
async fn reached(config: &Config) -> anyhow::Result<Deps> {
    telemetry::log(&config.telemetry)?;
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    assemble(config, clock, entropy, &Nudges::default()).await
}

/// This process's meters, kept small from here on.
fn counting() -> PrometheusHandle {
    let meters = telemetry::meters();
    tokio::spawn(telemetry::upkeep(meters.clone()));
    meters
}

fn refuse_production(config: &Config, command: &str) -> anyhow::Result<()> {
    ensure!(
        config.profile == Profile::Development,
        "`{command}` mocks the outside world, which the production profile does not allow"
    );
    Ok(())
}

async fn remove(folder: &Path) -> anyhow::Result<()> {
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", folder.display()))
        }
        _ => Ok(()),
    }
}
