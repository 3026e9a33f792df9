//! What can be said on the command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use entity::values::{DeviceId, Division, DivisionError, Role, SectionCode};
use uuid::Uuid;

use crate::commands::{gate, import, staff, verify_log};

/// What to do.
#[derive(Debug, Clone, PartialEq, Default, Subcommand)]
pub(super) enum Command {
    /// Run everything on this machine, the outside world included
    #[default]
    Dev,
    /// Walk through the main job on a fresh service, from log-in to the roadside, and stop
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
    Import(Import),
    /// Verify a code, a permit or a receipt without asking anybody about it
    Verify(Verify),
    /// Verify that the log of what is decided only ever grew, or that it holds an entry, without asking anybody
    VerifyLog(VerifyLog),
    /// Look after the audit log
    #[command(subcommand)]
    AuditLog(AuditLog),
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

/// What is brought in.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub(super) struct Import {
    /// The source that signed it
    #[arg(long, value_name = "NAME")]
    pub(super) source: String,
    /// What its rows say: `nucleic_acid_test`, or a kind of fact
    #[arg(long, value_name = "KIND")]
    pub(super) kind: String,
    /// The source's signature: 64 bytes, or these in base64. Ed25519 over `tongxing-import-v1`, a zero
    /// byte, the source, a zero byte, the kind, a zero byte and the 32 bytes of the file's SHA-256
    #[arg(long, value_name = "FILE", required_unless_present = "dry_run")]
    pub(super) signature: Option<PathBuf>,
    /// Find out what would be applied, and keep nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Take it over from a process that is known to be dead, without waiting
    #[arg(long)]
    pub(super) take_over: bool,
    /// Where to write what is wrong with rows, as CSV
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// CSV or one JSON object a line, compressed with gzip or not; - for the standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
}

impl From<Import> for import::Arguments {
    fn from(asked: Import) -> Self {
        Self {
            source: asked.source,
            kind: asked.kind,
            signature: asked.signature,
            dry_run: asked.dry_run,
            take_over: asked.take_over,
            report: asked.report,
            file: asked.file,
        }
    }
}

/// What is verified, and by whose keys.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub(super) struct Verify {
    /// The list of public keys: a file, or the address of a service, such as
    /// <https://tongxing.example>
    #[arg(
        long,
        value_name = "FILE|URL",
        required_unless_present = "bundle",
        conflicts_with = "bundle"
    )]
    pub(super) keys: Option<String>,
    /// The public half of the root key in hexadecimal, as `keys init-root` printed it; that of
    /// `keys.root_key` if left out
    #[arg(long, value_name = "HEX")]
    pub(super) root: Option<String>,
    #[command(flatten)]
    pub(super) gate: Gate,
    /// The text that was scanned; - for the standard input. With --bundle several: the pass of a vehicle
    /// and the codes of those aboard
    #[arg(value_name = "TOKEN", required = true)]
    pub(super) tokens: Vec<String>,
}

/// What is verified of the log, and by whose keys.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub(super) struct VerifyLog {
    /// The list of public keys: a file, or the address of a service, such as
    /// <https://tongxing.example>
    #[arg(long, value_name = "FILE|URL")]
    keys: String,
    /// The public half of the root key in hexadecimal, as `keys init-root` printed it; that of
    /// `keys.root_key` if left out
    #[arg(long, value_name = "HEX")]
    pub(super) root: Option<String>,
    /// A checkpoint that was kept; twice for an older and a newer one, of which the newer has to begin with the
    /// older
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// Where the tiles are: the folder that they were copied to, with `tile/0/000` in it, or the address of the
    /// log, such as <https://tongxing.example/v1/log>
    #[arg(long, value_name = "FOLDER|URL")]
    tiles: Option<String>,
    /// The proof that the log holds an entry: one of those that the service gives people
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// What the service tells of a day, as <https://tongxing.example/v1/daily-counts/2026-03-02> answers it; with a
    /// proof, the entry that it is of has to say the same
    #[arg(long, value_name = "FILE")]
    day: Option<PathBuf>,
}

impl From<VerifyLog> for verify_log::Arguments {
    fn from(asked: VerifyLog) -> Self {
        Self {
            keys: asked.keys,
            checkpoints: asked.checkpoints,
            tiles: asked.tiles,
            proof: asked.proof,
            day: asked.day,
        }
    }
}

/// About what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum AuditLog {
    /// Compare every entry with the log, and the log with what was signed of it, as a role that may read both
    Check {
        /// A checkpoint that was kept outside
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
    },
}

/// About how far the service reduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum ServiceLevel {
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
pub(super) struct Gate {
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
    pub(super) fn arguments(self, tokens: Vec<String>) -> Option<gate::Arguments> {
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

/// About members of staff.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Staff {
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

/// About what platforms approved.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Templates {
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

/// About when regions open.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Regions {
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

/// About what could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Notifications {
    /// Print those that were tried too often
    Dead,
    /// Have one be tried again
    Retry {
        /// Which
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

/// About working days.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Calendar {
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

/// About the directory.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Communities {
    /// Publish the communities in a file: all of them, or none
    Import {
        /// CSV in UTF-8 with the columns code, name, address, telephone and hours
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

/// About sections of roads.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Roads {
    /// Decide on the sections in a file: on all of them, or on none
    Import {
        /// CSV in UTF-8 with the columns `code`, `name_zh`, `name_en`, `valid_from`, `restricted`,
        /// `classes` and `ways_around`
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

/// About what signs.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub(super) enum Keys {
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
    /// Drop a key that signs permits, status lists or the log, because it leaked
    DropPermitKey {
        /// Its name in hexadecimal, as `keys list` prints it
        #[arg(value_name = "KID")]
        kid: String,
    },
    /// Sign the list of public keys
    SignList,
    /// Print the public keys
    List,
}

pub(super) fn division(code: &str) -> Result<Division, DivisionError> {
    Division::try_from(code.to_owned())
}
