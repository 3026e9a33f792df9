//! `tongxing verify`: what a code, a permit or a receipt of either kind says, and whether it is ours.
//!
//! Nobody is asked about the text itself: a list of public keys that the pinned root signed is enough.

use std::{
    io::{self, Read},
    path::Path,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use entity::values::Colour;
use reqwest::{Client, redirect};
use url::Url;

use crate::{
    config::Config,
    credentials::{
        self,
        cose::{Kid, VerifyingKey},
        deletion::{self, Deletion},
        key_list::{self, KeyList},
        permit::{self, PermitKind, VerifiedPermit},
        personal_code::{self, Invalid, Skew, VerifiedCode},
        read_root,
        receipt::{self, Receipt},
    },
    platform::clock::CHINA,
};

/// How long a service has to give its list.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a service gives its list.
const LIST: &str = "/v1/keys";

/// The root key whose public half is `hex`.
pub fn pinned(hex: &str) -> anyhow::Result<VerifyingKey> {
    let bytes = hex::decode(hex.trim())
        .ok()
        .and_then(|it| it.try_into().ok());
    let public: [u8; 32] = bytes.context("the root key is not 64 hexadecimal digits")?;
    Ok(VerifyingKey::new(credentials::root_kid(&public)?, public)?)
}

/// The public half of the root key that is configured.
pub fn own_root(config: &Config) -> anyhow::Result<VerifyingKey> {
    let root = config.keys.root_key.as_ref();
    let root = root.context("say which root is believed: --root, or keys.root_key")?;
    let root = read_root(root.reveal())?;
    Ok(VerifyingKey::new(root.kid(), root.public_key())?)
}

/// What `token` says, in words, if a key of the list at `keys` signed it and it is good at `now`. `-`
/// stands for the standard input.
pub async fn run(
    keys: &str,
    root: &VerifyingKey,
    token: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let token = read(token.to_owned())?;
    let list = KeyList::verify(&list_at(keys).await?, root, now, 0)
        .context("the list of keys is not believed")?;
    describe(&token, &list, now).context("not valid")
}

/// The text that was scanned, where `-` stands for the standard input.
pub fn read(token: String) -> anyhow::Result<String> {
    let token = match token.as_str() {
        "-" => from_standard_input()?,
        _ => token,
    };
    Ok(token.trim_matches(['\r', '\n']).to_owned())
}

fn from_standard_input() -> anyhow::Result<String> {
    let mut token = String::new();
    let most = u64::try_from(receipt::MAX_CHARACTERS)? + 2;
    io::stdin().take(most).read_to_string(&mut token)?;
    Ok(token)
}

/// The list of public keys in the file, or at the address, `place`.
pub(super) async fn list_at(place: &str) -> anyhow::Result<Vec<u8>> {
    let Some(url) = address(place) else {
        let path = Path::new(place);
        let read = tokio::fs::read(path).await;
        return read.with_context(|| format!("reading {}", path.display()));
    };
    fetch(url, key_list::MAX_BYTES).await
}

/// What is at `url`, `most` bytes at the most.
pub(super) async fn fetch(url: Url, most: usize) -> anyhow::Result<Vec<u8>> {
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(PATIENCE)
        .build()?;
    let mut answer = client.get(url.clone()).send().await?.error_for_status()?;
    ensure!(answer.status().is_success(), "nothing at {url}");
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            bail!("what is at {url} is too long");
        }
    }
    Ok(bytes)
}

/// The address of a list, if `place` is one; that of a service stands for that of its list.
fn address(place: &str) -> Option<Url> {
    let mut url = Url::parse(place).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if matches!(url.path(), "" | "/") {
        url.set_path(LIST);
    }
    Some(url)
}

