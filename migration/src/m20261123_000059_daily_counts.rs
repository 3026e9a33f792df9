//! Daily public counts: the days, and what was counted of each.

use sea_orm_migration::prelude::*;

use crate::columns::{date, drop_tables, maybe_id, maybe_instant, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["daily_turn", "daily_standing", "daily_count"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let long = |name: &'static str| ColumnDef::new(name).text().null().take();
        let day = [
            date("day"),
            maybe_id("counted_to"),
            maybe_instant("counted_at"),
            long("document"),
            long("note"),
            maybe_id("log_entry"),
            maybe_instant("published_at"),
        ];
        let standing = [
            date("day"),
            text("division", 6),
            text("colour", 8),
            number("people"),
        ];
        let turn = [
            date("day"),
            text("division", 6),
            text("colour", 8),
            text("cause", 12),
            number("people"),
        ];
        for table in [
            table("daily_count", day, &["day"]),
            table("daily_standing", standing, &["day", "division", "colour"]),
            table("daily_turn", turn, &["day", "division", "colour", "cause"]),
        ] {
            manager.create_table(table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}
