//! Use case: verify whoever stands at a gate, and write it down in the same breath (V7, C1, C2).

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    pass_card,
    values::{
        Colour, Document, DocumentKind, GateDecision, GateMark, GateMeans, GateReason, PassCardId,
        PersonId,
    },
};
use futures_util::future::{join_all, try_join_all};
use uuid::Uuid;

use super::{
    aboard::{self, Found},
    devices,
    error::Error,
    known::{self, Device},
    recording::{self, Content, Entry, Passage},
    rules::{self, FEVER_TENTHS, Shown, Temperature},
    showings::{self, Before, Came},
    views::{GatePerson, GatePersonView, GateRequest, GateTestView, GateView, GateWorkView},
    words::spoken,
    writing,
};
use crate::{
    credentials::{Permit, PermitKind, Status, handle::Handle, permit},
    deps::Deps,
    facts,
    health_code::{self, LiveCode},
    identity, pass_cards,
    platform::clock::local_date,
    venues::Door,
    visits,
};

/// How far a device may be ahead of us.
const AHEAD: TimeDelta = TimeDelta::seconds(30);

/// The codes that a family code has, at the most: eight relatives, and who shows it.
const FAMILY: usize = 9;

/// What is known of one person.
pub(super) struct Seen {
    pub(super) person: Option<PersonId>,
    pub(super) means: GateMeans,
    pub(super) shown: Shown,
    pub(super) colour: Option<Colour>,
    pub(super) masked_name: Option<String>,
    pub(super) latest_test: Option<facts::Shown>,
    pub(super) temperature: Temperature,
    pub(super) stale: bool,
    pub(super) repeated: bool,
    /// Whether they are in a vehicle whose pass does not name them.
    pub(super) stranger: bool,
    /// The permit to work that they showed.
    pub(super) work: Option<GateWorkView>,
    /// The code, if it was not shown at another place before.
    pub(super) handle: Option<Handle>,
    /// What makes it worth another look.
    pub(super) mark: Option<GateMark>,
}

impl Seen {
    pub(super) fn nobody(means: GateMeans, shown: Shown, temperature: Temperature) -> Self {
        Self {
            person: None,
            means,
            shown,
            colour: None,
            masked_name: None,
            latest_test: None,
            temperature,
            stale: false,
            repeated: false,
            stranger: false,
            work: None,
            handle: None,
            mark: None,
        }
    }

    /// The number of whoever was here themselves: with their own ID card, or with a code of theirs that
    /// nobody showed where they cannot come here from.
    fn was_here(&self) -> Option<i64> {
        let shown = match self.means {
            GateMeans::IdCard => true,
            GateMeans::Code => matches!(self.shown, Shown::Person(_)),
            _ => false,
        };
        self.person.filter(|_| shown).map(PersonId::number)
    }

    fn decided(&self) -> (GateDecision, GateReason) {
        let decided = rules::decide(self.shown, self.temperature, FEVER_TENTHS);
        aboard::with_stranger(decided, self.stranger)
    }

    fn view(self) -> GatePersonView {
        let (decision, reason) = self.decided();
        GatePersonView {
            decision,
            reason,
            say: spoken(reason),
            masked_name: self.masked_name,
            colour: self.colour,
            latest_test: self.latest_test.map(|test| GateTestView {
                sampled_at: test.sampled_at,
                result: test.result,
            }),
            repeated: self.repeated,
            mark: self.mark,
            named_by_pass: matches!(self.shown, Shown::Named(_)),
            work: self.work,
        }
    }
}

/// What one person shows.
enum Showing<'a> {
    Code(&'a str),
    /// A card or a permit to work; none where it is neither.
    Permit {
        permit: Option<Box<Permit>>,
        last4: Option<&'a str>,
    },
    IdCard(Document),
}

/// What is shown before a gate, each with a temperature.
struct All<'a> {
    people: Vec<(Showing<'a>, Temperature)>,
    /// The pass of the vehicle that they are in.
    pass: Option<(Permit, Temperature)>,
}

