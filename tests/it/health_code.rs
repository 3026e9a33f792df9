//! A code on the screen: what it says, how long it is good, and what a verifier is told of it.

use std::io::Cursor;

use chrono::TimeDelta;
use image::{GrayImage, ImageFormat, ImageReader, Luma};
use integration_tests::{
    backend::{Backend, Session, ZHANG},
    on_both_stacks,
};
use serde_json::{Value, json};

const PHONE: &str = "13800138000";

fn path(zhang: &Session, what: &str) -> String {
    format!("/v1/people/{}/{what}", zhang.person)
}

async fn code_of(backend: &Backend, zhang: &Session) -> Value {
    let page = backend.as_citizen(zhang);
    page.get(&path(zhang, "health-code")).await.ok()
}

async fn verify(backend: &Backend, token: &Value) -> Value {
    let asked = json!({"token": token});
    backend.anyone().post("/v1/codes/verify", asked).await.ok()
}

/// Report fever, and have it compared.
async fn turn_yellow(backend: &Backend, zhang: &Session) {
    let fever = json!({"temperature": 38.0, "symptoms": []});
    let page = backend.as_citizen(zhang);
    page.post(&path(zhang, "check-ins"), fever).await.ok();
    backend.compare().await;
}

fn nothing_but_invalid(verdict: &Value) {
    assert_eq!(verdict["verdict"], "invalid");
    for field in ["colour", "issued_at", "expires_at"] {
        assert_eq!(verdict[field], Value::Null, "{field}");
    }
}

/// What an independent decoder reads in `picture`.
fn read(picture: GrayImage) -> String {
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let symbols = picture.detect_grids();
    let [symbol] = symbols.as_slice() else {
        panic!("{} symbols", symbols.len());
    };
    symbol.decode().unwrap().1
}

fn decode_png(picture: &[u8]) -> GrayImage {
    let reader = ImageReader::with_format(Cursor::new(picture), ImageFormat::Png);
    reader.decode().unwrap().to_luma8()
}

