//! The code of a venue on paper, to hang at its entrance (V5).

use chrono::{DateTime, Utc};
use entity::values::VenueCategory;

use super::{error::Error, rules::name_of};
use crate::{
    credentials::qr::{Level, Matrix, ordinary},
    documents::{self, Ink, Page, Paper, Style, breaks},
};

const GREEN: Ink = Ink(0, 104, 71);

/// From the edge of the sheet, in parts of its width.
const MARGIN: f32 = 0.08;
/// How wide the modules of the code are together: on A5 more than twice the 35 millimetres that scanning at
/// arm's length takes.
const SYMBOL: f32 = 0.5;

const TITLE: (&str, &str) = ("场所码", "VENUE CODE");
const SCAN: (&str, &str) = (
    "进门请扫码，向工作人员出示结果",
    "Scan when you enter, and show the result to the staff",
);
const POINTS: [(&str, &str); 4] = [
    (
        "用微信或支付宝小程序“扫一扫”扫描上方二维码，登记并显示健康码。",
        "Scan the code above with the mini-program in WeChat or Alipay: it registers your visit and shows your \
         health code.",
    ),
    (
        "核对结果页面上的“口令”与本场所屏幕或工作人员所示一致，谨防假冒页面。",
        "Compare the word on your page with the one that the venue shows: a false page does not know it.",
    ),
    (
        "同行的老人、儿童可由您在同一次扫码中代为登记；没有手机的，请工作人员手工登记。",
        "Register those with you who have no phone in the same scan, or ask the staff to write you down.",
    ),
    (
        "请勿拍照传播本码：未到场扫码不代表到过本场所，也不会改变任何人的码色。",
        "Do not pass on pictures of this code: scanning one proves no visit and changes nobody's colour.",
    ),
];

/// What stands on a poster.
pub(super) struct Face {
    /// What visitors read.
    pub(super) name: String,
    pub(super) category: VenueCategory,
    /// The unit's registered name.
    pub(super) unit: String,
    /// What stands in the code.
    pub(super) text: String,
    /// When the code was given: the poster is dated so.
    pub(super) given_at: DateTime<Utc>,
}

/// The poster as a document. The same face gives the same bytes.
pub(super) fn pdf(face: &Face, paper: Paper) -> Result<Vec<u8>, Error> {
    let symbol = ordinary::draw(&face.text, Level::Quartile)?;
    let title = format!("{} {}", TITLE.0, face.name);
    Ok(documents::pdf(
        &title,
        face.given_at,
        &[page(face, paper, &symbol)],
    )?)
}

/// Where things are on a sheet, which is laid out for A4 and made smaller.
struct Sheet {
    page: Page,
    width: f32,
    height: f32,
    /// In parts of A4.
    scale: f32,
}

fn page(face: &Face, paper: Paper, symbol: &Matrix) -> Page {
    let (width, height) = paper.size();
    let mut sheet = Sheet {
        page: Page::new(paper),
        width,
        height,
        scale: width / Paper::A4.size().0,
    };
    sheet.heading(face);
    sheet.symbol(symbol);
    sheet.points();
    sheet.foot(face);
    sheet.page
}

impl Sheet {
    fn inner(&self) -> f32 {
        self.width * (1.0 - 2.0 * MARGIN)
    }

    fn left(&self) -> f32 {
        self.width * MARGIN
    }

    /// A style that is `points` on A4.
    fn style(&self, points: f32) -> Style {
        Style::of(points * self.scale)
    }

    /// Millimetres that are `on_a4`.
    fn down(&self, on_a4: f32) -> f32 {
        on_a4 * self.scale
    }

    fn around(&mut self, on_a4: f32, style: Style, text: &str) {
        let style = style.fitting(text, self.inner());
        let at = (self.width / 2.0, self.down(on_a4));
        self.page.text_around(at, style, text);
    }

    fn heading(&mut self, face: &Face) {
        let bar = (self.left(), self.down(12.0));
        self.page.area(bar, self.inner(), self.down(2.0), GREEN);
        self.around(30.0, self.style(34.0).in_ink(GREEN).strong(), TITLE.0);
        self.around(38.0, self.style(12.0).in_ink(GREEN), TITLE.1);
        let name = self.style(26.0).strong();
        let lines = breaks(&face.name, name.points, self.inner());
        if let [first, second] = lines.as_slice() {
            self.around(51.0, self.style(22.0).strong(), first);
            self.around(60.5, self.style(22.0).strong(), second);
        } else {
            self.around(55.0, name, &face.name);
        }
        let (zh, en) = name_of(face.category);
        let kind = self.style(12.0).in_ink(Ink::GREY);
        self.around(68.0, kind, &format!("{zh} {en}"));
    }

