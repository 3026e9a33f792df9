//! Documents: parsed within bounds, looked through, and written anew.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use super::{Flaw, MOST_PAGES};

/// Streams of a document, at the most: pictures, texts and fonts of its pages.
const MOST_STREAMS: usize = 2_000;

/// Words of a document outside of what is packed, at the most. Each becomes a value in memory many times as
/// large as it is written.
const MOST_WORDS: usize = 500_000;

/// Bytes that everything of a document that is unpacked while it is parsed may come to.
const MOST_UNPACKED: usize = 32 * 1024 * 1024;

/// Bytes that any one part of it may come to, however many there are.
const LEAST_ALLOWED: usize = 64 * 1024;

/// What stands in so many printable bytes in a row is written as text: of packed bytes, two in five are
/// printable.
const TEXT_RUN: usize = 128;

/// How a document ends, so near to its end.
const END: &[u8] = b"%%EOF";
const NEAR: usize = 1_024;

/// The document and nothing else of its file.
pub(super) fn clean(file: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut document = load(file)?;
    if document.is_encrypted() || document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(Flaw::Encrypted);
    }
    let pages = document.page_iter().take(MOST_PAGES + 1).count();
    if pages > MOST_PAGES {
        return Err(Flaw::TooManyPages);
    }
    if pages == 0 {
        return Err(Flaw::Damaged);
    }
    for object in document.objects.values() {
        look_through(object)?;
    }
    strip(&mut document);
    let mut written = Vec::new();
    let saved = document.save_to(&mut written);
    saved.map_err(|_| Flaw::Damaged)?;
    // What we wrote is what we looked through.
    let again = load(&written)?;
    if again.page_iter().take(MOST_PAGES + 1).count() == pages {
        Ok(written)
    } else {
        Err(Flaw::Damaged)
    }
}

fn load(file: &[u8]) -> Result<Document, Flaw> {
    let ending = file.len().saturating_sub(NEAR);
    if occurrences(file.get(ending..).unwrap_or_default(), END) == 0 {
        return Err(Flaw::Damaged);
    }
    let streams = occurrences(file, b"stream");
    if streams > MOST_STREAMS || words(file) > MOST_WORDS {
        return Err(Flaw::TooComplicated);
    }
    let each = MOST_UNPACKED / streams.max(1);
    let options = LoadOptions {
        max_decompressed_size: Some(each.max(LEAST_ALLOWED)),
        ..LoadOptions::default()
    };
    Document::load_mem_with_options(file, options).map_err(|error| match error {
        lopdf::Error::Decompress(_) => Flaw::TooComplicated,
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => Flaw::Encrypted,
        _ => Flaw::Damaged,
    })
}

fn occurrences(file: &[u8], of: &[u8]) -> usize {
    memchr::memmem::find_iter(file, of).count()
}

/// How many words stand in what is written as text.
fn words(file: &[u8]) -> usize {
    let printable = |byte: &u8| matches!(byte, 0x20..=0x7e | b'\t' | b'\r' | b'\n');
    file.split(|byte| !printable(byte))
        .filter(|run| run.len() >= TEXT_RUN)
        .map(|run| {
            let separates = |byte: &&u8| b" \t\r\n/[]<>()".contains(*byte);
            run.iter().filter(separates).count()
        })
        .sum()
}

/// Names that say that a document does something, wherever they stand.
const ACTIVE: [&[u8]; 18] = [
    b"JS",
    b"JavaScript",
    b"AA",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"ResetForm",
    b"GoToR",
    b"GoToE",
    b"Rendition",
    b"RichMedia",
    b"RichMediaContent",
    b"Movie",
    b"Sound",
    b"Screen",
    b"3D",
    b"XFA",
    b"Trans3D",
];

/// Names that say that there are files within.
const EMBEDDED: [&[u8]; 5] = [
    b"EmbeddedFiles",
    b"EmbeddedFile",
    b"EF",
    b"FileAttachment",
    b"Collection",
];

/// Nested no deeper than the parser goes.
fn look_through(object: &Object) -> Result<(), Flaw> {
    match object {
        Object::Name(name) => refuse_name(name),
        Object::Array(items) => items.iter().try_for_each(look_through),
        Object::Dictionary(dictionary) => look_through_all(dictionary),
        Object::Stream(stream) => look_through_all(&stream.dict),
        Object::Null
        | Object::Boolean(_)
        | Object::Integer(_)
        | Object::Real(_)
        | Object::String(..)
        | Object::Reference(_) => Ok(()),
    }
}

fn look_through_all(dictionary: &Dictionary) -> Result<(), Flaw> {
    dictionary.iter().try_for_each(|(name, value)| {
        // What a font or a picture is called within its page is nobody's business.
        if !matches!(value, Object::Null) {
            refuse_name(name)?;
        }
        look_through(value)
    })
}

fn refuse_name(name: &[u8]) -> Result<(), Flaw> {
    if ACTIVE.contains(&name) {
        return Err(Flaw::Active);
    }
    if EMBEDDED.contains(&name) {
        return Err(Flaw::Embedded);
    }
    Ok(())
}

