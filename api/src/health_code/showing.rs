//! Use case: show a code. The product's hottest path.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::values::PersonId;
use sea_orm::ConnectionTrait;

use super::{
    error::Error,
    snapshot::{self, Snapshot},
    views::CodeView,
};
use crate::{
    config::Display,
    credentials::keyring::IssuedCode,
    deps::Deps,
    http::problem::Language,
    platform::{cache::Cache, entropy},
};

/// Bytes of an answer with a reason or two.
const USUAL_BODY: usize = 1024;

/// What this process has shown, for as long as it may show it again.
pub struct CodeCache {
    /// By person number: what a person shows, and when that was asked for.
    known: Cache<i64, Known>,
    /// By person number and language: the whole answer as JSON.
    shown: Cache<(i64, Language), Bytes>,
    display: Display,
}

/// What a person shows, and the code that says so.
#[derive(Clone)]
struct Known {
    snapshot: Arc<Snapshot>,
    asked_at: DateTime<Utc>,
    code: Option<Arc<IssuedCode>>,
}

impl Known {
    /// Whether it may be shown at `now` without asking anybody.
    fn is_at_hand(&self, display: &Display, now: DateTime<Utc>) -> bool {
        now < self.asked_at + display.remember() && self.snapshot.holds_at(now)
    }

    /// The last code, while it is young.
    fn young_code(&self, display: &Display, now: DateTime<Utc>) -> Option<&Arc<IssuedCode>> {
        let code = self.code.as_ref()?;
        (now < code.issued_at + display.reuse_token()).then_some(code)
    }
}

impl CodeCache {
    /// An empty cache.
    #[must_use]
    pub fn new(display: Display) -> Self {
        Self {
            known: Cache::new(display.people),
            shown: Cache::new(display.people),
            display,
        }
    }

    /// Forget what the person with `number` showed.
    pub fn forget(&self, number: i64) {
        self.known.remove(&number);
        for language in [Language::Chinese, Language::English] {
            self.shown.remove(&(number, language));
        }
    }

    fn keep(&self, number: i64, known: Known) {
        let survives = known.asked_at + self.display.survive();
        self.known.insert(number, known, survives);
    }

    /// The answer that this process may show again without asking.
    pub(super) fn page(
        &self,
        number: i64,
        language: Language,
        now: DateTime<Utc>,
    ) -> Option<Bytes> {
        self.shown.get(&(number, language), now)
    }

    /// The code that this process may show again without asking.
    pub(super) fn code(&self, number: i64, now: DateTime<Utc>) -> Option<Arc<IssuedCode>> {
        let known = self.known.get(&number, now)?;
        let code = known.young_code(&self.display, now)?;
        known
            .is_at_hand(&self.display, now)
            .then(|| Arc::clone(code))
    }
}

/// The code of `person`, to draw. `prefetched` is what the short-lived store held under
/// [`snapshot::key`], if the caller asked it already.
pub(super) async fn code(
    deps: &Deps,
    person: PersonId,
    prefetched: Option<Bytes>,
) -> Result<Arc<IssuedCode>, Error> {
    let now = deps.clock.now();
    let number = person.number();
    if let Some(code) = deps.codes.code(number, now) {
        return Ok(code);
    }
    let (known, _) = know(&deps.db, deps, Whose::Person(person), prefetched, now).await?;
    let known = known.ok_or_else(nobody)?;
    let code = code_for(deps, number, &known, now)?;
    let known = Known {
        code: Some(Arc::clone(&code)),
        ..known
    };
    deps.codes.keep(number, known);
    Ok(code)
}

/// The code of `person` as its page gets it, in JSON. `prefetched` as with [`code`].
pub(super) async fn page(
    deps: &Deps,
    person: PersonId,
    language: Language,
    prefetched: Option<Bytes>,
) -> Result<Bytes, Error> {
    let now = deps.clock.now();
    let number = person.number();
    if let Some(page) = deps.codes.page(number, language, now) {
        return Ok(page);
    }
    let (known, stale) = know(&deps.db, deps, Whose::Person(person), prefetched, now).await?;
    let known = known.ok_or_else(nobody)?;
    let code = code_for(deps, number, &known, now)?;
    let as_of = stale.then_some(known.asked_at);
    let view = CodeView::new(person, &known.snapshot, &code, as_of, language);
    let mut body = Vec::with_capacity(USUAL_BODY);
    serde_json::to_writer(&mut body, &view)?;
    let page = Bytes::from(body);
    remember(deps, (number, language), known, code, &page);
    Ok(page)
}

fn nobody() -> Error {
    sea_orm::DbErr::RecordNotFound(String::new()).into()
}

/// Whom to work a code out for, where nothing is known.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    /// This person.
    Person(PersonId),
    /// Whoever has this number.
    Number(i64),
}

