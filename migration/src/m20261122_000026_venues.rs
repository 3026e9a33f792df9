//! Units, their venues, what they ask for, and the codes on the doors.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_id, maybe_instant, maybe_text, number,
    references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["venue_code", "venue_application", "venue", "organisation"];

const UNIQUE: &[(&str, &[&str])] = &[
    ("organisation", &["credit_code"]),
    ("venue_application", &["open_of"]),
    ("venue_code", &["current_of"]),
];

const INDEXES: &[(&str, &[&str])] = &[
    ("organisation", &["legal_person_index"]),
    ("venue", &["organisation_id", "applied_at", "id"]),
    ("venue", &["division", "id"]),
    ("venue_application", &["venue_id"]),
    (
        "venue_application",
        &["organisation_id", "applied_at", "id"],
    ),
    ("venue_application", &["applied_by", "applied_at", "id"]),
    ("venue_code", &["venue_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [organisation(), venue(), application(), venue_code()] {
            manager.create_table(table).await?;
        }
        for (table, columns) in UNIQUE {
            manager.create_index(unique(table, columns)).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn organisation() -> TableCreateStatement {
    table(
        "organisation",
        [
            id("id"),
            text("credit_code", 18),
            text("name", 200),
            text("division", 6),
            bytes("legal_person_index"),
            instant("created_at"),
            instant("confirmed_at"),
            number("mini_program_venues"),
        ],
        &["id"],
    )
}

fn venue() -> TableCreateStatement {
    table(
        "venue",
        [
            id("id"),
            id("organisation_id"),
            text("name", 100),
            text("category", 24),
            text("division", 6),
            text("address", 200),
            text("state", 12),
            maybe_text("suspension", 20),
            text("channel", 16),
            id("applied_by"),
            instant("applied_at"),
            flag("rotating_only"),
            instant("changed_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("venue", "organisation_id", "organisation"))
    .foreign_key(&mut references_person("venue", "applied_by"))
    .take()
}

fn application() -> TableCreateStatement {
    table(
        "venue_application",
        [
            id("id"),
            text("kind", 8),
            id("venue_id"),
            id("organisation_id"),
            id("applied_by"),
            instant("applied_at"),
            text("channel", 16),
            text("name", 100),
            text("category", 24),
            text("division", 6),
            text("address", 200),
            flag("rotating_only"),
            maybe_id("open_of"),
            maybe_text("outcome", 12),
            maybe_instant("closed_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("venue_application", "venue_id", "venue"))
    .foreign_key(&mut references_person("venue_application", "applied_by"))
    .take()
}

fn venue_code() -> TableCreateStatement {
    table(
        "venue_code",
        [
            text("id", 16),
            id("venue_id"),
            maybe_id("current_of"),
            instant("created_at"),
            maybe_instant("ended_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("venue_code", "venue_id", "venue"))
    .take()
}

fn references(
    table: &'static str,
    column: &'static str,
    other: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(other, "id")
        .to_owned()
}
