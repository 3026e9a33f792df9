//! Pictures: measured by their heads, decoded, and drawn anew.

use std::io::Cursor;

use entity::values::UploadContent;
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::{Flaw, MOST_PIXELS};

/// Pixels on a side, at the most: what a JPEG can say.
const LONGEST_SIDE: u32 = 65_535;

/// Bytes that a decoder may ask for: four for every pixel, and room to work.
const MOST_MEMORY: u64 = 4 * MOST_PIXELS + 16 * 1024 * 1024;

/// How well photographs are kept: nobody sees what is lost.
const QUALITY: u8 = 88;

fn reader(content: UploadContent, file: &[u8]) -> ImageReader<Cursor<&[u8]>> {
    let format = match content {
        UploadContent::Png => ImageFormat::Png,
        UploadContent::Jpeg | UploadContent::Pdf => ImageFormat::Jpeg,
    };
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    reader
}

/// How many pixels the head of a picture says it has.
pub(super) fn pixels(content: UploadContent, file: &[u8]) -> Result<u64, Flaw> {
    let decoder = reader(content, file).into_decoder();
    let decoder = decoder.map_err(|error| flaw(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    // Sixteen bits a colour take twice the memory.
    let size = decoder.total_bytes();
    if pixels > MOST_PIXELS || size > 4 * MOST_PIXELS {
        return Err(Flaw::TooManyPixels);
    }
    if pixels == 0 {
        return Err(Flaw::Damaged);
    }
    Ok(pixels.max(size / 4))
}

fn flaw(error: &image::ImageError) -> Flaw {
    match error {
        image::ImageError::Limits(_) => Flaw::TooManyPixels,
        _ => Flaw::Damaged,
    }
}

/// The picture and nothing else of its file, turned as its camera was held.
pub(super) fn clean(content: UploadContent, file: &[u8]) -> Result<Vec<u8>, Flaw> {
    pixels(content, file)?;
    let mut decoder = reader(content, file)
        .into_decoder()
        .map_err(|error| flaw(&error))?;
    let turned = decoder.orientation().map_err(|error| flaw(&error))?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| flaw(&error))?;
    let mut picture = plain(picture);
    picture.apply_orientation(turned);
    draw(content, &picture).map_err(|error| flaw(&error))
}

/// Eight bits a colour. One that has them stays as it is.
fn plain(picture: DynamicImage) -> DynamicImage {
    match picture.color() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => picture,
        ColorType::L16 => picture.into_luma8().into(),
        ColorType::La16 => picture.into_luma_alpha8().into(),
        ColorType::Rgba16 | ColorType::Rgba32F => picture.into_rgba8().into(),
        _ => picture.into_rgb8().into(),
    }
}

