//! `tongxing regions`: when regions open, and with what.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use entity::values::Division;

use crate::{
    deps::Deps,
    platform::clock::CHINA,
    regions::{self, AccessPlan, Opening},
};

/// Open `division` at `opens_at`, and close it at `closes_at` if that is given, with the plan in the
/// TOML file `plan`, or with everything and without a word.
pub async fn open(
    deps: &Deps,
    division: Division,
    opens_at: DateTime<Utc>,
    closes_at: Option<DateTime<Utc>>,
    plan: Option<&Path>,
) -> anyhow::Result<()> {
    let plan = match plan {
        Some(path) => read_plan(path).await?,
        None => AccessPlan::default(),
    };
    let opening = Opening {
        division,
        opens_at,
        closes_at,
        plan,
    };
    regions::decide(deps, &opening).await?;
    println!("{}", line(&opening, deps.clock.now()));
    Ok(())
}

async fn read_plan(path: &Path) -> anyhow::Result<AccessPlan> {
    let text = tokio::fs::read_to_string(path)
        .await
        .with_context(|| format!("reading {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a plan", path.display()))
}

/// Print the decisions that stand.
pub async fn list(deps: &Deps) -> anyhow::Result<()> {
    let now = deps.clock.now();
    for decision in regions::decisions(deps).await? {
        println!("{}", line(&decision.opening, now));
    }
    println!("elsewhere: {:?}", deps.regions.default);
    Ok(())
}

fn line(opening: &Opening, now: DateTime<Utc>) -> String {
    let local = |at: DateTime<Utc>| at.with_timezone(&CHINA).to_rfc3339();
    let name = regions::full_name(&opening.division).unwrap_or_default();
    let closed = opening.closes_at.is_some_and(|at| at <= now);
    let state = match (opening.opens_at <= now, closed) {
        (_, true) => "closed",
        (true, false) => "open",
        (false, false) => "opens",
    };
    let until = opening
        .closes_at
        .map(|at| format!(" until {}", local(at)))
        .unwrap_or_default();
    format!(
        "{} {name}: {state} from {}{until}, offers {:?}",
        opening.division.code(),
        local(opening.opens_at),
        opening.plan.services
    )
}
