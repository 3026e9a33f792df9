//! The database: one file of SQLite for a single machine, PostgreSQL for several.
//!
//! Whatever is committed here survives a crash of the service and of the machine. Every wait is
//! bounded, so an overloaded database refuses work instead of hoarding it. Neither statements nor
//! the address, which holds a password, reach a log.

mod deleting;

use std::{
    fmt,
    path::Path,
    time::{Duration, Instant},
};

use entity::values::Division;
use migration::Migrator;
use sea_orm::{
    ColumnTrait, Condition, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
    sea_query::Expr,
    sqlx::{
        self, ConnectOptions as _,
        postgres::PgConnectOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use sea_orm_migration::MigratorTrait;
use tokio::time::sleep;

pub use self::deleting::{delete_of, delete_some, delete_some_by, keys_of};

/// How long a writer on SQLite waits for the one before it.
const SQLITE_WRITER_WAIT: Duration = Duration::from_secs(5);

/// Between two tries to open a file of SQLite that somebody else is setting up.
const SQLITE_OPENING_PAUSE: Duration = Duration::from_millis(10);

/// A connection unused for this long is tried before it is handed out.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

/// How long a process that starts waits for another one's migrations.
const MIGRATION_TURN_WAIT: Duration = Duration::from_mins(1);

/// How long a migration may stand in the way of running instances.
const MIGRATION_LOCK_WAIT: Duration = Duration::from_millis(500);

/// How long a database may take to say that it is there.
const PING_WAIT: Duration = Duration::from_secs(1);

/// The advisory lock that a migrating process holds: "tongxing" in ASCII.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"tongxing");

/// Where the database is, and how long to wait for it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseSettings {
    /// `sqlite:<path>` or `postgres://<user>:<password>@<host>/<database>`.
    pub url: String,
    /// Most connections open at a time.
    pub max_connections: u32,
    /// Connections kept open when there is nothing to do.
    pub min_connections: u32,
    /// Longest wait for a free connection, and for opening one.
    pub acquire_timeout: Duration,
    /// Longest run of one statement. PostgreSQL only; `None` sets no bound.
    pub statement_timeout: Option<Duration>,
    /// Longest wait for another transaction's lock. PostgreSQL only.
    pub lock_timeout: Duration,
    /// Whether rows are found by an index wherever there is one, whatever is said of how many there are:
    /// for a table that was all but empty when that was counted last. PostgreSQL only.
    pub by_index: bool,
}

impl DatabaseSettings {
    /// The database at `url`, with eight connections and waits of a second or two.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 8,
            min_connections: 1,
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Some(Duration::from_secs(2)),
            lock_timeout: Duration::from_secs(1),
            by_index: false,
        }
    }
}

impl fmt::Debug for DatabaseSettings {
    /// Leaves out the address, whose password is nobody's to read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSettings")
            .field("max_connections", &self.max_connections)
            .field("min_connections", &self.min_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("by_index", &self.by_index)
            .finish_non_exhaustive()
    }
}

/// Open a pool. A missing SQLite file is created; so is its folder, for this user alone.
///
/// Refuses addresses of other databases, and SQLite in memory, where every connection of a pool
/// would see a database of its own.
pub async fn connect(settings: &DatabaseSettings) -> Result<DatabaseConnection, DbErr> {
    match Address::parse(&settings.url)? {
        Address::Sqlite(file) => {
            create_folder_of(file.get_filename()).await?;
            connect_sqlite(sqlite_options(settings, file)).await
        }
        Address::Postgres(server) => Database::connect(postgres_options(settings, server)).await,
    }
}

/// A new file is switched to write-ahead logging by whoever opens it first. SQLite does not make the
/// others wait for that, but turns them away.
async fn connect_sqlite(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let patient_until = Instant::now() + SQLITE_WRITER_WAIT;
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < patient_until => {
                sleep(SQLITE_OPENING_PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(error)) = error else {
        return false;
    };
    let refusal = error.as_database_error();
    refusal.is_some_and(|refusal| refusal.code().is_some_and(|code| says_later(&code)))
}

/// Begin a transaction that will write.
///
/// On SQLite it is the only one from its first statement on, so what it read still holds when it
/// writes. On PostgreSQL it is READ COMMITTED: lock what is read (`lock_exclusive`), or test the old
/// state in the `UPDATE`; both do no harm on SQLite.
pub async fn begin_write(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    })
    .await
}

