//! Mini-program codes: `POST /wxa/getwxacodeunlimit`, and what a phone's camera makes of them.
//!
//! The real ones are round; these are QR codes of the path that they launch.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;

use actix_web::http::Method;
use image::{ImageFormat, Luma, Rgba, RgbaImage};
use qrcode::QrCode;
use serde::Serialize;
use serde_json::Value;

use super::{BODY_EMPTY, BODY_MALFORMED, POST_REQUIRED, Refusal, text, tokens};
use crate::call::Call;
use crate::config::WechatApp;
use crate::crypto::base64_encode;
use crate::state::{Inner, lock};

const SCENE_LENGTH: Refusal = Refusal::new(
    40169,
    "invalid length for scene, or the data is not json string",
);
const SCENE_LETTERS: Refusal = Refusal::new(40129, "invalid scene");
const PAGE_INVALID: Refusal = Refusal::new(41030, "invalid page");
const ARGUMENT_INVALID: Refusal = Refusal::new(40097, "invalid args");
const MINUTE_LIMIT: Refusal = Refusal::new(45009, "reach max api daily quota limit");

const MINUTE_MS: i64 = 60_000;
const PER_MINUTE: usize = 5_000;
const SYMBOLS: &str = "!#$&'()*+,/:;=?@-._~";
const HOME: &str = "pages/index/index";
const DEFAULT_WIDTH: u64 = 430;
/// Modules of white around a code, on either side.
const QUIET: usize = 4;

/// What `wx.scanCode` gives a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResult {
    /// What stands in the code; empty for a mini-program code.
    pub result: String,
    /// `WX_CODE` for a mini-program code, `QR_CODE` for any other.
    pub scan_type: String,
    /// Always `utf-8`.
    pub char_set: String,
    /// The path with its scene, for a code of the app that scans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What stands in the code, in base64.
    pub raw_data: String,
}

/// Codes drawn.
#[derive(Default)]
pub(crate) struct Drawn {
    /// Texts by app.
    codes: HashSet<(String, String)>,
    /// Times of the last minute's, by app.
    recent: HashMap<String, Vec<i64>>,
}

impl Drawn {
    fn admit(&mut self, app_id: &str, now: i64) -> Result<(), Refusal> {
        let recent = self.recent.entry(app_id.to_owned()).or_default();
        recent.retain(|at| now - at < MINUTE_MS);
        if recent.len() >= PER_MINUTE {
            return Err(MINUTE_LIMIT);
        }
        recent.push(now);
        Ok(())
    }

    /// What a phone with `app_id` open reads in `text`.
    pub(super) fn read(&self, app_id: &str, text: &str) -> ScanResult {
        let ours = (app_id.to_owned(), text.to_owned());
        let path = self.codes.contains(&ours).then(|| text.to_owned());
        let any = path.is_some() || self.codes.iter().any(|(_, code)| code == text);
        ScanResult {
            result: if any { String::new() } else { text.to_owned() },
            scan_type: if any { "WX_CODE" } else { "QR_CODE" }.to_owned(),
            char_set: "utf-8".to_owned(),
            path,
            raw_data: base64_encode(text),
        }
    }
}

/// `POST /wxa/getwxacodeunlimit`.
pub(super) fn unlimited_code(world: &Inner, call: &Call) -> Result<Vec<u8>, Refusal> {
    if call.method != Method::POST {
        return Err(POST_REQUIRED);
    }
    let app_id = tokens::caller(world, call)?;
    let app = world.wechat_app(&app_id).ok_or(BODY_MALFORMED)?;
    if call.body.is_empty() {
        return Err(BODY_EMPTY);
    }
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| SCENE_LENGTH)?;
    if !body.is_object() {
        return Err(BODY_MALFORMED);
    }
    let wanted = Wanted::read(app, &body)?;
    let now = world.clock.now_ms();
    let drawn = &mut lock(&world.wechat).drawn;
    drawn.admit(&app_id, now)?;
    let picture = wanted.draw().ok_or(ARGUMENT_INVALID)?;
    drawn.codes.insert((app_id, wanted.path));
    Ok(picture)
}

struct Wanted {
    path: String,
    width: u32,
    ink: [u8; 3],
    hyaline: bool,
}

