//! How far a device is believed that delivers what it kept: its key may be a thief's.

use api::checkpoints::records::{Signed, Told, ToldPerson};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::{
    device, gate_record,
    values::{Colour, GateDecision, GateMark, GateMeans, GateReason, VenueCategory},
    visit,
};
use integration_tests::{
    Backend,
    backend::{Session, ZHANG},
    gates::{GateDevice, Stands},
    on_both_stacks,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::pass_cards::rig as cards;

/// Somebody whose ID card nobody could look up.
fn stranger() -> ToldPerson {
    ToldPerson {
        decision: GateDecision::LookAgain,
        document_number: Some("11010519491231002X".into()),
        means: GateMeans::IdCard,
        reason: GateReason::OnlineOnly,
        temperature_tenths: Some(365),
        text: None,
    }
}

/// A record of `person` with the number `seq`, said to have happened at `at`.
fn record(device: &GateDevice, seq: i64, at: DateTime<Utc>, person: ToldPerson) -> Signed {
    device.key.record(Told {
        captured_at: at.to_rfc3339_opts(SecondsFormat::Millis, true),
        device: device.id,
        people: vec![person],
        plate: None,
        seq,
    })
}

/// What became of each record: its fault, if it has one.
fn faults(view: &Value) -> Vec<&str> {
    let records = view["records"].as_array().expect("records");
    records
        .iter()
        .map(|it| it["fault"].as_str().unwrap_or("none"))
        .collect()
}

/// A code of the owner of `session` in `colour`, issued now, as somebody was let through with it.
fn let_through(backend: &Backend, session: &Session, colour: Colour, random: u64) -> ToldPerson {
    let number = cards::person(session).number();
    let now = backend.deps.clock.now();
    let code = backend.deps.keyring.issue(number, colour, now, random);
    ToldPerson {
        decision: GateDecision::Pass,
        document_number: None,
        means: GateMeans::Code,
        reason: GateReason::Green,
        temperature_tenths: Some(365),
        text: Some(code.unwrap().token),
    }
}

on_both_stacks! {
    async fn nothing_is_believed_of_before_the_device_had_its_key(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let now = backend.deps.clock.now();
        let back = |seconds| now - TimeDelta::seconds(seconds);
        let told = [
            record(&device, 1, back(3_600), stranger()),
            record(&device, 2, back(31), stranger()),
            record(&device, 3, back(30), stranger()),
            record(&device, 4, now, stranger()),
        ];
        let view = device.deliver(&told).await.ok();
        assert_eq!(faults(&view), ["before_enrolment", "before_enrolment", "none", "none"]);
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
    }

    async fn a_device_that_was_revoked_elsewhere_a_moment_ago_delivers_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        // This instance knows it, and that it is good.
        device.post("/v1/gate/heartbeats", &json!({"waiting": 1})).await.ok();
        let revoked = device::ActiveModel {
            id: Set(device.id),
            revoked_at: Set(Some(backend.deps.clock.now())),
            ..Default::default()
        };
        revoked.update(&backend.deps.db).await.unwrap();
        let told = [device.keeps(vec![stranger()])];
        assert_eq!(device.deliver(&told).await.problem(403), "device-revoked");
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 0);
    }

    async fn numbers_and_times_go_the_same_way_whatever_is_delivered_first(stack: Stack) {
        let backend = Backend::start(stack).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let start = backend.deps.clock.now();
        backend.wait(TimeDelta::hours(2));
        let at = |minutes| start + TimeDelta::minutes(minutes);
        let of = |seq, minutes| record(&device, seq, at(minutes), stranger());
        let late = [of(10, 60), of(11, 61)];
        assert_eq!(faults(&device.deliver(&late).await.ok()), ["none", "none"]);
        // In any order among each other; one says it was later than what came behind it.
        let early = [of(3, 30), of(2, 20), of(4, 70), of(5, 31)];
        assert_eq!(faults(&device.deliver(&early).await.ok()), ["none", "none", "out_of_order", "none"]);
        let behind = [of(12, 30), of(13, 62)];
        assert_eq!(faults(&device.deliver(&behind).await.ok()), ["out_of_order", "none"]);
        // What is on record is known, and another one with its number is a conflict as before.
        let again = [of(10, 60), of(11, 30)];
        assert_eq!(faults(&device.deliver(&again).await.ok()), ["none", "conflict"]);
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 6);
    }

    async fn of_more_than_an_hour_has_the_rest_comes_later_and_nothing_is_lost(stack: Stack) {
        let backend = Backend::start_with(stack, |config| config.gates.records_per_hour = 3).await;
        let device = backend.device(Stands::On(backend.checkpoint().await)).await;
        let other = backend.device(Stands::On(backend.checkpoint().await)).await;
        let told: Vec<_> = (0..4).map(|_| device.keeps(vec![stranger()])).collect();
        let (first, rest) = told.split_at(2);
        device.deliver(first).await.ok();
        let refused = device.deliver(rest).await;
        assert_eq!(refused.problem(429), "too-many-records");
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3_600).contains(&wait), "{wait}");
        assert_eq!(gate_record::Entity::find().count(&backend.deps.db).await.unwrap(), 2);
        // Each device for itself, and what is known counts for nothing.
        other.deliver(&[other.keeps(vec![stranger()])]).await.ok();
        assert_eq!(device.deliver(&first[..1]).await.ok()["known"], 1);
        assert_eq!(device.deliver(&rest[..1]).await.ok()["stored"], 1);
        backend.wait(TimeDelta::seconds(wait));
        assert_eq!(device.deliver(rest).await.ok()["stored"], 1);
    }

    async fn what_the_rules_would_not_have_done_is_kept_marked_and_vouches_for_no_visit(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device(Stands::At(venue.id)).await;
        let green = |random| let_through(&backend, &zhang, Colour::Green, random);
        let no_code = ToldPerson { text: Some("JK1:NONE".into()), ..green(1) };
        let card = ToldPerson {
            decision: GateDecision::Pass,
            reason: GateReason::Green,
            document_number: Some(ZHANG.number.into()),
            ..stranger()
        };
        let fever = ToldPerson { temperature_tenths: Some(373), ..green(2) };
        let unmeasured = ToldPerson { temperature_tenths: None, ..green(3) };
        let red = let_through(&backend, &zhang, Colour::Red, 4);
        let against_itself = ToldPerson { reason: GateReason::Red, ..green(5) };
        let stopped = ToldPerson {
            decision: GateDecision::Stop,
            reason: GateReason::OtherDocument,
            ..green(6)
        };
        let doubtful = [no_code, card, fever, unmeasured, red, against_itself];
        let count = doubtful.len();
        let told: Vec<_> = doubtful.into_iter().chain([stopped]).map(|person| device.keeps(vec![person])).collect();
        let view = device.deliver(&told).await.ok();
        assert_eq!(view["stored"], json!(told.len()), "kept: {view}");
        let db = &backend.deps.db;
        let mut rows = gate_record::Entity::find().all(db).await.unwrap();
        rows.sort_by_key(|row| row.seq);
        let marked: Vec<_> = rows.iter().map(|row| row.mark == Some(GateMark::Contradictory)).collect();
        let expected: Vec<_> = (0..told.len()).map(|at| at < count).collect();
        assert_eq!(marked, expected, "to be stricter contradicts nothing");
        assert_eq!(visit::Entity::find().count(db).await.unwrap(), 0);

        device.deliver(&[device.keeps(vec![green(7)])]).await.ok();
        assert_eq!(visit::Entity::find().count(db).await.unwrap(), 1, "the same, honestly");
    }

    async fn where_nobody_can_take_a_temperature_none_is_missed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green("13800138000", ZHANG).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let device = backend.device_without_thermometer(Stands::At(venue.id)).await;
        let green = let_through(&backend, &zhang, Colour::Green, 1);
        let person = ToldPerson { temperature_tenths: None, ..green };
        device.deliver(&[device.keeps(vec![person])]).await.ok();
        assert_eq!(visit::Entity::find().count(&backend.deps.db).await.unwrap(), 1);
    }
}
