//! `tongxing service-level`: how far the service reduces itself.

use chrono::TimeDelta;

use crate::{
    deps::Deps,
    service_level::{self, By},
};

/// Keep it between `levels` for `minutes`.
pub async fn order(
    deps: &Deps,
    levels: (u8, u8),
    minutes: u16,
    reason: &str,
) -> anyhow::Result<()> {
    let long = TimeDelta::minutes(minutes.into());
    service_level::order(deps, By::Operator, levels, long, reason).await?;
    let (at_least, at_most) = levels;
    println!("every instance keeps between level {at_least} and {at_most} within two seconds");
    Ok(())
}

/// Leave it to itself again.
pub async fn free(deps: &Deps) -> anyhow::Result<()> {
    service_level::free(deps, By::Operator).await?;
    println!("every instance goes up and down by what it sees");
    Ok(())
}
