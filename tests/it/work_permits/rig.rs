//! Enterprises, their forms, and who decides on their workers.

use std::sync::atomic::{AtomicU64, Ordering};

use api::{
    credentials::RotateKeys,
    jobs::Sweep,
    review::{self, RunClocks},
    work_permits::{LookAfterWorkers, MakeRulings, SendBatches},
};
use entity::{
    values::{CaseSubject, OrganisationId, Role},
    work_objection, work_permit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Identity, Session, ZHANG},
    call::{Caller, Reply},
    organisations::COMPANY,
};
use miniapp_mock::DataCentreManner;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

pub(crate) const HEADINGS: &str =
    "姓名,证件类型,证件号码,手机号码,岗位,居住地区划代码,居住社区代码,返岗日期";

/// Huangpu, and a community of it; Xuhui.
pub(crate) const DISTRICT: &str = "310101";
pub(crate) const COMMUNITY: &str = "310101002001";
pub(crate) const ANOTHER: &str = "310104";

/// Another unit of Shanghai.
pub(crate) const OTHER_COMPANY: &str = "91310101MA1K3D2E6B";

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub(crate) fn line(who: Identity, phone: &str, division: &str, community: &str) -> String {
    format!(
        "{},居民身份证,{},{phone},配送员,{division},{community},2026-03-09",
        who.name, who.number
    )
}

/// The grandmother, who lives in the community.
pub(crate) fn hers() -> String {
    line(GRANDMOTHER, "13900139000", DISTRICT, COMMUNITY)
}

pub(crate) fn form(lines: &[String]) -> Vec<u8> {
    format!("{HEADINGS}\r\n{}\r\n", lines.join("\r\n")).into_bytes()
}

/// A unit of the white list of Huangpu, whose legal person Zhang is logged in; the community is in the
/// directory, and the data centre calls this backend.
pub(crate) async fn enterprise(backend: &Backend) -> (Caller, OrganisationId) {
    let zhang = backend.verified("13800138000", ZHANG).await;
    let unit = backend.organisation(COMPANY).await;
    backend.on_the_white_list(COMPANY, DISTRICT).await;
    backend.community(COMMUNITY).await;
    let callback = backend.anyone().url("/v1/platforms/data-centre/answers");
    backend.mock.let_data_centre_call(callback);
    (backend.as_citizen(&zhang), unit)
}

pub(crate) fn of_unit(unit: OrganisationId, rest: &str) -> String {
    format!("/v1/organisations/{unit}/{rest}")
}

/// Send `file` there.
pub(crate) async fn post_file(caller: &Caller, path: &str, key: &str, file: Vec<u8>) -> Reply {
    let request = caller
        .request(Method::POST, path)
        .header("idempotency-key", key)
        .header("content-type", "application/octet-stream")
        .body(file);
    Reply::to(request).await
}

