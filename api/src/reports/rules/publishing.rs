//! From what was counted to what is published.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Counts, Figure, Level, Node, Period, Series, Tally, small, withhold};

/// Whether days are counted one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportBy)]
pub enum By {
    /// Each local day for itself.
    Day,
    /// All days together.
    #[default]
    Total,
}

impl By {
    /// Its name; stable.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Total => "total",
        }
    }
}

/// What a report consists of.
#[derive(Debug, Clone)]
pub struct Outline {
    /// Its figures, in order.
    pub figures: &'static [Figure],
    /// The one that is told in parts, too: of all days together.
    pub whole: Figure,
    /// Its parts, in order. They add up to it.
    pub parts: Vec<Figure>,
}

/// What is published of one place, of all days or of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The place.
    pub node: Node,
    /// The day. None: all of them.
    pub day: Option<NaiveDate>,
    cells: BTreeMap<Figure, Option<u64>>,
}

impl Row {
    /// How many of `figure`: none if that is withheld, or not told of single days.
    #[must_use]
    pub fn of(&self, figure: Figure) -> Option<u64> {
        self.cells.get(&figure).copied().flatten()
    }

    /// Each figure that the row has, and how many unless that is withheld.
    pub fn cells(&self) -> impl Iterator<Item = (Figure, Option<u64>)> {
        self.cells.iter().map(|(figure, told)| (*figure, *told))
    }
}

/// What is published of places of all levels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published(Vec<Row>);

impl Published {
    /// What is published of `months` together: the sums of what is published of each, and nothing where
    /// a month withholds something, so that they tell no more than the months do. A state at the end is
    /// that of the last month.
    #[must_use]
    pub fn together(months: Vec<Self>) -> Self {
        let mut sums: BTreeMap<Node, BTreeMap<Figure, Option<u64>>> = BTreeMap::new();
        let count = months.len();
        for (place, month) in (1..).zip(months) {
            for row in month.0 {
                let sums = sums.entry(row.node).or_default();
                for (figure, told) in row.cells {
                    let sum = sums.entry(figure).or_insert(Some(0));
                    if place == count || !figure.is_of_the_end() {
                        *sum = sum.zip(told).map(|(sum, more)| sum + more);
                    }
                }
            }
        }
        let row = |(node, cells)| Row {
            node,
            day: None,
            cells,
        };
        Self(sums.into_iter().map(row).collect())
    }

    /// What is published of places of every level.
    pub fn all(self) -> impl Iterator<Item = Row> {
        self.0.into_iter()
    }

    /// What is published of places of `level`, in order.
    pub fn at(self, level: Level) -> impl Iterator<Item = Row> {
        self.0
            .into_iter()
            .filter(move |row| row.node.level == level)
    }
}

/// What of `tally` is published, without what would tell of fewer than `smallest` people.
///
/// It depends on nothing but what was counted in `period`: whoever asks, for whatever level, together
/// or by the day, is told the same numbers and goes without the same ones.
#[must_use]
pub fn publish(
    tally: &Tally,
    period: Period,
    outline: &Outline,
    by: By,
    smallest: u64,
) -> Published {
    let counted = Counted::of(tally, period, smallest);
    let totals = counted.hidden_totals();
    Published(match by {
        By::Total => counted.totals(outline, &totals),
        By::Day => counted.series(outline, &totals),
    })
}

/// A number that the counts of a place give.
type Number = fn(&Counts) -> u64;

/// Figures that add up: what was open before, and what came, is what went, and what is open now.
///
/// One that is withheld could be worked out from the others, so what came and went is withheld all
/// together: where one of them is small, and where what was open before or is open now is withheld. That
/// does not depend on anything else, so the report on the month before withheld the same.
struct Balance {
    moves: &'static [(Figure, Number)],
    open: (Figure, Number),
    open_before: Number,
}

impl Balance {
    fn numbers(&self) -> Vec<Number> {
        self.moves.iter().map(|(_, number)| *number).collect()
    }
}

const BALANCES: [Balance; 2] = [
    Balance {
        moves: &[
            (Figure::Filed, |counts| counts.of(Figure::Filed)),
            (Figure::Decided, |counts| counts.of(Figure::Decided)),
            (Figure::Withdrawn, |counts| counts.of(Figure::Withdrawn)),
            (Figure::Lapsed, |counts| counts.of(Figure::Lapsed)),
        ],
        open: (Figure::Open, |counts| counts.of(Figure::Open)),
        open_before: |counts| {
            let went = [Figure::Decided, Figure::Withdrawn, Figure::Lapsed];
            let went: u64 = went.into_iter().map(|figure| counts.of(figure)).sum();
            (went + counts.of(Figure::Open)).saturating_sub(counts.of(Figure::Filed))
        },
    },
    Balance {
        moves: &[
            (Figure::ComplaintsFiled, |counts| {
                counts.of(Figure::ComplaintsFiled)
            }),
            (Figure::ComplaintsAnswered, |counts| {
                counts.of(Figure::ComplaintsAnswered)
            }),
            (Figure::ComplaintsWithdrawn, |counts| {
                counts.of(Figure::ComplaintsWithdrawn)
            }),
        ],
        open: (Figure::ComplaintsOpen, |counts| {
            counts.of(Figure::ComplaintsOpen)
        }),
        open_before: |counts| {
            let went = [Figure::ComplaintsAnswered, Figure::ComplaintsWithdrawn];
            let went: u64 = went.into_iter().map(|figure| counts.of(figure)).sum();
            (went + counts.of(Figure::ComplaintsOpen))
                .saturating_sub(counts.of(Figure::ComplaintsFiled))
        },
    },
];

