//! What the sources may say, and where: layers, directions, the top of the tree.

#![expect(
    clippy::string_slice,
    reason = "every index comes from a search in the same text"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

mod sources;

use sources::Source;

/// The folders of `api/src` that know nothing of health codes.
const SUPPORT: [&str; 5] = ["clients", "config", "http", "jobs", "platform"];

/// The features whose language pure decisions may speak: what they say is data, and what they do is not
/// reached without waiting.
const LANGUAGES: [&str; 3] = ["policy", "regions", "roads"];

/// What a customer sees first; names that begin with a dot are tools'.
const TOP_LEVEL: [&str; 18] = [
    "api",
    "Cargo.lock",
    "Cargo.toml",
    "CHANGELOG.md",
    "clippy.toml",
    "CONTRIBUTING.md",
    "deny.toml",
    "entity",
    "LICENSE",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "migration",
    "miniapp-mock",
    "openapi.yaml",
    "README.md",
    "rustfmt.toml",
    "SECURITY.md",
    "tests",
];

/// What `service.rs` needs of SeaORM to hold a transaction. Queries are its store's.
const TRANSACTIONS: [&str; 6] = [
    "ConnectionTrait",
    "DatabaseConnection",
    "DatabaseTransaction",
    "DbErr",
    "SqlErr",
    "TransactionTrait",
];

#[test]
fn files_keep_to_their_layer() {
    let features = features();
    let breaches: Vec<String> = api_sources()
        .iter()
        .flat_map(|source| breaches(source, &features))
        .collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn features_do_not_depend_on_each_other_in_circles() {
    let features = features();
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in api_sources() {
        if let Some(own) = source.feature().filter(|own| features.contains(*own)) {
            let others = source.other_features(&features);
            uses.entry(own.to_owned()).or_default().extend(others);
        }
    }
    // Take away whoever uses nobody that is left; a circle stays.
    while let Some(leaf) = uses
        .iter()
        .find(|(_, used)| used.iter().all(|other| !uses.contains_key(other)))
        .map(|(feature, _)| feature.clone())
    {
        uses.remove(&leaf);
    }
    assert!(
        uses.is_empty(),
        "in a circle, or leading into one: {uses:?}"
    );
}

#[test]
fn the_guard_sees_each_breach() {
    let features = BTreeSet::from(["audit".to_owned(), "review".to_owned()]);
    let cases = [
        ("review/rules.rs", "pub async fn decide() {}"),
        ("review/rules.rs", "use crate::platform::{Clock};"),
        (
            "review/rules.rs",
            "fn f(c: &dyn crate::platform::Entropy) {}",
        ),
        ("review/rules.rs", "use sea_orm::DbErr;"),
        ("review/rules.rs", "fn f() { tracing::info!(\"x\"); }"),
        ("review/rules.rs", "use crate::audit;"),
        ("review/rules.rs", "use std::{fmt, fs};"),
        ("review/rules.rs", "use entity::review_case::Model;"),
        ("review/rules/sub.rs", "use super::super::store;"),
        (
            "review/store.rs",
            "use crate::{platform::{clock::Clock, db}};",
        ),
        ("review/store.rs", "use actix_web::web;"),
        ("review/store.rs", "use crate::audit::record;"),
        ("review/service.rs", "use actix_web::web::Data;"),
        ("review/service.rs", "use sea_orm::{DbErr, EntityTrait};"),
        ("review/service.rs", "use sea_orm::*;"),
        ("review/routes.rs", "use sea_orm::DbErr;"),
        ("review/routes.rs", "use super::{service, store};"),
        (
            "review/routes.rs",
            "fn f() { crate::review::store::find(); }",
        ),
        ("review/jobs.rs", "use actix_web::web::Data;"),
        (
            "review/service.rs",
            "use crate::{\n  // why\n  audit::{self, store},\n};",
        ),
        (
            "review/service.rs",
            "use crate::audit;\nfn f() { audit::routes::x(); }",
        ),
        ("platform/db.rs", "use crate::review;"),
    ];
    for (path, text) in cases {
        let source = Source::new(path, text);
        assert_eq!(breaches(&source, &features).len(), 1, "{path}: {text}");
    }
}

#[test]
fn the_guard_lets_pass_what_is_in_order() {
    let features = BTreeSet::from(["audit", "policy", "review"].map(str::to_owned));
    let cases = [
        ("review/rules.rs", "use crate::policy::{Env, Rule};"),
        (
            "review/rules.rs",
            "use entity::values::Colour; // use sea_orm::DbErr;",
        ),
        (
            "review/rules.rs",
            "/* async */ const A: &str = \"async crate::audit\";",
        ),
        (
            "review/rules.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests { use crate::audit; }",
        ),
        ("review/rules.rs", "use crate::platform::clock::local_date;"),
        (
            "review/service.rs",
            "use super::{rules, store}; use crate::audit;",
        ),
        (
            "review/service.rs",
            "use sea_orm::{DbErr, TransactionTrait as _};",
        ),
        ("review/routes.rs", "use super::service;"),
        (
            "review/jobs.rs",
            "use super::store; use crate::jobs::Sweep;",
        ),
        ("jobs/mod.rs", "use crate::review::jobs::EscalateOverdue;"),
    ];
    for (path, text) in cases {
        let found = breaches(&Source::new(path, text), &features);
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}

#[test]
fn the_top_level_is_the_customers() {
    let unexpected: BTreeSet<String> = files()
        .iter()
        .filter_map(|file| Some(file.iter().next()?.to_str()?.to_owned()))
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

#[test]
fn no_text_mentions_machine_paths() {
    // Split, so that this file does not mention them.
    let homes = [
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/Us", "ers/"],
        ["/wo", "rk/"],
    ]
    .map(|h| h.concat());
    let mentions: Vec<String> = files()
        .iter()
        .filter_map(|file| Some((file, std::fs::read_to_string(root().join(file)).ok()?)))
        .flat_map(|(file, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| homes.iter().any(|home| mentions(line, home)))
                .map(|(at, line)| format!("{}:{}: {line}", file.display(), at + 1))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(mentions.is_empty(), "\n{}", mentions.join("\n"));
}

/// Whether an absolute path begins with `home` here; one within an address is none.
fn mentions(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"_-.}/".contains(c))
    })
}

/// Everything that `source` says and its place in the tree forbids.
fn breaches(source: &Source, features: &BTreeSet<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if source.layer() == Some("rules") && source.words().any(|w| w == "async" || w == "await") {
        found.push("async".into());
    }
    for path in source.paths() {
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        let breaks = source
            .layer()
            .is_some_and(|layer| layer_forbids(source, layer, &segments, features))
            || goes_behind_a_facade(source, &segments, features)
            || knows_a_feature(source, &segments, features);
        if breaks {
            found.push(segments.join("::"));
        }
    }
    let file = source.file();
    found
        .iter()
        .map(|what| format!("api/src/{file}: {what}"))
        .collect()
}

fn layer_forbids(source: &Source, layer: &str, path: &[&str], features: &BTreeSet<String>) -> bool {
    let actix = path[0].starts_with("actix");
    let sea_orm = path[0].starts_with("sea_orm") || path[0] == "sqlx";
    let clock = path
        .iter()
        .any(|s| ["Clock", "SystemClock", "Deps"].contains(s));
    let other = other_feature(source, path, features).is_some();
    match layer {
        "rules" => {
            let foreign = other && !path.get(1).is_some_and(|name| LANGUAGES.contains(name));
            actix || sea_orm || clock || foreign || impure(source, path)
        }
        "store" => actix || clock || other,
        "service" => {
            actix || sea_orm && !path.get(1).is_some_and(|name| TRANSACTIONS.contains(name))
        }
        "routes" => sea_orm || own_layer(source, path) == Some("store"),
        "jobs" => actix,
        _ => false,
    }
}

/// What a pure decision has no business with.
fn impure(source: &Source, path: &[&str]) -> bool {
    let outside = [
        "tracing",
        "log",
        "tokio",
        "reqwest",
        "redis",
        "rand_chacha",
        "futures_util",
    ];
    match path {
        ["std", "fs" | "net" | "env" | "process" | "thread", ..]
        | ["std", "time", "Instant" | "SystemTime", ..]
        | ["crate", "clients" | "config" | "jobs", ..] => true,
        ["entity", part, ..] => *part != "values",
        ["crate", "platform", part, ..] if *part != "clock" => true,
        [first, ..] => {
            outside.contains(first)
                || matches!(
                    own_layer(source, path),
                    Some("store" | "service" | "routes" | "jobs")
                )
        }
        [] => false,
    }
}

/// A feature is used through what its `mod.rs` shows, never through its queries or routes.
fn goes_behind_a_facade(source: &Source, path: &[&str], features: &BTreeSet<String>) -> bool {
    // `crate::x::routes` is how the server mounts a feature.
    let Some(layer @ ("store" | "routes")) = path
        .windows(2)
        .find(|pair| features.contains(pair[0]) && Some(pair[0]) != source.feature())
        .map(|pair| pair[1])
    else {
        return false;
    };
    let already_told = source.layer() == Some("rules") || source.layer() == Some("store");
    let mounted = source.feature().is_none() && layer == "routes";
    !mounted && !already_told
}

/// Support folders know no feature, but for the list of sweeps.
fn knows_a_feature(source: &Source, path: &[&str], features: &BTreeSet<String>) -> bool {
    source
        .feature()
        .is_some_and(|own| SUPPORT.contains(&own) && own != "jobs")
        && other_feature(source, path, features).is_some()
}

fn other_feature<'a>(
    source: &Source,
    path: &[&'a str],
    features: &BTreeSet<String>,
) -> Option<&'a str> {
    match path {
        ["crate", name, ..] => {
            (features.contains(*name) && Some(*name) != source.feature()).then_some(*name)
        }
        _ => None,
    }
}

