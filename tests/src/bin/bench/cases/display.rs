//! `display`: people who are known ask for their codes again and again.

use std::sync::Arc;

use anyhow::Result;
use entity::values::PersonId;

use crate::{
    codes::Inspector,
    gates,
    load::Requests,
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Stage},
};

/// People who ask.
pub(crate) const PEOPLE: usize = 1_000;

/// Where a person's code is shown.
pub(crate) fn path(person: PersonId) -> String {
    format!("/v1/people/{person}/health-code")
}

/// As in production, beside a bare route; and with nothing remembered, beside its components.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let mut comparisons = remembering(stage).await?;
    comparisons.extend(asking_redis(stage).await?);
    report::conclude("display", &comparisons);
    Ok(())
}

async fn remembering(stage: &Stage) -> Result<Vec<Comparison>> {
    let service = stage.service(Memory::Usual).await?;
    let inspector = Inspector::new(stage.key_list(&service).await?, &stage.people);
    let floor = stage.floor().await?;
    gates::check(stage, &service).await?;

    let requests = Requests::cycle(stage.requests(PEOPLE, path).await?);
    let mut contenders = [
        service.contender(
            "display",
            || Ok(Arc::clone(&requests)),
            |samples| inspector.inspect(samples),
        ),
        floor.plain(),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    let [display, plain] = records.as_slice() else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Comparison::new(display, plain, By::Rate, 0.70),
        Comparison::new(display, plain, By::Cpu, 0.60),
    ])
}

async fn asking_redis(stage: &Stage) -> Result<Vec<Comparison>> {
    let service = stage.service(Memory::None).await?;
    let inspector = Inspector::new(stage.key_list(&service).await?, &stage.people);
    let floor = stage.floor().await?;

    let requests = Requests::cycle(stage.requests(PEOPLE, path).await?);
    let mut contenders = [
        service.contender(
            "display, from redis",
            || Ok(Arc::clone(&requests)),
            |samples| inspector.inspect_new(samples),
        ),
        floor.display()?,
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    let [display, components] = records.as_slice() else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Comparison::new(display, components, By::Rate, 0.85),
        Comparison::new(display, components, By::Cpu, 0.80),
    ])
}
