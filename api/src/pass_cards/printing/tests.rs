use super::*;
use crate::documents::{At, Mark, Page, Paper};

const PAPERS: [Paper; 2] = [Paper::A6, Paper::A4];

fn face() -> PaperFace {
    PaperFace {
        number: "TXK37010200012345".into(),
        holder: "张伟".into(),
        document_last4: "123X".into(),
        community: "解放路街道历山名郡社区".into(),
        issued_by: "山东省济南市历下区".into(),
        valid_from: "2020-03-05T09:30:00+08:00".parse().unwrap(),
        valid_until: "2020-03-19T00:00:00+08:00".parse().unwrap(),
        complaints: Some(ComplaintLine {
            telephone: "0531-88888888".into(),
            hours: "每天 8:30–17:30".into(),
        }),
        token: token(325),
    }
}

/// Something as long as a permit, of the same characters.
fn token(characters: usize) -> String {
    let body = "+E7V5010027B%Z$K-W/Q.P*A:M".chars().cycle();
    "TX1:".chars().chain(body).take(characters).collect()
}

/// Faces that strain the layout.
fn extremes() -> Vec<PaperFace> {
    let with = |change: fn(&mut PaperFace)| {
        let mut face = face();
        change(&mut face);
        face
    };
    vec![
        face(),
        with(|face| face.holder = "阿卜杜拉·阿不都热合曼".into()),
        with(|face| face.holder = "Maximiliana Wolfeschlegelsteinhausen-Bergerdorff".into()),
        with(|face| face.holder = "买买提".repeat(16)),
        with(|face| face.holder = "\u{3400}𠀀".into()),
        with(|face| face.community = String::new()),
        with(|face| face.community = "某某街道办事处某某社区居民委员会".repeat(4)),
        with(|face| face.issued_by = "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿合奇县".into()),
        with(|face| face.number = format!("TXK370102{}", i64::MAX)),
        with(|face| face.valid_until = "2020-03-18T17:45:00+08:00".parse().unwrap()),
        with(|face| face.complaints = None),
        with(|face| {
            face.complaints = Some(ComplaintLine {
                telephone: "0531-88888888，0531-88888889，12345".into(),
                hours: "工作日上午 8:30–12:00，下午 13:30–17:30，节假日照常".repeat(3),
            });
        }),
        with(|face| face.token = token(352)),
        with(|face| face.token = token(255)),
    ]
}

