//! Whom the staff of venues looked up, for them to see.

use sea_orm_migration::prelude::*;

use crate::columns::{drop_tables, id, index, instant, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "visitor_look_up";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            id("id"),
            id("person_id"),
            id("organisation_id"),
            id("venue_id"),
            text("by", 20),
            instant("at"),
        ];
        manager.create_table(table(TABLE, columns, &["id"])).await?;
        for column in ["person_id", "at"] {
            manager.create_index(index(TABLE, &[column])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &[TABLE]).await
    }
}
