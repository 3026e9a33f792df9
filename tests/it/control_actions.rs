//! Whoever is turned away at a door is reported, and somebody sees to it.

use api::{
    control_actions::{self, ForgetClosed, Report, Reporter},
    jobs::Sweep,
    platform::db::begin_write,
    review::RunClocks,
};
use chrono::TimeDelta;
use entity::{
    audit_entry, control_action, person, review_breach, review_case,
    values::{DeviceId, Division, PersonId, RefusalReason, Role, VenueCategory, VenueState},
};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    on_both_stacks,
    organisations::COMPANY,
    venues::Venue,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::corrections::recorded;

const WORDS: &str = "穿红色外套，往地铁站方向走";

fn path(venue: &Venue) -> String {
    format!(
        "/v1/organisations/{}/venues/{}/refusals",
        venue.organisation, venue.id
    )
}

async fn code_of(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", session.person);
    backend.as_citizen(session).get(&path).await.ok()["token"].clone()
}

async fn mine(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/control-actions", session.person);
    backend.as_citizen(session).get(&path).await.ok()["items"].clone()
}

async fn case(backend: &Backend) -> review_case::Model {
    let cases = review_case::Entity::find()
        .all(&backend.deps.db)
        .await
        .unwrap();
    assert_eq!(cases.len(), 1);
    cases.into_iter().next().unwrap()
}

