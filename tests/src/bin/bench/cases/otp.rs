//! `otp`: one-time codes, sent to numbers that were never sent one.

use anyhow::{Result, ensure};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    load::Sample,
    phones::Phones,
    report::{self, By, Comparison},
    rounds,
    stage::{Memory, Stage},
};

/// Where codes are asked for.
const PATH: &str = "/v1/login/sms-codes";

/// What whoever asked is told.
#[derive(Debug, Deserialize)]
struct Sent {
    request_id: Uuid,
}

/// Every quota counted, a code kept and handed to a gateway, beside counting alone.
///
/// What is measured is sending, not HTTP: the target stands for a gateway that costs nothing. The
/// service calls one over HTTP as in production, so the floor shows what such a call takes at the
/// least, and so much is taken off. What our own client adds to that, with its deadline, breaker and
/// signature, is counted as ours.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    let service = stage.service(Memory::Usual).await?;
    let floor = stage.floor().await?;
    let phones = Phones::default();
    let before = stage.gateway.accepted();
    let mut contenders = [
        service.contender("otp", || Ok(phones.requests(PATH)), are_sent),
        floor.otp(|| Ok(phones.requests("/otp"))),
        floor.otp_and_call(|| Ok(phones.requests("/otp-and-call"))),
    ];
    let records = rounds::run(stage.meter, &mut contenders).await?;
    report::explain(&records);
    if let [otp, counting, calling] = records.as_slice() {
        let sent = stage.gateway.accepted() - before;
        let said = otp.answered + calling.answered;
        ensure!(
            sent == said,
            "{said} codes are said to be sent, the gateway got {sent}"
        );
        let sending = otp.without("otp, call not counted", calling, counting);
        let comparison = Comparison::new(&sending, counting, By::Cpu, 0.50);
        report::conclude("otp", &[comparison]);
    }
    Ok(())
}

fn are_sent(samples: &[Sample]) -> Result<()> {
    samples.iter().try_for_each(|sample| {
        let sent: Sent = serde_json::from_slice(&sample.body)?;
        ensure!(!sent.request_id.is_nil(), "a request without a name");
        Ok(())
    })
}
