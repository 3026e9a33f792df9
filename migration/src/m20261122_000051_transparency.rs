//! The log that outsiders can check: what entries of the audit log commit to, as a Merkle tree.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_bytes, maybe_id, number, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tree without leaves: its root is SHA-256 of nothing.
const EMPTY_POSTGRES: &str = "INSERT INTO log_head (id, size, root) VALUES
    (1, 0, '\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')";
const EMPTY_SQLITE: &str = "INSERT INTO log_head (id, size, root) VALUES
    (1, 0, X'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')";

const POSTGRES_GUARD: &str = "
CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER log_entry_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER log_tile_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log_tile
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
";

const SQLITE_GUARD: &str = "
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;
CREATE TRIGGER log_tile_no_update BEFORE UPDATE ON log_tile
BEGIN SELECT RAISE(ABORT, 'log_tile is append-only'); END;
CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile
BEGIN SELECT RAISE(ABORT, 'log_tile is append-only'); END;
";

/// What an entry and its leaf have in common.
fn commitment() -> [ColumnDef; 4] {
    [
        instant("at"),
        bytes("commitment"),
        maybe_id("subject_id"),
        maybe_bytes("content"),
    ]
}

async fn tables(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let leaf = [id("id")].into_iter().chain(commitment());
    let entry = [number("position"), id("audit_id")]
        .into_iter()
        .chain(commitment());
    let tile = [
        number("level"),
        number("position"),
        bytes("hashes"),
        bytes("root"),
    ];
    let head = [number("id"), number("size"), bytes("root")];
    let checkpoint = [
        number("size"),
        bytes("root"),
        ColumnDef::new("note").text().not_null().take(),
        bytes("kid"),
        instant("at"),
    ];
    let cosignature = [
        number("size"),
        text("witness", 64),
        number("signed_at"),
        bytes("signature"),
        instant("at"),
    ];
    for table in [
        table("log_leaf", leaf, &["id"]),
        table("log_entry", entry, &["position"]),
        table("log_tile", tile, &["level", "position"]),
        table("log_head", head, &["id"]),
        table("log_checkpoint", checkpoint, &["size"]),
        table("log_cosignature", cosignature, &["size", "witness"]),
    ] {
        manager.create_table(table).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let salted = Table::alter()
            .table("audit_entry")
            .add_column(maybe_bytes("salt"))
            .take();
        manager.alter_table(salted).await?;
        tables(manager).await?;
        for index in [
            index("log_leaf", &["at", "id"]),
            unique("log_entry", &["audit_id"]),
            index("log_entry", &["subject_id", "position"]),
            index("log_checkpoint", &["at"]),
        ] {
            manager.create_index(index).await?;
        }
        let (guard, empty) = match manager.get_database_backend() {
            DatabaseBackend::Postgres => (POSTGRES_GUARD, EMPTY_POSTGRES),
            _ => (SQLITE_GUARD, EMPTY_SQLITE),
        };
        let db = manager.get_connection();
        db.execute_unprepared(guard).await?;
        db.execute_unprepared(empty).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "log_cosignature",
            "log_checkpoint",
            "log_head",
            "log_tile",
            "log_entry",
            "log_leaf",
        ];
        drop_tables(manager, &tables).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            let guard = "DROP FUNCTION log_is_append_only()";
            manager.get_connection().execute_unprepared(guard).await?;
        }
        let plain = Table::alter()
            .table("audit_entry")
            .drop_column("salt")
            .take();
        manager.alter_table(plain).await
    }
}
