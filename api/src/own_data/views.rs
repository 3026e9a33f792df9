//! Copies, deletions and the data map in words.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::values::PersonId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    error::Obstacle,
    map::{self, Basis, Entry},
};
use crate::{
    declarations::must_be_true,
    holdings::{Erased, Section},
    http::problem::Text,
};

/// A sentence in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DataMapWords)]
pub(super) struct WordsView {
    /// In Simplified Chinese.
    #[schema(value_type = String)]
    zh: &'static str,
    /// In English.
    #[schema(value_type = String)]
    en: &'static str,
}

impl From<Text> for WordsView {
    fn from(Text { zh, en }: Text) -> Self {
        Self { zh, en }
    }
}

/// A table, and something that is said of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DataMapRemark)]
pub(super) struct RemarkView {
    /// The table, as the data map names it.
    #[schema(value_type = String, example = "visit")]
    table: &'static str,
    /// What is said of it.
    why: WordsView,
}

/// Everything that is kept about somebody, opened for them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnData)]
pub(super) struct OwnDataView {
    /// About whom.
    person: PersonId,
    /// When the copy was made.
    made_at: DateTime<Utc>,
    /// What is kept, table by table.
    sections: Vec<Section>,
    /// Tables about people that are not copied, and why not.
    not_copied: Vec<RemarkView>,
}

impl OwnDataView {
    pub(super) fn new(person: PersonId, made_at: DateTime<Utc>, sections: Vec<Section>) -> Self {
        let not_copied = map::entries().filter_map(|entry| {
            let why = entry.not_copied()?.into();
            let table = entry.table;
            Some(RemarkView { table, why })
        });
        Self {
            person,
            made_at,
            sections,
            not_copied: not_copied.collect(),
        }
    }
}

/// That an account is to be deleted.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountDeletionRequest)]
pub(super) struct DeletionRequest {
    /// Whoever asks confirms that they know what goes, and that it does not come back.
    #[validate(custom(function = "must_be_true"))]
    #[schema(example = true)]
    confirm: bool,
}

/// What stands in the way of a deletion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountDeletionObstacle)]
pub(super) struct ObstacleView {
    /// Whose data it is about: oneself or a dependant.
    person: PersonId,
    /// What it is; stable.
    #[schema(value_type = String, example = "measure")]
    cause: &'static str,
    /// Until when at the least. Null where nobody knows.
    until: Option<DateTime<Utc>>,
    /// The same in words.
    why: WordsView,
}

/// What a deletion would do now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountDeletionForeseen)]
pub(super) struct ForeseenView {
    /// Whether nothing stands in the way.
    possible: bool,
    /// What stands in the way.
    obstacles: Vec<ObstacleView>,
    /// The dependants who would go along: nobody else acts for them. Whoever is removed as a dependant before
    /// stays.
    dependants: Vec<PersonId>,
    /// What stays, and why.
    stays: Vec<RemarkView>,
}

impl ForeseenView {
    pub(super) fn new(dependants: BTreeSet<PersonId>, obstacles: Vec<Obstacle>) -> Self {
        let obstacles = obstacles.into_iter().map(|obstacle| ObstacleView {
            person: obstacle.person,
            cause: obstacle.stop.cause,
            until: obstacle.stop.until,
            why: obstacle.stop.words.into(),
        });
        let obstacles: Vec<ObstacleView> = obstacles.collect();
        Self {
            possible: obstacles.is_empty(),
            obstacles,
            dependants: dependants.into_iter().collect(),
            stays: stays(),
        }
    }
}

/// An account that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountDeletion)]
pub(super) struct DeletionView {
    /// Who went: oneself, and the dependants whom nobody else acted for.
    people: Vec<PersonId>,
    /// When.
    deleted_at: DateTime<Utc>,
    /// What was erased or emptied, table by table.
    erased: Vec<Erased>,
    /// What stays, and why.
    stays: Vec<RemarkView>,
}

impl DeletionView {
    pub(super) fn new(
        people: Vec<PersonId>,
        deleted_at: DateTime<Utc>,
        erased: BTreeMap<&'static str, u64>,
    ) -> Self {
        let erased = erased.into_iter();
        Self {
            people,
            deleted_at,
            erased: erased.map(|(table, rows)| Erased { table, rows }).collect(),
            stays: stays(),
        }
    }
}

fn stays() -> Vec<RemarkView> {
    let staying = map::entries().filter_map(|entry| {
        let why = entry.stays()?.into();
        let table = entry.table;
        Some(RemarkView { table, why })
    });
    staying.collect()
}

/// What one table holds, and what for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DataMapEntry)]
pub(super) struct EntryView {
    /// The table.
    #[schema(value_type = String, example = "declaration")]
    table: &'static str,
    /// Whether it holds anything about people: citizens, dependants, or members of staff.
    about_people: bool,
    /// What for.
    purpose: WordsView,
    /// By what right, where it is about people. Null where it is not.
    basis: Option<Basis>,
    /// The same in words. Null where it is not about people.
    basis_in_words: Option<WordsView>,
    /// For how long.
    kept: WordsView,
    /// Whether a copy of one's own data has it.
    copied: bool,
    /// Why not, where it is about people and no copy has it.
    not_copied: Option<WordsView>,
    /// What stays of it when an account is deleted, and why. Null where nothing does.
    stays: Option<WordsView>,
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        let basis = entry.basis();
        Self {
            table: entry.table,
            about_people: basis.is_some(),
            purpose: entry.purpose.into(),
            basis,
            basis_in_words: basis.map(|basis| basis.words().into()),
            kept: entry.kept.into(),
            copied: entry.is_copied(),
            not_copied: entry.not_copied().map(WordsView::from),
            stays: entry.stays().map(WordsView::from),
        }
    }
}

/// What is kept at all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DataMap)]
pub(super) struct MapView {
    /// Every table.
    tables: Vec<EntryView>,
}

impl MapView {
    pub(super) fn new() -> Self {
        Self {
            tables: map::entries().map(EntryView::from).collect(),
        }
    }
}
