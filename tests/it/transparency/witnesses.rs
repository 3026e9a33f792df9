//! What witnesses outside sign.

use api::{
    config::{PublicKey, Transparency, Witness},
    credentials::{
        cose::{Kid, VerifyingKey},
        note,
    },
    platform::Clock,
    transparency::Log,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chrono::TimeDelta;
use entity::log_cosignature;
use integration_tests::{Backend, call::Reply, on_both_stacks};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;

use super::{checkpoint, note_of, recorded, recorded_to, sequence};

/// Somebody who signs.
struct Signs {
    name: &'static str,
    key: Ed25519KeyPair,
}

impl Signs {
    fn new(name: &'static str, seed: u8) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Self { name, key }
    }

    fn public(&self) -> [u8; 32] {
        self.key.public_key().as_ref().try_into().unwrap()
    }

    fn settings(&self) -> Witness {
        Witness {
            name: self.name.into(),
            public_key: PublicKey(self.public()),
        }
    }

    /// `signed` with their signature of it at `at`.
    fn cosign(&self, signed: &str, at: i64) -> String {
        let (text, _) = signed.split_once("\n\n").unwrap();
        let text = format!("{text}\n");
        let at = at.cast_unsigned();
        let signature = self.key.sign(note::cosigned(at, &text).as_bytes());
        let kid = Kid::new(b"w").unwrap();
        let key = VerifyingKey::new(kid, self.public()).unwrap();
        let line = note::Witness::new(self.name.into(), key).line(at, signature.as_ref());
        format!("{text}\n{line}")
    }
}

fn both() -> [Signs; 2] {
    [Signs::new("one.example", 1), Signs::new("two.example", 2)]
}

async fn watched(stack: integration_tests::Stack) -> Backend {
    Backend::start_with(stack, |config| {
        let witnesses = both().iter().map(Signs::settings).collect();
        config.transparency.witnesses = witnesses;
    })
    .await
}

async fn hand_in(backend: &Backend, note: &str) -> Reply {
    let body = json!({"note": note});
    backend.anyone().post("/v1/log/cosignatures", body).await
}

/// Keep what a witness signed, where none is configured.
pub(super) async fn one_signs(backend: &Backend) {
    let row = log_cosignature::Model {
        size: i64::try_from(checkpoint(backend).await.0.size).unwrap(),
        witness: "one.example".into(),
        signed_at: 1,
        signature: vec![1; 64],
        at: backend.clock.now(),
    };
    log_cosignature::Entity::insert(row.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
}

on_both_stacks! {
    async fn a_checkpoint_shows_who_witnessed_it(stack: Stack) {
        let backend = watched(stack).await;
        let [one, two] = both();
        recorded_to(&backend, 30).await;
        sequence(&backend).await;
        let (_, signed) = checkpoint(&backend).await;
        let now = backend.clock.now().timestamp();
        backend.anyone().get("/v1/log/checkpoint?witnessed=true").await.problem(404);

        assert_eq!(hand_in(&backend, &one.cosign(&signed, now)).await.status, 204);
        backend.anyone().get("/v1/log/checkpoint?witnessed=true").await.problem(404);
        assert_eq!(hand_in(&backend, &two.cosign(&signed, now)).await.status, 204);
        let witnessed = note_of(&backend, "/v1/log/checkpoint?witnessed=true").await;
        assert_eq!(witnessed, note_of(&backend, "/v1/log/checkpoint").await);
        for signs in [&one, &two] {
            let line = signs.cosign(&signed, now);
            let line = line.rsplit("\n\n").next().unwrap();
            assert!(witnessed.contains(line), "{witnessed}");
        }

        recorded(&backend, 1).await;
        sequence(&backend).await;
        let newest = note_of(&backend, "/v1/log/checkpoint").await;
        assert!(!newest.contains(one.name), "{newest}");
        assert_eq!(note_of(&backend, "/v1/log/checkpoint?witnessed=true").await, witnessed);
    }

    async fn whoever_is_no_witness_any_more_counts_for_nothing(stack: Stack) {
        let backend = watched(stack).await;
        let [one, two] = both();
        recorded_to(&backend, 30).await;
        sequence(&backend).await;
        let (_, signed) = checkpoint(&backend).await;
        let now = backend.clock.now().timestamp();
        for signs in [&one, &two] {
            assert_eq!(hand_in(&backend, &signs.cosign(&signed, now)).await.status, 204);
        }
        for (witnesses, status) in [(vec![&one, &two], 200), (vec![&one], 404)] {
            let settings = Transparency {
                witnesses: witnesses.into_iter().map(Signs::settings).collect(),
                ..Transparency::default()
            };
            let log = Log::new("example".into(), &settings).unwrap();
            let instance = backend.another_instance_with(|deps| deps.log = log).await;
            let answer = instance.anyone().get("/v1/log/checkpoint?witnessed=true").await;
            assert_eq!(answer.status, status);
        }
    }

    async fn what_no_known_witness_signed_is_refused(stack: Stack) {
        let backend = watched(stack).await;
        let [one, two] = both();
        recorded_to(&backend, 30).await;
        sequence(&backend).await;
        let (_, signed) = checkpoint(&backend).await;
        let now = backend.clock.now().timestamp();
        let stranger = Signs::new("three.example", 3);
        let impostor = Signs { name: one.name, key: Signs::new("", 3).key };
        let good = one.cosign(&signed, now);
        let late = one.cosign(&signed, now + 3_600);
        let other = signed.replacen("\n30\n", "\n31\n", 1);
        // Their name and their key's id before somebody else's signature.
        let forged = {
            let theirs = two.cosign(&signed, now);
            let (text, line) = theirs.split_once("\n\n").unwrap();
            let mut line = line.trim_end().to_owned();
            let flipped = if line.pop() == Some('=') { "A" } else { "B" };
            line.push_str(flipped);
            format!("{text}\n\n{line}\n")
        };
        for (wrong, code) in [
            (signed.clone(), "not_witnessed"),
            (stranger.cosign(&signed, now), "not_witnessed"),
            (impostor.cosign(&signed, now), "not_witnessed"),
            (late, "not_witnessed"),
            (one.cosign(&other, now), "not_ours"),
            (one.cosign(&signed.replacen("127.0.0.1", "127.0.0.2", 1), now), "not_ours"),
            (good.trim_end().to_owned(), "not_ours"),
            ("nothing".into(), "not_ours"),
        ] {
            let reply = hand_in(&backend, &wrong).await;
            reply.problem(422);
            assert_eq!(reply.faults(), [("note".to_owned(), code.to_owned())], "{wrong}");
        }
        hand_in(&backend, &forged).await.problem(422);
        let kept = log_cosignature::Entity::find().count(&backend.deps.db).await.unwrap();
        assert_eq!(kept, 0);
    }

    async fn a_witness_never_goes_back(stack: Stack) {
        let backend = watched(stack).await;
        let [one, two] = both();
        recorded_to(&backend, 30).await;
        sequence(&backend).await;
        let (_, older) = checkpoint(&backend).await;
        backend.wait(TimeDelta::seconds(10));
        recorded(&backend, 1).await;
        sequence(&backend).await;
        let (_, newer) = checkpoint(&backend).await;
        let now = backend.clock.now().timestamp();

        assert_eq!(hand_in(&backend, &one.cosign(&newer, now)).await.status, 204);
        assert_eq!(hand_in(&backend, &one.cosign(&newer, now)).await.status, 204, "once more does no harm");
        for old in [one.cosign(&older, now), one.cosign(&older, now + 1), one.cosign(&newer, now - 1)] {
            assert_eq!(hand_in(&backend, &old).await.problem(409), "cosignature-outdated");
        }
        assert_eq!(hand_in(&backend, &one.cosign(&newer, now + 1)).await.status, 204);
        assert_eq!(hand_in(&backend, &two.cosign(&older, now)).await.status, 204, "each for themselves");
    }
}
