//! `verify`: a checkpoint that is on line.

use std::{
    cell::RefCell,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use entity::values::Colour;
use serde::Deserialize;

use super::display;
use crate::{
    codes,
    load::{self, Requests, Sample},
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Service, Stage},
};

/// People who show their codes.
const PEOPLE: usize = 10_000;

/// Codes are good for a minute, and older ones are not verified here.
const YOUNG: Duration = Duration::from_secs(30);

/// Where codes are verified.
const PATH: &str = "/v1/codes/verify";

/// What a verifier is told.
#[derive(Debug, Deserialize)]
struct Verification {
    verdict: String,
    colour: Option<Colour>,
}

/// Young codes, for both contenders.
#[derive(Debug)]
struct Shelf {
    codes: Vec<String>,
    filled: Option<Instant>,
}

impl Shelf {
    async fn refill(&mut self, service: &Service, people: &[Vec<u8>]) -> Result<bool> {
        if self.filled.is_some_and(|filled| filled.elapsed() < YOUNG) {
            return Ok(false);
        }
        self.filled = Some(Instant::now());
        let shown = codes::fetch(service, people).await?;
        self.codes = shown.into_iter().map(codes::Shown::into_token).collect();
        Ok(true)
    }
}

/// Codes that the service issued, with the live colour from Redis, beside signature check and
/// look-up.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let service = stage.service(Memory::None).await?;
    let floor = stage.floor().await?;
    stage.share(&service).await?;
    let people = stage.requests(PEOPLE, display::path).await?;
    refuse_forgeries(&service, &people).await?;

    let mut shelf = Shelf {
        codes: Vec::new(),
        filled: None,
    };
    let [ours, theirs] =
        [PATH, "/verify"].map(|path| (path, RefCell::new(Requests::once(Vec::new()))));
    let prepare = async || {
        if shelf.refill(&service, &people).await? {
            for (path, requests) in [&ours, &theirs] {
                let posts = shelf.codes.iter().map(|code| post(path, code)).collect();
                requests.replace(Requests::cycle(posts));
            }
        }
        Ok(())
    };
    let mut contenders = [
        service.contender("verify", || Ok(Arc::clone(&ours.1.borrow())), are_green),
        floor.verify(|| Ok(Arc::clone(&theirs.1.borrow()))),
    ];
    let records = rounds::run_after(prepare, stage.meter, &mut contenders).await?;
    report::explain(&records);
    if let [verify, components] = records.as_slice() {
        let comparison = Comparison::new(verify, components, By::Cpu, 0.80);
        report::conclude("verify", &[comparison]);
    }
    Ok(())
}

fn post(path: &str, code: &str) -> Vec<u8> {
    load::post(path, &format!(r#"{{"token":"{code}"}}"#))
}

fn are_green(samples: &[Sample]) -> Result<()> {
    samples.iter().try_for_each(|sample| {
        let said: Verification = serde_json::from_slice(&sample.body)?;
        ensure!(said.verdict == "valid", "a good code is {}", said.verdict);
        ensure!(
            said.colour == Some(Colour::Green),
            "a green code is {:?}",
            said.colour
        );
        Ok(())
    })
}

/// A code that nobody signed is invalid, whatever it says.
async fn refuse_forgeries(service: &Service, people: &[Vec<u8>]) -> Result<()> {
    let Some(first) = people.first() else {
        bail!("nobody")
    };
    let mut shown = codes::fetch(service, std::slice::from_ref(first)).await?;
    let mut forged = shown
        .pop()
        .map(codes::Shown::into_token)
        .unwrap_or_default();
    let last = forged.pop();
    forged.push(if last == Some('0') { '1' } else { '0' });
    let answer = load::ask(service.address, &post(PATH, &forged)).await?;
    let said: Verification = serde_json::from_slice(&answer.body)?;
    ensure!(
        said.verdict == "invalid",
        "a forged code is {}",
        said.verdict
    );
    Ok(())
}
