//! Nucleic-acid tests.

use sea_orm_migration::prelude::*;

use crate::columns::{drop_tables, id, instant, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "test_result",
                [
                    id("person_id"),
                    instant("sampled_at"),
                    text("sample", 64),
                    instant("reported_at"),
                    text("result", 12),
                    ColumnDef::new("tube_size")
                        .small_integer()
                        .not_null()
                        .take(),
                    text("source", 32),
                    instant("recorded_at"),
                ],
                &["person_id", "sample", "reported_at"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["test_result"]).await
    }
}