on_both_stacks! {
    async fn one_tap_tells_the_headquarters_and_whom_it_concerns(stack: Stack) {
        let backend = Backend::start(stack).await;
        let visitor = backend.green("13900139000", GRANDMOTHER).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let code = code_of(&backend, &visitor).await;
        let tap = json!({"code": code, "reason": "fever", "words": WORDS});
        let told = unit.post_keyed(&path(&venue), "k", tap.clone()).await;
        assert_eq!(told.status, 201);
        assert_eq!(unit.post_keyed(&path(&venue), "k", tap).await.ok(), told.ok());
        let told = told.ok();
        assert_eq!((&told["reason"], &told["known"]), (&json!("fever"), &json!(true)));
        assert_eq!(told["progress"]["stage"], "Reported, to be contacted");
        assert!(told["reference"].as_str().unwrap().starts_with("GK-"));

        let case = case(&backend).await;
        assert_eq!((case.area.code(), case.decider), ("310101", Some(Role::Reviewer)));
        assert_eq!(case.due_at, Some(case.opened_at + TimeDelta::hours(2)));
        assert_eq!(case.person_id.to_string(), visitor.person);
        let seen = mine(&backend, &visitor).await;
        assert_eq!((&seen[0]["id"], &seen[0]["venue"]), (&told["id"], &json!("人民广场书店")));
        assert_eq!(recorded(&backend, &visitor, "control_action_opened").await.len(), 1);
        let pushed = backend.as_citizen(&visitor).get("/v1/me/notifications").await.ok();
        assert_eq!(pushed["items"][0]["kind"], "control_action", "{pushed}");
        let words = pushed["items"][0].to_string();
        assert!(words.contains(told["reference"].as_str().unwrap()), "{words}");
        assert!(!words.contains("fever") && !words.contains("发热") && !words.contains(WORDS), "{words}");
        let row = control_action::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert!(!String::from_utf8_lossy(row.words.as_deref().unwrap()).contains("红色"));
        // Whoever tries again is in the same report, for ten minutes.
        let again = json!({"code": code_of(&backend, &visitor).await, "reason": "fever"});
        assert_eq!(unit.post(&path(&venue), again.clone()).await.ok()["id"], told["id"]);
        backend.wait(TimeDelta::minutes(10));
        let unit = backend.as_unit(venue.organisation).await;
        let later = json!({"code": code_of(&backend, &visitor).await, "reason": "fever"});
        assert_ne!(unit.post(&path(&venue), later).await.ok()["id"], told["id"]);
    }

    async fn the_headquarters_says_step_by_step_what_it_did_and_the_venue_sees_that(stack: Stack) {
        let backend = Backend::start(stack).await;
        let visitor = backend.green("13900139000", GRANDMOTHER).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let code = code_of(&backend, &visitor).await;
        unit.post(&path(&venue), json!({"code": code, "reason": "red_code", "words": WORDS})).await.ok();

        let id = case(&backend).await.id;
        let desk = backend.staff(Role::Reviewer, "310101").await;
        let shown = desk.get(&format!("/v1/staff/review/cases/{id}")).await.ok();
        assert_eq!(shown["about"]["words"], WORDS, "{shown}");
        assert_eq!(shown["about"]["person"]["telephone"], "13900139000");
        let actions = format!("/v1/staff/review/cases/{id}/actions");
        for (said, stage, state) in [
            ("已电话联系本人", "Contacted, to be placed", "authority"),
            ("已送至集中观察点", "Placed, to be closed", "authority"),
            ("观察期满，解除", "Placed, to be closed", "closed"),
        ] {
            desk.post(&actions, json!({"action": "approve", "text": said})).await.ok();
            let listed = unit.get(&path(&venue)).await.ok();
            let progress = &listed["items"][0]["progress"];
            assert_eq!((&progress["stage"], &progress["state"]), (&json!(stage), &json!(state)));
            for secret in [said, WORDS, "13900139000", GRANDMOTHER.name, &visitor.person] {
                assert!(!listed.to_string().contains(secret), "{secret}");
            }
        }
        assert_eq!(mine(&backend, &visitor).await[0]["progress"]["outcome"], "approved");
        let told = backend.as_citizen(&visitor).get("/v1/me/notifications").await.ok();
        assert_eq!(told["items"][0]["kind"], "review_decided", "{told}");

        backend.wait(TimeDelta::days(180) - TimeDelta::seconds(1));
        assert_eq!(ForgetClosed::run(&backend.deps).await.unwrap(), 0);
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(ForgetClosed::run(&backend.deps).await.unwrap(), 1, "who it was is forgotten in the end");
        let left = control_action::Entity::find().all(&backend.deps.db).await.unwrap();
        assert!(left.is_empty());
    }

    async fn what_nobody_sees_to_in_two_hours_goes_up_and_the_promise_is_booked(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let unknown = json!({"reason": "would_not_show", "words": WORDS});
        let told = unit.post(&path(&venue), unknown).await.ok();
        assert_eq!(told["known"], false);
        backend.wait(TimeDelta::minutes(119));
        while RunClocks::run(&backend.deps).await.unwrap() > 0 {}
        assert_eq!(case(&backend).await.area.code(), "310101");
        backend.wait(TimeDelta::minutes(1));
        while RunClocks::run(&backend.deps).await.unwrap() > 0 {}
        assert_eq!(case(&backend).await.area.code(), "310000");
        let booked = review_breach::Entity::find().all(&backend.deps.db).await.unwrap();
        assert_eq!(booked.len(), 1);
    }

    async fn whoever_acts_for_the_unit_reports_at_its_own_doors_and_at_no_other(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let tap = json!({"reason": "yellow_code"});
        let zhang = backend.verified("13800138000", ZHANG).await;
        let by_phone = backend.as_citizen(&zhang);
        by_phone.post(&path(&venue), tap.clone()).await.ok();
        let reporter = PersonId(zhang.person.parse().unwrap());
        let row = control_action::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert_eq!((row.person_id, row.reported_by), (None, Some(reporter)));
        assert_eq!(mine(&backend, &zhang).await, json!([]), "it is not about who reported it");

        let stranger = backend.verified("13900139000", GRANDMOTHER).await;
        backend.as_citizen(&stranger).post(&path(&venue), tap.clone()).await.problem(404);
        let other = backend.organisation(COMPANY).await;
        let theirs = Venue { organisation: other, ..venue.clone() };
        let unit = backend.as_unit(other).await;
        unit.post(&path(&theirs), tap.clone()).await.problem(404);
        unit.post(&path(&venue), tap.clone()).await.problem(404);
        let closed = backend.venue_with(VenueCategory::Shop, |venue| venue.state = VenueState::Closed).await;
        by_phone.post(&path(&closed), tap).await.problem(404);
        for (code, reason) in [("JK1:x", "fever"), (zhang.access.as_str(), "fever")] {
            let refused = by_phone.post(&path(&venue), json!({"code": code, "reason": reason})).await;
            assert_eq!(refused.faults(), [("code".to_owned(), "not_good".to_owned())]);
        }
        by_phone.post(&path(&venue), json!({"reason": "looks_ill"})).await.problem(422);
    }

    async fn whoever_reports_somebody_unknown_does_not_read_what_the_headquarters_does(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let reporter = backend.as_citizen(&zhang);
        let tap = json!({"reason": "would_not_show", "words": WORDS});
        reporter.post(&path(&venue), tap).await.ok();
        let case = case(&backend).await;
        assert_ne!(case.person_id.to_string(), zhang.person);
        let desk = backend.staff(Role::Reviewer, "310101").await;
        let actions = format!("/v1/staff/review/cases/{}/actions", case.id);
        for said in ["已在地铁站找到", "已送至集中观察点", "解除"] {
            desk.post(&actions, json!({"action": "approve", "text": said})).await.ok();
        }
        assert_eq!(reporter.get("/v1/cases").await.ok()["items"], json!([]));
        reporter.get(&format!("/v1/cases/{}", case.id)).await.problem(404);
        assert_eq!(reporter.get("/v1/me/notifications").await.ok()["items"], json!([]));
        assert_eq!(reporter.get(&path(&venue)).await.ok()["items"][0]["progress"]["state"], "closed");
    }

    async fn a_door_reports_somebody_unknown_once_and_not_without_end(stack: Stack) {
        let backend = Backend::start(stack).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let zhang = backend.verified("13800138000", ZHANG).await;
        let tap = json!({"reason": "would_not_show", "words": WORDS});
        let door = path(&venue);
        let taps = [unit.post(&door, tap.clone()), unit.post(&door, tap.clone())];
        let taps = futures_util::future::join_all(taps).await;
        let mut statuses: Vec<_> = taps.iter().map(|reply| reply.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
        assert_eq!(taps[0].json()["id"], taps[1].json()["id"]);
        // Somebody else, by the words, the reason, who says so, the door, or the time.
        let blue = json!({"reason": "would_not_show", "words": "穿蓝色外套"});
        assert_eq!(unit.post(&path(&venue), blue).await.status, 201);
        let fever = json!({"reason": "fever", "words": WORDS});
        assert_eq!(unit.post(&path(&venue), fever).await.status, 201);
        assert_eq!(backend.as_citizen(&zhang).post(&path(&venue), tap.clone()).await.status, 201);
        let next_door = backend.venue(VenueCategory::Shop).await;
        assert_eq!(unit.post(&path(&next_door), tap.clone()).await.status, 201);
        backend.wait(TimeDelta::minutes(1));
        assert_eq!(unit.post(&path(&venue), tap.clone()).await.status, 201);
        assert_eq!(review_case::Entity::find().all(&backend.deps.db).await.unwrap().len(), 6);

        // Six of sixty are counted.
        for n in 0..54 {
            let again = unit.post_keyed(&path(&venue), &format!("k{n}"), tap.clone()).await;
            assert_eq!(again.status, 200);
        }
        let refused = unit.post(&path(&venue), tap.clone()).await;
        assert_eq!(refused.problem(429), "too-many-refusals");
        assert_ne!(refused.headers.get("retry-after"), None);
        let repeated = unit.post_keyed(&path(&venue), "k0", tap.clone()).await;
        assert_eq!(repeated.headers["idempotent-replayed"], "true");
        assert_eq!(unit.post(&path(&next_door), tap.clone()).await.status, 201);
        backend.wait(TimeDelta::hours(1));
        let unit = backend.as_unit(venue.organisation).await;
        assert_eq!(unit.post(&path(&venue), tap).await.status, 201);
    }

    async fn what_a_unit_reports_in_a_session_of_its_own_is_booked_on_the_unit(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.verified("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        unit.post(&path(&venue), json!({"reason": "fever"})).await.ok();
        let row = control_action::Entity::find().one(&backend.deps.db).await.unwrap().unwrap();
        assert_eq!((row.organisation_id, row.reported_by), (Some(venue.organisation), None));
        let booked = audit_entry::Entity::find()
            .filter(audit_entry::Column::Event.is_in(["control_action_opened", "case_opened"]))
            .all(&backend.deps.db)
            .await
            .unwrap();
        assert_eq!(booked.len(), 2);
        for entry in booked {
            let by = (entry.actor_kind.as_str(), entry.actor_id);
            assert_eq!(by, ("organisation", Some(venue.organisation.0)), "{}", entry.event);
        }
    }

    async fn a_device_that_knows_nobody_reports_all_the_same(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (deps, before) = (&backend.deps, person::Entity::find().all(&backend.deps.db).await.unwrap().len());
        let report = Report {
            person: None,
            at_venue: None,
            at_checkpoint: None,
            division: Division::try_from("310101".to_owned()).unwrap(),
            reason: RefusalReason::Fever,
            words: None,
            by: Reporter::Device(DeviceId(deps.entropy.id())),
        };
        for _ in 0..2 {
            let tx = begin_write(&deps.db).await.unwrap();
            control_actions::report(&tx, deps, report.clone()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let after = person::Entity::find().all(&deps.db).await.unwrap().len();
        assert_eq!(after - before, 2, "each is somebody else");
        assert_eq!(review_case::Entity::find().all(&deps.db).await.unwrap().len(), 2);
    }
}

/// A row in this feature's table.
pub(crate) async fn live_through(backend: &Backend, citizen: &Session) {
    let elsewhere = |venue: &mut entity::venue::Model| venue.address = "南京东路 2 号".into();
    let venue = backend.venue_with(VenueCategory::Shop, elsewhere).await;
    let unit = backend.as_unit(venue.organisation).await;
    let code = code_of(backend, citizen).await;
    let tap = json!({"code": code, "reason": "fever", "words": WORDS});
    unit.post(&path(&venue), tap).await.ok();
}
