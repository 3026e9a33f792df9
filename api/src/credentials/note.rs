//! Signed notes (C2SP signed-note), and the two that the log knows: checkpoints (C2SP tlog-checkpoint), and
//! what witnesses sign (C2SP tlog-cosignature).
//!
//! ```text
//! tongxing.example/v1/log
//! 1234
//! <base64 of the root>
//!
//! — tongxing.example/v1/log <base64 of the key's id and the signature>
//! — witness.example <base64 of the key's id, the time and the signature>
//! ```

use std::fmt::Write as _;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    cose::{PUBLIC_KEY_BYTES, SIGNATURE_BYTES, Signer, SigningFailed, VerifyingKey},
    key_list::{KeyList, Purpose},
};
use crate::platform::digest::{DIGEST_BYTES, sha256};

/// Characters that a note may have.
pub const LONGEST_NOTE: usize = 8_192;

/// Bytes of the id of a key in a signature.
const KEY_ID_BYTES: usize = 4;

/// Bytes of the time in a cosignature.
const TIME_BYTES: usize = 8;

/// How far the reader's clock and the signer's may differ.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What a key signs in notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// The note.
    Note,
    /// A checkpoint and the time, as a witness.
    Cosignature,
}

impl NoteKind {
    const fn number(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// What stands for the key `public` of `name` before its signatures of `kind`.
#[must_use]
pub fn key_id(name: &str, kind: NoteKind, public: &[u8; PUBLIC_KEY_BYTES]) -> [u8; KEY_ID_BYTES] {
    let digest = sha256(&[name.as_bytes(), &[b'\n', kind.number()], public]);
    let mut id = [0; KEY_ID_BYTES];
    for (to, from) in id.iter_mut().zip(digest) {
        *to = from;
    }
    id
}

/// The key `public` of `name` as other tools are told of it: `name+id+key`.
#[must_use]
pub fn key_text(name: &str, kind: NoteKind, public: &[u8; PUBLIC_KEY_BYTES]) -> String {
    let id = hex::encode(key_id(name, kind, public));
    let key = BASE64_STANDARD.encode([&[kind.number()], public.as_slice()].concat());
    format!("{name}+{id}+{key}")
}

/// The tree of a log at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves it had.
    pub size: u64,
    /// Their root.
    pub root: [u8; DIGEST_BYTES],
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let root = BASE64_STANDARD.encode(self.root);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// What `text` says, if it is written as [`Checkpoint::text`] writes it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size.parse().ok()?,
            root: BASE64_STANDARD.decode(root).ok()?.try_into().ok()?,
        };
        (checkpoint.text() == text).then_some(checkpoint)
    }

    /// The note of it, signed.
    pub(super) fn sign(&self, signer: &Signer) -> Result<String, SigningFailed> {
        sign_note(&self.origin, &self.text(), signer)
    }
}

/// The note of `text`, signed by `signer` in the name `name`.
pub(super) fn sign_note(name: &str, text: &str, signer: &Signer) -> Result<String, SigningFailed> {
    let signature = signer.sign(text.as_bytes())?;
    let id = key_id(name, NoteKind::Note, &signer.public_key());
    let line = signature_line(name, id, &signature);
    Ok(format!("{text}\n{line}"))
}

/// The line of a signature `bytes` of the key `id` of `name`.
fn signature_line(name: &str, id: [u8; KEY_ID_BYTES], bytes: &[u8]) -> String {
    let signature = BASE64_STANDARD.encode([id.as_slice(), bytes].concat());
    format!("— {name} {signature}\n")
}

/// A signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Who says that they signed.
    pub name: String,
    /// What stands for their key.
    pub id: [u8; KEY_ID_BYTES],
    /// The signature, of whatever kind the key makes.
    pub bytes: Vec<u8>,
}

/// A note taken apart and not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What was signed.
    pub text: String,
    /// The signatures.
    pub signatures: Vec<NoteSignature>,
}

