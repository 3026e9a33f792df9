//! Whoever copies the database, the shared store or the logs learns nobody's name.

use std::fmt::Write as _;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use integration_tests::{Backend, Log, Stack, backend::Identity, on_both_stacks, stack};

use crate::corrections::WORDS;

use super::{DEVICE, ask, live_through_everything};

const PHONE: &str = "13912345678";

const OUYANG: Identity = Identity {
    name: "欧阳青衫",
    number: "310104197608237715",
};

/// GBK of the name and of the address, as software of the country may write them.
const IN_GBK: [&str; 2] = ["c5b7d1f4c7e0c9c0", "c8cbc3f1b4f3b5c0"];

on_both_stacks! {
    async fn no_copy_of_what_is_stored_or_logged_names_anybody(stack: Stack) {
        let log = Log::of_this_process();
        let mut place = (String::new(), String::new());
        let backend = Backend::start_with(stack, |config| {
            place = (config.database.url.reveal().to_owned(), config.ephemeral.prefix.clone());
        })
        .await;
        let (url, prefix) = place;
        let ouyang = live_through_everything(&backend, PHONE, OUYANG).await;
        let page = backend.as_citizen(&ouyang);
        page.get("/v1/me").await.ok();
        page.get(&format!("/v1/people/{}/declarations", ouyang.person)).await.ok();
        page.put("/v1/me/identity", serde_json::json!({
            "name": OUYANG.name, "document_kind": "resident_card", "document_number": "310104197608237716",
        })).await.problem(422);
        let code = page.get(&format!("/v1/people/{}/health-code", ouyang.person)).await.ok();
        let code = code["token"].as_str().unwrap().to_owned();
        backend.anyone().post("/v1/codes/verify", serde_json::json!({"token": code})).await.ok();

        let mut copies = vec![("the database", stored(&backend, stack, &url).await)];
        if stack == Stack::Production {
            copies.push(("the shared store", shared(&prefix).await));
        }
        copies.push(("the log", said(&log)));
        let address = "人民大道 1 号";
        let tokens = [&ouyang.access, &ouyang.refresh, &code].map(String::as_str);
        let personal = [PHONE, OUYANG.name, OUYANG.number, address, DEVICE, WORDS];
        for (copy, bytes) in &copies {
            let found = found(bytes, personal.into_iter().chain(tokens));
            assert_eq!(found, Vec::<String>::new(), "in {copy}");
        }
        let in_a_key = ouyang.person.replace('-', "");
        // What is there is found, so what was not found is not there.
        for (copy, bytes) in &copies {
            let known = ["person_created", &in_a_key, "answered 200"].into_iter();
            assert!(!found(bytes, known).is_empty(), "in {copy}");
        }
    }
}

/// What `bytes` hold of `secrets`, in whatever way it is written.
fn found<'a>(bytes: &[u8], secrets: impl Iterator<Item = &'a str>) -> Vec<String> {
    let text = byte_by_byte(bytes);
    secrets
        .flat_map(forms)
        .chain(in_gbk())
        .filter(|form| text.contains(&byte_by_byte(form)))
        .map(|form| String::from_utf8_lossy(&form).into_owned())
        .collect()
}

/// A character for each byte: texts are searched faster than bytes.
fn byte_by_byte(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The ways in which `text` may have been written.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let escaped = text.chars().fold(String::new(), |mut escaped, c| {
        let _ = if c.is_ascii() {
            write!(escaped, "{c}")
        } else {
            write!(escaped, "\\u{:04x}", u32::from(c))
        };
        escaped
    });
    let percent: String = url_encoded(text);
    let mut forms = vec![
        text.as_bytes().to_vec(),
        utf16,
        escaped.into_bytes(),
        percent.into_bytes(),
    ];
    // Base64 of a text within another depends on where it begins; the middle shows in any case.
    for lead in 0..3 {
        let mut shifted = vec![b'x'; lead];
        shifted.extend_from_slice(text.as_bytes());
        let whole = BASE64_STANDARD_NO_PAD.encode(shifted);
        forms.push(whole.as_bytes()[4..whole.len() - 3].to_vec());
    }
    let in_hex: Vec<_> = forms
        .iter()
        .map(|form| hex::encode(form).into_bytes())
        .collect();
    let in_capitals: Vec<_> = forms
        .iter()
        .map(|form| hex::encode_upper(form).into_bytes())
        .collect();
    forms.into_iter().chain(in_hex).chain(in_capitals).collect()
}

fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _ = if byte.is_ascii_alphanumeric() {
            write!(encoded, "{}", char::from(byte))
        } else {
            write!(encoded, "%{byte:02X}")
        };
        encoded
    })
}

fn in_gbk() -> impl Iterator<Item = Vec<u8>> {
    IN_GBK
        .iter()
        .flat_map(|gbk| [gbk.as_bytes().to_vec(), hex::decode(gbk).unwrap()])
}

/// Every column of every row. Of a file also what lies between rows.
async fn stored(backend: &Backend, stack: Stack, url: &str) -> Vec<u8> {
    let db = &backend.deps.db;
    if stack == Stack::Embedded {
        let file = url.strip_prefix("sqlite:").unwrap();
        let mut bytes = std::fs::read(file).unwrap();
        bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
        assert!(
            bytes.windows(14).any(|window| window == b"person_created"),
            "it holds the audit log"
        );
        return bytes;
    }
    let mut dump = String::new();
    for table in ask(
        db,
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    )
    .await
    {
        let table: String = table.try_get_by_index(0).unwrap();
        for row in ask(db, &format!("SELECT t::text FROM \"{table}\" t")).await {
            dump.push_str(&row.try_get_by_index::<String>(0).unwrap());
            dump.push('\n');
        }
    }
    assert!(dump.contains("person_created"), "it holds the audit log");
    assert!(dump.contains(&backend.deps.clock.now().format("%Y-%m-%d").to_string()));
    dump.into_bytes()
}

/// Every key that begins with `prefix`, and its value.
async fn shared(prefix: &str) -> Vec<u8> {
    let client = redis::Client::open(stack::redis_url()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<Vec<u8>> = redis::cmd("KEYS")
        .arg(format!("{prefix}*"))
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(!keys.is_empty());
    let mut dump = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .unwrap();
        assert_eq!(kind, "string", "look into this kind of value too");
        let value: Option<Vec<u8>> = redis::cmd("GET")
            .arg(&key)
            .query_async(&mut redis)
            .await
            .unwrap();
        dump.extend(key);
        dump.extend(value.unwrap_or_default());
    }
    dump
}

/// The log, which heard at least the edge.
fn said(log: &Log) -> Vec<u8> {
    let said = log.said();
    let text = String::from_utf8_lossy(&said);
    assert!(
        text.contains("POST /v1/login/sms answered 200"),
        "the edge was heard"
    );
    said
}
