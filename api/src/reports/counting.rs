//! Use case: count what happened.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::values::{CaseOutcome, CaseSubject, ComplaintKind, Division};
use sea_orm::{ActiveEnum, ConnectionTrait};

use super::{
    error::Error,
    rules::{Counts, Figure, Level, Period, Tally},
    store::{self, Counted, Provinces},
};

/// What happened in `period` in each place of `level` on each local day on which anything did, with
/// nothing withheld: for whoever may know. A state at the end is counted on the last day.
pub async fn tally(
    db: &impl ConnectionTrait,
    period: Period,
    level: Level,
) -> Result<BTreeMap<(Division, NaiveDate), Counts>, Error> {
    Ok(count(db, period, &None).await?.at(level))
}

/// What happened in `period` in the counties of `provinces`.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    period: Period,
    provinces: &Provinces,
) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let mut add = |rows: Vec<Counted>, figures: fn(&Counted) -> Vec<Figure>| {
        for row in rows {
            let county = Division::try_from(row.county.clone());
            let count = u64::try_from(row.count).unwrap_or_default();
            for figure in figures(&row) {
                if let Ok(county) = &county {
                    tally.add(
                        county.clone(),
                        row.day.unwrap_or(period.to()),
                        figure,
                        count,
                    );
                }
            }
        }
    };
    add(store::filed(db, period, provinces).await?, |_| {
        vec![Figure::Filed]
    });
    add(store::closed(db, period, provinces).await?, closed);
    add(store::open(db, period, provinces).await?, |_| {
        vec![Figure::Open]
    });
    add(store::missed(db, period, provinces).await?, missed);
    let filed = store::complaints_filed(db, period, provinces).await?;
    add(filed, complaint_filed);
    let answered = store::complaints_closed(db, period, provinces).await?;
    add(answered, complaint_closed);
    let open = store::complaints_open(db, period, provinces).await?;
    add(open, |_| vec![Figure::ComplaintsOpen]);
    Ok(tally)
}

fn outcome(row: &Counted) -> Option<CaseOutcome> {
    CaseOutcome::try_from_value(row.what.as_ref()?).ok()
}

fn closed(row: &Counted) -> Vec<Figure> {
    use CaseOutcome as Ended;
    let in_time = || (row.late == 0).then_some(Figure::InTime);
    let mut figures = match outcome(row) {
        Some(Ended::Approved) => vec![Figure::Decided],
        Some(Ended::Refused) => {
            let reason = Figure::refused_for(row.why.as_deref());
            vec![Figure::Decided, Figure::Refused, reason]
        }
        Some(Ended::ByClock) => return vec![Figure::Decided, Figure::IssuedByClock],
        Some(Ended::Withdrawn) => return vec![Figure::Withdrawn],
        Some(Ended::Lapsed) => return vec![Figure::Lapsed],
        None => return Vec::new(),
    };
    figures.extend(in_time());
    figures
}

fn missed(row: &Counted) -> Vec<Figure> {
    let subject = row.what.as_ref();
    match subject.and_then(|subject| CaseSubject::try_from_value(subject).ok()) {
        Some(CaseSubject::PassCard) => vec![Figure::TimedOut],
        Some(CaseSubject::Complaint) => vec![Figure::ComplaintsTimedOut],
        Some(
            CaseSubject::Venue
            | CaseSubject::ControlAction
            | CaseSubject::VehiclePass
            | CaseSubject::WorkPermit,
        )
        | None => Vec::new(),
    }
}

fn complaint_filed(row: &Counted) -> Vec<Figure> {
    let kind = row.what.as_ref();
    let kind = kind.and_then(|kind| ComplaintKind::try_from_value(kind).ok());
    vec![
        Figure::ComplaintsFiled,
        Figure::ComplaintsOf(kind.unwrap_or(ComplaintKind::Other)),
    ]
}

fn complaint_closed(row: &Counted) -> Vec<Figure> {
    use CaseOutcome as Ended;
    let mut figures = match outcome(row) {
        Some(Ended::Approved) => vec![Figure::ComplaintsAnswered, Figure::ComplaintsUpheld],
        Some(Ended::Refused) => vec![Figure::ComplaintsAnswered],
        Some(Ended::Withdrawn) => return vec![Figure::ComplaintsWithdrawn],
        Some(Ended::ByClock | Ended::Lapsed) | None => return Vec::new(),
    };
    figures.extend((row.late == 0).then_some(Figure::ComplaintsInTime));
    figures
}
