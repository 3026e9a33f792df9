//! What people send is what it looks like, is theirs alone, and goes when nothing needs it.

use api::{
    jobs::Sweep,
    platform::{Entropy, OsEntropy, db::begin_write},
    uploads::{self, DeleteUnheld, Error, Owner},
};
use chrono::TimeDelta;
use entity::{
    upload,
    values::{OrganisationId, PersonId, UploadContent, UploadId},
};
use integration_tests::{
    Backend, Stack,
    backend::{GRANDMOTHER, ZHANG},
    call::Caller,
    on_both_stacks,
    organisations::COMPANY,
    roads::{paper, photograph, scan},
};
use miniapp_mock::{Fault, Platform};
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

const UPLOADS: &str = "/v1/uploads";

async fn zhang(backend: &Backend) -> (Caller, Owner) {
    let zhang = backend.verified("13800138000", ZHANG).await;
    let owner = Owner::Person(PersonId(zhang.person.parse().unwrap()));
    (backend.as_citizen(&zhang), owner)
}

fn of(id: UploadId) -> String {
    format!("{UPLOADS}/{id}")
}

async fn hold(
    backend: &Backend,
    upload: UploadId,
    owner: Owner,
    holder: Uuid,
) -> Result<uploads::Stored, Error> {
    let tx = begin_write(&backend.deps.db).await.unwrap();
    let held = uploads::hold(&tx, upload, owner, holder).await;
    tx.commit().await.unwrap();
    held
}

async fn kept(backend: &Backend) -> u64 {
    upload::Entity::find()
        .count(&backend.deps.db)
        .await
        .unwrap()
}

/// A PNG of which only the head is true.
fn huge() -> Vec<u8> {
    let side = 40_000_u32.to_be_bytes();
    let head = [&b"IHDR"[..], &side, &side, &[8, 2, 0, 0, 0]].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&head);
    let sum = sum.sum().to_be_bytes();
    let rest = b"\0\0\0\x10IDAT0123456789abcdef\0\0\0\0";
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", head.as_slice(), &sum, rest].concat()
}

