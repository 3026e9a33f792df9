//! Sessions, their refresh tokens, and answers kept for repeated requests.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_instant, maybe_text,
    references_person, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "session",
                    [
                        id("id"),
                        id("person_id"),
                        text("door", 8),
                        maybe_bytes("device"),
                        instant("created_at"),
                        instant("refreshed_at"),
                        instant("expires_at"),
                        maybe_instant("ended_at"),
                        maybe_text("ending", 16),
                        flag("ending_unpublished"),
                    ],
                    &["id"],
                )
                .foreign_key(&mut references_person("session", "person_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("session", &["person_id"]))
            .await?;
        manager
            .create_index(index("session", &["ending_unpublished"]))
            .await?;

        manager
            .create_table(
                table(
                    "refresh_token",
                    [
                        bytes("digest"),
                        id("session_id"),
                        instant("issued_at"),
                        maybe_instant("used_at"),
                        maybe_bytes("successor"),
                    ],
                    &["digest"],
                )
                .foreign_key(
                    ForeignKey::create()
                        .from("refresh_token", "session_id")
                        .to("session", "id"),
                )
                .take(),
            )
            .await?;
        manager
            .create_index(index("refresh_token", &["session_id"]))
            .await?;

        manager
            .create_table(table(
                "idempotent_response",
                [
                    bytes("scope"),
                    bytes("request"),
                    ColumnDef::new("status").small_integer().not_null().take(),
                    bytes("body"),
                    instant("answered_at"),
                ],
                &["scope"],
            ))
            .await?;
        manager
            .create_index(index("idempotent_response", &["answered_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["idempotent_response", "refresh_token", "session"],
        )
        .await
    }
}
