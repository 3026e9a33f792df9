//! `tongxing templates` and `tongxing notifications`: what platforms approved, and what could not be
//! sent.

use std::path::Path;

use anyhow::{Context, ensure};
use entity::values::NotificationId;
use uuid::Uuid;

use crate::{
    deps::Deps,
    notifications::{self, templates},
};

/// Dead notifications that are listed at a time.
const LISTED: u64 = 1_000;

async fn read(path: &Path) -> anyhow::Result<String> {
    tokio::fs::read_to_string(path)
        .await
        .with_context(|| format!("reading {}", path.display()))
}

/// Check the templates in the file at `path`. Needs no database.
pub async fn check_templates(path: &Path) -> anyhow::Result<()> {
    let checked = templates::check(&read(path).await?)?;
    println!("{} templates are in order", checked.len());
    Ok(())
}

/// Save the templates in the file at `path`: all of them, or none.
pub async fn save_templates(deps: &Deps, path: &Path) -> anyhow::Result<()> {
    let saved = templates::save(deps, &read(path).await?).await?;
    println!("{saved} templates were saved");
    Ok(())
}

/// Print the templates that are saved.
pub async fn list_templates(deps: &Deps) -> anyhow::Result<()> {
    for template in templates::all(deps).await? {
        let texts: Vec<String> = template
            .texts
            .iter()
            .map(|slot| format!("{} = {:?}", slot.key, slot.text))
            .collect();
        println!(
            "{:?} {:?} {} {:?} {}: {}",
            template.kind,
            template.channel,
            template.app_id,
            template.language,
            template.template_id,
            texts.join(", ")
        );
    }
    Ok(())
}

/// Print the notifications that were tried too often.
pub async fn list_dead(deps: &Deps) -> anyhow::Result<()> {
    for row in notifications::dead(deps, LISTED).await? {
        println!(
            "{} {:?} of {}, {} tries, last: {}",
            row.id,
            row.kind,
            row.created_at,
            row.attempts,
            row.outcome.as_deref().unwrap_or("none")
        );
    }
    Ok(())
}

/// Have the dead notification `id` be tried again.
pub async fn retry(deps: &Deps, id: Uuid) -> anyhow::Result<()> {
    let retried = notifications::retry(deps, NotificationId(id)).await?;
    ensure!(retried, "no dead notification has this id");
    println!("{id} will be tried again");
    Ok(())
}
