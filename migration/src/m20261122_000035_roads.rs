//! Files that people send, and the catalogue of sections of roads.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, date, drop_tables, flag, id, index, instant, maybe_id, maybe_instant, number, table,
    text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["road_section", "upload"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(upload()).await?;
        manager.create_table(road_section()).await?;
        for (table, columns) in [
            ("upload", &["person_id"][..]),
            ("upload", &["organisation_id"]),
            ("upload", &["holder"]),
            ("upload", &["uploaded_at"]),
            ("upload", &["going_at"]),
            ("road_section", &["division"]),
        ] {
            manager.create_index(index(table, columns)).await?;
        }
        manager
            .create_index(unique("road_section", &["code", "version"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn upload() -> TableCreateStatement {
    table(
        "upload",
        [
            id("id"),
            maybe_id("person_id"),
            maybe_id("organisation_id"),
            text("content", 4),
            number("bytes"),
            bytes("sha256"),
            bytes("sealed_key"),
            instant("uploaded_at"),
            maybe_instant("stored_at"),
            maybe_id("holder"),
            maybe_instant("going_at"),
        ],
        &["id"],
    )
}

fn road_section() -> TableCreateStatement {
    let list = |name| ColumnDef::new(name).json().not_null().take();
    table(
        "road_section",
        [
            id("id"),
            text("code", 11),
            number("version"),
            text("division", 6),
            date("valid_from"),
            flag("ended"),
            text("name_zh", 64),
            text("name_en", 128),
            list("restricted"),
            list("classes"),
            list("ways_around"),
            instant("decided_at"),
        ],
        &["id"],
    )
}
