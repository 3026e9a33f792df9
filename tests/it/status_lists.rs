//! What became of permits, as anybody reads it: granted before they are signed, at a random place, taken back
//! within minutes; and every permit compared with its record.

use std::collections::BTreeSet;

use api::{
    credentials::{
        self, Permit, PermitError, PermitFace, PermitKind, Status, StatusIndex,
        cose::VerifyingKey,
        enlist,
        key_list::KeyList,
        personal_code::Skew,
        sign_for,
        status_list::{self, StatusList},
    },
    jobs::Sweep,
    platform::{Clock, db::begin_write},
};
use chrono::TimeDelta;
use entity::{
    audit_entry, reconciliation_finding,
    signing_key::{self, KeyUse},
    status_index, status_list as rows,
    values::{PermitFault, Role},
};
use integration_tests::{Backend, backend::ZHANG, call::Reply, on_both_stacks, vehicles::PLATE};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    pass_cards::rig as cards,
    vehicle_passes::rig::{PHONE, contact, lift, pass_path, text},
};

async fn granted(backend: &Backend, kind: PermitKind) -> Permit {
    let now = backend.clock.now();
    let record = backend.deps.entropy.id();
    let until = now + TimeDelta::days(14);
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let status_index = enlist(&tx, &backend.deps, kind, record, until)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Permit {
        kind,
        id: *record.as_bytes(),
        not_before: now,
        expires_at: until,
        status_index,
        face: PermitFace {
            holder: "张*明".into(),
            mark: "0019".into(),
            site: "某厂".into(),
            number: "1".into(),
        },
    }
}

async fn keys(backend: &Backend) -> KeyList {
    let root = backend.deps.keyring.root().expect("the root is here");
    let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
    let list = backend.anyone().get("/v1/keys").await.body;
    KeyList::verify(&list, &root, backend.clock.now(), 0).unwrap()
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply.headers[name].to_str().unwrap()
}

fn path(kind: PermitKind, list: u32) -> String {
    format!("/v1/status-lists/{}/{list}", kind.name())
}

/// The list that `place` is in, as anybody fetches and believes it.
async fn fetched(backend: &Backend, kind: PermitKind, place: StatusIndex) -> StatusList {
    let reply = backend.anyone().get(&path(kind, place.list())).await;
    assert_eq!(reply.status, 200);
    assert_eq!(header(&reply, "content-type"), "application/statuslist+cwt");
    let keys = keys(backend).await;
    status_list::verify(&reply.body, &keys, backend.clock.now(), Skew::Online).unwrap()
}

async fn status(backend: &Backend, kind: PermitKind, place: StatusIndex) -> Status {
    let list = fetched(backend, kind, place).await;
    list.statuses.get(place.place()).unwrap()
}

async fn place_of(backend: &Backend, kind: PermitKind, record: Uuid) -> StatusIndex {
    let row = status_index::Entity::find_by_id((kind, record))
        .one(&backend.deps.db)
        .await;
    row.unwrap().expect("it is enlisted").place
}

async fn findings(backend: &Backend) -> Vec<(PermitKind, Uuid, PermitFault)> {
    let run = credentials::reconcile(&backend.deps).await.unwrap();
    let found = reconciliation_finding::Entity::find()
        .filter(reconciliation_finding::Column::ReconciliationId.eq(run.id))
        .all(&backend.deps.db)
        .await
        .unwrap();
    assert_eq!(run.findings, i64::try_from(found.len()).unwrap());
    assert!(run.finished_at.is_some());
    found
        .into_iter()
        .map(|it| (it.kind, it.record, it.fault))
        .collect()
}