impl Whose {
    fn number(self) -> i64 {
        match self {
            Self::Person(person) => person.number(),
            Self::Number(number) => number,
        }
    }
}

/// The live snapshot of the person with `number`, and whether it may be out of date because no store
/// answers. None if nobody has that number.
pub(super) async fn live_snapshot(
    db: &impl ConnectionTrait,
    deps: &Deps,
    number: i64,
    now: DateTime<Utc>,
) -> Result<Option<(Arc<Snapshot>, bool)>, Error> {
    let (known, stale) = know(db, deps, Whose::Number(number), None, now).await?;
    let Some(known) = known else {
        return Ok(None);
    };
    let snapshot = Arc::clone(&known.snapshot);
    if known.asked_at == now {
        deps.codes.keep(number, known);
    }
    Ok(Some((snapshot, stale)))
}

/// What a person shows: from this process, the short-lived store, or the database, in this order.
/// While neither store answers, what was known before serves on, marked; while the service spares the database,
/// so does what still holds. The caller keeps it.
async fn know(
    db: &impl ConnectionTrait,
    deps: &Deps,
    whose: Whose,
    prefetched: Option<Bytes>,
    now: DateTime<Utc>,
) -> Result<(Option<Known>, bool), Error> {
    let number = whose.number();
    let before = deps.codes.known.get(&number, now);
    if let Some(known) = &before
        && known.is_at_hand(&deps.codes.display, now)
    {
        return Ok((before, false));
    }
    let shared = match prefetched {
        Some(document) => Some(document),
        None => ask_store(deps, number).await,
    };
    let snapshot = match snapshot::read(&deps.vault, number, shared.as_ref(), now) {
        Some(snapshot) => snapshot,
        None if deps.admission.spares_the_database()
            && before
                .as_ref()
                .is_some_and(|known| known.snapshot.holds_at(now)) =>
        {
            return Ok((before, true));
        }
        None => match work_out(db, deps, whose, now).await {
            Ok(Some(snapshot)) => snapshot,
            Ok(None) => return Ok((None, false)),
            Err(error) => return before.map(|known| (Some(known), true)).ok_or(error),
        },
    };
    let code = before
        .filter(|known| *known.snapshot == snapshot)
        .and_then(|known| known.code);
    let known = Known {
        snapshot: Arc::new(snapshot),
        asked_at: now,
        code,
    };
    Ok((Some(known), false))
}

async fn ask_store(deps: &Deps, number: i64) -> Option<Bytes> {
    let key = snapshot::key(number);
    let answer = deps.ephemeral.get(&[&key]).await.ok()?;
    answer.into_iter().next().flatten()
}

/// Work a snapshot out from the database and share it.
async fn work_out(
    db: &impl ConnectionTrait,
    deps: &Deps,
    whose: Whose,
    now: DateTime<Utc>,
) -> Result<Option<Snapshot>, Error> {
    let person = match whose {
        Whose::Person(person) => Some(person),
        Whose::Number(number) => crate::identity::person_with_number(db, number).await?,
    };
    let Some(person) = person else {
        return Ok(None);
    };
    let snapshot = snapshot::work_out(db, deps, person, now).await?;
    let number = person.number();
    let written = snapshot::write(deps, number, &snapshot)?;
    if let Err(error) = snapshot::share(deps, number, &written).await {
        tracing::debug!(error = &*error, "a snapshot was not shared");
    }
    Ok(Some(snapshot))
}

/// The code to show: the last one while it is young, or a new one.
fn code_for(
    deps: &Deps,
    number: i64,
    known: &Known,
    now: DateTime<Utc>,
) -> Result<Arc<IssuedCode>, Error> {
    if let Some(code) = known.young_code(&deps.codes.display, now) {
        return Ok(Arc::clone(code));
    }
    let random = u64::from_ne_bytes(entropy::bytes(&*deps.entropy));
    let code = deps
        .keyring
        .issue(number, known.snapshot.colour, now, random)?;
    Ok(Arc::new(code))
}

fn remember(
    deps: &Deps,
    (number, language): (i64, Language),
    known: Known,
    code: Arc<IssuedCode>,
    page: &Bytes,
) {
    let display = &deps.codes.display;
    let again = known.asked_at + display.remember();
    let renewed = code.issued_at + display.reuse_token();
    let changes = known.snapshot.good_until.unwrap_or(again);
    let until = again.min(renewed).min(changes);
    if until > known.asked_at {
        let page = page.clone();
        deps.codes.shown.insert((number, language), page, until);
    }
    let known = Known {
        code: Some(code),
        ..known
    };
    deps.codes.keep(number, known);
}

impl fmt::Debug for CodeCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeCache")
            .field("display", &self.display)
            .finish_non_exhaustive()
    }
}
