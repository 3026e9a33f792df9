//! Entities, migrations and both databases mean the same tables; what they hold keeps its secrets.

mod audit_log;
mod secrets;

use std::collections::BTreeSet;

use api::{
    jobs::Sweep,
    notifications::DeliverDue,
    platform::{
        Entropy, OsEntropy,
        db::{DatabaseSettings, begin_write, connect},
    },
    review,
};
use entity::{
    assessment, audit_entry, calendar_day, calendar_year, check_in, checkpoint, colour_change,
    colour_change_rule, community, complaint, complaint_line, consent, control_action, correction,
    coverage_gap, daily_count, daily_standing, daily_turn, declaration, declared_stay, device,
    duty_sign_in, fact_source, form_id, gate_record, guardianship, health_fact, hold,
    idempotent_response, import_batch, import_finding, key_list, log_checkpoint, log_cosignature,
    log_entry, log_head, log_leaf, log_tile, notification, notification_preference,
    notification_template, organisation, organisation_agent, organisation_session,
    override_approval, override_request, override_subject, pass_application, pass_card,
    pass_false_mark, pass_serial, person, platform_account, platform_event, policy_approval,
    policy_rule, policy_simulation, policy_term, recheck_mark, reconciliation,
    reconciliation_finding, refresh_token, region_opening, review_breach, review_case,
    review_contact, review_delegation, review_step, review_workflow, risk_area, road_section,
    rule_round, service_order, session, signing_key, spent_payload, staff_account,
    staff_credential, staff_grant, staff_session, status_index, status_list, subscription,
    test_result, tracing_release, tracing_request, upload,
    values::{
        Area, CaseAction, CaseId, CaseSubject, Community, ComplaintId, ComplaintKind, ContactMeans,
        ContactResult, DelegationId, Division, PersonId, Role, StaffId,
    },
    vehicle_aboard, vehicle_application, vehicle_authorisation, vehicle_identity, vehicle_material,
    vehicle_pass, vehicle_pass_serial, vehicle_pass_type, venue, venue_application, venue_code,
    venue_hour, visit, visit_day, visit_deletion, visit_guest, visit_uncounted, visitor_look_up,
    work_batch, work_enterprise, work_form, work_objection, work_permit, work_ruling, work_serial,
};
use integration_tests::{
    Backend, Database, Stack,
    backend::{GRANDMOTHER, Identity, Session, declaration},
    on_both_stacks,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel,
    Iterable, Statement,
};
use serde_json::{Value, json};

use crate::{
    callbacks::pusher::{Push, answered, now},
    corrections, pass_cards,
    policy::rig,
};

/// Table, column, and whether it may be null.
pub(crate) type Columns = BTreeSet<(String, String, bool)>;

/// Columns of unique indexes and primary keys.
type Unique = BTreeSet<(String, Vec<String>)>;

/// The columns of each named entity, and its rows read as the product reads them.
macro_rules! read_entities {
    ($db:expr, $($entity:ident),+ $(,)?) => {{
        let mut columns = Columns::new();
        $(
            let rows = $entity::Entity::find().all($db).await.unwrap();
            assert!(!rows.is_empty(), "nothing was read of {}", stringify!($entity));
            for column in $entity::Column::iter() {
                let may_be_null = column.def().is_null();
                let name = sea_orm::Iden::to_string(&column);
                columns.insert((stringify!($entity).to_owned(), name, may_be_null));
            }
        )+
        columns
    }};
}

