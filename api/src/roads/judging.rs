//! Use case: look whether a route takes a pass.

use std::collections::BTreeSet;

use entity::values::{Division, Plate, PlateClass, SectionCode};
use sea_orm::ConnectionTrait;

use super::{
    error::Error,
    rules::{Hours, MOST_SECTIONS, Route, RouteFinding, Sections, judged},
    store,
};
use crate::regions::{self, Standing};

/// Everything that speaks against `route` for the vehicle with `plate` at `hours`, by the catalogue as it
/// is. Nothing: every section takes a pass of this vehicle at these hours, and the catalogue knows no other
/// way.
pub async fn judge(
    db: &impl ConnectionTrait,
    route: &Route,
    hours: &Hours,
    plate: &Plate,
) -> Result<Vec<RouteFinding>, Error> {
    judge_class(db, route, hours, plate.class()).await
}

/// The same for a vehicle that will have a plate of `class`.
pub async fn judge_class(
    db: &impl ConnectionTrait,
    route: &Route,
    hours: &Hours,
    class: PlateClass,
) -> Result<Vec<RouteFinding>, Error> {
    let sections = match route {
        Route::Sections { sections } => about(db, sections).await?,
        Route::Freight { .. } => Sections::new(),
    };
    Ok(judged(route, hours, class, &sections, is_county))
}

/// What was decided of `named`, and of the ways around them.
async fn about(db: &impl ConnectionTrait, named: &[SectionCode]) -> Result<Sections, Error> {
    // Of a longer route nothing is looked up: it is refused for its length.
    let codes: BTreeSet<_> = named.iter().take(MOST_SECTIONS).cloned().collect();
    let rows = store::decided(db, codes.iter().cloned().collect()).await?;
    let mut sections = store::read(rows)?;
    let ways: BTreeSet<SectionCode> = sections
        .values()
        .flatten()
        .flat_map(|version| version.ways_around.iter().cloned())
        .filter(|way| !codes.contains(way))
        .collect();
    if !ways.is_empty() {
        let rows = store::decided(db, ways.into_iter().collect()).await?;
        sections.extend(store::read(rows)?);
    }
    Ok(sections)
}

/// Whether `division` is a county or district in force.
pub(super) fn is_county(division: &Division) -> bool {
    regions::standing(division) == Standing::Current && division.stem().len() == 6
}