impl Note {
    /// Take `note` apart.
    #[must_use]
    pub fn read(note: &str) -> Option<Self> {
        if note.len() > LONGEST_NOTE {
            return None;
        }
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let signatures = signatures.strip_suffix('\n')?.split('\n');
        Some(Self {
            text: format!("{text}\n"),
            signatures: signatures.map(read_signature).collect::<Option<_>>()?,
        })
    }
}

fn read_signature(line: &str) -> Option<NoteSignature> {
    let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
    let signature = BASE64_STANDARD.decode(signature).ok()?;
    let (id, bytes) = signature.split_first_chunk()?;
    let named = !name.is_empty() && !name.contains('+');
    named.then(|| NoteSignature {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

/// Why a note is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBelieved {
    /// Not what it should be in a signed note, such as a checkpoint.
    #[error("not the signed note that it should be")]
    Layout,
    /// No key for the log that is listed and good signed it.
    #[error("no key for the log signed it that is listed and good")]
    Unsigned,
}

/// The checkpoint in `note`, if a key for the log signed it that `keys` lists and that is good at `now`, and
/// that key as other tools are told of it.
pub fn believe(
    note: &str,
    keys: &KeyList,
    now: DateTime<Utc>,
) -> Result<(Checkpoint, String), NotBelieved> {
    let note = Note::read(note).ok_or(NotBelieved::Layout)?;
    let checkpoint = Checkpoint::read(&note.text).ok_or(NotBelieved::Layout)?;
    let key = signed_for_the_log(&note, &checkpoint.origin, keys, now)?;
    Ok((checkpoint, key))
}

/// The key for the log that signed `note` in the name `name`, as other tools are told of it, if `keys` lists it and
/// it is good at `now`.
pub(super) fn signed_for_the_log(
    note: &Note,
    name: &str,
    keys: &KeyList,
    now: DateTime<Utc>,
) -> Result<String, NotBelieved> {
    let logs = keys.keys.iter().filter(|it| it.purpose == Purpose::Log);
    let good = logs.filter(|it| it.is_good_at(now, SKEW));
    for listed in good {
        let public = listed.key.as_bytes();
        let id = key_id(name, NoteKind::Note, public);
        let signed = note.signatures.iter().any(|it| {
            it.name == name
                && it.id == id
                && listed.key.check(note.text.as_bytes(), &it.bytes).is_ok()
        });
        if signed {
            return Ok(key_text(name, NoteKind::Note, public));
        }
    }
    Err(NotBelieved::Unsigned)
}

/// Somebody who signs that the log only ever grew.
#[derive(Debug, Clone)]
pub struct Witness {
    name: String,
    id: [u8; KEY_ID_BYTES],
    key: VerifyingKey,
}

/// What a witness said of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// Who.
    pub witness: String,
    /// When, by their clock: seconds since 1970.
    pub signed_at: u64,
    /// The signature.
    pub signature: [u8; SIGNATURE_BYTES],
}

impl Witness {
    /// The witness `name` with the key `key`.
    #[must_use]
    pub fn new(name: String, key: VerifyingKey) -> Self {
        let id = key_id(&name, NoteKind::Cosignature, key.as_bytes());
        Self { name, id, key }
    }

    /// What they are called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether `signature` says that it is theirs.
    #[must_use]
    pub fn is_named_by(&self, signature: &NoteSignature) -> bool {
        signature.name == self.name && signature.id == self.id
    }

    /// What `signature` says of the checkpoint `text`, if this witness made it.
    #[must_use]
    pub fn read(&self, text: &str, signature: &NoteSignature) -> Option<Cosignature> {
        let (time, bytes) = signature.bytes.split_first_chunk::<TIME_BYTES>()?;
        let signed_at = u64::from_be_bytes(*time);
        let message = cosigned(signed_at, text);
        self.key.check(message.as_bytes(), bytes).ok()?;
        self.is_named_by(signature).then_some(Cosignature {
            witness: self.name.clone(),
            signed_at,
            signature: bytes.try_into().ok()?,
        })
    }

    /// The line of a cosignature of theirs.
    #[must_use]
    pub fn line(&self, signed_at: u64, signature: &[u8]) -> String {
        let bytes = [&signed_at.to_be_bytes(), signature].concat();
        signature_line(&self.name, self.id, &bytes)
    }
}

/// What a witness signs at `at` of the checkpoint `text`.
#[must_use]
pub fn cosigned(at: u64, text: &str) -> String {
    let mut message = String::from("cosignature/v1\n");
    // Writing to a string does not fail.
    let _ = writeln!(message, "time {at}");
    message + text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{
        cose::Kid,
        fixtures::{list_of, listed, now, public, signer},
    };

    const ORIGIN: &str = "tongxing.example/v1/log";

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.into(),
            size: 1_234,
            root: [7; DIGEST_BYTES],
        }
    }

    /// The example in the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n\n\
                        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_that_another_implementation_signed_verifies() {
        let bytes = KEY.rsplit('+').next().unwrap();
        let bytes = BASE64_STANDARD.decode(bytes).unwrap();
        let bytes: [u8; PUBLIC_KEY_BYTES] = bytes[1..].try_into().unwrap();
        assert_eq!(key_text("PeterNeumann", NoteKind::Note, &bytes), KEY);

        let key = VerifyingKey::new(Kid::new(&[1]).unwrap(), bytes).unwrap();
        let note = Note::read(NOTE).unwrap();
        let [signature] = note.signatures.as_slice() else {
            panic!("{note:?}")
        };
        assert_eq!(signature.id, key_id("PeterNeumann", NoteKind::Note, &bytes));
        key.check(note.text.as_bytes(), &signature.bytes).unwrap();
    }

    #[test]
    fn a_checkpoint_is_believed_by_whoever_pins_the_root() {
        let key = signer(b"TL\x00\x01", 9);
        let note = checkpoint().sign(&key).unwrap();
        let keys = list_of(vec![listed(Purpose::Log, &key)]);
        let (read, told) = believe(&note, &keys, now()).unwrap();
        assert_eq!(read, checkpoint());
        assert_eq!(told, key_text(ORIGIN, NoteKind::Note, &key.public_key()));

        for (wrong, why) in [
            (note.replace("1234", "1235"), NotBelieved::Unsigned),
            (note.replace("1234", "01234"), NotBelieved::Layout),
            (note.replace("\n\n", "\nmore\n\n"), NotBelieved::Layout),
            (note.replace("— ", "- "), NotBelieved::Layout),
            (note.trim_end().to_owned(), NotBelieved::Layout),
            (checkpoint().text(), NotBelieved::Layout),
            (String::new(), NotBelieved::Layout),
        ] {
            assert_eq!(believe(&wrong, &keys, now()), Err(why), "{wrong}");
        }
        let others = list_of(vec![listed(Purpose::Receipt, &key)]);
        assert_eq!(believe(&note, &others, now()), Err(NotBelieved::Unsigned));
        let later = now() + TimeDelta::days(2);
        assert_eq!(believe(&note, &keys, later), Err(NotBelieved::Unsigned));
    }

    #[test]
    fn a_witness_signs_the_time_as_well() {
        let key = signer(b"w", 3);
        let witness = Witness::new("witness.example".into(), public(&key));
        let text = checkpoint().text();
        let signature = key.sign(cosigned(1_700_000_000, &text).as_bytes()).unwrap();
        let note = format!("{text}\n{}", witness.line(1_700_000_000, &signature));
        let note = Note::read(&note).unwrap();
        let [line] = note.signatures.as_slice() else {
            panic!("{note:?}")
        };
        let read = witness.read(&text, line).unwrap();
        assert_eq!(read.signed_at, 1_700_000_000);

        let other = text.replace("1234", "1235");
        assert_eq!(witness.read(&other, line), None);
        let mut later = line.clone();
        later.bytes[7] ^= 1;
        assert_eq!(witness.read(&text, &later), None);
        let stranger = Witness::new("stranger.example".into(), public(&key));
        assert_eq!(stranger.read(&text, line), None);
    }
}
