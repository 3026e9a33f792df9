//! The return to work: the white list, forms, workers and their permits, batches, objections; and where
//! whom a case concerns lives.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, id, index, instant, maybe_bytes, maybe_id, maybe_instant, maybe_number,
    maybe_text, number, references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "work_objection",
    "work_permit",
    "work_ruling",
    "work_batch",
    "work_form",
    "work_enterprise",
    "work_serial",
];

const UNIQUE: &[(&str, &[&str])] = &[
    ("work_permit", &["held_by_worker"]),
    ("work_permit", &["number"]),
    ("work_objection", &["permit_id", "person_id"]),
];

const INDEXES: &[(&str, &[&str])] = &[
    ("work_enterprise", &["division", "credit_code"]),
    ("work_form", &["organisation_id", "sent_at", "id"]),
    ("work_form", &["division", "sent_at", "id"]),
    ("work_permit", &["form_id", "line"]),
    ("work_permit", &["organisation_id", "id"]),
    ("work_permit", &["person_id", "filed_at"]),
    ("work_permit", &["residence_community", "public_from"]),
    ("work_permit", &["residence_division", "public_from"]),
    ("work_permit", &["batch_id", "id"]),
    ("work_permit", &["due_at"]),
    ("work_permit", &["valid_until"]),
    ("work_batch", &["division", "made_at", "id"]),
    ("work_batch", &["due_at"]),
    ("work_ruling", &["form_id", "made_at", "id"]),
    ("work_ruling", &["due_at"]),
];

const RESIDENCE: [(&str, u32); 2] = [("residence_division", 6), ("residence_community", 12)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, length) in RESIDENCE {
            let added = Table::alter()
                .table("review_case")
                .add_column(maybe_text(column, length))
                .to_owned();
            manager.alter_table(added).await?;
        }
        for table in [
            enterprise(),
            form(),
            batch(),
            ruling(),
            permit(),
            objection(),
            serial(),
        ] {
            manager.create_table(table).await?;
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
        drop_tables(manager, TABLES).await?;
        for (column, _) in RESIDENCE {
            let removed = Table::alter()
                .table("review_case")
                .drop_column(column)
                .to_owned();
            manager.alter_table(removed).await?;
        }
        Ok(())
    }
}

fn enterprise() -> TableCreateStatement {
    table(
        "work_enterprise",
        [
            text("credit_code", 18),
            text("short_name", 40),
            text("division", 6),
            text("kind", 16),
            maybe_text("principal", 18),
            instant("listed_from"),
            instant("listed_until"),
            id("changed_by"),
            instant("changed_at"),
        ],
        &["credit_code"],
    )
}

fn form() -> TableCreateStatement {
    table(
        "work_form",
        [
            id("id"),
            id("organisation_id"),
            text("credit_code", 18),
            maybe_id("sent_by"),
            instant("sent_at"),
            text("division", 6),
            text("workflow", 32),
            number("workers"),
            bytes("digest"),
        ],
        &["id"],
    )
    .foreign_key(&mut references(
        "work_form",
        "organisation_id",
        "organisation",
    ))
    .take()
}

fn permit() -> TableCreateStatement {
    table(
        "work_permit",
        vec![
            id("id"),
            id("form_id"),
            number("line"),
            id("organisation_id"),
            text("credit_code", 18),
            text("division", 6),
            maybe_text("residence_division", 6),
            maybe_text("residence_community", 12),
            bytes("worker_index"),
            maybe_bytes("held_by_worker"),
            maybe_id("person_id"),
            maybe_bytes("content"),
            instant("filed_at"),
            maybe_instant("opened_at"),
            maybe_text("outcome", 12),
            maybe_instant("closed_at"),
            maybe_id("batch_id"),
            maybe_text("authentication", 16),
            maybe_instant("authenticated_at"),
            maybe_instant("public_from"),
            maybe_instant("public_until"),
            maybe_text("number", 16),
            maybe_number("status_index"),
            maybe_instant("valid_from"),
            maybe_instant("valid_until"),
            maybe_instant("ended_at"),
            maybe_text("ending", 16),
            maybe_instant("due_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("work_permit", "form_id", "work_form"))
    .foreign_key(&mut references("work_permit", "batch_id", "work_batch"))
    .foreign_key(&mut references_person("work_permit", "person_id"))
    .take()
}

fn batch() -> TableCreateStatement {
    table(
        "work_batch",
        [
            id("id"),
            text("division", 6),
            id("made_by"),
            instant("made_at"),
            number("workers"),
            text("state", 12),
            number("tries"),
            maybe_instant("sent_at"),
            maybe_instant("due_at"),
            maybe_instant("answered_at"),
        ],
        &["id"],
    )
}

fn objection() -> TableCreateStatement {
    table(
        "work_objection",
        [
            id("id"),
            id("permit_id"),
            id("person_id"),
            instant("made_at"),
            text("reason", 16),
            maybe_bytes("text"),
        ],
        &["id"],
    )
    .foreign_key(&mut references(
        "work_objection",
        "permit_id",
        "work_permit",
    ))
    .foreign_key(&mut references_person("work_objection", "person_id"))
    .take()
}

fn ruling() -> TableCreateStatement {
    table(
        "work_ruling",
        [
            id("id"),
            id("form_id"),
            id("account_id"),
            instant("made_at"),
            text("stage", 32),
            text("action", 12),
            maybe_text("reason", 32),
            maybe_bytes("text"),
            ColumnDef::new("left_out").json().not_null().take(),
            number("line"),
            number("decided"),
            number("failed"),
            maybe_instant("due_at"),
            maybe_instant("ended_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("work_ruling", "form_id", "work_form"))
    .take()
}

fn serial() -> TableCreateStatement {
    table(
        "work_serial",
        [text("division", 6), number("last")],
        &["division"],
    )
}

fn references(
    table: &'static str,
    column: &'static str,
    other: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(other, "id")
        .to_owned()
}
