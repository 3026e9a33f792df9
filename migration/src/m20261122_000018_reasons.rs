//! The history of colours, and corrections of what is recorded.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_instant, maybe_text, number,
    references_person, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "colour_change",
                    [
                        id("person_id"),
                        number("version"),
                        instant("at"),
                        text("colour_before", 8),
                        text("colour_after", 8),
                        ColumnDef::new("reasons").json().not_null().take(),
                    ],
                    &["person_id", "version"],
                )
                .foreign_key(&mut references_person("colour_change", "person_id"))
                .take(),
            )
            .await?;

        manager
            .create_table(
                table(
                    "correction",
                    [
                        id("id"),
                        id("person_id"),
                        id("filed_by"),
                        instant("filed_at"),
                        text("division", 6),
                        maybe_text("origin", 6),
                        text("record", 96),
                        text("mistake", 20),
                        bytes("content"),
                        instant("due_at"),
                        flag("provisional"),
                        text("state", 8),
                        maybe_instant("decided_at"),
                        ColumnDef::new("decided_by").uuid().null().take(),
                        maybe_text("refusal", 20),
                        maybe_bytes("answer"),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("correction", "person_id"))
                .foreign_key(&mut references_person("correction", "filed_by"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("correction", &["person_id", "filed_at"]))
            .await?;
        manager
            .create_index(index("correction", &["state", "due_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["correction", "colour_change"]).await
    }
}
