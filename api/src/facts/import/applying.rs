//! Applying a chunk: whose its rows are, what is new in them, and who has to be shown it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use entity::{
    import_batch::{self, ImportState},
    values::{FactKind, PersonId, TestResult},
};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};

use super::{
    batches::{self, LEASE},
    chunks::{Chunk, Position, Rows},
    error::Error,
    fact_rows::{FactRow, Facts},
    findings::{FileFlaw, Finding, Flaw},
    judging::Sorted,
    rows::Tests,
    running::{Effect, Run},
    sought::Sought,
    steps::{self, Kept, Step},
};
use crate::{
    facts::{self, NewFact, Recorded},
    identity,
    platform::{db::begin_write, ephemeral::Unavailable},
    recheck,
};

/// How often a chunk is tried while others bring the same rows at the same moment.
const TRIES: u32 = 5;

/// How long to wait for the short-lived store, time after time, before everybody in a chunk is looked
/// at instead.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(800)];

/// Later than the version of any assessment.
const ANY_VERSION: i64 = i64::MAX;

impl Run<'_> {
    /// Apply `chunk`, or stop before it.
    pub(super) async fn apply(&mut self, chunk: Chunk) -> Result<(), Error> {
        let Chunk {
            from,
            until,
            rows,
            findings,
        } = chunk;
        let part = Part { from, until };
        match rows {
            Rows::Tests(tests) => self.apply_tests(part, tests, findings).await,
            Rows::Facts(facts) => self.apply_facts(part, facts, findings).await,
        }
    }

    async fn apply_tests(
        &mut self,
        part: Part,
        mut tests: Tests,
        mut findings: Vec<Finding>,
    ) -> Result<(), Error> {
        let people = people(&self.deps.db, &tests.sought).await?;
        let mut known = Vec::with_capacity(people.len());
        for (row, person) in tests.rows.iter_mut().zip(people) {
            known.push(person.is_some());
            match person {
                Some(person) => row.person = person,
                None => findings.push(unknown(row.line)),
            }
        }
        let tests = tests;
        let sorted = Sorted::of(&tests, &known);
        let others = {
            let keys = sorted.doubtful(true);
            steps::others(&self.deps.db, &self.source.id, &keys).await?
        };
        for _ in 0..TRIES {
            let all = self.merging || self.looks_first();
            let stored = steps::stored(&self.deps.db, &sorted.doubtful(all)).await?;
            let verdict = sorted.judge(&stored, &others);
            let mut found = [findings.as_slice(), &verdict.findings].concat();
            found.sort_unstable_by_key(|found| found.line);
            let after = self.after(part, &found, &tests, &verdict.new);
            if !all && self.too_much(&after).is_some() {
                // Some of it may be known, and counts for nothing then.
                self.merging = true;
                continue;
            }
            self.listed(&mut found);
            if self.stops(&after, &found).await? {
                return Ok(());
            }
            if !matches!(self.effect, Effect::Whole) {
                return self.keep_findings(after, found).await;
            }
            let step = Step {
                before: &self.batch,
                after: &after,
                tests: &tests,
                new: &verdict.new,
                findings: &found,
                now: self.deps.clock.now(),
            };
            match steps::keep(&self.deps.db, &step).await? {
                Kept::Whole => {
                    let people = step.rows().map(|row| row.person).collect();
                    let marked = step.affected().into_iter().collect();
                    self.batch = after;
                    self.merging = self.merging && !stored.is_empty();
                    return self.tell(people, &marked).await;
                }
                Kept::Collided => self.merging = true,
                Kept::Overtaken => return Err(Error::Overtaken),
            }
        }
        Err(Error::Contended)
    }

    /// On SQLite a row that is there spoils nothing, but is not noticed either; a trial inserts nothing.
    fn looks_first(&self) -> bool {
        !matches!(self.effect, Effect::Whole)
            || self.deps.db.get_database_backend() != DbBackend::Postgres
    }

    fn after(
        &self,
        part: Part,
        found: &[Finding],
        tests: &Tests,
        new: &[u32],
    ) -> import_batch::Model {
        let rows = new.iter().filter_map(|at| tests.rows.get(*at as usize));
        let positive = rows.filter(|row| row.result == TestResult::Positive);
        self.moved(part, found, new.len(), positive.count())
    }

    /// The batch once `part` is dealt with.
    fn moved(
        &self,
        part: Part,
        found: &[Finding],
        applied: usize,
        positives: usize,
    ) -> import_batch::Model {
        let refused = found.iter().filter(|found| found.flaw.refuses()).count();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let before = &self.batch;
        import_batch::Model {
            due_at: self.deps.clock.now() + LEASE,
            told_row: part.from.row,
            told_byte: part.from.byte,
            next_row: part.until.row,
            next_byte: part.until.byte,
            applied: before.applied + count(applied),
            repeated: before.repeated + count(found.len() - refused),
            refused: before.refused + count(refused),
            positives: before.positives + count(positives),
            ..before.clone()
        }
    }

    /// Stop before `after`, if too much looks wrong for one person to decide, or for anybody to read.
    async fn stops(
        &mut self,
        after: &import_batch::Model,
        found: &[Finding],
    ) -> Result<bool, Error> {
        let (state, flaw) = if let Some(flaw) = self.too_much(after) {
            (ImportState::Quarantined, flaw)
        } else if self.is_too_long(after.refused) {
            (ImportState::Refused, FileFlaw::TooManyFindings)
        } else {
            return Ok(false);
        };
        let now = self.deps.clock.now();
        let ended = batches::ended(&self.batch, state, Some(flaw), now);
        if matches!(self.effect, Effect::None(_)) {
            self.batch = ended;
        } else {
            self.move_with(ended, found).await?;
        }
        Ok(true)
    }

    fn too_much(&self, after: &import_batch::Model) -> Option<FileFlaw> {
        let real = matches!(self.effect, Effect::Whole);
        if !real || self.batch.released_by.is_some() {
            return None;
        }
        let settings = &self.deps.imports;
        let (rows, refused) = (after.next_row.unsigned_abs(), after.refused.unsigned_abs());
        let borne = rows.saturating_mul(settings.quarantine_percent) / 100;
        if refused > borne && refused > settings.quarantine_rows {
            return Some(FileFlaw::TooManyRefused);
        }
        let positives = self.earlier + after.positives.unsigned_abs();
        (positives > settings.quarantine_positives).then_some(FileFlaw::TooManyPositives)
    }

    /// Whether nobody would read a list of so many findings.
    fn is_too_long(&self, findings: i64) -> bool {
        findings.unsigned_abs() > self.deps.imports.most_findings
    }

    /// What is listed of `found`: once there is a great deal, rows that say what was known are counted
    /// and no more.
    fn listed(&self, found: &mut Vec<Finding>) {
        let before = &self.batch;
        if self.is_too_long(before.repeated + before.refused) {
            found.retain(|found| found.flaw.refuses());
        }
    }

    async fn keep_findings(
        &mut self,
        after: import_batch::Model,
        mut found: Vec<Finding>,
    ) -> Result<(), Error> {
        if let Effect::None(findings) = &mut self.effect {
            findings.append(&mut found);
            self.batch = after;
            return Ok(());
        }
        self.move_with(after, &found).await
    }

    /// What `people` show is worked out anew, and whoever's colour their new results may change is looked
    /// at. After the commit: see [`steps::concerned`]. Whoever resumes an import does this again.
    /// Those who were `marked` with their results are looked at as it is.
    async fn tell(
        &self,
        mut people: Vec<PersonId>,
        marked: &HashSet<PersonId>,
    ) -> Result<(), Error> {
        people.sort_unstable();
        people.dedup();
        let concerned = steps::concerned(&self.deps.db, &people, self.concerns_all).await?;
        let concerned: HashMap<PersonId, i64> = concerned.into_iter().collect();
        let forgotten = self.forget(&people, &concerned).await;
        if forgotten {
            people.retain(|person| concerned.contains_key(person));
        }
        people.retain(|person| !marked.contains(person));
        let concerned = people;
        if !concerned.is_empty() {
            let tx = begin_write(&self.deps.db).await?;
            recheck::mark_all(&tx, &concerned, self.deps.clock.now()).await?;
            tx.commit().await?;
        }
        self.deps.recheck.wake();
        Ok(())
    }

    /// Forget what `people` showed. `false` if the short-lived store stays away.
    ///
    /// Of those who are `concerned` the next assessment is shared, which is to come; of the others
    /// nothing is for a while, for whatever is worked out just now may be of before.
    async fn forget(&self, people: &[PersonId], concerned: &HashMap<PersonId, i64>) -> bool {
        let mut numbers: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for person in people {
            let version = concerned.get(person).copied().unwrap_or(ANY_VERSION);
            numbers.entry(version).or_default().push(person.number());
        }
        let mut pauses = PAUSES.into_iter();
        loop {
            let Err(error) = self.try_to_forget(&numbers).await else {
                return true;
            };
            let Some(pause) = pauses.next() else {
                tracing::warn!(
                    people = people.len(),
                    error = &error as &dyn std::error::Error,
                    "the short-lived store is away: {} people are looked at again",
                    people.len()
                );
                return false;
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn try_to_forget(&self, numbers: &BTreeMap<i64, Vec<i64>>) -> Result<(), Unavailable> {
        let store = &*self.deps.ephemeral;
        for (version, numbers) in numbers {
            let forgetting = self.deps.codes.forget_everywhere(store, numbers, *version);
            forgetting.await?;
        }
        Ok(())
    }

    /// The same for a chunk that was applied before.
    pub(super) async fn tell_again(&self, chunk: &Chunk) -> Result<(), Error> {
        let Rows::Tests(tests) = &chunk.rows else {
            return Ok(());
        };
        if matches!(self.effect, Effect::Whole) {
            let people = people(&self.deps.db, &tests.sought).await?;
            let people = people.into_iter().flatten().collect();
            self.tell(people, &HashSet::new()).await?;
        }
        Ok(())
    }

    /// Facts are recorded one by one, as those are that come through the API.
    async fn apply_facts(
        &mut self,
        part: Part,
        facts: Facts,
        mut findings: Vec<Finding>,
    ) -> Result<(), Error> {
        let people = people(&self.deps.db, &facts.sought).await?;
        let tx = begin_write(&self.deps.db).await?;
        let (mut applied, mut worse) = (0, 0);
        for (row, person) in facts.rows.into_iter().zip(people) {
            let line = row.line;
            let Some(person) = person else {
                findings.push(unknown(line));
                continue;
            };
            let Some(new) = self.fact(facts.kind, row, person) else {
                let (field, flaw) = ("origin", Flaw::Value);
                findings.push(Finding { line, field, flaw });
                continue;
            };
            let flaw = match facts::record_fact(&tx, self.deps, new).await? {
                Recorded::New(_) => {
                    applied += 1;
                    worse += usize::from(may_worsen(facts.kind));
                    continue;
                }
                Recorded::Known(known) if known.withdrawn_at.is_some() => Flaw::Withdrawn,
                Recorded::Known(_) => Flaw::Repeated,
                Recorded::Contradiction(_) => Flaw::Contradicts,
            };
            findings.push(Finding {
                line,
                field: "",
                flaw,
            });
        }
        findings.sort_unstable_by_key(|found| found.line);
        let after = self.moved(part, &findings, applied, worse);
        self.listed(&mut findings);
        if self.too_much(&after).is_some() || self.is_too_long(after.refused) {
            tx.rollback().await?;
            return self.stops(&after, &findings).await.map(drop);
        }
        if !matches!(self.effect, Effect::Whole) {
            tx.rollback().await?;
            return self.keep_findings(after, findings).await;
        }
        if !batches::advance(&tx, &self.batch, &after).await? {
            return Err(Error::Overtaken);
        }
        batches::note(&tx, self.batch.id, &findings).await?;
        tx.commit().await?;
        self.batch = after;
        self.deps.recheck.wake();
        Ok(())
    }

    /// What `row` says of `person`, unless it is another region's to say.
    fn fact(&self, kind: FactKind, row: FactRow, person: PersonId) -> Option<NewFact> {
        let own = &self.source.division;
        let origin = row.origin.unwrap_or_else(|| own.clone());
        own.contains(&origin).then(|| NewFact {
            person,
            kind,
            happened_at: row.happened_at,
            ends_at: row.ends_at,
            origin,
            source: self.source.id.clone(),
            source_ref: Some(row.source_ref),
            detail: row.detail,
            recorded_by: None,
        })
    }
}

/// Which part of the file.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: Position,
    until: Position,
}

fn unknown(line: i64) -> Finding {
    Finding {
        line,
        field: "document_number",
        flaw: Flaw::UnknownPerson,
    }
}

/// Whether a fact of `kind` can make a colour worse, whatever the policy says.
fn may_worsen(kind: FactKind) -> bool {
    !matches!(
        kind,
        FactKind::SuspicionExcluded | FactKind::Recovered | FactKind::IsolationEnded
    )
}

/// Who is `sought`, row by row: their documents are kept under the key in use, or under one of before.
async fn people(db: &DatabaseConnection, sought: &Sought) -> Result<Vec<Option<PersonId>>, DbErr> {
    let mut found: Vec<Option<PersonId>> = vec![None; sought.rows()];
    for version in 0..sought.versions() {
        let (places, asked): (Vec<usize>, Vec<&[u8]>) = found
            .iter()
            .enumerate()
            .filter(|(_, found)| found.is_none())
            .filter_map(|(at, _)| Some((at, sought.key(at, version)?)))
            .unzip();
        if asked.is_empty() {
            break;
        }
        let people = identity::people_with_documents(db, &asked).await?;
        for (at, person) in places.into_iter().zip(people) {
            if let Some(place) = found.get_mut(at) {
                *place = person;
            }
        }
    }
    Ok(found)
}
