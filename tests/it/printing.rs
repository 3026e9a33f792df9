//! Pass cards on paper: what is printed, for whom, and that it verifies.

pub(crate) mod pdf;

use api::{
    credentials::{
        StatusIndex,
        cose::VerifyingKey,
        enlist,
        key_list::KeyList,
        permit::{PermitKind, read_permit},
    },
    platform::{Clock, db::begin_write},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, complaint_line, pass_card,
    values::{
        Community, PassApplicationId, PassCardId, PassCardState, PassCardVoid, PersonId, Role,
    },
};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    on_both_stacks,
};
use pdf::Pdf;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

const COMMUNITY: &str = "310101002003";

/// Somebody green with a card whose days began an hour ago.
async fn holder(backend: &Backend) -> (Session, pass_card::Model) {
    let session = backend.green("13800000001", ZHANG).await;
    let card = card_of(backend, &session, PassCardState::Active).await;
    (session, card)
}

async fn card_of(backend: &Backend, holder: &Session, state: PassCardState) -> pass_card::Model {
    backend.community(COMMUNITY).await;
    let community = Community::try_from(COMMUNITY.to_owned()).unwrap();
    let person: PersonId = PersonId(holder.person.parse().unwrap());
    let now = backend.clock.now();
    let begun = state == PassCardState::Active;
    let id = PassCardId(backend.deps.entropy.id());
    let valid_until = begun.then_some(now + TimeDelta::days(13));
    let status_index = match valid_until {
        Some(until) => Some(enlisted(backend, id, until).await),
        None => None,
    };
    let card = pass_card::Model {
        id,
        application_id: PassApplicationId(backend.deps.entropy.id()),
        person_id: person,
        division: community.division().unwrap(),
        community,
        serial: 12_345,
        current_of: Some(person),
        state,
        issued_at: now - TimeDelta::hours(1),
        by_clock: false,
        valid_from: begun.then_some(now - TimeDelta::hours(1)),
        valid_until,
        due_at: None,
        replacement: None,
        voided_at: None,
        void: None,
        superseded_by: None,
        status_index,
    };
    pass_card::Entity::insert(card.clone().into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    card
}

/// The place of the card `id`, as if it was granted.
async fn enlisted(backend: &Backend, id: PassCardId, until: DateTime<Utc>) -> StatusIndex {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let place = enlist(&tx, &backend.deps, PermitKind::PassCard, id.0, until).await;
    tx.commit().await.unwrap();
    place.unwrap()
}

async fn publish_line(backend: &Backend, division: &str, telephone: &str) {
    let line = complaint_line::Model {
        division: division.to_owned().try_into().unwrap(),
        telephone: telephone.into(),
        hours: "8:30–17:30".into(),
        saved_at: backend.clock.now(),
    };
    complaint_line::Entity::insert(line.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

fn own_document(holder: &Session) -> String {
    format!("/v1/people/{}/pass-card/document", holder.person)
}

/// The published list of keys, verified under the pinned root.
async fn key_list(backend: &Backend) -> KeyList {
    let root = backend.deps.keyring.root().unwrap();
    let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
    let list = backend.anyone().get("/v1/keys").await.body;
    KeyList::verify(&list, &root, backend.clock.now(), 0).unwrap()
}

async fn verified_online(backend: &Backend, token: &str) -> Value {
    let scanned = json!({ "token": token });
    backend
        .anyone()
        .post("/v1/passes/verify", scanned)
        .await
        .ok()
}

on_both_stacks! {
    async fn a_holder_prints_their_card_on_either_paper(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (session, _) = holder(&backend).await;
        publish_line(&backend, "310000", "021-12345").await;
        publish_line(&backend, "310101", "021-63212345").await;
        let caller = backend.as_citizen(&session);
        for (paper, size) in [("", (105, 148)), ("?paper=a6", (105, 148)), ("?paper=a4", (210, 297))] {
            let printed = caller.get(&format!("{}{paper}", own_document(&session))).await;
            assert_eq!(printed.status, 200, "{}", String::from_utf8_lossy(&printed.body));
            assert_eq!(printed.headers["content-type"], "application/pdf");
            assert_eq!(printed.headers["content-disposition"], "inline; filename=\"TXK31010100012345.pdf\"");
            assert!(printed.body.len() < 120_000, "{}", printed.body.len());
            let pdf = Pdf::read(&printed.body);
            assert_eq!(pdf.size(), size);
            let text = pdf.text();
            for said in [
                "健康通行卡", "HEALTHPASSCARD", "张小明", "0019", "某社区", "上海市黄浦区", "TXK31010100012345",
                "纸质卡与电子卡具有同等效力", "021-63212345",
            ] {
                assert!(text.contains(said), "{said} in {text}");
            }
            assert!(!text.contains(ZHANG.number), "the document's last characters alone");
            assert!(!text.contains("021-12345"), "the nearest telephone alone");
        }
    }

    async fn the_font_is_in_the_document_and_cut_to_what_it_uses(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (session, _) = holder(&backend).await;
        let printed = backend.as_citizen(&session).get(&own_document(&session)).await;
        let fonts = Pdf::read(&printed.body).embedded_fonts();
        assert_eq!(fonts.len(), 1);
        let (cut, name) = fonts[0].split_once('+').expect("the mark of a cut font");
        assert_eq!(cut.len(), 6);
        assert!(name.starts_with("NotoSansCJKsc"), "{name}");
    }

    async fn the_printed_code_verifies_without_a_network_and_online(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (session, card) = holder(&backend).await;
        let keys = key_list(&backend).await;
        let caller = backend.as_citizen(&session);
        for paper in ["a6", "a4"] {
            let printed = caller.get(&format!("{}?paper={paper}", own_document(&session))).await;
            let token = Pdf::read(&printed.body).symbol();
            let permit = read_permit(&keys, &token, backend.clock.now()).unwrap();
            assert_eq!(permit.kind, PermitKind::PassCard);
            assert_eq!(permit.id, *card.id.0.as_bytes());
            assert_eq!((permit.face.mark.as_str(), permit.face.number.as_str()), ("0019", "TXK31010100012345"));
            assert_eq!(permit.expires_at.timestamp(), card.valid_until.unwrap().timestamp());
            let online = verified_online(&backend, &token).await;
            assert_eq!((&online["verdict"], &online["card"]["counts"]), (&json!("valid"), &json!(true)));
        }
    }

    async fn the_paper_of_a_void_card_has_a_good_signature_and_is_told_void_online(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (session, card) = holder(&backend).await;
        let printed = backend.as_citizen(&session).get(&own_document(&session)).await;
        let token = Pdf::read(&printed.body).symbol();
        let mut row = card.into_active_model();
        row.state = Set(PassCardState::Void);
        row.void = Set(Some(PassCardVoid::Replaced));
        row.current_of = Set(None);
        row.update(&backend.deps.db).await.unwrap();

        let keys = key_list(&backend).await;
        assert!(read_permit(&keys, &token, backend.clock.now()).is_ok());
        let online = verified_online(&backend, &token).await;
        assert_eq!((&online["card"]["counts"], &online["decision"]), (&json!(false), &json!("stop")));
        let again = backend.as_citizen(&session).get(&own_document(&session)).await;
        assert_eq!(again.problem(409), "pass-card-does-not-count");
    }

    async fn nothing_is_printed_that_does_not_count(stack: Stack) {
        let backend = Backend::start(stack).await;
        let session = backend.green("13800000001", ZHANG).await;
        let caller = backend.as_citizen(&session);
        caller.get(&own_document(&session)).await.problem(404);
        card_of(&backend, &session, PassCardState::Observing).await;
        let observed = caller.get(&own_document(&session)).await;
        assert_eq!(observed.problem(409), "pass-card-does-not-count");
        let other_paper = caller.get(&format!("{}?paper=a5", own_document(&session))).await;
        other_paper.problem(422);
        backend.anyone().get(&own_document(&session)).await.problem(401);
        let stranger = backend.log_in("13800000002").await;
        backend.as_citizen(&stranger).get(&own_document(&session)).await.problem(404);
    }

    async fn whoever_issues_for_the_community_prints_at_the_window_and_it_is_on_record(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (_, card) = holder(&backend).await;
        let path = format!("/v1/staff/pass-cards/{}/document", card.id);
        let issuer = backend.staff_of_community(Role::CommunityIssuer, COMMUNITY).await;
        let printed = issuer.get(&path).await;
        assert_eq!(printed.headers["content-type"], "application/pdf");
        assert!(Pdf::read(&printed.body).text().contains("张小明"));
        let entries = audit_entry::Entity::find().all(&backend.deps.db).await.unwrap();
        let printings = entries.iter().filter(|entry| format!("{entry:?}").contains("pass_card_printed"));
        assert_eq!(printings.count(), 1);

        let elsewhere = backend.staff_of_community(Role::CommunityIssuer, "310101002004").await;
        let id = card.id.to_string();
        elsewhere.sees_nothing_at(Method::GET, &path, &id, &Value::Null).await;
        let reviewer = backend.staff(Role::Reviewer, "310101").await;
        assert_eq!(reviewer.get(&path).await.status, 403);
    }
}