/// Figures that are withheld for themselves, with the number that is told by what they leave of another
/// figure: who was refused leaves those whom somebody granted a pass, and who was right leaves those who
/// were not.
const ALONE: [(Figure, &[Number]); 4] = [
    (
        Figure::Refused,
        &[
            |counts| counts.of(Figure::Refused),
            |counts| {
                let others = counts.of(Figure::Refused) + counts.of(Figure::IssuedByClock);
                counts.of(Figure::Decided).saturating_sub(others)
            },
        ],
    ),
    (
        Figure::ComplaintsUpheld,
        &[
            |counts| counts.of(Figure::ComplaintsUpheld),
            |counts| {
                let upheld = counts.of(Figure::ComplaintsUpheld);
                counts.of(Figure::ComplaintsAnswered).saturating_sub(upheld)
            },
        ],
    ),
    (Figure::InTime, &[|counts| counts.of(Figure::InTime)]),
    (
        Figure::ComplaintsInTime,
        &[|counts| counts.of(Figure::ComplaintsInTime)],
    ),
];

/// Failures of the authority. They come last: whether one is withheld depends on what else is.
const FAILURES: [(Figure, Number); 3] = [
    (Figure::IssuedByClock, |counts| {
        counts.of(Figure::IssuedByClock)
    }),
    (Figure::TimedOut, |counts| counts.of(Figure::TimedOut)),
    (Figure::ComplaintsTimedOut, |counts| {
        counts.of(Figure::ComplaintsTimedOut)
    }),
];

type Hidden = BTreeMap<Figure, BTreeSet<Node>>;

struct Counted {
    of: BTreeMap<Node, Counts>,
    on: BTreeMap<Node, Vec<Counts>>,
    days: Vec<NaiveDate>,
    smallest: u64,
}

impl Counted {
    fn of(tally: &Tally, period: Period, smallest: u64) -> Self {
        let days: Vec<NaiveDate> = period.days().collect();
        let mut counted = Self {
            of: BTreeMap::new(),
            on: BTreeMap::new(),
            days,
            smallest,
        };
        for level in [Level::Province, Level::Prefecture, Level::County] {
            let mut known = tally.at(level);
            for node in tally.nodes().into_iter().filter(|node| node.level == level) {
                let on = counted.days.iter();
                let on = on.map(|day| known.remove(&(node.division.clone(), *day)));
                let on: Vec<Counts> = on.map(Option::unwrap_or_default).collect();
                let mut all = Counts::default();
                for counts in &on {
                    all.add_all(counts);
                }
                counted.of.insert(node.clone(), all);
                counted.on.insert(node, on);
            }
        }
        counted
    }

    fn totals_of(&self, numbers: &[Number]) -> Series {
        let of = self.of.iter();
        of.map(|(node, counts)| {
            let numbers = numbers.iter().map(|number| number(counts)).collect();
            (node.clone(), numbers)
        })
        .collect()
    }

    fn series_of(&self, numbers: &[Number]) -> Series {
        let on = self.on.iter();
        on.map(|(node, on)| {
            let days = |number: &Number| on.iter().map(number).collect::<Vec<_>>();
            (node.clone(), numbers.iter().flat_map(days).collect())
        })
        .collect()
    }

    /// Where numbers that are published together are withheld: where one is small, in `more`, and
    /// where they have to be because of that.
    fn withheld(&self, series: &Series, more: BTreeSet<Node>) -> BTreeSet<Node> {
        let mut first = more;
        first.extend(small(series, self.smallest));
        withhold(series, first, self.smallest)
    }

    /// What is withheld of the totals: of every figure, so that two reports agree on those that both
    /// tell.
    fn hidden_totals(&self) -> Hidden {
        let mut hidden = Hidden::new();
        for balance in &BALANCES {
            let few = |number| self.withheld(&self.totals_of(&[number]), BTreeSet::new());
            let open = few(balance.open.1);
            let mut more = few(balance.open_before);
            more.extend(open.iter().cloned());
            let moves = self.withheld(&self.totals_of(&balance.numbers()), more);
            for (figure, _) in balance.moves {
                hidden.insert(*figure, moves.clone());
            }
            hidden.insert(balance.open.0, open);
        }
        for (figure, numbers) in &ALONE {
            let withheld = self.withheld(&self.totals_of(numbers), BTreeSet::new());
            hidden.insert(*figure, withheld);
        }
        for (figure, number) in FAILURES {
            let of = self.of.iter();
            let telling = of.filter(|(node, counts)| {
                self.is_telling(figure, counts, &about_decisions(&hidden, node))
            });
            let first = telling.map(|(node, _)| node.clone()).collect();
            let withheld = withhold(&self.totals_of(&[number]), first, self.smallest);
            hidden.insert(figure, withheld);
        }
        hidden
    }

