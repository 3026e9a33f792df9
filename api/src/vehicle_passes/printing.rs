//! A pass as a page, for the phone and for paper: the same marks, in both languages (T6).

mod page;

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use entity::values::{SectionCode, VehiclePassId};
use sea_orm::ConnectionTrait;

use self::page::draw;
use super::{
    caller::Caller,
    error::Error,
    passes::{self as showing},
    standing,
    store::applications,
    types::{self, TypeWords},
};
use crate::{
    audit::{self, Event, VehicleEvent},
    credentials::qr::{Level, ordinary},
    deps::Deps,
    documents::{self, Page},
    identity,
    platform::{clock::local_date, db::begin_write},
    regions,
    roads::{self, Hours, Route, SectionName},
};

/// Pixels of a millimetre in the picture for a phone: 1260 pixels wide.
const PICTURE: f32 = 6.0;

/// As what a pass is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A PNG, to keep on a phone.
    Picture,
    /// A PDF, to print.
    Paper,
}

/// A pass, drawn.
#[derive(Debug)]
pub(super) struct Printed {
    /// Its number.
    pub(super) number: String,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
}

/// Everything that a printed pass says.
#[derive(Clone)]
pub(super) struct Face {
    number: String,
    /// The plate, or the temporary number.
    mark: String,
    /// The vehicle's own number, where it has no plate.
    vin: Option<String>,
    /// Whose it is: in full, a document is compared with it.
    holder: String,
    title: TypeWords,
    route: Vec<String>,
    hours: Hours,
    issued_by: String,
    issued_at: DateTime<Utc>,
    valid_from: DateTime<Utc>,
    valid_until: DateTime<Utc>,
    aboard: usize,
    token: String,
}

/// It says who somebody is, so it stays out of `Debug` output.
impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Face(***)")
    }
}

/// Draw the pass `id` of the caller, with the same code as the phone shows. Only one that counts, or will
/// before long, is drawn.
pub(super) async fn print(
    deps: &Deps,
    caller: &Caller,
    id: VehiclePassId,
    form: Form,
) -> Result<Printed, Error> {
    let tx = begin_write(&deps.db).await?;
    let pass = showing::own(&tx, deps, caller, id).await?;
    let face = face(&tx, deps, &pass).await?;
    let event = Event::Vehicle(VehicleEvent::VehiclePassPrinted { pass: id });
    audit::record(&tx, deps, caller.actor(), pass.person_id, &event).await?;
    tx.commit().await?;
    // Setting a page takes milliseconds, which other requests on this thread do not wait for.
    let set = tokio::task::spawn_blocking(move || set(&face, form)).await;
    let bytes = set.map_err(|_| Error::NotSet)??;
    Ok(Printed {
        number: pass.number,
        bytes,
    })
}

async fn face(
    tx: &sea_orm::DatabaseTransaction,
    deps: &Deps,
    pass: &entity::vehicle_pass::Model,
) -> Result<Face, Error> {
    let now = deps.clock.now();
    let view = showing::view(tx, deps, pass.clone(), false).await?;
    let token = showing::token(tx, deps, pass, view.standing, now).await?;
    let token = token.ok_or(match view.standing {
        super::Standing::NotYet => Error::TooEarly,
        _ => Error::NotInForce,
    })?;
    let holder = if let Some(unit) = pass.organisation_id {
        applications::unit(tx, unit).await?.map(|unit| unit.name)
    } else {
        let known = identity::identified(tx, deps, pass.person_id).await?;
        known.map(|known| known.name.reveal().to_owned())
    };
    let of_type = types::read(tx, &pass.type_key, pass.type_version).await?;
    let (route, hours) = standing::way_of(pass)?;
    Ok(Face {
        number: pass.number.clone(),
        mark: showing::mark_of(pass),
        vin: pass.vin.clone().filter(|_| pass.plate.is_none()),
        holder: holder.unwrap_or_default(),
        title: of_type.title,
        route: said(tx, &route, local_date(now)).await?,
        hours,
        issued_by: regions::full_name(&pass.division).unwrap_or_default(),
        issued_at: pass.issued_at,
        valid_from: pass.valid_from,
        valid_until: pass.valid_until,
        aboard: view.people.len(),
        token,
    })
}

/// A route as it is read out: sections by their codes and names.
async fn said(
    db: &impl ConnectionTrait,
    route: &Route,
    today: NaiveDate,
) -> Result<Vec<String>, Error> {
    Ok(match route {
        Route::Sections { sections } => {
            let names = roads::names_of(db, sections, today).await?;
            let called = |code: &SectionCode| match names.get(code) {
                Some(SectionName { zh, en }) => format!("{code} {zh} {en}"),
                None => code.to_string(),
            };
            sections.iter().map(called).collect()
        }
        Route::Freight {
            origin,
            destination,
        } => {
            let name = |division| regions::full_name(division).unwrap_or_default();
            vec![format!("{} → {}", name(origin), name(destination))]
        }
    })
}

fn set(face: &Face, form: Form) -> Result<Vec<u8>, Error> {
    let symbol = ordinary::draw(&face.token, Level::Quartile)?;
    let page: Page = draw(face, &symbol);
    Ok(match form {
        Form::Picture => documents::png(&page, PICTURE)?,
        Form::Paper => {
            let title = format!("{} {}", face.title.zh, face.number);
            documents::pdf(&title, face.issued_at, &[page])?
        }
    })
}
