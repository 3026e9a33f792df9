//! The command line: what to do, and with which configuration.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use clap::{Parser, Subcommand};
use entity::values::{DeviceId, Division, DivisionError, Role, SectionCode};
use metrics_exporter_prometheus::PrometheusHandle;
use miniapp_mock::MockConfig;
use uuid::Uuid;

use crate::{
    assembly::assemble,
    clients::install_tls,
    commands::{
        calendar, communities, demo, demo_data, dev, gate, import, keys, migrate, notifications,
        openapi, reconcile, regions, roads, serve, service_level, staff, verify,
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

#[derive(Debug, Clone, PartialEq, Default, Subcommand)]
enum Command {
    /// Run everything on this machine, the outside world included
    #[default]
    Dev,
    /// Walk through log-in, declaration and code on a fresh service, and stop
    Demo,
    /// Answer requests
    Serve {
        /// Run the sweeps as well
        #[arg(long)]
        with_work: bool,
    },
    /// Run the sweeps
    Work,
    /// Bring the schema up to date
    Migrate {
        /// Give this database role what the service needs, and no more
        #[arg(long, value_name = "NAME")]
        service_role: Option<String>,
    },
    /// Print the `OpenAPI` document
    Openapi {
        /// Compare it with this file instead
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
    /// Bring in a file of facts, from where it stopped if it was begun before
    Import {
        /// The source that signed it
        #[arg(long, value_name = "NAME")]
        source: String,
        /// What its rows say: `nucleic_acid_test`, or a kind of fact
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// The source's signature: 64 bytes, or these in base64. Ed25519 over `tongxing-import-v1`, a zero
        /// byte, the source, a zero byte, the kind, a zero byte and the 32 bytes of the file's SHA-256
        #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
        signature: Option<PathBuf>,
        /// Find out what would be applied, and keep nothing
        #[arg(long)]
        dry_run: bool,
        /// Take it over from a process that is known to be dead, without waiting
        #[arg(long)]
        take_over: bool,
        /// Where to write what is wrong with rows, as CSV
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// CSV or one JSON object a line, compressed with gzip or not; - for the standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Verify a code, a permit or a receipt without asking anybody about it
    Verify {
        /// The list of public keys: a file, or the address of a service, such as
        /// <https://tongxing.example>
        #[arg(
            long,
            value_name = "FILE|URL",
            required_unless_present = "bundle",
            conflicts_with = "bundle"
        )]
        keys: Option<String>,
        /// The public half of the root key in hexadecimal, as `keys init-root` printed it; that of
        /// `keys.root_key` if left out
        #[arg(long, value_name = "HEX")]
        root: Option<String>,
        #[command(flatten)]
        gate: Gate,
        /// The text that was scanned; - for the standard input. With --bundle several: the pass of a vehicle
        /// and the codes of those aboard
        #[arg(value_name = "TOKEN", required = true)]
        tokens: Vec<String>,
    },
    /// Compare every permit with its record, its status and its copies now, and say what does not fit
    Reconcile,
    /// Look after the keys that sign
    #[command(subcommand)]
    Keys(Keys),
    /// Look after the templates that platforms approved
    #[command(subcommand)]
    Templates(Templates),
    /// Look after messages that could not be sent
    #[command(subcommand)]
    Notifications(Notifications),
    /// Look after when regions open
    #[command(subcommand)]
    Regions(Regions),
    /// Look after the working calendar
    #[command(subcommand)]
    Calendar(Calendar),
    /// Look after the directory of communities
    #[command(subcommand)]
    Communities(Communities),
    /// Look after the catalogue of sections of roads
    #[command(subcommand)]
    Roads(Roads),
    /// Order how far the service reduces itself
    #[command(subcommand)]
    ServiceLevel(ServiceLevel),
    /// Look after staff
    #[command(subcommand)]
    Staff(Staff),
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum ServiceLevel {
    /// Keep it between two levels for a time: 0 is everything, and at 5 doors help themselves
    Order {
        /// The lowest level
        #[arg(long, value_parser = clap::value_parser!(u8).range(..=5))]
        at_least: u8,
        /// The highest; 5 leaves the service free to go further by itself
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(..=5))]
        at_most: u8,
        /// For how long
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1440))]
        minutes: u16,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Leave it to itself again
    Free,
}

