use proptest::prelude::*;

use super::*;

const SMALLEST: u64 = 5;
const COUNTIES: [&str; 6] = ["370102", "370103", "370104", "370202", "370203", "370302"];

/// Classes that changes are of here, so that each row has noughts.
const SOME: [CauseClass; 5] = [
    CauseClass::Override,
    CauseClass::Other,
    CauseClass::Test,
    CauseClass::Contact,
    CauseClass::Stale,
];

fn division(code: &str) -> Division {
    Division::try_from(code.to_owned()).unwrap()
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

fn told(counted: &Counted) -> DailyCounts {
    publish(counted, day(), "tongxing.example".into(), SMALLEST)
}

fn place<'a>(told: &'a DailyCounts, level: Level, code: &str) -> &'a DailyPlace {
    let mut places = told.places.iter();
    let found = places.find(|it| it.level == level && it.division.code() == code);
    found.unwrap()
}

/// Who came to be red for an override: nought where nothing is said.
fn overridden(told: &DailyCounts, level: Level, code: &str) -> Option<u64> {
    turned_at(place(told, level, code), Colour::Red, CauseClass::Override)
}

fn turned_at(place: &DailyPlace, colour: Colour, cause: CauseClass) -> Option<u64> {
    let mut turned = place.turned.iter();
    let said = turned.find(|it| it.colour == colour && it.cause == cause);
    said.map_or(Some(0), |it| it.people)
}

fn red_by_override(counties: &[(&str, u64)]) -> Counted {
    let turned = counties.iter().map(|(county, people)| {
        let key = (division(county), Colour::Red, CauseClass::Override);
        (key, *people)
    });
    Counted {
        turned: turned.collect(),
        ..Counted::default()
    }
}

#[test]
fn a_sudden_number_is_told_of_its_county_whatever_its_neighbours_count() {
    let told = told(&red_by_override(&[("370102", 1_317), ("370103", 2)]));
    assert_eq!(overridden(&told, Level::County, "370102"), Some(1_317));
    assert_eq!(overridden(&told, Level::County, "370103"), None);
    assert_eq!(overridden(&told, Level::Prefecture, "370100"), None);
    assert_eq!(overridden(&told, Level::Province, "370000"), None);
}

#[test]
fn a_sum_is_told_where_all_of_its_parts_are() {
    let told = told(&red_by_override(&[
        ("370102", 6),
        ("370103", 7),
        ("370202", 1),
    ]));
    assert_eq!(overridden(&told, Level::Prefecture, "370100"), Some(13));
    assert_eq!(overridden(&told, Level::Prefecture, "370200"), None);
    assert_eq!(overridden(&told, Level::Province, "370000"), None);
}

#[test]
fn the_colours_of_a_place_are_told_together_or_not_at_all() {
    let standing = |county: &str, colour, people| ((division(county), colour), people);
    let counted = Counted {
        standing: BTreeMap::from([
            standing("370102", Colour::Green, 900),
            standing("370102", Colour::Red, 2),
            standing("370103", Colour::Green, 600),
            standing("370103", Colour::Red, 6),
            standing("370104", Colour::Green, 700),
        ]),
        ..Counted::default()
    };
    let told = told(&counted);
    assert_eq!(place(&told, Level::County, "370102").people, None);
    assert_eq!(place(&told, Level::County, "370103").people, None);
    let green = place(&told, Level::County, "370104").people.unwrap();
    assert_eq!((green.green, green.red), (700, 0));
    let all = place(&told, Level::Prefecture, "370100").people.unwrap();
    assert_eq!((all.green, all.red), (2_200, 8));
}

fn parts<'a>(told: &'a DailyCounts, whole: &DailyPlace) -> Vec<&'a DailyPlace> {
    let node = |place: &DailyPlace| Node {
        level: place.level,
        division: place.division.clone(),
    };
    let whole = node(whole);
    let below = told.places.iter();
    below
        .filter(|place| node(place).above().as_ref() == Some(&whole))
        .collect()
}

