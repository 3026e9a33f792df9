//! `tongxing demo`: the main job from start to end, over real HTTP, checked at every step.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value without that key gives null"
)]

mod door;
mod messages;
mod pass_card;
mod staff;
mod vehicle_pass;

use std::path::Path;

use anyhow::{Context, ensure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use self::staff::Office;
use super::{
    dev::Running,
    page::{Page, text},
};
use crate::credentials::{
    cose::VerifyingKey,
    key_list::KeyList,
    personal_code::{self, Skew},
};

/// Where the picture of the code is written, in the folder of the data.
const PICTURE: &str = "demo-code.png";

/// A citizen's synthetic identity: the number's check character fits, and it is nobody's.
const PHONE: &str = "13800138000";
/// Whose phone it is, as the mock calls them.
const OWNER: &str = "zhang";
const NAME: &str = "张小明";
const DOCUMENT: &str = "310101199003070019";

/// The county of the community where the citizen stays, and of the shop that they go to.
const COUNTY: &str = "310101";

/// Walk through log-in, declaration, check-in, code, pass card, venue code, vehicle pass and messages on `running`, printing what comes back.
///
/// # Errors
/// At the first thing that is not as it should be.
pub async fn run(running: &Running, folder: &Path) -> anyhow::Result<()> {
    let mut citizen = Page::of(&running.base_url)?;
    let person = log_in(running, &mut citizen).await?;
    become_green(&citizen, &person).await?;
    messages::by_sms(running, &citizen).await?;
    check_in(&citizen, &person).await?;
    show_and_verify(running, &citizen, &person, folder).await?;
    let office = Office::open(running, COUNTY).await?;
    pass_card::from_application_to_gate(running, &office, &citizen, &person, folder).await?;
    let reviewer = office.reviewer(running).await?;
    door::from_application_to_visit(running, &reviewer, &citizen, folder).await?;
    let pass =
        vehicle_pass::from_draft_to_roadside(running, &reviewer, &citizen, &person, folder).await?;
    through_other_doors(running, &citizen, &person).await?;
    messages::allow(running, &citizen).await?;
    for_a_grandmother(&citizen).await?;
    fever(&citizen, &person).await?;
    vehicle_pass::follows_the_driver(&citizen, &pass).await?;
    messages::in_wechat(running, &citizen, &person).await?;
    log_out(&citizen).await?;
    println!("\nAll of it came back as it should.");
    Ok(())
}

async fn log_in(running: &Running, citizen: &mut Page) -> anyhow::Result<String> {
    say("A citizen reads the terms and asks for a code by SMS");
    let accepted = citizen.accepted().await?;
    let asked = citizen
        .post("/v1/login/sms-codes", json!({"phone": PHONE}))
        .await?;
    let code = running
        .mock
        .latest_sms_code(PHONE)
        .context("no SMS arrived")?;
    println!("   the phone received a six-digit code");

    say("… and logs in with it");
    let body = json!({
        "request_id": text(&asked, "/request_id")?,
        "phone": PHONE,
        "code": code,
        "accepted": accepted,
    });
    let session = citizen.post("/v1/login/sms", body.clone()).await?;
    let status = citizen
        .status(Method::POST, "/v1/login/sms", Some(body))
        .await?;
    ensure!(
        status.is_client_error(),
        "the code was taken a second time: {status}"
    );
    citizen.log_in(&session)?;
    let person = text(&session, "/person_id")?;
    println!(
        "   person {person}, access token for {} s",
        session["expires_in"]
    );
    println!("   the same code a second time: {status}");
    Ok(person)
}

async fn become_green(citizen: &Page, person: &str) -> anyhow::Result<()> {
    say("The code is grey: nothing is known yet");
    let shown = citizen
        .get(&format!("/v1/people/{person}/health-code"))
        .await?;
    ensure!(
        shown["colour"] == "grey",
        "expected grey, got {}",
        shown["colour"]
    );
    print_code(&shown);

    say("Real name, checked with the registry");
    let identity = json!({
        "name": NAME, "document_kind": "resident_card", "document_number": DOCUMENT,
    });
    citizen.put("/v1/me/identity", identity).await?;
    let me = citizen.get("/v1/me").await?;
    ensure!(me["verified"] == true, "the registry did not vouch: {me}");
    println!(
        "   verified; shown to bystanders as {}",
        text(&me, "/identity/name")?
    );

    say("Declaration");
    let declared = citizen.declare(person, 36.5).await?;
    println!("   version {} is kept as declared", declared["version"]);

    say("The data comparison runs, and the code turns green");
    print_code(&citizen.until_colour(person, "green").await?);
    Ok(())
}

async fn check_in(citizen: &Page, person: &str) -> anyhow::Result<()> {
    say("Daily check-in: posted twice, it exists once");
    let path = format!("/v1/people/{person}/check-ins");
    let report = json!({"temperature": 36.6, "symptoms": []});
    let first = citizen.post(&path, report.clone()).await?;
    let again = citizen.post(&path, report).await?;
    ensure!(
        first["id"].is_string() && first["id"] == again["id"],
        "a second check-in was made"
    );
    println!("   {} on {}", first["id"], first["day"]);
    Ok(())
}

async fn show_and_verify(
    running: &Running,
    citizen: &Page,
    person: &str,
    folder: &Path,
) -> anyhow::Result<()> {
    say("The code as a picture, read again by an independent decoder");
    let png = citizen
        .bytes(&format!("/v1/people/{person}/health-code.png"))
        .await?;
    let path = folder.join(PICTURE);
    tokio::fs::write(&path, &png)
        .await
        .context("writing the picture")?;
    let token = decode(&png)?;
    println!("   {} ({} bytes) holds", path.display(), png.len());
    println!("   {token}");

    say("A verifier without a network checks it against the signed key list");
    verify_offline(running, citizen, &token).await?;

    say("A verifier online gets the live colour");
    let verdict = citizen.verify(&token).await?;
    ensure!(
        verdict["verdict"] == "valid" && verdict["colour"] == "green",
        "got {verdict}"
    );
    println!("   {} {}", verdict["verdict"], verdict["colour"]);
    let last = if token.ends_with('0') { '1' } else { '0' };
    let forged = format!("{}{last}", token.get(..token.len() - 1).unwrap_or_default());
    let verdict = citizen.verify(&forged).await?;
    ensure!(verdict["verdict"] == "invalid", "a changed code verified");
    println!("   one character changed: {}", verdict["verdict"]);
    Ok(())
}

async fn verify_offline(running: &Running, citizen: &Page, token: &str) -> anyhow::Result<()> {
    let list = trusted_keys(running, citizen).await?;
    let now = running.clock.now();
    let code = personal_code::verify(token, &list, now, Skew::Offline).context("the code")?;
    println!(
        "   signed by key {}, says {:?}, good until {}",
        code.kid, code.colour, code.expires_at
    );
    Ok(())
}

/// The published keys, which whoever pins the root believes.
async fn trusted_keys(running: &Running, citizen: &Page) -> anyhow::Result<KeyList> {
    let document = citizen.bytes("/v1/keys").await?;
    let (kid, public) = running.root_public_key().context("no root key")?;
    let root = VerifyingKey::new(kid, public)?;
    KeyList::verify(&document, &root, running.clock.now(), 0).context("the key list")
}

async fn through_other_doors(
    running: &Running,
    citizen: &Page,
    person: &str,
) -> anyhow::Result<()> {
    say("The same phone through WeChat and Alipay is the same person");
    let accepted = citizen.accepted().await?;
    let phone = running.mock.phone_of(OWNER);
    phone.set_number(PHONE)?;
    let wechat = json!({
        "app_id": miniapp_mock::dev::WECHAT_APP_ID,
        "login_code": phone.wechat_login_code(),
        "phone_code": phone.wechat_phone_code(),
        "accepted": accepted,
    });
    let alipay = json!({
        "app_id": miniapp_mock::dev::ALIPAY_APP_ID,
        "auth_code": phone.alipay_auth_code(),
        "phone_payload": phone.alipay_phone_payload()?,
        "accepted": accepted,
    });
    for (door, body) in [("wechat", wechat), ("alipay", alipay)] {
        let session = citizen.post(&format!("/v1/login/{door}"), body).await?;
        ensure!(session["person_id"] == person, "{door} made another person");
        println!("   {door}: person {}", session["person_id"]);
    }
    Ok(())
}

async fn for_a_grandmother(citizen: &Page) -> anyhow::Result<()> {
    say("A grandmother without a phone has a code too");
    let grandmother = json!({
        "name": "李秀英", "document_kind": "resident_card",
        "document_number": "11010519491231002X", "relationship": "elder",
    });
    let dependant = citizen.post("/v1/dependants", grandmother).await?;
    let elder = text(&dependant, "/person_id")?;
    citizen.declare(&elder, 36.2).await?;
    print_code(&citizen.until_colour(&elder, "green").await?);
    Ok(())
}

async fn fever(citizen: &Page, person: &str) -> anyhow::Result<()> {
    say("Fever turns the code yellow, with the reason");
    let shown = citizen
        .get(&format!("/v1/people/{person}/health-code"))
        .await?;
    let token = text(&shown, "/token")?;
    citizen.declare(person, 37.8).await?;
    print_code(&citizen.until_colour(person, "yellow").await?);
    let verdict = citizen.verify(&token).await?;
    ensure!(
        verdict["colour"] == "yellow",
        "the verifier saw {}",
        verdict["colour"]
    );
    println!("   the green code now verifies as {}", verdict["colour"]);
    Ok(())
}

async fn log_out(citizen: &Page) -> anyhow::Result<()> {
    say("Log-out ends the session at once");
    citizen
        .answer(Method::DELETE, "/v1/sessions/current", None)
        .await?;
    let status = citizen.status(Method::GET, "/v1/me", None).await?;
    ensure!(
        status == StatusCode::UNAUTHORIZED,
        "the access token still works: {status}"
    );
    println!("   the access token: {status}");
    Ok(())
}

/// Read the QR symbol in `png` with a decoder that shares nothing with the encoder.
fn decode(png: &[u8]) -> anyhow::Result<String> {
    let picture = image::load_from_memory(png)
        .context("not a picture")?
        .to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    let grids = prepared.detect_grids();
    let grid = grids.first().context("no QR symbol in the picture")?;
    let (_, content) = grid.decode().context("the QR symbol does not decode")?;
    Ok(content)
}

fn say(what: &str) {
    println!("\n{what}");
}

fn print_code(shown: &Value) {
    println!(
        "   {} {} for {}",
        shown["colour"], shown["colour_text"], shown["masked_name"]
    );
    for reason in shown["reasons"].as_array().into_iter().flatten() {
        println!(
            "   because {} ({}): {}",
            reason["code"], reason["rule"], reason["text"]
        );
        println!("   advice: {}", reason["advice"]);
    }
}
