//! Posts on the road, devices at gates, and what they verified.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_id, maybe_instant,
    maybe_number, maybe_text, number, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["gate_record", "device", "checkpoint"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [checkpoint(), device(), gate_record()] {
            manager.create_table(table).await?;
        }
        manager
            .create_index(unique("device", &["enrolment"]))
            .await?;
        for (table, columns) in [
            ("checkpoint", ["division"]),
            ("device", ["division"]),
            ("gate_record", ["captured_at"]),
        ] {
            manager.create_index(index(table, &columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}

fn checkpoint() -> TableCreateStatement {
    table(
        "checkpoint",
        [
            id("id"),
            text("name", 100),
            text("division", 6),
            text("road_section", 200),
            id("created_by"),
            instant("created_at"),
        ],
        &["id"],
    )
}

fn device() -> TableCreateStatement {
    let references = |column: &'static str, other: &'static str| {
        ForeignKey::create()
            .from("device", column)
            .to(other, "id")
            .to_owned()
    };
    table(
        "device",
        [
            id("id"),
            text("name", 64),
            maybe_id("venue_id"),
            maybe_id("checkpoint_id"),
            text("division", 6),
            maybe_bytes("public_key"),
            bytes("enrolment"),
            instant("enrolment_until"),
            id("created_by"),
            instant("created_at"),
            maybe_instant("enrolled_at"),
            maybe_instant("seen_at"),
            maybe_number("bundle_version"),
            maybe_number("waiting"),
            maybe_instant("revoked_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references("venue_id", "venue"))
    .foreign_key(&mut references("checkpoint_id", "checkpoint"))
    .take()
}

/// Written at every gate all day long: one index beside the key, and no foreign keys.
fn gate_record() -> TableCreateStatement {
    table(
        "gate_record",
        [
            id("device_id"),
            number("seq"),
            ColumnDef::new("place").integer().not_null().take(),
            instant("captured_at"),
            instant("received_at"),
            maybe_id("checkpoint_id"),
            maybe_id("person_id"),
            text("means", 20),
            text("decision", 20),
            text("reason", 20),
            maybe_text("colour", 8),
            ColumnDef::new("temperature").integer().null().take(),
            maybe_bytes("plate"),
            flag("offline"),
            bytes("digest"),
        ],
        &["device_id", "seq", "place"],
    )
}