impl Wanted {
    fn read(app: &WechatApp, body: &Value) -> Result<Self, Refusal> {
        let scene = text(body, "scene")?.ok_or(SCENE_LENGTH)?;
        if scene.chars().count() > 32 {
            return Err(SCENE_LENGTH);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || SYMBOLS.contains(c);
        if !scene.chars().all(allowed) {
            return Err(SCENE_LETTERS);
        }
        let page = text(body, "page")?;
        if flag(body, "check_path", true)? && !page.is_none_or(|page| is_page(app, page)) {
            return Err(PAGE_INVALID);
        }
        let edition = text(body, "env_version")?.unwrap_or("release");
        if !["release", "trial", "develop"].contains(&edition) {
            return Err(ARGUMENT_INVALID);
        }
        flag(body, "auto_color", false)?;
        let scene: String = url::form_urlencoded::byte_serialize(scene.as_bytes()).collect();
        Ok(Self {
            path: format!("{}?scene={scene}", page.unwrap_or(HOME)),
            width: width(body)?,
            ink: ink(body)?,
            hyaline: flag(body, "is_hyaline", false)?,
        })
    }

    /// A PNG, which WeChat's own content type does not say.
    fn draw(&self) -> Option<Vec<u8>> {
        let code = QrCode::new(self.path.as_bytes()).ok()?;
        let modules = u32::try_from(code.width() + 2 * QUIET).ok()?;
        let module = (self.width / modules).max(1);
        let inner = code
            .render::<Luma<u8>>()
            .quiet_zone(false)
            .module_dimensions(module, module)
            .build();
        let ground = Rgba([255, 255, 255, if self.hyaline { 0 } else { 255 }]);
        let [red, green, blue] = self.ink;
        let ink = Rgba([red, green, blue, 255]);
        let mut picture = RgbaImage::from_pixel(self.width, self.width, ground);
        let edge = self.width.checked_sub(inner.width())? / 2;
        for (x, y, pixel) in inner.enumerate_pixels() {
            if pixel.0 == [0] {
                picture.put_pixel(x + edge, y + edge, ink);
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).ok()?;
        Some(bytes.into_inner())
    }
}

fn is_page(app: &WechatApp, page: &str) -> bool {
    !page.starts_with('/') && !page.contains('?') && app.has_page(page)
}

fn flag(body: &Value, name: &str, default: bool) -> Result<bool, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value.as_bool().ok_or(BODY_MALFORMED),
    }
}

fn width(body: &Value) -> Result<u32, Refusal> {
    let width = match body.get("width") {
        None | Some(Value::Null) => DEFAULT_WIDTH,
        Some(value) => value.as_u64().ok_or(BODY_MALFORMED)?,
    };
    u32::try_from(width)
        .ok()
        .filter(|width| (280..=1280).contains(width))
        .ok_or(ARGUMENT_INVALID)
}

/// Numbers, or numbers as text.
fn ink(body: &Value) -> Result<[u8; 3], Refusal> {
    let colour = match body.get("line_color") {
        None | Some(Value::Null) => return Ok([0; 3]),
        Some(colour) => colour.as_object().ok_or(BODY_MALFORMED)?,
    };
    let part = |name: &str| {
        let part = match colour.get(name) {
            None => Some(0),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_u64().and_then(|part| u8::try_from(part).ok()),
        };
        part.ok_or(ARGUMENT_INVALID)
    };
    Ok([part("r")?, part("g")?, part("b")?])
}

/// The text in the first QR code of a picture.
pub(super) fn text_in(picture: &[u8]) -> Option<String> {
    let picture = image::load_from_memory(picture).ok()?.to_luma8();
    let (width, height) = picture.dimensions();
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    let shade = |x: usize, y: usize| {
        let pixel = picture.as_raw().get(y * width + x);
        pixel.copied().unwrap_or(u8::MAX)
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let grids = prepared.detect_grids();
    Some(grids.first()?.decode().ok()?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_thousand_codes_a_minute_are_the_limit() {
        let mut drawn = Drawn::default();
        for _ in 0..PER_MINUTE {
            assert_eq!(drawn.admit("wx1", 0), Ok(()));
        }
        assert_eq!(drawn.admit("wx1", 59_999), Err(MINUTE_LIMIT));
        assert_eq!(drawn.admit("wx2", 59_999), Ok(()));
        assert_eq!(drawn.admit("wx1", 60_000), Ok(()));
    }
}
