//! Keys that sign and seal, and the signed lists of their public halves.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, drop_tables, index, instant, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "signing_key",
                [
                    bytes("kid"),
                    text("usage", 8),
                    bytes("private_key"),
                    bytes("public_key"),
                    instant("not_before"),
                    instant("not_after"),
                    instant("destroy_at"),
                ],
                &["kid", "usage"],
            ))
            .await?;
        manager
            .create_index(index("signing_key", &["destroy_at"]))
            .await?;

        manager
            .create_table(table(
                "key_list",
                [number("version"), bytes("document"), instant("signed_at")],
                &["version"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["key_list", "signing_key"]).await
    }
}