/// Take away what is not shown: who made it with what, and what no page leads to.
fn strip(document: &mut Document) {
    const UNSEEN: [&[u8]; 4] = [b"Metadata", b"PieceInfo", b"LastModified", b"OpenAction"];
    document.trailer.remove(b"Info");
    document.trailer.remove(b"ID");
    let objects: &mut BTreeMap<ObjectId, Object> = &mut document.objects;
    for object in objects.values_mut() {
        let dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &mut stream.dict,
            _ => continue,
        };
        for name in UNSEEN {
            dictionary.remove(name);
        }
    }
    document.prune_objects();
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, dictionary};

    use super::*;

    /// A document of so many pages, with more in its catalogue.
    fn document(pages: usize, catalogue: Dictionary) -> Document {
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
        let count = i64::try_from(pages).unwrap();
        let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        document.objects.insert(tree, node.into());
        let mut root = catalogue;
        root.set("Type", "Catalog");
        root.set("Pages", tree);
        let root = document.add_object(root);
        document.trailer.set("Root", root);
        let info = dictionary! { "Author" => Object::string_literal("张伟 of nowhere") };
        let info = document.add_object(info);
        document.trailer.set("Info", info);
        document
    }

    fn written(mut document: Document) -> Vec<u8> {
        let mut file = Vec::new();
        document.save_to(&mut file).unwrap();
        file
    }

    fn flaw(catalogue: Dictionary) -> Option<Flaw> {
        clean(&written(document(1, catalogue))).err()
    }

    #[test]
    fn a_document_is_written_anew_without_what_no_page_shows() {
        let file = written(document(2, dictionary! {}));
        assert_eq!(occurrences(&file, b"nowhere"), 1);
        let file = [file.as_slice(), b"\nPK\x05\x06 a zip"].concat();
        let cleaned = clean(&file).unwrap();
        assert!(cleaned.starts_with(b"%PDF-1.7"));
        assert_eq!(occurrences(&cleaned, b"nowhere"), 0);
        assert_eq!(occurrences(&cleaned, b"PK\x05\x06"), 0);
        assert_eq!(Document::load_mem(&cleaned).unwrap().get_pages().len(), 2);
        assert!(clean(&cleaned).is_ok());
    }

    #[test]
    fn a_document_that_does_something_is_refused() {
        let script =
            || dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
        for catalogue in [
            dictionary! { "OpenAction" => script() },
            dictionary! { "AA" => dictionary! { "WC" => script() } },
            dictionary! { "Names" => dictionary! { "JavaScript" => dictionary! {} } },
            dictionary! { "OpenAction" => dictionary! { "S" => "Launch" } },
            dictionary! { "AcroForm" => dictionary! { "XFA" => Object::Array(Vec::new()) } },
            dictionary! { "X" => vec![Object::Array(vec![dictionary! { "S" => "SubmitForm" }.into()])] },
        ] {
            assert_eq!(flaw(catalogue.clone()), Some(Flaw::Active), "{catalogue:?}");
        }
        let files = dictionary! { "Names" => dictionary! { "EmbeddedFiles" => dictionary! {} } };
        assert_eq!(flaw(files), Some(Flaw::Embedded));
        assert_eq!(flaw(dictionary! { "PageMode" => "UseNone" }), None);
        // Names may be written with digits of their characters.
        let file = written(document(1, dictionary! { "Hidden" => dictionary! {} }));
        let hidden = String::from_utf8_lossy(&file).replace("/Hidden", "/J#53");
        assert_eq!(clean(hidden.as_bytes()), Err(Flaw::Active));
    }

    #[test]
    fn a_document_has_pages_and_not_too_many() {
        let of = |pages| clean(&written(document(pages, dictionary! {}))).map(drop);
        assert_eq!(of(MOST_PAGES), Ok(()));
        assert_eq!(of(MOST_PAGES + 1), Err(Flaw::TooManyPages));
        assert_eq!(of(0), Err(Flaw::Damaged));
        // A tree that says it has a page, and leads into itself.
        let mut circle = document(1, dictionary! {});
        let pages = circle.catalog().unwrap().get(b"Pages").unwrap().clone();
        let tree = pages.as_reference().unwrap();
        let node = dictionary! { "Type" => "Pages", "Kids" => vec![pages; 9], "Count" => 1 };
        circle.objects.insert(tree, node.into());
        assert_eq!(clean(&written(circle)), Err(Flaw::Damaged));
    }

    #[test]
    fn a_document_that_asks_for_a_password_is_refused() {
        let file = written(document(1, dictionary! {}));
        let trailer = "/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(y)/P -4>>/Root";
        let locked = String::from_utf8_lossy(&file).replace("/Root", trailer);
        assert_eq!(clean(locked.as_bytes()), Err(Flaw::Encrypted));
    }

    #[test]
    fn what_would_unpack_to_more_than_there_is_room_for_is_refused() {
        let mut bomb = document(1, dictionary! {});
        let dictionary = dictionary! { "Type" => "ObjNot", "N" => 1, "First" => 4 };
        let mut stream = Stream::new(dictionary, vec![b' '; 2 * MOST_UNPACKED]);
        stream.compress().unwrap();
        bomb.add_object(stream);
        let mut file = written(bomb);
        // Whoever writes documents writes such streams themselves.
        let at = memchr::memmem::find(&file, b"ObjNot").unwrap();
        file[at..at + 6].copy_from_slice(b"ObjStm");
        assert!(file.len() < 1_000_000);
        assert_eq!(clean(&file), Err(Flaw::TooComplicated));

        let words = "0 ".repeat(MOST_WORDS + 1);
        let file = written(document(1, dictionary! {}));
        let file =
            String::from_utf8_lossy(&file).replace("/Pages ", &format!("/X[{words}]/Pages "));
        assert_eq!(clean(file.as_bytes()), Err(Flaw::TooComplicated));
        let deep = [
            b"%PDF-1.7\n1 0 obj".as_slice(),
            &b"[".repeat(100_000),
            b"\n%%EOF",
        ]
        .concat();
        assert!(clean(&deep).is_err());
    }

    #[test]
    fn a_document_that_breaks_off_is_refused() {
        let file = written(document(3, dictionary! {}));
        for length in (9..file.len() - 6).step_by(7) {
            assert!(clean(&file[..length]).is_err(), "{length}");
        }
    }
}
