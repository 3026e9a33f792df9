//! What finds records whose time is over.

use sea_orm_migration::prelude::*;

use crate::columns::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// By when what is kept began to be old, and by what tells apart rows of one instant where a sweep goes on from one
/// to the next.
const INDEXES: &[(&str, &[&str])] = &[
    ("declaration", &["declared_at", "id"]),
    ("test_result", &["sampled_at", "person_id"]),
    ("health_fact", &["happened_at", "id"]),
    ("hold", &["released_at", "id"]),
    ("colour_change", &["at"]),
    ("colour_change_rule", &["at"]),
    ("review_case", &["closed_at", "id"]),
    ("complaint", &["closed_at"]),
    ("correction", &["decided_at"]),
    ("override_request", &["requested_at", "id"]),
    ("pass_application", &["closed_at", "id"]),
    ("import_batch", &["finished_at"]),
    ("work_permit", &["filed_at", "id"]),
    ("work_form", &["sent_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            let name = format!("idx_{table}_{}", columns.join("_"));
            manager
                .drop_index(Index::drop().name(name).table(*table).to_owned())
                .await?;
        }
        Ok(())
    }
}
