//! How a permit stands while its days run: told to worker and employer, and found by a gate without a network.

use api::{commands::gate, credentials::cose::VerifyingKey};
use chrono::TimeDelta;
use entity::{
    values::{Role, SocialCreditCode},
    work_enterprise, work_permit,
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, ZHANG},
    call::Caller,
    gates::{GateDevice, Stands},
    on_both_stacks,
    organisations::COMPANY,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::rig::{
    DISTRICT, OTHER_COMPANY, enterprise, only_row, permitted, sweep, text, worker_again,
    zhang_again,
};
use crate::vehicle_passes::rig::{contact, lift};

/// What `reader` was told of permits, the newest first.
async fn told(reader: &Caller) -> Vec<String> {
    let all = reader.get("/v1/me/notifications").await.ok();
    let all = all["items"].as_array().expect("a list").iter();
    let of_permits = all.filter(|one| one["kind"] == "pass_standing");
    of_permits
        .map(|one| text(&one["text"]).to_owned())
        .collect()
}

/// A gate without a network, and what it remembers.
struct Gate {
    device: GateDevice,
    folder: std::path::PathBuf,
}

impl Gate {
    async fn of(backend: &Backend) -> Self {
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let folder = std::env::temp_dir().join(format!("work-gate-{}", device.id));
        std::fs::create_dir_all(&folder).unwrap();
        Self { device, folder }
    }

    /// What `tongxing verify --bundle` says to whoever shows `token` with a document that ends in `last4`, by
    /// the bundle of this minute.
    async fn says(&self, backend: &Backend, token: &str, last4: &str, temperature: f64) -> String {
        backend.wait(TimeDelta::minutes(1));
        let bundle = self.folder.join("bundle");
        let fetched = self.device.get("/v1/gate/bundle").await;
        assert_eq!(fetched.status, 200);
        std::fs::write(&bundle, fetched.body).unwrap();
        let asked = gate::Arguments {
            bundle,
            tokens: vec![token.to_owned()],
            plate: None,
            section: None,
            document_last4: Some(last4.to_owned()),
            temperature: Some(temperature),
            queue: None,
        };
        let root = backend.deps.keyring.root().expect("the root is here");
        let root = VerifyingKey::new(root.kid(), root.public_key()).unwrap();
        let now = backend.deps.clock.now();
        gate::run(&asked, &root, now).await.unwrap()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether a gate that said `told` decided so, and why.
fn decided(told: &str, decision: &str, reason: &str) -> bool {
    told.contains(&format!("decision  {decision}\nreason    {reason}\n"))
}

on_both_stacks! {
    async fn worker_and_employer_are_told_that_a_colour_suspends_a_permit_and_brings_it_back_and_never_why(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, _) = permitted(&backend, &page, unit).await;
        let (worker, employer) = (backend.as_citizen(&session), zhang_again(&backend).await);
        let employer = employer.in_language("en");
        let worker = worker.in_language("en");
        sweep(&backend).await;
        assert_eq!((told(&worker).await.len(), told(&employer).await.len()), (0, 0));
        let due = only_row(&backend).await.due_at;

        let fact = contact(&backend, GRANDMOTHER).await;
        sweep(&backend).await;
        let number = only_row(&backend).await.number.unwrap();
        let (hers, his) = (told(&worker).await, told(&employer).await);
        assert_eq!((hers.len(), his.len()), (1, 1));
        for text in [&hers[0], &his[0]] {
            assert!(text.contains(&number) && text.contains("李*英") && text.contains("is suspended now"), "{text}");
            assert!(!text.contains("yellow") && !text.contains("red"), "{text}");
        }
        sweep(&backend).await;
        assert_eq!(told(&employer).await.len(), 1, "once is enough");

        lift(&backend, &fact).await;
        sweep(&backend).await;
        let (hers, his) = (told(&worker).await, told(&employer).await);
        assert_eq!((hers.len(), his.len()), (2, 2));
        assert_eq!(only_row(&backend).await.due_at, due, "it is reminded of its end as before");

        // The reminder comes once, whatever the colour does in the last days.
        backend.wait(TimeDelta::days(27));
        sweep(&backend).await;
        let fact = contact(&backend, GRANDMOTHER).await;
        sweep(&backend).await;
        lift(&backend, &fact).await;
        sweep(&backend).await;
        let all = worker_again(&backend).await.get("/v1/me/notifications").await.ok().to_string();
        assert_eq!(all.matches("pass_expiring").count(), 1, "{all}");
    }

    async fn a_permit_that_is_over_is_told_of_to_nobody_when_a_colour_turns(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, row) = permitted(&backend, &page, unit).await;
        let worker = backend.as_citizen(&session);
        worker.post(&format!("/v1/me/returns/{}/withdrawal", row.id), Value::Null).await.ok();
        let forgotten_at = only_row(&backend).await.due_at;
        contact(&backend, GRANDMOTHER).await;
        sweep(&backend).await;
        let row = only_row(&backend).await;
        assert_eq!((told(&worker).await.len(), row.due_at), (0, forgotten_at));
        assert!(row.content.is_some(), "what the form says is forgotten at its own time");
    }

