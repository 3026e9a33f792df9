//! Lists of what became of permits, their places in them, and comparisons of permits with records.

use sea_orm_migration::prelude::*;

use crate::columns::{
    date, drop_tables, id, index, instant, maybe_bytes, maybe_id, maybe_instant, maybe_number,
    maybe_text, number, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "reconciliation_finding",
    "reconciliation",
    "status_index",
    "status_list",
];

const UNIQUE: &[(&str, &[&str])] = &[
    ("status_list", &["kind", "month", "part"]),
    ("status_index", &["place"]),
    ("pass_card", &["status_index"]),
];

const INDEXES: &[(&str, &[&str])] = &[
    ("status_index", &["valid_until"]),
    ("reconciliation", &["started_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [list(), place(), reconciliation(), finding()] {
            manager.create_table(table).await?;
        }
        for (table, mut column) in [
            ("signing_key", number("signed").default(0).take()),
            ("pass_card", maybe_number("status_index")),
            ("checkpoint", maybe_text("section", 11)),
        ] {
            let altered = Table::alter()
                .table(table)
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(altered).await?;
        }
        for (table, columns) in UNIQUE {
            manager.create_index(unique(table, columns)).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_card = Index::drop()
            .name("unq_pass_card_status_index")
            .table("pass_card")
            .to_owned();
        manager.drop_index(of_card).await?;
        for (table, column) in [
            ("signing_key", "signed"),
            ("pass_card", "status_index"),
            ("checkpoint", "section"),
        ] {
            let altered = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(altered).await?;
        }
        drop_tables(manager, TABLES).await
    }
}

fn list() -> TableCreateStatement {
    table(
        "status_list",
        [
            number("number"),
            text("kind", 10),
            date("month"),
            number("part"),
            instant("opened_at"),
        ],
        &["number"],
    )
}

fn place() -> TableCreateStatement {
    table(
        "status_index",
        [
            text("kind", 10),
            id("record"),
            number("place"),
            instant("enlisted_at"),
            instant("valid_until"),
            maybe_bytes("kid"),
            maybe_instant("signed_at"),
            maybe_bytes("digest"),
        ],
        &["kind", "record"],
    )
}

fn reconciliation() -> TableCreateStatement {
    table(
        "reconciliation",
        [
            id("id"),
            instant("started_at"),
            maybe_instant("finished_at"),
            maybe_text("kind", 10),
            maybe_id("after"),
            number("permits"),
            number("findings"),
        ],
        &["id"],
    )
}

fn finding() -> TableCreateStatement {
    table(
        "reconciliation_finding",
        [
            id("reconciliation_id"),
            text("kind", 10),
            id("record"),
            text("fault", 20),
        ],
        &["reconciliation_id", "kind", "record", "fault"],
    )
}