/// Verify those whom `device` sees, and write them down.
pub(super) async fn verify(
    deps: &Arc<Deps>,
    device: Arc<Device>,
    request: GateRequest,
) -> Result<GateView, Error> {
    let now = deps.clock.now();
    if request.captured_at > now + AHEAD {
        return Err(Error::Future);
    }
    let door = devices::is_open(deps, &device).await?;
    let asked = read(deps, &device, &request.people, now)?;
    let seen = asked
        .people
        .into_iter()
        .map(|(showing, temperature)| look(deps, &device, showing, temperature, now));
    let mut seen = try_join_all(seen).await?;
    once_each(&mut seen);
    let vehicle = match &asked.pass {
        Some((permit, temperature)) => {
            let plate = request.plate.as_deref();
            let found = aboard::look(deps, &device, permit, plate, *temperature, now).await?;
            found.complete(deps, &mut seen).await?;
            Some(found)
        }
        None => None,
    };
    let by_vehicle = vehicle.as_ref().map(Found::decided);
    let together = rules::together(seen.iter().map(Seen::decided).chain(by_vehicle));
    let (decision, reason) = together.ok_or(Error::Crowd)?;
    let content = (request.captured_at, &request.plate, &request.people);
    let content = serde_json::to_string(&content).unwrap_or_default();
    let entry = Entry {
        seq: request.seq,
        captured_at: now,
        plate: request.plate,
        people: passages(&seen, by_vehicle),
        offline: false,
        content: Content(content),
    };
    record(deps, Arc::clone(&device), door, entry).await?;
    let recorded = seen.iter().filter(|seen| !seen.repeated);
    join_all(recorded.map(|seen| remember(deps, &device, seen, now))).await;
    Ok(GateView {
        decision,
        reason,
        say: spoken(reason),
        stale: seen.iter().any(|seen| seen.stale),
        people: seen.into_iter().map(Seen::view).collect(),
        vehicle: vehicle.as_ref().map(Found::view),
        checked_at: now,
    })
}

/// Whoever shows the same code twice in one call is there once.
fn once_each(seen: &mut [Seen]) {
    let mut before = BTreeSet::new();
    for seen in seen {
        let reason = seen.decided().1;
        let again = |handle: Handle| !before.insert((handle.0, reason));
        seen.repeated |= seen.handle.is_some_and(again);
    }
}

/// What `people` show, with the temperature of each.
fn read<'a>(
    deps: &Deps,
    device: &Device,
    people: &'a [GatePerson],
    now: DateTime<Utc>,
) -> Result<All<'a>, Error> {
    let mut asked = Vec::with_capacity(people.len());
    let mut pass = None;
    for (at, person) in people.iter().enumerate() {
        let tenths = match person.temperature {
            Some(degrees) => Some(rules::reading(degrees).ok_or(Error::Temperature(at))?),
            None => None,
        };
        let temperature = Temperature::of(tenths, device.has_thermometer);
        match (&person.code, &person.id_card) {
            (Some(text), None) if text.starts_with(permit::PREFIX) => {
                let last4 = person.document_last4.as_deref();
                match permit_in(deps, text, now) {
                    Some(permit) if permit.kind == PermitKind::Vehicle => {
                        if pass.replace((permit, temperature)).is_some() {
                            return Err(Error::SecondPass(at));
                        }
                    }
                    permit => {
                        let permit = permit.map(Box::new);
                        asked.push((Showing::Permit { permit, last4 }, temperature));
                    }
                }
            }
            (Some(text), None) => {
                let codes: Vec<&str> = text.lines().collect();
                if codes.is_empty() || codes.len() > FAMILY {
                    return Err(Error::Family(at));
                }
                let codes = codes.into_iter().map(Showing::Code);
                asked.extend(codes.map(|code| (code, temperature)));
            }
            (None, Some(card)) => {
                let today = local_date(now);
                let document = Document::parse(DocumentKind::ResidentCard, &card.number, today);
                let document = document.map_err(|_| Error::Document(at))?;
                asked.push((Showing::IdCard(document), temperature));
            }
            _ => return Err(Error::Means(at)),
        }
    }
    let nobody = asked.is_empty() && pass.is_none();
    if nobody || asked.len() > super::records::MOST_PEOPLE {
        return Err(Error::Crowd);
    }
    Ok(All {
        people: asked,
        pass,
    })
}

/// The permit that `text` is, if it is one of ours and its days run.
fn permit_in(deps: &Deps, text: &str, now: DateTime<Utc>) -> Option<Permit> {
    match deps.keyring.read_permit(text, now) {
        Ok(verified) => Some(verified.permit),
        Err(reason) => {
            tracing::debug!(%reason, "a permit did not verify");
            None
        }
    }
}

