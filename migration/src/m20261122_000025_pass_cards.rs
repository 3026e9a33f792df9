//! Applications for health pass cards, the cards, and marks of false declarations.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_id, maybe_instant,
    maybe_number, maybe_text, number, references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "pass_serial",
    "pass_false_mark",
    "pass_card",
    "pass_application",
];

const UNIQUE: &[(&str, &[&str])] = &[
    ("pass_application", &["open_of"]),
    ("pass_card", &["serial"]),
    ("pass_card", &["current_of"]),
    ("pass_false_mark", &["standing_on"]),
];

const INDEXES: &[(&str, &[&str])] = &[
    ("pass_application", &["person_id", "filed_at"]),
    // Those that wait for the comparison. Whoever does not has no entry that a sweep reads.
    ("pass_application", &["compare_after"]),
    ("pass_card", &["application_id"]),
    ("pass_card", &["person_id"]),
    ("pass_card", &["due_at", "id"]),
    ("pass_false_mark", &["application_id"]),
    ("pass_false_mark", &["person_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [application(), card(), mark(), serial()] {
            manager.create_table(table).await?;
        }
        for (table, columns) in UNIQUE {
            manager.create_index(unique(table, columns)).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        let first = Query::insert()
            .into_table("pass_serial")
            .columns(["id", "last"])
            .values_panic([1.into(), 0.into()])
            .to_owned();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn application() -> TableCreateStatement {
    table(
        "pass_application",
        [
            id("id"),
            id("person_id"),
            maybe_id("filed_by"),
            maybe_id("taken_by"),
            instant("filed_at"),
            text("division", 6),
            text("community", 12),
            id("declaration_id"),
            bytes("content"),
            maybe_id("open_of"),
            maybe_number("compare_after"),
            maybe_instant("compared_at"),
            maybe_text("found_colour", 8),
            ColumnDef::new("found").json().null().take(),
            maybe_text("outcome", 12),
            maybe_instant("closed_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_person("pass_application", "person_id"))
    .take()
}

fn card() -> TableCreateStatement {
    table(
        "pass_card",
        [
            id("id"),
            id("application_id"),
            id("person_id"),
            text("division", 6),
            text("community", 12),
            number("serial"),
            maybe_id("current_of"),
            text("state", 10),
            instant("issued_at"),
            flag("by_clock"),
            maybe_instant("valid_from"),
            maybe_instant("valid_until"),
            maybe_instant("due_at"),
            maybe_text("replacement", 12),
            maybe_instant("voided_at"),
            maybe_text("void", 12),
            maybe_id("superseded_by"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_person("pass_card", "person_id"))
    .take()
}

fn mark() -> TableCreateStatement {
    table(
        "pass_false_mark",
        [
            id("id"),
            id("application_id"),
            id("person_id"),
            maybe_id("standing_on"),
            id("marked_by"),
            text("area", 12),
            instant("marked_at"),
            text("falsehood", 20),
            text("evidence", 96),
            bytes("text"),
            maybe_instant("lifted_at"),
            maybe_id("lifted_by"),
            maybe_bytes("lifted_because"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_person("pass_false_mark", "person_id"))
    .take()
}

fn serial() -> TableCreateStatement {
    table("pass_serial", [number("id"), number("last")], &["id"])
}