/// The layer of its own feature that `path` leads to.
fn own_layer<'a>(source: &Source, path: &[&'a str]) -> Option<&'a str> {
    match path {
        ["crate", feature, layer, ..] => (Some(*feature) == source.feature()).then_some(*layer),
        _ => None,
    }
}

impl Source {
    fn other_features(&self, features: &BTreeSet<String>) -> Vec<String> {
        self.paths()
            .filter_map(|path| {
                let segments: Vec<&str> = path.iter().map(String::as_str).collect();
                other_feature(self, &segments, features).map(str::to_owned)
            })
            .collect()
    }
}

/// The folders of `api/src` that are not support.
fn features() -> BTreeSet<String> {
    api_sources()
        .iter()
        .filter_map(Source::feature)
        .filter(|folder| !SUPPORT.contains(folder))
        .map(str::to_owned)
        .collect()
}

fn api_sources() -> Vec<Source> {
    let base = root().join("api/src");
    let mut found = Vec::new();
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&base)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.push(Source::new(&name, &std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

/// The files of the repository; where git is of no help, what lies at its top.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    if let Some(listed) = listed.ok().filter(|listed| listed.status.success()) {
        let names = String::from_utf8(listed.stdout).unwrap();
        return names.split_terminator('\0').map(PathBuf::from).collect();
    }
    std::fs::read_dir(root())
        .unwrap()
        .map(|entry| PathBuf::from(entry.unwrap().file_name()))
        .filter(|name| name != Path::new("target") && name != Path::new("data"))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
