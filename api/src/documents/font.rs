//! The one font: which characters it has, how wide they are, and where lines of them may break.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
    outline::{DrawSettings, OutlineGlyphCollection, OutlinePen},
};

/// Stands for a character that the font lacks: the mark that Chinese printers set for missing type.
pub const SUBSTITUTE: char = '〓';

/// Millimetres of a point.
pub(super) const POINT: f32 = 25.4 / 72.0;

static DATA: &[u8] = include_bytes!("data/NotoSansCJKsc-Subset.otf");
static FACE: LazyLock<Option<Face>> = LazyLock::new(Face::load);

/// Characters that do not begin a line.
const CLOSING: &str = "，。、；：？！）》」』】〕”’·…—%,.;:?!)]}";
/// Characters that do not end one.
const OPENING: &str = "（《「『【〔“‘([{";

pub(super) struct Face {
    pub(super) font: Font,
    outlines: OutlineGlyphCollection<'static>,
    characters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

impl Face {
    fn load() -> Option<Self> {
        let font = FontRef::new(DATA).ok()?;
        let (size, location) = (Size::unscaled(), LocationRef::default());
        Some(Self {
            font: Font::new(DATA.into(), 0)?,
            outlines: font.outline_glyphs(),
            characters: font.charmap(),
            metrics: font.glyph_metrics(size, location),
            units_per_em: font.metrics(size, location).units_per_em.into(),
        })
    }

    /// The face, unless the file that was compiled in is no font.
    pub(super) fn get() -> Option<&'static Self> {
        FACE.as_ref()
    }

    /// The glyphs of `text`, which [`printable`] made.
    pub(super) fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, character): (usize, char)| {
            let id = self.characters.map(character)?;
            let advance = self.advance(character);
            let range = at..at + character.len_utf8();
            let id = GlyphId::new(id.to_u32());
            Some(KrillaGlyph::new(id, advance, 0.0, 0.0, 0.0, range, None))
        };
        text.char_indices().filter_map(glyph).collect()
    }

    /// The outlines of `text`, which [`printable`] made, set in a size of `em` one after the other on the
    /// base line that begins at `at`, drawn by `pen`, for which what is up has the smaller coordinate.
    pub(super) fn draw(&self, text: &str, at: (f32, f32), em: f32, pen: &mut impl OutlinePen) {
        let (mut x, y) = at;
        for character in text.chars() {
            let glyph = self.characters.map(character);
            if let Some(glyph) = glyph.and_then(|id| self.outlines.get(id)) {
                let as_it_is = DrawSettings::unhinted(Size::new(em), LocationRef::default());
                let mut pen = Placed { pen, x, y };
                // A glyph without an outline is a blank.
                let _ = glyph.draw(as_it_is, &mut pen);
            }
            x += self.advance(character) * em;
        }
    }

    fn has(&self, character: char) -> bool {
        self.characters.map(character).is_some()
    }

    /// In parts of the size.
    fn advance(&self, character: char) -> f32 {
        let id = self.characters.map(character);
        let units = id.and_then(|id| self.metrics.advance_width(id));
        units.unwrap_or_default() / self.units_per_em
    }
}

/// A pen that draws glyphs, whose coordinates grow upwards, at a place of a page, where they grow downwards.
struct Placed<'a, P> {
    pen: &'a mut P,
    x: f32,
    y: f32,
}

impl<P: OutlinePen> OutlinePen for Placed<'_, P> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.pen.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.pen.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let (dx, dy) = (self.x, self.y);
        self.pen.quad_to(dx + cx, dy - cy, dx + x, dy - y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let (dx, dy) = (self.x, self.y);
        self.pen
            .curve_to(dx + ax, dy - ay, dx + bx, dy - by, dx + x, dy - y);
    }

    fn close(&mut self) {
        self.pen.close();
    }
}

/// `text` as it can be printed: what the font lacks is marked.
pub(super) fn printable(text: &str) -> String {
    let shown = |character| match Face::get() {
        Some(face) if face.has(character) => character,
        _ => SUBSTITUTE,
    };
    text.chars().map(shown).collect()
}

/// The characters of `text` that the font lacks, each as often as it stands there.
pub fn missing(text: &str) -> impl Iterator<Item = char> {
    let lacks = |character: &char| Face::get().is_none_or(|face| !face.has(*character));
    text.chars().filter(lacks)
}

