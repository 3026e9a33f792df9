//! `tongxing reconcile`: compare every permit with its record now.

use anyhow::bail;

use crate::{
    credentials::{self, FindingKey},
    deps::Deps,
};

/// Findings that are printed, at the most.
const MOST_PRINTED: u64 = 100;

/// Compare every permit with its record, and print what does not fit. An error if anything does not.
pub async fn run(deps: &Deps) -> anyhow::Result<()> {
    let run = credentials::reconcile(deps).await?;
    println!(
        "{} permits compared, {} findings",
        run.permits, run.findings
    );
    if run.findings == 0 {
        return Ok(());
    }
    let from: Option<FindingKey> = None;
    let found = credentials::findings(deps, run.id, from, MOST_PRINTED).await?;
    for found in found.unwrap_or_default() {
        let fault = serde_json::to_value(found.fault)?;
        let fault = fault.as_str().unwrap_or_default();
        println!("{} {} {fault}", found.kind.name(), found.record);
    }
    bail!(
        "permits do not match their records: see comparison {}",
        run.id.0
    )
}
