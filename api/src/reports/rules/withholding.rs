//! Which numbers are withheld, so that none tells of a few people.
//!
//! The numbers of the counties of a prefecture add up to its own, and those of prefectures to the
//! province's, so what is withheld in one place could be worked out from others. Three things hold of
//! what is published:
//!
//! 1. No number is small: none counts one person or a few.
//! 2. Of a place and the places that it consists of, none is withheld or at least two are. As the
//!    places are a tree, it follows that no combination of sums and differences of what is published
//!    gives a number that is withheld: a number that could be worked out would be the last one unknown
//!    of some place.
//! 3. What is withheld within a place that is published, taken together, is nought or not small
//!    either.
//!
//! A series (the days of a period, or the parts of a number) is published whole or not at all. That
//! makes the rule hold across series, too: wherever the sum of a series is withheld the series is, and
//! a series that is withheld can be shifted between two of its numbers without changing any sum.

use std::collections::{BTreeMap, BTreeSet};

use super::Node;

/// The numbers of each place: one, or a series that is as long everywhere. The number of a place is
/// the sum of those of the places that it consists of.
pub type Series = BTreeMap<Node, Vec<u64>>;

/// The places with a small number: less than `smallest`, and not nought.
#[must_use]
pub fn small(series: &Series, smallest: u64) -> BTreeSet<Node> {
    let tree = Tree::of(series, smallest);
    let small = series
        .iter()
        .filter(|(_, numbers)| numbers.iter().any(|number| tree.is_small(*number)));
    small.map(|(node, _)| node.clone()).collect()
}

/// The places whose numbers are withheld: those in `first`, and what else must be so that none of them
/// can be worked out, nor that they are less than `smallest` together.
#[must_use]
pub fn withhold(series: &Series, first: BTreeSet<Node>, smallest: u64) -> BTreeSet<Node> {
    let tree = Tree::of(series, smallest);
    let mut hidden = first;
    while let Some(next) = tree.next(&hidden) {
        hidden.insert(next.clone());
    }
    hidden
}

/// What a place must count to be worth withholding.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// Anything, or nothing.
    Any,
    /// Somebody.
    Counting,
    /// Somebody, in this place of its series.
    CountingAt(usize),
}

struct Tree<'a> {
    series: &'a Series,
    parts: BTreeMap<Node, Vec<&'a Node>>,
    smallest: u64,
}

impl<'a> Tree<'a> {
    fn of(series: &'a Series, smallest: u64) -> Self {
        let mut parts: BTreeMap<Node, Vec<&Node>> = BTreeMap::new();
        for node in series.keys() {
            if let Some(above) = node.above() {
                parts.entry(above).or_default().push(node);
            }
        }
        Self {
            series,
            parts,
            smallest,
        }
    }

    fn is_small(&self, number: u64) -> bool {
        (1..self.smallest).contains(&number)
    }

    /// What has to be withheld as well. Below before above, so that little is.
    fn next(&self, hidden: &BTreeSet<Node>) -> Option<&'a Node> {
        let places = self.parts.iter().rev();
        places
            .filter_map(|(whole, parts)| Some((self.series.get_key_value(whole)?.0, parts)))
            .find_map(|(whole, parts)| self.missing(whole, parts, hidden))
    }

    fn missing(
        &self,
        whole: &'a Node,
        parts: &[&'a Node],
        hidden: &BTreeSet<Node>,
    ) -> Option<&'a Node> {
        let (closed, open): (Vec<&Node>, Vec<&Node>) =
            parts.iter().partition(|part| hidden.contains(part));
        match (hidden.contains(whole), closed.len()) {
            (true, 0) => self.cheapest(open.into_iter(), Wanted::Any),
            (false, 1) => Some(
                self.cheapest(open.into_iter(), Wanted::Counting)
                    .unwrap_or(whole),
            ),
            (false, 2..) => self.too_few(whole, &closed, hidden),
            _ => None,
        }
    }

    /// What has to be withheld as well so that what is withheld within `whole`, which is published, is
    /// not small taken together.
    fn too_few(
        &self,
        whole: &'a Node,
        closed: &[&'a Node],
        hidden: &BTreeSet<Node>,
    ) -> Option<&'a Node> {
        let sums = self.withheld_within(closed, hidden);
        let place = sums.iter().position(|sum| self.is_small(*sum))?;
        let open = self.open_within(whole, hidden);
        let more = self.cheapest(open.into_iter(), Wanted::CountingAt(place));
        Some(more.unwrap_or(whole))
    }

    /// What is withheld of `closed` and cannot be had by taking away what is published within.
    fn withheld_within(&self, closed: &[&Node], hidden: &BTreeSet<Node>) -> Vec<u64> {
        let mut sums = Vec::new();
        for node in closed {
            let within = self.closed_parts(node, hidden);
            let numbers = if within.is_empty() {
                self.series.get(*node).cloned().unwrap_or_default()
            } else {
                self.withheld_within(&within, hidden)
            };
            sums.resize(numbers.len().max(sums.len()), 0);
            for (sum, number) in sums.iter_mut().zip(numbers) {
                *sum += number;
            }
        }
        sums
    }

    fn closed_parts(&self, node: &Node, hidden: &BTreeSet<Node>) -> Vec<&'a Node> {
        let parts = self.parts.get(node).into_iter().flatten().copied();
        parts.filter(|part| hidden.contains(part)).collect()
    }

    /// What is published within `whole` beside something that is withheld.
    fn open_within(&self, whole: &Node, hidden: &BTreeSet<Node>) -> Vec<&'a Node> {
        let parts = self.parts.get(whole).into_iter().flatten().copied();
        let (closed, mut open): (Vec<&Node>, Vec<&Node>) =
            parts.partition(|part| hidden.contains(part));
        for part in closed {
            open.extend(self.open_within(part, hidden));
        }
        open
    }

    /// The least of `open` to withhold that counts what is `wanted`.
    fn cheapest(&self, open: impl Iterator<Item = &'a Node>, wanted: Wanted) -> Option<&'a Node> {
        let sum = |node: &Node| {
            let numbers = self.series.get(node).into_iter().flatten();
            numbers.sum::<u64>()
        };
        let counts = |node: &Node| match wanted {
            Wanted::Any => true,
            Wanted::Counting => sum(node) > 0,
            Wanted::CountingAt(place) => {
                let numbers = self.series.get(node);
                numbers.and_then(|numbers| numbers.get(place)) > Some(&0)
            }
        };
        open.filter(|node| counts(node))
            .min_by_key(|node| (sum(node) == 0, sum(node), *node))
    }
}
