use coset::{
    CborSerializable, CoseSign1, TaggedCborSerializable,
    cbor::Value as Cbor,
    cwt::{ClaimName, ClaimsSet, Timestamp},
};
use proptest::prelude::*;

use super::super::{
    base45::NotBase45,
    cbor::Malformed,
    cose::{Algorithm, BadSignature, NotSign1, VerifyingKey, WeakKey},
    fixtures::{list_of, listed, now, signer, signer_announcing},
    key_list::{ListedKey, Status},
    qr::{Level, ordinary},
};
use super::*;

const KID: &[u8] = b"TX\x01\x02";

fn permit_signer() -> Signer {
    signer(KID, 5)
}

/// A key that signs permits for 30 days, and what it signed is good for 31 more.
fn listed_for_permits(signer: &Signer) -> ListedKey {
    ListedKey {
        expires_at: now() + TimeDelta::days(61),
        ..listed(Purpose::Permit, signer)
    }
}

fn keys() -> KeyList {
    list_of(vec![
        listed_for_permits(&permit_signer()),
        listed(Purpose::Receipt, &signer(KID, 6)),
    ])
}

fn permit() -> Permit {
    Permit {
        kind: PermitKind::Vehicle,
        id: [0xA5; ID_BYTES],
        not_before: now() - TimeDelta::hours(1),
        expires_at: now() + TimeDelta::days(2),
        status_index: StatusIndex::from_number(0x0001_0203),
        face: face("鄂A12345", "42", "31", "1234"),
    }
}

fn face(holder: &str, mark: &str, site: &str, number: &str) -> PermitFace {
    let [holder, mark, site, number] = [holder, mark, site, number].map(str::to_owned);
    PermitFace {
        holder,
        mark,
        site,
        number,
    }
}

fn issued(permit: &Permit) -> Result<String, NotSigned> {
    issue(permit, "37", &permit_signer(), now())
}

fn text() -> String {
    issued(&permit()).unwrap()
}

fn bytes_of(text: &str) -> Vec<u8> {
    base45::decode(text.strip_prefix(PREFIX).unwrap()).unwrap()
}

fn check(text: &str) -> Result<Permit, Invalid> {
    read_permit(&keys(), text, now())
}

/// What a verifier makes of `token`, written as a permit.
fn check_bytes(token: &[u8]) -> Result<Permit, Invalid> {
    check(&base45::encode(PREFIX, token))
}

/// What a verifier makes of `claims` under a good signature.
fn check_claims(claims: &[u8]) -> Result<Permit, Invalid> {
    check_bytes(&permit_signer().sign1(claims).unwrap())
}

#[test]
fn a_permit_reads_back_as_it_was_issued() {
    let vehicle = permit();
    let card = Permit {
        kind: PermitKind::PassCard,
        face: face("欧阳**", "123X", "历下区某社区", "TXK370102000123"),
        ..permit()
    };
    let work = Permit {
        kind: PermitKind::Work,
        status_index: StatusIndex::from_number(u32::MAX),
        face: face("", "", "", ""),
        ..permit()
    };
    for permit in [vehicle, card, work] {
        assert_eq!(check(&issued(&permit).unwrap()), Ok(permit));
    }
    let verified = verify(&text(), &keys(), now(), Skew::Online).unwrap();
    assert_eq!(verified.issuer, "37");
    assert_eq!(verified.issued_at, now());
    assert_eq!(verified.kid, permit_signer().kid());
}

#[test]
fn a_permit_is_laid_out_as_promised() {
    let token = bytes_of(&text());
    let (signed, signature) = token.split_at(token.len() - 66);
    let at = now().timestamp();
    let expected = format!(
        "d284 49a2012704 44{} a0 5858 \
         a8 01 623337 04 1a{:08x} 05 1a{:08x} 06 1a{at:08x} 07 50{} \
         3a00010000 02 3a00010001 1a00010203 \
         3a00010002 a4 01 69{} 02 623432 03 623331 04 6431323334",
        hex::encode(KID),
        at + 2 * 86_400,
        at - 3_600,
        "a5".repeat(16),
        hex::encode("鄂A12345"),
    );
    assert_eq!(hex::encode(signed), expected.replace(' ', ""));
    assert_eq!(signature[..2], [0x58, 0x40]);
}