    async fn what_was_given_up_is_forgotten_at_its_time(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, unit) = enterprise(&backend).await;
        let (session, row) = permitted(&backend, &page, unit).await;
        let worker = backend.as_citizen(&session);
        worker.post(&format!("/v1/me/returns/{}/withdrawal", row.id), Value::Null).await.ok();
        sweep(&backend).await;
        assert!(only_row(&backend).await.due_at.is_some());
        backend.wait(TimeDelta::days(400));
        sweep(&backend).await;
        let row = only_row(&backend).await;
        assert_eq!((row.content, row.due_at), (None, None));
    }

    async fn a_gate_without_a_network_finds_how_a_work_permit_stands(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        backend.work_permit(&zhang, ZHANG).await;
        let shown = backend.as_citizen(&zhang).get("/v1/me/work-permit").await.ok();
        let token = text(&shown["token"]).to_owned();
        let gate = Gate::of(&backend).await;

        let good = gate.says(&backend, &token, "0019", 36.5).await;
        assert!(decided(&good, "pass", "work_permit"), "{good}");
        assert!(good.contains(text(&shown["number"])) && good.contains("浦江商贸"), "{good}");
        let fever = gate.says(&backend, &token, "0019", 38.2).await;
        assert!(decided(&fever, "stop", "fever"), "{fever}");
        let other = gate.says(&backend, &token, "0018", 36.5).await;
        assert!(!other.contains("decision  pass"), "{other}");

        let fact = contact(&backend, ZHANG).await;
        let suspended = gate.says(&backend, &token, "0019", 36.5).await;
        assert!(decided(&suspended, "stop", "pass_not_good"), "{suspended}");
        lift(&backend, &fact).await;
        let good = gate.says(&backend, &token, "0019", 36.5).await;
        assert!(decided(&good, "pass", "work_permit"), "{good}");
    }

    async fn a_contractors_permit_stops_counting_without_a_network_when_its_principal_falls_off_the_list(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let permit = backend.work_permit(&zhang, ZHANG).await;
        backend.on_the_white_list(OTHER_COMPANY, DISTRICT).await;
        let code = SocialCreditCode::parse(COMPANY).unwrap();
        let entry = work_enterprise::Entity::find_by_id(code).one(&backend.deps.db).await.unwrap();
        let mut entry = entry.unwrap().into_active_model();
        entry.kind = Set(entity::values::EnterpriseKind::Contractor);
        entry.principal = Set(Some(SocialCreditCode::parse(OTHER_COMPANY).unwrap()));
        entry.update(&backend.deps.db).await.unwrap();
        let shown = backend.as_citizen(&zhang).get("/v1/me/work-permit").await.ok();
        let token = text(&shown["token"]).to_owned();
        let gate = Gate::of(&backend).await;
        let good = gate.says(&backend, &token, "0019", 36.5).await;
        assert!(decided(&good, "pass", "work_permit"), "{good}");

        let staff = backend.staff(Role::Reviewer, DISTRICT).await;
        staff.delete(&format!("/v1/staff/work-enterprises/{OTHER_COMPANY}")).await.ok();
        let off = gate.says(&backend, &token, "0019", 36.5).await;
        assert!(decided(&off, "stop", "pass_not_good"), "{off}");
        let seen = backend.as_citizen(&zhang).get("/v1/me/work-permit").await.ok();
        assert_eq!((&seen["id"], &seen["standing"]), (&json!(permit), &json!("enterprise_off")));
        assert_eq!(work_permit::Entity::find().all(&backend.deps.db).await.unwrap().len(), 1);
    }
}
