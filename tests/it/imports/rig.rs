//! People, a source that signs, and files of its.

use std::{
    fs,
    path::{Path, PathBuf},
};

use api::{
    config::Config,
    facts::import::{Error, Kind, Order, Outcome, import},
    platform::{Entropy, OsEntropy},
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    fact_source, import_batch, import_finding, person, test_result,
    values::{Division, DocumentKind, PersonId},
};
use integration_tests::{Backend, SeededEntropy, Stack, backend::noon};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait, QueryOrder};
use serde_json::json;

/// The header of a file of results.
pub(super) const HEADER: &str =
    "document_kind,document_number,lab,tube,tube_size,sampled_at,reported_at,result";

/// The source that signs.
pub(super) const SOURCE: &str = "lab-one";

/// A backend with people in it, and a laboratory that sends files.
pub(super) struct Rig {
    pub(super) backend: Backend,
    key: Ed25519KeyPair,
    folder: PathBuf,
}

/// A file of the laboratory's.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) path: PathBuf,
    pub(super) signature: Vec<u8>,
}

impl Rig {
    /// With so many people, and chunks of `chunk` rows.
    pub(super) async fn with(stack: Stack, people: usize, chunk: usize) -> Self {
        Self::changed(stack, people, |config| config.imports.chunk_rows = chunk).await
    }

    pub(super) async fn changed(
        stack: Stack,
        people: usize,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = std::env::temp_dir().join(format!("tongxing-imports-{}", OsEntropy.id()));
        fs::create_dir(&folder).unwrap();
        let spool = folder.join("spool");
        let starting = Backend::start_with(stack, |config| {
            config.imports.spool = spool;
            change(config);
        });
        let backend = Box::pin(starting).await;
        let rig = Self {
            backend,
            key: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
            folder,
        };
        rig.settle(people).await;
        let kinds = ["nucleic_acid_test", "close_contact", "recovered"];
        rig.register(SOURCE, "310000", &kinds, None).await;
        rig
    }

    /// Register a source whose key is the laboratory's.
    pub(super) async fn register(
        &self,
        id: &str,
        division: &str,
        kinds: &[&str],
        revoked_at: Option<DateTime<Utc>>,
    ) {
        let source = fact_source::Model {
            id: id.into(),
            name: "第一检验所".into(),
            division: Division::try_from(division.to_owned()).unwrap(),
            kinds: json!(kinds),
            public_key: Some(self.key.public_key().as_ref().to_vec()),
            created_at: noon(),
            registered_by: None,
            approved_by: None,
            approved_at: Some(noon()),
            revoked_at,
        };
        fact_source::Entity::insert(source.into_active_model())
            .exec_without_returning(&self.backend.deps.db)
            .await
            .unwrap();
    }

    async fn settle(&self, people: usize) {
        let deps = &self.backend.deps;
        let entropy = SeededEntropy::new(4);
        let rows: Vec<_> = (0..people)
            .map(|at| {
                let id = PersonId(entropy.id());
                let document = format!("passport|{}", number(at));
                let row = person::Model {
                    id,
                    number: id.number(),
                    data_key: Vec::new(),
                    phone: None,
                    phone_index: None,
                    name: None,
                    document_kind: Some(DocumentKind::Passport),
                    document_number: None,
                    document_index: Some(deps.vault.index("person.document", &document)),
                    verified_at: Some(noon()),
                    created_at: noon(),
                };
                row.into_active_model()
            })
            .collect();
        for some in rows.chunks(1_000) {
            person::Entity::insert_many(some.to_vec())
                .exec_without_returning(&deps.db)
                .await
                .unwrap();
        }
    }

    /// A file with these bytes, signed.
    pub(super) fn send(&self, bytes: &[u8]) -> Sent {
        let path = self.folder.join(OsEntropy.id().to_string());
        fs::write(&path, bytes).unwrap();
        Sent {
            path,
            signature: self.sign(Kind::NucleicAcidTest, bytes),
        }
    }

    pub(super) fn sign(&self, kind: Kind, bytes: &[u8]) -> Vec<u8> {
        let signed = signed_bytes(SOURCE, kind, bytes);
        self.key.sign(&signed).as_ref().to_vec()
    }

    /// A file with the header and these rows.
    pub(super) fn send_rows<R: AsRef<str>>(&self, rows: &[R]) -> Sent {
        self.send(csv(rows).as_bytes())
    }

    pub(super) async fn bring(&self, sent: &Sent) -> Result<Outcome, Error> {
        self.bring_as(sent, |_| ()).await
    }

