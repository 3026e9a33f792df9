//! A rule holds one thing once at a time, and may find it again after its hold ended.

use sea_orm_migration::prelude::*;

use crate::columns::unique;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Its index before, and the one of holds that still hold.
const BEFORE: &str = "unq_hold_person_id_rule_evidence_phase";
const ACTIVE: &str = "unq_hold_active_finding";

const FINDING: [&str; 4] = ["person_id", "rule", "evidence", "phase"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        remove(manager, BEFORE).await?;
        let active = unique("hold", &FINDING)
            .name(ACTIVE)
            .cond_where(Expr::col("released_at").is_null())
            .take();
        manager.create_index(active).await
    }

    /// Fails where something was found again already: no hold is deleted to go back.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        remove(manager, ACTIVE).await?;
        manager.create_index(unique("hold", &FINDING)).await
    }
}

async fn remove(manager: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table("hold").to_owned())
        .await
}
