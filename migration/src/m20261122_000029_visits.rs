//! Who was where: one row a visit, in a partition a day.
//!
//! On PostgreSQL the tables of single days belong to whoever migrates. The service, which may not make
//! or drop tables, asks two functions to: one makes the table of a day, the other drops it. Nobody but the
//! service may. A day goes with a receipt, and one that has a receipt is not made again.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::{
    bytes, date, drop_tables, id, index, instant, maybe_id, maybe_instant, number, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["visit_deletion", "visit_guest", "visit_day", "venue_hour"];

/// The columns in the order that leaves no gaps between them. The primary key is the only index: each
/// other one costs as much again as the row does.
const VISIT: &str = "
    CREATE TABLE visit (
        at timestamptz NOT NULL,
        left_at timestamptz,
        day date NOT NULL,
        slot integer NOT NULL,
        venue_id uuid NOT NULL,
        subject uuid NOT NULL,
        assurance smallint NOT NULL,
        way smallint NOT NULL,
        colour varchar(8) NOT NULL,
        noted_by uuid,
        PRIMARY KEY (day, venue_id, subject, slot)
    ) PARTITION BY RANGE (day)";

/// The table of a day is filled before it is attached to the others, so that nobody waits for it but
/// whoever makes another. Once it is their turn they read the catalogue itself: `to_regclass` goes by what
/// this session remembers, and before it waited there was no such table.
const MAKE_DAY: &str = "
    CREATE FUNCTION visit_make_day(which date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        name text := 'visit_' || to_char(which, 'YYYYMMDD');
    BEGIN
        IF EXISTS (SELECT FROM public.visit_deletion WHERE day = which) THEN
            RAISE EXCEPTION 'the visits of % have been deleted', which;
        END IF;
        IF to_regclass('public.' || name) IS NOT NULL THEN
            RETURN false;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('visit_make_day'));
        IF EXISTS (
            SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = name
        ) THEN
            RETURN false;
        END IF;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.visit INCLUDING ALL)', name);
        EXECUTE format(
            'ALTER TABLE public.visit ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
            name, which, which + 1);
        RETURN true;
    END $$";

/// What is younger than a fortnight stays, whoever asks, and so does what nobody signed a receipt for.
const DROP_DAY: &str = "
    CREATE FUNCTION visit_drop_day(which date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
        name text := 'visit_' || to_char(which, 'YYYYMMDD');
    BEGIN
        IF which > current_date - 14 THEN
            RAISE EXCEPTION 'the visits of % are younger than a fortnight', which;
        END IF;
        IF NOT EXISTS (SELECT FROM public.visit_deletion WHERE day = which) THEN
            RAISE EXCEPTION 'the visits of % have no receipt', which;
        END IF;
        IF to_regclass('public.' || name) IS NULL THEN
            RETURN false;
        END IF;
        EXECUTE format('DROP TABLE public.%I', name);
        RETURN true;
    END $$";

/// Whoever makes a function lets everybody call it, unless they say otherwise.
const FOR_NOBODY: &str = "
    REVOKE EXECUTE ON FUNCTION visit_make_day(date), visit_drop_day(date) FROM PUBLIC";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for statement in [VISIT, MAKE_DAY, DROP_DAY, FOR_NOBODY] {
                db.execute_unprepared(statement).await?;
            }
        } else {
            manager.create_table(visit()).await?;
        }
        for table in [venue_hour(), visit_day(), visit_guest(), visit_deletion()] {
            manager.create_table(table).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            // Counts change in place as long as there is room beside them.
            db.execute_unprepared("ALTER TABLE venue_hour SET (fillfactor = 50)")
                .await?;
        }
        manager.create_index(index("visit_guest", &["day"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await?;
        drop_tables(manager, &["visit"]).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let functions =
                "DROP FUNCTION visit_make_day(date); DROP FUNCTION visit_drop_day(date)";
            let db = manager.get_connection();
            db.execute_unprepared(functions).await?;
        }
        Ok(())
    }
}

fn visit() -> TableCreateStatement {
    table(
        "visit",
        [
            instant("at"),
            maybe_instant("left_at"),
            date("day"),
            count("slot"),
            id("venue_id"),
            id("subject"),
            small("assurance"),
            small("way"),
            text("colour", 8),
            maybe_id("noted_by"),
        ],
        &["day", "venue_id", "subject", "slot"],
    )
}

fn venue_hour() -> TableCreateStatement {
    table(
        "venue_hour",
        [
            date("day"),
            id("venue_id"),
            small("hour"),
            count("green"),
            count("grey"),
            count("yellow"),
            count("red"),
        ],
        &["day", "venue_id", "hour"],
    )
}

fn visit_day() -> TableCreateStatement {
    table("visit_day", [date("day"), bytes("data_key")], &["day"])
}

fn visit_guest() -> TableCreateStatement {
    table(
        "visit_guest",
        [id("id"), date("day"), bytes("words")],
        &["id"],
    )
}

fn visit_deletion() -> TableCreateStatement {
    table(
        "visit_deletion",
        [
            date("day"),
            number("visits"),
            maybe_instant("first_at"),
            maybe_instant("last_at"),
            bytes("root"),
            text("receipt", 1_000),
            instant("deleted_at"),
        ],
        &["day"],
    )
}

fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

fn small(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).small_integer().not_null().take()
}
