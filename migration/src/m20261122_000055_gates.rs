//! Where gates are, which of them take no temperature, how much they delivered, and what of it is doubtful.

use sea_orm_migration::prelude::*;

use crate::columns::{maybe_instant, maybe_text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in added() {
            // SQLite adds one column at a time.
            let added = Table::alter().table(table).add_column(&mut column).take();
            manager.alter_table(added).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in added() {
            let name = column.get_column_name();
            let dropped = Table::alter().table(table).drop_column(name).take();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}

fn added() -> [(&'static str, ColumnDef); 8] {
    [
        ("checkpoint", degrees("longitude_e6")),
        ("checkpoint", degrees("latitude_e6")),
        ("device", degrees("longitude_e6")),
        ("device", degrees("latitude_e6")),
        // Those that are there have one.
        (
            "device",
            ColumnDef::new("thermometer")
                .boolean()
                .not_null()
                .default(true)
                .take(),
        ),
        ("device", maybe_instant("delivered_in")),
        (
            "device",
            ColumnDef::new("delivered")
                .big_integer()
                .not_null()
                .default(0)
                .take(),
        ),
        ("gate_record", maybe_text("mark", 20)),
    ]
}

fn degrees(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().null().take()
}
