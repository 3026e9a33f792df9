//! Indexes for whoever asks about tens of thousands of people: found without reading their rows.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Whoever shows another colour than green: few, as a rule.
const COLOURED: &str = "idx_assessment_coloured";

/// The people by their documents, with what a reader wants to know of them.
const DOCUMENTS: &str = "
    CREATE UNIQUE INDEX unq_person_document ON person (document_index) INCLUDE (id);
    DROP INDEX unq_person_document_index;
    ALTER INDEX unq_person_document RENAME TO unq_person_document_index";

const DOCUMENTS_BEFORE: &str = "
    CREATE UNIQUE INDEX unq_person_document ON person (document_index);
    DROP INDEX unq_person_document_index;
    ALTER INDEX unq_person_document RENAME TO unq_person_document_index";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            let db = manager.get_connection();
            db.execute_unprepared(DOCUMENTS).await?;
        }
        let coloured = Index::create()
            .name(COLOURED)
            .table("assessment")
            .col("person_id")
            .cond_where(Expr::col("shown").ne("green"))
            .take();
        manager.create_index(coloured).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let coloured = Index::drop().name(COLOURED).table("assessment").to_owned();
        manager.drop_index(coloured).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let db = manager.get_connection();
            db.execute_unprepared(DOCUMENTS_BEFORE).await?;
        }
        Ok(())
    }
}
