use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::values::Division;
use proptest::prelude::*;

use super::*;

const SMALLEST: u64 = 5;

fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

fn node(level: Level, code: &str) -> Node {
    Node {
        level,
        division: division(code),
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
}

fn period(days: u32) -> Period {
    Period::new(day(1), day(days), day(31), LONGEST_TOTAL).unwrap()
}

fn outline() -> Outline {
    Outline {
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
        ],
        whole: Figure::Refused,
        parts: REFUSALS
            .into_iter()
            .take(3)
            .map(Figure::RefusedFor)
            .collect(),
    }
}

/// What is published of `filed`: county, day of March, how many.
fn of_filed(
    filed: &[(&str, u32, u64)],
    days: u32,
    by: By,
) -> BTreeMap<(String, Level, u32), Option<u64>> {
    let mut tally = Tally::default();
    for (county, on, count) in filed {
        tally.add(division(county), day(*on), Figure::Filed, *count);
    }
    let rows = publish(&tally, period(days), &outline(), by, SMALLEST);
    rows.all()
        .map(|row| {
            let on = row.day.map_or(0, |on| chrono::Datelike::day(&on));
            let key = (row.node.division.code().to_owned(), row.node.level, on);
            (key, row.of(Figure::Filed))
        })
        .collect()
}

