//! Communities, where people complain, who is on duty, and roles for a single community.

use sea_orm_migration::prelude::*;

use crate::columns::{
    date, drop_tables, id, index, instant, maybe_instant, maybe_text, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &[&str]); 3] = [
    ("community", &["division"]),
    // A day's roster, and the days before.
    ("duty_sign_in", &["day", "community", "account_id"]),
    ("coverage_gap", &["day", "community"]),
];

const TABLES: [&str; 4] = [
    "coverage_gap",
    "duty_sign_in",
    "complaint_line",
    "community",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "community",
                [
                    text("code", 12),
                    text("division", 6),
                    text("name", 60),
                    text("address", 200),
                    text("telephone", 32),
                    text("hours", 200),
                    instant("saved_at"),
                    instant("opened_at"),
                    maybe_instant("closed_at"),
                ],
                &["code"],
            ))
            .await?;
        manager
            .create_table(table(
                "complaint_line",
                [
                    text("division", 6),
                    text("telephone", 32),
                    text("hours", 200),
                    instant("saved_at"),
                ],
                &["division"],
            ))
            .await?;
        manager
            .create_table(table(
                "duty_sign_in",
                [
                    text("community", 12),
                    date("day"),
                    id("account_id"),
                    instant("at"),
                ],
                &["community", "day", "account_id"],
            ))
            .await?;
        manager
            .create_table(table(
                "coverage_gap",
                [
                    text("community", 12),
                    date("day"),
                    text("kind", 12),
                    instant("noted_at"),
                ],
                &["community", "day"],
            ))
            .await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("staff_grant")
                    .add_column(maybe_text("community", 12))
                    .take(),
            )
            .await?;
        manager
            .create_index(index("staff_grant", &["community"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("idx_staff_grant_community")
                    .table("staff_grant")
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("staff_grant")
                    .drop_column("community")
                    .take(),
            )
            .await?;
        drop_tables(manager, &TABLES).await
    }
}
