//! `png`: codes as pictures, for pages that cannot draw.

use std::sync::Arc;

use anyhow::Result;

use super::display;
use crate::{
    codes::Inspector,
    load::Requests,
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Stage},
};

/// A new picture at every request, beside the code without a picture and beside a picture drawn the
/// usual way.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let service = stage.service(Memory::None).await?;
    let inspector = Inspector::new(stage.key_list(&service).await?, &stage.people);
    let floor = stage.floor().await?;
    let picture = |person| format!("/v1/people/{person}/health-code.png?scale=6");
    let pictures = Requests::cycle(stage.requests(display::PEOPLE, picture).await?);
    let codes = Requests::cycle(stage.requests(display::PEOPLE, display::path).await?);
    let mut contenders = [
        service.contender(
            "png",
            || Ok(Arc::clone(&pictures)),
            |samples| inspector.inspect_pictures(samples),
        ),
        service.contender(
            "display, from redis",
            || Ok(Arc::clone(&codes)),
            |samples| inspector.inspect(samples),
        ),
        floor.png(),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    if let [png, display, usual] = records.as_slice() {
        let comparisons = [
            Comparison::new(png, display, By::Cpu, 0.85),
            Comparison::new(png, usual, By::Cpu, 15.0),
        ];
        report::conclude("png", &comparisons);
    }
    Ok(())
}