fn withheld(filed: &[(&str, u32, u64)], days: u32, by: By) -> BTreeSet<String> {
    let told = of_filed(filed, days, by).into_iter();
    let none = told.filter(|(_, number)| number.is_none());
    none.map(|((code, ..), _)| code).collect()
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn a_few_people_are_not_told_of_and_neither_is_what_would_give_them_away() {
    let alone = [("370102", 1, 9), ("370103", 1, 9), ("370202", 1, 9)];
    assert_eq!(withheld(&alone, 1, By::Total), set(&[]));

    // The smallest of its neighbours goes with it.
    let few = [
        ("370102", 1, 4),
        ("370103", 1, 9),
        ("370104", 1, 8),
        ("370202", 1, 9),
    ];
    assert_eq!(withheld(&few, 1, By::Total), set(&["370102", "370104"]));

    // Two of a few each are a few together: a third one goes with them.
    let few = [
        ("370102", 1, 1),
        ("370103", 1, 1),
        ("370104", 1, 8),
        ("370105", 1, 9),
    ];
    let three = set(&["370102", "370103", "370104"]);
    assert_eq!(withheld(&few, 1, By::Total), three);

    // Without neighbours the number above is theirs, and it needs a neighbour itself.
    let only = [
        ("370102", 1, 3),
        ("370202", 1, 9),
        ("370203", 1, 9),
        ("370302", 1, 30),
    ];
    let told = withheld(&only, 1, By::Total);
    assert_eq!(told, set(&["370102", "370100", "370200", "370202"]));
}

#[test]
fn nobody_is_a_number_that_may_be_told() {
    let none = [("370102", 1, 9), ("370103", 2, 9)];
    let told = of_filed(&none, 2, By::Day);
    assert_eq!(told[&("370102".to_owned(), Level::County, 2)], Some(0));
}

#[test]
fn days_are_told_all_or_none() {
    let filed = [
        ("370102", 1, 9),
        ("370102", 2, 4),
        ("370103", 1, 9),
        ("370103", 2, 9),
        ("370202", 1, 50),
        ("370202", 2, 50),
    ];
    let told = of_filed(&filed, 2, By::Day);
    for on in [1, 2] {
        assert_eq!(told[&("370102".to_owned(), Level::County, on)], None);
        assert_eq!(
            told[&("370100".to_owned(), Level::Prefecture, on)],
            Some(if on == 1 { 18 } else { 13 })
        );
    }
    assert_eq!(
        withheld(&filed, 2, By::Total),
        set(&[]),
        "together they are many"
    );
}

#[test]
fn what_the_clock_issued_is_told_unless_the_rest_is_few() {
    let told = |decided, refused, by_clock| {
        let mut tally = Tally::default();
        for county in ["370102", "370103"] {
            tally.add(division(county), day(1), Figure::Decided, decided);
            tally.add(division(county), day(1), Figure::Refused, refused);
            tally.add(division(county), day(1), Figure::IssuedByClock, by_clock);
        }
        let rows = publish(&tally, period(1), &outline(), By::Total, SMALLEST);
        let mut rows = rows.at(Level::County);
        rows.next().unwrap().of(Figure::IssuedByClock)
    };
    assert_eq!(told(20, 1, 1), Some(1), "a failure of the authority");
    assert_eq!(
        told(20, 1, 19),
        None,
        "one that was not by the clock, and was refused"
    );
    assert_eq!(told(20, 0, 19), None, "one whom somebody granted a pass");
    assert_eq!(told(30, 0, 19), Some(19));
}

#[test]
fn a_quarter_tells_no_more_than_its_months_do() {
    let quarter = Period::new(
        "2025-01-01".parse().unwrap(),
        "2025-03-31".parse().unwrap(),
        day(1),
        LONGEST_TOTAL,
    );
    let months = quarter.unwrap().months();
    let month = |(month, counted): (&Period, [(&str, u64, u64); 3])| {
        let mut tally = Tally::default();
        for (county, filed, open) in counted {
            tally.add(division(county), month.from(), Figure::Filed, filed);
            tally.add(division(county), month.to(), Figure::Open, open);
        }
        publish(&tally, *month, &outline(), By::Total, SMALLEST)
    };
    let counted = [
        [("370102", 9, 9), ("370103", 9, 9), ("370104", 20, 20)],
        [("370102", 9, 18), ("370103", 0, 9), ("370104", 20, 40)],
        [("370102", 9, 27), ("370103", 3, 12), ("370104", 20, 60)],
    ];
    let told: Vec<Published> = months.iter().zip(counted).map(month).collect();
    let together = Published::together(told);
    let row = |county: &str| {
        let mut rows = together.clone().at(Level::County);
        rows.find(|row| row.node.division.code() == county).unwrap()
    };
    assert_eq!(row("370104").of(Figure::Filed), Some(60));
    assert_eq!(
        row("370103").of(Figure::Filed),
        None,
        "twelve, of which nine are told"
    );
    assert_eq!(
        row("370102").of(Figure::Filed),
        None,
        "withheld with it in March"
    );
    assert_eq!(
        row("370104").of(Figure::Open),
        Some(60),
        "that of the last month"
    );
}

#[test]
fn what_few_people_wait_for_is_not_told_by_what_came_and_went() {
    let told = |filed: u64, decided: u64, open: u64| {
        let mut tally = Tally::default();
        for county in ["370102", "370103"] {
            tally.add(division(county), day(1), Figure::Filed, filed);
            tally.add(division(county), day(1), Figure::Decided, decided);
            tally.add(division(county), day(1), Figure::Open, open);
        }
        let rows = publish(&tally, period(1), &outline(), By::Total, SMALLEST);
        let row = rows.at(Level::County).next().unwrap();
        [Figure::Filed, Figure::Decided, Figure::Open].map(|figure| row.of(figure))
    };
    assert_eq!(told(20, 10, 10), [Some(20), Some(10), Some(10)]);
    assert_eq!(told(20, 18, 2), [None, None, None]);
    assert_eq!(
        told(20, 10, 12),
        [None, None, Some(12)],
        "two were there before"
    );
    assert_eq!(told(20, 30, 0), [Some(20), Some(30), Some(0)]);
}

/// A number that may be published: of a figure, of a place, of a day or of all of them.
type Cell = (Figure, Node, Option<NaiveDate>);

/// What is known to hold of numbers that are published or withheld: each sums up others.
fn sums(nodes: &BTreeSet<Node>, days: u32) -> Vec<(Cell, Vec<Cell>)> {
    let outline = outline();
    let parts = |whole: &Node| -> Vec<Node> {
        let below = nodes
            .iter()
            .filter(|node| node.above().as_ref() == Some(whole));
        below.cloned().collect()
    };
    let all_days: Vec<NaiveDate> = (1..=days).map(day).collect();
    let mut sums = Vec::new();
    for node in nodes {
        let below = parts(node);
        for figure in outline.figures.iter().chain(&outline.parts) {
            let is_part = outline.parts.contains(figure);
            let by_day = !is_part && !figure.is_of_the_end();
            let times = [None]
                .into_iter()
                .chain(all_days.iter().map(|day| Some(*day)).filter(|_| by_day));
            for time in times.filter(|_| !below.is_empty()) {
                let below = below.iter().map(|node| (*figure, node.clone(), time));
                sums.push(((*figure, node.clone(), time), below.collect()));
            }
            if by_day {
                let on = all_days
                    .iter()
                    .map(|day| (*figure, node.clone(), Some(*day)));
                sums.push(((*figure, node.clone(), None), on.collect()));
            }
        }
        // What was open before is no secret here.
        let went = [
            Figure::Decided,
            Figure::Withdrawn,
            Figure::Lapsed,
            Figure::Open,
        ];
        let went = went.map(|figure| (figure, node.clone(), None));
        sums.push(((Figure::Filed, node.clone(), None), went.into()));
        let of = outline.parts.iter().map(|part| (*part, node.clone(), None));
        sums.push(((outline.whole, node.clone(), None), of.collect()));
    }
    sums
}

/// A prime, so that every number but nought has an inverse.
const PRIME: i128 = (1 << 61) - 1;

fn inverse(number: i128) -> i128 {
    let (mut result, mut base, mut exponent) = (1, number.rem_euclid(PRIME), PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// The unknowns that `equations` determine, whatever the known numbers are. By Gauss and Jordan.
fn determined(mut equations: Vec<Vec<i128>>, unknowns: usize) -> BTreeSet<usize> {
    let mut done = 0;
    for column in 0..unknowns {
        let Some(pivot) = (done..equations.len()).find(|row| equations[*row][column] != 0) else {
            continue;
        };
        equations.swap(done, pivot);
        let scale = inverse(equations[done][column]);
        for number in &mut equations[done] {
            *number = *number * scale % PRIME;
        }
        let leading = equations[done].clone();
        for (row, equation) in equations.iter_mut().enumerate() {
            let times = equation[column];
            if row != done && times != 0 {
                for (number, one) in equation.iter_mut().zip(&leading) {
                    *number = (*number - times * one).rem_euclid(PRIME);
                }
            }
        }
        done += 1;
    }
    let alone = equations
        .iter()
        .filter(|equation| equation.iter().filter(|number| **number != 0).count() == 1);
    alone
        .filter_map(|equation| equation.iter().position(|number| *number != 0))
        .collect()
}

/// Every number of both forms of the report, and whether it is told.
fn told(tally: &Tally, days: u32) -> BTreeMap<Cell, Option<u64>> {
    [By::Total, By::Day]
        .into_iter()
        .flat_map(|by| publish(tally, period(days), &outline(), by, SMALLEST).all())
        .flat_map(|row| {
            let (node, day) = (row.node.clone(), row.day);
            row.cells()
                .collect::<Vec<_>>()
                .into_iter()
                .map(move |(figure, told)| ((figure, node.clone(), day), told))
        })
        .collect()
}

prop_compose! {
    /// What happened in up to six counties of three prefectures on up to three days: mostly to few.
    fn tallies()(
        days in 1..=3_u32,
        filed in proptest::collection::vec(
            (0..6_usize, 0..3_u32, 0..8_usize, prop_oneof![3 => 0..8_u64, 1 => 0..40_u64]),
            0..24,
        ),
    ) -> (u32, Tally) {
        const COUNTIES: [&str; 6] = ["370102", "370103", "370104", "370202", "370203", "370302"];
        let mut tally = Tally::default();
        for (county, on, kind, count) in filed {
            let (county, on) = (division(COUNTIES[county]), day(on % days + 1));
            match kind {
                0 => tally.add(county, on, Figure::Filed, count),
                1 => {
                    tally.add(county.clone(), on, Figure::Decided, count);
                    tally.add(county, on, Figure::IssuedByClock, count);
                }
                4 => tally.add(county, on, Figure::Decided, count),
                5 => tally.add(county, on, Figure::Withdrawn, count),
                6 => tally.add(county, on, Figure::Lapsed, count),
                7 => tally.add(county, day(days), Figure::Open, count),
                reason => {
                    tally.add(county.clone(), on, Figure::Decided, count);
                    tally.add(county.clone(), on, Figure::Refused, count);
                    tally.add(county, on, Figure::RefusedFor(REFUSALS[reason - 2]), count);
                }
            }
        }
        (days, tally)
    }
}

proptest! {
    #[test]
    fn no_number_that_is_withheld_can_be_worked_out_from_what_is_told((days, tally) in tallies()) {
        let told = told(&tally, days);
        let hidden: Vec<&Cell> = told.iter().filter(|(_, told)| told.is_none()).map(|(cell, _)| cell).collect();
        let place = |cell: &Cell| hidden.iter().position(|known| *known == cell);
        let equations = sums(&tally.nodes(), days).into_iter().map(|(whole, parts)| {
            let mut equation = vec![0; hidden.len()];
            for (cell, sign) in [(whole, PRIME - 1)].into_iter().chain(parts.into_iter().map(|part| (part, 1))) {
                assert!(told.contains_key(&cell), "{cell:?} is neither told nor withheld");
                if let Some(place) = place(&cell) {
                    equation[place] = sign;
                }
            }
            equation
        });
        let found = determined(equations.collect(), hidden.len());
        let found: Vec<&Cell> = found.into_iter().map(|place| hidden[place]).collect();
        prop_assert!(found.is_empty(), "{:?}", found);
    }

    #[test]
    fn no_few_people_are_told_of_even_as_what_is_missing_from_a_sum((days, tally) in tallies()) {
        let told = told(&tally, days);
        for ((figure, ..), number) in &told {
            let few = number.is_some_and(|number| (1..SMALLEST).contains(&number));
            prop_assert!(!(figure.counts_people() && few));
        }
        // A place less what is told of the places that it consists of.
        for (whole, parts) in sums(&tally.nodes(), days) {
            let same_time = parts.iter().all(|part| part.0 == whole.0 && part.2 == whole.2);
            if let (Some(number), true, true) = (told[&whole], same_time, whole.0.counts_people()) {
                let known: u64 = parts.iter().filter_map(|part| told[part]).sum();
                prop_assert!(number == known || number - known >= SMALLEST, "{whole:?}");
            }
        }
    }

    #[test]
    fn no_few_people_are_those_whom_somebody_granted_a_pass((days, tally) in tallies()) {
        let told = told(&tally, days);
        let granted = |node: &Node, time| {
            let of = |figure| told[&(figure, node.clone(), time)];
            let others = of(Figure::Refused)? + of(Figure::IssuedByClock)?;
            Some(of(Figure::Decided)? - others)
        };
        let nodes = tally.nodes();
        for time in [None].into_iter().chain((1..=days).map(|on| Some(day(on)))) {
            for node in &nodes {
                let Some(all) = granted(node, time) else { continue };
                let within = nodes.iter().filter(|part| part.above().as_ref() == Some(node));
                let within: Vec<u64> = within.filter_map(|part| granted(part, time)).collect();
                let rest = if within.is_empty() { all } else { all - within.iter().sum::<u64>() };
                prop_assert!(!(1..SMALLEST).contains(&all) && !(1..SMALLEST).contains(&rest), "{node:?}");
            }
        }
    }

    #[test]
    fn what_is_told_is_what_was_counted((days, tally) in tallies()) {
        for ((figure, node, on), number) in told(&tally, days) {
            let counted = tally.at(node.level);
            let counted = counted.iter().filter(|((division, day), _)| {
                *division == node.division && on.is_none_or(|on| on == *day)
            });
            let counted: u64 = counted.map(|(_, counts)| counts.of(figure)).sum();
            prop_assert!(number.is_none_or(|number| number == counted));
        }
    }
}

#[test]
fn the_guess_finds_what_can_be_worked_out() {
    // x + y = 3 and x − y = 1 give both; x + y = 3 alone neither.
    let both = determined(vec![vec![1, 1], vec![1, PRIME - 1]], 2);
    assert_eq!(both, BTreeSet::from([0, 1]));
    assert_eq!(determined(vec![vec![1, 1]], 2), BTreeSet::new());
    assert_eq!(
        node(Level::County, "370102").above(),
        Some(node(Level::Prefecture, "370100"))
    );
}
