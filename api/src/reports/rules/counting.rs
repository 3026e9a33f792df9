//! What is counted, and where.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::values::{ComplaintKind, Division};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The closed list of reasons for which a pass is refused (P6), as cases keep them. Whatever a
/// workflow names beyond it is counted as the last.
pub const REFUSALS: [&str; 8] = [
    "false_declaration",
    "contact_confirmed",
    "arrived_from_risk_area",
    "symptoms",
    "wrong_community",
    "duplicate",
    "not_reachable",
    "other",
];

/// One thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Applications filed.
    Filed,
    /// Applications decided: granted, refused, or issued by the clock.
    Decided,
    /// Of those, the ones for which no limit was missed.
    InTime,
    /// Passes that the clock issued, because nobody decided.
    IssuedByClock,
    /// Applications refused.
    Refused,
    /// The same, for one reason of [`REFUSALS`].
    RefusedFor(&'static str),
    /// Applications that were taken back.
    Withdrawn,
    /// Applications that ended because the applicant did not bring what was asked for.
    Lapsed,
    /// Limits that were missed. One application may miss several.
    TimedOut,
    /// Applications that were open when the last day was over.
    Open,
    /// Complaints filed.
    ComplaintsFiled,
    /// The same, of one kind.
    ComplaintsOf(ComplaintKind),
    /// Complaints answered.
    ComplaintsAnswered,
    /// Of those, the ones for which no limit was missed.
    ComplaintsInTime,
    /// Of those answered, the ones that were upheld.
    ComplaintsUpheld,
    /// Complaints that were taken back.
    ComplaintsWithdrawn,
    /// Limits that were missed by whoever had to answer.
    ComplaintsTimedOut,
    /// Complaints that were open when the last day was over.
    ComplaintsOpen,
}

impl Figure {
    /// Whether it counts people who did or met something, rather than failures of the authority.
    #[must_use]
    pub fn counts_people(self) -> bool {
        !matches!(
            self,
            Self::IssuedByClock | Self::TimedOut | Self::ComplaintsTimedOut
        )
    }

    /// Whether it is a state at the end of the period rather than what happened on its days.
    #[must_use]
    pub fn is_of_the_end(self) -> bool {
        matches!(self, Self::Open | Self::ComplaintsOpen)
    }

    /// A refusal for `reason`.
    #[must_use]
    pub fn refused_for(reason: Option<&str>) -> Self {
        let [.., other] = REFUSALS;
        let known = REFUSALS.into_iter().find(|known| Some(*known) == reason);
        Self::RefusedFor(known.unwrap_or(other))
    }
}

/// How many there are of each figure. What is not in it is nought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Figure, u64>);

impl Counts {
    /// How many there are.
    #[must_use]
    pub fn of(&self, figure: Figure) -> u64 {
        self.0.get(&figure).copied().unwrap_or_default()
    }

    /// Count `more`.
    pub fn add(&mut self, figure: Figure, more: u64) {
        if more > 0 {
            *self.0.entry(figure).or_default() += more;
        }
    }

    /// Count what `other` counted.
    pub fn add_all(&mut self, other: &Self) {
        for (figure, more) in &other.0 {
            self.add(*figure, *more);
        }
    }

    /// Each figure that is not nought.
    pub fn iter(&self) -> impl Iterator<Item = (Figure, u64)> {
        self.0.iter().map(|(figure, count)| (*figure, *count))
    }
}

/// How much is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportLevel)]
pub enum Level {
    /// A province.
    Province,
    /// A prefecture or city. Its own offices are counted with it.
    Prefecture,
    /// A county or district; and apart from them, the offices of a prefecture and of a province, by
    /// its code.
    County,
}

impl Level {
    /// Its name; stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
        }
    }
}

/// A place that is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// How much.
    pub level: Level,
    /// Which.
    pub division: Division,
}

impl Node {
    /// The place of `level` that counts what is counted of `division`.
    #[must_use]
    pub fn around(level: Level, division: &Division) -> Self {
        let digits = match level {
            Level::Province => 2,
            Level::Prefecture => 4,
            Level::County => 6,
        };
        let stem = division.code().get(..digits).unwrap_or_default();
        let code = Division::try_from(format!("{stem:0<6}"));
        Self {
            level,
            division: code.unwrap_or_else(|_| division.clone()),
        }
    }

    /// The place that counts this one and others. None of a province.
    #[must_use]
    pub fn above(&self) -> Option<Self> {
        let level = match self.level {
            Level::Province => return None,
            Level::Prefecture => Level::Province,
            Level::County => Level::Prefecture,
        };
        Some(Self::around(level, &self.division))
    }
}

/// What was counted of each county on each local day. A state at the end is counted on the last day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(Division, NaiveDate), Counts>);

impl Tally {
    /// Count `more` of what happened in `county` on `day`.
    pub fn add(&mut self, county: Division, day: NaiveDate, figure: Figure, more: u64) {
        if more > 0 {
            self.0.entry((county, day)).or_default().add(figure, more);
        }
    }

    /// What was counted of each place of `level` on each day on which there was anything.
    #[must_use]
    pub fn at(&self, level: Level) -> BTreeMap<(Division, NaiveDate), Counts> {
        let mut sums: BTreeMap<_, Counts> = BTreeMap::new();
        for ((county, day), counts) in &self.0 {
            let place = Node::around(level, county).division;
            sums.entry((place, *day)).or_default().add_all(counts);
        }
        sums
    }

    /// The places of all levels of which anything was counted.
    #[must_use]
    pub fn nodes(&self) -> BTreeSet<Node> {
        let levels = [Level::Province, Level::Prefecture, Level::County];
        let around = |county| levels.map(|level| Node::around(level, county));
        self.0
            .keys()
            .flat_map(|(county, _)| around(county))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn division(code: &str) -> Division {
        Division::try_from(code.to_owned()).unwrap()
    }

    #[test]
    fn what_is_counted_of_a_county_is_counted_of_what_lies_around_it() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let mut tally = Tally::default();
        tally.add(division("370102"), day(1), Figure::Filed, 2);
        tally.add(division("370103"), day(1), Figure::Filed, 3);
        // The prefecture's own office.
        tally.add(division("370100"), day(1), Figure::Filed, 4);
        tally.add(division("370202"), day(2), Figure::Filed, 5);
        let filed = |level, code, on| {
            let counted = tally.at(level);
            let counts = counted.get(&(division(code), day(on)));
            counts.map(|counts| counts.of(Figure::Filed))
        };
        assert_eq!(filed(Level::County, "370100", 1), Some(4));
        assert_eq!(filed(Level::County, "370102", 1), Some(2));
        assert_eq!(filed(Level::Prefecture, "370100", 1), Some(9));
        assert_eq!(filed(Level::Prefecture, "370200", 2), Some(5));
        assert_eq!(filed(Level::Province, "370000", 1), Some(9));
        assert_eq!(filed(Level::Province, "370000", 2), Some(5));
        assert_eq!(filed(Level::Prefecture, "370200", 1), None);
        assert_eq!(tally.nodes().len(), 4 + 2 + 1);
    }

    #[test]
    fn a_reason_that_is_not_in_the_list_is_another() {
        assert_eq!(
            Figure::refused_for(Some("symptoms")),
            Figure::RefusedFor("symptoms")
        );
        for reason in [Some("bad_weather"), None] {
            assert_eq!(Figure::refused_for(reason), Figure::RefusedFor("other"));
        }
    }
}
