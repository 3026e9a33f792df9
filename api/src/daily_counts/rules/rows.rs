//! What of the numbers of one county and one colour is withheld: one number for each class of causes.
//!
//! How many show the colour is told of the day before, too, so how many came to show it altogether may be worked out
//! on a quiet day. Were the one small number of a row withheld alone, it would be what is left. So either none is
//! small, and all are told, or whatever is less than the smallest number is withheld, nought as well: then nobody can
//! tell which of them it was.

use std::collections::BTreeSet;

/// The places in `numbers` whose numbers are withheld, where none below `smallest` may be told but nought.
///
/// If any is, at least two are, and what is withheld can be divided otherwise: with one that is not small where all
/// the others are as great as small numbers get.
#[must_use]
pub fn withheld(numbers: &[u64], smallest: u64) -> BTreeSet<usize> {
    let is_small = |number: u64| (1..smallest).contains(&number);
    if !numbers.iter().any(|number| is_small(*number)) {
        return BTreeSet::new();
    }
    let all = || numbers.iter().copied().enumerate();
    let mut places: BTreeSet<usize> = all()
        .filter(|(_, number)| *number < smallest)
        .map(|(place, _)| place)
        .collect();
    let full = all()
        .filter(|(place, _)| places.contains(place))
        .all(|(_, number)| number.saturating_add(1) == smallest);
    if full || places.len() < 2 {
        let others = all().filter(|(place, _)| !places.contains(place));
        let least = others.min_by_key(|(place, number)| (*number, *place));
        places.extend(least.map(|(place, _)| place));
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SMALLEST: u64 = 5;

    fn places(numbers: &[u64]) -> Vec<usize> {
        withheld(numbers, SMALLEST).into_iter().collect()
    }

    #[test]
    fn a_row_without_small_numbers_is_told_with_its_noughts() {
        assert!(places(&[0, 5, 0, 1_317]).is_empty());
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn a_small_number_takes_along_whatever_it_might_have_been_instead() {
        assert_eq!(places(&[1_317, 3, 0, 7, 0]), [1, 2, 4]);
    }

    #[test]
    fn no_number_is_withheld_alone_nor_with_others_as_great_as_small_ones_get() {
        assert_eq!(places(&[9, 3, 7]), [1, 2]);
        assert_eq!(places(&[9, 4, 7, 4]), [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn no_small_number_is_told_and_none_follows_from_the_sum(
            numbers in proptest::collection::vec(prop_oneof![4 => 0..9_u64, 1 => 0..2_000_u64], 3..15),
        ) {
            let hidden = withheld(&numbers, SMALLEST);
            for (place, number) in numbers.iter().enumerate() {
                let told = !hidden.contains(&place);
                prop_assert!(!(told && (1..SMALLEST).contains(number)));
                if !told && (1..SMALLEST).contains(number) {
                    // Whoever knows the sum and what is told cannot tell it from one more or one less.
                    let room = |other: usize| numbers[other] + 1 < SMALLEST || numbers[other] >= SMALLEST;
                    let others = || hidden.iter().copied().filter(|other| *other != place);
                    let less = others().any(room);
                    let more = number + 1 < SMALLEST && others().any(|other| numbers[other] > 0);
                    prop_assert!(less || more, "{:?} {:?}", numbers, hidden);
                }
            }
        }
    }
}
