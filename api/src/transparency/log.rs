//! What the log is called, and who watches it.

use crate::{
    config::Transparency,
    credentials::{
        cose::{Kid, VerifyingKey, WeakKey},
        note::{Checkpoint, Witness},
    },
};

use super::tree::Hash;

/// What the log is called, and who watches it.
#[derive(Debug, Clone, Default)]
pub struct Log {
    origin: String,
    witnesses: Vec<Witness>,
    quorum: usize,
}

impl Log {
    /// The log called `origin`, watched by whom `settings` name. Refused if the key of one is of small order.
    pub fn new(origin: String, settings: &Transparency) -> Result<Self, WeakKey> {
        let witness = |it: &crate::config::Witness| {
            let kid = Kid::new(b"witness").ok_or(WeakKey)?;
            let key = VerifyingKey::new(kid, it.public_key.0)?;
            Ok(Witness::new(it.name.clone(), key))
        };
        Ok(Self {
            origin,
            witnesses: settings
                .witnesses
                .iter()
                .map(witness)
                .collect::<Result<_, WeakKey>>()?,
            quorum: settings.quorum,
        })
    }

    /// The name in which `what` is signed that the log holds the digest of.
    #[must_use]
    pub fn name_of(&self, what: &str) -> String {
        format!("{}/{what}", self.origin)
    }

    /// Who watches it.
    pub(super) fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Witnesses that have to have signed a checkpoint for it to count as witnessed.
    pub(super) fn quorum(&self) -> usize {
        self.quorum
    }

    /// What is signed of the tree of `size` leaves with the root `root`.
    pub(super) fn checkpoint(&self, size: u64, root: Hash) -> Checkpoint {
        Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        }
    }
}
