//! Pages, before they are written.

use std::collections::BTreeSet;

use super::font::{self, POINT};
use crate::credentials::qr::{Matrix, QUIET_ZONE};

/// Sheets of paper, upright (ISO 216).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 210 by 297 millimetres.
    A4,
    /// 148 by 210 millimetres.
    A5,
    /// 105 by 148 millimetres.
    A6,
}

impl Paper {
    /// Width and height in millimetres.
    #[must_use]
    pub const fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A5 => (148.0, 210.0),
            Self::A6 => (105.0, 148.0),
        }
    }
}

/// A place: millimetres to the right of the origin, and below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

/// A place.
impl From<(f32, f32)> for At {
    fn from((x, y): (f32, f32)) -> Self {
        Self { x, y }
    }
}

/// A colour, as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    /// Black: text and codes.
    pub const BLACK: Self = Self(0, 0, 0);
    /// What is said beside something more important.
    pub const GREY: Self = Self(96, 96, 96);
    /// Lines between things.
    pub const LIGHT: Self = Self(190, 190, 190);
    /// The paper.
    pub const WHITE: Self = Self(255, 255, 255);
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Its size in points.
    pub points: f32,
    /// Its colour.
    pub ink: Ink,
    /// Whether its strokes are drawn thicker.
    pub strong: bool,
}

impl Style {
    /// Text of that size, in black.
    #[must_use]
    pub const fn of(points: f32) -> Self {
        Self {
            points,
            ink: Ink::BLACK,
            strong: false,
        }
    }

    /// The same in another colour.
    #[must_use]
    pub const fn in_ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// The same with thicker strokes.
    #[must_use]
    pub const fn strong(self) -> Self {
        Self {
            strong: true,
            ..self
        }
    }

    /// The same, smaller if `text` would be wider than `width` millimetres otherwise.
    #[must_use]
    pub fn fitting(self, text: &str, width: f32) -> Self {
        let scale = (width / font::width(text, self.points)).min(1.0);
        Self {
            points: self.points * scale,
            ..self
        }
    }

    /// From one line to the next, in millimetres.
    #[must_use]
    pub fn leading(self) -> f32 {
        self.points * POINT * 1.45
    }
}

/// Something on a page. Places are on the sheet, whatever the origin was.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text, which begins on its base line.
    Text {
        /// Where.
        at: At,
        /// How.
        style: Style,
        /// What, with marks for the characters that the font lacks.
        text: String,
    },
    /// A line.
    Line {
        /// From where.
        from: At,
        /// To where.
        to: At,
        /// How wide, in millimetres.
        width: f32,
        /// Its colour.
        ink: Ink,
        /// Whether it is a line to cut along.
        dashed: bool,
    },
    /// A filled rectangle.
    Area {
        /// Its upper left corner.
        at: At,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// Its colour.
        ink: Ink,
    },
    /// A QR symbol in black, with its quiet zone in white.
    Symbol {
        /// The upper left corner of its modules.
        at: At,
        /// How wide and high its modules are together.
        side: f32,
        /// The modules.
        matrix: Matrix,
    },
}

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    paper: Paper,
    origin: At,
    marks: Vec<Mark>,
    missing: BTreeSet<char>,
}

impl Page {
    /// An empty one.
    #[must_use]
    pub const fn new(paper: Paper) -> Self {
        Self {
            paper,
            origin: At { x: 0.0, y: 0.0 },
            marks: Vec::new(),
            missing: BTreeSet::new(),
        }
    }

    /// The sheet.
    #[must_use]
    pub const fn paper(&self) -> Paper {
        self.paper
    }

