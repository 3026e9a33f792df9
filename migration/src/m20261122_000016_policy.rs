//! The policy: versions of rules, who approved them, what trying them found, and when each is in force.

use sea_orm_migration::prelude::*;

use crate::columns::{drop_tables, flag, id, index, instant, maybe_instant, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rules(manager).await?;
        manager
            .create_table(
                table(
                    "policy_approval",
                    [
                        text("rule", 32),
                        text("version", 16),
                        id("staff_id"),
                        instant("approved_at"),
                    ],
                    &["rule", "version", "staff_id"],
                )
                .foreign_key(&mut references_rule("policy_approval"))
                .take(),
            )
            .await?;
        manager
            .create_table(
                table(
                    "policy_simulation",
                    [
                        text("rule", 32),
                        text("version", 16),
                        instant("taken_at"),
                        number("people"),
                        number("would_change"),
                        ColumnDef::new("changes").json().not_null().take(),
                        number("band_low"),
                        number("band_high"),
                        maybe_instant("settled_at"),
                    ],
                    &["rule", "version"],
                )
                .foreign_key(&mut references_rule("policy_simulation"))
                .take(),
            )
            .await?;
        manager
            .create_table(
                table(
                    "policy_term",
                    [
                        text("rule", 32),
                        instant("starts_at"),
                        text("version", 16),
                        maybe_instant("ends_at"),
                        flag("rolled_back"),
                    ],
                    &["rule", "starts_at"],
                )
                .foreign_key(&mut references_rule("policy_term"))
                .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "policy_term",
            "policy_simulation",
            "policy_approval",
            "policy_rule",
        ];
        drop_tables(manager, &tables).await
    }
}

async fn rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "policy_rule",
            [
                text("rule", 32),
                text("version", 16),
                text("state", 12),
                ColumnDef::new("document").json().not_null().take(),
                ColumnDef::new("author").uuid().null().take(),
                instant("drafted_at"),
                instant("changed_at"),
                ColumnDef::new("end_asked_by").uuid().null().take(),
                maybe_instant("end_asked_for"),
            ],
            &["rule", "version"],
        ))
        .await?;
    manager
        .create_index(index("policy_rule", &["drafted_at", "rule", "version"]))
        .await?;
    manager.create_index(index("policy_rule", &["state"])).await
}

fn references_rule(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, ("rule", "version"))
        .to("policy_rule", ("rule", "version"))
        .to_owned()
}
