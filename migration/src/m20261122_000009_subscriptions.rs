//! What people allow us to send them through super-apps, and what super-apps told us.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_instant, references_person, table, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                table(
                    "subscription",
                    [
                        id("person_id"),
                        text("platform", 16),
                        text("app_id", 64),
                        text("template_id", 64),
                        ColumnDef::new("remaining").integer().not_null().take(),
                        flag("standing"),
                        flag("refused"),
                        instant("changed_at"),
                    ],
                    &["person_id", "platform", "app_id", "template_id"],
                )
                .foreign_key(&mut references_person("subscription", "person_id"))
                .take(),
            )
            .await?;

        manager
            .create_table(
                table(
                    "form_id",
                    [
                        id("person_id"),
                        text("app_id", 64),
                        text("form_id", 64),
                        instant("expires_at"),
                        maybe_instant("spent_at"),
                    ],
                    &["person_id", "app_id", "form_id"],
                )
                .foreign_key(&mut references_person("form_id", "person_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("form_id", &["expires_at"]))
            .await?;

        manager
            .create_table(table(
                "platform_event",
                [
                    text("platform", 16),
                    text("app_id", 64),
                    bytes("key"),
                    instant("received_at"),
                ],
                &["platform", "app_id", "key"],
            ))
            .await?;
        manager
            .create_index(index("platform_event", &["received_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["platform_event", "form_id", "subscription"]).await
    }
}
