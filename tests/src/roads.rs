//! Sections of roads, and files to send.

use std::io::Cursor;

use api::{
    platform::{Entropy, OsEntropy},
    roads,
};
use entity::values::{SectionCode, UploadId};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lopdf::{Document, Object, Stream, dictionary};
use reqwest::Method;

use crate::{
    Backend,
    call::{Caller, Reply},
};

/// What files of sections begin with.
const HEAD: &str = "code,name_zh,name_en,valid_from,restricted,classes,ways_around";

impl Backend {
    /// The section `code`, in the catalogue from today on and restricted as cells of files say it, such as
    /// `mon-fri 07:00-09:00`, with ways around, such as `120102-0002; 120102-0003`.
    pub async fn road_with(&self, code: &str, restricted: &str, around: &str) -> SectionCode {
        let today = self.deps.clock.today();
        let file = format!("{HEAD}\n{code},某路,Some Road,{today},{restricted},,{around}\n");
        let kept = roads::bring_in(&self.deps, file.as_bytes()).await;
        kept.expect("a section");
        code.parse().expect("a code")
    }

    /// The section `code`, in the catalogue from today on and restricted at all hours, without a way around.
    pub async fn road(&self, code: &str) -> SectionCode {
        self.road_with(code, "daily 00:00-24:00", "").await
    }

    /// A photograph that the caller of `page` sent just now.
    pub async fn upload(&self, page: &Caller) -> UploadId {
        let sent = page.send_file("/v1/uploads", "image/jpeg", photograph());
        let sent = sent.await.ok();
        let id = sent["id"].as_str().expect("an id");
        UploadId(id.parse().expect("an id"))
    }
}

impl Caller {
    /// POST a file that calls itself `media_type`.
    pub async fn send_file(&self, path: &str, media_type: &str, file: Vec<u8>) -> Reply {
        let key = OsEntropy.id();
        self.send_file_keyed(path, &key.to_string(), media_type, file)
            .await
    }

    /// The same with the idempotency key `key`.
    pub async fn send_file_keyed(
        &self,
        path: &str,
        key: &str,
        media_type: &str,
        file: Vec<u8>,
    ) -> Reply {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key)
            .header("content-type", media_type)
            .body(file);
        Reply::to(request).await
    }
}

/// A JPEG: red on the left, blue on the right.
#[must_use]
pub fn photograph() -> Vec<u8> {
    picture(ImageFormat::Jpeg)
}

/// The same as a PNG.
#[must_use]
pub fn scan() -> Vec<u8> {
    picture(ImageFormat::Png)
}

fn picture(format: ImageFormat) -> Vec<u8> {
    let colour = |x, _| {
        if x < 32 {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 250])
        }
    };
    let picture = DynamicImage::from(RgbImage::from_fn(64, 48, colour));
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

/// A PDF of so many pages.
#[must_use]
pub fn paper(pages: usize) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let content = document.add_object(Stream::new(dictionary! {}, b"0 0 9 9 re f".to_vec()));
    let kids: Vec<Object> = (0..pages)
        .map(|_| {
            let page = dictionary! {
                "Type" => "Page", "Parent" => tree, "Contents" => content,
                "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
            };
            document.add_object(page).into()
        })
        .collect();
    let count = i64::try_from(pages).expect("pages");
    let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(tree, node.into());
    let root = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", root);
    let mut file = Vec::new();
    document.save_to(&mut file).expect("a document");
    file
}
