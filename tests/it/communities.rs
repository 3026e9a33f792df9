//! Where communities handle passes, who is on duty there, and which have nobody.

mod coverage;
mod directory;
mod duty;

use api::{communities::NoteGaps, jobs::Sweep};
use entity::{audit_entry, values::Role};
use integration_tests::{Backend, call::Caller};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

/// Two communities of one district, and one of another city.
const FIRST: &str = "370102001001";
const SECOND: &str = "370102001002";
const ELSEWHERE: &str = "370203001001";

fn office() -> Value {
    json!({
        "name": "泉城路社区",
        "address": "济南市历下区泉城路1号",
        "telephone": "0531-86000000",
        "hours": "工作日 9:00–17:00",
    })
}

async fn publish(admin: &Caller, code: &str) -> Value {
    let path = format!("/v1/staff/communities/{code}");
    admin.put(&path, office()).await.ok()
}

/// How often `event` was put on record.
async fn recorded(backend: &Backend, event: &str) -> u64 {
    audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq(event))
        .count(&backend.deps.db)
        .await
        .unwrap()
}

/// Leave something of everything that is kept of communities, at noon of a working day.
pub(crate) async fn live_through(backend: &Backend) {
    backend.community(FIRST).await;
    backend.community(SECOND).await;
    let admin = backend.staff(Role::RegionAdmin, "370100").await;
    let line = json!({"telephone": "12345", "hours": "全天"});
    admin
        .put("/v1/staff/complaint-lines/370100", line)
        .await
        .ok();
    let issuer = backend
        .staff_of_community(Role::CommunityIssuer, FIRST)
        .await;
    let duty = json!({"community": FIRST});
    issuer.post("/v1/staff/duty", duty).await.ok();
    NoteGaps::run(&backend.deps).await.unwrap();
}
