//! An import may be killed at any moment, and ends as one that was left alone.

use std::{collections::BTreeMap, future::poll_fn, pin::pin, sync::mpsc, task::Poll};

use api::{
    facts::import::{Error, Kind, Order, Outcome, import},
    platform::Entropy,
};
use entity::values::TestResult;
use integration_tests::{SeededEntropy, on_both_stacks};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    bad_input::gzip,
    rig::{Rig, SOURCE, Sent, csv, number, row},
};

/// Run `future` until it has been waited for so many times, and drop it where it is.
async fn cut_short<T>(future: impl Future<Output = T>, waits: u32) -> Option<T> {
    let mut future = pin!(future);
    let mut left = waits;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

impl Rig {
    /// Bring `sent` in, killed over and over, until it is through. Returns how often it was killed. What
    /// goes on is another process: connections die with the one that was killed.
    async fn bring_with_kills(&self, sent: &Sent, first: u32) -> (Outcome, u32) {
        for kill in 0.. {
            let order = Order {
                source: SOURCE,
                kind: Kind::NucleicAcidTest,
                file: &sent.path,
                signature: Some(&sent.signature),
                dry_run: false,
                take_over: true,
            };
            let mut unwatched = |_: &entity::import_batch::Model| ();
            let process = self.backend.another_instance().await;
            let bringing = import(&process.deps, order, &mut unwatched);
            if let Some(done) = Box::pin(cut_short(bringing, first + kill * 5)).await {
                return (done.unwrap(), kill);
            }
        }
        unreachable!("each try gets further")
    }
}

/// An import by another process, on a thread of its own, held between two chunks: nothing of it is in a
/// transaction.
struct HeldImport {
    on: mpsc::Sender<()>,
    import: JoinHandle<Result<Outcome, Error>>,
}

impl HeldImport {
    async fn held_after_its_first_chunk(rig: &Rig, sent: &Sent) -> Self {
        let process = rig.backend.another_instance().await;
        let (file, signature) = (sent.path.clone(), sent.signature.clone());
        let (on, released) = mpsc::channel();
        let (told, held) = oneshot::channel();
        let runtime = Handle::current();
        let import = spawn_blocking(move || {
            let order = Order {
                source: SOURCE,
                kind: Kind::NucleicAcidTest,
                file: &file,
                signature: Some(&signature),
                dry_run: false,
                take_over: false,
            };
            let mut told = Some(told);
            let mut watch = move |_: &entity::import_batch::Model| {
                if let Some(told) = told.take() {
                    told.send(()).unwrap();
                    released.recv().unwrap();
                }
            };
            runtime.block_on(import(&process.deps, order, &mut watch))
        });
        held.await.unwrap();
        Self { on, import }
    }

    async fn go_on(self) -> Result<Outcome, Error> {
        self.on.send(()).unwrap();
        self.import.await.unwrap()
    }
}

/// Rows of all kinds: good, repeated, contradictory, wrong, of nobody.
fn mixture(rows: usize, people: u32) -> Vec<String> {
    let entropy = SeededEntropy::new(11);
    let draw = |bound| usize::try_from(entropy.below(bound)).unwrap();
    (0..rows)
        .map(|_| {
            let tube = format!("T{}", draw(3));
            let hours = 2 + i64::try_from(draw(3)).unwrap();
            let result = ["negative", "negative", "negative", "positive"][draw(4)];
            match draw(20) {
                0 => row(draw(people), &tube, hours, "maybe"),
                1 => row(900_000 + draw(people), &tube, hours, result),
                2 => row(draw(people), "=T", hours, result),
                _ => row(draw(people), &tube, hours, result),
            }
        })
        .collect()
}

fn lenient(config: &mut api::config::Config, chunk: usize) {
    config.imports.chunk_rows = chunk;
    config.imports.quarantine_percent = 100;
    config.imports.quarantine_positives = 1_000_000;
}

on_both_stacks! {
    async fn an_import_that_is_killed_over_and_over_ends_as_one_left_alone(stack: Stack) {
        let text = csv(&mixture(300, 60));
        let undisturbed = Rig::changed(stack, 60, |config| lenient(config, 20)).await;
        let alone = undisturbed.bring(&undisturbed.send(text.as_bytes())).await.unwrap();
        let (table, found) = (undisturbed.results().await, undisturbed.found(&alone).await);
        assert!(alone.batch.repeated > 10 && found.len() > 30 && table.len() > 100);

        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes())] {
            let rig = Rig::changed(stack, 60, |config| lenient(config, 20)).await;
            let sent = rig.send(&bytes);
            let (outcome, kills) = rig.bring_with_kills(&sent, 4).await;
            assert!(kills > 3, "killed {kills} times");
            assert_eq!(rig.results().await, table);
            assert_eq!(rig.found(&outcome).await, found);
            let counts = |outcome: &Outcome| {
                let batch = &outcome.batch;
                (batch.applied, batch.repeated, batch.refused, batch.positives, batch.next_row)
            };
            assert_eq!(counts(&outcome), counts(&alone));
        }
    }

    async fn one_process_at_a_time_has_an_import_and_notices_when_it_lost_it(stack: Stack) {
        let rig = Rig::changed(stack, 60, |config| lenient(config, 20)).await;
        let sent = rig.send_rows(&mixture(300, 60));
        let first = HeldImport::held_after_its_first_chunk(&rig, &sent).await;
        let second = rig.bring(&sent).await;
        assert!(matches!(second, Err(Error::Busy(_))), "{second:?}");
        let second = rig.bring_as(&sent, |order| order.take_over = true).await.unwrap();
        assert_eq!(second.batch.state, entity::import_batch::ImportState::Done);
        let first = first.go_on().await;
        assert!(matches!(first, Err(Error::Overtaken)), "{first:?}");
    }

    async fn an_import_is_what_a_naive_reading_of_10000_rows_is(stack: Stack) {
        let people: u32 = 2_000;
        let rig = Rig::changed(stack, 2_000, |config| lenient(config, 1_000)).await;
        let rows = mixture(10_000, people);
        let outcome = rig.bring(&rig.send_rows(&rows)).await.unwrap();

        let mut table: BTreeMap<(String, String, String, String), String> = BTreeMap::new();
        let (mut repeated, mut refused) = (0, 0);
        for row in &rows {
            let cells: Vec<&str> = row.split(',').collect();
            let text = |at: usize| cells[at].to_owned();
            let known = (0..2_000).contains(&cells[1].trim_start_matches('E').parse::<i32>().unwrap());
            if !known || text(7) == "maybe" || text(3).starts_with('=') {
                refused += 1;
                continue;
            }
            let key = (text(1), text(5), format!("{}/{}", cells[2], cells[3]), text(6));
            match table.get(&key) {
                None => drop(table.insert(key, text(7))),
                Some(stands) if *stands == text(7) => repeated += 1,
                Some(_) => refused += 1,
            }
        }
        let batch = &outcome.batch;
        let applied = i64::try_from(table.len()).unwrap();
        assert_eq!((batch.applied, batch.repeated, batch.refused), (applied, repeated, refused));

        let documents: Vec<Vec<u8>> = (0..2_000)
            .map(|at| rig.backend.deps.vault.index("person.document", &format!("passport|{}", number(at))))
            .collect();
        let found = api::identity::people_with_documents(&rig.backend.deps.db, &documents).await.unwrap();
        let names: BTreeMap<_, _> = found.iter().zip(0..).map(|(id, at)| (id.unwrap(), number(at))).collect();
        let stored: BTreeMap<_, _> = rig.results().await.into_iter().map(|row| {
            let time = |at: chrono::DateTime<chrono::Utc>| at.format("%FT%TZ").to_string();
            let result = match row.result {
                TestResult::Negative => "negative",
                TestResult::Positive => "positive",
                TestResult::Inconclusive => "inconclusive",
            };
            let key = (names[&row.person_id].clone(), time(row.sampled_at), row.sample, time(row.reported_at));
            (key, result.to_owned())
        }).collect();
        assert_eq!(stored, table);
    }
}
