//! What signs that something is all that is told of a local day: a signed note (C2SP signed-note).
//!
//! ```text
//! tongxing.example/v1/log/daily-counts
//! 2026-03-02
//! <base64 of the SHA-256 of what is told>
//!
//! — tongxing.example/v1/log/daily-counts <base64 of the key's id and the signature>
//! ```
//!
//! A key for the log signs it, since the log holds the same digest. It passes for no checkpoint: it is signed in
//! another name, and no day is a number of leaves.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    cose::{Signer, SigningFailed},
    key_list::KeyList,
    note::{NotBelieved, Note, sign_note, signed_for_the_log},
};
use crate::platform::digest::DIGEST_BYTES;

/// What is told of a day, by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayNote {
    /// Who tells it, and what it is.
    pub name: String,
    /// The local day.
    pub day: NaiveDate,
    /// SHA-256 of all that is told.
    pub digest: [u8; DIGEST_BYTES],
}

impl DayNote {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let digest = BASE64_STANDARD.encode(self.digest);
        format!("{}\n{}\n{digest}\n", self.name, self.day)
    }

    /// What `text` says, if it is written as [`DayNote::text`] writes it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (name, day, digest) = (lines.next()?, lines.next()?, lines.next()?);
        let note = Self {
            name: name.to_owned(),
            day: day.parse().ok()?,
            digest: BASE64_STANDARD.decode(digest).ok()?.try_into().ok()?,
        };
        (note.text() == text).then_some(note)
    }

    /// The note of it, signed.
    pub(super) fn sign(&self, signer: &Signer) -> Result<String, SigningFailed> {
        sign_note(&self.name, &self.text(), signer)
    }
}

/// What `note` says of a day, if a key for the log signed it that `keys` lists and that is good at `now`.
pub fn believe(note: &str, keys: &KeyList, now: DateTime<Utc>) -> Result<DayNote, NotBelieved> {
    let note = Note::read(note).ok_or(NotBelieved::Layout)?;
    let told = DayNote::read(&note.text).ok_or(NotBelieved::Layout)?;
    signed_for_the_log(&note, &told.name, keys, now)?;
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{
        fixtures::{list_of, listed, now, signer},
        key_list::Purpose,
        note,
    };

    fn told() -> DayNote {
        DayNote {
            name: "tongxing.example/v1/log/daily-counts".into(),
            day: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
            digest: [7; DIGEST_BYTES],
        }
    }

    #[test]
    fn what_is_told_of_a_day_is_believed_if_a_key_for_the_log_signed_it() {
        let key = signer(b"TL\x00\x01", 9);
        let note = told().sign(&key).unwrap();
        let keys = list_of(vec![listed(Purpose::Log, &key)]);
        assert_eq!(believe(&note, &keys, now()).unwrap(), told());
        for (wrong, why) in [
            (
                note.replace("2026-03-02", "2026-03-03"),
                NotBelieved::Unsigned,
            ),
            (note.replace("2026-03-02", "2026-3-2"), NotBelieved::Layout),
            (
                note.replace("/daily-counts", "/other-counts"),
                NotBelieved::Unsigned,
            ),
            (told().text(), NotBelieved::Layout),
            (String::new(), NotBelieved::Layout),
        ] {
            assert_eq!(believe(&wrong, &keys, now()), Err(why), "{wrong}");
        }
        let others = list_of(vec![listed(Purpose::Receipt, &key)]);
        assert_eq!(believe(&note, &others, now()), Err(NotBelieved::Unsigned));
    }

    #[test]
    fn no_day_passes_for_a_checkpoint() {
        let key = signer(b"TL\x00\x01", 9);
        let note = told().sign(&key).unwrap();
        let keys = list_of(vec![listed(Purpose::Log, &key)]);
        let refused = note::believe(&note, &keys, now()).unwrap_err();
        assert_eq!(refused, NotBelieved::Layout);
    }
}
