//! The code of a venue as a picture, on paper, and as platforms draw it.

use entity::values::Assurance;
use image::{GrayImage, ImageReader};
use integration_tests::{Backend, call::Caller, on_both_stacks};
use miniapp_mock::{Endpoint, Fault};
use serde_json::Value;

use super::rig::{bookshop, of_unit, open, scan, text, unit};
use crate::printing::pdf::Pdf;

/// What stands in the one QR symbol of `picture`.
fn symbol(picture: GrayImage) -> String {
    let mut picture = rqrr::PreparedImage::prepare(picture);
    let symbols = picture.detect_grids();
    assert_eq!(symbols.len(), 1);
    symbols[0].decode().expect("a symbol that reads").1
}

async fn shop(backend: &Backend) -> (Caller, Value, impl Fn(&str) -> String + use<>) {
    let (zhang, unit) = unit(backend).await;
    let page = backend.as_citizen(&zhang);
    let shop = open(backend, &page, unit, bookshop()).await;
    let venue = text(&shop["id"]).to_owned();
    let path = move |rest: &str| of_unit(unit, &format!("venues/{venue}/{rest}"));
    (page, shop, path)
}

on_both_stacks! {
    async fn a_picture_and_a_poster_say_what_the_code_says(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, shop, path) = shop(&backend).await;
        let code = text(&shop["code"]);
        for (scale, side) in [("", 45 * 16), ("?scale=4", 45 * 4)] {
            let drawn = page.get(&path(&format!("code.png{scale}"))).await;
            assert_eq!(drawn.headers["content-type"], "image/png");
            let reader = ImageReader::new(std::io::Cursor::new(drawn.body)).with_guessed_format();
            let picture = reader.unwrap().decode().unwrap().to_luma8();
            // 37 modules at level Q with four light ones on each side.
            assert_eq!(picture.dimensions(), (side, side));
            assert_eq!(symbol(picture), code);
        }
        page.get(&path("code.png?scale=21")).await.problem(422);
        let drawn = page.get(&path("code.svg")).await;
        assert_eq!(drawn.headers["content-type"], "image/svg+xml");
        assert!(String::from_utf8(drawn.body).unwrap().contains("viewBox=\"0 0 45 45\""));

        for (paper, size) in [("", (210, 297)), ("?paper=a4", (210, 297)), ("?paper=a5", (148, 210))] {
            let printed = page.get(&path(&format!("poster{paper}"))).await;
            assert_eq!(printed.headers["content-type"], "application/pdf");
            let pdf = Pdf::read(&printed.body);
            assert_eq!((pdf.size(), pdf.symbol().as_str()), (size, code));
            let said = pdf.text();
            for words in ["场所码", "VENUECODE", "人民广场书店", "商场超市", "Scanwhenyouenter", "进门请扫码", "上海浦江商贸有限公司"] {
                assert!(said.contains(words), "{words}: {said}");
            }
        }
        page.get(&path("poster?paper=a6")).await.problem(422);
    }

    async fn a_code_that_a_platform_draws_opens_the_page_with_a_code_that_counts(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (page, _, path) = shop(&backend).await;
        let drawn = page.get(&path("code/wechat")).await;
        assert_eq!(drawn.headers["content-type"], "image/png");
        let phone = backend.mock.phone_of("owner");
        let opened = phone.wechat_scan(&drawn.body).unwrap().path.unwrap();
        let scene = opened.strip_prefix("pages/visit/visit?scene=").unwrap();
        assert_eq!(scan(&backend, scene).await.map(|found| found.1), Ok(Assurance::StaticOnly));
        backend.mock.order_fault(Endpoint::WechatCode, Fault::Quota, 1);
        let again = page.get(&path("code/wechat")).await;
        assert_eq!(again.body, drawn.body, "WeChat is not asked again");

        let drawn = page.get(&path("code/alipay")).await.ok();
        let picture = reqwest::get(text(&drawn["picture_url"])).await.unwrap().bytes().await.unwrap();
        let opened = symbol(image::load_from_memory(&picture).unwrap().to_luma8());
        let opened = reqwest::Url::parse(&opened).unwrap();
        let query = opened.query_pairs().find(|(name, _)| name == "query").unwrap().1;
        assert_eq!(query.strip_prefix("code="), Some(scene));
    }
}
