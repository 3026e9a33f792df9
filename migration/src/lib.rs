//! The history of the schema.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

/// Applies the changes in their order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}
