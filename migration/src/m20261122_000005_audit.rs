//! The audit log: appended to, never changed, whoever asks.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::columns::{drop_tables, id, index, instant, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTGRES_GUARD: &str = "
CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_entry is append-only';
END
$$;
CREATE TRIGGER audit_entry_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only();
";

const SQLITE_GUARD: &str = "
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "audit_entry",
                [
                    id("id"),
                    instant("at"),
                    text("actor_kind", 16),
                    ColumnDef::new("actor_id").uuid().null().take(),
                    ColumnDef::new("subject_id").uuid().null().take(),
                    text("event", 64),
                    ColumnDef::new("detail").json().not_null().take(),
                ],
                &["id"],
            ))
            .await?;
        manager.create_index(index("audit_entry", &["at"])).await?;
        manager
            .create_index(index("audit_entry", &["subject_id", "at"]))
            .await?;
        let guard = match manager.get_database_backend() {
            DatabaseBackend::Postgres => POSTGRES_GUARD,
            _ => SQLITE_GUARD,
        };
        manager
            .get_connection()
            .execute_unprepared(guard)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["audit_entry"]).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            let guard = "DROP FUNCTION audit_entry_is_append_only()";
            manager.get_connection().execute_unprepared(guard).await?;
        }
        Ok(())
    }
}
