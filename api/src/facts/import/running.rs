//! Use case: bring a file in, chunk by chunk.

use std::path::Path;

use entity::{
    import_batch::{self, ImportState},
    values::ImportId,
};
use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    admitting, batches,
    chunks::{self, Plan, Position},
    container::{Inspected, Opened},
    error::Error,
    findings::Finding,
    kinds::Kind,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    facts::Source,
    platform::db::begin_write,
    policy::{self, About, Rule},
};

/// A file to bring in.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Whose.
    pub source: &'a str,
    /// What its rows say.
    pub kind: Kind,
    /// Where it is.
    pub file: &'a Path,
    /// The source's signature. Only a trial does without.
    pub signature: Option<&'a [u8]>,
    /// Find out what would be applied, and keep nothing.
    pub dry_run: bool,
    /// Take the import over from a process that is known to be dead.
    pub take_over: bool,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How far it got.
    pub batch: import_batch::Model,
    /// What was found by a trial that nothing is kept of.
    pub findings: Vec<Finding>,
}

/// Told how far an import got, after each chunk.
pub type Watch<'a> = &'a mut (dyn FnMut(&import_batch::Model) + Send);

/// Bring a file in, from where it stopped if it was begun before. One that ended stays as it ended.
///
/// Whatever is wrong with the file as a whole is found before anything of it is applied. A chunk of
/// rows is applied whole or not at all, in the transaction that says how far the import got, so it may
/// be killed at any moment.
pub async fn import(deps: &Deps, order: Order<'_>, watch: Watch<'_>) -> Result<Outcome, Error> {
    let source = admitting::source(&deps.db, order.source, order.kind).await?;
    let (file, inspected) = admitting::inspect(deps, order.file, order.kind).await?;
    if order.signature.is_some() || !order.dry_run {
        admitting::signed(&source, order.kind, &inspected.digest, order.signature)?;
    }
    let named = (
        inspected.digest,
        order.source,
        order.kind.name(),
        order.dry_run,
    );
    let now = deps.clock.now();
    if order.dry_run {
        let batch = batches::new(ImportId(Uuid::nil()), named, None, now);
        let run = Run::of(deps, batch, &source, order.kind, Effect::None(Vec::new())).await?;
        return run.through(file, inspected, watch).await;
    }
    let new = batches::new(ImportId(deps.entropy.id()), named, None, now);
    let batch = begin(deps, new, Actor::Operator).await?;
    if batch.state != ImportState::Waiting {
        return Ok(Outcome {
            batch,
            findings: Vec::new(),
        });
    }
    let claimed = batches::claim(&deps.db, batch.id, now, order.take_over).await?;
    let claimed = claimed.ok_or(Error::Busy(batch.due_at))?;
    let run = Run::of(deps, claimed, &source, order.kind, Effect::Whole).await?;
    run.through(file, inspected, watch).await
}

/// The import of `new`'s file: `new`, which `actor` brings, or the one that there is.
pub(super) async fn begin(
    deps: &Deps,
    new: import_batch::Model,
    actor: Actor,
) -> Result<import_batch::Model, DbErr> {
    let tx = begin_write(&deps.db).await?;
    let id = new.id;
    let batch = batches::begin(&tx, new).await?;
    if batch.id == id {
        let event = Event::ImportBegun {
            import: id,
            source: batch.source.clone(),
            kind: batch.kind.clone(),
            digest: hex::encode(&batch.digest),
        };
        audit::record(&tx, deps, actor, Subject::Nobody, &event).await?;
    }
    tx.commit().await?;
    Ok(batch)
}

/// Bring in the claimed `batch` from its file: all of it, or what is left.
pub(super) async fn go_on(
    deps: &Deps,
    batch: import_batch::Model,
    source: &Source,
    kind: Kind,
    file: (Opened, Inspected),
) -> Result<import_batch::Model, Error> {
    let effect = if batch.dry_run {
        Effect::Findings
    } else {
        Effect::Whole
    };
    let run = Run::of(deps, batch, source, kind, effect).await?;
    let (file, inspected) = file;
    Ok(run.through(file, inspected, &mut |_| ()).await?.batch)
}

/// Whether `rule` shows its cause by what tests say, and keeps nothing: a negative result may begin or
/// end that, for whomever.
fn asks_about_tests(rule: &Rule) -> bool {
    let of_tests = |name: &String| {
        matches!(
            name.as_str(),
            "person.last_negative_at" | "person.last_single_negative_at" | "person.tests"
        )
    };
    let asks = rule.about == About::Test || rule.affected.iter().any(of_tests);
    asks && matches!(rule.effect, policy::Effect::Show { .. })
}

