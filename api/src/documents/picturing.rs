//! Pages as PNG pictures.

use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};
use skrifa::outline::OutlinePen;
use tiny_skia::{
    Color, FillRule, LineCap, Paint, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use super::{
    font::{Face, POINT},
    page::{At, Ink, Mark, Page, Style, quiet_zone},
    writing::{NotWritten, STRONG, along, runs},
};
use crate::credentials::qr::Matrix;

/// Pixels of the largest picture.
const MOST_PIXELS: f32 = 20_000_000.0;

/// Millimetres of a dash of a line to cut along, and of the gap after it: three points.
const DASH: f32 = 3.0 * POINT;

/// `page` as a PNG picture with so many pixels a millimetre: the marks that [`super::pdf`] writes, at the
/// same places. The modules of a symbol are whole pixels, so that it is read from a screen.
pub fn png(page: &Page, pixels_per_mm: f32) -> Result<Vec<u8>, NotWritten> {
    let (width, height) = page.paper().size();
    let sheet = (width * pixels_per_mm, height * pixels_per_mm);
    if !(sheet.0 >= 1.0 && sheet.1 >= 1.0 && sheet.0 * sheet.1 <= MOST_PIXELS) {
        return Err(NotWritten::TooLarge);
    }
    let picture = Pixmap::new(pixels(sheet.0), pixels(sheet.1)).ok_or(NotWritten::TooLarge)?;
    let mut canvas = Canvas {
        picture,
        scale: pixels_per_mm,
    };
    canvas.picture.fill(Color::WHITE);
    for mark in page.marks() {
        canvas.draw(mark)?;
    }
    encode(&canvas.picture, pixels_per_mm)
}

struct Canvas {
    picture: Pixmap,
    scale: f32,
}

impl Canvas {
    fn draw(&mut self, mark: &Mark) -> Result<(), NotWritten> {
        match mark {
            Mark::Text { at, style, text } => self.text(*at, *style, text),
            Mark::Line {
                from,
                to,
                width,
                ink,
                dashed,
            } => self.line(*from, *to, *width, *ink, *dashed),
            Mark::Area {
                at,
                width,
                height,
                ink,
            } => {
                let area = self.rectangle(*at, *width, *height)?;
                self.fill(area, *ink);
                Ok(())
            }
            Mark::Symbol { at, side, matrix } => self.symbol(*at, *side, matrix),
        }
    }

    fn text(&mut self, at: At, style: Style, text: &str) -> Result<(), NotWritten> {
        let face = Face::get().ok_or(NotWritten::Font)?;
        let em = style.points * POINT * self.scale;
        let mut outlines = Outlines(PathBuilder::new());
        face.draw(
            text,
            (at.x * self.scale, at.y * self.scale),
            em,
            &mut outlines,
        );
        // Blanks leave no trace.
        let Some(outlines) = outlines.0.finish() else {
            return Ok(());
        };
        let (paint, here) = (paint(style.ink), Transform::identity());
        self.picture
            .fill_path(&outlines, &paint, FillRule::Winding, here, None);
        if style.strong {
            let thicker = Stroke {
                width: em * STRONG,
                ..Stroke::default()
            };
            self.picture
                .stroke_path(&outlines, &paint, &thicker, here, None);
        }
        Ok(())
    }

    fn line(
        &mut self,
        from: At,
        to: At,
        width: f32,
        ink: Ink,
        dashed: bool,
    ) -> Result<(), NotWritten> {
        let mut line = PathBuilder::new();
        line.move_to(from.x * self.scale, from.y * self.scale);
        line.line_to(to.x * self.scale, to.y * self.scale);
        let line = line.finish().ok_or(NotWritten::Mark)?;
        let dash = DASH * self.scale;
        let stroke = Stroke {
            width: width * self.scale,
            line_cap: LineCap::Butt,
            dash: StrokeDash::new(vec![dash, dash], 0.0).filter(|_| dashed),
            ..Stroke::default()
        };
        let here = Transform::identity();
        self.picture
            .stroke_path(&line, &paint(ink), &stroke, here, None);
        Ok(())
    }

    fn symbol(&mut self, at: At, side: f32, matrix: &Matrix) -> Result<(), NotWritten> {
        let quiet = quiet_zone(side, matrix);
        let ground = (at.x - quiet, at.y - quiet).into();
        let ground = self.rectangle(ground, side + 2.0 * quiet, side + 2.0 * quiet)?;
        self.fill(ground, Ink::WHITE);
        let edge = |modules: usize| along(side, modules, matrix.size());
        for y in 0..matrix.size() {
            for (first, end) in runs(matrix, y) {
                let corner = (at.x + edge(first), at.y + edge(y)).into();
                let (width, height) = (edge(end) - edge(first), edge(y + 1) - edge(y));
                let run = self.rectangle(corner, width, height)?;
                self.fill(run, Ink::BLACK);
            }
        }
        Ok(())
    }

    /// What lies there, in whole pixels: neighbours share their edge.
    fn rectangle(&self, at: At, width: f32, height: f32) -> Result<Rect, NotWritten> {
        let edge = |millimetres: f32| (millimetres * self.scale).round();
        let (left, top) = (edge(at.x), edge(at.y));
        // What is thinner than a pixel is one.
        let right = edge(at.x + width).max(left + 1.0);
        let bottom = edge(at.y + height).max(top + 1.0);
        Rect::from_ltrb(left, top, right, bottom).ok_or(NotWritten::Mark)
    }

    fn fill(&mut self, area: Rect, ink: Ink) {
        let paint = Paint {
            anti_alias: false,
            ..paint(ink)
        };
        self.picture
            .fill_rect(area, &paint, Transform::identity(), None);
    }
}

struct Outlines(PathBuilder);

impl OutlinePen for Outlines {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.cubic_to(ax, ay, bx, by, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

fn paint(Ink(red, green, blue): Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 0xFF);
    paint
}

fn encode(picture: &Pixmap, pixels_per_mm: f32) -> Result<Vec<u8>, NotWritten> {
    // Nothing on a page is seen through, so the colours are not multiplied with anything.
    let colours = picture.data().chunks_exact(4);
    let colours: Vec<u8> = colours.flat_map(|it| it.iter().take(3)).copied().collect();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, picture.width(), picture.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let per_metre = pixels(pixels_per_mm * 1_000.0);
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(out)
}

/// Whole pixels of a length that is neither negative nor beyond what a picture has.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a picture has fewer pixels than a u32 counts, and none below zero"
)]
fn pixels(length: f32) -> u32 {
    length.round() as u32
}
