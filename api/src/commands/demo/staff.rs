//! Members of staff of the demo: invited, given a role by two people, and logged in with an app.

use anyhow::{Context, anyhow};
use chrono::TimeDelta;
use entity::values::{Division, PersonName, Role};
use miniapp_mock::authenticator::totp;
use serde_json::{Value, json};

use super::{Page, Running, text};
use crate::staff::{self, Newcomer};

/// What somebody is handed who is invited.
struct Invitation {
    account: String,
    handle: String,
    secret: String,
}

/// The two who together make somebody of a county what they are.
pub(super) struct Office {
    admin: Page,
    approver: Page,
    county: String,
}

impl Office {
    /// That of `county`, whose administrator and approver the command line appoints.
    pub(super) async fn open(running: &Running, county: &str) -> anyhow::Result<Self> {
        Ok(Self {
            admin: first(running, "管理员甲", county, Role::RegionAdmin).await?,
            approver: first(running, "审批员乙", county, Role::GrantApprover).await?,
            county: county.to_owned(),
        })
    }

    /// Somebody who decides cases of the county.
    pub(super) async fn reviewer(&self, running: &Running) -> anyhow::Result<Page> {
        let who = ("审核员丁", "示范区防控办");
        self.appoint(running, who, "reviewer", None).await
    }

    /// Let somebody of `unit` be `role`, in all of the county or for the one `community`. They are logged in.
    pub(super) async fn appoint(
        &self,
        running: &Running,
        (name, unit): (&str, &str),
        role: &str,
        community: Option<&str>,
    ) -> anyhow::Result<Page> {
        let newcomer = json!({"name": name, "unit": unit, "division": self.county});
        let invited = self.admin.post("/v1/staff/accounts", newcomer).await?;
        let invited = Invitation {
            account: text(&invited, "/account_id")?,
            handle: text(&invited, "/handle")?,
            secret: text(&invited, "/enrolment_secret")?,
        };
        let now = running.clock.now();
        let mut wanted = json!({
            "account_id": invited.account, "role": role, "division": self.county,
            "starts_at": now, "ends_at": now + TimeDelta::days(30),
        });
        if let Some(community) = community {
            wanted["community"] = community.into();
        }
        let grant = self.admin.post("/v1/staff/grants", wanted).await?;
        let path = format!("/v1/staff/grants/{}/approval", text(&grant, "/grant_id")?);
        self.approver.post(&path, json!({})).await?;
        enrolled(running, &invited).await
    }
}

/// Have `reviewer` approve the one open case about `subject`.
pub(super) async fn approve(reviewer: &Page, subject: &str) -> anyhow::Result<()> {
    let inbox = reviewer.get("/v1/staff/review/cases").await?;
    let cases = inbox["items"].as_array().context("no inbox")?;
    let case = cases.iter().find(|case| case["subject"] == subject);
    let case = case.with_context(|| format!("no case of a {subject}"))?;
    let case = text(case, "/id")?;
    let path = format!("/v1/staff/review/cases/{case}/actions");
    let done = reviewer.post(&path, json!({"action": "approve"})).await?;
    println!("   case {case}: {}", done["outcome"]);
    Ok(())
}

/// The first of a county who may be `role`, as the command line appoints them.
async fn first(running: &Running, name: &str, county: &str, role: Role) -> anyhow::Result<Page> {
    let newcomer = Newcomer {
        name: PersonName::parse(name)?,
        unit: "示范区卫健局".to_owned(),
        division: Division::try_from(county.to_owned())?,
    };
    let invited = staff::appoint(running.deps(), &newcomer, role).await?;
    let invited = Invitation {
        account: invited.account.to_string(),
        handle: invited.handle,
        secret: invited.secret.reveal().to_owned(),
    };
    enrolled(running, &invited).await
}

/// Enrol the app on the phone of whoever was `invited`, and log in with it.
async fn enrolled(running: &Running, invited: &Invitation) -> anyhow::Result<Page> {
    let mut page = Page::of(&running.base_url)?;
    let secret = json!({"secret": invited.secret});
    let shared = page.post("/v1/staff/enrolment/totp", secret).await?;
    let uri = text(&shared, "/otpauth_uri")?;
    // Each code is good once: the one before confirms, this one logs in.
    let code = |earlier| {
        let time = running.clock.now() - TimeDelta::seconds(earlier);
        totp(&uri, time).ok_or_else(|| anyhow!("no app reads {uri}"))
    };
    let first = json!({"secret": invited.secret, "code": code(30)?});
    page.post("/v1/staff/enrolment/totp/confirmation", first)
        .await?;
    let second = json!({"handle": invited.handle, "code": code(0)?});
    let session: Value = page.post("/v1/staff/login/totp", second).await?;
    page.log_in_as(text(&session, "/token")?);
    Ok(page)
}
