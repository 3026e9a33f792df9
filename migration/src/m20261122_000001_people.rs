//! People, who acts for whom, their accounts on super-apps, and what they accepted.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_bytes, maybe_instant, maybe_text, number,
    references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "person",
                [
                    id("id"),
                    number("number"),
                    bytes("data_key"),
                    maybe_bytes("phone"),
                    maybe_bytes("phone_index"),
                    maybe_bytes("name"),
                    maybe_text("document_kind", 32),
                    maybe_bytes("document_number"),
                    maybe_bytes("document_index"),
                    maybe_instant("verified_at"),
                    instant("created_at"),
                ],
                &["id"],
            ))
            .await?;
        for column in ["number", "phone_index", "document_index"] {
            manager.create_index(unique("person", &[column])).await?;
        }

        manager
            .create_table(
                table(
                    "guardianship",
                    [
                        id("dependant_id"),
                        id("guardian_id"),
                        text("relationship", 8),
                        instant("created_at"),
                    ],
                    &["dependant_id"],
                )
                .foreign_key(&mut references_person("guardianship", "dependant_id"))
                .foreign_key(&mut references_person("guardianship", "guardian_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("guardianship", &["guardian_id"]))
            .await?;

        manager
            .create_table(
                table(
                    "platform_account",
                    [
                        bytes("account_index"),
                        id("person_id"),
                        text("platform", 16),
                        text("app_id", 64),
                        bytes("account"),
                        instant("linked_at"),
                    ],
                    &["account_index"],
                )
                .foreign_key(&mut references_person("platform_account", "person_id"))
                .take(),
            )
            .await?;
        manager
            .create_index(index("platform_account", &["person_id"]))
            .await?;

        manager
            .create_table(table(
                "spent_payload",
                [bytes("digest"), instant("spent_at")],
                &["digest"],
            ))
            .await?;

        manager
            .create_table(
                table(
                    "consent",
                    [
                        id("person_id"),
                        text("document", 16),
                        text("version", 16),
                        instant("accepted_at"),
                    ],
                    &["person_id", "document", "version"],
                )
                .foreign_key(&mut references_person("consent", "person_id"))
                .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "consent",
                "spent_payload",
                "platform_account",
                "guardianship",
                "person",
            ],
        )
        .await
    }
}
