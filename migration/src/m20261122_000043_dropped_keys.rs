//! Keys that leaked are dropped and their names stay taken; what workers were told of their permits; and who
//! objected on which day.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, index, maybe_instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const OBJECTIONS: (&str, &[&str]) = ("work_objection", &["person_id", "made_at"]);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in [
            ("signing_key", maybe_instant("dropped_at")),
            ("work_permit", flag("stood").default(true).take()),
            ("work_permit", maybe_instant("reminded_at")),
        ] {
            let altered = Table::alter()
                .table(table)
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(altered).await?;
        }
        let (table, columns) = OBJECTIONS;
        manager.create_index(index(table, columns)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (table, columns) = OBJECTIONS;
        let of_objections = Index::drop()
            .name(format!("idx_{table}_{}", columns.join("_")))
            .table(table)
            .to_owned();
        manager.drop_index(of_objections).await?;
        for (table, column) in [
            ("signing_key", "dropped_at"),
            ("work_permit", "stood"),
            ("work_permit", "reminded_at"),
        ] {
            let altered = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(altered).await?;
        }
        Ok(())
    }
}