on_both_stacks! {
    async fn nothing_is_signed_that_nobody_granted(stack: Stack) {
        let backend = Backend::start(stack).await;
        let permit = granted(&backend, PermitKind::Vehicle).await;
        let sign = |permit: Permit| {
            let backend = &backend;
            async move { sign_for(&backend.deps.db, &backend.deps, &permit).await }
        };
        sign(permit.clone()).await.unwrap();
        let other = [
            Permit { id: *backend.deps.entropy.id().as_bytes(), ..permit.clone() },
            Permit { kind: PermitKind::Work, ..permit.clone() },
            Permit { status_index: StatusIndex::from_number(permit.status_index.number() ^ 1), ..permit.clone() },
            Permit { expires_at: permit.expires_at + TimeDelta::seconds(1), ..permit.clone() },
        ];
        for other in other {
            let refused = sign(other).await;
            assert!(matches!(refused, Err(PermitError::NotEnlisted)), "{refused:?}");
        }
        // Nor is anything granted twice.
        let tx = begin_write(&backend.deps.db).await.unwrap();
        let record = Uuid::from_bytes(permit.id);
        let twice = enlist(&tx, &backend.deps, permit.kind, record, permit.expires_at).await;
        assert!(matches!(twice, Err(PermitError::Enlisted)), "{twice:?}");
    }

    async fn what_is_signed_is_in_the_log_once_for_each_key_and_each_content(stack: Stack) {
        let backend = Backend::start(stack).await;
        let permit = granted(&backend, PermitKind::Work).await;
        let signed = async || {
            let all = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
            all.iter().filter(|entry| format!("{entry:?}").contains("permit_signed")).count()
        };
        for _ in 0..3 {
            sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
        }
        assert_eq!(signed().await, 1);
        let mut changed = permit.clone();
        changed.face.site = "另一厂".into();
        sign_for(&backend.deps.db, &backend.deps, &changed).await.unwrap();
        assert_eq!(signed().await, 2);
    }

    async fn a_key_signs_so_many_permits_and_the_next_is_published_before_it_signs(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.keys.permits_per_key = 2).await;
        let of_permits = async || {
            let all = signing_key::Entity::find().all(&backend.deps.db).await.unwrap();
            all.into_iter().filter(|key| key.usage == KeyUse::Permit).collect::<Vec<_>>()
        };
        credentials::rotate(&backend.deps).await.unwrap();
        let published: BTreeSet<Vec<u8>> = of_permits().await.into_iter().map(|key| key.kid).collect();
        let mut first = Vec::new();
        for _ in 0..4 {
            let permit = granted(&backend, PermitKind::Vehicle).await;
            sign_for(&backend.deps.db, &backend.deps, &permit).await.unwrap();
            first.push(permit);
        }
        let used: Vec<_> = of_permits().await.into_iter().filter(|key| key.signed > 0).collect();
        assert_eq!(used.iter().map(|key| key.signed).collect::<Vec<_>>(), [2, 2]);
        assert!(used.iter().all(|key| published.contains(&key.kid)));
        // Until the next key is there, nothing new is signed; what was signed is shown as before.
        let fifth = granted(&backend, PermitKind::Vehicle).await;
        sign_for(&backend.deps.db, &backend.deps, &fifth).await.unwrap_err();
        sign_for(&backend.deps.db, &backend.deps, &first[0]).await.unwrap();
        credentials::rotate(&backend.deps).await.unwrap();
        sign_for(&backend.deps.db, &backend.deps, &fifth).await.unwrap();
    }

    async fn each_month_and_kind_has_its_list_and_places_are_random(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (one, two) = (granted(&backend, PermitKind::Vehicle).await, granted(&backend, PermitKind::Vehicle).await);
        let work = granted(&backend, PermitKind::Work).await;
        let list = |permit: &Permit| permit.status_index.list();
        assert_eq!(list(&one), list(&two));
        assert_ne!(list(&one), list(&work));
        assert!(one.status_index.place().abs_diff(two.status_index.place()) > 1);
        backend.wait(TimeDelta::days(31));
        let later = granted(&backend, PermitKind::Vehicle).await;
        assert_ne!(list(&later), list(&one));
        assert_eq!(rows::Entity::find().filter(rows::Column::Part.gt(0)).count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn a_list_is_fetched_by_anybody_and_not_twice(stack: Stack) {
        let backend = Backend::start(stack).await;
        let permit = granted(&backend, PermitKind::Work).await;
        let number = permit.status_index.list();
        let all = backend.anyone().get("/v1/status-lists").await.ok();
        let all: Vec<&str> = all["status_lists"].as_array().unwrap().iter().map(text).collect();
        let list = fetched(&backend, PermitKind::Work, permit.status_index).await;
        assert!(all.contains(&list.address.as_str()), "{all:?}");
        assert!(list.address.ends_with(&path(PermitKind::Work, number)));

        let path = path(PermitKind::Work, number);
        let first = backend.anyone().get(&path).await;
        let tag = header(&first, "etag").to_owned();
        assert_eq!(header(&first, "cache-control"), "public, max-age=300");
        let again = async |tag: &str| {
            let request = backend.anyone().request(reqwest::Method::GET, &path);
            Reply::to(request.header("if-none-match", tag)).await.status
        };
        assert_eq!(again(&tag).await, 304);
        assert_eq!(again("\"other\"").await, 200);
        // In the next hour its day begins anew.
        backend.wait(TimeDelta::hours(1));
        assert_eq!(again(&tag).await, 200);

        for missing in ["work/4000", "vehicle/nothing", "car/1", "vehicle/99999999999"] {
            backend.anyone().get(&format!("/v1/status-lists/{missing}")).await.problem(404);
        }
        // The list of another kind is none of this one's.
        backend.anyone().get(&format!("/v1/status-lists/vehicle/{number}")).await.problem(404);
    }

    async fn a_card_is_suspended_in_its_list_while_its_holder_is_not_green_and_invalid_once_it_is_replaced(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(cards::COMMUNITY).await;
        let (zhang, _) = cards::with_card(&backend, PHONE, ZHANG).await;
        let card = cards::cards_of(&backend, &zhang).await.remove(0);
        let place = card.status_index.expect("its days run");
        let kind = PermitKind::PassCard;
        assert_eq!(status(&backend, kind, place).await, Status::Valid);
        let fact = contact(&backend, ZHANG).await;
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(status(&backend, kind, place).await, Status::Suspended);
        lift(&backend, &fact).await;
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(status(&backend, kind, place).await, Status::Valid);
        let replaced = backend.as_citizen(&zhang)
            .post(&format!("/v1/people/{}/pass-card/replacements", zhang.person), json!({"reason": "lost"})).await;
        assert_eq!(replaced.status, 201, "{:?}", replaced.json());
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(status(&backend, kind, place).await, Status::Invalid);
        let next = cards::cards_of(&backend, &zhang).await;
        let next = next.iter().find(|it| it.id != card.id).unwrap().status_index.unwrap();
        assert_eq!(status(&backend, kind, next).await, Status::Valid);
        assert_eq!(findings(&backend).await, []);
    }

    async fn every_permit_is_compared_with_its_record_and_nothing_is_mended(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let pass = backend.vehicle_pass(&zhang).await;
        assert_eq!(pass["vehicle"]["plate"].as_str().or(pass["plate"].as_str()), Some("沪A12345"), "{PLATE}");
        let record: Uuid = text(&pass["id"]).parse().unwrap();
        let kind = PermitKind::Vehicle;
        // Shown, so that it was signed.
        backend.as_citizen(&zhang).get(&pass_path(&pass["id"])).await.ok();
        assert_eq!(findings(&backend).await, []);
        let place = place_of(&backend, kind, record).await;

        // A colour that turned since the list was put together is no finding.
        status(&backend, kind, place).await;
        let fact = contact(&backend, ZHANG).await;
        assert_eq!(findings(&backend).await, []);
        lift(&backend, &fact).await;

        // Something is enlisted that there is no record of.
        let ghost = granted(&backend, kind).await;
        let ghost = Uuid::from_bytes(ghost.id);
        assert_eq!(findings(&backend).await, [(kind, ghost, PermitFault::NoRecord)]);
        status_index::Entity::delete_by_id((kind, ghost)).exec(&backend.deps.db).await.unwrap();

        // What was signed is not what is on record.
        let row = status_index::Entity::find_by_id((kind, record)).one(&backend.deps.db).await.unwrap().unwrap();
        let mut spoiled = row.clone().into_active_model();
        spoiled.digest = Set(Some(vec![0; 32]));
        spoiled.kid = Set(Some(b"TXxx".to_vec()));
        spoiled.update(&backend.deps.db).await.unwrap();
        let found: BTreeSet<_> = findings(&backend).await.into_iter().collect();
        let both = [PermitFault::UnknownKey, PermitFault::OtherContent].map(|fault| (kind, record, fault));
        assert_eq!(found, both.into());

        // It stands at another place than it says.
        let mut moved = row.clone().into_active_model();
        moved.digest = Set(row.digest.clone());
        moved.kid = Set(row.kid.clone());
        moved.place = Set(StatusIndex::new(place.list(), place.place() ^ 1).unwrap());
        moved.update(&backend.deps.db).await.unwrap();
        assert_eq!(findings(&backend).await, [(kind, record, PermitFault::OtherPlace)]);
        status_index::Entity::delete_by_id((kind, record)).exec(&backend.deps.db).await.unwrap();
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(findings(&backend).await, [(kind, record, PermitFault::NotEnlisted)]);

        // Nobody but those who look after keys and the log reads it.
        let auditor = backend.staff(Role::Auditor, "310000").await;
        let runs = auditor.get("/v1/staff/reconciliations").await.ok();
        let latest = &runs["items"][0];
        assert_eq!((&latest["permits"], &latest["findings"]), (&json!(1), &json!(1)));
        let of = format!("/v1/staff/reconciliations/{}/findings", text(&latest["id"]));
        let read = auditor.get(&of).await.ok();
        assert_eq!(read["items"], json!([{"kind": "vehicle", "record": record, "fault": "not_enlisted"}]));
        let reviewer = backend.staff(Role::Reviewer, "310101").await;
        assert_eq!(reviewer.get(&of).await.status, 403);

        // Once a day by itself.
        let daily = async || credentials::Reconcile::run(&backend.deps).await.unwrap();
        assert_eq!(daily().await, 0, "the last is of today");
        backend.wait(TimeDelta::days(1));
        daily().await;
        let runs = credentials::reconciliations(&backend.deps).await.unwrap();
        assert_eq!((runs.len(), runs[0].finished_at.is_none()), (7, true), "a page at a time");
    }

    async fn what_is_over_is_forgotten_after_a_month(stack: Stack) {
        let backend = Backend::start(stack).await;
        let permit = granted(&backend, PermitKind::Work).await;
        let forget = async || credentials::ForgetPermits::run(&backend.deps).await.unwrap();
        backend.wait(TimeDelta::days(14 + 30));
        assert_eq!(forget().await, 0);
        backend.wait(TimeDelta::days(2));
        assert_eq!(forget().await, 1);
        backend.wait(TimeDelta::days(100));
        credentials::rotate(&backend.deps).await.unwrap();
        credentials::sign_list(&backend.deps).await.unwrap();
        forget().await;
        let gone = backend.anyone().get(&path(PermitKind::Work, permit.status_index.list())).await;
        gone.problem(404);
    }
}

/// Leave a row in every table of permits and what is found of them.
pub(crate) async fn live_through(backend: &Backend) {
    granted(backend, PermitKind::Work).await;
    let found = findings(backend).await;
    assert!(
        found
            .iter()
            .any(|(_, _, fault)| *fault == PermitFault::NoRecord)
    );
}
