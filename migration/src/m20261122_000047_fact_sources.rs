//! Who registered a source of facts, and who else approved it.

use sea_orm_migration::prelude::*;

use crate::columns::{maybe_id, maybe_instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "fact_source";
const COLUMNS: [&str; 3] = ["registered_by", "approved_by", "approved_at"];

/// Those that brought facts before go on.
const BEFORE: &str = "UPDATE fact_source SET approved_at = created_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [registered, approved, at] = COLUMNS;
        for mut column in [maybe_id(registered), maybe_id(approved), maybe_instant(at)] {
            // SQLite adds one column at a time.
            let added = Table::alter().table(TABLE).add_column(&mut column).take();
            manager.alter_table(added).await?;
        }
        manager
            .get_connection()
            .execute_unprepared(BEFORE)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let dropped = Table::alter().table(TABLE).drop_column(column).take();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}