    fn symbol(&mut self, symbol: &Matrix) {
        let side = self.width * SYMBOL;
        let at = ((self.width - side) / 2.0, self.down(84.0));
        self.page.symbol(at, side, symbol);
        self.around(209.0, self.style(19.0).in_ink(GREEN).strong(), SCAN.0);
        self.around(216.0, self.style(11.0).in_ink(GREEN), SCAN.1);
    }

    fn points(&mut self) {
        let (zh, en) = (self.style(10.0), self.style(7.6).in_ink(Ink::GREY));
        let mut y = self.down(226.0);
        for (number, said) in (1..).zip(POINTS) {
            let left = self.left();
            let text = left + self.down(5.0);
            let room = self.inner() - self.down(5.0);
            self.page
                .text((left, y), zh.in_ink(GREEN), &format!("{number}"));
            y = self.page.paragraph((text, y), room, zh, said.0);
            y = self.page.paragraph((text, y), room, en, said.1) + self.down(1.4);
        }
    }

    fn foot(&mut self, face: &Face) {
        let y = self.height - self.down(15.0);
        let bar = (self.left(), y);
        self.page.area(bar, self.inner(), self.down(0.6), GREEN);
        let style = self.style(10.0).fitting(&face.unit, self.inner());
        let at = (self.width / 2.0, y + self.down(6.0));
        self.page.text_around(at, style, &face.unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{At, Mark};

    fn face(name: &str) -> Face {
        Face {
            name: name.into(),
            category: VenueCategory::PublicHall,
            unit: "上海某某文化发展有限公司".into(),
            text: "https://tongxing.example/v/q3VhL0xkZ2NwYTkxbTd0Zg".into(),
            given_at: "2026-03-02T04:00:00Z".parse().unwrap(),
        }
    }

    fn drawn(name: &str, paper: Paper) -> Page {
        let symbol = ordinary::draw(&face(name).text, Level::Quartile).unwrap();
        page(&face(name), paper, &symbol)
    }

    fn overlap((a, b): (At, At), (c, d): (At, At)) -> f32 {
        let across = b.x.min(d.x) - a.x.max(c.x);
        across.min(b.y.min(d.y) - a.y.max(c.y))
    }

    fn names() -> [String; 4] {
        [
            "书店".into(),
            "人民广场书店（南京东路店）".into(),
            "某某".repeat(25),
            "Bookshop ".repeat(5),
        ]
    }

    #[test]
    fn whatever_a_venue_is_called_nothing_leaves_the_sheet_or_covers_something_else() {
        for (name, paper) in names()
            .iter()
            .flat_map(|name| [(name, Paper::A4), (name, Paper::A5)])
        {
            let page = drawn(name, paper);
            let (width, height) = paper.size();
            let marks = page.marks();
            for (at, mark) in marks.iter().enumerate() {
                let (upper, lower) = mark.bounds();
                let inside = upper.x >= 5.0 && upper.y >= 5.0;
                assert!(
                    inside && lower.x <= width - 5.0 && lower.y <= height - 3.0,
                    "{mark:?}"
                );
                for other in &marks[at + 1..] {
                    let covered = overlap(mark.bounds(), other.bounds());
                    assert!(covered < 0.3, "{paper:?} {mark:?}\n{other:?}");
                }
            }
        }
    }

    #[test]
    fn the_code_is_larger_than_35_millimetres_and_has_its_quiet_zone() {
        for paper in [Paper::A4, Paper::A5] {
            let page = drawn("书店", paper);
            let side = page.marks().iter().find_map(|mark| match mark {
                Mark::Symbol { side, matrix, .. } => Some((*side, matrix.size())),
                _ => None,
            });
            let (side, modules) = side.unwrap();
            assert!(side >= 70.0, "{side}");
            assert_eq!(modules, 37);
        }
    }

    #[test]
    fn one_face_is_one_sequence_of_bytes() {
        for paper in [Paper::A4, Paper::A5] {
            let first = pdf(&face("书店"), paper).unwrap();
            assert_eq!(pdf(&face("书店"), paper).unwrap(), first);
            assert_ne!(pdf(&face("书城"), paper).unwrap(), first);
        }
    }
}
