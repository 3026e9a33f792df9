//! The one font: which characters it has, how wide they are, and where lines of them may break.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::{
    FontRef, MetadataProvider, charmap::Charmap, instance::LocationRef, instance::Size,
    metrics::GlyphMetrics,
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
