//! A printed document, as an independent reader of PDF sees it.

use image::{GrayImage, Luma};
use lopdf::{Dictionary, Document, Object, content::Content};

/// Pixels of a point: modules are then about ten pixels wide.
const PIXELS: f32 = 6.0;

pub(crate) struct Pdf(Document);

/// A rectangle of the page in points from its upper left corner.
type Rectangle = [f32; 4];

impl Pdf {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        Self(Document::load_mem(bytes).expect("a document"))
    }

    /// Its text without spaces and line ends.
    pub(crate) fn text(&self) -> String {
        let text = self.0.extract_text(&[1]).expect("text");
        text.split_whitespace().collect()
    }

    /// The size of its only page in millimetres.
    pub(crate) fn size(&self) -> (i64, i64) {
        let pages = self.0.get_pages();
        assert_eq!(pages.len(), 1);
        let page = self.0.get_dictionary(pages[&1]).unwrap();
        let corners = page.get(b"MediaBox").and_then(Object::as_array).unwrap();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounded, and a sheet of paper"
        )]
        let millimetres = |at: usize| (number(&corners[at]) * 25.4 / 72.0).round() as i64;
        (millimetres(2), millimetres(3))
    }

    /// The names of its fonts, each of which must be within it and readable back as text.
    pub(crate) fn embedded_fonts(&self) -> Vec<String> {
        let page = self.0.get_pages()[&1];
        let fonts = self.0.get_page_fonts(page).unwrap();
        fonts.values().map(|font| self.embedded(font)).collect()
    }

    fn embedded(&self, font: &Dictionary) -> String {
        let of = |dictionary: &Dictionary, key: &[u8]| -> Object {
            let found = dictionary.get_deref(key, &self.0);
            found.expect("an entry of a font").clone()
        };
        of(font, b"ToUnicode").as_stream().expect("a map to text");
        let parts = of(font, b"DescendantFonts");
        let (_, part) = self.0.dereference(&parts.as_array().unwrap()[0]).unwrap();
        let described = of(part.as_dict().unwrap(), b"FontDescriptor");
        let file = of(described.as_dict().unwrap(), b"FontFile3");
        file.as_stream().expect("a font file");
        let name = of(font, b"BaseFont");
        String::from_utf8(name.as_name().unwrap().to_vec()).unwrap()
    }

    /// What stands in its only QR symbol, from the shapes that are drawn in black.
    pub(crate) fn symbol(&self) -> String {
        let (picture, _) = self.black_shapes();
        let mut picture = rqrr::PreparedImage::prepare(picture);
        let symbols = picture.detect_grids();
        assert_eq!(symbols.len(), 1);
        symbols[0].decode().expect("a symbol that reads").1
    }

    fn black_shapes(&self) -> (GrayImage, usize) {
        let page = self.0.get_pages()[&1];
        let content = self.0.get_page_content(page);
        let shapes = filled_in_black(&Content::decode(&content).unwrap());
        let side = |at: usize| shapes.iter().map(|it| it[at]).fold(0.0, f32::max) + 20.0;
        let mut picture = GrayImage::from_pixel(pixel(side(2)), pixel(side(3)), Luma([255]));
        for [left, top, right, bottom] in &shapes {
            for y in pixel(*top)..pixel(*bottom) {
                for x in pixel(*left)..pixel(*right) {
                    picture.put_pixel(x, y, Luma([0]));
                }
            }
        }
        (picture, shapes.len())
    }
}

/// The bounds of every closed shape that is filled in black.
fn filled_in_black(content: &Content) -> Vec<Rectangle> {
    let (mut shapes, mut path): (Vec<Rectangle>, Vec<Rectangle>) = (Vec::new(), Vec::new());
    let mut black = false;
    for operation in &content.operations {
        let numbers: Vec<f32> = operation.operands.iter().map(number).collect();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("scn" | "sc" | "rg" | "g", colour) => black = colour.iter().all(|part| *part < 0.01),
            ("m", &[x, y]) => path.push([x, y, x, y]),
            ("l", &[x, y]) => {
                let shape = path.last_mut().expect("a shape that was begun");
                let [left, top, right, bottom] = *shape;
                *shape = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
            }
            ("re", &[x, y, width, height]) => path.push([x, y, x + width, y + height]),
            ("f" | "f*", _) if black => shapes.append(&mut path),
            ("f" | "f*" | "S" | "s" | "n", _) => path.clear(),
            _ => {}
        }
    }
    shapes
}

fn number(object: &Object) -> f32 {
    object.as_float().unwrap_or(f32::NAN)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and within a sheet of paper"
)]
fn pixel(points: f32) -> u32 {
    (points * PIXELS).round() as u32
}
