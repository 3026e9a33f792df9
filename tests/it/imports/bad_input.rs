//! Whatever is wrong with a file is said, and nothing of it is half-applied.

use std::io::Write;

use api::facts::import::{Error, FileFlaw, Kind};
use entity::values::FactKind;
use flate2::{Compression, write::GzEncoder};
use integration_tests::{backend::noon, on_both_stacks};

use super::rig::{HEADER, Rig, csv, hours_ago, number, row};

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// A row in which `cell` stands in place of what was right, and what is said of it.
fn bad_rows() -> Vec<(Vec<u8>, &'static str, &'static str)> {
    let right = row(0, "T", 9, "negative");
    let with = |old: &str, new: &str| right.replacen(old, new, 1).into_bytes();
    let (sampled, reported, person) = (hours_ago(9), hours_ago(8), number(0));
    let mut rows = vec![
        (b"passport,x".to_vec(), "", "columns"),
        (format!("{right},x").into_bytes(), "", "columns"),
        (Vec::new(), "", "columns"),
        (with("lab-one", "\"lab-one"), "", "quotes"),
        (with("lab-one", "lab\"one"), "", "quotes"),
        ([right.as_bytes(), &[0xff]].concat(), "", "encoding"),
        (with("passport", "passeport"), "document_kind", "value"),
        (with("passport", ""), "document_kind", "missing"),
        (with(&person, ""), "document_number", "missing"),
        (with(&person, "E1"), "document_number", "form"),
        (
            with(&person, "E99999999"),
            "document_number",
            "unknown_person",
        ),
        (with("lab-one", "Lab/1"), "lab", "form"),
        (with(",T,", ",T 1,"), "tube", "form"),
        (with(",1,", ",7,"), "tube_size", "value"),
        (with(",1,", ",one,"), "tube_size", "value"),
        (with(&sampled, "2026-03-02 10:00"), "sampled_at", "form"),
        (with(&sampled, &hours_ago(-1)), "sampled_at", "in_future"),
        (
            with(&sampled, &hours_ago(61 * 24)),
            "sampled_at",
            "too_long_ago",
        ),
        (with(&reported, &hours_ago(-1)), "reported_at", "in_future"),
        (
            with(&reported, &hours_ago(10)),
            "reported_at",
            "before_sampled_at",
        ),
        (with("negative", "NEGATIVE"), "result", "value"),
        (with("negative", ""), "result", "missing"),
    ];
    for mark in ["=", "+", "-", "@", "\t", "\r"] {
        rows.push((with(",T,", &format!(",{mark}T,")), "tube", "formula"));
        rows.push((
            with("lab-one", &format!("\"{mark}HYPERLINK()\"")),
            "lab",
            "formula",
        ));
    }
    let card = |number: &str| {
        let card = right.replace("passport", "resident_card");
        card.replace(&person, number).into_bytes()
    };
    rows.push((card("991990199003070012"), "document_number", "province"));
    rows.push((card("31010119900229001X"), "document_number", "birth_date"));
    rows.push((
        card("310101199003070018"),
        "document_number",
        "check_character",
    ));
    rows
}

