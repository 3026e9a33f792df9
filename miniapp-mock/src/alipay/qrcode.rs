//! `alipay.open.app.qrcode.create`: addresses of pictures, which the mock serves itself.

use std::collections::HashMap;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};
use qrcode::{Color, QrCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::envelope::Refusal;
use super::gateway::{Request, with_code};
use super::messages::{need, text};
use crate::call::{Call, Reply};
use crate::crypto::random_hex;
use crate::state::{Inner, lock};

const PATH: &str = "/alipay/qrcode/";
const QUIET: usize = 4;
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
const BLUE: Rgb<u8> = Rgb([0x16, 0x77, 0xff]);

/// The pictures that were asked for.
#[derive(Default)]
pub(crate) struct Pictures(HashMap<String, Picture>);

#[derive(Clone)]
struct Picture {
    link: String,
    colour: Rgb<u8>,
    side: u32,
}

/// Answer `alipay.open.app.qrcode.create`.
pub(super) fn create(world: &Inner, request: &Request<'_>) -> Result<Value, Refusal> {
    let content = request.content()?;
    let page = need(&content, "url_param", 256)?;
    let query = need(&content, "query_param", 256)?;
    need(&content, "describe", 32)?;
    let picture = Picture {
        link: link(&request.keys.app.app_id, page, query),
        colour: match text(&content, "color", 20)? {
            None => Rgb([0, 0, 0]),
            Some(text) => colour(text).ok_or_else(|| Refusal::invalid("parameter"))?,
        },
        side: side(text(&content, "size", 8)?).ok_or_else(|| Refusal::invalid("parameter"))?,
    };
    let id = random_hex::<16>();
    let host = request.call.header("host").unwrap_or("127.0.0.1");
    let url = format!("http://{host}{PATH}{id}");
    lock(&world.alipay).pictures.0.insert(id, picture);
    Ok(with_code(json!({
        "qr_code_url": url,
        "qr_code_url_circle_white": format!("{url}?circle=white"),
        "qr_code_url_circle_blue": format!("{url}?circle=blue"),
    })))
}

/// What a scan with Alipay opens.
fn link(app_id: &str, page: &str, query: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("appId", app_id)
        .append_pair("page", page)
        .append_pair("query", query)
        .finish();
    format!("alipays://platformapi/startapp?{query}")
}

/// `0x00BFFF`.
fn colour(text: &str) -> Option<Rgb<u8>> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix('#'))?;
    let bytes = hex::decode(digits).ok()?;
    bytes.try_into().ok().map(Rgb)
}

/// Centimetres on paper in pixels on a screen.
fn side(size: Option<&str>) -> Option<u32> {
    match size {
        None | Some("s") => Some(302),
        Some("m") => Some(454),
        Some("l") => Some(567),
        Some(_) => None,
    }
}

/// Serve a picture.
pub(crate) fn picture(world: &Inner, call: &Call) -> Reply {
    let id = call.path.strip_prefix(PATH).unwrap_or_default();
    let picture = lock(&world.alipay).pictures.0.get(id).cloned();
    let drawn = picture.and_then(|picture| match call.param("circle") {
        None => picture.draw(),
        Some("white") => picture.draw_on_disc(WHITE),
        Some(_) => picture.draw_on_disc(BLUE),
    });
    match drawn {
        Some(png) => Reply::new("image/png", png, "OK"),
        None => Reply::new("text/plain", "no such picture", "not found").with_status(404),
    }
}

impl Picture {
    /// The code with its quiet zone.
    fn draw(&self) -> Option<Vec<u8>> {
        png(&self.code()?)
    }

    /// The code in the middle of a disc.
    fn draw_on_disc(&self, disc: Rgb<u8>) -> Option<Vec<u8>> {
        let code = self.code()?;
        let radius = code.width() * 3 / 4;
        let square = |at: u32| u64::from(at.abs_diff(radius)).pow(2);
        let mut image = RgbImage::from_fn(radius * 2, radius * 2, |x, y| {
            let inside = square(x) + square(y) <= u64::from(radius).pow(2);
            if inside { disc } else { WHITE }
        });
        let corner = i64::from(radius - code.width() / 2);
        image::imageops::replace(&mut image, &code, corner, corner);
        png(&image)
    }

    fn code(&self) -> Option<RgbImage> {
        let code = QrCode::new(&self.link).ok()?;
        let modules = code.width() + 2 * QUIET;
        let scale = (usize::try_from(self.side).ok()? / modules).max(2);
        let side = u32::try_from(modules * scale).ok()?;
        let place = |at: u32| {
            let module = usize::try_from(at).ok()? / scale;
            module
                .checked_sub(QUIET)
                .filter(|module| *module < code.width())
        };
        let image = RgbImage::from_fn(side, side, |x, y| match place(x).zip(place(y)) {
            Some(module) if code[module] == Color::Dark => self.colour,
            _ => WHITE,
        });
        Some(image)
    }
}

fn png(image: &RgbImage) -> Option<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    image.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}
