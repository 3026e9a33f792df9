use std::io::Cursor;

use entity::values::Colour;
use image::{GrayImage, ImageFormat, ImageReader};

use super::super::fixtures::{issuer, now};
use super::super::handle::Handle;
use super::*;

fn code(seed: u8) -> String {
    let handle = Handle([seed; 16]);
    issuer().issue(handle, Colour::Green, now()).unwrap()
}

/// What an independent decoder reads in `picture`, and in which version.
fn read(picture: GrayImage) -> (usize, String) {
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let symbols = picture.detect_grids();
    let [symbol] = symbols.as_slice() else {
        panic!("{} symbols", symbols.len());
    };
    let (meta, text) = symbol.decode().unwrap();
    (meta.version.0, text)
}

fn decode_png(picture: Vec<u8>) -> GrayImage {
    let reader = ImageReader::with_format(Cursor::new(picture), ImageFormat::Png);
    reader.decode().unwrap().to_luma8()
}

#[test]
fn a_code_reads_back_from_the_table_and_from_the_ordinary_encoder() {
    for seed in 0..8 {
        let code = code(seed);
        let table = linear::draw(&code).unwrap();
        let ordinary = ordinary::draw(&code, Level::Medium).unwrap();
        for matrix in [table, ordinary] {
            assert_eq!(matrix.size(), 45);
            let picture = decode_png(png::png(&matrix, Scale::default()));
            assert_eq!(picture.dimensions(), (318, 318));
            assert_eq!(read(picture), (7, code.clone()));
        }
    }
}

#[test]
fn a_code_takes_the_table_and_any_other_text_does_not() {
    let code = code(1);
    assert_eq!(Some(code_matrix(&code).unwrap()), linear::draw(&code));
    let poster = "https://tongxing.example/v/q3VhL0xkZ2NwYTkxbTd0Zg";
    assert_eq!(linear::draw(poster), None);
    let picture = decode_png(code_png(poster, Scale::default()).unwrap());
    assert_eq!(read(picture), (4, poster.to_owned()));
}

#[test]
fn any_scale_from_two_pixels_reads_back() {
    let code = code(2);
    for pixels in 2..=Scale::MAX {
        let picture = code_png(&code, Scale::new(pixels).unwrap()).unwrap();
        assert_eq!(read(decode_png(picture)).1, code, "{pixels}");
    }
}

#[test]
fn a_drawing_and_a_picture_show_the_same_symbol() {
    let code = code(3);
    let matrix = linear::draw(&code).unwrap();
    assert_eq!(code_svg(&code), Ok(svg::svg(&matrix)));
    let picture = code_png(&code, Scale::default());
    assert_eq!(picture, Ok(png::png(&matrix, Scale::default())));
}

#[test]
fn a_text_that_fits_no_symbol_is_refused() {
    let long = "a".repeat(3000);
    assert_eq!(code_png(&long, Scale::default()), Err(TooLong));
    assert_eq!(code_svg(&long), Err(TooLong));
}
