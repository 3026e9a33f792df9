//! Orders on how far the service reduces itself.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, id, index, instant, maybe_id, maybe_instant, number, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let orders = table(
            "service_order",
            [
                id("id"),
                number("at_least"),
                number("at_most"),
                text("reason", 200),
                maybe_id("ordered_by"),
                instant("ordered_at"),
                instant("until"),
                maybe_instant("ended_at"),
            ],
            &["id"],
        );
        manager.create_table(orders).await?;
        manager
            .create_index(index("service_order", &["ordered_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["service_order"]).await
    }
}
