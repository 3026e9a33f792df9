//! When the newest record of a person was made, beside the assessment that read it: to count people.

use sea_orm_migration::prelude::*;

use crate::columns::maybe_instant;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let added = Table::alter()
            .table("assessment")
            .add_column(maybe_instant("record_at"))
            .to_owned();
        manager.alter_table(added).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let removed = Table::alter()
            .table("assessment")
            .drop_column("record_at")
            .to_owned();
        manager.alter_table(removed).await
    }
}
