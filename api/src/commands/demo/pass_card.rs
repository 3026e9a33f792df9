//! A health pass card: applied for, compared, decided by the community, printed, and checked.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{Page, Running, say, staff::Office, text};
use crate::commands::page::until;

/// The community where the citizen stays.
const COMMUNITY: &str = "310101002001";

/// Where the card to print is written, in the folder of the data.
const PAPER: &str = "demo-pass-card.pdf";

/// From the application to the gate.
pub(super) async fn from_application_to_gate(
    running: &Running,
    office: &Office,
    citizen: &Page,
    person: &str,
    folder: &Path,
) -> anyhow::Result<()> {
    say("Where to apply for a health pass card, and where to complain, is public");
    let directory = citizen.get("/v1/regions/310101/directory").await?;
    println!("   {}", directory["complaint_lines"]);

    say("The citizen applies at the community where they stay");
    let wanted = json!({"community": COMMUNITY, "confirmed_true": true});
    let path = format!("/v1/people/{person}/pass-applications");
    let filed = citizen.post(&path, wanted).await?;
    let path = format!("{path}/{}", text(&filed, "/id")?);
    let filed = until(async || {
        let application = citizen.get(&path).await?;
        Ok((application["stage"]["stage"] == "community").then_some(application))
    })
    .await?;
    let filed = filed.context("the data comparison does not answer")?;
    println!(
        "   {} was compared, and is to be decided until {}",
        filed["reference"], filed["stage"]["due_at"]
    );

    say("Two people make somebody the community's issuer, who signs in for duty");
    let who = ("网格员丙", "江畔示范社区");
    let issuer = office
        .appoint(running, who, "community_issuer", Some(COMMUNITY))
        .await?;
    issuer
        .post("/v1/staff/duty", json!({"community": COMMUNITY}))
        .await?;
    decide(&issuer).await?;

    say("The card is valid for fourteen days in the whole province");
    let card = citizen
        .get(&format!("/v1/people/{person}/pass-card"))
        .await?;
    println!("   {} until {}", card["number"], card["valid_until"]);
    print(citizen, person, folder).await?;
    at_the_gate(citizen, &text(&card, "/token")?).await
}

async fn decide(issuer: &Page) -> anyhow::Result<()> {
    say("… finds the case first in the inbox, calls the citizen, and approves");
    let inbox = issuer.get("/v1/staff/review/cases").await?;
    let case = text(&inbox, "/items/0/id")?;
    let path = format!("/v1/staff/review/cases/{case}");
    let call = json!({"means": "telephone", "result": "confirmed"});
    issuer.post(&format!("{path}/contacts"), call).await?;
    let approval = json!({"action": "approve"});
    issuer
        .post(&format!("{path}/actions"), approval.clone())
        .await?;
    let again = issuer
        .status(
            reqwest::Method::POST,
            &format!("{path}/actions"),
            Some(approval),
        )
        .await?;
    ensure!(again == 409, "it was decided twice: {again}");
    println!("   approved; a second time: {again}");
    Ok(())
}

async fn print(citizen: &Page, person: &str, folder: &Path) -> anyhow::Result<()> {
    let path = format!("/v1/people/{person}/pass-card/document?paper=a6");
    let pdf = citizen.bytes(&path).await?;
    ensure!(pdf.starts_with(b"%PDF-"), "the paper is no PDF");
    let file = folder.join(PAPER);
    tokio::fs::write(&file, &pdf)
        .await
        .context("writing the card")?;
    println!(
        "   {} ({} bytes) is as good as the phone",
        file.display(),
        pdf.len()
    );
    Ok(())
}

async fn at_the_gate(citizen: &Page, token: &str) -> anyhow::Result<()> {
    say("A gate lets its holder pass with a normal temperature, and not with a fever");
    for (temperature, decision) in [(36.5, "pass"), (37.8, "stop")] {
        let scanned = json!({"token": token, "temperature": temperature});
        let said: Value = citizen.post("/v1/passes/verify", scanned).await?;
        ensure!(said["decision"] == decision, "at {temperature}: {said}");
        println!("   {temperature} °C: {decision}");
    }
    Ok(())
}
