//! Where sealed values and blind indexes of this feature belong.

use entity::values::{Document, PersonId, Phone, SessionId};

use crate::platform::{
    Vault,
    vault::{Column, Place},
};

const PHONE: Column = Column("person.phone");
const NAME: Column = Column("person.name");
const DOCUMENT: Column = Column("person.document_number");
const ACCOUNT: Column = Column("platform_account.account");
const DEVICE: Column = Column("session.device");
const SUCCESSOR: Column = Column("refresh_token.successor");

pub(super) fn phone(person: &PersonId) -> Place<'_> {
    PHONE.owned_by(person.0.as_bytes())
}

pub(super) fn name(person: &PersonId) -> Place<'_> {
    NAME.owned_by(person.0.as_bytes())
}

pub(super) fn document(person: &PersonId) -> Place<'_> {
    DOCUMENT.owned_by(person.0.as_bytes())
}

pub(super) fn account(person: &PersonId) -> Place<'_> {
    ACCOUNT.owned_by(person.0.as_bytes())
}

pub(super) fn device(session: &SessionId) -> Place<'_> {
    DEVICE.owned_by(session.0.as_bytes())
}

/// The successor of the refresh token with `digest`.
pub(super) fn successor(digest: &[u8]) -> Place<'_> {
    SUCCESSOR.owned_by(digest)
}

/// A value's blind index to write, and all that it may have been written as.
pub(super) struct Index {
    pub(super) current: Vec<u8>,
    pub(super) any: Vec<Vec<u8>>,
}

impl Index {
    fn of(vault: &Vault, column: &'static str, normalised: &str) -> Self {
        Self {
            current: vault.index(column, normalised),
            any: vault.indexes(column, normalised),
        }
    }

    pub(super) fn of_phone(vault: &Vault, phone: &Phone) -> Self {
        Self::of(vault, "person.phone", phone.reveal())
    }

    pub(super) fn of_document(vault: &Vault, document: &Document) -> Self {
        let any = Self::any_of_document(vault, document);
        Self {
            current: any.first().cloned().unwrap_or_default(),
            any,
        }
    }

    /// All that a document may have been written as, what it is written as now first.
    pub(super) fn any_of_document(vault: &Vault, document: &Document) -> Vec<Vec<u8>> {
        let text = [document.kind().name(), "|", document.reveal()].concat();
        vault.indexes("person.document", &text)
    }

    pub(super) fn of_account(vault: &Vault, account: &str) -> Self {
        Self::of(vault, "platform_account.account", account)
    }
}
