//! `tongxing audit-log`: whether what was recorded is as it was recorded.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::{
    credentials::note::{Checkpoint, Note},
    platform::db::{self, DatabaseSettings},
    transparency,
};

/// Findings that are printed, at the most.
const MOST_PRINTED: usize = 100;

/// Compare each entry of the audit log with its leaf in the log, the leaves with the tree, and the tree with what
/// was signed of it: the checkpoints that are kept here, and those in `held`, which somebody kept outside. Prints
/// what does not fit; an error if anything does not.
///
/// Run by a role that may read the audit log, which the service's may not.
pub async fn check(settings: &DatabaseSettings, held: &[PathBuf]) -> anyhow::Result<()> {
    let mut roots = Vec::new();
    for path in held {
        let text = tokio::fs::read_to_string(path)
            .await
            .with_context(|| format!("reading {}", path.display()))?;
        let checkpoint = Note::read(&text).and_then(|note| Checkpoint::read(&note.text));
        let checkpoint =
            checkpoint.with_context(|| format!("{} is no checkpoint", path.display()))?;
        roots.push((checkpoint.size, checkpoint.root));
    }
    let db = db::connect(settings)
        .await
        .context("opening the database")?;
    let checked = transparency::check(&db, &roots)
        .await
        .context("comparing the audit log with the log")?;
    db.close().await.context("closing the database")?;
    println!(
        "{} entries compared, {} wait for their place, {} are older than the log, {} findings",
        checked.leaves,
        checked.waiting,
        checked.older,
        checked.findings.len()
    );
    for finding in checked.findings.iter().take(MOST_PRINTED) {
        println!("{finding}");
    }
    if !checked.findings.is_empty() {
        bail!("the audit log is not what was recorded");
    }
    Ok(())
}
