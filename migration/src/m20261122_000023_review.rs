//! Cases that somebody has to decide, their clocks, and what was done to them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_id, maybe_instant,
    maybe_number, maybe_text, number, references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "review_delegation",
    "review_breach",
    "review_contact",
    "review_step",
    "review_case",
    "review_workflow",
];

const INDEXES: &[(&str, &[&str])] = &[
    ("review_case", &["person_id"]),
    // What the clock does next. Rows whose clock does nothing have no entry that a sweep reads.
    ("review_case", &["timer_at", "id"]),
    // Whose limit was worked out by an older calendar. The others have no calendar.
    ("review_case", &["calendar_version", "id"]),
    // An inbox: what runs out first, first.
    ("review_case", &["state", "decider", "area", "due_at", "id"]),
    ("review_case", &["subject", "opened_at"]),
    // Whether a community may be closed.
    ("review_case", &["community", "state"]),
    // Reports: what was closed in a time, and what is open.
    ("review_case", &["subject", "closed_at"]),
    ("review_contact", &["case_id", "at"]),
    ("review_breach", &["area", "booked_at"]),
    ("review_breach", &["booked_at"]),
    // Reports: what was missed in a time.
    ("review_breach", &["due_at"]),
    ("review_delegation", &["to_account_id"]),
    ("review_delegation", &["from_account_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            workflow(),
            case(),
            step(),
            contact(),
            breach(),
            delegation(),
        ] {
            manager.create_table(table).await?;
        }
        manager
            .create_index(unique("review_case", &["subject", "subject_id"]))
            .await?;
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn workflow() -> TableCreateStatement {
    table(
        "review_workflow",
        [
            text("key", 32),
            number("version"),
            ColumnDef::new("document").json().not_null().take(),
            bytes("digest"),
            instant("saved_at"),
        ],
        &["key", "version"],
    )
}

fn case() -> TableCreateStatement {
    table(
        "review_case",
        vec![
            id("id"),
            text("subject", 16),
            id("subject_id"),
            id("person_id"),
            text("division", 6),
            maybe_text("community", 12),
            text("workflow", 32),
            number("workflow_version"),
            instant("opened_at"),
            number("turn"),
            number("stay"),
            text("state", 12),
            text("stage", 32),
            instant("stage_since"),
            maybe_text("decider", 24),
            text("area", 12),
            maybe_id("assignee"),
            maybe_instant("assigned_at"),
            maybe_instant("clock_since"),
            maybe_number("clock_left"),
            maybe_instant("due_at"),
            flag("provisional"),
            maybe_number("calendar_version"),
            maybe_text("timer", 12),
            maybe_instant("timer_at"),
            maybe_instant("late_since"),
            maybe_text("outcome", 12),
            maybe_instant("closed_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_person("review_case", "person_id"))
    .take()
}

fn step() -> TableCreateStatement {
    table(
        "review_step",
        [
            id("case_id"),
            number("turn"),
            instant("at"),
            text("action", 12),
            text("stage", 32),
            maybe_text("stage_after", 32),
            number("stay"),
            maybe_number("clock_left"),
            maybe_id("account_id"),
            maybe_id("for_account_id"),
            maybe_id("person_id"),
            maybe_text("reason", 32),
            maybe_bytes("text"),
        ],
        &["case_id", "turn"],
    )
}

fn contact() -> TableCreateStatement {
    table(
        "review_contact",
        [
            id("id"),
            id("case_id"),
            number("stay"),
            id("account_id"),
            instant("at"),
            text("means", 12),
            text("result", 12),
            maybe_bytes("note"),
        ],
        &["id"],
    )
}

fn breach() -> TableCreateStatement {
    table(
        "review_breach",
        [
            id("case_id"),
            number("turn"),
            text("stage", 32),
            text("area", 12),
            maybe_text("decider", 24),
            instant("due_at"),
            instant("booked_at"),
        ],
        &["case_id", "turn"],
    )
}

fn delegation() -> TableCreateStatement {
    table(
        "review_delegation",
        [
            id("id"),
            id("from_account_id"),
            id("to_account_id"),
            text("role", 24),
            instant("starts_at"),
            instant("ends_at"),
            instant("made_at"),
            maybe_instant("ended_at"),
        ],
        &["id"],
    )
}