on_both_stacks! {
    async fn a_file_is_taken_in_by_what_is_in_it_and_handed_back_to_its_owner(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _) = zhang(&backend).await;
        for (media_type, file, content, begins) in [
            ("image/jpeg", photograph(), "jpeg", &b"\xff\xd8"[..]),
            ("image/png", scan(), "png", b"\x89PNG"),
            ("application/pdf", paper(2), "pdf", b"%PDF-1.7"),
            // Not believed.
            ("application/pdf", scan(), "png", b"\x89PNG"),
        ] {
            let sent = page.send_file(UPLOADS, media_type, file).await;
            assert_eq!(sent.status, 201);
            let sent = sent.ok();
            assert_eq!(sent["content"], content);
            let read = page.get(&format!("{UPLOADS}/{}", sent["id"].as_str().unwrap())).await;
            let media_type = match content { "pdf" => "application/pdf".to_owned(), picture => format!("image/{picture}") };
            assert_eq!(read.headers["content-type"], media_type.as_str());
            assert_eq!(read.headers["x-content-type-options"], "nosniff");
            let disposition = read.headers["content-disposition"].to_str().unwrap();
            assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
            assert_eq!(sent["bytes"], read.body.len());
            assert!(read.body.starts_with(begins));
        }
    }

    async fn what_is_not_what_it_should_be_is_refused_by_name(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _) = zhang(&backend).await;
        let active = String::from_utf8_lossy(&paper(1)).replace("/Catalog", "/Catalog/AA<</O<</S/JavaScript>>>>");
        for (media_type, file, status, slug, code) in [
            ("application/pdf", b"PK\x03\x04 a workbook".to_vec(), 422, "upload-content-unknown", "unknown_content"),
            ("application/pdf", Vec::new(), 422, "upload-content-unknown", "empty"),
            ("image/png", huge(), 422, "upload-too-many-pixels", "too_many_pixels"),
            ("image/png", scan()[..60].to_vec(), 422, "upload-damaged", "damaged"),
            ("application/pdf", paper(1)[..100].to_vec(), 422, "upload-damaged", "damaged"),
            ("application/pdf", paper(21), 422, "upload-too-many-pages", "too_many_pages"),
            ("application/pdf", active.into_bytes(), 422, "upload-active-content", "active_content"),
            ("image/jpeg", vec![0xff; uploads::LARGEST + 1], 413, "upload-too-large", "too_large"),
        ] {
            let sent = page.send_file(UPLOADS, media_type, file).await;
            assert_eq!(sent.problem(status), slug);
            assert_eq!(sent.faults(), [("file".to_owned(), code.to_owned())]);
        }
        let sent = page.send_file(UPLOADS, "application/zip", photograph()).await;
        assert_eq!(sent.problem(415), "upload-media-type");
        assert_eq!(kept(&backend).await, 0, "nothing is kept of what is refused");
    }

    async fn the_same_request_again_makes_one_upload(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _) = zhang(&backend).await;
        let send = async |file| page.send_file_keyed(UPLOADS, "one", "image/png", file).await;
        let first = send(scan()).await.ok();
        let again = send(scan()).await;
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(again.ok(), first);
        assert_eq!(send(photograph()).await.problem(422), "idempotency-key-reused");
        assert_eq!(kept(&backend).await, 1);
    }

    async fn an_upload_of_somebody_else_is_a_missing_one(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, owner) = zhang(&backend).await;
        let upload = backend.upload(&page).await;
        let stranger = backend.verified("13900139000", GRANDMOTHER).await;
        let strangers = backend.as_citizen(&stranger);
        assert_eq!(strangers.get(&of(upload)).await.problem(404), "not-found");
        assert_eq!(strangers.delete(&of(upload)).await.problem(404), "not-found");
        assert_eq!(page.get(&of(UploadId(OsEntropy.id()))).await.problem(404), "not-found");

        let holder = OsEntropy.id();
        let theirs = Owner::Person(PersonId(stranger.person.parse().unwrap()));
        let units = Owner::Unit(OrganisationId(stranger.person.parse().unwrap()));
        for other in [theirs, units] {
            let held = hold(&backend, upload, other, holder).await;
            assert!(matches!(held, Err(Error::NoSuchUpload)), "{held:?}");
        }
        assert_eq!(hold(&backend, upload, owner, holder).await.unwrap().content, UploadContent::Jpeg);
        hold(&backend, upload, owner, holder).await.expect("held by the same again");
        let another = hold(&backend, upload, owner, OsEntropy.id()).await;
        assert!(matches!(another, Err(Error::NoSuchUpload)), "one record alone: {another:?}");
    }

    async fn what_nothing_holds_goes_after_a_day_and_what_a_record_lets_go_of_at_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, owner) = zhang(&backend).await;
        let (held, free, given_up) = (backend.upload(&page).await, backend.upload(&page).await, backend.upload(&page).await);
        let holder = OsEntropy.id();
        hold(&backend, held, owner, holder).await.unwrap();
        assert_eq!(page.delete(&of(held)).await.problem(409), "upload-in-use");
        page.delete(&of(given_up)).await.ok();
        assert_eq!(page.get(&of(given_up)).await.problem(404), "not-found");

        let sweep = async || DeleteUnheld::run(&backend.deps).await.unwrap();
        assert_eq!(sweep().await, 1, "what its owner deleted");
        backend.clock.advance(TimeDelta::hours(24));
        assert_eq!(sweep().await, 0);
        backend.clock.advance(TimeDelta::seconds(1));
        assert_eq!(sweep().await, 1);
        let late = hold(&backend, free, owner, holder).await;
        assert!(matches!(late, Err(Error::NoSuchUpload)), "{late:?}");
        let (content, bytes) = uploads::read(&backend.deps, held).await.unwrap();
        assert_eq!(content, UploadContent::Jpeg);
        assert!(bytes.starts_with(b"\xff\xd8"));

        let tx = begin_write(&backend.deps.db).await.unwrap();
        uploads::let_go(&tx, &backend.deps, holder).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sweep().await, 1);
        assert_eq!(kept(&backend).await, 0);
        assert!(backend.deps.objects.get(held.0).await.unwrap().is_none());
        assert!(backend.mock.object_names().is_empty());
    }

    async fn an_object_is_sealed_before_it_leaves_the_process(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _) = zhang(&backend).await;
        let upload = backend.upload(&page).await;
        let object = backend.deps.objects.get(upload.0).await.unwrap().unwrap();
        assert_eq!(object[0], 1, "the layout of sealed values");
        assert!(!object.windows(4).any(|part| part == b"JFIF"));
        assert_eq!(page.get(&of(upload)).await.status, 200);
        // Another's object in its place.
        let other = backend.upload(&page).await;
        let others = backend.deps.objects.get(other.0).await.unwrap().unwrap();
        backend.deps.objects.put(upload.0, others).await.unwrap();
        assert_eq!(page.get(&of(upload)).await.problem(500), "internal");
        // One that the store lost.
        backend.deps.objects.delete(other.0).await.unwrap();
        assert_eq!(page.get(&of(other)).await.problem(500), "internal");
    }

    async fn whoever_acts_for_a_unit_sends_its_files(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, owner) = zhang(&backend).await;
        let unit = backend.organisation(COMPANY).await;
        let path = format!("/v1/organisations/{unit}/uploads");
        let sent = page.send_file(&path, "application/pdf", paper(1)).await.ok();
        let id = UploadId(sent["id"].as_str().unwrap().parse().unwrap());
        let read = page.get(&format!("{path}/{id}")).await;
        assert!(read.body.starts_with(b"%PDF"));
        assert_eq!(page.get(&of(id)).await.problem(404), "not-found");
        let held = hold(&backend, id, owner, OsEntropy.id()).await;
        assert!(matches!(held, Err(Error::NoSuchUpload)), "{held:?}");
        hold(&backend, id, Owner::Unit(unit), OsEntropy.id()).await.unwrap();
        let stranger = backend.verified("13900139000", GRANDMOTHER).await;
        let refused = backend.as_citizen(&stranger).send_file(&path, "image/png", scan()).await;
        assert_eq!(refused.problem(404), "not-found");
    }

    async fn nobody_fills_the_store(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _) = zhang(&backend).await;
        for _ in 0..60 {
            page.send_file(UPLOADS, "image/png", b"nothing".to_vec()).await.problem(422);
        }
        let refused = page.send_file(UPLOADS, "image/png", scan()).await;
        assert_eq!(refused.problem(429), "too-many-uploads");
        assert!(refused.headers.contains_key("retry-after"));
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_keeps_nothing_and_says_so() {
    let backend = Backend::start(Stack::Production).await;
    let (page, _) = zhang(&backend).await;
    backend
        .mock
        .order_fault(Platform::Objects, Fault::Busy, None);
    let sent = page
        .send_file_keyed(UPLOADS, "one", "image/png", scan())
        .await;
    assert_eq!(sent.problem(503), "temporarily-unavailable");
    backend.mock.clear_faults();
    backend.clock.advance(TimeDelta::minutes(1));
    let sent = page
        .send_file_keyed(UPLOADS, "one", "image/png", scan())
        .await
        .ok();
    assert_eq!(sent["content"], "png");
    // What is left of the first attempt goes as well.
    backend.clock.advance(TimeDelta::days(2));
    assert_eq!(DeleteUnheld::run(&backend.deps).await.unwrap(), 2);
    assert!(backend.mock.object_names().is_empty());
}
