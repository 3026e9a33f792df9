//! Use case: make a report.

use entity::values::ComplaintKind;
use sea_orm::Iterable;

use super::{
    counting::count,
    error::Error,
    rules::{By, Figure, Level, Outline, Period, Published, REFUSALS, Row, publish},
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    http::problem::Text,
    platform::db::begin_write,
    staff::Staff,
};

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// Health pass cards (P11).
    PassCards,
    /// Complaints (P9).
    Complaints,
}

impl Which {
    /// Its name; stable.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PassCards => "pass-cards",
            Self::Complaints => "complaints",
        }
    }

    pub(super) fn title(self) -> Text {
        match self {
            Self::PassCards => Text::new("健康通行卡", "Health pass cards"),
            Self::Complaints => Text::new("投诉", "Complaints"),
        }
    }

    fn outline(self) -> Outline {
        match self {
            Self::PassCards => Outline {
                figures: &[
                    Figure::Filed,
                    Figure::Decided,
                    Figure::InTime,
                    Figure::IssuedByClock,
                    Figure::Refused,
                    Figure::Withdrawn,
                    Figure::Lapsed,
                    Figure::TimedOut,
                    Figure::Open,
                    Figure::ComplaintsFiled,
                    Figure::ComplaintsAnswered,
                    Figure::ComplaintsInTime,
                    Figure::ComplaintsUpheld,
                ],
                whole: Figure::Refused,
                parts: REFUSALS.into_iter().map(Figure::RefusedFor).collect(),
            },
            Self::Complaints => Outline {
                figures: &[
                    Figure::ComplaintsFiled,
                    Figure::ComplaintsAnswered,
                    Figure::ComplaintsInTime,
                    Figure::ComplaintsUpheld,
                    Figure::ComplaintsWithdrawn,
                    Figure::ComplaintsTimedOut,
                    Figure::ComplaintsOpen,
                ],
                whole: Figure::ComplaintsFiled,
                parts: ComplaintKind::iter().map(Figure::ComplaintsOf).collect(),
            },
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) which: Which,
    pub(super) period: Period,
    pub(super) level: Level,
    pub(super) by: By,
    /// What it is written as, by name.
    pub(super) format: &'static str,
}

/// A report, as whoever asked may see it.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) which: Which,
    pub(super) period: Period,
    pub(super) level: Level,
    pub(super) by: By,
    pub(super) smallest: u64,
    pub(super) rows: Vec<Row>,
    outline: Outline,
}

impl Report {
    /// The parts that it tells, in order.
    pub(super) fn parts(&self) -> &[Figure] {
        match self.by {
            By::Total => &self.outline.parts,
            By::Day => &[],
        }
    }

    /// Everything that it tells, in order.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let told = |figure: &&Figure| self.by == By::Total || !figure.is_of_the_end();
        let figures = self.outline.figures.iter().filter(told);
        figures.chain(self.parts()).copied().collect()
    }
}

/// Make the report that `staff` asks for, about the places of their area. That they did is on record.
///
/// What is withheld is settled for whole provinces, whatever part of one somebody may see.
pub(super) async fn make(deps: &Deps, staff: &Staff, asked: Asked) -> Result<Report, Error> {
    let regions = staff.scope.regions();
    let provinces = regions.iter().map(|region| region.province().to_owned());
    let provinces = Some(provinces.collect());
    let outline = asked.which.outline();
    let smallest = deps.reports.smallest;
    let mut months = Vec::new();
    for month in asked.period.months() {
        let tally = count(&deps.db, month, &provinces).await?;
        months.push(publish(&tally, month, &outline, asked.by, smallest));
    }
    let published = match asked.by {
        By::Day => months.pop().unwrap_or_default(),
        By::Total => Published::together(months),
    };
    let rows = published.at(asked.level);
    let rows = rows.filter(|row| staff.scope.covers(&row.node.division));
    let report = Report {
        which: asked.which,
        period: asked.period,
        level: asked.level,
        by: asked.by,
        smallest,
        rows: rows.collect(),
        outline,
    };
    record(deps, staff, asked).await?;
    Ok(report)
}

async fn record(deps: &Deps, staff: &Staff, asked: Asked) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    let event = Event::ReportMade {
        report: asked.which.name(),
        from: asked.period.from(),
        to: asked.period.to(),
        level: asked.level.name(),
        by: asked.by.name(),
        format: asked.format,
    };
    let actor = Actor::Staff(staff.account);
    audit::record(&tx, deps, actor, Subject::Nobody, &event).await?;
    Ok(tx.commit().await?)
}
