//! The vectors are those of draft-ietf-oauth-status-list, sections 4.1 and 4.2 and appendix C.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use coset::{CoseSign1, RegisteredLabelWithPrivate, TaggedCborSerializable};
use entity::values::StatusIndex;
use proptest::prelude::*;

use super::*;
use crate::credentials::fixtures::{list_of, listed, now, signer};

const KID: &[u8] = b"SL\0\x01";
const ADDRESS: &str = "https://tongxing.example/v1/status-lists/vehicle/7";

const OF_ONE_BIT: &str = "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA\
    7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb";
const OF_TWO_BITS: &str = "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAA\
    AAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw";

/// What the second vector of appendix C says.
const TWO_BITS: [(u32, u8); 11] = [
    (0, 1),
    (1993, 2),
    (25_460, 1),
    (159_495, 3),
    (495_669, 1),
    (554_353, 1),
    (645_645, 2),
    (723_232, 1),
    (854_545, 1),
    (934_534, 2),
    (1_000_345, 3),
];

fn stream(vector: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(vector).unwrap()
}

fn bits(statuses: &Statuses, place: u32) -> u8 {
    let (at, shift) = position(place);
    statuses.0[at] >> shift & 0b11
}

#[test]
fn the_vector_of_two_bits_reads_as_the_draft_says_and_is_written_so() {
    let read = Statuses::decompressed(&stream(OF_TWO_BITS)).unwrap();
    let mut written = vec![0; 1 << 18];
    for (place, status) in TWO_BITS {
        let (at, shift) = position(place);
        written[at] |= status << shift;
    }
    assert_eq!(read.0, written);
    for (place, status) in TWO_BITS {
        assert_eq!(bits(&read, place), status, "{place}");
        assert_eq!(read.get(place), Some(Status::of_bits(status)));
        assert_eq!(bits(&read, place + 1), 0);
    }
    let again = Statuses(written).compressed();
    assert_eq!(Statuses::decompressed(&again), Some(read));
    // Not a byte more than the reference took.
    assert!(
        again.len() <= stream(OF_TWO_BITS).len() * 11 / 10,
        "{}",
        again.len()
    );
}

#[test]
fn the_vector_of_one_bit_is_the_same_stream_of_bytes() {
    let read = Statuses::decompressed(&stream(OF_ONE_BIT)).unwrap();
    let set = |place: usize| read.0[place / 8] >> (place % 8) & 1 == 1;
    let places = [
        0, 1993, 25_460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345,
    ];
    assert_eq!(read.0.len(), 1 << 17);
    assert!(places.into_iter().all(set));
    let ones: u32 = read.0.iter().map(|byte| byte.count_ones()).sum();
    assert_eq!(ones, 11);
}

