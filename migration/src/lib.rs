//! The history of the schema, one reversible change a file. Names its own columns and never the
//! entities', so that an old change keeps meaning what it meant.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

mod columns;
mod grants;
mod m20261122_000001_people;
mod m20261122_000002_sessions;
mod m20261122_000003_declarations;
mod m20261122_000004_health_code;
mod m20261122_000005_audit;
mod m20261122_000006_keys;
mod m20261122_000007_retention;
mod m20261122_000008_notifications;
mod m20261122_000009_subscriptions;
mod m20261122_000010_regions;
mod m20261122_000011_reminders;
mod m20261122_000012_tests;
mod m20261122_000013_staff;
mod m20261122_000014_facts;
mod m20261122_000015_imports;
mod m20261122_000016_policy;
mod m20261122_000017_holds;
mod m20261122_000018_reasons;
mod m20261122_000019_record_at;
mod m20261122_000020_holds;
mod m20261122_000021_changed_by_rule;
mod m20261122_000022_communities;
mod m20261122_000023_review;
mod m20261122_000024_complaints;
mod m20261122_000025_pass_cards;
mod m20261122_000026_venues;
mod m20261122_000027_organisations;
mod m20261122_000028_control_actions;
mod m20261122_000029_visits;
mod m20261122_000030_bulk;
mod m20261122_000031_checkpoints;
mod m20261122_000032_service_orders;
mod m20261122_000033_tracing;
mod m20261122_000034_permits;
mod m20261122_000035_roads;
mod m20261122_000036_vehicle_passes;
mod m20261122_000037_work;
mod m20261122_000039_uncounted;
mod m20261122_000041_aboard;
mod m20261122_000043_dropped_keys;
mod m20261122_000045_told;
mod m20261122_000047_fact_sources;
mod m20261122_000051_transparency;
mod m20261122_000053_accused;
mod m20261122_000055_gates;
mod m20261122_000056_look_ups;
mod m20261123_000049_overrides;
mod m20261123_000057_retention;
mod m20261123_000059_daily_counts;

pub use grants::{InvalidRole, grant_to_service};

/// Every change, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_people::Migration),
            Box::new(m20261122_000002_sessions::Migration),
            Box::new(m20261122_000003_declarations::Migration),
            Box::new(m20261122_000004_health_code::Migration),
            Box::new(m20261122_000005_audit::Migration),
            Box::new(m20261122_000006_keys::Migration),
            Box::new(m20261122_000007_retention::Migration),
            Box::new(m20261122_000008_notifications::Migration),
            Box::new(m20261122_000009_subscriptions::Migration),
            Box::new(m20261122_000010_regions::Migration),
            Box::new(m20261122_000011_reminders::Migration),
            Box::new(m20261122_000012_tests::Migration),
            Box::new(m20261122_000013_staff::Migration),
            Box::new(m20261122_000014_facts::Migration),
            Box::new(m20261122_000015_imports::Migration),
            Box::new(m20261122_000016_policy::Migration),
            Box::new(m20261122_000017_holds::Migration),
            Box::new(m20261122_000018_reasons::Migration),
            Box::new(m20261122_000019_record_at::Migration),
            Box::new(m20261122_000020_holds::Migration),
            Box::new(m20261122_000021_changed_by_rule::Migration),
            Box::new(m20261122_000022_communities::Migration),
            Box::new(m20261122_000023_review::Migration),
            Box::new(m20261122_000024_complaints::Migration),
            Box::new(m20261122_000025_pass_cards::Migration),
            Box::new(m20261122_000026_venues::Migration),
            Box::new(m20261122_000027_organisations::Migration),
            Box::new(m20261122_000028_control_actions::Migration),
            Box::new(m20261122_000029_visits::Migration),
            Box::new(m20261122_000030_bulk::Migration),
            Box::new(m20261122_000031_checkpoints::Migration),
            Box::new(m20261122_000032_service_orders::Migration),
            Box::new(m20261122_000033_tracing::Migration),
            Box::new(m20261122_000034_permits::Migration),
            Box::new(m20261122_000035_roads::Migration),
            Box::new(m20261122_000036_vehicle_passes::Migration),
            Box::new(m20261122_000037_work::Migration),
            Box::new(m20261122_000039_uncounted::Migration),
            Box::new(m20261122_000041_aboard::Migration),
            Box::new(m20261122_000043_dropped_keys::Migration),
            Box::new(m20261122_000045_told::Migration),
            Box::new(m20261122_000047_fact_sources::Migration),
            Box::new(m20261123_000049_overrides::Migration),
            Box::new(m20261122_000051_transparency::Migration),
            Box::new(m20261122_000055_gates::Migration),
            Box::new(m20261122_000056_look_ups::Migration),
            Box::new(m20261122_000053_accused::Migration),
            Box::new(m20261123_000057_retention::Migration),
            Box::new(m20261123_000059_daily_counts::Migration),
        ]
    }
}