fn draw(content: UploadContent, picture: &DynamicImage) -> image::ImageResult<Vec<u8>> {
    let (width, height) = (picture.width(), picture.height());
    let (pixels, colours) = (picture.as_bytes(), picture.color().into());
    let mut drawn = Vec::new();
    match content {
        UploadContent::Png => {
            let (fast, adaptive) = (CompressionType::Fast, FilterType::Adaptive);
            PngEncoder::new_with_quality(&mut drawn, fast, adaptive)
                .write_image(pixels, width, height, colours)?;
        }
        UploadContent::Jpeg | UploadContent::Pdf => {
            JpegEncoder::new_with_quality(&mut drawn, QUALITY)
                .write_image(pixels, width, height, colours)?;
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage};

    use super::*;

    const SECRET: &[u8] = b"GPS 39.1 117.2";

    fn photograph() -> RgbImage {
        RgbImage::from_fn(16, 8, |x, _| {
            if x < 8 {
                Rgb([250, 0, 0])
            } else {
                Rgb([0, 0, 250])
            }
        })
    }

    fn drawn(content: UploadContent) -> Vec<u8> {
        draw(content, &photograph().into()).unwrap()
    }

    /// A JPEG whose camera was held upside down, with a secret in its EXIF.
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0]);
        let exif = [b"Exif\0\0", tiff.as_slice(), SECRET].concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    /// A PNG with `chunk` after its head.
    fn with_chunk(png: &[u8], name: [u8; 4], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let named = [name.as_slice(), data].concat();
        let sum = crc32fast::hash(&named).to_be_bytes();
        [&png[..33], &length, &named, &sum, &png[33..]].concat()
    }

    /// A PNG of which only the head is true.
    fn head_alone(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
        let (width, height) = (width.to_be_bytes(), height.to_be_bytes());
        let head = [&b"IHDR"[..], &width, &height, &[depth, colours, 0, 0, 0]].concat();
        let sum = crc32fast::hash(&head).to_be_bytes();
        let end = b"\0\0\0\x10IDAT0123456789abcdef\0\0\0\0";
        [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", head.as_slice(), &sum, end].concat()
    }

    fn contains(file: &[u8], part: &[u8]) -> bool {
        file.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn nothing_that_is_not_seen_stays_in_a_picture() {
        let jpeg = with_exif(&drawn(UploadContent::Jpeg), 1);
        let png = drawn(UploadContent::Png);
        let png = with_chunk(&png, *b"tEXt", &[b"Comment\0", SECRET].concat());
        for (content, file) in [(UploadContent::Jpeg, jpeg), (UploadContent::Png, png)] {
            // What a zip at the end of a picture would be found by.
            let file = [file.as_slice(), b"PK\x05\x06", SECRET].concat();
            assert!(contains(&file, SECRET));
            let cleaned = clean(content, &file).unwrap();
            assert!(!contains(&cleaned, SECRET) && !contains(&cleaned, b"PK\x05\x06"));
            assert!(!contains(&cleaned, b"Exif"));
            let seen = image::load_from_memory(&cleaned).unwrap().into_rgb8();
            assert_eq!(seen.dimensions(), (16, 8));
            assert!(seen.get_pixel(1, 1).0[0] > 200 && seen.get_pixel(14, 1).0[2] > 200);
        }
    }

    #[test]
    fn a_picture_is_turned_as_its_camera_was_held() {
        let upside_down = with_exif(&drawn(UploadContent::Jpeg), 3);
        let seen = clean(UploadContent::Jpeg, &upside_down).unwrap();
        let seen = image::load_from_memory(&seen).unwrap().into_rgb8();
        assert!(seen.get_pixel(1, 1).0[2] > 200 && seen.get_pixel(14, 1).0[0] > 200);
        let on_its_side = with_exif(&drawn(UploadContent::Jpeg), 6);
        let seen = clean(UploadContent::Jpeg, &on_its_side).unwrap();
        assert_eq!(image::load_from_memory(&seen).unwrap().width(), 8);
    }

    #[test]
    fn a_picture_is_measured_before_it_is_decoded() {
        for (file, expected) in [
            (head_alone(40_000, 40_000, 8, 2), Err(Flaw::TooManyPixels)),
            (head_alone(65_536, 1, 8, 2), Err(Flaw::TooManyPixels)),
            (
                head_alone(u32::MAX, u32::MAX, 8, 2),
                Err(Flaw::TooManyPixels),
            ),
            (head_alone(8_000, 5_000, 8, 6), Ok(40_000_000)),
            (head_alone(8_000, 5_000, 16, 6), Err(Flaw::TooManyPixels)),
            (head_alone(8_000, 5_001, 8, 0), Err(Flaw::TooManyPixels)),
            (head_alone(0, 5, 8, 0), Err(Flaw::Damaged)),
        ] {
            let measured = pixels(UploadContent::Png, &file);
            assert_eq!(measured, expected);
        }
    }

    #[test]
    fn a_picture_that_breaks_off_is_refused() {
        let png = drawn(UploadContent::Png);
        for length in [20, 33, 50, png.len() - 20] {
            let broken = clean(UploadContent::Png, &png[..length]);
            assert_eq!(broken, Err(Flaw::Damaged), "{length}");
        }
        assert_eq!(
            clean(UploadContent::Jpeg, &drawn(UploadContent::Jpeg)[..60]),
            Err(Flaw::Damaged)
        );
    }

    #[test]
    fn pictures_of_any_colours_are_drawn() {
        let gray: GrayImage = ImageBuffer::from_pixel(3, 2, Luma([9]));
        let deep: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(3, 2, Luma([9_000]));
        for picture in [DynamicImage::from(gray), deep.into(), photograph().into()] {
            let mut file = Cursor::new(Vec::new());
            picture.write_to(&mut file, ImageFormat::Png).unwrap();
            let cleaned = clean(UploadContent::Png, &file.into_inner()).unwrap();
            let seen = image::load_from_memory(&cleaned).unwrap();
            assert_eq!(seen.width(), picture.width());
            assert_eq!(plain(picture), seen);
        }
    }
}