    /// What is withheld of the days, with all that is withheld of the totals.
    fn hidden_series(&self, totals: &Hidden) -> Hidden {
        let mut hidden = Hidden::new();
        let of_totals = |figure| totals.get(&figure).cloned().unwrap_or_default();
        let moves = BALANCES.iter().flat_map(|balance| balance.moves);
        let moves = moves.map(|(figure, number)| (*figure, vec![*number]));
        let alone = ALONE.iter().map(|(figure, all)| (*figure, all.to_vec()));
        for (figure, numbers) in moves.chain(alone) {
            let withheld = self.withheld(&self.series_of(&numbers), of_totals(figure));
            hidden.insert(figure, withheld);
        }
        for (figure, number) in FAILURES {
            let mut first = of_totals(figure);
            let on = self.on.iter();
            let telling = on.filter(|(node, on)| {
                let withheld = about_decisions(&hidden, node);
                on.iter()
                    .any(|counts| self.is_telling(figure, counts, &withheld))
            });
            first.extend(telling.map(|(node, _)| node.clone()));
            let withheld = withhold(&self.series_of(&[number]), first, self.smallest);
            hidden.insert(figure, withheld);
        }
        hidden
    }

    /// Whether a failure of the authority tells of people: as no more can have been refused, or decided
    /// in time, than were decided and not issued by the clock, that number gives theirs away where it
    /// is small.
    fn is_telling(&self, figure: Figure, counts: &Counts, withheld: &[Figure]) -> bool {
        let by_clock = counts.of(figure);
        let rest = counts.of(Figure::Decided).saturating_sub(by_clock);
        figure == Figure::IssuedByClock
            && !withheld.is_empty()
            && by_clock > 0
            && rest < self.smallest
    }

    fn totals(&self, outline: &Outline, hidden: &Hidden) -> Vec<Row> {
        let parts = self.of.iter().map(|(node, counts)| {
            let numbers = outline.parts.iter().map(|part| counts.of(*part));
            (node.clone(), numbers.collect())
        });
        let parts: Series = parts.collect();
        let mut first = hidden.get(&outline.whole).cloned().unwrap_or_default();
        first.extend(small(&parts, self.smallest));
        let hidden_parts = withhold(&parts, first, self.smallest);
        let row = |(node, counts): (&Node, &Counts)| {
            let cell = |figure: &Figure| {
                let closed = is_hidden(hidden, *figure, node);
                (*figure, (!closed).then(|| counts.of(*figure)))
            };
            let part = |figure: &Figure| {
                let closed = hidden_parts.contains(node);
                (*figure, (!closed).then(|| counts.of(*figure)))
            };
            let figures = outline.figures.iter().map(cell);
            Row {
                node: node.clone(),
                day: None,
                cells: figures.chain(outline.parts.iter().map(part)).collect(),
            }
        };
        self.of.iter().map(row).collect()
    }

    /// Every day of every place, or one could tell from what is left out where there was nothing.
    fn series(&self, outline: &Outline, totals: &Hidden) -> Vec<Row> {
        let hidden = self.hidden_series(totals);
        let rows = self.on.iter().flat_map(|(node, on)| {
            let days = self.days.iter().zip(on);
            days.map(move |(day, counts)| (node, *day, counts))
        });
        let row = |(node, day, counts): (&Node, NaiveDate, &Counts)| {
            let told = outline
                .figures
                .iter()
                .filter(|figure| !figure.is_of_the_end());
            let cell = |figure: &Figure| {
                let closed = is_hidden(&hidden, *figure, node);
                (*figure, (!closed).then(|| counts.of(*figure)))
            };
            Row {
                node: node.clone(),
                day: Some(day),
                cells: told.map(cell).collect(),
            }
        };
        rows.map(row).collect()
    }
}

/// What is withheld at `node` of the figures that bound one another.
fn about_decisions(hidden: &Hidden, node: &Node) -> Vec<Figure> {
    let bound = [Figure::Decided, Figure::Refused, Figure::InTime];
    let bound = bound.into_iter();
    bound
        .filter(|figure| is_hidden(hidden, *figure, node))
        .collect()
}

fn is_hidden(hidden: &Hidden, figure: Figure, node: &Node) -> bool {
    hidden
        .get(&figure)
        .is_some_and(|nodes| nodes.contains(node))
}
