//! `tongxing demo`: the main job from start to end, over real HTTP, checked at every step.

use std::{path::Path, time::Duration};

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};

use super::dev::Running;
use crate::credentials::{
    cose::VerifyingKey,
    key_list::KeyList,
    personal_code::{self, Skew},
};

/// Where the picture of the code is written, in the folder of the data.
const PICTURE: &str = "demo-code.png";

/// Tries until the comparison must have run, and the pause between two.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

/// A citizen's synthetic identity: the number's check character fits, and it is nobody's.
const PHONE: &str = "13800138000";
const NAME: &str = "张小明";
const DOCUMENT: &str = "310101199003070019";

/// Walk through log-in, declaration, check-in and code on `running`, printing what comes back.
///
/// # Errors
/// At the first thing that is not as it should be.
pub async fn run(running: &Running, folder: &Path) -> anyhow::Result<()> {
    let mut citizen = Caller::new(running)?;

    say("1", "A citizen reads the terms and asks for a code by SMS");
    let accepted = citizen.accepted().await?;
    let asked = citizen
        .post("/v1/login/sms-codes", json!({"phone": PHONE}))
        .await?;
    let code = running
        .mock
        .latest_sms_code(PHONE)
        .context("no SMS arrived")?;
    println!("     the phone received a six-digit code");

    say("2", "… and logs in with it");
    let request_id = text(&asked, "/request_id")?;
    let login =
        json!({"request_id": request_id, "phone": PHONE, "code": code, "accepted": accepted});
    let session = citizen.post("/v1/login/sms", login.clone()).await?;
    citizen.log_in(&session)?;
    let person = text(&session, "/person_id")?;
    println!(
        "     person {person}, access token for {} s",
        session["expires_in"]
    );
    citizen
        .refused(
            Method::POST,
            "/v1/login/sms",
            Some(login),
            StatusCode::UNAUTHORIZED,
        )
        .await?;
    println!("     the same code a second time: refused");

    say("3", "The code is grey: nothing is known yet");
    let shown = citizen
        .get(&format!("/v1/people/{person}/health-code"))
        .await?;
    ensure!(
        shown["colour"] == "grey",
        "expected grey, got {}",
        shown["colour"]
    );
    print_code(&shown);

    say("4", "Real name, checked with the registry");
    let identity =
        json!({"name": NAME, "document_kind": "resident_card", "document_number": DOCUMENT});
    citizen.put("/v1/me/identity", identity).await?;
    println!(
        "     verified; shown to bystanders as {}",
        citizen.get("/v1/me").await?["masked_name"]
    );

    say("5", "Declaration");
    let declared = citizen
        .post(
            &format!("/v1/people/{person}/declarations"),
            declaration(36.5),
        )
        .await?;
    println!("     version {} kept as declared", declared["version"]);

    say("6", "The data comparison runs, and the code turns green");
    let shown = citizen.until_colour(&person, "green").await?;
    print_code(&shown);

    say("7", "Daily check-in, posted twice, exists once");
    let check_ins = format!("/v1/people/{person}/check-ins");
    let report = json!({"temperature": 36.6, "symptoms": []});
    let first = citizen.post(&check_ins, report.clone()).await?;
    let again = citizen.post(&check_ins, report).await?;
    ensure!(first["id"] == again["id"], "a second check-in was made");
    println!("     {} on {}", first["id"], first["day"]);

    say(
        "8",
        "The code as a picture, decoded again by an independent decoder",
    );
    let png = citizen
        .bytes(&format!("/v1/people/{person}/health-code.png"))
        .await?;
    let path = folder.join(PICTURE);
    tokio::fs::write(&path, &png)
        .await
        .context("writing the picture")?;
    let token = decode(&png)?;
    println!(
        "     {} ({} bytes) holds {}…",
        path.display(),
        png.len(),
        token.get(..24).unwrap_or_default()
    );

    say(
        "9",
        "A verifier without a network checks it against the signed key list",
    );
    verify_offline(running, &citizen, &token).await?;

    say("10", "A verifier online gets the live colour");
    let verdict = citizen
        .post("/v1/codes/verify", json!({"token": token}))
        .await?;
    ensure!(
        verdict["verdict"] == "valid" && verdict["colour"] == "green",
        "the code did not verify"
    );
    println!("     {} {}", verdict["verdict"], verdict["colour"]);
    let forged = format!("{}0", token.get(..token.len() - 1).unwrap_or_default());
    let verdict = citizen
        .post("/v1/codes/verify", json!({"token": forged}))
        .await?;
    ensure!(verdict["verdict"] == "invalid", "a changed code verified");
    println!("     one character changed: {}", verdict["verdict"]);

    say(
        "11",
        "The same phone through WeChat and Alipay is the same person",
    );
    through_other_doors(running, &citizen, &accepted, &person).await?;

    say("12", "A grandmother without a phone");
    let grandmother = json!({
        "name": "李秀英", "document_kind": "resident_card",
        "document_number": "11010519491231002X", "relationship": "elder",
    });
    let dependant = citizen.post("/v1/dependants", grandmother).await?;
    let elder = text(&dependant, "/person_id")?;
    citizen
        .post(
            &format!("/v1/people/{elder}/declarations"),
            declaration(36.2),
        )
        .await?;
    print_code(&citizen.until_colour(&elder, "green").await?);

    say("13", "Fever turns the code yellow, with the reason");
    citizen
        .post(
            &format!("/v1/people/{person}/declarations"),
            declaration(37.8),
        )
        .await?;
    print_code(&citizen.until_colour(&person, "yellow").await?);
    let verdict = citizen
        .post("/v1/codes/verify", json!({"token": token}))
        .await?;
    ensure!(
        verdict["colour"] == "yellow",
        "the verifier saw {}, not the live colour",
        verdict["colour"]
    );
    println!(
        "     the picture from step 8 now verifies as {}",
        verdict["colour"]
    );

    say("14", "Log-out ends the session at once");
    citizen.delete("/v1/sessions/current").await?;
    citizen
        .refused(Method::GET, "/v1/me", None, StatusCode::UNAUTHORIZED)
        .await?;
    println!("     the access token is refused");

    println!("\nAll of it came back as it should.");
    Ok(())
}

