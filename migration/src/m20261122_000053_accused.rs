//! A case says about whose doing it is, and a broken promise what its limit was worked out by.

use sea_orm_migration::prelude::*;

use crate::columns::{index, maybe_instant, maybe_number, maybe_text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const CASE: &str = "review_case";
const BREACH: &str = "review_breach";

/// What complaints that are open are about.
const BEFORE: &str = "UPDATE review_case
    SET against = (SELECT p.against FROM complaint p WHERE p.id = review_case.subject_id),
        against_since = (
            SELECT a.opened_at FROM complaint p JOIN review_case a ON a.id = p.case_id
            WHERE p.id = review_case.subject_id
        )
    WHERE subject = 'complaint'";

fn of_case() -> [ColumnDef; 2] {
    [maybe_text("against", 12), maybe_instant("against_since")]
}

fn of_breach() -> [ColumnDef; 5] {
    [
        maybe_instant("clock_since"),
        maybe_number("clock_left"),
        maybe_number("calendar_version"),
        maybe_instant("corrected_at"),
        maybe_instant("corrected_to"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_case = of_case().map(|column| (CASE, column));
        let of_breach = of_breach().map(|column| (BREACH, column));
        // SQLite adds one column at a time.
        for (table, mut column) in of_case.into_iter().chain(of_breach) {
            let added = Table::alter().table(table).add_column(&mut column).take();
            manager.alter_table(added).await?;
        }
        for added in [
            index(CASE, &["against"]),
            index(BREACH, &["calendar_version"]),
        ] {
            manager.create_index(added).await?;
        }
        manager
            .get_connection()
            .execute_unprepared(BEFORE)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name) in [
            (CASE, "idx_review_case_against"),
            (BREACH, "idx_review_breach_calendar_version"),
        ] {
            let index = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(index).await?;
        }
        for (table, column) in [
            (CASE, "against"),
            (CASE, "against_since"),
            (BREACH, "clock_since"),
            (BREACH, "clock_left"),
            (BREACH, "calendar_version"),
            (BREACH, "corrected_at"),
            (BREACH, "corrected_to"),
        ] {
            let dropped = Table::alter().table(table).drop_column(column).take();
            manager.alter_table(dropped).await?;
        }
        Ok(())
    }
}
