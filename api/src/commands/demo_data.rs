//! People to try things with, in a development deployment that has nobody yet.

use anyhow::Context;
use entity::person;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{
    dev::Running,
    page::{Page, text},
};

/// Somebody made up. The numbers' check characters fit, and they are nobody's.
struct Invented {
    phone: &'static str,
    name: &'static str,
    document: &'static str,
    temperature: f64,
}

const PEOPLE: [Invented; 3] = [
    Invented {
        phone: "13900000001",
        name: "王芳",
        document: "310101199003070019",
        temperature: 36.5,
    },
    Invented {
        phone: "13900000002",
        name: "赵强",
        document: "11010519491231002X",
        temperature: 37.6,
    },
    Invented {
        phone: "13900000003",
        name: "陈静",
        document: "310101202002290022",
        temperature: 36.8,
    },
];

/// Log the invented people in, verify and declare for them, unless somebody is there. Returns their
/// phone numbers if they were added now.
pub async fn add(running: &Running) -> anyhow::Result<Vec<&'static str>> {
    if person::Entity::find().count(&running.deps().db).await? > 0 {
        return Ok(Vec::new());
    }
    for invented in &PEOPLE {
        add_one(running, invented)
            .await
            .context("adding demo data")?;
    }
    Ok(PEOPLE.iter().map(|invented| invented.phone).collect())
}

async fn add_one(running: &Running, invented: &Invented) -> anyhow::Result<()> {
    let mut page = Page::of(&running.base_url)?;
    let asked = page
        .post("/v1/login/sms-codes", json!({"phone": invented.phone}))
        .await?;
    let login = json!({
        "request_id": text(&asked, "/request_id")?,
        "phone": invented.phone,
        "code": running.mock.latest_sms_code(invented.phone).context("no SMS arrived")?,
        "accepted": page.accepted().await?,
    });
    let session = page.post("/v1/login/sms", login).await?;
    page.log_in(&session)?;
    let identity = json!({
        "name": invented.name,
        "document_kind": "resident_card",
        "document_number": invented.document,
    });
    page.put("/v1/me/identity", identity).await?;
    page.declare(&text(&session, "/person_id")?, invented.temperature)
        .await?;
    Ok(())
}
