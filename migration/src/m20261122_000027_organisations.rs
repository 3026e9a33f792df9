//! Who acts for units, and their log-ins.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_id, maybe_instant, maybe_text, references_person,
    table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["organisation_agent", "organisation_session"];

const INDEXES: &[(&str, &[&str])] = &[
    ("organisation_agent", &["organisation_id"]),
    ("organisation_agent", &["phone_index"]),
    ("organisation_agent", &["person_id"]),
    ("organisation_session", &["organisation_id"]),
    ("organisation_session", &["expires_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [agent(), session()] {
            manager.create_table(table).await?;
        }
        let digest = unique("organisation_session", &["digest"]);
        manager.create_index(digest).await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn agent() -> TableCreateStatement {
    table(
        "organisation_agent",
        [
            id("id"),
            id("organisation_id"),
            bytes("phone_index"),
            bytes("phone"),
            maybe_id("invited_by"),
            instant("invited_at"),
            instant("expires_at"),
            maybe_id("person_id"),
            maybe_instant("accepted_at"),
            maybe_instant("ended_at"),
            maybe_text("ending", 10),
        ],
        &["id"],
    )
    .foreign_key(&mut references_organisation("organisation_agent"))
    .foreign_key(&mut references_person("organisation_agent", "invited_by"))
    .foreign_key(&mut references_person("organisation_agent", "person_id"))
    .take()
}

fn session() -> TableCreateStatement {
    table(
        "organisation_session",
        [
            id("id"),
            id("organisation_id"),
            maybe_id("person_id"),
            bytes("digest"),
            text("certificate", 24),
            instant("began_at"),
            instant("used_at"),
            instant("expires_at"),
            maybe_instant("ended_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_organisation("organisation_session"))
    .foreign_key(&mut references_person("organisation_session", "person_id"))
    .take()
}

fn references_organisation(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "organisation_id")
        .to("organisation", "id")
        .to_owned()
}