on_both_stacks! {
    async fn each_bad_row_is_named_and_spoils_no_other(stack: Stack) {
        let rig = Rig::with(stack, 100, 7).await;
        let bad = bad_rows();
        let mut text = format!("{HEADER}\n").into_bytes();
        for (at, (bad, ..)) in bad.iter().enumerate() {
            text.extend([bad, &b"\n"[..], row(at, "good", 5, "negative").as_bytes(), b"\n"].concat());
        }
        let outcome = rig.bring(&rig.send(&text)).await.unwrap();
        let expected: Vec<_> = (2..).step_by(2).zip(&bad)
            .map(|(line, (_, field, code))| (line, (*field).to_owned(), (*code).to_owned()))
            .collect();
        assert_eq!(rig.found(&outcome).await, expected);
        let count = i64::try_from(bad.len()).unwrap();
        assert_eq!((outcome.batch.applied, outcome.batch.refused), (count, count));
        assert_eq!(rig.results().await.len(), bad.len());
    }

    async fn each_bad_object_is_named_and_spoils_no_other(stack: Stack) {
        let rig = Rig::with(stack, 2, 3).await;
        let good = |at: usize| {
            let row = row(at, "T", 9, "negative");
            let cells = HEADER.split(',').zip(row.split(',')).map(|(name, cell)| format!("\"{name}\":\"{cell}\""));
            format!("{{{}}}", cells.collect::<Vec<_>>().join(","))
        };
        let lines = [
            good(0),
            "{}".into(),
            good(0).replace("\"result\"", "\"colour\""),
            format!("{} {{}}", good(0)),
            "[]".into(),
            String::new(),
            "{".into(),
            good(0).replace("\"negative\"", "[[[[]]]]"),
            good(0).replace("lab-one", "=lab"),
            "[".repeat(4_000),
            good(1),
        ];
        let outcome = rig.bring(&rig.send(lines.join("\n").as_bytes())).await.unwrap();
        let found = rig.found(&outcome).await;
        let found: Vec<(i64, &str, &str)> = found.iter().map(|(line, field, code)| (*line, &**field, &**code)).collect();
        assert_eq!(found, [
            (2, "document_kind", "missing"),
            (3, "", "unknown_field"),
            (4, "", "json"),
            (5, "", "json"),
            (6, "", "json"),
            (7, "", "json"),
            (8, "", "json"),
            (9, "lab", "formula"),
            (10, "", "json"),
        ]);
        assert_eq!(rig.results().await.len(), 2);
    }

    async fn a_file_that_is_wrong_as_a_whole_applies_nothing(stack: Stack) {
        let rig = Rig::changed(stack, 10, |config| {
            config.imports.chunk_rows = 2;
            config.imports.largest_expanded_mib = 16;
        }).await;
        let rows: Vec<String> = (0..10).map(|at| row(at, "T", 9, "negative")).collect();
        let good = csv(&rows);
        let zipped = gzip(good.as_bytes());
        let endless = format!("{good}{}", "x".repeat(100_000));
        let mut flipped = zipped.clone();
        let crc = flipped.len() - 6;
        flipped[crc] ^= 1;
        let zeros = gzip(&vec![b'0'; 20 << 20]);
        let many = gzip("\n".repeat(12 << 20).as_bytes());
        let cut = good.replacen(",result", "", 1);
        let files: [(&[u8], FileFlaw); 11] = [
            (b"", FileFlaw::Empty),
            ("\u{feff}".as_bytes(), FileFlaw::Empty),
            (cut.as_bytes(), FileFlaw::Header),
            (rows[0].as_bytes(), FileFlaw::Header),
            (&[0xff, 0xfe, b'd', 0], FileFlaw::Header),
            (endless.as_bytes(), FileFlaw::LineTooLong),
            (&zipped[..zipped.len() - 9], FileFlaw::Container),
            (&flipped, FileFlaw::Container),
            (&[&zipped[..], b"and more"].concat(), FileFlaw::Container),
            (&zeros, FileFlaw::LineTooLong),
            (&[&gzip(format!("{HEADER}\n").as_bytes())[..], &many].concat(), FileFlaw::Bomb),
        ];
        for (bytes, flaw) in files {
            let refused = rig.bring(&rig.send(bytes)).await;
            assert!(matches!(refused, Err(Error::Refused(found)) if found == flaw), "{flaw:?}: {refused:?}");
        }
        assert!(rig.results().await.is_empty());
        assert_eq!(rig.imports().await, 0);
    }

    async fn only_a_source_that_may_say_this_and_signed_it_is_believed(stack: Stack) {
        let rig = Rig::with(stack, 2, 10).await;
        rig.register("lab-gone", "310000", &["nucleic_acid_test"], Some(noon())).await;
        rig.register("lab-quiet", "310000", &["close_contact"], None).await;
        rig.register("lab-twin", "310000", &["nucleic_acid_test"], None).await;
        let sent = rig.send_rows(&[row(0, "T", 9, "positive")]);
        let mut flipped = sent.clone();
        flipped.signature[5] ^= 1;
        let mut others = sent.clone();
        others.signature = rig.sign(Kind::NucleicAcidTest, b"another file");
        for forged in [flipped, others] {
            let refused = rig.bring(&forged).await;
            assert!(matches!(refused, Err(Error::Refused(FileFlaw::Signature))), "{refused:?}");
        }
        let unsigned = rig.bring_as(&sent, |order| order.signature = None).await;
        assert!(matches!(unsigned, Err(Error::Refused(FileFlaw::Signature))), "{unsigned:?}");
        let twin = rig.bring_as(&sent, |order| order.source = "lab-twin").await;
        assert!(matches!(twin, Err(Error::Refused(FileFlaw::Signature))), "signed for another source: {twin:?}");
        let contacts = rig.bring_as(&sent, |order| order.kind = Kind::Fact(FactKind::CloseContact)).await;
        let unread = matches!(contacts, Err(Error::Refused(FileFlaw::Signature | FileFlaw::Header)));
        assert!(unread, "signed for another kind: {contacts:?}");
        for source in ["lab-gone", "lab-quiet", "lab-unheard-of"] {
            let refused = rig.bring_as(&sent, |order| order.source = source).await;
            assert!(matches!(refused, Err(Error::Refused(FileFlaw::Source))), "{source}: {refused:?}");
        }
        let other = Kind::Fact(FactKind::ConfirmedCase);
        let refused = rig.bring_as(&sent, |order| order.kind = other).await;
        assert!(matches!(refused, Err(Error::Refused(FileFlaw::Source))), "{refused:?}");
        assert!(rig.results().await.is_empty());
        assert_eq!(rig.imports().await, 0);
        rig.bring(&sent).await.unwrap();
    }
}