fn numbers(people: DailyColours) -> [u64; 4] {
    [people.green, people.grey, people.yellow, people.red]
}

prop_compose! {
    /// What was counted in up to six counties of three prefectures: mostly of few.
    fn counted()(
        turned in proptest::collection::vec(
            (0..6_usize, 0..4_usize, 0..5_usize, prop_oneof![3 => 1..8_u64, 1 => 1..2_000_u64]),
            0..40,
        ),
        standing in proptest::collection::vec(
            (0..6_usize, 0..4_usize, prop_oneof![2 => 1..8_u64, 1 => 1..2_000_u64]),
            0..24,
        ),
    ) -> Counted {
        let colour = |at| Colour::iter().nth(at).unwrap();
        let mut counted = Counted::default();
        for (county, at, cause, people) in turned {
            let key = (division(COUNTIES[county]), colour(at), SOME[cause]);
            *counted.turned.entry(key).or_default() += people;
        }
        for (county, at, people) in standing {
            let key = (division(COUNTIES[county]), colour(at));
            *counted.standing.entry(key).or_default() += people;
        }
        counted
    }
}

proptest! {
    #[test]
    fn no_few_people_are_told_of_and_all_others_are_in_their_county(counted in counted()) {
        let told = told(&counted);
        for place in &told.places {
            for number in place.people.into_iter().flat_map(numbers) {
                prop_assert!(!(1..SMALLEST).contains(&number));
            }
            for turn in &place.turned {
                prop_assert!(turn.people.is_none_or(|people| people >= SMALLEST));
            }
        }
        for ((county, colour, cause), people) in &counted.turned {
            let place = place(&told, Level::County, county.code());
            let said = turned_at(place, *colour, *cause);
            prop_assert_eq!(said, Some(*people).filter(|people| *people >= SMALLEST));
        }
    }

    /// For each number of a few there are other people who would have had the same things told of them, and
    /// among whom as many came to show the colour in that county altogether: whoever knows that, too, as from
    /// what was told the day before, does not know the number.
    #[test]
    fn what_is_told_is_what_would_be_told_of_others(counted in counted()) {
        let before = told(&counted);
        for ((county, colour, cause), people) in &counted.turned {
            if *people >= SMALLEST {
                continue;
            }
            let tells_the_same = CauseClass::iter().filter(|other| other != cause).any(|other| {
                let mut instead = counted.clone();
                let more = (county.clone(), *colour, other);
                *instead.turned.entry(more).or_default() += 1;
                let less = (county.clone(), *colour, *cause);
                *instead.turned.entry(less).or_default() -= 1;
                told(&instead) == before
            });
            prop_assert!(tells_the_same, "{county:?} {colour:?} {cause:?}: {people}");
        }
    }

    #[test]
    fn nothing_that_is_withheld_is_what_is_left_of_a_sum(counted in counted()) {
        let told = told(&counted);
        for whole in &told.places {
            let parts = parts(&told, whole);
            if parts.is_empty() {
                continue;
            }
            if let Some(people) = whole.people {
                let open: Vec<_> = parts.iter().filter_map(|part| part.people).collect();
                prop_assert!(open.len() + 1 != parts.len(), "one is withheld alone");
                for (at, sum) in numbers(people).into_iter().enumerate() {
                    let left = sum - open.iter().map(|people| numbers(*people)[at]).sum::<u64>();
                    prop_assert!(!(1..SMALLEST).contains(&left));
                    prop_assert!(open.len() < parts.len() || left == 0);
                }
            }
            for colour in Colour::iter() {
                for cause in CauseClass::iter() {
                    let told: Option<Vec<u64>> = parts
                        .iter()
                        .map(|part| turned_at(part, colour, cause))
                        .collect();
                    let sum = told.map(|numbers| numbers.into_iter().sum());
                    prop_assert_eq!(turned_at(whole, colour, cause), sum);
                }
            }
        }
    }
}
