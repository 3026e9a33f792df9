//! A vehicle pass: applied for with a route and hours, decided, carried, and checked without a network.

use std::path::Path;

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use super::{COUNTY, Page, Running, decode, say, staff, text, trusted_keys};
use crate::{
    credentials::permit::{self, PermitKind},
    documents::{self, Paper},
};

/// Where the pass to print is written, in the folder of the data.
const PAPER: &str = "demo-vehicle-pass.pdf";

/// A plate that nobody drives with, as people write it.
const PLATE: &str = "沪ａ·Ｄ12345";

/// The restricted section of the way.
const SECTION: &str = "310101-0001";

/// From the draft to the roadside. Where the pass is.
pub(super) async fn from_draft_to_roadside(
    running: &Running,
    reviewer: &Page,
    citizen: &Page,
    person: &str,
    folder: &Path,
) -> anyhow::Result<String> {
    say("A driver chooses a type of vehicle pass, and fills it in as they go");
    let application = fill_in(running, citizen, person).await?;
    let submission = format!("{application}/submission");
    let submitted = citizen.post(&submission, Value::Null).await?;
    println!(
        "   violations, people aboard and the way are checked; to be decided until {}",
        submitted["stage"]["until"]
    );
    staff::approve(reviewer, "vehicle_pass").await?;

    say("The pass is on the phone and on paper, with the same symbol");
    let granted = citizen.get(&application).await?;
    let pass = format!("/v1/vehicle-passes/{}", text(&granted, "/pass")?);
    let shown = citizen.get(&pass).await?;
    println!("   {} for {}", shown["number"], shown["vehicle"]["plate"]);
    let symbol = decode(&citizen.bytes(&format!("{pass}/picture")).await?)?;
    print(citizen, &pass, folder).await?;

    say("The police read plate and days from it where there is no network");
    let list = trusted_keys(running, citizen).await?;
    let now = running.clock.now();
    let read = permit::read_permit(&list, &symbol, now).context("the symbol")?;
    // Each showing is signed anew and says when: the texts differ, the permit does not.
    let on_screen = text(&shown, "/token")?;
    let on_screen = permit::read_permit(&list, &on_screen, now).context("the screen")?;
    ensure!(read == on_screen, "the symbol says another");
    ensure!(read.kind == PermitKind::Vehicle, "a permit of another kind");
    println!(
        "   {} {} until {}",
        read.face.number, read.face.holder, read.expires_at
    );
    Ok(pass)
}

/// See that the pass at `pass` is suspended, now that its driver is not green.
pub(super) async fn follows_the_driver(citizen: &Page, pass: &str) -> anyhow::Result<()> {
    say("The vehicle pass stands no longer than its driver is green");
    let shown = citizen.get(pass).await?;
    ensure!(shown["standing"] == "suspended", "got {shown}");
    println!("   {} is {}", shown["number"], shown["standing"]);
    Ok(())
}

/// Begin an application and fill it in; where it is.
async fn fill_in(running: &Running, citizen: &Page, person: &str) -> anyhow::Result<String> {
    let types = citizen.get("/v1/vehicle-pass-types").await?;
    let types = types["types"].as_array().context("no types")?;
    let kind = types.iter().find(|kind| kind["key"] == "livelihood");
    let kind = kind.context("no such type")?;
    println!(
        "   {}: {}",
        text(kind, "/title/en")?,
        text(kind, "/instructions/0/en")?
    );
    let begun = json!({"type": "livelihood", "division": COUNTY});
    let draft = citizen.post("/v1/vehicle-applications", begun).await?;
    let application = format!("/v1/vehicle-applications/{}", text(&draft, "/id")?);
    let scan = documents::png(&documents::Page::new(Paper::A6), 1.0)?;
    let licence = citizen.upload("image/png", scan).await?;
    let today = running.clock.today();
    let form = json!({
        "agreement": kind["agreement"]["version"],
        "vehicle": {"plate": PLATE, "plate_colour": "green_gradient"},
        "route": {"kind": "sections", "sections": [SECTION]},
        "hours": {
            "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": "22:00", "until": "06:00",
            "first": today, "last": today + TimeDelta::days(6),
        },
        "purpose": "夜间配送生活物资",
        "materials": [{"kind": "vehicle_licence", "upload": licence["id"]}],
    });
    let filled = citizen.put(&format!("{application}/form"), form).await?;
    println!(
        "   plate {} over {SECTION}, 22:00 to 06:00",
        filled["vehicle"]["plate"]
    );
    let people = format!("{application}/people");
    let driver = json!({"role": "driver", "person": person});
    citizen.post(&people, driver).await?;

    say("… and asks somebody to ride along who never answers: nothing is submitted for them");
    let passenger = json!({"role": "passenger", "phone": "13900000001"});
    let asked = citizen.post(&people, passenger).await?;
    let submission = format!("{application}/submission");
    let refused = citizen.status(Method::POST, &submission, Some(Value::Null));
    let refused = refused.await?;
    ensure!(refused == 409, "nobody was waited for: {refused}");
    println!("   {refused}");
    let place = format!("{people}/{}", text(&asked, "/id")?);
    citizen.answer(Method::DELETE, &place, None).await?;
    Ok(application)
}

async fn print(citizen: &Page, pass: &str, folder: &Path) -> anyhow::Result<()> {
    let pdf = citizen.bytes(&format!("{pass}/document")).await?;
    ensure!(pdf.starts_with(b"%PDF-"), "the paper is no PDF");
    let file = folder.join(PAPER);
    tokio::fs::write(&file, &pdf)
        .await
        .context("writing the pass")?;
    println!("   {} ({} bytes)", file.display(), pdf.len());
    Ok(())
}
