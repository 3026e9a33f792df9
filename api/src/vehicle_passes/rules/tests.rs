use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn record() -> OnRecord {
    OnRecord {
        valid_from: at("2026-03-02T16:00:00Z"),
        valid_until: at("2026-03-09T16:00:00Z"),
        void: None,
        inspected_until: "2026-03-05".parse().ok(),
    }
}

const DRIVER: Rider = Rider {
    drives: true,
    colour: Colour::Green,
};

const PASSENGER: Rider = Rider {
    drives: false,
    colour: Colour::Green,
};

fn shows(rider: Rider, colour: Colour) -> Rider {
    Rider { colour, ..rider }
}

#[test]
fn a_pass_counts_from_its_first_moment_to_its_last() {
    let standing = |now| standing(&record(), &[DRIVER], at(now)).0;
    assert_eq!(standing("2026-03-02T15:59:59Z"), Standing::NotYet);
    assert_eq!(standing("2026-03-02T16:00:00Z"), Standing::Good);
    assert_eq!(standing("2026-03-09T16:00:00Z"), Standing::Expired);
}

#[test]
fn one_who_is_not_green_suspends_it_and_so_does_an_inspection_that_is_over() {
    let now = at("2026-03-05T15:59:59Z");
    for colour in [Colour::Yellow, Colour::Red, Colour::Grey] {
        for riders in [
            [shows(DRIVER, colour), PASSENGER],
            [DRIVER, shows(PASSENGER, colour)],
        ] {
            let found = standing(&record(), &riders, now);
            assert_eq!(found, (Standing::Suspended, Some(Cause::Colour)));
        }
    }
    let (found, cause) = standing(&record(), &[PASSENGER], now);
    assert_eq!((found, cause), (Standing::Suspended, Some(Cause::Driver)));
    let later = standing(&record(), &[DRIVER], at("2026-03-05T16:00:00Z"));
    assert_eq!(later, (Standing::Suspended, Some(Cause::Inspection)));
}

#[test]
fn what_takes_the_place_of_a_pass_ends_it_from_then_on() {
    let from = at("2026-03-04T16:00:00Z");
    for (void, ended) in [
        (VehiclePassVoid::Cancelled, Standing::Cancelled),
        (VehiclePassVoid::Revoked, Standing::Revoked),
        (VehiclePassVoid::Superseded, Standing::Superseded),
    ] {
        let record = OnRecord {
            void: Some((void, from)),
            ..record()
        };
        let before = standing(&record, &[DRIVER], from - TimeDelta::seconds(1));
        assert_eq!(before.0, Standing::Good);
        assert_eq!(standing(&record, &[DRIVER], from).0, ended);
    }
}

#[test]
fn the_wrong_vehicle_is_said_before_anything_else() {
    let right = Compared {
        vehicle: Some(true),
        section: Some(true),
        hour: true,
    };
    assert_eq!(verdict(Standing::Good, right), Verdict::Ok);
    let wrong = Compared {
        vehicle: Some(false),
        section: Some(false),
        hour: false,
    };
    assert_eq!(verdict(Standing::Expired, wrong), Verdict::OtherVehicle);
    let section = Compared {
        section: Some(false),
        ..right
    };
    assert_eq!(verdict(Standing::Good, section), Verdict::OtherSection);
    let hour = Compared {
        hour: false,
        ..right
    };
    assert_eq!(verdict(Standing::Good, hour), Verdict::OtherHour);
    assert_eq!(verdict(Standing::Suspended, right), Verdict::PassNotGood);
}

#[test]
fn a_vin_is_read_and_one_wrong_character_is_found() {
    for good in [
        "1M8GDM9AXKP042788",
        "11111111111111111",
        "lvshcamb1ce054249",
    ] {
        assert_eq!(vin(good), Some(good.to_ascii_uppercase()), "{good}");
    }
    for bad in [
        "",
        "1M8GDM9A1KP042788",
        "1M8GDM9AXKP042789",
        "1M8GDM9AXKPO42788",
        "1M8GDM9AXKP04278",
        "1M8GDM9AXKP0427888",
        "１M8GDM9AXKP042",
    ] {
        assert_eq!(vin(bad), None, "{bad}");
    }
}

fn colour() -> impl Strategy<Value = Colour> {
    prop_oneof![
        Just(Colour::Green),
        Just(Colour::Yellow),
        Just(Colour::Red),
        Just(Colour::Grey)
    ]
}

proptest! {
    #[test]
    fn one_more_who_is_not_green_never_makes_a_pass_good(
        aboard in proptest::collection::vec((any::<bool>(), colour()), 0..6),
        one_more in (any::<bool>(), colour()),
    ) {
        let rider = |(drives, colour)| Rider { drives, colour };
        let mut riders: Vec<Rider> = aboard.into_iter().map(rider).collect();
        let one_more = rider(one_more);
        riders.push(one_more);
        let (found, _) = standing(&record(), &riders, at("2026-03-03T00:00:00Z"));
        prop_assert!(found != Standing::Good || one_more.colour == Colour::Green);
    }
}
