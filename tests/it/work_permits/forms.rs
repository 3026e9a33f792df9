//! Collection forms: what is taken in, and what is refused by the cell.

use std::fmt::Write;

use chrono::TimeDelta;
use entity::{
    values::{Role, WorkEnding},
    work_form, work_permit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::rig::{
    ANOTHER, COMMUNITY, DISTRICT, HEADINGS, OTHER_COMPANY, enterprise, form, hers, line, of_unit,
    only_row, post_file, send, sweep, text,
};

async fn rows(backend: &Backend) -> u64 {
    let forms = work_form::Entity::find()
        .count(&backend.deps.db)
        .await
        .unwrap();
    let rows = work_permit::Entity::find()
        .count(&backend.deps.db)
        .await
        .unwrap();
    assert_eq!(forms == 0, rows == 0);
    rows
}

/// A resident number of somebody born on a day of 1990 in Huangpu, who is nobody.
fn number(serial: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let (day, order) = (serial / 1_000, serial % 1_000);
    let digits = format!(
        "310101199{}{:02}{:02}{order:03}",
        day / 336,
        day / 28 % 12 + 1,
        day % 28 + 1
    );
    let digits: String = digits.chars().take(17).collect();
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = b"10X98765432"[sum as usize % 11];
    format!("{digits}{}", char::from(check))
}

on_both_stacks! {
    async fn a_form_with_errors_names_every_cell_and_leaves_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let bad = line(ZHANG, "12", "310000", "").replace("0019", "0018");
        let unknown = hers().replace(COMMUNITY, "310101002009");
        let file = form(&[bad, unknown.clone(), unknown]);
        let refused = send(&page, unit, file.clone()).await;
        assert_eq!(refused.problem(422), "collection-form-refused");
        let mut faults = refused.faults();
        faults.sort();
        let expected = [
            ("C2", "check_character"), ("C3", "worker_twice"), ("C4", "worker_twice"),
            ("D2", "phone"), ("F2", "unknown_division"),
        ];
        assert_eq!(faults, expected.map(|(cell, code)| (cell.to_owned(), code.to_owned())));
        assert_eq!(rows(&backend).await, 0);
        assert!(!refused.json().to_string().contains(GRANDMOTHER.name));

        let checked = post_file(&page, &of_unit(unit, "work-form-checks"), "k", file.clone()).await.ok();
        assert_eq!(checked["errors"], 7, "communities are looked up, too: {checked}");
        assert_eq!(checked["report"][0]["column"], "C");
        let report = post_file(&page, &of_unit(unit, "work-form-checks?format=csv"), "k", file).await;
        let report = String::from_utf8(report.body).unwrap();
        assert!(report.contains("2,C,check_character,"), "{report}");
        assert_eq!(rows(&backend).await, 0);
    }

    async fn only_enterprises_of_the_list_send_forms(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let unit = backend.organisation(COMPANY).await;
        backend.community(COMMUNITY).await;
        assert_eq!(send(&page, unit, form(&[hers()])).await.problem(403), "enterprise-not-listed");
        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        let path = format!("/v1/staff/work-enterprises/{COMPANY}");
        let entry = json!({
            "short_name": "浦江商贸", "division": DISTRICT, "kind": "enterprise",
            "listed_from": "2026-03-01T00:00:00Z", "listed_until": "2026-06-01T00:00:00Z",
        });
        let with = |key: &str, value: Value| {
            let mut entry = entry.clone();
            entry[key] = value;
            entry
        };
        for (body, field, code) in [
            (with("principal", json!(OTHER_COMPANY)), "principal", "principal"),
            (with("kind", json!("contractor")), "principal", "principal"),
            (with("listed_until", json!("2026-03-01T00:00:00Z")), "listed_until", "range"),
            (with("colour", json!("green")), "colour", "unknown_field"),
        ] {
            let refused = staff.put(&path, body).await;
            assert_eq!(refused.faults(), [(field.to_owned(), code.to_owned())]);
        }
        staff.put("/v1/staff/work-enterprises/123", entry.clone()).await.problem(422);
        staff.put(&path, with("division", json!(ANOTHER))).await.problem(404);
        staff.put(&path, entry.clone()).await.ok();
        backend.staff(Role::Reviewer, ANOTHER).await.put(&path, with("division", json!(ANOTHER))).await.problem(404);
        send(&page, unit, form(&[hers()])).await.ok();
        assert_eq!(staff.get("/v1/staff/work-enterprises").await.ok()["items"][0]["credit_code"], COMPANY);

        // A contractor may while its principal may.
        let contractor = backend.organisation(OTHER_COMPANY).await;
        let body = json!({
            "short_name": "浦江配送", "division": DISTRICT, "kind": "contractor", "principal": COMPANY,
            "listed_from": "2026-03-01T00:00:00Z", "listed_until": "2026-06-01T00:00:00Z",
        });
        staff.put(&format!("/v1/staff/work-enterprises/{OTHER_COMPANY}"), body).await.ok();
        let entry = of_unit(contractor, "work-enterprise");
        page.get(&entry).await.ok();
        staff.delete(&path).await.ok();
        page.get(&entry).await.problem(403);
    }

    async fn a_worker_is_asked_for_by_one_enterprise(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let other = backend.organisation(OTHER_COMPANY).await;
        backend.on_the_white_list(OTHER_COMPANY, DISTRICT).await;
        send(&page, unit, form(&[hers()])).await.ok();
        let again = send(&page, unit, form(&[hers(), line(ZHANG, "13800138000", DISTRICT, "")])).await;
        assert_eq!(again.faults(), [("C2".to_owned(), "worker_asked_for".to_owned())]);
        let elsewhere = send(&page, other, form(&[hers()])).await;
        assert_eq!(elsewhere.faults(), [("C2".to_owned(), "worker_elsewhere".to_owned())]);
        assert_eq!(rows(&backend).await, 1);
        page.get(&of_unit(other, "work-forms")).await.ok();
        let listed = page.get(&of_unit(unit, "work-forms")).await.ok();
        let id = text(&listed["items"][0]["id"]);
        page.get(&of_unit(other, &format!("work-forms/{id}"))).await.problem(404);
    }

    async fn a_worker_who_never_comes_is_forgotten_and_free_for_others(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        send(&page, unit, form(&[hers()])).await.ok();
        backend.wait(TimeDelta::days(89));
        sweep(&backend).await;
        assert!(only_row(&backend).await.ended_at.is_none());
        backend.wait(TimeDelta::days(2));
        sweep(&backend).await;
        let row = only_row(&backend).await;
        assert_eq!(row.ending, Some(WorkEnding::NeverKnown));
        assert_eq!((row.content, row.held_by_worker, row.due_at), (None, None, None));
    }

    async fn sending_twice_with_one_key_sends_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let path = of_unit(unit, "work-forms");
        let first = post_file(&page, &path, "k", form(&[hers()])).await;
        let again = post_file(&page, &path, "k", form(&[hers()])).await;
        assert_eq!(first.ok(), again.ok());
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(rows(&backend).await, 1);
    }

    async fn what_is_no_form_is_refused_by_name(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        for (file, status, slug, code) in [
            (b"%PDF-1.7".to_vec(), 422, "not-a-collection-form", Some("file_kind")),
            (b"PK\x03\x04nonsense".to_vec(), 422, "not-a-collection-form", Some("damaged")),
            (vec![0xff; 64], 422, "not-a-collection-form", Some("encoding")),
            (Vec::new(), 422, "collection-form-refused", Some("no_workers")),
            (HEADINGS.as_bytes().to_vec(), 422, "collection-form-refused", Some("no_workers")),
            (vec![b'a'; 5 * 1024 * 1024 + 1], 413, "collection-form-too-large", Some("size")),
        ] {
            let refused = send(&page, unit, file).await;
            assert_eq!(refused.problem(status), slug);
            assert_eq!(refused.faults().first().map(|(_, code)| code.as_str()), code);
        }
        assert_eq!(rows(&backend).await, 0);
        for format in ["csv", "xlsx"] {
            let template = page.get(&of_unit(unit, &format!("work-form-template?format={format}"))).await;
            let refused = send(&page, unit, template.body).await;
            assert_eq!(refused.faults()[0].0, "A2", "the example is nobody");
        }
    }

    async fn ten_thousand_workers_come_in_one_form(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let mut file = HEADINGS.to_owned();
        for serial in 0..10_000 {
            let number = number(serial);
            write!(file, "\r\n王小明,居民身份证,{number},13800138000,装配工,{DISTRICT},{COMMUNITY},2026-03-09").unwrap();
        }
        let taken = send(&page, unit, file.clone().into_bytes()).await.ok();
        assert_eq!(taken["workers"], 10_000);
        assert_eq!(rows(&backend).await, 10_000);
        let workers = of_unit(unit, &format!("work-forms/{}/workers?limit=100", text(&taken["id"])));
        let listed = page.get(&workers).await.ok();
        assert_eq!((&listed["items"][99]["line"], &listed["next"]), (&json!(101), &json!("101")));
        sweep(&backend).await;
        let again = post_file(&page, &of_unit(unit, "work-forms"), "again", file.into_bytes()).await;
        assert_eq!(again.faults().len(), 1_000, "as many as are told");
        assert_eq!(rows(&backend).await, 10_000);
    }
}