async fn look(
    deps: &Deps,
    device: &Device,
    showing: Showing<'_>,
    temperature: Temperature,
    now: DateTime<Utc>,
) -> Result<Seen, Error> {
    match showing {
        Showing::Code(text) => look_at_code(deps, device, text, temperature, now).await,
        Showing::Permit { permit, last4 } => match permit.map(|it| *it) {
            Some(permit) if permit.kind == PermitKind::Work => {
                look_at_work(deps, permit, last4, temperature, now).await
            }
            permit => look_at_card(deps, permit, last4, temperature).await,
        },
        Showing::IdCard(document) => {
            let person = identity::person_with_document(&deps.db, deps, &document).await?;
            let unknown = Seen::nobody(GateMeans::IdCard, Shown::Unknown, temperature);
            let Some(person) = person else {
                return Ok(unknown);
            };
            let live = health_code::live_code(deps, person.number(), now).await?;
            Ok(live.map_or(unknown, |live| {
                known_by(live, person, GateMeans::IdCard, temperature)
            }))
        }
    }
}

async fn look_at_code(
    deps: &Deps,
    device: &Device,
    text: &str,
    temperature: Temperature,
    now: DateTime<Utc>,
) -> Result<Seen, Error> {
    let invalid = Seen::nobody(GateMeans::Code, Shown::NotValid, temperature);
    let code = match deps.keyring.read(text, now) {
        Ok(code) => code,
        Err(reason) => {
            tracing::debug!(%reason, "a code did not verify");
            return Ok(invalid);
        }
    };
    let (live, person, before, came) = tokio::join!(
        health_code::live_code(deps, code.number, now),
        known::person(deps, code.number),
        showings::shown_before(deps, device.place, code.handle, now),
        showings::came_from(deps, device, code.number, now),
    );
    let (Some(live), Some(person)) = (live?, person?) else {
        return Ok(invalid);
    };
    let live_colour = live.colour;
    let mut seen = known_by(live, person, GateMeans::Code, temperature);
    seen.handle = Some(code.handle).filter(|_| before != Before::Elsewhere);
    (seen.shown, seen.mark) = match (before, came) {
        (_, Came::FromAfar) => (Shown::FarApart(live_colour), Some(GateMark::FarApart)),
        (Before::Elsewhere, _) => {
            let mark = Some(GateMark::ShownElsewhere);
            (Shown::Elsewhere(live_colour), mark)
        }
        (Before::Unknown, _) | (_, Came::Unknown) => (seen.shown, Some(GateMark::NotCompared)),
        (Before::Never | Before::JustNow(_), Came::Possibly) => (seen.shown, None),
    };
    if let Before::JustNow(reason) = before {
        seen.repeated = reason == showings::mark_of(seen.decided().1);
    }
    Ok(seen)
}

fn known_by(live: LiveCode, person: PersonId, means: GateMeans, temperature: Temperature) -> Seen {
    Seen {
        person: Some(person),
        means,
        shown: Shown::Person(live.colour),
        colour: Some(live.colour),
        masked_name: live.masked_name,
        latest_test: live.latest_test,
        temperature,
        stale: live.stale,
        repeated: false,
        stranger: false,
        work: None,
        handle: None,
        mark: None,
    }
}

/// The state of a card decides, whoever shows it; on paper the document in the other hand as well.
async fn look_at_card(
    deps: &Deps,
    permit: Option<Permit>,
    last4: Option<&str>,
    temperature: Temperature,
) -> Result<Seen, Error> {
    let means = match last4 {
        Some(_) => GateMeans::Paper,
        None => GateMeans::PassCard,
    };
    let invalid = Seen::nobody(means, Shown::NotValid, temperature);
    let Some(permit) = permit else {
        return Ok(invalid);
    };
    let card = pass_cards::card(&deps.db, PassCardId(Uuid::from_bytes(permit.id))).await?;
    let is_it = |card: &pass_card::Model| card.status_index == Some(permit.status_index);
    let Some(card) = card.filter(is_it) else {
        return Ok(invalid);
    };
    let (standing, live) = pass_cards::standing_of(deps, &card).await?;
    let differs = last4.is_some_and(|last4| !last4.eq_ignore_ascii_case(&permit.face.mark));
    let shown = if differs {
        Shown::OtherDocument
    } else {
        let counts = standing.counts();
        Shown::Card { counts }
    };
    Ok(Seen {
        person: Some(card.person_id).filter(|_| !differs),
        colour: Some(live.colour).filter(|_| !differs),
        masked_name: Some(permit.face.holder),
        stale: live.stale,
        ..Seen::nobody(means, shown, temperature)
    })
}

