//! Colours that several people decide on: requests, whom they name, who approved them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_bytes, maybe_id, maybe_instant, maybe_text,
    number, references_person, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["override_approval", "override_subject", "override_request"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(request()).await?;
        manager.create_table(subject()).await?;
        manager.create_table(approval()).await?;
        for (table, columns) in [
            ("override_request", &["state", "requested_at"][..]),
            ("override_request", &["division", "requested_at"]),
            ("override_request", &["requested_by", "state"]),
            ("override_subject", &["person_id"]),
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
        "override_request",
        [
            id("id"),
            text("division", 6),
            text("effect", 8),
            maybe_text("reason", 3),
            text("ground", 20),
            bytes("words"),
            maybe_instant("until_at"),
            id("requested_by"),
            instant("requested_at"),
            text("state", 12),
            maybe_instant("applied_at"),
            maybe_instant("closed_at"),
            maybe_id("closed_by"),
            maybe_bytes("closing_words"),
        ],
        &["id"],
    )
}

fn subject() -> TableCreateStatement {
    table(
        "override_subject",
        [
            id("override_id"),
            id("person_id"),
            number("position"),
            text("evidence", 96),
            text("evidence_kind", 24),
            maybe_id("fact_id"),
        ],
        &["override_id", "person_id"],
    )
    .foreign_key(&mut references_person("override_subject", "person_id"))
    .take()
}

fn approval() -> TableCreateStatement {
    table(
        "override_approval",
        [id("override_id"), id("account_id"), instant("approved_at")],
        &["override_id", "account_id"],
    )
}
