//! How a pass looks: A4, a green bar, the plate large enough to be read through a windscreen.

use chrono::{DateTime, TimeDelta, Utc};

use super::Face;
use crate::{
    credentials::qr::Matrix,
    documents::{Ink, Page, Paper, Style},
    platform::clock::CHINA,
    roads::{HoursRequest, Weekday},
};

const GREEN: Ink = Ink(0, 104, 71);
const LEFT: f32 = 18.0;
const WIDTH: f32 = 174.0;
/// Where values stand, right of what they are of.
const VALUES: f32 = 62.0;
/// How wide the code is: more than the 35 millimetres that scanning at arm's length takes.
const SYMBOL: f32 = 62.0;
/// Characters from which on a value is set smaller.
const LONG: usize = 80;
/// Sections that are listed; a longer way says how many more.
const LISTED: usize = 12;

/// The page of `face`.
pub(super) fn draw(face: &Face, symbol: &Matrix) -> Page {
    let mut page = Page::new(Paper::A4);
    page.area((LEFT, 12.0), WIDTH, 2.0, GREEN);
    let title = Style::of(24.0).in_ink(GREEN).strong();
    let middle = LEFT + WIDTH / 2.0;
    page.text_around(
        (middle, 27.0),
        title.fitting(&face.title.zh, WIDTH),
        &face.title.zh,
    );
    let title = Style::of(12.0).in_ink(GREEN);
    page.text_around(
        (middle, 34.0),
        title.fitting(&face.title.en, WIDTH),
        &face.title.en,
    );
    let plate = Style::of(60.0).strong().fitting(&face.mark, WIDTH);
    page.text_around((middle, 60.0), plate, &face.mark);
    page.symbol((middle - SYMBOL / 2.0, 72.0), SYMBOL, symbol);
    let number = Style::of(14.0);
    page.text_around((middle, 146.0), number, &face.number);
    let mut y = 158.0;
    for (zh, en, value) in rows(face) {
        page.text((LEFT, y), Style::of(11.0), zh);
        page.text((LEFT, y + 4.0), Style::of(7.5).in_ink(Ink::GREY), en);
        let room = LEFT + WIDTH - VALUES;
        let next = page.paragraph(
            (VALUES, y),
            room,
            Style::of(if value.chars().count() > LONG {
                8.5
            } else {
                11.0
            }),
            &value,
        );
        y = next.max(y + 6.0) + 4.0;
    }
    page.area((LEFT, 284.0), WIDTH, 0.6, GREEN);
    let foot = Style::of(8.0).in_ink(Ink::GREY);
    let note = if page.lacks_characters() {
        "扫码核验；任何一人健康码非绿码时本证暂停。〓 代表字库未收录的字。"
    } else {
        "扫码核验；任何一人健康码非绿码时本证暂停。"
    };
    page.text((LEFT, 289.0), foot, note);
    let note =
        "Scan to verify; the pass is suspended while the code of anybody aboard is not green.";
    page.text((LEFT, 293.0), foot, note);
    page
}

fn rows(face: &Face) -> Vec<(&'static str, &'static str, String)> {
    let vin = face.vin.clone();
    let vin = vin.map(|vin| ("车辆识别代号", "Vehicle number", vin));
    let rows = [
        ("持证人", "Holder", face.holder.clone()),
        ("准许路段", "Sections", sections(&face.route)),
        ("准许时间", "Hours", hours(face)),
        ("有效期", "Valid", term(face.valid_from, face.valid_until)),
        ("车上人数", "Aboard", face.aboard.to_string()),
        ("发证机关", "Issued by", face.issued_by.clone()),
    ];
    vin.into_iter().chain(rows).collect()
}

fn sections(route: &[String]) -> String {
    let listed: Vec<&str> = route.iter().take(LISTED).map(String::as_str).collect();
    let more = route.len().saturating_sub(LISTED);
    let listed = listed.join(" → ");
    if more == 0 {
        listed
    } else {
        format!("{listed} … +{more}")
    }
}

fn hours(face: &Face) -> String {
    let hours = HoursRequest::from(face.hours.clone());
    let days: Vec<&str> = hours.weekdays.iter().copied().map(day).collect();
    let night = if hours.until < hours.from {
        "次日"
    } else {
        ""
    };
    let (from, until) = (&hours.from, &hours.until);
    format!("周{} {from}—{night}{until}", days.join("、"))
}

fn day(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "一 Mon",
        Weekday::Tue => "二 Tue",
        Weekday::Wed => "三 Wed",
        Weekday::Thu => "四 Thu",
        Weekday::Fri => "五 Fri",
        Weekday::Sat => "六 Sat",
        Weekday::Sun => "日 Sun",
    }
}

/// From when until when, in the time of China: what ends at midnight ends at 24:00 of the day before.
fn term(from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    let local = |at: DateTime<Utc>| {
        at.with_timezone(&CHINA)
            .format("%Y-%m-%d %H:%M")
            .to_string()
    };
    let last = until - TimeDelta::minutes(1);
    let ends = match local(last).strip_suffix("23:59") {
        Some(day) => format!("{day}24:00"),
        None => local(until),
    };
    format!("{} — {ends}", local(from))
}