on_both_stacks! {
    async fn every_entity_reads_the_migrated_schema(stack: Stack) {
        let backend = Backend::start(stack).await;
        live_through_everything(&backend, "13800138000", integration_tests::backend::ZHANG).await;
        let entities = read_entities!(
            &backend.deps.db,
        assessment, audit_entry, calendar_day, calendar_year, check_in, checkpoint, colour_change, colour_change_rule, community, complaint, complaint_line, consent, control_action, correction, coverage_gap, daily_count, daily_standing, daily_turn, declaration, declared_stay, device, duty_sign_in, fact_source, form_id, gate_record, guardianship, health_fact, hold, idempotent_response, import_batch, import_finding, key_list, log_checkpoint, log_cosignature, log_entry, log_head, log_leaf, log_tile, notification, notification_preference, notification_template, organisation, organisation_agent, organisation_session, override_approval, override_request, override_subject, pass_application, pass_card, pass_false_mark, pass_serial, person, platform_account, platform_event, policy_approval, policy_rule, policy_simulation, policy_term, recheck_mark, reconciliation, reconciliation_finding, refresh_token, region_opening, review_breach, review_case, review_contact, review_delegation, review_step, review_workflow, risk_area, road_section, rule_round, service_order, session, signing_key, spent_payload, staff_account, staff_credential, staff_grant, staff_session, status_index, status_list, subscription, test_result, tracing_release, tracing_request, upload, vehicle_aboard, vehicle_application, vehicle_authorisation, vehicle_identity, vehicle_material, vehicle_pass, vehicle_pass_serial, vehicle_pass_type, venue, venue_application, venue_code, venue_hour, visit, visit_day, visit_deletion, visit_guest, visit_uncounted, visitor_look_up, work_batch, work_enterprise, work_form, work_objection, work_permit, work_ruling, work_serial,
        );
        assert_eq!(entities, columns(&backend.deps.db).await);
    }

    async fn migrations_lead_up_and_down_and_up_again(stack: Stack) {
        let database = Database::empty(stack).await;
        // One connection, as the product migrates.
        let settings = DatabaseSettings {
            max_connections: 1,
            ..database.settings()
        };
        let db = connect(&settings).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let (first, first_unique) = (columns(&db).await, unique(&db).await);

        Migrator::down(&db, None).await.unwrap();
        assert_eq!(columns(&db).await, Columns::new());

        Migrator::up(&db, None).await.unwrap();
        assert_eq!(columns(&db).await, first);
        assert_eq!(unique(&db).await, first_unique);
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let embedded = Database::fresh(Stack::Embedded).await;
    let production = Database::fresh(Stack::Production).await;
    let (embedded, production) = (embedded.connect().await, production.connect().await);
    assert_eq!(columns(&embedded).await, columns(&production).await);
    assert_eq!(unique(&embedded).await, unique(&production).await);
    assert!(unique(&embedded).await.len() > 16);
}

/// Leave at least one row in every table.
pub(crate) async fn live_through_everything(
    backend: &Backend,
    phone: &str,
    identity: Identity,
) -> Session {
    let citizen = backend.verified(phone, identity).await;
    let page = backend.as_citizen(&citizen);
    let grandmother = json!({
        "name": GRANDMOTHER.name,
        "document_kind": "resident_card",
        "document_number": GRANDMOTHER.number,
        "relationship": "elder",
    });
    page.post("/v1/dependants", grandmother).await.ok();
    let of = |what: &str| format!("/v1/people/{}/{what}", citizen.person);
    page.post(&of("declarations"), declaration()).await.ok();
    page.post(
        &of("check-ins"),
        json!({"temperature": 38.5, "symptoms": ["cough"]}),
    )
    .await
    .ok();
    backend.compare().await;
    assert_eq!(page.get(&of("health-code")).await.ok()["colour"], "yellow");
    pass_cards::rig::live_through(backend, &citizen).await;

    let on_phone = backend.mock.phone_of("owner");
    on_phone.set_number(phone).unwrap();
    let wechat = json!({
        "app_id": miniapp_mock::dev::WECHAT_APP_ID,
        "login_code": on_phone.wechat_login_code(),
        "phone_code": on_phone.wechat_phone_code(),
        "accepted": backend.accepted().await,
        "device": DEVICE,
    });
    let alipay = json!({
        "app_id": miniapp_mock::dev::ALIPAY_APP_ID,
        "auth_code": on_phone.alipay_auth_code(),
        "phone_payload": on_phone.alipay_phone_payload().unwrap(),
        "accepted": backend.accepted().await,
    });
    for (door, body) in [("wechat", wechat), ("alipay", alipay)] {
        let session = backend
            .anyone()
            .post(&format!("/v1/login/{door}"), body)
            .await
            .ok();
        assert_eq!(session["person_id"], citizen.person);
    }
    let form = json!({"app_id": miniapp_mock::dev::ALIPAY_APP_ID, "form_id": on_phone.submit_alipay_form()});
    page.post("/v1/me/form-ids", form).await.ok();
    let at = now(backend);
    let yes = answered(&on_phone.wechat_openid(), "tmpl", "accept", at);
    Push::secure(&yes, at, "n").deliver(backend.anyone()).await;
    let wishes = json!({"channels": ["alipay", "wechat"], "sms": true, "language": "en"});
    page.put("/v1/me/notification-preferences", wishes)
        .await
        .ok();
    DeliverDue::run(&backend.deps).await.unwrap();
    backend
        .open_region("310101", "2026-03-01T00:00:00+08:00")
        .await;
    backend.staff(Role::Auditor, "310000").await;
    let record = corrections::contact(backend, &citizen, "310101").await;
    corrections::file(backend, &citizen, &record).await;
    rig::live_through(backend).await;
    crate::communities::live_through(backend).await;
    crate::staff::enrolled(backend).await;
    facts_about(backend, identity).await;
    crate::imports::rig::bring_about(backend, identity.number).await;
    because_of_a_rule(backend, &citizen).await;
    a_late_case(backend, &citizen).await;
    crate::inbox::live_through(backend).await;
    crate::service_level::live_through(backend).await;
    crate::contact_tracing::live_through(backend, &citizen).await;
    crate::overrides::live_through(backend, &citizen).await;
    complained(backend, &citizen).await;
    crate::status_lists::live_through(backend).await;
    crate::vehicle_passes::rig::live_through(backend, &citizen).await;
    crate::venues::rig::live_through(backend, &citizen).await;
    crate::visits::live_through(backend, &citizen).await;
    crate::organisations::live_through(backend, identity).await;
    crate::control_actions::live_through(backend, &citizen).await;
    crate::checkpoints::live_through(backend, &citizen).await;
    backend.road("120102-0001").await;
    backend.upload(&page).await;
    crate::work_permits::rig::live_through(backend, &citizen, identity).await;
    crate::transparency::live_through(backend).await;
    crate::daily_counts::live_through(backend).await;
    // Somebody whose colour is still to be looked at.
    page.post(&of("declarations"), declaration()).await.ok();
    citizen
}

/// A case of `citizen`'s in which they were called by a deputy, and that was late.
async fn a_late_case(backend: &Backend, citizen: &Session) {
    let (deps, now) = (&backend.deps, backend.deps.clock.now());
    let person = PersonId(citizen.person.parse().unwrap());
    let (away, deputy) = (StaffId(person.0), StaffId(deps.entropy.id()));
    let opening = review::Opening {
        subject: CaseSubject::PassCard,
        subject_id: deps.entropy.id(),
        person,
        division: Division::try_from("370102".to_owned()).unwrap(),
        community: Some(Community::try_from("370102001001".to_owned()).unwrap()),
        workflow: "pass_card_online",
        by: review::By::System,
    };
    let contact = review::Contact {
        means: ContactMeans::Telephone,
        result: ContactResult::Reached,
        note: Some("已通话".into()),
    };
    let tx = begin_write(&deps.db).await.unwrap();
    let case = review::open(&tx, deps, opening).await.unwrap();
    let answer = review::Move {
        action: CaseAction::Answer,
        reason: None,
        text: None,
    };
    let case = review::act(&tx, deps, &case, review::By::System, answer)
        .await
        .unwrap();
    review::record_contact(&tx, deps, &case, deputy, contact)
        .await
        .unwrap();
    let breach = review_breach::Model {
        case_id: case.id,
        turn: case.stay,
        stage: case.stage,
        area: case.area,
        decider: case.decider,
        due_at: now,
        booked_at: now,
        clock_since: None,
        clock_left: None,
        calendar_version: None,
        corrected_at: None,
        corrected_to: None,
    };
    let leave = review_delegation::Model {
        id: DelegationId(deps.entropy.id()),
        from_account_id: away,
        to_account_id: deputy,
        role: Role::CommunityIssuer,
        starts_at: now,
        ends_at: now,
        made_at: now,
        ended_at: None,
    };
    review_breach::Entity::insert(breach.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    review_delegation::Entity::insert(leave.into_active_model())
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// What is kept of a change that a young rule made.
async fn because_of_a_rule(backend: &Backend, citizen: &Session) {
    let row = colour_change_rule::Model {
        rule: "record.stale".into(),
        rule_version: "2.0.0".into(),
        person_id: PersonId(citizen.person.parse().unwrap()),
        version: 1,
        at: backend.deps.clock.now(),
    };
    colour_change_rule::Entity::insert(row.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

/// What is kept of a complaint.
async fn complained(backend: &Backend, citizen: &Session) {
    let person = PersonId(citizen.person.parse().unwrap());
    let row = complaint::Model {
        id: ComplaintId(OsEntropy.id()),
        person_id: person,
        filed_by: person,
        filed_at: backend.deps.clock.now(),
        case_id: CaseId(OsEntropy.id()),
        against: Area::try_from("310101".to_owned()).unwrap(),
        kind: ComplaintKind::Delay,
        content: vec![1],
        closed_at: None,
    };
    complaint::Entity::insert(row.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

/// Have staff record something of each sort.
async fn facts_about(backend: &Backend, identity: Identity) {
    let document = json!({"document_kind": "resident_card", "document_number": identity.number});
    let with = |mut body: Value| {
        let own = document.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(own);
        body
    };
    let at = backend.deps.clock.now();
    let staff = backend.staff(Role::Epidemiologist, "310000").await;
    let test = json!({
        "lab": "cdc", "tube": "1", "tube_size": 1, "sampled_at": at, "reported_at": at, "result": "negative",
    });
    staff.post("/v1/staff/tests", with(test)).await.ok();
    let fact = json!({"kind": "recovered", "happened_at": at});
    let fact = staff.post("/v1/staff/facts", with(fact)).await.ok();
    let withdrawal = format!(
        "/v1/staff/facts/{}/withdrawal",
        fact["id"].as_str().unwrap()
    );
    let why =
        json!({"reason": "wrong_person", "note": format!("{} {}", identity.name, identity.number)});
    staff.post(&withdrawal, why).await.ok();
    let area = json!({"division": "310101", "level": "low", "starts_at": at});
    staff.post("/v1/staff/risk-areas", area).await.ok();
    let source =
        json!({"id": "cdc", "name": "疾控中心", "division": "310000", "kinds": ["recovered"]});
    let steward = backend.staff(Role::DataSteward, "310000").await;
    steward.post("/v1/staff/fact-sources", source).await.ok();
}

/// What a device calls itself: personal data too.
pub(crate) const DEVICE: &str = "Ouyang's iPhone 15";

pub(crate) async fn columns(db: &DatabaseConnection) -> Columns {
    let statement = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text, is_nullable = 'YES'
             FROM information_schema.columns WHERE table_schema = 'public'
                -- The table of a single day is a part of another.
                AND table_name NOT IN (SELECT relname FROM pg_class WHERE relispartition)"
        }
        _ => {
            "SELECT m.name, c.name, c.\"notnull\" = 0
             FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        }
    };
    let rows = ask(db, statement).await;
    rows.iter()
        .map(|row| {
            let text = |at| row.try_get_by_index::<String>(at).unwrap();
            (text(0), text(1), row.try_get_by_index(2).unwrap())
        })
        .filter(|(table, ..)| table != "seaql_migrations")
        .collect()
}

async fn unique(db: &DatabaseConnection) -> Unique {
    let statement = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT t.relname::text, (
                 SELECT string_agg(a.attname, ',' ORDER BY k.at)
                 FROM unnest(i.indkey) WITH ORDINALITY k(number, at)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number
                 WHERE k.at <= i.indnkeyatts)
             FROM pg_index i
             JOIN pg_class t ON t.oid = i.indrelid
             JOIN pg_namespace n ON n.oid = t.relnamespace
             WHERE i.indisunique AND n.nspname = 'public' AND NOT t.relispartition"
        }
        _ => {
            "SELECT m.name, (SELECT group_concat(c.name, ',') FROM pragma_index_info(i.name) c)
             FROM sqlite_master m, pragma_index_list(m.name) i
             WHERE m.type = 'table' AND i.\"unique\"
             UNION
             -- A number that is the primary key is the row's own number, and needs no index.
             SELECT m.name, min(c.name) FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.pk > 0 GROUP BY m.name HAVING count(*) = 1"
        }
    };
    let rows = ask(db, statement).await;
    rows.iter()
        .map(|row| {
            let text = |at| row.try_get_by_index::<String>(at).unwrap();
            (text(0), text(1).split(',').map(str::to_owned).collect())
        })
        .filter(|(table, _)| table != "seaql_migrations")
        .collect()
}

pub(crate) async fn ask(db: &DatabaseConnection, statement: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), statement);
    db.query_all_raw(statement).await.unwrap()
}
