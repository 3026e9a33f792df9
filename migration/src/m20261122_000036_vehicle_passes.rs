//! Vehicle passes: types, applications, who is aboard, what was uploaded, passes, and leave to see them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_bytes, maybe_id, maybe_instant, maybe_text,
    number, references_person, table, text, unique,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "vehicle_authorisation",
    "vehicle_identity",
    "vehicle_pass_serial",
    "vehicle_pass",
    "vehicle_material",
    "vehicle_aboard",
    "vehicle_application",
    "vehicle_pass_type",
];

const UNIQUE: &[(&str, &[&str])] = &[
    ("vehicle_pass", &["application_id"]),
    ("vehicle_pass", &["number"]),
    ("vehicle_authorisation", &["digest"]),
];

const INDEXES: &[(&str, &[&str])] = &[
    ("vehicle_application", &["applied_by", "created_at", "id"]),
    (
        "vehicle_application",
        &["organisation_id", "created_at", "id"],
    ),
    ("vehicle_application", &["plate"]),
    ("vehicle_application", &["vin"]),
    ("vehicle_application", &["ask_at"]),
    ("vehicle_application", &["state", "saved_at"]),
    ("vehicle_aboard", &["application_id"]),
    ("vehicle_aboard", &["person_id"]),
    ("vehicle_aboard", &["phone_index"]),
    ("vehicle_pass", &["person_id", "issued_at", "id"]),
    ("vehicle_pass", &["organisation_id", "issued_at", "id"]),
    ("vehicle_pass", &["division", "id"]),
    ("vehicle_pass", &["plate"]),
    ("vehicle_pass", &["vin"]),
    ("vehicle_pass", &["valid_until", "id"]),
    ("vehicle_pass", &["due_at"]),
    ("vehicle_authorisation", &["pass_id"]),
    ("vehicle_authorisation", &["expires_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            pass_type(),
            application(),
            aboard(),
            material(),
            pass(),
            serial(),
            identity(),
            authorisation(),
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
        drop_tables(manager, TABLES).await
    }
}

fn pass_type() -> TableCreateStatement {
    table(
        "vehicle_pass_type",
        [
            text("key", 32),
            number("version"),
            json("document"),
            bytes("digest"),
            instant("saved_at"),
        ],
        &["key", "version"],
    )
}

fn application() -> TableCreateStatement {
    table(
        "vehicle_application",
        vec![
            id("id"),
            text("kind", 8),
            text("state", 10),
            text("type_key", 32),
            number("type_version"),
            maybe_id("organisation_id"),
            id("applied_by"),
            text("division", 6),
            instant("created_at"),
            instant("saved_at"),
            maybe_instant("agreed_at"),
            maybe_text("plate", 8),
            maybe_text("plate_colour", 16),
            maybe_text("vin", 17),
            maybe_json("route"),
            maybe_json("hours"),
            maybe_bytes("purpose"),
            maybe_id("predecessor"),
            maybe_instant("submitted_at"),
            maybe_json("findings"),
            maybe_date("inspected_until"),
            maybe_instant("ask_at"),
            maybe_text("outcome", 12),
            maybe_instant("closed_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references_person("vehicle_application", "applied_by"))
    .take()
}

fn aboard() -> TableCreateStatement {
    table(
        "vehicle_aboard",
        [
            id("id"),
            id("application_id"),
            text("role", 10),
            maybe_bytes("phone_index"),
            maybe_bytes("phone"),
            maybe_id("person_id"),
            instant("asked_at"),
            maybe_instant("agreed_at"),
            maybe_instant("ended_at"),
            maybe_text("ending", 10),
        ],
        &["id"],
    )
    .foreign_key(&mut references(
        "vehicle_aboard",
        "application_id",
        "vehicle_application",
    ))
    .foreign_key(&mut references_person("vehicle_aboard", "person_id"))
    .take()
}

fn material() -> TableCreateStatement {
    table(
        "vehicle_material",
        [
            id("application_id"),
            id("upload_id"),
            text("kind", 20),
            instant("added_at"),
        ],
        &["application_id", "upload_id"],
    )
    .foreign_key(&mut references(
        "vehicle_material",
        "application_id",
        "vehicle_application",
    ))
    .take()
}

fn pass() -> TableCreateStatement {
    table(
        "vehicle_pass",
        vec![
            id("id"),
            id("application_id"),
            text("type_key", 32),
            number("type_version"),
            maybe_id("organisation_id"),
            id("person_id"),
            text("division", 6),
            text("number", 12),
            maybe_text("plate", 8),
            maybe_text("vin", 17),
            json("route"),
            json("hours"),
            instant("valid_from"),
            instant("valid_until"),
            instant("issued_at"),
            number("status_index"),
            maybe_id("predecessor"),
            maybe_text("void", 10),
            maybe_instant("void_from"),
            maybe_text("revocation", 20),
            maybe_date("inspected_until"),
            flag("stood"),
            maybe_instant("reminded_at"),
            maybe_instant("due_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references(
        "vehicle_pass",
        "application_id",
        "vehicle_application",
    ))
    .foreign_key(&mut references_person("vehicle_pass", "person_id"))
    .take()
}

fn serial() -> TableCreateStatement {
    table(
        "vehicle_pass_serial",
        [text("division", 6), number("last")],
        &["division"],
    )
}

fn identity() -> TableCreateStatement {
    table(
        "vehicle_identity",
        [text("mark", 17), instant("asked_at")],
        &["mark"],
    )
}

fn authorisation() -> TableCreateStatement {
    table(
        "vehicle_authorisation",
        [
            id("id"),
            id("pass_id"),
            bytes("digest"),
            instant("made_at"),
            instant("expires_at"),
            maybe_instant("used_at"),
        ],
        &["id"],
    )
    .foreign_key(&mut references(
        "vehicle_authorisation",
        "pass_id",
        "vehicle_pass",
    ))
    .take()
}

fn json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json().not_null().take()
}

fn maybe_json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json().null().take()
}

fn maybe_date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().null().take()
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