async fn verify_offline(running: &Running, citizen: &Caller, token: &str) -> anyhow::Result<()> {
    let document = citizen.bytes("/v1/keys").await?;
    let now = running.clock.now();
    let (kid, public) = running.root_public_key().context("no root key")?;
    let root = VerifyingKey::new(kid, public)?;
    let list = KeyList::verify(&document, &root, now, 0).context("the key list")?;
    let code = personal_code::verify(token, &list, now, Skew::Offline).context("the code")?;
    println!(
        "     signed by key {}, says {:?}, good until {}",
        code.kid, code.colour, code.expires_at
    );
    Ok(())
}

async fn through_other_doors(
    running: &Running,
    citizen: &Caller,
    accepted: &Value,
    person: &str,
) -> anyhow::Result<()> {
    let phone = running.mock.phone_of("zhang");
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
        println!("     {door}: person {}", session["person_id"]);
    }
    Ok(())
}

fn declaration(temperature: f64) -> Value {
    json!({
        "division": "310101",
        "address": "人民大道 1 号",
        "health": {"temperature": temperature, "symptoms": []},
        "residence": [],
        "contact": {"with_case": false, "with_risk_area": false},
        "confirmed_true": true,
    })
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

fn say(step: &str, what: &str) {
    println!("\n{step:>3}. {what}");
}

fn print_code(shown: &Value) {
    println!(
        "     {} {} for {}",
        shown["colour"], shown["colour_text"], shown["masked_name"]
    );
    for reason in shown["reasons"].as_array().into_iter().flatten() {
        println!(
            "     because {} ({}): {}",
            reason["code"], reason["rule"], reason["text"]
        );
        println!("     advice: {}", reason["advice"]);
    }
}

fn text(body: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = body.pointer(pointer).and_then(Value::as_str);
    found
        .map(ToOwned::to_owned)
        .with_context(|| format!("{pointer} is missing"))
}

/// A page's way of calling the service.
struct Caller {
    http: Client,
    base: String,
    bearer: Option<String>,
}

impl Caller {
    fn new(running: &Running) -> anyhow::Result<Self> {
        let http = Client::builder()
            .timeout(Duration::from_secs(10))
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            base: running.base_url.clone(),
            bearer: None,
        })
    }

    fn log_in(&mut self, session: &Value) -> anyhow::Result<()> {
        self.bearer = Some(text(session, "/access_token")?);
        Ok(())
    }

    async fn accepted(&self) -> anyhow::Result<Value> {
        let terms = self.get("/v1/terms").await?;
        Ok(json!({
            "terms": text(&terms, "/terms/version")?,
            "privacy": text(&terms, "/privacy/version")?,
        }))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Response> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .header("accept-language", "en");
        if method == Method::POST {
            request = request.header("idempotency-key", self.fresh_key());
        }
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Ok(request.send().await?)
    }

    fn fresh_key(&self) -> String {
        use crate::platform::{Entropy, OsEntropy};
        OsEntropy.id().to_string()
    }

    async fn answer(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let response = self.send(method.clone(), path, body).await?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            bail!(
                "{method} {path}: {status}: {}",
                String::from_utf8_lossy(&body)
            );
        }
        if body.is_empty() {
            Ok(Value::Null)
        } else {
            Ok(serde_json::from_slice(&body)?)
        }
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(Method::POST, path, Some(body)).await
    }

    async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(Method::PUT, path, Some(body)).await
    }

    async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(Method::DELETE, path, None).await
    }

    async fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let response = self
            .send(Method::GET, path, None)
            .await?
            .error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    async fn refused(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: StatusCode,
    ) -> anyhow::Result<()> {
        let status = self.send(method, path, body).await?.status();
        ensure!(
            status == expected,
            "{path}: expected {expected}, got {status}"
        );
        Ok(())
    }

    /// Ask for the code until it shows `colour`.
    async fn until_colour(&self, person: &str, colour: &str) -> anyhow::Result<Value> {
        for _ in 0..TRIES {
            let shown = self
                .get(&format!("/v1/people/{person}/health-code"))
                .await?;
            if shown["colour"] == colour {
                return Ok(shown);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("the code did not turn {colour}")
    }
}
