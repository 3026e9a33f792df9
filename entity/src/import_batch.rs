//! Files of facts, and how far they got.

use sea_orm::entity::prelude::*;

use crate::values::{ImportId, StaffId};

text_enum! {
    /// Where an import stands.
    pub enum ImportState in "String(StringLen::N(12))" {
        /// Under way, or waiting for whoever works.
        Waiting,
        /// Stopped: too much of it looks wrong, and a second person must let it go on.
        Quarantined,
        /// Finished.
        Done,
        /// Refused as a whole. Nothing of it was applied.
        Refused,
    }
}

/// One file of one source. The row is the job: it is claimed by pushing `due_at` forward, and each
/// chunk of rows is applied in the transaction that says here how far it got.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_batch")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    /// SHA-256 of the file as it was sent. The same file of the same source is the same import.
    #[sea_orm(unique_key = "import_file")]
    pub digest: Vec<u8>,
    /// Whose file: a source of facts.
    #[sea_orm(unique_key = "import_file")]
    pub source: String,
    /// What its rows say: `nucleic_acid_test` or a kind of fact.
    #[sea_orm(unique_key = "import_file")]
    pub kind: String,
    /// Whether it is only tried, and nothing of it is kept but what was found.
    #[sea_orm(unique_key = "import_file")]
    pub dry_run: bool,
    /// Where it stands.
    pub state: ImportState,
    /// Who brought it; nobody where it came by the command line.
    pub brought_by: Option<StaffId>,
    /// Who let it go on after it was quarantined.
    pub released_by: Option<StaffId>,
    /// When it came.
    pub created_at: DateTimeUtc,
    /// When to work on it: pushed forward while somebody does.
    #[sea_orm(indexed)]
    pub due_at: DateTimeUtc,
    /// Grows with each claim, so that whoever lost theirs notices.
    pub claim: i64,
    /// Lines of the file that are dealt with, its header included.
    pub next_row: i64,
    /// Bytes of the expanded file that are dealt with.
    pub next_byte: i64,
    /// Lines whose people are shown what came of them. The chunk after these is applied and may not
    /// be shown yet, if an import was killed.
    pub told_row: i64,
    /// The same in bytes of the expanded file.
    pub told_byte: i64,
    /// Lines of the file; unknown until it was read through.
    pub total_rows: Option<i64>,
    /// Rows applied.
    pub applied: i64,
    /// Rows that say what was known.
    pub repeated: i64,
    /// Rows refused.
    pub refused: i64,
    /// Positive results among the rows applied.
    pub positives: i64,
    /// Why it was refused or quarantined: a stable code.
    pub problem: Option<String>,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