    pub(super) async fn bring_as<'a>(
        &'a self,
        sent: &'a Sent,
        change: impl FnOnce(&mut Order<'a>),
    ) -> Result<Outcome, Error> {
        let mut order = Order {
            source: SOURCE,
            kind: Kind::NucleicAcidTest,
            file: &sent.path,
            signature: Some(&sent.signature),
            dry_run: false,
            take_over: false,
        };
        change(&mut order);
        import(&self.backend.deps, order, &mut |_| ()).await
    }

    /// Everything that is in the table, but for when it was recorded, which differs by the clock.
    pub(super) async fn results(&self) -> Vec<test_result::Model> {
        let mut rows = test_result::Entity::find()
            .order_by_asc(test_result::Column::PersonId)
            .order_by_asc(test_result::Column::SampledAt)
            .order_by_asc(test_result::Column::Sample)
            .order_by_asc(test_result::Column::ReportedAt)
            .all(&self.backend.deps.db)
            .await
            .unwrap();
        for row in &mut rows {
            row.recorded_at = noon();
        }
        rows
    }

    /// What was found: line, column, code.
    pub(super) async fn found(&self, of: &Outcome) -> Vec<(i64, String, String)> {
        let rows = import_finding::Entity::find()
            .order_by_asc(import_finding::Column::ImportId)
            .order_by_asc(import_finding::Column::Line)
            .all(&self.backend.deps.db)
            .await
            .unwrap();
        rows.into_iter()
            .filter(|row| row.import_id == of.batch.id)
            .map(|row| (row.line, row.field, row.code))
            .collect()
    }

    pub(super) async fn imports(&self) -> u64 {
        let db = &self.backend.deps.db;
        import_batch::Entity::find().count(db).await.unwrap()
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// `row`, which is the first person's, of whoever has the resident card `card`.
pub(super) fn of_card(row: &str, card: &str) -> String {
    let row = row.replace("passport", "resident_card");
    row.replace(&number(0), card)
}

/// Bring in a result of whoever has the resident card `card`, and a row that is refused.
pub(crate) async fn bring_about(backend: &Backend, card: &str) {
    let key = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
    let source = fact_source::Model {
        id: "lab-two".into(),
        name: "第二检验所".into(),
        division: Division::try_from("310000".to_owned()).unwrap(),
        kinds: json!(["nucleic_acid_test"]),
        public_key: Some(key.public_key().as_ref().to_vec()),
        created_at: noon(),
        registered_by: None,
        approved_by: None,
        approved_at: Some(noon()),
        revoked_at: None,
    };
    fact_source::Entity::insert(source.into_active_model())
        .exec_without_returning(&backend.deps.db)
        .await
        .unwrap();
    let own = |row: String| of_card(&row, card);
    let text = csv(&[
        own(row(0, "T", 9, "negative")),
        own(row(0, "=T", 9, "negative")),
    ]);
    let path = std::env::temp_dir().join(OsEntropy.id().to_string());
    fs::write(&path, &text).unwrap();
    let signed = signed_bytes("lab-two", Kind::NucleicAcidTest, text.as_bytes());
    let signature = key.sign(&signed);
    let order = Order {
        source: "lab-two",
        kind: Kind::NucleicAcidTest,
        file: &path,
        signature: Some(signature.as_ref()),
        dry_run: false,
        take_over: false,
    };
    let outcome = import(&backend.deps, order, &mut |_| ()).await;
    fs::remove_file(&path).unwrap();
    let batch = outcome.unwrap().batch;
    assert_eq!((batch.applied, batch.refused), (1, 1));
}

/// What `source` signs of a file with these bytes, as the documents describe it.
fn signed_bytes(source: &str, kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let mut signed = format!("tongxing-import-v1\0{source}\0{}\0", kind.name()).into_bytes();
    signed.extend(digest(&SHA256, bytes).as_ref());
    signed
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The passport of the person at `at`.
pub(super) fn number(at: usize) -> String {
    format!("E{at:08}")
}

/// So many hours before the tests begin, as files write it.
pub(super) fn hours_ago(hours: i64) -> String {
    let at = noon() - TimeDelta::hours(hours);
    at.format("%FT%TZ").to_string()
}

/// A row: whose, which tube, how many hours ago, and what was found.
pub(super) fn row(person: usize, tube: &str, hours: i64, result: &str) -> String {
    let (sampled, reported) = (hours_ago(hours), hours_ago(hours - 1));
    format!(
        "passport,{},lab-one,{tube},1,{sampled},{reported},{result}",
        number(person)
    )
}

pub(super) fn csv<R: AsRef<str>>(rows: &[R]) -> String {
    let mut text = format!("{HEADER}\n");
    for row in rows {
        text.push_str(row.as_ref());
        text.push('\n');
    }
    text
}
