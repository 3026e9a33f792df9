//! Use case: the venue's staff write somebody down who has no phone (V8).

use std::{sync::Arc, time::Duration};

use entity::values::{
    Assurance, Colour, Document, DocumentKind, LookedUpBy, PersonId, Phone, VenueId, VenueState,
    VisitWay,
};

use super::{
    arrival::{Arrival, GuestWords, Registered, Visitor, register},
    error::Error,
    look_ups,
    views::HandView,
};
use crate::{
    deps::Deps,
    health_code::{LiveColour, live_colour},
    http::problem::{FieldFault, Language, Text},
    identity::{document_fault, masked_name_of, person_with_document, person_with_phone},
    organisations::UnitActor,
    platform::ephemeral::{Admission, Quota},
    venues::{self, Door},
};

/// People whom a unit may look up within an hour: one every twelve seconds, all day long.
const LOOK_UPS: u32 = 300;

/// By what the visitor is known.
#[derive(Debug)]
pub(super) enum Known {
    /// A document that lies before the staff.
    Document(DocumentKind, String),
    /// A phone number that they say.
    Phone(String),
    /// Nothing that we know: words.
    Words(GuestWords),
}

impl Known {
    /// How sure it is that they are there. Whose phone number is said may be anywhere.
    const fn assurance(&self) -> Assurance {
        match self {
            Self::Document(..) | Self::Words(_) => Assurance::Staff,
            Self::Phone(_) => Assurance::StaticOnly,
        }
    }

    /// By what somebody is looked up, if anybody is.
    pub(super) const fn looked_up_by(&self) -> Option<LookedUpBy> {
        match self {
            Self::Document(..) => Some(LookedUpBy::Document),
            Self::Phone(_) => Some(LookedUpBy::Phone),
            Self::Words(_) => None,
        }
    }
}

/// Write down that whoever is `known` came to `venue` of `unit`.
pub(super) async fn write_down(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    known: Known,
    language: Language,
) -> Result<HandView, Error> {
    let now = deps.clock.now();
    let door = open_door(deps, unit, venue).await?;
    let assurance = known.assurance();
    let (visitor, live) = match known {
        Known::Words(words) => (Visitor::Guest(words), None),
        known => {
            let person = look_up(deps, unit, venue, &known).await?;
            let person = person.ok_or(Error::Unknown)?;
            let live = live_colour(deps, person, now).await?;
            let live = match known {
                // Anybody may say a number: who lets them in needs the colour, and nobody their tests.
                Known::Phone(_) => live.map(|live| LiveColour {
                    latest_test: None,
                    ..live
                }),
                _ => live,
            };
            (Visitor::Person(person), live)
        }
    };
    let name = match &visitor {
        Visitor::Person(person) => masked_name_of(&deps.db, deps, *person).await?,
        Visitor::Guest(_) => None,
    };
    let arrival = Arrival {
        door: Arc::clone(&door),
        visitor,
        at: now,
        colour: live.map_or(Colour::Grey, |live| live.colour),
        assurance,
        way: VisitWay::Hand,
        by: Some(unit.person.map_or(unit.organisation.0, |person| person.0)),
    };
    let registered: Option<Registered> = register(deps, vec![arrival]).await?.pop();
    let registered = registered.ok_or(Error::NotFound)?;
    Ok(HandView::new(name, live, registered, language))
}

/// The venue, if it is the unit's and its code counts.
async fn open_door(deps: &Deps, unit: &UnitActor, venue: VenueId) -> Result<Arc<Door>, Error> {
    let door = own_door(deps, unit, venue).await?;
    match door.state {
        VenueState::Active => Ok(door),
        VenueState::Suspended => Err(venues::Error::Suspended.into()),
        VenueState::Closed => Err(venues::Error::Closed.into()),
        VenueState::Applied | VenueState::Refused => Err(Error::NotFound),
    }
}

/// The venue, if it is the unit's. Another one's is answered as a missing one.
pub(super) async fn own_door(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
) -> Result<Arc<Door>, Error> {
    let door = venues::door(deps, venue).await?;
    door.filter(|door| door.organisation == unit.organisation)
        .ok_or(Error::NotFound)
}

/// Who is `known`. Counted, so that nobody can try numbers, and on record, whatever is found.
async fn look_up(
    deps: &Deps,
    unit: &UnitActor,
    venue: VenueId,
    known: &Known,
) -> Result<Option<PersonId>, Error> {
    let organisation = unit.organisation;
    let key = format!("{{{}}}:visitors", organisation.0.as_simple());
    let quota = Quota::new(key, LOOK_UPS, Duration::from_hours(1));
    if let Admission::Refused { retry_after, .. } = deps.ephemeral.hit(&[quota]).await? {
        return Err(Error::TooManyLookUps(retry_after));
    }
    let found = find(deps, known).await?;
    look_ups::note(deps, unit, venue, known, found).await?;
    Ok(found)
}

async fn find(deps: &Deps, known: &Known) -> Result<Option<PersonId>, Error> {
    Ok(match known {
        Known::Document(kind, number) => {
            let document = Document::parse(*kind, number, deps.clock.today());
            let document = document.map_err(|error| Error::Malformed(document_fault(error)))?;
            person_with_document(&deps.db, deps, &document).await?
        }
        Known::Phone(phone) => {
            let phone = Phone::parse(phone).map_err(|_| {
                let message = Text::new("不是大陆手机号", "is no mobile number of the mainland");
                Error::Malformed(FieldFault::new("phone", "phone", message))
            })?;
            person_with_phone(&deps.db, deps, &phone).await?
        }
        Known::Words(_) => None,
    })
}
