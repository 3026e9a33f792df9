//! What is done about people who were turned away.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, id, index, instant, maybe_bytes, maybe_id, maybe_instant, references_person,
    table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: &[&[&str]] = &[&["person_id", "reported_at"], &["venue_id", "reported_at"]];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "control_action",
                    [
                        id("id"),
                        maybe_id("person_id"),
                        id("sealed_for"),
                        maybe_id("venue_id"),
                        maybe_id("checkpoint_id"),
                        text("division", 6),
                        text("reason", 20),
                        maybe_bytes("words"),
                        instant("reported_at"),
                        maybe_id("organisation_id"),
                        maybe_id("reported_by"),
                        maybe_id("device_id"),
                        maybe_instant("closed_at"),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("control_action", "person_id"))
                .foreign_key(&mut references_person("control_action", "sealed_for"))
                .take(),
            )
            .await?;
        for columns in INDEXES {
            manager
                .create_index(index("control_action", columns))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["control_action"]).await
    }
}