/// How wide `text` is when it is set in `points`, in millimetres.
#[must_use]
pub fn width(text: &str, points: f32) -> f32 {
    let Some(face) = Face::get() else {
        return 0.0;
    };
    let advances = printable(text)
        .chars()
        .map(|c| face.advance(c))
        .sum::<f32>();
    advances * points * POINT
}

/// `text` in lines of at most `width` millimetres when it is set in `points`.
///
/// A line ends between two Chinese characters or at a space, and neither ends with an opening mark nor
/// begins with a closing one. A word that is wider than a line is broken anywhere.
#[must_use]
pub fn breaks(text: &str, points: f32, width: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces(text) {
        let Some(line) = lines.last_mut() else {
            break;
        };
        if self::width(&format!("{line}{}", piece.trim_end()), points) <= width {
            line.push_str(piece);
        } else if self::width(piece.trim_end(), points) <= width {
            lines.push(piece.to_owned());
        } else {
            break_anywhere(&mut lines, piece, points, width);
        }
    }
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn break_anywhere(lines: &mut Vec<String>, piece: &str, points: f32, width: f32) {
    for character in piece.chars() {
        match lines.last_mut() {
            Some(line) if self::width(&format!("{line}{character}"), points) <= width => {
                line.push(character);
            }
            _ => lines.push(character.to_string()),
        }
    }
}

/// What stays together on a line, one after the other.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(end) = end_of_piece(rest) {
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Where `text` may first break.
fn end_of_piece(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    while let Some((_, before)) = characters.next() {
        let (at, after) = *characters.peek()?;
        if may_break(before, after) {
            return Some(at);
        }
    }
    None
}

fn may_break(before: char, after: char) -> bool {
    if CLOSING.contains(after) || after == ' ' || OPENING.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after)
}

/// Whether a line may break beside `character` without a space: Chinese characters and their marks.
fn is_wide(character: char) -> bool {
    character >= '\u{2E80}'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_is_as_wide_as_its_size_and_latin_is_not() {
        let em = 12.0 * POINT;
        assert!((width("健康通行", 12.0) - 4.0 * em).abs() < 0.001);
        assert!(width("iiii", 12.0) < width("mmmm", 12.0));
        assert!(width("", 12.0).abs() < f32::EPSILON);
    }

    #[test]
    fn the_font_has_gbk_and_what_names_need() {
        for text in [
            "健康通行卡",
            "镕喆堃淼犇",
            "䶮㛃𬱖鿏",
            "·—“”（）",
            "Søren Ångström",
        ] {
            assert_eq!(missing(text).collect::<String>(), "", "{text}");
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_the_font_lacks_is_marked_and_never_a_box() {
        assert_eq!(printable("王𠀀\u{7}😀"), "王〓〓〓");
        assert_eq!(missing("王𠀀").collect::<Vec<_>>(), ['𠀀']);
        assert!(Face::get().unwrap().has(SUBSTITUTE));
    }

    #[test]
    fn lines_end_between_chinese_characters_and_at_spaces() {
        let em = 10.0 * POINT;
        assert_eq!(breaks("一二三四五", 10.0, 2.1 * em), ["一二", "三四", "五"]);
        assert_eq!(
            breaks("one two three", 10.0, width("one two", 10.0)),
            ["one two", "three"]
        );
        assert_eq!(breaks("扫TX1码", 10.0, 2.0 * em), ["扫", "TX1", "码"]);
        assert_eq!(breaks("", 10.0, em), [""]);
    }

    #[test]
    fn closing_marks_do_not_begin_a_line_and_opening_ones_do_not_end_it() {
        let em = 10.0 * POINT;
        assert_eq!(breaks("一二，三", 10.0, 2.1 * em), ["一", "二，", "三"]);
        assert_eq!(breaks("一（二）", 10.0, 3.1 * em), ["一", "（二）"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked_and_nothing_is_lost(
            text in "[一-龥a-z ，。（）]{0,60}",
            width in 8_f32..80.0,
        ) {
            let lines = breaks(&text, 10.0, width);
            for line in &lines {
                prop_assert!(super::width(line, 10.0) <= width, "{line}");
            }
            let kept = |text: &str| text.replace(' ', "");
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
        }

        #[test]
        fn no_text_makes_it_panic(text: String, width in 0_f32..80.0) {
            let _ = breaks(&text, 10.0, width);
            prop_assert_eq!(printable(&text).chars().count(), text.chars().count());
        }
    }
}
