//! Files of facts, how far they got, and what was found in them.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, drop_tables, flag, id, index, instant, maybe_instant, maybe_text, number, table, text,
    unique,
};

/// Who has an open hold is asked for every chunk of an import, and few people have one.
const OPEN_HOLDS: &str = "idx_hold_open";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(table(
                "import_batch",
                [
                    id("id"),
                    bytes("digest"),
                    text("source", 32),
                    text("kind", 24),
                    flag("dry_run"),
                    text("state", 12),
                    ColumnDef::new("brought_by").uuid().null().take(),
                    ColumnDef::new("released_by").uuid().null().take(),
                    instant("created_at"),
                    instant("due_at"),
                    number("claim"),
                    number("next_row"),
                    number("next_byte"),
                    number("told_row"),
                    number("told_byte"),
                    ColumnDef::new("total_rows").big_integer().null().take(),
                    number("applied"),
                    number("repeated"),
                    number("refused"),
                    number("positives"),
                    maybe_text("problem", 32),
                    maybe_instant("finished_at"),
                ],
                &["id"],
            ))
            .await?;
        manager
            .create_index(unique(
                "import_batch",
                &["digest", "source", "kind", "dry_run"],
            ))
            .await?;
        manager
            .create_index(index("import_batch", &["state", "due_at"]))
            .await?;
        manager
            .create_table(table(
                "import_finding",
                [
                    id("import_id"),
                    number("line"),
                    text("field", 24),
                    text("code", 24),
                ],
                &["import_id", "line"],
            ))
            .await?;
        let open =
            format!("CREATE INDEX {OPEN_HOLDS} ON hold (person_id) WHERE released_at IS NULL");
        manager.get_connection().execute_unprepared(&open).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name(OPEN_HOLDS).table("hold").to_owned();
        manager.drop_index(index).await?;
        drop_tables(manager, &["import_finding", "import_batch"]).await
    }
}
