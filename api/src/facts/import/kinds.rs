//! What files can say, and the columns that say it.

use entity::values::FactKind;
use sea_orm::{ActiveEnum, Iterable};

use crate::facts::Brings;

/// What the rows of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Results of nucleic-acid tests.
    NucleicAcidTest,
    /// Facts of one kind.
    Fact(FactKind),
}

/// The columns of a file of test results.
pub(super) const TEST_COLUMNS: [&str; 8] = [
    "document_kind",
    "document_number",
    "lab",
    "tube",
    "tube_size",
    "sampled_at",
    "reported_at",
    "result",
];

/// The columns of a file of facts.
pub(super) const FACT_COLUMNS: [&str; 7] = [
    "document_kind",
    "document_number",
    "happened_at",
    "ends_at",
    "origin",
    "source_ref",
    "detail",
];

const TEST: &str = "nucleic_acid_test";

impl Kind {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::NucleicAcidTest => TEST.to_owned(),
            Self::Fact(kind) => kind.to_value(),
        }
    }

    /// The kind with `name`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        if name == TEST {
            return Some(Self::NucleicAcidTest);
        }
        let kind = FactKind::iter().find(|kind| kind.to_value() == name)?;
        Brings::of(kind).map(|_| Self::Fact(kind))
    }

    /// What a source must be allowed to bring for it. None: no source may.
    #[must_use]
    pub fn brings(self) -> Option<Brings> {
        match self {
            Self::NucleicAcidTest => Some(Brings::NucleicAcidTest),
            Self::Fact(kind) => Brings::of(kind),
        }
    }

    /// The columns of a file of this kind, in their order.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::NucleicAcidTest => &TEST_COLUMNS,
            Self::Fact(_) => &FACT_COLUMNS,
        }
    }

    /// Whether `line` is the header of such a file.
    pub(super) fn is_header(self, line: &[u8]) -> bool {
        let mut cells = line.split(|byte| *byte == b',');
        let named = self.columns().iter().all(|column| {
            let cell = cells.next().unwrap_or_default();
            let quoted = cell.strip_prefix(b"\"");
            let cell = quoted
                .and_then(|cell| cell.strip_suffix(b"\""))
                .unwrap_or(cell);
            cell == column.as_bytes()
        });
        named && cells.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        let brought = |kind: &Kind| kind.brings().is_some();
        let kinds = FactKind::iter().map(Kind::Fact).filter(brought);
        for kind in kinds.chain([Kind::NucleicAcidTest]) {
            assert_eq!(Kind::of_name(&kind.name()), Some(kind));
        }
        assert_eq!(Kind::of_name("colour"), None);
        assert_eq!(
            Kind::of_name("override"),
            None,
            "no file decides on a colour"
        );
    }

    #[test]
    fn a_header_names_the_columns_exactly_and_in_order() {
        let kind = Kind::NucleicAcidTest;
        let right = TEST_COLUMNS.join(",");
        assert!(kind.is_header(right.as_bytes()));
        assert!(kind.is_header(right.replace("lab", "\"lab\"").as_bytes()));
        for wrong in [
            right.replace("lab,tube", "tube,lab"),
            right.replace("lab", "Lab"),
            format!("{right},colour"),
            right.replace(",result", ""),
            String::new(),
        ] {
            assert!(!kind.is_header(wrong.as_bytes()), "{wrong}");
        }
    }
}
