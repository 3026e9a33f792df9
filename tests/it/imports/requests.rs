//! Files through the API.

use api::{
    facts::import::{BringInWaiting, Kind},
    jobs::Sweep,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use entity::values::Role;
use integration_tests::{StaffMember, call::Reply, on_both_stacks};
use reqwest::Method;
use serde_json::json;

use super::rig::{Rig, SOURCE, csv, number, row};

impl Rig {
    async fn upload(&self, staff: &StaffMember, query: &str, bytes: Vec<u8>) -> Reply {
        let signature = BASE64_STANDARD.encode(self.sign(Kind::NucleicAcidTest, &bytes));
        let request = staff
            .request(Method::POST, &format!("/v1/staff/imports?{query}"))
            .header("import-signature", signature)
            .body(bytes);
        Reply::to(request).await
    }

    /// Files that wait in the spool.
    fn spooled(&self) -> usize {
        let spool = std::fs::read_dir(self.folder().join("spool"));
        spool.map_or(0, Iterator::count)
    }
}

fn query(kind: &str) -> String {
    format!("source={SOURCE}&kind={kind}")
}

on_both_stacks! {
    async fn a_steward_brings_a_file_and_reads_what_came_of_it(stack: Stack) {
        let rig = Rig::with(stack, 5, 2).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let mut rows: Vec<String> = (0..4).map(|at| row(at, "T", 9, "negative")).collect();
        rows.extend([row(77, "T", 9, "negative"), row(4, "=T", 9, "negative"), row(1, "T", 9, "negative")]);
        let bytes = csv(&rows).into_bytes();
        let reply = rig.upload(&steward, &query("nucleic_acid_test"), bytes.clone()).await;
        assert_eq!(reply.status, 202);
        let import = reply.json();
        assert_eq!((&import["state"], &import["rows_done"]), (&json!("waiting"), &json!(0)));
        let again = rig.upload(&steward, &query("nucleic_acid_test"), bytes.clone()).await.json();
        assert_eq!(again["id"], import["id"]);
        assert_eq!(rig.spooled(), 1);

        assert_eq!(BringInWaiting::run(&rig.backend.deps).await.unwrap(), 1);
        assert_eq!(BringInWaiting::run(&rig.backend.deps).await.unwrap(), 0, "once is enough");
        assert_eq!(rig.spooled(), 0, "what ended is not kept");
        let path = format!("/v1/staff/imports/{}", import["id"].as_str().unwrap());
        let import = steward.get(&path).await.ok();
        assert_eq!(import["state"], "done");
        assert_eq!(import["total_rows"], import["rows_done"]);
        assert_eq!([&import["applied"], &import["repeated"], &import["refused"]], [4, 1, 2]);

        let page = steward.get(&format!("{path}/errors?limit=2")).await.ok();
        assert_eq!(page["items"][0]["line"], 6);
        assert_eq!(page["items"][0]["code"], "unknown_person");
        assert_eq!(page["items"][1]["code"], "formula");
        let after = page["next"].as_str().unwrap();
        let rest = steward.get(&format!("{path}/errors?limit=2&after={after}")).await.ok();
        assert_eq!(rest["items"][0]["code"], "repeated");
        assert_eq!(rest["items"].as_array().unwrap().len(), 1);
        steward.get(&format!("{path}/errors?after=x")).await.problem(422);

        let report = steward.get(&format!("{path}/report")).await;
        assert_eq!(report.headers["content-type"], "text/csv; charset=utf-8");
        let text = String::from_utf8(report.body).unwrap();
        assert!(text.starts_with('\u{feff}') && text.lines().count() == 4, "{text}");
        assert!(!text.contains(&number(77)) && !text.contains("=T"), "no value is repeated: {text}");

        let again = rig.upload(&steward, &query("nucleic_acid_test"), bytes).await.json();
        assert_eq!(again["state"], "done");
        assert_eq!(rig.spooled(), 0);
    }

    async fn stewards_of_other_regions_and_other_roles_have_no_part_in_it(stack: Stack) {
        let rig = Rig::with(stack, 1, 10).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let elsewhere = rig.backend.staff(Role::DataSteward, "440000").await;
        let within = rig.backend.staff(Role::DataSteward, "310101").await;
        let reviewer = rig.backend.staff(Role::Reviewer, "310000").await;
        let bytes = csv(&[row(0, "T", 9, "negative")]).into_bytes();
        for other in [&elsewhere, &within] {
            let refused = rig.upload(other, &query("nucleic_acid_test"), bytes.clone()).await;
            assert_eq!(refused.problem(422), "import-refused");
        }
        let refused = rig.upload(&reviewer, &query("nucleic_acid_test"), bytes.clone()).await;
        assert!(refused.status.is_client_error());
        assert_eq!(rig.spooled(), 0);
        assert_eq!(rig.imports().await, 0);

        let import = rig.upload(&steward, &query("nucleic_acid_test"), bytes).await.json();
        let path = format!("/v1/staff/imports/{}", import["id"].as_str().unwrap());
        for what in ["", "/errors", "/report"] {
            elsewhere.get(&format!("{path}{what}")).await.problem(404);
            assert_eq!(steward.get(&format!("{path}{what}")).await.status, 200);
        }
    }

    async fn an_upload_that_is_forged_or_too_large_leaves_nothing_behind(stack: Stack) {
        let rig = Rig::changed(stack, 1, |config| config.imports.largest_mib = 1).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let large = vec![b'x'; (1 << 20) + 1];
        let refused = rig.upload(&steward, &query("nucleic_acid_test"), large).await;
        assert_eq!(refused.problem(413), "body-too-large");
        let request = steward
            .request(Method::POST, &format!("/v1/staff/imports?{}", query("nucleic_acid_test")))
            .header("import-signature", BASE64_STANDARD.encode(rig.sign(Kind::NucleicAcidTest, b"another")))
            .body("x");
        assert_eq!(Reply::to(request).await.problem(422), "import-refused");
        let refused = rig.upload(&steward, &query("colours"), b"x".to_vec()).await;
        assert_eq!(refused.problem(422), "invalid-request");
        let unsigned = steward
            .request(Method::POST, &format!("/v1/staff/imports?{}", query("nucleic_acid_test")))
            .body("x");
        assert_eq!(Reply::to(unsigned).await.problem(422), "invalid-request");
        assert_eq!(rig.spooled(), 0);
        assert_eq!(rig.imports().await, 0);
    }

    async fn a_file_with_a_wrong_header_is_refused_when_it_is_read(stack: Stack) {
        let rig = Rig::with(stack, 1, 10).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let import = rig.upload(&steward, &query("nucleic_acid_test"), b"a,b\n1,2\n".to_vec()).await.json();
        BringInWaiting::run(&rig.backend.deps).await.unwrap();
        let path = format!("/v1/staff/imports/{}", import["id"].as_str().unwrap());
        let import = steward.get(&path).await.ok();
        assert_eq!((&import["state"], &import["problem"]), (&json!("refused"), &json!("header")));
        assert!(import["explanation"].as_str().unwrap().contains("first line"));
        assert_eq!(rig.spooled(), 0);
    }

    async fn a_file_that_cannot_be_read_keeps_no_other_waiting(stack: Stack) {
        let rig = Rig::with(stack, 1, 10).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let mut paths = Vec::new();
        for tube in ["A", "B", "C"] {
            let bytes = csv(&[row(0, tube, 9, "negative")]).into_bytes();
            let import = rig.upload(&steward, &query("nucleic_acid_test"), bytes).await.json();
            paths.push(import["id"].as_str().unwrap().to_owned());
        }
        let unreadable = rig.folder().join("spool").join(&paths[0]);
        std::fs::remove_file(&unreadable).unwrap();
        std::fs::create_dir(&unreadable).unwrap();
        assert_eq!(BringInWaiting::run(&rig.backend.deps).await.unwrap(), 2);
        assert_eq!(rig.results().await.len(), 2);
    }

    async fn a_quarantined_file_goes_on_once_somebody_else_says_so(stack: Stack) {
        let rig = Rig::changed(stack, 9, |config| {
            config.imports.chunk_rows = 4;
            config.imports.quarantine_positives = 2;
        }).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let second = rig.backend.staff(Role::DataSteward, "310000").await;
        let mut rows: Vec<String> = (0..9).map(|at| row(at, "T", 9, "positive")).collect();
        rows.push(row(66, "T", 9, "positive"));
        let import = rig.upload(&steward, &query("nucleic_acid_test"), csv(&rows).into_bytes()).await.json();
        BringInWaiting::run(&rig.backend.deps).await.unwrap();
        let path = format!("/v1/staff/imports/{}", import["id"].as_str().unwrap());
        assert_eq!(steward.get(&path).await.ok()["state"], "quarantined");
        assert!(rig.results().await.is_empty());

        let release = format!("{path}/release");
        assert_eq!(steward.post(&release, json!({})).await.problem(403), "import-needs-a-second-person");
        assert_eq!(second.post(&release, json!({})).await.ok()["state"], "waiting");
        assert_eq!(second.post(&release, json!({})).await.problem(409), "import-not-quarantined");
        BringInWaiting::run(&rig.backend.deps).await.unwrap();
        let import = steward.get(&path).await.ok();
        assert_eq!((&import["state"], &import["applied"], &import["refused"]), (&json!("done"), &json!(9), &json!(1)));
        assert_eq!(rig.results().await.len(), 9);
    }

    async fn a_trial_through_the_api_keeps_what_was_found_and_no_row(stack: Stack) {
        let rig = Rig::with(stack, 1, 10).await;
        let steward = rig.backend.staff(Role::DataSteward, "310000").await;
        let bytes = csv(&[row(0, "T", 9, "positive"), row(5, "T", 9, "positive")]).into_bytes();
        let asked = format!("{}&dry_run=true", query("nucleic_acid_test"));
        let import = rig.upload(&steward, &asked, bytes).await.json();
        BringInWaiting::run(&rig.backend.deps).await.unwrap();
        let path = format!("/v1/staff/imports/{}", import["id"].as_str().unwrap());
        let import = steward.get(&path).await.ok();
        assert_eq!((&import["state"], &import["applied"], &import["refused"]), (&json!("done"), &json!(1), &json!(1)));
        assert!(rig.results().await.is_empty());
        assert_eq!(steward.get(&format!("{path}/errors")).await.ok()["items"][0]["code"], "unknown_person");
    }
}