/// The state of the permit decides, and with it the colour of its holder, whoever shows it; on paper the
/// document in the other hand as well.
async fn look_at_work(
    deps: &Deps,
    permit: Permit,
    last4: Option<&str>,
    temperature: Temperature,
    now: DateTime<Utc>,
) -> Result<Seen, Error> {
    let means = GateMeans::WorkPermit;
    let record = Uuid::from_bytes(permit.id);
    let standing = match deps.permits.of(PermitKind::Work) {
        Some(records) => records.standing(deps, record, now).await?,
        None => None,
    };
    let Some(standing) = standing else {
        return Ok(Seen::nobody(means, Shown::NotValid, temperature));
    };
    let face = permit.face;
    let differs = last4.is_some_and(|last4| !last4.eq_ignore_ascii_case(&face.mark));
    if differs {
        return Ok(Seen::nobody(means, Shown::OtherDocument, temperature));
    }
    let person = standing.people.first().copied();
    let live = match person {
        Some(person) => health_code::live_colour(deps, person, now).await?,
        None => None,
    };
    let counts = standing.status == Status::Valid;
    Ok(Seen {
        person,
        colour: live.map(|live| live.colour),
        latest_test: live.and_then(|live| live.latest_test),
        stale: live.is_some_and(|live| live.stale),
        masked_name: Some(face.holder),
        work: Some(GateWorkView {
            number: face.number,
            employer: face.site,
            document_last4: face.mark,
            valid_until: permit.expires_at,
        }),
        ..Seen::nobody(means, Shown::Work { counts }, temperature)
    })
}

/// Whom `seen` is about is on record here.
async fn remember(deps: &Deps, device: &Device, seen: &Seen, now: DateTime<Utc>) {
    let code = async {
        if let Some(handle) = seen.handle {
            let reason = seen.decided().1;
            showings::remember_code(deps, device.place, handle, reason, now).await;
        }
    };
    let place = async {
        if let Some(number) = seen.was_here() {
            showings::remember_place(deps, device, number, now).await;
        }
    };
    tokio::join!(code, place);
}

/// Those of `seen` who are not on record yet, and behind them the vehicle that they are in.
fn passages(seen: &[Seen], vehicle: Option<(GateDecision, GateReason)>) -> Vec<Passage> {
    let behind = i32::try_from(seen.len()).unwrap_or(i32::MAX);
    let vehicle = vehicle.map(|(decision, reason)| Passage {
        place: behind,
        person: None,
        means: GateMeans::VehiclePass,
        decision,
        reason,
        colour: None,
        temperature: None,
        mark: None,
    });
    let numbered = (0..).zip(seen).filter(|(_, seen)| !seen.repeated);
    numbered
        .map(|(place, seen)| {
            let (decision, reason) = seen.decided();
            Passage {
                place,
                person: seen.person,
                means: seen.means,
                decision,
                reason,
                colour: seen.colour,
                temperature: seen.temperature.tenths(),
                mark: seen.mark,
            }
        })
        .chain(vehicle)
        .collect()
}

/// Write `entry` down. Returns after the commit.
///
/// Who is let through at a venue is a visit; everybody else, and everybody at a post, is a row. Either
/// shares the commit of whoever else comes now, but for those whom the headquarters is told of.
async fn record(
    deps: &Arc<Deps>,
    device: Arc<Device>,
    door: Option<Arc<Door>>,
    mut entry: Entry,
) -> Result<(), Error> {
    if let Some(door) = door {
        let arrivals = recording::arrivals(&device, &door, std::slice::from_ref(&entry));
        if !arrivals.is_empty() {
            visits::register(deps, arrivals).await?;
        }
        // What is worth another look is kept beside the visit, which has no room for it.
        let is_visit = |it: &Passage| {
            it.decision == GateDecision::Pass && it.person.is_some() && it.mark.is_none()
        };
        entry.people.retain(|passage| !is_visit(passage));
    }
    if entry.people.is_empty() {
        return Ok(());
    }
    if entry.is_reported() {
        writing::commit_alone(deps, &device, &entry).await?;
        deps.outbox.wake();
        return Ok(());
    }
    writing::write(deps, device, entry).await
}