/// What `token` says, by what it begins with.
fn describe(token: &str, list: &KeyList, now: DateTime<Utc>) -> Result<String, Invalid> {
    let skew = Skew::Offline;
    if token.starts_with(permit::PREFIX) {
        permit::verify(token, list, now, skew).map(|it| of_permit(&it))
    } else if token.starts_with(receipt::PREFIX) {
        receipt::verify(token, list, now, skew).map(|it| of_receipt(&it))
    } else if token.starts_with(deletion::PREFIX) {
        deletion::verify(token, list, now).map(|it| of_deletion(&it))
    } else {
        personal_code::verify(token, list, now, skew).map(|it| of_code(&it))
    }
}

fn of_permit(verified: &VerifiedPermit) -> String {
    let permit = &verified.permit;
    let face = &permit.face;
    let kind = match permit.kind {
        PermitKind::PassCard => "health pass card",
        PermitKind::Vehicle => "vehicle pass",
        PermitKind::Work => "work permit",
    };
    let (holder, mark, site) = match permit.kind {
        PermitKind::PassCard | PermitKind::Work => ("holder", "document ends in", "issued in"),
        PermitKind::Vehicle => ("plate", "from", "to"),
    };
    lines(&[
        ("valid", format!("{kind} {}", face.number)),
        (holder, face.holder.clone()),
        (mark, face.mark.clone()),
        (site, face.site.clone()),
        ("from", local(permit.not_before)),
        ("until", local(permit.expires_at)),
        (
            "signed",
            signed(&verified.issuer, verified.issued_at, Some(verified.kid)),
        ),
        (
            "remark",
            "whether it was taken back since is known online only".into(),
        ),
    ])
}

fn of_code(code: &VerifiedCode) -> String {
    lines(&[
        ("valid", "personal code".into()),
        (
            "colour",
            format!("{}, when it was issued", colour(code.colour)),
        ),
        ("until", local(code.expires_at)),
        (
            "signed",
            format!("{} by key {}", local(code.issued_at), code.kid),
        ),
        (
            "remark",
            "whose it is, and the colour now, is known online only".into(),
        ),
    ])
}

fn of_receipt(receipt: &Receipt) -> String {
    let causes: Vec<&str> = receipt.reasons.iter().map(|it| it.code.name()).collect();
    lines(&[
        ("valid", "receipt of an explanation".into()),
        ("colour", colour(receipt.colour).into()),
        ("causes", causes.join(", ")),
        ("policy", receipt.policy.clone()),
        ("until", local(receipt.expires_at)),
        ("signed", signed(&receipt.issuer, receipt.issued_at, None)),
    ])
}

fn of_deletion(deletion: &Deletion) -> String {
    let at = |at: Option<DateTime<Utc>>| at.map_or("-".into(), local);
    lines(&[
        ("valid", "receipt of a deletion".into()),
        ("what", deletion.what.clone()),
        ("day", deletion.day.to_string()),
        ("rows", deletion.rows.to_string()),
        ("first", at(deletion.first_at)),
        ("last", at(deletion.last_at)),
        ("root", hex::encode(deletion.root)),
        (
            "signed",
            signed(&deletion.issuer, deletion.deleted_at, None),
        ),
    ])
}

const fn colour(colour: Colour) -> &'static str {
    match colour {
        Colour::Green => "green",
        Colour::Grey => "grey",
        Colour::Yellow => "yellow",
        Colour::Red => "red",
    }
}

fn signed(issuer: &str, at: DateTime<Utc>, kid: Option<Kid>) -> String {
    let key = kid.map(|kid| format!(", key {kid}")).unwrap_or_default();
    format!("{} by {issuer}{key}", local(at))
}

fn local(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&CHINA);
    local.format("%Y-%m-%d %H:%M:%S (Beijing)").to_string()
}

/// Words that somebody signed are shown, never obeyed: nothing of them moves a terminal's cursor.
fn lines(said: &[(&str, String)]) -> String {
    let line = |(name, value): &(&str, String)| {
        let value: String = value.chars().filter(|it| !it.is_control()).collect();
        format!("{name:<17}{value}")
    };
    let lines: Vec<String> = said.iter().map(line).collect();
    lines.join("\n")
}
