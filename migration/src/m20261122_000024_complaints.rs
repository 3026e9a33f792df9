//! What people complain of.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_instant, references_person, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&[&str]] = &[&["person_id", "filed_at"], &["case_id"], &["filed_at"]];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "complaint",
                    [
                        id("id"),
                        id("person_id"),
                        id("filed_by"),
                        instant("filed_at"),
                        id("case_id"),
                        text("against", 12),
                        text("kind", 32),
                        bytes("content"),
                        maybe_instant("closed_at"),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("complaint", "person_id"))
                .foreign_key(&mut references_person("complaint", "filed_by"))
                .take(),
            )
            .await?;
        for columns in INDEXES {
            manager.create_index(index("complaint", columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["complaint"]).await
    }
}