#[test]
fn the_shortest_permits_have_255_to_258_characters_and_print_in_version_11() {
    for (number, bytes, characters) in [("12", 167, 255), ("123", 168, 256), ("1234", 169, 258)] {
        let permit = Permit {
            face: face("鄂A12345", "42", "31", number),
            ..permit()
        };
        let text = issued(&permit).unwrap();
        assert_eq!(bytes_of(&text).len(), bytes);
        assert_eq!(text.len(), characters);
        let symbol = ordinary::draw(&text, Level::Quartile).unwrap();
        assert_eq!(symbol.size(), 61, "version 11");
    }
}

#[test]
fn no_permit_needs_more_than_a_symbol_of_version_13() {
    let saying = |bytes: usize| {
        issued(&Permit {
            face: face(&"x".repeat(bytes), "", "", ""),
            ..permit()
        })
    };
    let longest = (0..200).take_while(|bytes| saying(*bytes).is_ok()).last();
    let text = saying(longest.unwrap()).unwrap();
    assert_eq!(text.len(), MAX_CHARACTERS);
    let symbol = ordinary::draw(&text, Level::Quartile).unwrap();
    assert_eq!(symbol.size(), 69);
    assert_eq!(saying(longest.unwrap() + 1), Err(NotSigned::TooLong));
    assert_eq!(saying(5_000), Err(NotSigned::TooLong));
}

#[test]
fn an_independent_library_reads_and_verifies_a_permit() {
    let message = CoseSign1::from_tagged_slice(&bytes_of(&text())).unwrap();
    assert_eq!(message.protected.header.key_id, KID);
    let key = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ED25519,
        permit_signer().public_key(),
    );
    message
        .verify_signature(b"", |signature, signed| key.verify(signed, signature))
        .unwrap();
    let claims = ClaimsSet::from_slice(message.payload.as_deref().unwrap()).unwrap();
    assert_eq!(claims.issuer.as_deref(), Some("37"));
    let at = |moment: DateTime<Utc>| Some(Timestamp::WholeSeconds(moment.timestamp()));
    assert_eq!(claims.expiration_time, at(permit().expires_at));
    assert_eq!(claims.not_before, at(permit().not_before));
    assert_eq!(claims.issued_at, at(now()));
    assert_eq!(claims.cwt_id.as_deref(), Some([0xA5; ID_BYTES].as_slice()));
    let said = ["鄂A12345", "42", "31", "1234"].map(|text| Cbor::Text(text.into()));
    let face = (1..).map(|key: i64| Cbor::from(key)).zip(said).collect();
    assert_eq!(
        claims.rest,
        [
            (ClaimName::PrivateUse(-65537), 2.into()),
            (ClaimName::PrivateUse(-65538), 0x0001_0203.into()),
            (ClaimName::PrivateUse(-65539), Cbor::Map(face)),
        ]
    );
}

#[test]
fn what_an_independent_library_signs_is_read() {
    let header = coset::HeaderBuilder::new()
        .algorithm(coset::iana::Algorithm::EdDSA)
        .key_id(KID.to_vec())
        .build();
    let message = coset::CoseSign1Builder::new()
        .protected(header)
        .payload(cbor::encode(&claims(&permit(), "37", now())))
        .create_signature(b"", |signed| permit_signer().sign(signed).unwrap().to_vec())
        .build();
    let token = message.to_tagged_vec().unwrap();
    assert_eq!(check_bytes(&token), Ok(permit()));
    assert_eq!(token, bytes_of(&text()), "one permit has one text");
}

