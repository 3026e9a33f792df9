//! Use cases: publish where communities and complaint lines are, and read it.

use entity::{
    community::Model,
    complaint_line,
    values::{Community, Division},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::Error,
    rules::{Line, Office, Span},
    store::directory as store,
    views::{CommunityView, DirectoryView, LineView},
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    http::page::Page,
    platform::{clock::local_date, db::begin_write},
    regions::{self, Standing},
    staff::Staff,
};

/// A community of the directory, closed or not.
pub(super) async fn read(deps: &Deps, code: &Community) -> Result<CommunityView, Error> {
    let row = store::find(&deps.db, code).await?;
    row.map(CommunityView::from).ok_or(Error::NotFound)
}

/// Where people of `division` apply, and where they complain.
pub(super) async fn of_division(
    deps: &Deps,
    division: &Division,
    after: Option<&Community>,
    limit: u64,
) -> Result<DirectoryView, Error> {
    let full_name = regions::full_name(division).ok_or(Error::NotFound)?;
    let span = Span::of(&division.clone().into());
    let rows = store::open_within(&deps.db, &[span], after, Some(limit + 1)).await?;
    let page = Page::cut(rows, limit, |last: &Model| last.code.code().to_owned());
    let complaint_lines = lines(&deps.db, division).await?;
    let published = complaint_lines.iter().find(|line| line.telephone.is_some());
    Ok(DirectoryView {
        division: division.clone(),
        full_name,
        complain_to: published.map(|line| line.division.clone()),
        complaint_lines,
        communities: page.map(CommunityView::from),
    })
}

/// The complaint lines of `division` and of what is around it, that of the province last. Those that
/// are not published are there without a telephone.
async fn lines(db: &impl ConnectionTrait, division: &Division) -> Result<Vec<LineView>, Error> {
    let mut levels = vec![division.clone()];
    levels.extend(regions::ancestors(division));
    let published = store::lines(db, levels.clone()).await?;
    let line_of = |division: Division| {
        let row = published.iter().find(|row| row.division == division);
        LineView {
            name: regions::name(&division).unwrap_or_default(),
            telephone: row.map(|row| row.telephone.clone()),
            hours: row.map(|row| row.hours.clone()),
            division,
        }
    };
    Ok(levels.into_iter().map(line_of).collect())
}

/// The division of a community that `staff` looks after.
fn own_division(staff: &Staff, code: &Community) -> Result<Division, Error> {
    let division = code.division().map_err(|_| Error::NotFound)?;
    if !staff.scope.covers(&division) {
        return Err(Error::NotFound);
    }
    Ok(division)
}

fn refuse_unknown(division: &Division) -> Result<(), Error> {
    match regions::standing(division) {
        Standing::Current => Ok(()),
        Standing::Abolished { .. } | Standing::Unknown => {
            Err(Error::NoSuchDivision(division.clone()))
        }
    }
}

/// Publish a community of a county or district that `staff` looks after, in place of what was
/// published of it. Publishing the same again does nothing; a closed community stays closed.
pub(super) async fn save(
    deps: &Deps,
    staff: &Staff,
    code: &Community,
    office: Office,
) -> Result<CommunityView, Error> {
    let division = own_division(staff, code)?;
    refuse_unknown(&division)?;
    let tx = begin_write(&deps.db).await?;
    let known = store::known(&tx, vec![code.clone()]).await?.pop();
    let row = published(deps, known.as_ref(), code.clone(), division, office);
    if known.as_ref() != Some(&row) {
        store::put(&tx, vec![row.clone()]).await?;
        let community = code.clone();
        record(&tx, deps, staff, &Event::CommunitySaved { community }).await?;
    }
    tx.commit().await?;
    Ok(row.into())
}

/// The row of `office`: the known one if it says the same.
pub(super) fn published(
    deps: &Deps,
    known: Option<&Model>,
    code: Community,
    division: Division,
    office: Office,
) -> Model {
    let now = deps.clock.now();
    let mut row = Model {
        code,
        division,
        name: office.name,
        address: office.address,
        telephone: office.telephone.to_string(),
        hours: office.hours,
        saved_at: known.map_or(now, |known| known.saved_at),
        opened_at: known.map_or(now, |known| known.opened_at),
        closed_at: known.and_then(|known| known.closed_at),
    };
    if known.is_some_and(|known| *known != row) {
        row.saved_at = now;
    }
    row
}

/// Close a community that `staff` looks after: nobody applies there any more. Refused while there are
/// cases that it has to decide.
pub(super) async fn close(deps: &Deps, staff: &Staff, code: &Community) -> Result<(), Error> {
    own_division(staff, code)?;
    let tx = begin_write(&deps.db).await?;
    let known = store::known(&tx, vec![code.clone()]).await?.pop();
    let is_open = known.ok_or(Error::NotFound)?.closed_at.is_none();
    if is_open && store::has_open_cases(&tx, code).await? {
        return Err(Error::OpenCases);
    }
    if store::close(&tx, code, deps.clock.now()).await? {
        let community = code.clone();
        record(&tx, deps, staff, &Event::CommunityClosed { community }).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Open a closed community that `staff` looks after again. One that was closed today counts as open
/// since before: closing it for an hour hides no gap.
pub(super) async fn reopen(deps: &Deps, staff: &Staff, code: &Community) -> Result<(), Error> {
    own_division(staff, code)?;
    let tx = begin_write(&deps.db).await?;
    let known = store::known(&tx, vec![code.clone()]).await?.pop();
    let known = known.ok_or(Error::NotFound)?;
    let closed_today = known.closed_at.map(local_date) == Some(deps.clock.today());
    let since = if closed_today {
        known.opened_at
    } else {
        deps.clock.now()
    };
    if store::reopen(&tx, code, since).await? {
        let community = code.clone();
        record(&tx, deps, staff, &Event::CommunityReopened { community }).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    event: &Event,
) -> Result<(), Error> {
    let actor = Actor::Staff(staff.account);
    Ok(audit::record(tx, deps, actor, Subject::Nobody, event).await?)
}

/// Publish where people complain of what is done in a division that `staff` looks after.
pub(super) async fn save_line(
    deps: &Deps,
    staff: &Staff,
    division: &Division,
    line: Line,
) -> Result<LineView, Error> {
    if !staff.scope.covers(division) {
        return Err(Error::NotFound);
    }
    publish_line(deps, Actor::Staff(staff.account), division, line).await?;
    let mut lines = lines(&deps.db, division).await?;
    if lines.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(lines.swap_remove(0))
}

/// Publish where people complain of what is done in `division`. Publishing the same again does
/// nothing.
pub async fn publish_line(
    deps: &Deps,
    actor: Actor,
    division: &Division,
    line: Line,
) -> Result<(), Error> {
    refuse_unknown(division)?;
    let row = complaint_line::Model {
        division: division.clone(),
        telephone: line.telephone.to_string(),
        hours: line.hours,
        saved_at: deps.clock.now(),
    };
    let tx = begin_write(&deps.db).await?;
    let known = store::lines(&tx, vec![division.clone()]).await?;
    let says_so = |known: &complaint_line::Model| {
        (&known.telephone, &known.hours) == (&row.telephone, &row.hours)
    };
    if !known.iter().any(says_so) {
        store::put_line(&tx, row).await?;
        let division = division.clone();
        let event = Event::ComplaintLineSaved { division };
        audit::record(&tx, deps, actor, Subject::Nobody, &event).await?;
    }
    tx.commit().await?;
    Ok(())
}
