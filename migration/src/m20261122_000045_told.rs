//! Whoever's visits were released is told of it.

use sea_orm_migration::prelude::*;

use crate::columns::{index, maybe_instant};

const TABLE: &str = "tracing_release";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table(TABLE)
            .add_column(maybe_instant("told_at"))
            .to_owned();
        manager.alter_table(added).await?;
        manager.create_index(index(TABLE, &["told_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("idx_tracing_release_told_at")
            .table(TABLE)
            .to_owned();
        manager.drop_index(index).await?;
        let dropped = Table::alter()
            .table(TABLE)
            .drop_column("told_at")
            .to_owned();
        manager.alter_table(dropped).await
    }
}
