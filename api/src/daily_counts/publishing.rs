//! From what was counted of a day to what is published of it. Pure.
//!
//! Two kinds of numbers are told of counties, prefectures and provinces, and withheld by what reports withhold by
//! ([`crate::reports::rules::withhold`]):
//!
//! 1. **How many show each colour** when the day is over. The four numbers of a place are told together or not at
//!    all, so that none follows from what the others were the day before.
//! 2. **How many came to show each colour, by class of causes.** What is withheld of a county is withheld of the
//!    places around it, rather than of its neighbours: a number that is not small is told of its county, and nobody
//!    hides 1,317 people by turning two more next door. Of one county and colour, see [`super::rules::withheld`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::values::{CauseClass, Colour, Division};
use sea_orm::Iterable;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::withheld;
use crate::reports::rules::{Level, Node, Series, small, withhold};

/// What was counted of a day. What is not in it is nought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many people of a division showed a colour when it was over.
    pub standing: BTreeMap<(Division, Colour), u64>,
    /// How many people of a division came to show a colour, by what it was for.
    pub turned: BTreeMap<(Division, Colour, CauseClass), u64>,
}

/// What is told of one local day. Signed and hashed in the form of RFC 8785.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyCounts {
    /// Who tells it: the name that the note is signed by.
    pub issuer: String,
    /// The local day.
    pub day: NaiveDate,
    /// The fewest people that a number may tell of.
    pub smallest: u64,
    /// Provinces, then prefectures, then counties. Who declared nowhere to live is counted at the province's own
    /// code. Where a place is missing, nobody lives who was ever counted.
    pub places: Vec<DailyPlace>,
}

/// What is told of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyPlace {
    /// How much is counted together.
    pub level: Level,
    /// Which.
    pub division: Division,
    /// How many people showed each colour when the day was over. Null where that is withheld.
    pub people: Option<DailyColours>,
    /// How many people came to show a colour, each once. What is missing is nought.
    pub turned: Vec<DailyTurn>,
}

/// How many people show each colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyColours {
    /// Green.
    pub green: u64,
    /// Grey: not decided.
    pub grey: u64,
    /// Yellow.
    pub yellow: u64,
    /// Red.
    pub red: u64,
}

/// How many people came to show a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DailyTurn {
    /// Which.
    pub colour: Colour,
    /// For what.
    pub cause: CauseClass,
    /// How many. Null where that is withheld.
    pub people: Option<u64>,
}

/// What is published of `counted`, without what would tell of fewer than `smallest` people.
#[must_use]
pub fn publish(counted: &Counted, day: NaiveDate, issuer: String, smallest: u64) -> DailyCounts {
    let nodes = counted.nodes();
    let standing = standing(counted, &nodes);
    let hidden = withhold(&standing, small(&standing, smallest), smallest);
    let mut turned = turned(counted, &nodes, smallest);
    let place = |node: Node| DailyPlace {
        people: colours(&standing, &node).filter(|_| !hidden.contains(&node)),
        turned: turned.remove(&node).unwrap_or_default(),
        level: node.level,
        division: node.division,
    };
    DailyCounts {
        issuer,
        day,
        smallest,
        places: nodes.into_iter().map(place).collect(),
    }
}

impl Counted {
    /// Everywhere somebody was counted, and the places around.
    fn nodes(&self) -> BTreeSet<Node> {
        let standing = self.standing.keys().map(|(division, _)| division);
        let turned = self.turned.keys().map(|(division, ..)| division);
        standing.chain(turned).flat_map(around).collect()
    }

    fn counties(&self) -> BTreeSet<&Division> {
        self.turned.keys().map(|(division, ..)| division).collect()
    }

    fn of(&self, county: &Division, colour: Colour, cause: CauseClass) -> u64 {
        let key = (county.clone(), colour, cause);
        self.turned.get(&key).copied().unwrap_or_default()
    }
}

/// The county that `division` is, and the places around it.
fn around(division: &Division) -> [Node; 3] {
    [Level::Province, Level::Prefecture, Level::County].map(|level| Node::around(level, division))
}

fn standing(counted: &Counted, nodes: &BTreeSet<Node>) -> Series {
    let nought = || vec![0; Colour::iter().count()];
    let mut series: Series = nodes.iter().map(|node| (node.clone(), nought())).collect();
    for ((division, colour), people) in &counted.standing {
        let place = Colour::iter().position(|known| known == *colour);
        for node in around(division) {
            let number = series.get_mut(&node).zip(place);
            let number = number.and_then(|(numbers, place)| numbers.get_mut(place));
            if let Some(number) = number {
                *number += people;
            }
        }
    }
    series
}

fn colours(standing: &Series, node: &Node) -> Option<DailyColours> {
    let numbers = standing.get(node)?;
    let of = |colour| {
        let told = Colour::iter().zip(numbers);
        let mut told = told.filter(|(known, _)| *known == colour);
        told.next().map_or(0, |(_, people)| *people)
    };
    Some(DailyColours {
        green: of(Colour::Green),
        grey: of(Colour::Grey),
        yellow: of(Colour::Yellow),
        red: of(Colour::Red),
    })
}

/// The changes of each place, and which are withheld.
fn turned(
    counted: &Counted,
    nodes: &BTreeSet<Node>,
    smallest: u64,
) -> BTreeMap<Node, Vec<DailyTurn>> {
    let counties = counted.counties();
    let mut told: BTreeMap<Node, Vec<DailyTurn>> = BTreeMap::new();
    for colour in Colour::iter() {
        let rows: Vec<(&Division, BTreeSet<usize>)> = counties
            .iter()
            .map(|county| {
                let number = |cause| counted.of(county, colour, cause);
                let row: Vec<u64> = CauseClass::iter().map(number).collect();
                (*county, withheld(&row, smallest))
            })
            .collect();
        for (place, cause) in CauseClass::iter().enumerate() {
            let mut series: Series = nodes.iter().map(|node| (node.clone(), vec![0])).collect();
            let mut first = BTreeSet::new();
            for (county, row) in &rows {
                let people = counted.of(county, colour, cause);
                for node in around(county) {
                    if let Some([sum]) = series.get_mut(&node).map(Vec::as_mut_slice) {
                        *sum += people;
                    }
                    if row.contains(&place) {
                        first.insert(node);
                    }
                }
            }
            let hidden = withhold(&series, first, smallest);
            for (node, numbers) in series {
                let people = numbers.into_iter().sum();
                let closed = hidden.contains(&node);
                if closed || people > 0 {
                    told.entry(node).or_default().push(DailyTurn {
                        colour,
                        cause,
                        people: (!closed).then_some(people),
                    });
                }
            }
        }
    }
    told
}

#[cfg(test)]
mod tests;
