//! Visits that no hour counts yet: one row for all that came in one commit.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::{bytes, date, drop_tables, id, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Ids do not compress, and whatever fits into a page stays in it.
const IN_PLACE: &str = "
    ALTER TABLE visit_uncounted ALTER COLUMN venues SET STORAGE EXTERNAL;
    ALTER TABLE visit_uncounted SET (toast_tuple_target = 8160)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "visit_uncounted",
                [
                    id("id"),
                    date("day"),
                    ColumnDef::new("hour").small_integer().not_null().take(),
                    text("colour", 8),
                    bytes("venues"),
                ],
                &["id"],
            ))
            .await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager
                .get_connection()
                .execute_unprepared(IN_PLACE)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["visit_uncounted"]).await
    }
}