#[test]
fn the_short_examples_of_the_draft_hold() {
    // 4.2: twelve places of two bits.
    let read = Statuses::decompressed(&stream("eNo76fITAAPfAgc")).unwrap();
    assert_eq!(read.0, [0xC9, 0x44, 0xF9]);
    let of = |place| bits(&read, place);
    let said: Vec<u8> = (0..12).map(of).collect();
    assert_eq!(said, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
    // 4.1: sixteen of one.
    let read = Statuses::decompressed(&stream("eNrbuRgAAhcBXQ")).unwrap();
    assert_eq!(read.0, [0xB9, 0xA3]);
}

fn list() -> Vec<u8> {
    let mut statuses = Statuses::new(StatusIndex::PLACES);
    statuses.set(7, Status::Invalid);
    statuses.set(999_999, Status::Suspended);
    statuses.set(StatusIndex::PLACES, Status::Invalid);
    issue(ADDRESS, &statuses.compressed(), &signer(KID, 3), now()).unwrap()
}

fn keys() -> KeyList {
    list_of(vec![listed(Purpose::Status, &signer(KID, 3))])
}

#[test]
fn a_list_says_how_every_permit_of_it_stands() {
    let read = verify(&list(), &keys(), now(), Skew::Online).unwrap();
    assert_eq!(read.address, ADDRESS);
    assert_eq!(read.fresh_for, FRESH);
    assert_eq!((read.issued_at, read.expires_at), (now(), now() + LIFE));
    for (place, status) in [
        (6, Some(Status::Valid)),
        (7, Some(Status::Invalid)),
        (8, Some(Status::Valid)),
        (999_999, Some(Status::Suspended)),
        (StatusIndex::PLACES, None),
    ] {
        assert_eq!(read.statuses.get(place), status, "{place}");
    }
}

#[test]
fn another_library_finds_the_header_and_the_claims_where_the_draft_puts_them() {
    let message = CoseSign1::from_tagged_slice(&list()).unwrap();
    let header = &message.protected.header;
    assert_eq!(header.key_id, KID);
    assert!(matches!(
        header.alg,
        Some(RegisteredLabelWithPrivate::Assigned(_))
    ));
    let of_type =
        |(label, _): &&(coset::Label, coset::cbor::Value)| *label == coset::Label::Int(16);
    let (_, stated) = header.rest.iter().find(of_type).unwrap();
    assert_eq!(stated.as_text(), Some("application/statuslist+cwt"));
    // Its set of claims knows none that are registered later.
    let payload = message.payload.unwrap();
    let claims: coset::cbor::Value = coset::cbor::from_reader(payload.as_slice()).unwrap();
    let claims = claims.into_map().unwrap();
    let claim = |number: i64| {
        let named = |name: &coset::cbor::Value| name.as_integer() == Some(number.into());
        let found = claims.iter().find(|(name, _)| named(name));
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(claim(2).unwrap().as_text(), Some(ADDRESS));
    assert_eq!(claim(65534).unwrap().as_integer(), Some(300.into()));
    let list = claim(65533).unwrap();
    let list = list.as_map().unwrap();
    let field = |name: &str| {
        list.iter()
            .find(|(key, _)| key.as_text() == Some(name))
            .map(|(_, it)| it)
    };
    assert_eq!(field("bits").unwrap().as_integer(), Some(2.into()));
    assert!(
        field("lst")
            .unwrap()
            .as_bytes()
            .unwrap()
            .starts_with(&[0x78])
    );
}

#[test]
fn whatever_is_not_a_list_of_ours_is_refused() {
    let good = list();
    let check = |bytes: &[u8], now| verify(bytes, &keys(), now, Skew::Online);
    let mut lasting = listed(Purpose::Status, &signer(KID, 3));
    lasting.expires_at = now() + LIFE * 2;
    let late = verify(&good, &list_of(vec![lasting]), now() + LIFE, Skew::Online);
    assert_eq!(late, Err(Invalid::Expired));
    let early = now() - TimeDelta::seconds(6);
    assert_eq!(check(&good, early), Err(Invalid::NotYet));
    for at in (0..good.len()).step_by(17) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        assert!(check(&bad, now()).is_err(), "{at}");
    }
    // A key for something else, and something else by the key.
    let other = list_of(vec![listed(Purpose::Permit, &signer(KID, 3))]);
    assert_eq!(
        verify(&good, &other, now(), Skew::Online),
        Err(Invalid::UnknownKey)
    );
    let untyped = signer(KID, 3).sign1(b"\xA0").unwrap();
    assert!(matches!(
        check(&untyped, now()),
        Err(Invalid::Message(NotSign1::Protected))
    ));
    let compressed = Statuses(vec![0; 1 << 20]).compressed();
    let huge = issue(ADDRESS, &compressed, &signer(KID, 3), now()).unwrap();
    assert!(huge.len() < 10_000, "it is small until it is unpacked");
    assert_eq!(check(&huge, now()), Err(Invalid::Claims));
}

proptest! {
    #[test]
    fn every_place_keeps_what_was_set_last(
        set in prop::collection::vec((0_u32..4_000, 0_u8..3), 0..200),
    ) {
        let mut statuses = Statuses::new(4_000);
        let mut expected = vec![Status::Valid; 4_000];
        for (place, status) in set {
            let status = Status::of_bits(status);
            statuses.set(place, status);
            expected[usize::try_from(place).unwrap()] = status;
        }
        let read = Statuses::decompressed(&statuses.compressed()).unwrap();
        for (place, status) in (0_u32..).zip(expected) {
            prop_assert_eq!(read.get(place), Some(status));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        prop_assert!(verify(&bytes, &keys(), now(), Skew::Online).is_err());
        let _ = Statuses::decompressed(&bytes);
    }
}
