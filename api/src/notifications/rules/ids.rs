//! Ids that grow for each person.

use uuid::{Builder, Uuid};

/// The largest counter of an id.
const LAST: u16 = 0x0fff;

/// An id of UUID version 7 for something of `now`, in Unix milliseconds, that comes after `newest`:
/// twelve bits count what came in one millisecond (RFC 9562 §6.2, method 1), so a person's ids are in
/// the order in which they were given, even if clocks are not.
#[must_use]
pub fn next_id(now: i64, newest: Option<Uuid>, random: [u8; 8]) -> Uuid {
    let now = u64::try_from(now).unwrap_or_default();
    let (time, counter) = match newest.map(parts) {
        Some((time, LAST)) if time >= now => (time + 1, 0),
        Some((time, counter)) if time >= now => (time, counter + 1),
        _ => (now, 0),
    };
    let mut bytes = [0; 10];
    let (front, back) = bytes.split_at_mut(2);
    front.copy_from_slice(&counter.to_be_bytes());
    back.copy_from_slice(&random);
    Builder::from_unix_timestamp_millis(time, &bytes).into_uuid()
}

/// Milliseconds and counter of an id.
fn parts(id: Uuid) -> (u64, u16) {
    let (time, counter, ..) = id.as_fields();
    let high = u64::from(time) << 16;
    let version = id.as_u128() >> 64;
    let low = u16::try_from(version & u128::from(LAST)).unwrap_or_default();
    (high | u64::from(counter), low)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_772_424_000_123;

    proptest! {
        #[test]
        fn ids_grow_whatever_the_clock_and_chance_say(
            steps in prop::collection::vec((-3_i64..3, any::<[u8; 8]>()), 1..50),
        ) {
            let mut newest = None;
            let mut now = NOW;
            for (step, random) in steps {
                now += step;
                let id = next_id(now, newest, random);
                prop_assert_eq!(id.get_version_num(), 7);
                prop_assert!(newest.is_none_or(|newest| newest < id));
                newest = Some(id);
            }
        }
    }

    #[test]
    fn an_id_says_when() {
        let id = next_id(NOW, None, [0xff; 8]);
        assert_eq!(parts(id), (1_772_424_000_123, 0));
    }

    #[test]
    fn more_than_the_counter_holds_goes_into_the_next_millisecond() {
        let mut id = next_id(NOW, None, [0xff; 8]);
        for _ in 0..=u32::from(LAST) {
            let next = next_id(NOW, Some(id), [0; 8]);
            assert!(next > id);
            id = next;
        }
        assert_eq!(parts(id), (1_772_424_000_124, 0));
    }
}
