//! `tongxing migrate`: bring the schema up to date.

use anyhow::{Context, anyhow};
use migration::grant_to_service;

use crate::platform::db::{self, DatabaseSettings};

/// Apply the changes that are pending; none is a success. With `service_role`, give that role what
/// the service needs, and no more: to the audit log it may only append (S28).
///
/// Run by the role that owns the tables.
pub async fn run(settings: &DatabaseSettings, service_role: Option<&str>) -> anyhow::Result<()> {
    db::migrate(settings).await.context("migrating")?;
    tracing::info!("the schema is up to date");
    let Some(role) = service_role else {
        return Ok(());
    };
    let db = db::connect(settings)
        .await
        .context("opening the database")?;
    grant_to_service(&db, role)
        .await
        .context("granting to the service's role")?
        .map_err(|_| anyhow!("the role is not a plain lower-case name"))?;
    tracing::info!(role, "{role} may run the service");
    db.close().await.context("closing the database")
}