/// The symbol in an SVG of horizontal strokes, four pixels a module.
fn draw_svg(svg: &str) -> GrayImage {
    let side: u32 = between(svg, "viewBox=\"0 0 ", " ").parse().unwrap();
    let mut picture = GrayImage::from_pixel(side * 4, side * 4, Luma([255]));
    let (mut x, mut y) = (0, 0);
    for (command, numbers) in commands(between(svg, "stroke=\"black\" d=\"", "\"")) {
        match (command, numbers.as_slice()) {
            ('M', [to_x, to_y]) => (x, y) = (*to_x, *to_y),
            ('m', [by_x, by_y]) => (x, y) = (x + by_x, y + by_y),
            ('h', [length]) => {
                for at in 0..length * 16 {
                    picture.put_pixel(
                        x * 4 + at % (length * 4),
                        y * 4 + at / (length * 4),
                        Luma([0]),
                    );
                }
                x += length;
            }
            other => panic!("{other:?}"),
        }
    }
    picture
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

/// A path's commands with their numbers, cut to whole ones.
fn commands(path: &str) -> Vec<(char, Vec<u32>)> {
    let mut commands = Vec::new();
    for part in path.split_inclusive(char::is_alphabetic) {
        let numbers = part.trim_end_matches(char::is_alphabetic);
        if let Some((_, before)) = commands.last_mut() {
            *before = numbers
                .split(' ')
                .map(|n: &str| {
                    n.parse::<f64>()
                        .unwrap()
                        .trunc()
                        .to_string()
                        .parse()
                        .unwrap()
                })
                .collect();
        }
        if let Some(command) = part.chars().last().filter(|c| c.is_alphabetic()) {
            commands.push((command, Vec::new()));
        }
    }
    commands
}

on_both_stacks! {
    async fn a_code_says_everything_that_the_page_shows(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;

        let code = code_of(&backend, &zhang).await;

        let mut names: Vec<_> = code.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, [
            "as_of", "changes_at", "colour", "colour_text", "decided_at", "expires_at", "issued_at",
            "latest_test", "masked_name", "person", "reasons", "refresh_after_seconds", "region",
            "stale", "token", "version",
        ]);
        assert_eq!(code["person"], zhang.person.as_str());
        assert_eq!(code["masked_name"], "张*明");
        assert_eq!((&code["colour"], &code["colour_text"]), (&json!("green"), &json!("Green")));
        assert_eq!((&code["stale"], &code["latest_test"]), (&json!(false), &Value::Null));
        assert_eq!(code["decided_at"], "2026-03-02T04:00:00Z");
        assert_eq!(code["issued_at"], "2026-03-02T04:00:00Z");
        assert_eq!(code["expires_at"], "2026-03-02T04:01:00Z");
        assert!(code["refresh_after_seconds"].as_u64().unwrap() < 60);
        let token = code["token"].as_str().unwrap();
        assert_eq!(token.len(), 178);
        assert!(token.starts_with("JK1:"));

        let page = backend.as_citizen(&zhang).in_language("zh-CN");
        let chinese = page.get(&path(&zhang, "health-code")).await;
        assert_eq!(chinese.headers["cache-control"], "no-store");
        assert_eq!(chinese.ok()["colour_text"], "绿码");
    }

    async fn before_identity_declaration_and_comparison_a_code_is_grey_and_says_what_is_missing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.log_in(PHONE).await;
        let code = code_of(&backend, &zhang).await;
        assert_eq!((&code["colour"], &code["masked_name"]), (&json!("grey"), &Value::Null));
        assert_eq!(code["reasons"][0]["code"], "G00");
        assert!(!code["reasons"][0]["advice"].as_str().unwrap().is_empty());
        assert_eq!(verify(&backend, &code["token"]).await["colour"], "grey");
    }

    async fn a_token_is_shown_again_for_ten_seconds(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let first = code_of(&backend, &zhang).await;
        backend.wait(TimeDelta::milliseconds(9_999));
        assert_eq!(code_of(&backend, &zhang).await["token"], first["token"]);
        backend.wait(TimeDelta::milliseconds(1));
        let second = code_of(&backend, &zhang).await;
        assert_ne!(second["token"], first["token"]);
        assert_eq!(second["issued_at"], "2026-03-02T04:00:10Z");
        assert_eq!(verify(&backend, &first["token"]).await["verdict"], "valid", "for its minute");
    }

    async fn a_token_of_another_colour_is_never_shown_again(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let green = code_of(&backend, &zhang).await;

        turn_yellow(&backend, &zhang).await;

        let yellow = code_of(&backend, &zhang).await;
        assert_eq!(yellow["colour"], "yellow", "at once, on the instance that compared");
        assert_ne!(yellow["token"], green["token"]);
        let verdict = verify(&backend, &green["token"]).await;
        assert_eq!((&verdict["verdict"], &verdict["colour"]), (&json!("valid"), &json!("yellow")),
            "the live colour, not the one in the code");
    }

    async fn the_pictures_read_as_the_token(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let page = backend.as_citizen(&zhang);
        let code = code_of(&backend, &zhang).await;
        let token = code["token"].as_str().unwrap();

        for scale in [2, 6, 20] {
            let png = page.get(&path(&zhang, &format!("health-code.png?scale={scale}"))).await;
            assert_eq!(png.headers["content-type"], "image/png");
            let picture = decode_png(&png.body);
            assert_eq!(picture.dimensions(), (53 * scale, 53 * scale), "with four light modules around");
            assert_eq!(read(picture), token);
        }
        let usual = page.get(&path(&zhang, "health-code.png")).await;
        assert_eq!(decode_png(&usual.body).dimensions(), (318, 318));
        let svg = page.get(&path(&zhang, "health-code.svg")).await;
        assert_eq!(svg.headers["content-type"], "image/svg+xml");
        assert_eq!(read(draw_svg(str::from_utf8(&svg.body).unwrap())), token);

        for scale in ["0", "21", "-1", "x"] {
            let refused = page.get(&path(&zhang, &format!("health-code.png?scale={scale}"))).await;
            assert_eq!(refused.problem(422), "invalid-request");
            assert_eq!(refused.faults()[0].0, "scale");
        }
    }

    async fn a_screenshot_is_worth_nothing_after_a_minute(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let token = code_of(&backend, &zhang).await["token"].clone();

        backend.wait(TimeDelta::milliseconds(64_999));
        let verdict = verify(&backend, &token).await;
        assert_eq!(verdict["verdict"], "valid", "clocks may differ by five seconds");
        assert_eq!(verdict["issued_at"], "2026-03-02T04:00:00Z");
        assert_eq!(verdict["expires_at"], "2026-03-02T04:01:00Z");
        backend.wait(TimeDelta::milliseconds(1));
        nothing_but_invalid(&verify(&backend, &token).await);
    }

    async fn another_deployments_code_and_an_altered_one_are_invalid_and_no_more(stack: Stack) {
        let ours = Backend::start(stack).await;
        let theirs = Backend::start(stack).await;
        let zhang = theirs.green(PHONE, ZHANG).await;
        ours.green(PHONE, ZHANG).await;
        let token = code_of(&theirs, &zhang).await["token"].clone();
        assert_eq!(verify(&theirs, &token).await["verdict"], "valid");

        nothing_but_invalid(&verify(&ours, &token).await);
        let text = token.as_str().unwrap();
        for at in [4, 20, 90, 177] {
            let mut altered: Vec<char> = text.chars().collect();
            altered[at] = if altered[at] == '0' { '1' } else { '0' };
            nothing_but_invalid(&verify(&theirs, &json!(altered.iter().collect::<String>())).await);
        }
        nothing_but_invalid(&verify(&theirs, &json!("hello")).await);
    }

    async fn nobody_is_shown_a_strangers_code(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let stranger = backend.log_in("13900139000").await;
        for what in ["health-code", "health-code.png", "health-code.svg"] {
            backend.as_citizen(&stranger).get(&path(&zhang, what)).await.problem(404);
            backend.anyone().get(&path(&zhang, what)).await.problem(401);
        }
    }
}
