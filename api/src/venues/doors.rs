//! Doors, as the busiest path knows them.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{Assurance, Division, OrganisationId, VenueCategory, VenueId, VenueState},
    venue, venue_code,
};

use super::{
    error::Error,
    rules::{CodeId, CodeKeys, Word},
    store,
};
use crate::{clients::PagePicture, deps::Deps, platform::cache::Cache};

/// How long what the database said is believed, unless changes are watched: then for as long as nobody
/// has looked for them.
const BELIEVED: TimeDelta = TimeDelta::seconds(2);

/// How long somebody may take to commit what they say has changed.
const COMMITS_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// For how long the watch is relied on. A change that it misses, because whoever made it has a clock that is
/// more than that slow, is seen then all the same.
const RELIED_ON: TimeDelta = TimeDelta::minutes(1);

/// Which venue a code was given to never changes.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

const VENUES: usize = 1 << 16;

/// A venue, as whoever stands at its door needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Which.
    pub venue: VenueId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What visitors read.
    pub name: Arc<str>,
    /// Its kind.
    pub category: VenueCategory,
    /// The county or district that it lies in.
    pub division: Division,
    /// How it stands.
    pub state: VenueState,
    /// Whether only the code of its own screen counts.
    pub rotating_only: bool,
    /// The code that counts.
    pub(super) code: Option<CodeId>,
}

impl Door {
    fn of(row: venue::Model, code: Option<&venue_code::Model>) -> Self {
        Self {
            venue: row.id,
            organisation: row.organisation_id,
            name: row.name.into(),
            category: row.category,
            division: row.division,
            state: row.state,
            rotating_only: row.rotating_only,
            code: code.and_then(|code| CodeId::read(&code.id)),
        }
    }
}

/// How codes on doors are made and recognised, and what this process knows of venues.
pub struct Doors {
    pub(super) keys: CodeKeys,
    pub(super) address: String,
    codes: Cache<CodeId, VenueId>,
    venues: Cache<VenueId, Known>,
    /// Pictures that platforms drew: they count how many they draw.
    pub(super) drawn: Cache<(CodeId, Platform), PagePicture>,
    /// When changes were looked for last, in milliseconds since 1970; never, if that is 0.
    watched: AtomicI64,
}

/// A venue, if there is one, and when that was read.
type Known = (Option<Arc<Door>>, DateTime<Utc>);

/// Who draws codes that open the mini-program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Platform {
    /// WeChat.
    Wechat,
    /// Alipay.
    Alipay,
}

/// Pictures that a process remembers: a tenth of a megabyte each.
const PICTURES: usize = 256;

impl Doors {
    /// Doors whose codes are made with the first of `secrets` and recognised with any, behind `address`.
    #[must_use]
    pub fn new<S: AsRef<[u8]>>(secrets: &[S], address: String) -> Self {
        Self {
            keys: CodeKeys::new(secrets),
            address,
            codes: Cache::new(VENUES),
            venues: Cache::new(VENUES),
            drawn: Cache::new(PICTURES),
            watched: AtomicI64::new(0),
        }
    }

    /// The text of the printed code `id`.
    #[must_use]
    pub fn printed(&self, id: CodeId) -> String {
        format!("{}{}", self.address, self.keys.printed(id))
    }

    /// Something of `venue` changed.
    pub(super) fn forget(&self, venue: VenueId) {
        self.venues.remove(&venue);
    }

    fn keep(&self, venue: VenueId, door: Option<Arc<Door>>, now: DateTime<Utc>) {
        self.venues.insert(venue, (door, now), now + RELIED_ON);
    }

    /// What is known of `venue`, if it was so two seconds ago at the most, as far as clocks agree.
    #[expect(
        clippy::option_option,
        reason = "that there is no such venue is something to know"
    )]
    fn known(&self, venue: VenueId, now: DateTime<Utc>) -> Option<Option<Arc<Door>>> {
        let (door, read_at) = self.venues.get(&venue, now)?;
        let is_fresh = now < read_at.max(self.watched()) + BELIEVED;
        is_fresh.then_some(door)
    }

    fn watched(&self) -> DateTime<Utc> {
        let at = self.watched.load(Ordering::Acquire);
        DateTime::from_timestamp_millis(at).unwrap_or_default()
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Which venue a scanned text names, and how sure the visit is.
///
/// Refused by name: what is not a code of ours, was cut off, written in capitals or made up, before anything
/// is looked up; a picture of a screen; and a code that was replaced, or whose venue is suspended, closed or
/// takes the code of its screen alone.
pub async fn scanned(
    deps: &Deps,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(Arc<Door>, Assurance), Error> {
    let doors = &deps.doors;
    let (id, assurance) = doors.keys.read(&doors.address, text, now)?;
    let door = match doors.codes.get(&id, now) {
        Some(venue) => door(deps, venue).await?,
        None => door_of(deps, id, now).await?,
    };
    let door = door.ok_or(Error::UnknownCode)?;
    match door.state {
        VenueState::Active if door.code != Some(id) => Err(Error::ReplacedCode),
        VenueState::Active if door.rotating_only && assurance == Assurance::StaticOnly => {
            Err(Error::ScreenOnly)
        }
        VenueState::Active => Ok((door, assurance)),
        VenueState::Suspended => Err(Error::Suspended),
        VenueState::Closed => Err(Error::Closed),
        VenueState::Applied | VenueState::Refused => Err(Error::UnknownCode),
    }
}

/// The venue that the code `id` was given to.
async fn door_of(deps: &Deps, id: CodeId, now: DateTime<Utc>) -> Result<Option<Arc<Door>>, Error> {
    let Some((code, venue)) = store::doors::code_with_venue(&deps.db, id).await? else {
        return Ok(None);
    };
    deps.doors.codes.insert(id, code.venue_id, now + REMEMBERED);
    if code.current_of.is_none() {
        return door(deps, code.venue_id).await;
    }
    let door = Arc::new(Door::of(venue, Some(&code)));
    deps.doors.keep(door.venue, Some(Arc::clone(&door)), now);
    Ok(Some(door))
}

/// The venue, however it stands. What is answered was so two seconds ago at the most, as far as clocks agree,
/// and a minute ago at the most whatever they say.
pub async fn door(deps: &Deps, venue: VenueId) -> Result<Option<Arc<Door>>, Error> {
    let now = deps.clock.now();
    if let Some(known) = deps.doors.known(venue, now) {
        return Ok(known);
    }
    let found = store::doors::venue_with_code(&deps.db, venue).await?;
    let found = found.map(|(row, code)| Arc::new(Door::of(row, code.as_ref())));
    // An id that names nothing may be anybody's making.
    if found.is_some() {
        deps.doors.keep(venue, found.clone(), now);
    }
    Ok(found)
}

/// Forget every venue that changed since somebody looked last. While that is done every second, one
/// question takes the place of one for each venue every two.
pub(super) async fn watch(deps: &Deps) -> Result<(), Error> {
    let now = deps.clock.now();
    let oldest = now - RELIED_ON - COMMITS_WITHIN;
    let since = (deps.doors.watched() - COMMITS_WITHIN).max(oldest);
    for venue in store::doors::changed_since(&deps.db, since).await? {
        deps.doors.forget(venue);
    }
    let at = now.timestamp_millis();
    deps.doors.watched.store(at, Ordering::Release);
    Ok(())
}

/// The word that the venue's screen and every true answer show in this minute.
#[must_use]
pub fn word_of(deps: &Deps, venue: VenueId, now: DateTime<Utc>) -> Word {
    Word::of(&deps.doors.keys, venue, now)
}
