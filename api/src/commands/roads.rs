//! `tongxing roads`: the catalogue of sections.

use std::path::Path;

use anyhow::{Context, bail};

use crate::{
    deps::Deps,
    roads::{self, BroughtIn, Error, RowFlaw},
};

/// Flaws that are printed, at the most.
const MOST_PRINTED: usize = 100;

/// Decide on the sections in the CSV `path`, all of them or none. Says what is wrong, row by row.
pub async fn import(deps: &Deps, path: &Path) -> anyhow::Result<()> {
    let read = tokio::fs::read(path).await;
    let file = read.with_context(|| format!("reading {}", path.display()))?;
    match roads::bring_in(deps, &file).await {
        Ok(BroughtIn { decided, unchanged }) => {
            println!("{decided} sections decided on, {unchanged} as they were");
            Ok(())
        }
        Err(Error::File(flaws)) => {
            print(&flaws);
            bail!("nothing is kept: {} flaws", flaws.len());
        }
        Err(error) => Err(error.into()),
    }
}

fn print(flaws: &[RowFlaw]) {
    for flaw in flaws.iter().take(MOST_PRINTED) {
        eprintln!("{flaw}");
    }
    let more = flaws.len().saturating_sub(MOST_PRINTED);
    if more > 0 {
        eprintln!("and {more} more");
    }
}
