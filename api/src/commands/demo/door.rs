//! A venue code: asked for with the unit's certificate, granted by the district, printed, and scanned.

use std::path::Path;

use anyhow::{Context, ensure};
use miniapp_mock::{CertifiedUnit, LegalPerson};
use serde_json::json;

use super::{COUNTY, DOCUMENT, NAME, Page, Running, decode, say, staff, text};

/// Where the poster is written, in the folder of the data.
const POSTER: &str = "demo-venue-poster.pdf";

/// From the application of the shop to the visit of the citizen.
pub(super) async fn from_application_to_visit(
    running: &Running,
    reviewer: &Page,
    citizen: &Page,
    folder: &Path,
) -> anyhow::Result<()> {
    say("A company logs in with its legal-person certificate");
    let (unit, own) = log_in(running).await?;

    say("… asks for a venue code, and the district grants it");
    let shop = json!({
        "name": "人民广场书店", "category": "shop", "division": COUNTY, "address": "人民大道1号",
    });
    let asked = unit.post(&format!("{own}/venues"), shop).await?;
    let venue = text(&asked, "/venue")?;
    staff::approve(reviewer, "venue").await?;
    let venue = format!("{own}/venues/{venue}");
    let code = text(&unit.get(&venue).await?, "/code")?;
    print(&unit, &venue, &code, folder).await?;

    say("The citizen scans it: the visit is on record before the answer comes");
    let screen = format!("{venue}/screen");
    // The minute may end in between.
    let before = unit.get(&screen).await?;
    let visit = citizen.post("/v1/visits", json!({"code": code})).await?;
    let after = unit.get(&screen).await?;
    println!(
        "   {} at {}, word of the minute {}",
        visit["visitor"]["colour"], visit["venue"]["name"], visit["word"]["zh"]
    );
    ensure!(visit["visitor"]["colour"] == "green", "got {visit}");
    ensure!(
        [&before["word"], &after["word"]].contains(&&visit["word"]),
        "the screen says {}, not {}",
        after["word"],
        visit["word"]
    );
    let again = citizen.post("/v1/visits", json!({"code": code})).await?;
    ensure!(
        again["visitor"]["repeated"] == true,
        "it counts twice: {again}"
    );

    say("The shop sees how many came, and nobody's name");
    let today = unit.get(&format!("{venue}/records/today")).await?;
    println!("   {today}");
    Ok(())
}

/// A session of the company whose legal person the citizen is, and where its things are.
async fn log_in(running: &Running) -> anyhow::Result<(Page, String)> {
    let mut page = Page::of(&running.base_url)?;
    let with = json!({"certificate": "legal_person_certificate"});
    let begun = page
        .post("/v1/organisation-sessions/authorization", with)
        .await?;
    let company = CertifiedUnit {
        credit_code: "91310115MA1H7ABC80".into(),
        organisation_name: "上海浦江商贸有限公司".into(),
        legal_person: LegalPerson {
            name: NAME.into(),
            document_type: "resident_card".into(),
            document_number: DOCUMENT.into(),
        },
    };
    let back = running
        .mock
        .certify(&text(&begun, "/authorization_url")?, &company)?;
    let back = json!({"code": back.code, "state": back.state, "binding": begun["binding"]});
    let session = page.post("/v1/organisation-sessions", back).await?;
    page.log_in_as(text(&session, "/token")?);
    let own = format!("/v1/organisations/{}", text(&session, "/organisation")?);
    Ok((page, own))
}

async fn print(unit: &Page, venue: &str, code: &str, folder: &Path) -> anyhow::Result<()> {
    let png = unit.bytes(&format!("{venue}/code.png")).await?;
    ensure!(decode(&png)? == code, "the picture says something else");
    let poster = unit.bytes(&format!("{venue}/poster?paper=a4")).await?;
    ensure!(poster.starts_with(b"%PDF-"), "the poster is no PDF");
    let file = folder.join(POSTER);
    tokio::fs::write(&file, &poster)
        .await
        .context("writing the poster")?;
    println!("   {code}");
    println!("   {} ({} bytes)", file.display(), poster.len());
    Ok(())
}