pub(crate) async fn send(caller: &Caller, unit: OrganisationId, file: Vec<u8>) -> Reply {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let key = format!("form-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    post_file(caller, &of_unit(unit, "work-forms"), &key, file).await
}

/// Let the sweeps do what is due.
pub(crate) async fn sweep(backend: &Backend) {
    loop {
        let deps = &backend.deps;
        let done = LookAfterWorkers::run(deps).await.unwrap()
            + MakeRulings::run(deps).await.unwrap()
            + SendBatches::run(deps).await.unwrap()
            + RunClocks::run(deps).await.unwrap();
        if done == 0 {
            return;
        }
    }
}

/// The row of the only worker with a case or without.
pub(crate) async fn only_row(backend: &Backend) -> work_permit::Model {
    let mut rows = work_permit::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// The stage at which the case of `row` stands, or how it ended.
pub(crate) async fn stage(backend: &Backend, row: &work_permit::Model) -> String {
    let case = review::case_about(&backend.deps.db, CaseSubject::WorkPermit, row.id.0).await;
    let case = case.unwrap().expect("a case");
    match case.outcome {
        Some(outcome) => json!(outcome).as_str().unwrap().to_owned(),
        None => case.stage,
    }
}

pub(crate) async fn case_of(backend: &Backend, row: &work_permit::Model) -> String {
    let case = review::case_about(&backend.deps.db, CaseSubject::WorkPermit, row.id.0).await;
    case.unwrap().expect("a case").id.to_string()
}

/// Have somebody who is `role` in `area` do `what` to the case of `row`.
pub(crate) async fn decide(
    backend: &Backend,
    row: &work_permit::Model,
    role: Role,
    area: &str,
    what: Value,
) -> Reply {
    let case = case_of(backend, row).await;
    let staff = if area.len() == 12 {
        backend.staff_of_community(role, area).await
    } else {
        backend.staff(role, area).await
    };
    staff
        .post(&format!("/v1/staff/review/cases/{case}/actions"), what)
        .await
}

pub(crate) async fn approve(backend: &Backend, row: &work_permit::Model, role: Role, area: &str) {
    let what = json!({"action": "approve", "text": "已核实"});
    decide(backend, row, role, area, what).await.ok();
}

/// Close a batch of the city's, and let it be sent.
pub(crate) async fn close_batch(backend: &Backend) -> Value {
    let city = backend.staff(Role::Reviewer, "310000").await;
    let body = json!({"division": "310000"});
    let batch = city.post("/v1/staff/work-batches", body).await.ok();
    sweep(backend).await;
    batch
}

/// The grandmother, who is green, as the worker of a form of `unit` whose case is open.
pub(crate) async fn worker(
    backend: &Backend,
    page: &Caller,
    unit: OrganisationId,
) -> (Session, work_permit::Model) {
    let worker = backend.green("13900139000", GRANDMOTHER).await;
    send(page, unit, form(&[hers()])).await.ok();
    sweep(backend).await;
    (worker, only_row(backend).await)
}

/// The same, with the data centre's answer: the neighbourhood is to decide.
pub(crate) async fn at_the_neighbourhood(
    backend: &Backend,
    page: &Caller,
    unit: OrganisationId,
) -> (Session, work_permit::Model) {
    let (session, row) = worker(backend, page, unit).await;
    approve(backend, &row, Role::Reviewer, DISTRICT).await;
    backend.mock.set_data_centre(DataCentreManner {
        after_ms: 0,
        ..DataCentreManner::default()
    });
    close_batch(backend).await;
    let answers = backend.mock.flush_data_centre().await;
    assert_eq!(answers[0].status, 200, "{}", answers[0].body);
    assert_eq!(stage(backend, &row).await, "neighbourhood");
    (session, row)
}

/// The same, with a permit that was issued on the publication's end.
pub(crate) async fn permitted(
    backend: &Backend,
    page: &Caller,
    unit: OrganisationId,
) -> (Session, work_permit::Model) {
    let (session, row) = at_the_neighbourhood(backend, page, unit).await;
    approve(backend, &row, Role::CommunityIssuer, COMMUNITY).await;
    backend.wait(chrono::TimeDelta::hours(24));
    sweep(backend).await;
    assert_eq!(stage(backend, &row).await, "by_clock");
    let again = backend.log_in("13900139000").await;
    assert_eq!(again.person, session.person);
    (again, only_row(backend).await)
}

/// Zhang, who logs in again: a session does not outlast a day.
pub(crate) async fn zhang_again(backend: &Backend) -> Caller {
    RotateKeys::run(&backend.deps).await.unwrap();
    backend.as_citizen(&backend.log_in("13800138000").await)
}

/// The worker, who logs in again.
pub(crate) async fn worker_again(backend: &Backend) -> Caller {
    RotateKeys::run(&backend.deps).await.unwrap();
    backend.as_citizen(&backend.log_in("13900139000").await)
}

/// Leave at least one row in every table of the return to work.
pub(crate) async fn live_through(backend: &Backend, citizen: &Session, identity: Identity) {
    let now = backend.deps.clock.now();
    let permit = backend.work_permit(citizen, identity).await;
    let row = work_objection::Model {
        id: entity::values::WorkObjectionId(permit.0),
        permit_id: permit,
        person_id: entity::values::PersonId(citizen.person.parse().unwrap()),
        made_at: now,
        reason: entity::values::ObjectionReason::Unwell,
        text: None,
    };
    insert(backend, row).await;
    let form = work_permit::Entity::find()
        .filter(work_permit::Column::Id.eq(permit))
        .one(&backend.deps.db)
        .await
        .unwrap()
        .unwrap();
    let staff = backend.staff(Role::Reviewer, DISTRICT).await;
    let path = format!("/v1/staff/work-forms/{}/decisions", form.form_id);
    let ruling = json!({"stage": "district", "action": "refuse", "reason": "no_test", "text": GRANDMOTHER.name});
    staff.post(&path, ruling).await.ok();
    MakeRulings::run(&backend.deps).await.unwrap();
    let batch = entity::work_batch::Model {
        id: entity::values::WorkBatchId(permit.0),
        division: form.division.clone(),
        made_by: staff.account,
        made_at: now,
        workers: 0,
        state: entity::values::WorkBatchState::Answered,
        tries: 1,
        sent_at: None,
        due_at: None,
        answered_at: None,
    };
    insert(backend, batch).await;
    let serial = entity::work_serial::Model {
        division: form.division,
        last: 1,
    };
    insert(backend, serial).await;
}

pub(crate) async fn insert<M, A>(backend: &Backend, row: M)
where
    M: sea_orm::ModelTrait + sea_orm::IntoActiveModel<A>,
    A: sea_orm::ActiveModelTrait<Entity = M::Entity>,
{
    <M::Entity as EntityTrait>::insert(row.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}
