//! A private database for each test, copied from one that was migrated once.
//!
//! The runner gives each test a process of its own, so the original is shared between processes: its
//! name says which run and which migrations made it. In PostgreSQL, being a template says that it is
//! ready.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::Duration,
};

use api::platform::{
    Entropy, OsEntropy,
    db::{self, DatabaseSettings},
};
use migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, TransactionTrait};
use sea_orm_migration::MigratorTrait;

use crate::{Stack, stack};

/// The advisory lock of a process that makes the template: "template" in ASCII.
const TEMPLATE_LOCK: i64 = i64::from_be_bytes(*b"template");

/// A database of this test's own. It goes away with this value, and connections to it break.
#[derive(Debug)]
pub struct Database {
    stack: Stack,
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    Server { name: String },
}

impl Database {
    /// A migrated database that holds nothing else.
    ///
    /// # Panics
    ///
    /// If it cannot be made; on [`Stack::Production`], also outside `tests/run.sh`.
    pub async fn fresh(stack: Stack) -> Self {
        match stack {
            Stack::Embedded => {
                let folder = new_folder();
                migrate_file(&file_in(&folder)).await;
                Self::in_folder(folder)
            }
            Stack::Production => Self::on_server(&migrated_template().await).await,
        }
    }

    /// A database without any table, to try migrations on.
    ///
    /// # Panics
    ///
    /// As [`Database::fresh`].
    pub async fn empty(stack: Stack) -> Self {
        match stack {
            Stack::Embedded => Self::in_folder(new_folder()),
            Stack::Production => Self::on_server("template0").await,
        }
    }

    /// The stack that it belongs to.
    #[must_use]
    pub fn stack(&self) -> Stack {
        self.stack
    }

    /// Its address, as the product's configuration takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How to open it, with waits long enough for a busy machine.
    #[must_use]
    pub fn settings(&self) -> DatabaseSettings {
        patient(&self.url)
    }

    /// Open it.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub async fn connect(&self) -> DatabaseConnection {
        db::connect(&self.settings())
            .await
            .expect("open the test's database")
    }

    /// Have the server cut every connection to it and refuse new ones, until [`Database::open`].
    ///
    /// # Panics
    ///
    /// On [`Stack::Embedded`], whose open file nobody can take away; and if that fails.
    pub async fn shut(&self) {
        let name = self.server_name();
        on_maintenance(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .await
            .expect("shut the test's database");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname";
        on_maintenance(&format!("{cut} = '{name}'"))
            .await
            .expect("cut the connections");
    }

    /// Have the server accept connections again.
    ///
    /// # Panics
    ///
    /// As [`Database::shut`].
    pub async fn open(&self) {
        let name = self.server_name();
        on_maintenance(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
            .await
            .expect("open the test's database");
    }

    fn server_name(&self) -> &str {
        match &self.place {
            Place::Server { name } => name,
            Place::Folder(_) => panic!("a file cannot be shut"),
        }
    }

    /// The folder that is this database's own, if it has one. It goes with it.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Server { .. } => None,
        }
    }

    fn in_folder(folder: PathBuf) -> Self {
        Self {
            stack: Stack::Embedded,
            url: file_url(&file_in(&folder)),
            place: Place::Folder(folder),
        }
    }

    async fn on_server(template: &str) -> Self {
        let name = format!("t_{}", OsEntropy.id().simple());
        on_maintenance(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .expect("copy the template");
        Self {
            stack: Stack::Production,
            url: url_of(&name),
            place: Place::Server { name },
        }
    }
}

impl Drop for Database {
    /// Failing to clean up fails no test: the run's own clean-up takes what is left.
    fn drop(&mut self) {
        match &self.place {
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Server { name } => {
                let drop_it = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                drop(in_own_runtime(async move { on_maintenance(&drop_it).await }).join());
            }
        }
    }
}

/// `Drop` cannot wait inside the test's runtime.
fn in_own_runtime(
    work: impl Future<Output = Result<(), DbErr>> + Send + 'static,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        {
            drop(runtime.block_on(work));
        }
    })
}

/// Put a migrated database at `file`. Within a run it is a copy of what the first test migrated; two
/// that are first at a time both migrate, and either's result will do.
async fn migrate_file(file: &Path) {
    let Some(run) = stack::run_id() else {
        return migrate(&file_url(file)).await;
    };
    let template = std::env::temp_dir().join(template_name(&run));
    if !template.exists() {
        migrate(&file_url(file)).await;
        let ready = file.with_extension("ready");
        std::fs::copy(file, &ready).expect("copy the migrated database");
        std::fs::rename(ready, &template).expect("share the migrated database");
        return;
    }
    std::fs::copy(template, file).expect("copy the template");
}

async fn migrate(url: &str) {
    db::migrate(&patient(url))
        .await
        .expect("migrate the test's database");
}

/// The name of this run's template, made if this is the first test to ask.
async fn migrated_template() -> String {
    let run = stack::run_id().expect("TEST_RUN_ID is not set: run the tests with ./tests/run.sh");
    let name = template_name(&run);
    let maintenance = connect_maintenance().await;
    if !is_template(&maintenance, &name).await {
        make_template(&maintenance, &name)
            .await
            .expect("make the template");
    }
    maintenance
        .close()
        .await
        .expect("leave the maintenance database");
    name
}

async fn make_template(maintenance: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    let turn = maintenance.begin().await?;
    turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({TEMPLATE_LOCK})"))
        .await?;
    if !is_template(&turn, name).await {
        // Left by a process that died at it.
        on_maintenance(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        on_maintenance(&format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        db::migrate(&patient(&url_of(name))).await?;
        on_maintenance(&format!("ALTER DATABASE {name} IS_TEMPLATE true")).await?;
    }
    turn.commit().await
}

async fn is_template(db: &impl ConnectionTrait, name: &str) -> bool {
    let asked = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate",
        [name.into()],
    );
    let answer = db.query_one_raw(asked).await;
    answer.expect("look for the template").is_some()
}

async fn on_maintenance(statement: &str) -> Result<(), DbErr> {
    let maintenance = connect_maintenance().await;
    let done = maintenance.execute_unprepared(statement).await;
    maintenance.close().await?;
    done.map(drop)
}

async fn connect_maintenance() -> DatabaseConnection {
    let settings = DatabaseSettings {
        max_connections: 2,
        min_connections: 0,
        statement_timeout: None,
        ..patient(&stack::postgres_url())
    };
    db::connect(&settings)
        .await
        .expect("open the maintenance database")
}

fn patient(url: &str) -> DatabaseSettings {
    DatabaseSettings {
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Some(Duration::from_secs(30)),
        lock_timeout: Duration::from_secs(30),
        ..DatabaseSettings::new(url)
    }
}

/// Another database on the same server.
fn url_of(name: &str) -> String {
    let maintenance = stack::postgres_url();
    let (server, _) = maintenance
        .rsplit_once('/')
        .expect("TEST_PG_URL ends in /<database>");
    format!("{server}/{name}")
}

fn template_name(run: &str) -> String {
    let mut migrations = DefaultHasher::new();
    for migration in Migrator::migrations() {
        migration.name().hash(&mut migrations);
    }
    format!("template_{run}_{:016x}", migrations.finish())
}

fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tongxing-{}", OsEntropy.id().simple()));
    std::fs::create_dir(&folder).expect("make a folder for the database");
    folder
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("tongxing.sqlite")
}

fn file_url(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}
