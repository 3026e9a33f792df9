//! Staff: accounts, what they prove themselves with, log-ins, and roles.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_bytes, maybe_instant, maybe_text, number, table,
    text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        credentials(manager).await?;
        sessions(manager).await?;
        grants(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "staff_grant",
                "staff_session",
                "staff_credential",
                "staff_account",
            ],
        )
        .await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(table(
            "staff_account",
            [
                id("id"),
                text("handle", 16),
                bytes("name"),
                text("unit", 64),
                text("division", 6),
                maybe_id("invited_by"),
                instant("invited_at"),
                maybe_bytes("enrolment_digest"),
                instant("enrolment_until"),
                maybe_instant("enrolled_at"),
                maybe_instant("suspended_at"),
            ],
            &["id"],
        ))
        .await?;
    for index in [
        unique("staff_account", &["handle"]),
        unique("staff_account", &["enrolment_digest"]),
        index("staff_account", &["division"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

async fn credentials(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "staff_credential",
                [
                    id("id"),
                    id("account_id"),
                    text("method", 8),
                    bytes("key"),
                    maybe_bytes("external_id"),
                    number("counter"),
                    instant("created_at"),
                    maybe_instant("confirmed_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut references_account("staff_credential"))
            .take(),
        )
        .await?;
    for index in [
        index("staff_credential", &["account_id"]),
        unique("staff_credential", &["external_id"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "staff_session",
                [
                    id("id"),
                    id("account_id"),
                    bytes("digest"),
                    text("method", 8),
                    instant("began_at"),
                    instant("used_at"),
                    instant("proved_at"),
                    instant("expires_at"),
                    maybe_instant("ended_at"),
                    maybe_text("ending", 16),
                ],
                &["id"],
            )
            .foreign_key(&mut references_account("staff_session"))
            .take(),
        )
        .await?;
    for index in [
        index("staff_session", &["account_id"]),
        unique("staff_session", &["digest"]),
        index("staff_session", &["expires_at"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

async fn grants(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "staff_grant",
                [
                    id("id"),
                    id("account_id"),
                    text("role", 24),
                    text("division", 6),
                    instant("starts_at"),
                    instant("ends_at"),
                    maybe_id("requested_by"),
                    instant("requested_at"),
                    maybe_id("approved_by"),
                    maybe_instant("approved_at"),
                    maybe_instant("revoked_at"),
                ],
                &["id"],
            )
            .foreign_key(&mut references_account("staff_grant"))
            .take(),
        )
        .await?;
    for index in [
        index("staff_grant", &["account_id"]),
        index("staff_grant", &["division"]),
    ] {
        manager.create_index(index).await?;
    }
    Ok(())
}

fn maybe_id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().take()
}

fn references_account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, "account_id")
        .to("staff_account", "id")
        .to_owned()
}
