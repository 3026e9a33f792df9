//! Holds, assessments, and the marks that ask for another look.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, id, index, instant, maybe_instant, maybe_text, number, references_person, table,
    text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "hold",
                    [
                        id("id"),
                        id("person_id"),
                        text("reason", 3),
                        text("rule", 64),
                        text("rule_version", 16),
                        text("evidence", 96),
                        text("source_region", 6),
                        instant("starts_at"),
                        maybe_instant("earliest_release_at"),
                        maybe_instant("released_at"),
                        maybe_text("released_by", 96),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("hold", "person_id"))
                .take(),
            )
            .await?;
        manager.create_index(index("hold", &["person_id"])).await?;

        manager
            .create_table(
                table(
                    "assessment",
                    [
                        id("person_id"),
                        number("version"),
                        ColumnDef::new("declaration_id").uuid().null().take(),
                        instant("assessed_at"),
                        maybe_instant("next_change_at"),
                    ],
                    &["person_id"],
                )
                .foreign_key(&mut references_person("assessment", "person_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("assessment", &["next_change_at"]))
            .await?;

        manager
            .create_table(
                table(
                    "recheck_mark",
                    [id("person_id"), number("generation"), instant("due_at")],
                    &["person_id"],
                )
                .foreign_key(&mut references_person("recheck_mark", "person_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("recheck_mark", &["due_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["recheck_mark", "assessment", "hold"]).await
    }
}
