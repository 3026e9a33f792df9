//! `display-cold`: everybody at once, nobody known to this process.

use std::sync::Arc;

use anyhow::Result;

use super::display::path;
use crate::{
    codes::Inspector,
    load::Requests,
    people::PEOPLE,
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Stage},
};

/// Tokens of one person: more requests than the rounds can use up.
const GENERATIONS: i64 = 4;

/// Every token new to the process, session and snapshot from Redis, beside the components.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let service = stage.service(Memory::None).await?;
    stage.share(&service).await?;
    drop(service);

    let service = stage.restarted_service(Memory::None).await?;
    let inspector = Inspector::new(stage.key_list(&service).await?, &stage.people);
    let floor = stage.floor().await?;
    let mut requests = Vec::new();
    for generation in 0..GENERATIONS {
        requests.extend(stage.requests_of(PEOPLE, generation, path).await?);
    }
    let requests = Requests::once(requests);
    let mut contenders = [
        service.contender(
            "display-cold",
            || Ok(Arc::clone(&requests)),
            |samples| inspector.inspect_new(samples),
        ),
        floor.display_cold()?,
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    println!(
        "  {PEOPLE} people, {} tokens, each used once",
        requests.asked()
    );
    report::explain(&records);
    if let [cold, components] = records.as_slice() {
        let comparison = Comparison::new(cold, components, By::Cpu, 0.80);
        report::conclude("display-cold", &[comparison]);
    }
    Ok(())
}
