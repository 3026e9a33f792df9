//! `tongxing communities`: the public directory.

use std::path::Path;

use anyhow::{Context, bail};

use crate::{
    communities::{self, BroughtIn, Error, RowFlaw},
    deps::Deps,
};

/// Flaws that are printed, at the most.
const MOST_PRINTED: usize = 100;

/// Publish the communities in the CSV `path`, all of them or none. Says what is wrong, row by row.
pub async fn import(deps: &Deps, path: &Path) -> anyhow::Result<()> {
    let read = tokio::fs::read(path).await;
    let file = read.with_context(|| format!("reading {}", path.display()))?;
    match communities::bring_in(deps, &file).await {
        Ok(BroughtIn {
            added,
            changed,
            unchanged,
        }) => {
            println!("{added} communities added, {changed} changed, {unchanged} as they were");
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
    if let Some(more) = flaws
        .len()
        .checked_sub(MOST_PRINTED)
        .filter(|more| *more > 0)
    {
        eprintln!("… and {more} more");
    }
}
