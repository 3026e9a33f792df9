//! `tongxing openapi`: the document of the served routes.

use std::{fs, path::Path};

use anyhow::{Context, ensure};

/// Print `document`, or compare it with the file at `checked_in`.
pub fn run(document: &str, checked_in: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = checked_in else {
        print!("{document}");
        return Ok(());
    };
    let found = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    ensure!(
        found == document,
        "{0} is not what the routes say; run `tongxing openapi > {0}`",
        path.display()
    );
    Ok(())
}
