//! Both databases keep what they acknowledge, and let writers race safely.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use api::platform::db;
use futures_util::future::join_all;
use integration_tests::{Database, Stack, on_both_stacks};
use reqwest::Url;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel,
    QuerySelect, Schema, Set, Statement,
};
use tracing_subscriber::{fmt::format::FmtSpan, util::SubscriberInitExt};

mod counter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counter")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i32,
        pub(super) value: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

on_both_stacks! {
    async fn racing_increments_are_all_counted(stack: Stack) {
        let database = Database::empty(stack).await;
        let db = database.connect().await;
        start_counting(&db).await;

        let racers = (0..16).map(|_| async {
            increment(&db).await.unwrap();
        });
        join_all(racers).await;

        let counted = counter::Entity::find_by_id(1).one(&db).await.unwrap().unwrap();
        assert_eq!(counted.value, 16);
    }

    async fn instances_that_start_together_all_find_the_schema(stack: Stack) {
        let database = Database::empty(stack).await;
        let settings = database.settings();

        let starts = (0..8).map(|_| db::migrate(&settings));
        for started in join_all(starts).await {
            started.unwrap();
        }
    }

    async fn an_open_database_answers_a_ping_and_a_closed_one_does_not(stack: Stack) {
        let database = Database::fresh(stack).await;
        let db = database.connect().await;
        db::ping(&db).await.unwrap();

        db.close_by_ref().await.unwrap();
        db::ping(&db).await.unwrap_err();
    }

    async fn tests_do_not_see_each_others_rows(stack: Stack) {
        let (one, other) = (Database::fresh(stack).await, Database::fresh(stack).await);
        start_counting(&one.connect().await).await;

        let absent = counter::Entity::find().all(&other.connect().await).await;
        absent.unwrap_err();
    }
}

#[tokio::test]
async fn sqlite_is_set_up_to_lose_nothing() {
    let database = Database::fresh(Stack::Embedded).await;
    let db = database.connect().await;
    assert_eq!(setting(&db, "PRAGMA journal_mode").await, "wal");
    assert_eq!(setting(&db, "PRAGMA synchronous").await, "2", "FULL");
    assert_eq!(setting(&db, "PRAGMA foreign_keys").await, "1");
}

#[tokio::test]
async fn a_missing_folder_is_made_for_the_file() {
    let database = Database::empty(Stack::Embedded).await;
    let deeper = database.url().replace(".sqlite", "/deeper/still.sqlite");
    db::connect(&db::DatabaseSettings::new(deeper))
        .await
        .unwrap();
}

#[tokio::test]
async fn postgresql_bounds_every_statement_and_every_lock() {
    let database = Database::fresh(Stack::Production).await;
    let db = db::connect(&db::DatabaseSettings::new(database.url()))
        .await
        .unwrap();
    assert_eq!(setting(&db, "SHOW statement_timeout").await, "2s");
    assert_eq!(setting(&db, "SHOW lock_timeout").await, "1s");
}

#[tokio::test]
async fn statements_and_passwords_stay_out_of_the_most_talkative_log() {
    let log = Log::default();
    let _guard = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::NEW)
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .set_default();
    tracing::info!("listening");

    let database = Database::fresh(Stack::Production).await;
    let db = database.connect().await;
    let secret = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT $1::text, 'unspoken'",
        ["13800000000".into()],
    );
    db.query_one_raw(secret).await.unwrap();

    let said = log.said();
    let password = Url::parse(database.url())
        .unwrap()
        .password()
        .unwrap()
        .to_owned();
    assert!(said.contains("listening"));
    for secret in ["13800000000", "unspoken", &password] {
        assert!(!said.contains(secret), "{said}");
    }
}

/// Read, then write: lost updates show.
async fn increment(db: &DatabaseConnection) -> Result<(), sea_orm::DbErr> {
    let tx = db::begin_write(db).await?;
    let counter = counter::Entity::find_by_id(1)
        .lock_exclusive()
        .one(&tx)
        .await?
        .unwrap();
    let next = counter.value + 1;
    let mut counter = counter.into_active_model();
    counter.value = Set(next);
    counter.update(&tx).await?;
    tx.commit().await
}

async fn start_counting(db: &DatabaseConnection) {
    let table = Schema::new(db.get_database_backend()).create_table_from_entity(counter::Entity);
    db.execute(&table).await.unwrap();
    let zero = counter::ActiveModel {
        id: Set(1),
        value: Set(0),
    };
    counter::Entity::insert(zero).exec(db).await.unwrap();
}

async fn setting(db: &DatabaseConnection, asked: &str) -> String {
    let answer = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), asked))
        .await;
    let answer = answer.unwrap().unwrap();
    if db.get_database_backend() == DbBackend::Sqlite && !asked.ends_with("mode") {
        return answer.try_get_by_index::<i32>(0).unwrap().to_string();
    }
    answer.try_get_by_index(0).unwrap()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn said(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, said: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(said)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
