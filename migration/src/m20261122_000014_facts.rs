//! Facts about people, places with levels, who brings facts, and where people declared to have been.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, id, index, instant, maybe_bytes, maybe_instant, maybe_text, references_person,
    table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_facts(manager).await?;
        create_risk_areas(manager).await?;
        manager
            .create_table(table(
                "fact_source",
                [
                    text("id", 32),
                    text("name", 64),
                    text("division", 6),
                    ColumnDef::new("kinds").json().not_null().take(),
                    maybe_bytes("public_key"),
                    instant("created_at"),
                    maybe_instant("revoked_at"),
                ],
                &["id"],
            ))
            .await?;
        create_stays(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["declared_stay", "fact_source", "risk_area", "health_fact"];
        drop_tables(manager, &tables).await
    }
}

async fn create_facts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "health_fact",
                [
                    id("id"),
                    id("person_id"),
                    text("kind", 24),
                    instant("happened_at"),
                    maybe_instant("ends_at"),
                    text("origin", 6),
                    text("source", 32),
                    text("source_ref", 64),
                    ColumnDef::new("detail").json().not_null().take(),
                    instant("recorded_at"),
                    ColumnDef::new("recorded_by").uuid().null().take(),
                    maybe_instant("withdrawn_at"),
                    maybe_text("withdrawn_by", 64),
                    maybe_text("withdrawal_reason", 32),
                    maybe_bytes("withdrawal_note"),
                ],
                &["id"],
            )
            .foreign_key(&mut references_person("health_fact", "person_id"))
            .take(),
        )
        .await?;
    manager
        .create_index(unique("health_fact", &["source", "source_ref"]))
        .await?;
    manager
        .create_index(index("health_fact", &["person_id"]))
        .await
}

async fn create_risk_areas(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "risk_area",
            [
                id("id"),
                text("division", 6),
                text("level", 8),
                instant("starts_at"),
                maybe_instant("ends_at"),
                text("origin", 6),
                text("source", 32),
                instant("recorded_at"),
                maybe_instant("lifted_at"),
                maybe_text("lifted_by", 64),
                maybe_instant("due_at"),
                maybe_instant("round_at"),
                maybe_text("marked_division", 6),
                ColumnDef::new("marked_person").uuid().null().take(),
            ],
            &["id"],
        ))
        .await?;
    manager
        .create_index(index("risk_area", &["division", "id"]))
        .await?;
    manager.create_index(index("risk_area", &["due_at"])).await
}

async fn create_stays(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "declared_stay",
                [
                    id("declaration_id"),
                    ColumnDef::new("position").small_integer().not_null().take(),
                    id("person_id"),
                    text("division", 6),
                    ColumnDef::new("first_day").date().not_null().take(),
                    ColumnDef::new("last_day").date().null().take(),
                    instant("declared_at"),
                    maybe_instant("replaced_at"),
                ],
                &["declaration_id", "position"],
            )
            .foreign_key(&mut references_person("declared_stay", "person_id"))
            .take(),
        )
        .await?;
    manager
        .create_index(index("declared_stay", &["person_id", "replaced_at"]))
        .await?;
    manager
        .create_index(index("declared_stay", &["division", "person_id"]))
        .await
}
