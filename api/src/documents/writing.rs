//! Pages as PDF.

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Archival, ConfigurationBuilder},
    error::KrillaError,
    geom::{Path, PathBuilder, Point, Rect},
    metadata::{self, Metadata},
    page::PageSettings,
    paint::{Fill, Stroke, StrokeDash},
    surface::Surface,
};

use super::{
    font::{Face, POINT},
    page::{At, Ink, Mark, Page, Style, quiet_zone},
};
use crate::credentials::qr::Matrix;

/// How much thicker strong strokes are, in parts of the size.
pub(super) const STRONG: f32 = 0.028;

/// Why pages were not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The font that was compiled in is none.
    #[error("the font cannot be read")]
    Font,
    /// Something on a page has no place on any sheet.
    #[error("a mark cannot be drawn")]
    Mark,
    /// The writer refused the document.
    #[error("the document cannot be written: {0:?}")]
    Writer(KrillaError),
    /// The picture would be larger than any phone shows.
    #[error("the picture is too large")]
    TooLarge,
    /// The writer of pictures refused it.
    #[error("the picture cannot be written")]
    Picture(#[from] png::EncodingError),
}

/// `pages` as one document that is called `title` and dated `dated`.
pub fn pdf(title: &str, dated: DateTime<Utc>, pages: &[Page]) -> Result<Vec<u8>, NotWritten> {
    let mut document = Document::new_with(settings()?);
    for page in pages {
        write(&mut document, page)?;
    }
    let about = Metadata::new()
        .title(title.to_owned())
        .language("zh-CN".to_owned())
        .creator("Tongxing".to_owned())
        .creation_date(date(dated));
    document.set_metadata(about);
    document.finish().map_err(NotWritten::Writer)
}

fn date(at: DateTime<Utc>) -> metadata::DateTime {
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    metadata::DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn settings() -> Result<SerializeSettings, NotWritten> {
    let archival = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_U)
        .finish()
        .map_err(|_| NotWritten::Mark)?;
    Ok(SerializeSettings {
        configuration: archival,
        ..SerializeSettings::default()
    })
}

fn write(document: &mut Document, page: &Page) -> Result<(), NotWritten> {
    let (width, height) = page.paper().size();
    let sheet = PageSettings::from_wh(points(width), points(height)).ok_or(NotWritten::Mark)?;
    let mut sheet = document.start_page_with(sheet);
    let mut surface = sheet.surface();
    for mark in page.marks() {
        draw(&mut surface, mark)?;
    }
    surface.finish();
    sheet.finish();
    Ok(())
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) -> Result<(), NotWritten> {
    match mark {
        Mark::Text { at, style, text } => draw_text(surface, *at, *style, text),
        Mark::Line {
            from,
            to,
            width,
            ink,
            dashed,
        } => {
            let mut line = PathBuilder::new();
            line.move_to(points(from.x), points(from.y));
            line.line_to(points(to.x), points(to.y));
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                dash: dashed.then(|| StrokeDash {
                    array: vec![3.0, 3.0],
                    offset: 0.0,
                }),
                ..stroke(points(*width), *ink)
            }));
            surface.draw_path(&line.finish().ok_or(NotWritten::Mark)?);
            Ok(())
        }
        Mark::Area {
            at,
            width,
            height,
            ink,
        } => {
            let area = rectangles([rectangle(*at, *width, *height)])?;
            fill_with(surface, *ink, &area);
            Ok(())
        }
        Mark::Symbol { at, side, matrix } => draw_symbol(surface, *at, *side, matrix),
    }
}

fn draw_text(
    surface: &mut Surface<'_>,
    at: At,
    style: Style,
    text: &str,
) -> Result<(), NotWritten> {
    let face = Face::get().ok_or(NotWritten::Font)?;
    surface.set_fill(Some(fill(style.ink)));
    surface.set_stroke(
        style
            .strong
            .then(|| stroke(style.points * STRONG, style.ink)),
    );
    let start = Point::from_xy(points(at.x), points(at.y));
    let glyphs = face.glyphs(text);
    surface.draw_glyphs(start, &glyphs, face.font.clone(), text, style.points, false);
    Ok(())
}

/// All dark modules are one shape, so that no light shows between neighbours.
fn draw_symbol(
    surface: &mut Surface<'_>,
    at: At,
    side: f32,
    matrix: &Matrix,
) -> Result<(), NotWritten> {
    let quiet = quiet_zone(side, matrix);
    let ground = rectangle(
        (at.x - quiet, at.y - quiet).into(),
        side + 2.0 * quiet,
        side + 2.0 * quiet,
    );
    fill_with(surface, Ink::WHITE, &rectangles([ground])?);
    let runs = (0..matrix.size()).flat_map(|y| runs(matrix, y).into_iter().map(move |x| (x, y)));
    let edge = |modules: usize| along(side, modules, matrix.size());
    let dark = runs.map(|((first, end), y)| {
        let (left, top) = (at.x + edge(first), at.y + edge(y));
        rectangle(
            (left, top).into(),
            edge(end) - edge(first),
            edge(y + 1) - edge(y),
        )
    });
    fill_with(surface, Ink::BLACK, &rectangles(dark)?);
    Ok(())
}

/// Where the dark runs of row `y` begin and end.
pub(super) fn runs(matrix: &Matrix, y: usize) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for x in (0..matrix.size()).filter(|x| matrix.is_dark(*x, y)) {
        match runs.last_mut() {
            Some((_, end)) if *end == x => *end = x + 1,
            _ => runs.push((x, x + 1)),
        }
    }
    runs
}

/// How far `modules` of `all` reach along `side`.
#[expect(
    clippy::cast_precision_loss,
    reason = "a symbol has at most 177 modules a side"
)]
pub(super) fn along(side: f32, modules: usize, all: usize) -> f32 {
    side * modules as f32 / all as f32
}

fn rectangle(at: At, width: f32, height: f32) -> Option<Rect> {
    Rect::from_xywh(points(at.x), points(at.y), points(width), points(height))
}

fn rectangles(all: impl IntoIterator<Item = Option<Rect>>) -> Result<Path, NotWritten> {
    let mut path = PathBuilder::new();
    for rectangle in all {
        path.push_rect(rectangle.ok_or(NotWritten::Mark)?);
    }
    path.finish().ok_or(NotWritten::Mark)
}

fn fill_with(surface: &mut Surface<'_>, ink: Ink, path: &Path) {
    surface.set_fill(Some(fill(ink)));
    surface.set_stroke(None);
    surface.draw_path(path);
}

fn fill(ink: Ink) -> Fill {
    Fill {
        paint: colour(ink).into(),
        ..Fill::default()
    }
}

fn stroke(width: f32, ink: Ink) -> Stroke {
    Stroke {
        paint: colour(ink).into(),
        width,
        ..Stroke::default()
    }
}

fn colour(Ink(red, green, blue): Ink) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

/// Millimetres in points.
fn points(millimetres: f32) -> f32 {
    millimetres / POINT
}
