use proptest::prelude::*;

use super::*;
use crate::credentials::{
    fixtures::{code_signer, issuer, list_of, listed, now, public, signer},
    handle::Handle,
    key_list::ListedKey,
    permit::{PermitFace, PermitKind},
};
use entity::values::Colour;

fn root() -> Signer {
    signer(&[9, 9, 9, 9], 9)
}

fn status() -> Signer {
    signer(b"SL01", 3)
}

fn contents() -> Contents {
    Contents {
        version: 5,
        issued_at: now(),
        expires_at: now() + LIFE,
        withdrawn: Withdrawn::new([300, 7, 7, 70_000].map(StatusIndex::from_number)),
        ways: b"ways".to_vec(),
        without_thermometer: [9, 7].map(|id| DeviceId(Uuid::from_u128(id))).into(),
        policy: GatePolicy {
            fever_tenths: 373,
            skew_seconds: 30,
        },
    }
}

fn keys() -> Vec<ListedKey> {
    vec![
        listed(Purpose::Code, &code_signer()),
        listed(Purpose::Permit, &signer(b"TX01", 2)),
        listed(Purpose::Status, &status()),
    ]
}

fn bundle_of(contents: &Contents, by: &Signer) -> Vec<u8> {
    let list = list_of(keys()).sign(&root()).unwrap();
    issue(contents, &list, by).unwrap()
}

fn verify(bytes: &[u8], at: DateTime<Utc>, lowest: u64) -> Result<Contents, Refused> {
    Bundle::verify(bytes, &public(&root()), at, lowest).map(|bundle| bundle.contents)
}

#[test]
fn a_bundle_is_believed_for_a_day_and_not_before() {
    let bytes = bundle_of(&contents(), &status());
    assert_eq!(verify(&bytes, now(), 5), Ok(contents()));
    let last = now() + LIFE - TimeDelta::seconds(1);
    // The status key of these tests has its last hour before that.
    assert!(matches!(verify(&bytes, last, 0), Err(Refused::Unsigned(_))));
    assert_eq!(
        verify(&bytes, now() - TimeDelta::seconds(31), 0),
        Err(Refused::NotYet)
    );
    assert_eq!(verify(&bytes, now(), 6), Err(Refused::RolledBack));
    let short = Contents {
        expires_at: now() + TimeDelta::hours(1),
        ..contents()
    };
    let bytes = bundle_of(&short, &status());
    assert_eq!(
        verify(&bytes, now() + TimeDelta::hours(1), 0),
        Err(Refused::Expired)
    );
    let long = Contents {
        expires_at: now() + LIFE + TimeDelta::seconds(1),
        ..contents()
    };
    assert_eq!(
        verify(&bundle_of(&long, &status()), now(), 0),
        Err(Refused::Layout)
    );
}

#[test]
fn a_key_for_codes_signs_no_bundle_and_another_root_vouches_for_none() {
    let by_code_key = bundle_of(&contents(), &code_signer());
    assert_eq!(
        verify(&by_code_key, now(), 0),
        Err(Refused::Unsigned(Invalid::UnknownKey))
    );
    let good = bundle_of(&contents(), &status());
    let stranger = public(&signer(&[9, 9, 9, 9], 8));
    assert!(matches!(
        Bundle::verify(&good, &stranger, now(), 0),
        Err(Refused::Keys(_))
    ));
}

#[test]
fn not_one_bit_of_a_bundle_can_be_changed() {
    let good = bundle_of(&contents(), &status());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(verify(&bad, now(), 0).is_err(), "byte {at}");
    }
}

#[test]
fn codes_and_cards_are_read_and_withdrawn_cards_do_not_count() {
    let bytes = bundle_of(&contents(), &status());
    let bundle = Bundle::verify(&bytes, &public(&root()), now(), 0).unwrap();
    let code = issuer()
        .issue(Handle([1; 16]), Colour::Yellow, now())
        .unwrap();
    let Ok(Offline::Code(read)) = bundle.read(&code, now()) else {
        panic!("a good code");
    };
    assert_eq!(read.colour, Colour::Yellow);
    // A minute of life, and half a minute for clocks that differ.
    assert!(bundle.read(&code, now() + TimeDelta::seconds(89)).is_ok());
    assert_eq!(
        bundle.read(&code, now() + TimeDelta::seconds(90)),
        Err(Invalid::Expired)
    );
    for kind in PermitKind::ALL {
        for (index, counts) in [(7, false), (8, true), (70_000, false)] {
            let text = card(index, kind);
            let read = bundle.read(&text, now());
            let Ok(Offline::Permit {
                permit,
                counts: read,
            }) = read
            else {
                panic!("a good permit");
            };
            assert_eq!((permit.kind, read), (kind, counts), "{index}");
        }
    }
    assert_eq!(bundle.contents.ways, b"ways");
}

#[test]
fn clocks_may_differ_by_what_the_bundle_says() {
    let code = issuer()
        .issue(Handle([1; 16]), Colour::Green, now())
        .unwrap();
    for skew_seconds in [0, 10, 120] {
        let mut contents = contents();
        contents.policy.skew_seconds = skew_seconds;
        let bytes = bundle_of(&contents, &status());
        let bundle = Bundle::verify(&bytes, &public(&root()), now(), 0).unwrap();
        let end = now() + TimeDelta::seconds(60 + i64::from(skew_seconds));
        assert!(bundle.read(&code, end - TimeDelta::seconds(1)).is_ok());
        assert_eq!(
            bundle.read(&code, end),
            Err(Invalid::Expired),
            "{skew_seconds}"
        );
    }
}

fn card(status_index: u32, kind: PermitKind) -> String {
    let face = PermitFace {
        holder: "张*明".into(),
        mark: "0019".into(),
        site: "黄浦区".into(),
        number: "TXK31010100000001".into(),
    };
    let permit = Permit {
        kind,
        id: [4; 16],
        not_before: now(),
        expires_at: now() + TimeDelta::days(14),
        status_index: StatusIndex::from_number(status_index),
        face,
    };
    permit::issue(&permit, "tongxing", &signer(b"TX01", 2), now()).unwrap()
}

proptest! {
    #[test]
    fn every_list_of_places_comes_back(numbers: Vec<u32>) {
        let places = numbers.iter().copied().map(StatusIndex::from_number);
        let withdrawn = Withdrawn::new(places.clone());
        prop_assert_eq!(Withdrawn::from_bytes(&withdrawn.to_bytes()), Some(withdrawn.clone()));
        for place in places {
            prop_assert!(withdrawn.contain(place));
        }
    }

    #[test]
    fn no_other_bytes_are_read_as_places(bytes: Vec<u8>) {
        if let Some(withdrawn) = Withdrawn::from_bytes(&bytes) {
            // Only the shortest form of each distance has to come back.
            prop_assert!(withdrawn.to_bytes().len() <= bytes.len());
        }
    }
}