#[test]
fn a_permit_is_good_from_its_beginning_to_its_end_and_the_skew_beyond() {
    let permit = Permit {
        not_before: now() + TimeDelta::hours(10),
        expires_at: now() + TimeDelta::hours(30),
        ..permit()
    };
    let text = issued(&permit).unwrap();
    let moment = TimeDelta::milliseconds(1);
    for skew in [Skew::Online, Skew::Offline] {
        let at = |then| verify(&text, &keys(), then, skew).map(drop);
        let tolerance = skew.tolerance();
        assert_eq!(at(now()), Err(Invalid::NotYet));
        let begins = permit.not_before - tolerance;
        assert_eq!(at(begins - moment), Err(Invalid::NotYet));
        assert_eq!(at(begins), Ok(()));
        let ends = permit.expires_at + tolerance;
        assert_eq!(at(ends - moment), Ok(()));
        assert_eq!(at(ends), Err(Invalid::Expired));
    }
    let signed_ahead = issue(
        &self::permit(),
        "37",
        &permit_signer(),
        now() + TimeDelta::hours(1),
    );
    assert_eq!(check(&signed_ahead.unwrap()), Err(Invalid::NotYet));
}

#[test]
fn thirty_one_days_are_the_most_that_is_signed_or_read() {
    let second = TimeDelta::seconds(1);
    let living = |not_before, expires_at| Permit {
        not_before,
        expires_at,
        ..permit()
    };
    let begun = now() - TimeDelta::days(30);
    for (allowed, permit) in [
        (true, living(now(), now() + MAX_LIFE)),
        (false, living(now(), now() + MAX_LIFE + second)),
        (true, living(begun, begun + MAX_LIFE)),
        (false, living(begun, begun + MAX_LIFE + second)),
        // Signed before it begins, a permit outlives the key that signed it no more than any other.
        (true, living(now() + TimeDelta::days(20), now() + MAX_LIFE)),
        (
            false,
            living(now() + TimeDelta::days(20), now() + MAX_LIFE + second),
        ),
        (false, living(now() + second, now() + second)),
        (false, living(now() + second * 2, now() + second)),
        (
            false,
            living(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC),
        ),
    ] {
        let signed = issued(&permit);
        let read = check_claims(&cbor::encode(&claims(&permit, "37", now())));
        if allowed {
            assert!(signed.is_ok(), "{permit:?}");
            assert!(matches!(read, Ok(_) | Err(Invalid::NotYet)), "{read:?}");
        } else {
            assert_eq!(signed, Err(NotSigned::Life), "{permit:?}");
            assert_eq!(read, Err(Invalid::Life), "{permit:?}");
        }
    }
}

#[test]
fn a_permit_that_is_over_is_not_signed() {
    let over = Permit {
        expires_at: now(),
        ..permit()
    };
    assert_eq!(issued(&over), Err(NotSigned::Life));
}

#[test]
fn parts_of_a_second_are_nobodys() {
    let fraction = TimeDelta::milliseconds(999);
    let permit = Permit {
        not_before: now() + fraction,
        expires_at: now() + MAX_LIFE + fraction,
        ..permit()
    };
    let text = issue(&permit, "37", &permit_signer(), now() + fraction).unwrap();
    let read = check(&text).unwrap();
    assert_eq!(
        (read.not_before, read.expires_at),
        (now(), now() + MAX_LIFE)
    );
}

