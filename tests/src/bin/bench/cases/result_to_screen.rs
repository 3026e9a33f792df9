//! `result-to-screen`: how long after a file of test results was handed in those whom it concerns see
//! another colour, with a service that remembers what they showed.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use api::platform::{Clock, SystemClock, clock::CHINA};
use chrono::TimeDelta;
use entity::values::Colour;

use super::{display, import};
use crate::{
    codes, load,
    people::{PEOPLE, Person},
    report,
    stage::{Memory, Service, Stage},
};

/// Rows of the file: one for each of so many people.
const ROWS: u16 = 20_000;

/// One in so many of them is positive.
const POSITIVE_IN: usize = 100;

/// The longest that anybody may wait.
const TARGET: Duration = Duration::from_mins(1);

/// Between two looks at everybody's screen.
const LOOK: Duration = Duration::from_millis(50);

/// Import a file while those concerned look at their codes.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    // The last people: other cases begin with the first.
    let tested = PEOPLE - usize::from(ROWS)..PEOPLE;
    let members = stage.people.all.get(tested.clone()).context("nobody")?;
    let service = stage.service(Memory::Usual).await?;
    let bearers = stage.people.bearers(&stage.db, &stage.vault, tested, 0);
    let mut looking: Vec<Vec<u8>> = members
        .iter()
        .zip(bearers.await?)
        .step_by(POSITIVE_IN)
        .map(|(member, bearer)| load::get(&display::path(member.id), Some(&bearer)))
        .collect();
    for shown in codes::fetch(&service, &looking).await? {
        ensure!(
            shown.colour == Colour::Green,
            "somebody is not green before"
        );
    }

    let place = import::Place::make(stage).await?;
    let signed = place.keep("concerned.csv", &rows(members)?)?;
    let before = service.used(stage.meter)?;
    let started = Instant::now();
    let mut import = place.start(stage, &signed, false)?;
    let mut waited = Vec::new();
    while !looking.is_empty() {
        ensure!(
            started.elapsed() < 2 * TARGET,
            "{} still wait",
            looking.len()
        );
        tokio::time::sleep(LOOK).await;
        looking = still_green(&service, looking).await?;
        waited.resize(
            members.len().div_ceil(POSITIVE_IN) - looking.len(),
            started.elapsed(),
        );
    }
    ensure!(import.wait()?.success(), "the import failed");
    let used = service.used(stage.meter)?.saturating_sub(before);
    conclude(&waited, used);
    Ok(())
}

/// Those of `looking` whose codes show no other colour yet.
async fn still_green(service: &Service, looking: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>> {
    let shown = codes::fetch(service, &looking).await?;
    let colours: Vec<Colour> = shown.iter().map(|shown| shown.colour).collect();
    ensure!(
        colours
            .iter()
            .all(|colour| matches!(colour, Colour::Green | Colour::Red)),
        "a positive test shows {colours:?}"
    );
    let green = looking.into_iter().zip(colours);
    Ok(green
        .filter(|(_, colour)| *colour == Colour::Green)
        .map(|(request, _)| request)
        .collect())
}

/// One result for each of `members`, of a tube of their own.
fn rows(members: &[Person]) -> Result<String> {
    let time = |hours: i64| {
        let at = (SystemClock.now() - TimeDelta::hours(hours)).with_timezone(&CHINA);
        at.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    let (sampled, reported) = (time(9), time(1));
    let mut text = format!("{}\n", import::HEADER);
    for (at, _) in (PEOPLE - members.len()..).zip(members) {
        let positive = (at - (PEOPLE - members.len())).is_multiple_of(POSITIVE_IN);
        let result = if positive { "positive" } else { "negative" };
        writeln!(
            text,
            "passport,E{at:08},lab-one,S{at:08},1,{sampled},{reported},{result}"
        )?;
    }
    Ok(text)
}

fn conclude(waited: &[Duration], used: Duration) {
    let at = |part: usize| waited.get((waited.len() * part / 100).min(waited.len() - 1));
    let [half, most, worst] = [50, 99, 100].map(|part| at(part).copied().unwrap_or_default());
    println!(
        "  {} of {ROWS} people turned red: half within {half:.2?}, 99 of 100 within {most:.2?}, \
         all within {worst:.2?} of handing the file in",
        waited.len()
    );
    let ratio = worst.as_secs_f64() / TARGET.as_secs_f64();
    let each = used.as_secs_f64() * 1e6 / f64::from(ROWS);
    report::end("result-to-screen", ratio, each, 1.0, ratio <= 1.0);
}