/// How a gate without a network decides, and keeps what it did.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
struct Gate {
    /// Decide as a gate without a network does: the bundle that it fetched
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The temperature in degrees Celsius
    #[arg(long, value_name = "DEGREES", requires = "bundle")]
    temperature: Option<f64>,
    /// The last four characters of the document that is shown with a card on paper
    #[arg(long, value_name = "TEXT", requires = "bundle")]
    document_last4: Option<String>,
    /// What the plate of the vehicle says, whose pass is among what was scanned
    #[arg(long, value_name = "PLATE", requires = "bundle")]
    plate: Option<String>,
    /// The section of road that the gate watches, such as 120102-0007
    #[arg(long, value_name = "SECTION", requires = "bundle")]
    section: Option<SectionCode>,
    /// Keep a signed record of it behind those in this file
    #[arg(long, value_name = "FILE", requires_all = ["bundle", "device", "device_key"])]
    queue: Option<PathBuf>,
    /// Which device this is
    #[arg(long, value_name = "ID", requires = "queue")]
    device: Option<Uuid>,
    /// The file with its key
    #[arg(long, value_name = "FILE", requires = "queue")]
    device_key: Option<PathBuf>,
}

impl Gate {
    /// What the gate is given, if it is one that decides.
    fn arguments(self, tokens: Vec<String>) -> Option<gate::Arguments> {
        let queue = self.queue.zip(self.device).zip(self.device_key);
        Some(gate::Arguments {
            bundle: self.bundle?,
            tokens,
            plate: self.plate,
            section: self.section,
            document_last4: self.document_last4,
            temperature: self.temperature,
            queue: queue.map(|((file, device), key)| gate::Queue {
                file,
                device: DeviceId(device),
                key,
            }),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Staff {
    /// Invite the first administrator of a region, or the first who approves roles there
    Invite {
        /// Their name
        #[arg(long)]
        name: String,
        /// The organisation that they work for
        #[arg(long)]
        unit: String,
        /// `region_admin` or `grant_approver`
        #[arg(long, value_parser = staff::role)]
        role: Role,
        /// The six digits of the region's code
        #[arg(long, value_name = "CODE", value_parser = division)]
        division: Division,
    },
    /// Print who may call what
    Matrix,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Templates {
    /// Check a file of templates, without a database
    Check {
        /// TOML, with a [[template]] for each
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
    /// Save the templates in a file: all of them, or none
    Save {
        /// TOML, with a [[template]] for each
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
    /// Print the templates that are saved
    List,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Regions {
    /// Open a region and everything within it, in place of what was decided on it before
    Open {
        /// The six digits of its code
        #[arg(value_name = "CODE", value_parser = division)]
        division: Division,
        /// When, as 2026-03-05T08:00:00+08:00
        #[arg(long, value_name = "TIME")]
        at: DateTime<Utc>,
        /// When it closes again
        #[arg(long, value_name = "TIME")]
        until: Option<DateTime<Utc>>,
        /// What it offers and what people are told, as TOML; everything, without a word, if left out
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
    },
    /// Print what was decided
    List,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Notifications {
    /// Print those that were tried too often
    Dead,
    /// Have one be tried again
    Retry {
        /// Which
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Calendar {
    /// Keep the holidays and worked weekends of a year
    Save {
        /// TOML, or JSON by its ending; `calendar show` prints one
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
    /// Print what is kept of a year
    Show {
        /// Which
        year: i32,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Communities {
    /// Publish the communities in a file: all of them, or none
    Import {
        /// CSV in UTF-8 with the columns code, name, address, telephone and hours
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Roads {
    /// Decide on the sections in a file: on all of them, or on none
    Import {
        /// CSV in UTF-8 with the columns `code`, `name_zh`, `name_en`, `valid_from`, `restricted`,
        /// `classes` and `ways_around`
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
enum Keys {
    /// Make a root key and print its public half, for verifiers to pin
    InitRoot {
        /// Where to write it; never overwritten
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
    /// Make the keys that will be needed, destroy those whose time is over
    Rotate,
    /// Replace the key that signs codes, because it may have leaked
    Replace,
    /// Sign the list of public keys
    SignList,
    /// Print the public keys
    List,
}

/// Do what `cli` says.
///
/// Must be called within a multi-threaded Tokio runtime: sweeps run on its threads, and requests on
/// threads that the server starts beside them.
#[expect(clippy::too_many_lines, reason = "one arm a command")]
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    install_tls();
    let config = || checked(cli.config.as_deref());
    match cli.command.unwrap_or_default() {
        Command::Dev => Box::pin(run_dev(config()?)).await,
        Command::Demo => Box::pin(run_demo(config()?)).await,
        Command::Serve { with_work: true } => run_part(&config()?, serve::Part::Both).await,
        Command::Serve { with_work: false } => run_part(&config()?, serve::Part::Serve).await,
        Command::Work => run_part(&config()?, serve::Part::Work).await,
        Command::Migrate { service_role } => run_migrate(&config()?, service_role.as_deref()).await,
        Command::Openapi { check } => openapi::run(&server::document_yaml()?, check.as_deref()),
        Command::Import {
            source,
            kind,
            signature,
            dry_run,
            take_over,
            report,
            file,
        } => {
            let arguments = import::Arguments {
                source,
                kind,
                signature,
                dry_run,
                take_over,
                report,
                file,
            };
            import::run(&reached(&config()?).await?, &arguments).await
        }
        Command::Verify {
            keys,
            root,
            gate,
            tokens,
        } => {
            let root = match root {
                Some(root) => verify::pinned(&root)?,
                None => verify::own_root(&config()?)?,
            };
            let now = SystemClock.now();
            let said = if let Some(keys) = keys {
                let [token] = tokens.as_slice() else {
                    bail!("verify one text at a time, or those before a gate with --bundle");
                };
                verify::run(&keys, &root, token, now).await?
            } else {
                let tokens = tokens.into_iter().map(verify::read);
                let asked = gate.arguments(tokens.collect::<Result<_, _>>()?);
                gate::run(&asked.context("no bundle")?, &root, now).await?
            };
            println!("{said}");
            Ok(())
        }
        Command::Reconcile => reconcile::run(&reached(&config()?).await?).await,
        Command::Keys(Keys::InitRoot { path }) => {
            println!("{}", keys::init_root(&path, &OsEntropy).await?);
            Ok(())
        }
        Command::Keys(Keys::Rotate) => keys::rotate(&reached(&config()?).await?).await,
        Command::Keys(Keys::Replace) => keys::replace(&reached(&config()?).await?).await,
        Command::Keys(Keys::SignList) => keys::sign_list(&reached(&config()?).await?).await,
        Command::Keys(Keys::List) => {
            keys::list(&reached(&config()?).await?);
            Ok(())
        }
        Command::Templates(Templates::Check { path }) => {
            notifications::check_templates(&path).await
        }
        Command::Templates(Templates::Save { path }) => {
            notifications::save_templates(&reached(&config()?).await?, &path).await
        }
        Command::Templates(Templates::List) => {
            notifications::list_templates(&reached(&config()?).await?).await
        }
        Command::Notifications(Notifications::Dead) => {
            notifications::list_dead(&reached(&config()?).await?).await
        }
        Command::Notifications(Notifications::Retry { id }) => {
            notifications::retry(&reached(&config()?).await?, id).await
        }
        Command::Regions(command) => look_after_regions(&reached(&config()?).await?, command).await,
        Command::Calendar(Calendar::Save { path }) => {
            calendar::save(&reached(&config()?).await?, &path).await
        }
        Command::Calendar(Calendar::Show { year }) => {
            calendar::show(&reached(&config()?).await?, year).await
        }
        Command::Communities(Communities::Import { path }) => {
            communities::import(&reached(&config()?).await?, &path).await
        }
        Command::Roads(Roads::Import { path }) => {
            roads::import(&reached(&config()?).await?, &path).await
        }
        Command::Staff(Staff::Invite {
            name,
            unit,
            role,
            division,
        }) => staff::invite(&reached(&config()?).await?, &name, unit, division, role).await,
        Command::ServiceLevel(ServiceLevel::Order {
            at_least,
            at_most,
            minutes,
            reason,
        }) => {
            let deps = reached(&config()?).await?;
            service_level::order(&deps, (at_least, at_most), minutes, &reason).await
        }
        Command::ServiceLevel(ServiceLevel::Free) => {
            service_level::free(&reached(&config()?).await?).await
        }
        Command::Staff(Staff::Matrix) => {
            staff::matrix();
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

fn division(code: &str) -> Result<Division, DivisionError> {
    Division::try_from(code.to_owned())
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn command(arguments: &[&str]) -> Command {
        Cli::try_parse_from([&["tongxing"], arguments].concat())
            .unwrap()
            .command
            .unwrap_or_default()
    }

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_said_is_dev_and_each_command_is_understood() {
        let with_work = |with_work| Command::Serve { with_work };
        for (arguments, expected) in [
            (&[][..], Command::Dev),
            (&["dev"], Command::Dev),
            (&["serve"], with_work(false)),
            (
                &["serve", "--with-work", "--config", "x.toml"],
                with_work(true),
            ),
            (
                &["migrate", "--service-role", "service"],
                Command::Migrate {
                    service_role: Some("service".into()),
                },
            ),
            (
                &["openapi", "--check", "openapi.yaml"],
                Command::Openapi {
                    check: Some("openapi.yaml".into()),
                },
            ),
            (&["keys", "sign-list"], Command::Keys(Keys::SignList)),
            (
                &["templates", "check", "x.toml"],
                Command::Templates(Templates::Check {
                    path: "x.toml".into(),
                }),
            ),
            (
                &[
                    "notifications",
                    "retry",
                    "00000000-0000-0000-0000-000000000000",
                ],
                Command::Notifications(Notifications::Retry { id: Uuid::nil() }),
            ),
            (
                &[
                    "regions",
                    "open",
                    "310101",
                    "--at",
                    "2026-03-05T08:00:00+08:00",
                ],
                Command::Regions(Regions::Open {
                    division: division("310101").unwrap(),
                    at: "2026-03-05T00:00:00Z".parse().unwrap(),
                    until: None,
                    plan: None,
                }),
            ),
            (
                &[
                    "staff",
                    "invite",
                    "--name=王建国",
                    "--unit=疾控中心",
                    "--role=region_admin",
                    "--division=310000",
                ],
                Command::Staff(Staff::Invite {
                    name: "王建国".into(),
                    unit: "疾控中心".into(),
                    role: Role::RegionAdmin,
                    division: division("310000").unwrap(),
                }),
            ),
            (
                &["verify", "--keys=keys.cose", "--root=00", "-"],
                Command::Verify {
                    keys: Some("keys.cose".into()),
                    root: Some("00".into()),
                    gate: Gate::default(),
                    tokens: vec!["-".into()],
                },
            ),
            (
                &["calendar", "show", "2026"],
                Command::Calendar(Calendar::Show { year: 2026 }),
            ),
            (
                &["communities", "import", "x.csv"],
                Command::Communities(Communities::Import {
                    path: "x.csv".into(),
                }),
            ),
            (
                &["roads", "import", "x.csv"],
                Command::Roads(Roads::Import {
                    path: "x.csv".into(),
                }),
            ),
        ] {
            assert_eq!(command(arguments), expected, "{arguments:?}");
        }
        assert!(Cli::try_parse_from(["tongxing", "migrate", "--down-all"]).is_err());
    }

    #[test]
    fn what_mocks_the_outside_world_does_not_run_in_production() {
        let config = Config {
            profile: Profile::Production,
            ..Config::default()
        };
        assert!(refuse_production(&config, "dev").is_err());
        assert!(refuse_production(&Config::default(), "dev").is_ok());
    }
}