#[test]
fn a_key_signs_permits_only_if_the_list_says_so() {
    let check_with = |signer: &Signer, list: &KeyList| {
        let text = issue(&permit(), "37", signer, now()).unwrap();
        read_permit(list, &text, now()).map(drop)
    };
    let list = keys();
    assert_eq!(check_with(&permit_signer(), &list), Ok(()));
    assert_eq!(
        check_with(&signer(b"TX\x01\x03", 5), &list),
        Err(Invalid::UnknownKey)
    );
    assert_eq!(
        check_with(&signer(KID, 6), &list),
        Err(Invalid::Signature(BadSignature)),
        "a key for receipts that has the same name"
    );
    let receipts_only = list_of(vec![listed(Purpose::Receipt, &permit_signer())]);
    let codes_only = list_of(vec![listed(Purpose::Code, &permit_signer())]);
    for foreign_use in [receipts_only, codes_only, list_of(vec![])] {
        assert_eq!(
            check_with(&permit_signer(), &foreign_use),
            Err(Invalid::UnknownKey)
        );
    }
    let other_name = signer_announcing(Algorithm::Ed25519, KID, 5);
    assert_eq!(check_with(&other_name, &list), Err(Invalid::Algorithm));
    let listed_so = list_of(vec![listed_for_permits(&other_name)]);
    assert_eq!(check_with(&other_name, &listed_so), Ok(()));
}

#[test]
fn a_key_out_of_its_time_or_revoked_signs_nothing() {
    let with = |change: fn(&mut ListedKey)| {
        let mut key = listed_for_permits(&permit_signer());
        change(&mut key);
        read_permit(&list_of(vec![key]), &text(), now()).map(drop)
    };
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|key| key.status = Status::Retired), Ok(()));
    for change in [
        (|key| key.status = Status::Revoked) as fn(&mut ListedKey),
        |key| key.not_before = now() + TimeDelta::seconds(31),
        |key| key.expires_at = now() - TimeDelta::seconds(30),
    ] {
        assert_eq!(with(change), Err(Invalid::KeyNotGood));
    }
}

#[test]
fn a_key_under_which_one_signature_fits_many_permits_is_never_listed() {
    let kid = Kid::new(KID).unwrap();
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(VerifyingKey::new(kid, neutral).unwrap_err(), WeakKey);
    assert_eq!(VerifyingKey::new(kid, [0; 32]).unwrap_err(), WeakKey);
}

#[test]
fn texts_that_are_no_permits_are_refused() {
    let text = text();
    let body = text.strip_prefix(PREFIX).unwrap();
    for prefix in ["HC1:", "JK1:", "PJ1:", "tx1:", "TX1", "TX2:", " TX1:", ""] {
        let other = format!("{prefix}{body}");
        assert_eq!(check(&other), Err(Invalid::Prefix), "{prefix}");
    }
    for text in [
        format!("TX1:{}", body.to_lowercase()),
        format!("TX1:{body}\n"),
        format!("TX1:{body}é"),
    ] {
        assert_eq!(check(&text), Err(Invalid::Base45(NotBase45)), "{text}");
    }
    let filled = "0".repeat(personal_code::MAX_CHARACTERS);
    assert_eq!(check(&format!("TX1:{filled}")), Err(Invalid::TooLong));
    assert_eq!(check_bytes(&[0x78, 0x9C, 0, 0]), Err(Invalid::Compressed));
}