    /// What is on it, from the back to the front.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Whether it has text with characters that the font lacks.
    #[must_use]
    pub fn lacks_characters(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Place everything that follows from `origin`, a place on the sheet.
    pub fn move_origin(&mut self, origin: impl Into<At>) {
        self.origin = origin.into();
    }

    /// A line of text, which begins at `at`.
    pub fn text(&mut self, at: impl Into<At>, style: Style, text: &str) {
        let at = self.on_sheet(at.into());
        self.missing.extend(font::missing(text));
        self.marks.push(Mark::Text {
            at,
            style,
            text: font::printable(text),
        });
    }

    /// A line of text, which ends at `at`.
    pub fn text_before(&mut self, at: impl Into<At>, style: Style, text: &str) {
        let At { x, y } = at.into();
        self.text((x - font::width(text, style.points), y), style, text);
    }

    /// A line of text, whose middle is at `at`.
    pub fn text_around(&mut self, at: impl Into<At>, style: Style, text: &str) {
        let At { x, y } = at.into();
        self.text((x - font::width(text, style.points) / 2.0, y), style, text);
    }

    /// Text in as many lines as it takes, `width` wide, the first at `at`. Returns how far down the line
    /// after the last would be.
    pub fn paragraph(&mut self, at: impl Into<At>, width: f32, style: Style, text: &str) -> f32 {
        let At { x, mut y } = at.into();
        for line in font::breaks(text, style.points, width) {
            self.text((x, y), style, &line);
            y += style.leading();
        }
        y
    }

    /// A line.
    pub fn line(&mut self, from: impl Into<At>, to: impl Into<At>, width: f32, ink: Ink) {
        self.push_line(from.into(), to.into(), width, ink, false);
    }

    /// A line to cut along.
    pub fn cut(&mut self, from: impl Into<At>, to: impl Into<At>) {
        self.push_line(from.into(), to.into(), 0.2, Ink::GREY, true);
    }

    fn push_line(&mut self, from: At, to: At, width: f32, ink: Ink, dashed: bool) {
        self.marks.push(Mark::Line {
            from: self.on_sheet(from),
            to: self.on_sheet(to),
            width,
            ink,
            dashed,
        });
    }

    /// A filled rectangle.
    pub fn area(&mut self, at: impl Into<At>, width: f32, height: f32, ink: Ink) {
        self.marks.push(Mark::Area {
            at: self.on_sheet(at.into()),
            width,
            height,
            ink,
        });
    }

    /// The modules of a symbol, `side` wide, with its quiet zone around them.
    pub fn symbol(&mut self, at: impl Into<At>, side: f32, matrix: &Matrix) {
        self.marks.push(Mark::Symbol {
            at: self.on_sheet(at.into()),
            side,
            matrix: matrix.clone(),
        });
    }

    fn on_sheet(&self, At { x, y }: At) -> At {
        At {
            x: self.origin.x + x,
            y: self.origin.y + y,
        }
    }
}

impl Mark {
    /// The corners of what it covers, upper left and lower right, in millimetres on the sheet.
    #[must_use]
    pub fn bounds(&self) -> (At, At) {
        match self {
            Self::Text { at, style, text } => {
                let em = style.points * POINT;
                let right = at.x + font::width(text, style.points);
                (
                    (at.x, at.y - 0.88 * em).into(),
                    (right, at.y + 0.12 * em).into(),
                )
            }
            Self::Line { from, to, .. } => (
                (from.x.min(to.x), from.y.min(to.y)).into(),
                (from.x.max(to.x), from.y.max(to.y)).into(),
            ),
            Self::Area {
                at, width, height, ..
            } => (*at, (at.x + width, at.y + height).into()),
            Self::Symbol { at, side, matrix } => {
                let quiet = quiet_zone(*side, matrix);
                (
                    (at.x - quiet, at.y - quiet).into(),
                    (at.x + side + quiet, at.y + side + quiet).into(),
                )
            }
        }
    }
}

/// How wide the quiet zone is around modules that are `side` wide together.
#[expect(
    clippy::cast_precision_loss,
    reason = "a symbol has at most 177 modules a side"
)]
pub(super) fn quiet_zone(side: f32, matrix: &Matrix) -> f32 {
    side / matrix.size() as f32 * QUIET_ZONE as f32
}
