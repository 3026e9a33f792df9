//! Use cases: draw the code of a venue, print it, have platforms draw it, and show the one of this moment.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    values::{VenueId, VenueState},
    venue,
};

use super::{
    doors::{Platform, word_of},
    error::Error,
    poster::{self, Face},
    reading,
    rules::{CodeId, minute_ends},
    store,
    views::ScreenView,
};
use crate::{
    clients::{PageCode, PageCodes, PagePicture},
    credentials::qr::{Level, Matrix, ordinary},
    deps::Deps,
    documents::Paper,
    organisations::UnitActor,
};

/// A code that counts.
struct Standing {
    venue: venue::Model,
    id: CodeId,
    given_at: DateTime<Utc>,
}

/// The code of a venue of `unit`.
async fn standing(deps: &Deps, unit: &UnitActor, id: VenueId) -> Result<Standing, Error> {
    let venue = reading::own(&deps.db, unit, id).await?;
    if venue.state != VenueState::Active {
        return Err(Error::NotActive);
    }
    let codes = store::doors::codes_of(&deps.db, vec![id]).await?;
    let code = codes.first().ok_or(Error::NotActive)?;
    Ok(Standing {
        venue,
        id: CodeId::read(&code.id).ok_or(Error::NotActive)?,
        given_at: code.created_at,
    })
}

/// The same to be printed: refused where only the code of the venue's screen counts.
async fn to_print(deps: &Deps, unit: &UnitActor, id: VenueId) -> Result<Standing, Error> {
    let standing = standing(deps, unit, id).await?;
    if standing.venue.rotating_only {
        return Err(Error::ScreenOnly);
    }
    Ok(standing)
}

/// The code for the door of a venue of `unit`: level Q, as it hangs in the weather.
pub(super) async fn matrix(deps: &Deps, unit: &UnitActor, id: VenueId) -> Result<Matrix, Error> {
    let code = to_print(deps, unit, id).await?.id;
    Ok(ordinary::draw(&deps.doors.printed(code), Level::Quartile)?)
}

/// The same as a poster.
pub(super) async fn poster(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueId,
    paper: Paper,
) -> Result<Vec<u8>, Error> {
    let code = to_print(deps, unit, id).await?;
    let units = store::units(&deps.db, vec![unit.organisation]).await?;
    let face = Face {
        unit: units
            .into_iter()
            .next()
            .map(|unit| unit.name)
            .unwrap_or_default(),
        name: code.venue.name,
        category: code.venue.category,
        text: deps.doors.printed(code.id),
        given_at: code.given_at,
    };
    // Setting a page takes milliseconds, which other requests on this thread do not wait for.
    let set = tokio::task::spawn_blocking(move || poster::pdf(&face, paper)).await;
    set.map_err(|_| Error::NotSet)?
}

/// For how long a picture that a platform drew is shown again.
const KEPT: TimeDelta = TimeDelta::hours(1);

/// The same as `platform` draws it, or drew it within the hour.
pub(super) async fn drawn_by(
    platform: Platform,
    deps: &Deps,
    unit: &UnitActor,
    id: VenueId,
) -> Result<PagePicture, Error> {
    let code = to_print(deps, unit, id).await?;
    let (key, now) = ((code.id, platform), deps.clock.now());
    if let Some(drawn) = deps.doors.drawn.get(&key, now) {
        return Ok(drawn);
    }
    let wanted = PageCode {
        page: deps.venues.page.clone(),
        code: deps.doors.keys.printed(code.id),
        describe: code.venue.name.chars().take(32).collect(),
        check_page: deps.venues.check_page,
    };
    let codes: &dyn PageCodes = match platform {
        Platform::Wechat => &*deps.wechat_codes,
        Platform::Alipay => &*deps.alipay_codes,
    };
    let drawn = codes.page_code(&wanted).await?;
    deps.doors.drawn.insert(key, drawn.clone(), now + KEPT);
    Ok(drawn)
}

/// What the screen of a venue of `unit` shows now.
pub(super) async fn screen(
    deps: &Deps,
    unit: &UnitActor,
    id: VenueId,
) -> Result<ScreenView, Error> {
    let standing = standing(deps, unit, id).await?;
    let now = deps.clock.now();
    let shown = deps.doors.keys.rotating(standing.id, now);
    Ok(ScreenView {
        name: standing.venue.name,
        code: format!("{}{}", deps.doors.address, shown.code),
        code_until: shown.until,
        word: word_of(deps, id, now),
        word_until: minute_ends(now),
        now,
    })
}
