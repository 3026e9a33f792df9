//! `overload`: sixteen times as many people at doors at once, none of whom is turned away.

use anyhow::Result;

use crate::{
    report::{self, By, Comparison},
    rounds,
    scans::{self, CONNECTIONS, Coming, PEOPLE},
    stage::{Memory, Stage},
};

/// People at doors at once.
const CROWD: usize = 4_096;

/// How long the slowest hundredth of the crowd may wait, in milliseconds.
const BOUND: f64 = 250.0;

/// The service with the usual number at doors, and with the crowd. Anything but a success is an error.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let places = scans::settle(stage).await?;
    let service = stage.service(Memory::Usual).await?;
    stage.share(&service).await?;
    scans::clear(stage).await?;
    let people = stage
        .people
        .bearers(&stage.db, &stage.vault, 0..PEOPLE, 0)
        .await?;
    let coming = Coming::to(&places);
    let turn = |connections| coming.turn_on(connections, "/v1/visits", &people);
    let mut contenders = [
        service.contender("scan", || turn(CONNECTIONS), scans::are_new),
        service.contender("scan, a crowd", || turn(CROWD), scans::are_new),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    let [usual, crowd] = records.as_slice() else {
        return Ok(());
    };
    println!(
        "  99 in 100 of the crowd waited {:.1} ms at the most",
        crowd.p99()
    );
    report::conclude(
        "overload",
        &[
            Comparison::new(crowd, usual, By::Rate, 0.75),
            Comparison::found(
                "250 ms for 99 in 100",
                By::Rate,
                BOUND / crowd.p99(),
                1.0,
                crowd.cpu(),
            ),
        ],
    );
    Ok(())
}
