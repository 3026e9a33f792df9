//! Which rules changes of colour come from, and indexes for whoever counts people.

use sea_orm_migration::prelude::*;

use crate::columns::{drop_tables, id, index, instant, number, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &[&str]); 2] = [("hold", &["rule"]), ("health_fact", &["kind"])];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "colour_change_rule",
                [
                    text("rule", 64),
                    text("rule_version", 16),
                    id("person_id"),
                    number("version"),
                    instant("at"),
                ],
                &["rule", "rule_version", "person_id", "version"],
            ))
            .await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            let name = format!("idx_{table}_{}", columns.join("_"));
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        drop_tables(manager, &["colour_change_rule"]).await
    }
}