/// What is kept of a file.
#[derive(Debug)]
pub(super) enum Effect {
    /// Rows, findings, and how far it got.
    Whole,
    /// Findings, and how far it got.
    Findings,
    /// Nothing: what is found is told.
    None(Vec<Finding>),
}

/// An import under way.
pub(super) struct Run<'a> {
    pub(super) deps: &'a Deps,
    pub(super) batch: import_batch::Model,
    pub(super) source: &'a Source,
    pub(super) kind: Kind,
    pub(super) effect: Effect,
    /// Whether a rule in force asks about tests of everybody, so that any result may change a colour.
    pub(super) concerns_all: bool,
    /// Whether the file says again what the table holds, so that rows have to be looked for there.
    pub(super) merging: bool,
    /// What other files of the source held within a day that speaks against somebody, without a second
    /// person's leave.
    pub(super) earlier: u64,
}

impl<'a> Run<'a> {
    async fn of(
        deps: &'a Deps,
        batch: import_batch::Model,
        source: &'a Source,
        kind: Kind,
        effect: Effect,
    ) -> Result<Self, Error> {
        let policy = policy::in_force(deps, deps.clock.now()).await;
        let policy = policy.map_err(|error| Error::Policy(Box::new(error)))?;
        let earlier = batches::positives_beside(&deps.db, &batch).await?;
        Ok(Self {
            deps,
            earlier,
            batch,
            source,
            kind,
            effect,
            concerns_all: policy.rules.iter().any(|rule| asks_about_tests(rule)),
            merging: false,
        })
    }

    async fn through(
        mut self,
        file: Opened,
        inspected: Inspected,
        watch: Watch<'_>,
    ) -> Result<Outcome, Error> {
        self.move_to(import_batch::Model {
            total_rows: Some(inspected.lines),
            ..self.batch.clone()
        })
        .await?;
        let mut chunks = chunks::read(self.plan(file));
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk?;
            if chunk.until.row <= self.batch.next_row {
                self.tell_again(&chunk).await?;
                continue;
            }
            self.apply(chunk).await?;
            watch(&self.batch);
            if self.batch.state != ImportState::Waiting {
                return Ok(self.outcome());
            }
        }
        self.finish().await?;
        Ok(self.outcome())
    }

    /// From the last chunk that was applied, whose people may not have been shown it.
    fn plan(&self, file: Opened) -> Plan {
        Plan {
            file,
            kind: self.kind,
            from: Position {
                row: self.batch.told_row,
                byte: self.batch.told_byte,
            },
            pause: Position {
                row: self.batch.next_row,
                byte: self.batch.next_byte,
            },
            chunk_rows: self.deps.imports.chunk_rows,
            now: self.deps.clock.now(),
            vault: self.deps.vault.clone(),
        }
    }

    fn outcome(self) -> Outcome {
        Outcome {
            batch: self.batch,
            findings: match self.effect {
                Effect::None(findings) => findings,
                Effect::Whole | Effect::Findings => Vec::new(),
            },
        }
    }

    pub(super) async fn move_to(&mut self, after: import_batch::Model) -> Result<(), Error> {
        if matches!(self.effect, Effect::None(_)) {
            self.batch = after;
            return Ok(());
        }
        self.move_with(after, &[]).await
    }

    /// Say how far the import got, and what was found, without applying anything.
    pub(super) async fn move_with(
        &mut self,
        after: import_batch::Model,
        found: &[Finding],
    ) -> Result<(), Error> {
        let tx = begin_write(&self.deps.db).await?;
        if !batches::advance(&tx, &self.batch, &after).await? {
            return Err(Error::Overtaken);
        }
        batches::note(&tx, self.batch.id, found).await?;
        tx.commit().await?;
        self.batch = after;
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), Error> {
        let now = self.deps.clock.now();
        let after = batches::ended(&self.batch, ImportState::Done, None, now);
        let after = import_batch::Model {
            told_row: after.next_row,
            told_byte: after.next_byte,
            ..after
        };
        if !matches!(self.effect, Effect::Whole) {
            return self.move_to(after).await;
        }
        let tx = begin_write(&self.deps.db).await?;
        if !batches::advance(&tx, &self.batch, &after).await? {
            return Err(Error::Overtaken);
        }
        let event = Event::ImportEnded {
            import: after.id,
            applied: after.applied,
            refused: after.refused,
        };
        audit::record(&tx, self.deps, Actor::System, Subject::Nobody, &event).await?;
        tx.commit().await?;
        self.batch = after;
        Ok(())
    }
}