fn page(face: &PaperFace, paper: Paper) -> Page {
    let mut pages = pages(face, paper).unwrap();
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

fn texts(page: &Page) -> Vec<&str> {
    let texts = page.marks().iter().filter_map(|mark| match mark {
        Mark::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn says(page: &Page, text: &str) -> bool {
    texts(page).join("").contains(text)
}

/// By how much two rectangles overlap, at least, in millimetres.
fn overlap((a, b): (At, At), (c, d): (At, At)) -> f32 {
    let across = b.x.min(d.x) - a.x.max(c.x);
    across.min(b.y.min(d.y) - a.y.max(c.y))
}

#[test]
fn everything_that_a_card_says_is_on_it() {
    for paper in PAPERS {
        let page = page(&face(), paper);
        for said in [
            "健康通行卡",
            "HEALTH PASS CARD",
            "张伟",
            "123X",
            "解放路街道历山名郡社区",
            "山东省济南市历下区",
            "TXK37010200012345",
            "2020-03-05 09:30 — 2020-03-18 24:00",
            "纸质卡与电子卡具有同等效力",
            "same force on paper and on the phone",
            "签名可离线核验",
            "0531-88888888",
        ] {
            assert!(says(&page, said), "{paper:?}: {said}");
        }
    }
}

#[test]
fn a4_has_a_card_to_cut_out_and_says_how_to_use_and_verify_it() {
    let (a4, a6) = (page(&face(), Paper::A4), page(&face(), Paper::A6));
    let on_card = texts(&a6);
    assert!(texts(&a4).ends_with(&on_card), "the same card");
    for said in [
        "持卡须知",
        "核验方法",
        "For the holder",
        "For whoever checks it",
        "TX1:",
    ] {
        assert!(says(&a4, said) && !says(&a6, said), "{said}");
    }
    let dashed = |mark: &&Mark| matches!(mark, Mark::Line { dashed: true, .. });
    assert_eq!(a4.marks().iter().filter(dashed).count(), 4);
}

#[test]
fn whatever_a_card_says_nothing_leaves_the_sheet_or_covers_something_else() {
    for (face, paper) in extremes()
        .iter()
        .flat_map(|face| PAPERS.map(|paper| (face, paper)))
    {
        let page = page(face, paper);
        let (width, height) = paper.size();
        for mark in page.marks() {
            let (upper_left, lower_right) = mark.bounds();
            let inside = upper_left.x >= 5.0 && upper_left.y >= 2.5;
            let inside = inside && lower_right.x <= width - 5.0 && lower_right.y <= height - 2.0;
            assert!(inside, "{paper:?} {mark:?}");
        }
        let solid: Vec<&Mark> = page
            .marks()
            .iter()
            .filter(|mark| matches!(mark, Mark::Text { .. } | Mark::Symbol { .. }))
            .collect();
        for (at, one) in solid.iter().enumerate() {
            for other in &solid[at + 1..] {
                let covered = overlap(one.bounds(), other.bounds());
                assert!(covered < 0.3, "{paper:?} {one:?}\n{other:?}");
            }
        }
    }
}

#[test]
fn the_code_is_at_least_35_millimetres_wide_with_modules_of_half_a_millimetre_and_its_quiet_zone() {
    for (characters, modules) in [(255, 61), (325, 69), (352, 69)] {
        for paper in PAPERS {
            let mut face = face();
            face.token = token(characters);
            let page = page(&face, paper);
            let symbol = page.marks().iter().find_map(|mark| match mark {
                Mark::Symbol { side, matrix, .. } => Some((*side, matrix.size(), mark.bounds())),
                _ => None,
            });
            let (side, drawn, (upper_left, lower_right)) = symbol.unwrap();
            assert_eq!(drawn, modules);
            #[expect(clippy::cast_precision_loss, reason = "at most 177")]
            let module = side / drawn as f32;
            assert!(side >= 35.0 && module >= 0.5, "{side} {module}");
            let around = lower_right.x - upper_left.x - side;
            assert!(
                (around - 8.0 * module).abs() < 0.01,
                "four modules on each side"
            );
        }
    }
}

#[test]
fn one_card_is_one_sequence_of_bytes() {
    for paper in PAPERS {
        let first = pdf(&face(), paper).unwrap();
        assert_eq!(pdf(&face(), paper).unwrap(), first);
        let mut other = face();
        other.document_last4 = "1234".into();
        assert_ne!(pdf(&other, paper).unwrap(), first);
    }
}

#[test]
fn a_character_that_the_font_lacks_is_marked_and_the_card_says_so() {
    let mut face = face();
    face.holder = "欧阳䶮".into();
    assert!(!says(&page(&face, Paper::A6), "〓"), "rare, and there");
    face.holder = "王𠀀".into();
    for paper in PAPERS {
        let page = page(&face, paper);
        assert!(says(&page, "王〓"));
        assert!(says(&page, "字库未收录"), "{paper:?}");
        assert!(pdf(&face, paper).is_ok());
    }
}

#[test]
fn a_card_that_ends_at_midnight_ends_at_24_00_of_its_last_day() {
    let mut face = face();
    assert!(face.term().ends_with("— 2020-03-18 24:00"));
    face.valid_until = "2020-03-18T23:59:00+08:00".parse().unwrap();
    assert!(face.term().ends_with("— 2020-03-18 23:59"));
}

#[test]
fn a_face_does_not_show_in_debug_output() {
    assert_eq!(format!("{:?}", face()), "PaperFace(***)");
}

#[test]
fn what_fits_no_symbol_is_not_printed() {
    let mut face = face();
    face.token = token(5_000);
    assert!(matches!(pdf(&face, Paper::A6), Err(NotPrinted::Symbol(_))));
}