/// Begin a transaction on PostgreSQL for statements that are told of tens of thousands of rows.
///
/// Each is planned for the rows that it is told of, which a plan for any would take for ten, and may
/// take longer than one of a request. None is compiled: that takes longer than such a statement runs.
pub async fn begin_bulk(
    db: &DatabaseConnection,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
    db.get_postgres_connection_pool()
        .begin_with(
            "BEGIN; SET LOCAL statement_timeout = 60000; SET LOCAL lock_timeout = 10000;
             SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off",
        )
        .await
}

/// The same for statements that look through indexes for what they are told of: hashing or merging
/// would read whole tables.
pub async fn begin_probing(
    db: &DatabaseConnection,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
    db.get_postgres_connection_pool()
        .begin_with(
            "BEGIN; SET LOCAL statement_timeout = 60000; SET LOCAL lock_timeout = 10000;
             SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off;
             SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off",
        )
        .await
}

/// Bring the schema up to date. Processes that start together take turns; all but the first find
/// nothing to do.
///
/// On SQLite all pending changes are made or none; on PostgreSQL one is, or is not.
pub async fn migrate(settings: &DatabaseSettings) -> Result<(), DbErr> {
    match Address::parse(&settings.url)? {
        Address::Sqlite(_) => migrate_sqlite(settings).await,
        Address::Postgres(_) => migrate_postgres(settings).await,
    }
}

/// Whether an `INSERT … ON CONFLICT DO NOTHING` inserted its one row. SeaORM reports that it did not
/// in either of two ways.
pub fn inserted(outcome: Result<u64, DbErr>) -> Result<bool, DbErr> {
    match outcome {
        Ok(rows) => Ok(rows == 1),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether `error` says that another transaction held what this one needed, or held it the other way
/// round. PostgreSQL only: on SQLite there is one writer, so whoever waits for it waits for all.
#[must_use]
pub fn is_contention(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let refusal = error.as_database_error();
    let code = refusal.and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| matches!(&*code, "40001" | "40P01" | "55P03"))
}

/// That the division in `column` is one of `regions` or lies in one of them. Nothing does if there
/// are none.
pub fn lies_within(column: impl ColumnTrait, regions: &[&Division]) -> Condition {
    let nowhere = Condition::any().add(Expr::value(false));
    regions.iter().fold(nowhere, |within, region| {
        within.add(column.starts_with(region.stem()))
    })
}

/// Whether `error` says that the database is away or has too much to do, rather than that a statement
/// or what it read is wrong: worth another try later.
#[must_use]
pub fn is_outage(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match &**error {
                sqlx::Error::Database(refusal) => {
                    refusal.code().is_some_and(|code| says_later(&code))
                }
                sqlx::Error::Io(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                _ => false,
            }
        }
        _ => false,
    }
}

