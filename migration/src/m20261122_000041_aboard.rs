//! People who are asked aboard are told, and a counterpart that recognises a pass is named.

use sea_orm_migration::prelude::*;

use crate::columns::{index, maybe_instant, maybe_text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "vehicle_aboard", maybe_instant("tell_at")).await?;
        manager
            .create_index(index("vehicle_aboard", &["tell_at"]))
            .await?;
        add(manager, "vehicle_authorisation", maybe_text("used_by", 32)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = index("vehicle_aboard", &["tell_at"]);
        let name = index.get_index_spec().get_name().unwrap_or_default();
        manager
            .drop_index(Index::drop().name(name).table("vehicle_aboard").to_owned())
            .await?;
        drop_column(manager, "vehicle_aboard", "tell_at").await?;
        drop_column(manager, "vehicle_authorisation", "used_by").await
    }
}

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let added = Table::alter().table(table).add_column(column).to_owned();
    manager.alter_table(added).await
}

async fn drop_column(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    let dropped = Table::alter().table(table).drop_column(column).to_owned();
    manager.alter_table(dropped).await
}