#[test]
fn a_permit_with_its_bytes_rearranged_is_refused() {
    let token = bytes_of(&text());
    for (rearranged, why) in [
        ([token.as_slice(), &[0]].concat(), Malformed::Trailing),
        (
            [&[0xD2, 0x9F], &token[2..], &[0xFF]].concat(),
            Malformed::Indefinite,
        ),
        (
            [&token[..13], &[0x59, 0x00, 0x58], &token[15..]].concat(),
            Malformed::NotShortest,
        ),
    ] {
        let refused = Err(Invalid::Message(NotSign1::Cbor(why)));
        assert_eq!(check_bytes(&rearranged), refused);
    }
    let unprotected = [&token[..12], &[0xA1, 0x01, 0x27], &token[13..]].concat();
    assert_eq!(
        check_bytes(&unprotected),
        Err(Invalid::Message(NotSign1::Unprotected))
    );
    for cut in 0..token.len() {
        assert!(check_bytes(&token[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn flipping_any_bit_of_a_permit_is_refused() {
    let text = text();
    let token = bytes_of(&text);
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(check_bytes(&flipped).is_err(), "bit {bit} of the bytes");
    }
    for bit in 0..text.len() * 8 {
        let mut flipped = text.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(text) = String::from_utf8(flipped) {
            assert!(check(&text).is_err(), "bit {bit} of the text");
        }
    }
}

#[test]
fn other_claims_are_refused_whoever_signed_them() {
    let good = cbor::encode(&claims(&permit(), "37", now()));
    assert_eq!(check_claims(&good), Ok(permit()));
    let Ok(Value::Map(entries)) = cbor::decode(&good) else {
        panic!("a map");
    };
    let refused = |entries: Vec<(Value<'_>, Value<'_>)>, why: &str| {
        let claims = cbor::encode(&Value::Map(entries));
        assert_eq!(check_claims(&claims), Err(Invalid::Claims), "{why}");
    };
    for missing in 0..entries.len() {
        let mut fewer = entries.clone();
        let (claim, _) = fewer.remove(missing);
        refused(fewer, &format!("without {claim:?}"));
    }
    refused(
        [entries.as_slice(), &[(Value::Int(2), Value::Int(0))]].concat(),
        "one more",
    );
    for (at, other) in [
        (0, Value::Int(37)),
        (1, Value::Text("tomorrow")),
        (2, Value::Int(i64::MIN)),
        (3, Value::Int(i64::MAX)),
        (4, Value::Bytes(&[0xA5; 15])),
        (5, Value::Int(0)),
        (5, Value::Int(4)),
        (6, Value::Int(-1)),
        (6, Value::Int(1 << 32)),
        (7, Value::Map(vec![])),
        (7, record([1, 2, 3], ["", "", ""].map(Value::Text))),
        (7, record(FACE, [1, 2, 3, 4].map(Value::Int))),
    ] {
        let mut changed = entries.clone();
        changed[at].1 = other.clone();
        refused(changed, &format!("{other:?} as claim {at}"));
    }
}

#[test]
fn claims_that_are_not_in_their_one_form_are_refused() {
    let good = cbor::encode(&claims(&permit(), "37", now()));
    let indefinite = [&[0xBF], &good[1..], &[0xFF]].concat();
    let trailing = [good.as_slice(), &[0]].concat();
    let long_issuer = [&good[..2], &[0x78, 0x02], &good[3..]].concat();
    let disordered = [&[0xA8], &good[5..11], &good[1..5], &good[11..]].concat();
    let twice = [&[0xA9], &good[1..5], &good[1..]].concat();
    for claims in [indefinite, trailing, long_issuer, disordered, twice] {
        assert_eq!(check_claims(&claims), Err(Invalid::Claims), "{claims:02x?}");
    }
}

#[test]
fn the_holder_does_not_show_in_debug_output() {
    let shown = format!("{:?}", permit());
    assert!(
        !shown.contains("A12345") && !shown.contains("1234"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn no_claims_make_it_panic(claims: Vec<u8>) {
        prop_assert_eq!(check_claims(&claims), Err(Invalid::Claims));
    }

    #[test]
    fn no_text_makes_it_panic(text: String, tail in "[0-9A-Z $%*+./:-]{0,200}") {
        prop_assert!(check(&text).is_err());
        prop_assert!(check(&[PREFIX, &tail].concat()).is_err());
    }

    #[test]
    fn whatever_is_issued_is_read(
        id: [u8; 16],
        status_index: u32,
        holder in "\\PC{0,6}",
        number in "[0-9A-Z]{0,20}",
        life in 1_i64..=31 * 86_400,
    ) {
        let permit = Permit {
            id,
            status_index: StatusIndex::from_number(status_index),
            not_before: now(),
            expires_at: now() + TimeDelta::seconds(life),
            face: face(&holder, "123X", "", &number),
            ..permit()
        };
        prop_assert_eq!(check(&issued(&permit).unwrap()), Ok(permit));
    }
}
