//! Holds know what they were found in and what follows them; assessments say what they found, where.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, flag, index, instant, maybe_instant, maybe_text, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phase = ColumnDef::new("phase")
            .small_integer()
            .not_null()
            .default(0)
            .take();
        let found = ColumnDef::new("found").json().null().take();
        for column in [phase, found] {
            add(manager, "hold", column).await?;
        }
        manager
            .create_index(unique("hold", &["person_id", "rule", "evidence", "phase"]))
            .await?;

        let shown = text("shown", 8).default("grey").take();
        for column in [
            shown,
            maybe_text("division", 6),
            maybe_instant("compared_at"),
        ] {
            add(manager, "assessment", column).await?;
        }
        manager
            .create_index(index("assessment", &["division"]))
            .await?;

        manager
            .create_table(table(
                "rule_round",
                [
                    text("rule", 64),
                    text("rule_version", 16),
                    ColumnDef::new("scope").json().not_null().take(),
                    flag("in_force"),
                    instant("since"),
                    maybe_instant("due_at"),
                    ColumnDef::new("marked_person").uuid().null().take(),
                ],
                &["rule", "rule_version"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["rule_round"]).await?;
        drop_index(manager, "assessment", "idx_assessment_division").await?;
        for column in ["compared_at", "division", "shown"] {
            remove(manager, "assessment", column).await?;
        }
        drop_index(manager, "hold", "unq_hold_person_id_rule_evidence_phase").await?;
        for column in ["found", "phase"] {
            remove(manager, "hold", column).await?;
        }
        Ok(())
    }
}

/// SQLite adds and drops one column at a time.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    mut column: ColumnDef,
) -> Result<(), DbErr> {
    manager
        .alter_table(
            Table::alter()
                .table(table)
                .add_column(&mut column)
                .to_owned(),
        )
        .await
}

async fn remove(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).drop_column(column).to_owned())
        .await
}

async fn drop_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &'static str,
) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table(table).to_owned())
        .await
}
