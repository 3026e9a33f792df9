//! Declarations and daily check-ins.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, instant, references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "declaration",
                    [
                        id("id"),
                        id("person_id"),
                        ColumnDef::new("version").integer().not_null().take(),
                        id("declared_by"),
                        instant("declared_at"),
                        text("division", 6),
                        bytes("content"),
                        flag("unwell"),
                        ColumnDef::new("arrived_on").date().null().take(),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("declaration", "person_id"))
                .foreign_key(&mut references_person("declaration", "declared_by"))
                .take(),
            )
            .await?;
        manager
            .create_index(unique("declaration", &["person_id", "version"]))
            .await?;

        manager
            .create_table(
                table(
                    "check_in",
                    [
                        id("id"),
                        id("person_id"),
                        ColumnDef::new("day").date().not_null().take(),
                        id("checked_in_by"),
                        instant("checked_in_at"),
                        bytes("content"),
                        flag("unwell"),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("check_in", "person_id"))
                .foreign_key(&mut references_person("check_in", "checked_in_by"))
                .take(),
            )
            .await?;
        manager
            .create_index(unique("check_in", &["person_id", "day"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["check_in", "declaration"]).await
    }
}
