//! Requests to release who was at a venue, and whose visits were.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, flag, id, index, instant, maybe_id, maybe_instant, number, references_person,
    table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["tracing_release", "tracing_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(request()).await?;
        manager.create_table(release()).await?;
        for (table, columns) in [
            ("tracing_request", &["requested_at"][..]),
            ("tracing_release", &["person_id"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn request() -> TableCreateStatement {
    table(
        "tracing_request",
        [
            id("id"),
            id("venue_id"),
            text("division", 6),
            instant("from_at"),
            instant("until_at"),
            text("case_number", 64),
            id("requested_by"),
            instant("requested_at"),
            text("state", 12),
            maybe_id("decided_by"),
            maybe_instant("decided_at"),
            number("guests"),
        ],
        &["id"],
    )
}

fn release() -> TableCreateStatement {
    table(
        "tracing_release",
        [
            id("tracing_id"),
            id("person_id"),
            flag("present"),
            instant("from_at"),
            instant("until_at"),
        ],
        &["tracing_id", "person_id"],
    )
    .foreign_key(&mut references_person("tracing_release", "person_id"))
    .take()
}
