//! When regions open, and the working calendar.

use sea_orm_migration::prelude::*;

use crate::columns::{
    drop_tables, flag, id, index, instant, maybe_instant, maybe_text, number, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "region_opening",
                [
                    id("id"),
                    text("division", 6),
                    instant("opens_at"),
                    maybe_instant("closes_at"),
                    ColumnDef::new("plan").json().not_null().take(),
                    instant("saved_at"),
                    maybe_instant("due_at"),
                    maybe_instant("round_at"),
                    maybe_text("marked_division", 6),
                    ColumnDef::new("marked_person").uuid().null().take(),
                ],
                &["id"],
            ))
            .await?;
        manager
            .create_index(unique("region_opening", &["division", "saved_at"]))
            .await?;
        manager
            .create_index(index("region_opening", &["due_at"]))
            .await?;
        manager
            .create_index(index("declaration", &["division", "person_id"]))
            .await?;

        manager
            .create_table(table(
                "calendar_year",
                [
                    ColumnDef::new("year").integer().not_null().take(),
                    text("source", 200),
                    instant("saved_at"),
                    number("version"),
                ],
                &["year"],
            ))
            .await?;
        manager
            .create_table(table(
                "calendar_day",
                [
                    ColumnDef::new("day").date().not_null().take(),
                    flag("working"),
                ],
                &["day"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["calendar_day", "calendar_year"]).await?;
        manager
            .drop_index(
                Index::drop()
                    .name("idx_declaration_division_person_id")
                    .table("declaration")
                    .to_owned(),
            )
            .await?;
        drop_tables(manager, &["region_opening"]).await
    }
}
