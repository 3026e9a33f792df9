//! The outbox, templates that platforms approved, and how people want to be told.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_instant, maybe_text, references_person,
    table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        outbox(manager).await?;
        manager
            .create_table(
                table(
                    "notification_preference",
                    [
                        id("person_id"),
                        text("channels", 32),
                        flag("sms"),
                        text("language", 2),
                        instant("changed_at"),
                    ],
                    &["person_id"],
                )
                .foreign_key(&mut references_person(
                    "notification_preference",
                    "person_id",
                ))
                .take(),
            )
            .await?;
        manager
            .create_table(table(
                "notification_template",
                [
                    text("kind", 16),
                    text("channel", 7),
                    text("app_id", 64),
                    text("language", 2),
                    text("template_id", 64),
                    maybe_text("page", 1_024),
                    ColumnDef::new("texts").json().not_null().take(),
                    flag("form_id"),
                    flag("long_term"),
                    instant("saved_at"),
                ],
                &["kind", "channel", "app_id", "language"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "notification_template",
            "notification_preference",
            "notification",
        ];
        drop_tables(manager, &tables).await
    }
}

async fn outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "notification",
                [
                    id("id"),
                    id("person_id"),
                    text("kind", 16),
                    text("key", 96),
                    bytes("content"),
                    instant("created_at"),
                    instant("not_before"),
                    instant("due_at"),
                    text("state", 9),
                    ColumnDef::new("attempts").integer().not_null().take(),
                    maybe_instant("tried_at"),
                    maybe_text("channel", 6),
                    ColumnDef::new("recipient_id").uuid().null().take(),
                    maybe_text("app_id", 64),
                    maybe_text("template_id", 64),
                    maybe_text("outcome", 128),
                    maybe_instant("sent_at"),
                    maybe_instant("read_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut references_person("notification", "person_id"))
            .take(),
        )
        .await?;
    for columns in [
        // What is due; whose turn it is among one person's; a person's, newest first.
        &["state", "due_at"][..],
        &["person_id", "state", "not_before"],
        &["state", "not_before"],
        &["person_id", "id"],
        // Who was told of something; what a platform reports on; what is old.
        &["key"],
        &["recipient_id", "template_id", "tried_at"],
        &["created_at"],
    ] {
        manager.create_index(index("notification", columns)).await?;
    }
    manager
        .create_index(unique("notification", &["person_id", "key"]))
        .await
}