/// PostgreSQL's classes of lost connections, conflicts, lack of resources, locks and interventions
/// (appendix A of its manual), in five characters; SQLite's BUSY and LOCKED, the low byte of fewer.
fn says_later(code: &str) -> bool {
    const CLASSES: [&str; 5] = ["08", "40", "53", "55", "57"];
    if code.len() == 5 {
        return CLASSES.iter().any(|class| code.starts_with(class));
    }
    let code = code.parse::<u32>();
    code.is_ok_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Whether the database answers, within a second.
pub async fn ping(db: &DatabaseConnection) -> Result<(), DbErr> {
    tokio::time::timeout(PING_WAIT, db.ping())
        .await
        .unwrap_or_else(|_| Err(refusal("the database did not answer in time")))
}

async fn migrate_sqlite(settings: &DatabaseSettings) -> Result<(), DbErr> {
    let db = connect(&alone(settings)).await?;
    let turn = begin_write(&db).await?;
    Migrator::up(&turn, None).await?;
    turn.commit().await?;
    db.close().await
}

/// The lock lives on a connection of its own: a migration may need to run outside any transaction.
async fn migrate_postgres(settings: &DatabaseSettings) -> Result<(), DbErr> {
    let gate = connect(&DatabaseSettings {
        lock_timeout: MIGRATION_TURN_WAIT,
        ..alone(settings)
    })
    .await?;
    let turn = gate.begin().await?;
    turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        .await?;

    let db = connect(&DatabaseSettings {
        lock_timeout: MIGRATION_LOCK_WAIT,
        ..alone(settings)
    })
    .await?;
    Migrator::up(&db, None).await?;
    db.close().await?;

    turn.commit().await?;
    gate.close().await
}

/// One connection that may take its time.
fn alone(settings: &DatabaseSettings) -> DatabaseSettings {
    DatabaseSettings {
        max_connections: 1,
        min_connections: 0,
        acquire_timeout: MIGRATION_TURN_WAIT,
        statement_timeout: None,
        ..settings.clone()
    }
}

enum Address {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Address {
    /// Errors never quote the address.
    fn parse(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let server = url.parse().map(Self::Postgres);
            return server.map_err(|_| refusal("the PostgreSQL address cannot be read"));
        }
        if !url.starts_with("sqlite:") {
            return Err(refusal(
                "a database address starts with sqlite: or postgres://",
            ));
        }
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(refusal("SQLite needs a file, not memory"));
        }
        let file = url.parse().map(Self::Sqlite);
        file.map_err(|_| refusal("the SQLite address cannot be read"))
    }
}

fn sqlite_options(settings: &DatabaseSettings, file: SqliteConnectOptions) -> ConnectOptions {
    let file = file
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose acknowledged commits when the power goes.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_WRITER_WAIT);
    let mut options = pool_options(settings, settings.url.clone());
    options.map_sqlx_sqlite_opts(move |_| file.clone().disable_statement_logging());
    options
}

fn postgres_options(settings: &DatabaseSettings, server: PgConnectOptions) -> ConnectOptions {
    let server = server.options(
        settings
            .statement_timeout
            .map(|limit| ("statement_timeout", limit))
            .into_iter()
            .chain([("lock_timeout", settings.lock_timeout)])
            .map(|(name, limit)| (name, limit.as_millis().to_string()))
            .chain(
                settings
                    .by_index
                    .then(|| ("enable_seqscan", "off".to_owned())),
            ),
    );
    // SeaORM traces the address that it is given; the real one goes in underneath.
    let mut options = pool_options(settings, "postgres://localhost".into());
    options.map_sqlx_postgres_opts(move |_| server.clone().disable_statement_logging());
    options
}

fn pool_options(settings: &DatabaseSettings, url: String) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(settings.max_connections)
        .min_connections(settings.min_connections)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire_if_idle_for(TRUSTED_IDLE)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

async fn create_folder_of(file: &Path) -> Result<(), DbErr> {
    let Some(folder) = file.parent().filter(|folder| *folder != Path::new("")) else {
        return Ok(());
    };
    let mut create = tokio::fs::DirBuilder::new();
    create.recursive(true);
    #[cfg(unix)]
    create.mode(0o700);
    create
        .create(folder)
        .await
        .map_err(|error| refusal(&format!("cannot create the database's folder: {error}")))
}

fn refusal(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_keeps_the_password_to_itself() {
        let settings = DatabaseSettings::new("postgres://pass:s3cret@db.example/tongxing");
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn busy_locked_and_stopping_databases_are_tried_again_and_wrong_statements_are_not() {
        for later in [
            "57P01", "57014", "08006", "40P01", "55P03", "53300", "5", "6", "517",
        ] {
            assert!(says_later(later), "{later}");
        }
        for never in ["23505", "42601", "1", "19", "2067"] {
            assert!(!says_later(never), "{never}");
        }
    }

    #[tokio::test]
    async fn a_refused_address_is_not_quoted() {
        for url in [
            "mysql://u:s3cret@db/x",
            "postgres://u:s3cret@db:not-a-port/x",
            "sqlite::memory:",
            "sqlite:x?mode=memory&s3cret",
            "s3cret",
        ] {
            let error = connect(&DatabaseSettings::new(url)).await.unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }
}
