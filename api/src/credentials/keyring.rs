//! The keys that this process holds.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::values::Colour;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};

use super::{
    bundle,
    cose::{Kid, Signer},
    day_note::DayNote,
    deletion::{self, Deletion},
    handle::{DayKey, Handle},
    key_list::{KeyList, ListedKey},
    note::Checkpoint,
    permit::{self, NotSigned, Permit, VerifiedPermit},
    personal_code::{self, Invalid, Issuer, LIFE, Skew},
    receipt::{self, Receipt},
    status_list::{self, StatusList},
};

/// When a key makes something new, and until when what it made may still be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From here on it is used.
    pub from: DateTime<Utc>,
    /// From here on it makes nothing new.
    pub until: DateTime<Utc>,
    /// From here on it is gone.
    pub gone: DateTime<Utc>,
}

impl Term {
    fn makes(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.until
    }

    fn lives(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.gone
    }
}

/// A key pair for access tokens, and the header of every token that it signs (RFC 9068).
pub struct SessionKey {
    /// Names it in a token's header.
    pub kid: String,
    /// The private half.
    pub signer: EncodingKey,
    /// The public half.
    pub verifier: DecodingKey,
    /// What a token's header says.
    pub header: Header,
    /// The same as the tokens begin with it, so that ours need not be parsed.
    pub header_part: String,
}

impl SessionKey {
    /// The pair named `kid`.
    pub fn new(
        kid: String,
        signer: EncodingKey,
        verifier: DecodingKey,
    ) -> serde_json::Result<Self> {
        let header = Header {
            typ: Some("at+jwt".into()),
            kid: Some(kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        Ok(Self {
            header_part: BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?),
            kid,
            signer,
            verifier,
            header,
        })
    }
}

/// What is loaded at one moment. Replaced as a whole.
pub(super) struct Ring {
    pub(super) issuers: Vec<(Term, Issuer)>,
    pub(super) handles: Vec<(Term, DayKey)>,
    pub(super) permits: Vec<(Term, Signer)>,
    pub(super) receipts: Vec<(Term, Signer)>,
    pub(super) statuses: Vec<(Term, Signer)>,
    pub(super) logs: Vec<(Term, Signer)>,
    pub(super) sessions: Vec<(Term, Arc<SessionKey>)>,
    /// The public halves of the keys that sign codes, permits and receipts, straight from our own table.
    pub(super) verifiers: KeyList,
    /// The list as the root signed it.
    pub(super) signed_list: Option<Bytes>,
}

/// The keys that this process holds, and the root if it holds that too.
pub struct Keyring {
    ring: RwLock<Option<Arc<Ring>>>,
    root: Option<Signer>,
}

/// A code, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCode {
    /// The `JK1:` text.
    pub token: String,
    /// When it was issued, to the second.
    pub issued_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: DateTime<Utc>,
}

/// A code that verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadCode {
    /// Whose it is.
    pub number: i64,
    /// Which showing of it.
    pub handle: Handle,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it stops being good.
    pub expires_at: DateTime<Utc>,
}

/// No key is in its term, or it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key for this moment")]
pub struct NoKey;

impl Keyring {
    /// A ring without keys yet. `root` signs key lists, where this process may do that.
    #[must_use]
    pub fn new(root: Option<Signer>) -> Self {
        Self {
            ring: RwLock::new(None),
            root,
        }
    }

    /// The root key, where this process holds it.
    #[must_use]
    pub fn root(&self) -> Option<&Signer> {
        self.root.as_ref()
    }

    pub(super) fn replace(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(ring));
    }

    fn ring(&self) -> Option<Arc<Ring>> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether codes and sessions can be signed at `now`.
    #[must_use]
    pub fn is_ready(&self, now: DateTime<Utc>) -> bool {
        self.ring().is_some_and(|ring| {
            ring.issuers.iter().any(|(term, _)| term.makes(now))
                && ring.handles.iter().any(|(term, _)| term.makes(now))
                && ring.sessions.iter().any(|(term, _)| term.makes(now))
        })
    }

    /// A code of person `number` that says `colour`. `random` is fresh for each showing.
    pub fn issue(
        &self,
        number: i64,
        colour: Colour,
        now: DateTime<Utc>,
        random: u64,
    ) -> Result<IssuedCode, NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let (_, issuer) = ring
            .issuers
            .iter()
            .find(|(term, _)| term.makes(now))
            .ok_or(NoKey)?;
        let (_, day) = ring
            .handles
            .iter()
            .find(|(term, _)| term.makes(now))
            .ok_or(NoKey)?;
        let handle = day
            .seal(number.cast_unsigned(), random)
            .map_err(|_| NoKey)?;
        let issued_at = DateTime::from_timestamp_secs(now.timestamp()).ok_or(NoKey)?;
        let token = issuer.issue(handle, colour, issued_at).map_err(|_| NoKey)?;
        Ok(IssuedCode {
            token,
            issued_at,
            expires_at: issued_at + LIFE,
        })
    }

    /// Whose code `text` is, if it is one of ours and good at `now`.
    pub fn read(&self, text: &str, now: DateTime<Utc>) -> Result<ReadCode, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        let code = personal_code::verify(text, &ring.verifiers, now, Skew::Online)?;
        let (_, day) = ring
            .handles
            .iter()
            .find(|(term, _)| term.makes(code.issued_at))
            .ok_or(Invalid::UnknownKey)?;
        let number = day.open(&code.handle).map_err(|_| Invalid::Claims)?;
        Ok(ReadCode {
            number: number.cast_signed(),
            handle: code.handle,
            issued_at: code.issued_at,
            expires_at: code.expires_at,
        })
    }

    /// The `PJ1:` text of `receipt`, whose issue time decides which key signs.
    pub fn issue_receipt(&self, receipt: &Receipt) -> Result<String, NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let (_, signer) = ring
            .receipts
            .iter()
            .find(|(term, _)| term.makes(receipt.issued_at))
            .ok_or(NoKey)?;
        receipt::issue(receipt, signer).map_err(|_| NoKey)
    }

    /// The `PD1:` text of the receipt of `deletion`.
    pub fn issue_deletion(&self, deletion: &Deletion) -> Result<String, NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let (_, signer) = ring
            .receipts
            .iter()
            .find(|(term, _)| term.makes(deletion.deleted_at))
            .ok_or(NoKey)?;
        deletion::issue(deletion, signer).map_err(|_| NoKey)
    }

    /// What the receipt of a deletion `text` says, if it is one of ours.
    pub fn read_deletion(&self, text: &str, now: DateTime<Utc>) -> Result<Deletion, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        deletion::verify(text, &ring.verifiers, now)
    }

    /// What the receipt `text` says, if it is one of ours and good at `now`.
    pub fn read_receipt(&self, text: &str, now: DateTime<Utc>) -> Result<Receipt, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        receipt::verify(text, &ring.verifiers, now, Skew::Online)
    }

    /// The keys that sign permits at `now`, in the order in which they are filled.
    pub(super) fn permit_signers(&self, now: DateTime<Utc>) -> Vec<Kid> {
        let Some(ring) = self.ring() else {
            return Vec::new();
        };
        let signing = ring.permits.iter().filter(|(term, _)| term.makes(now));
        signing.map(|(_, signer)| signer.kid()).collect()
    }

    /// The `TX1:` text of `permit`, signed by `kid` at `now` in the name of `issuer`.
    pub(super) fn issue_permit(
        &self,
        permit: &Permit,
        issuer: &str,
        kid: Kid,
        now: DateTime<Utc>,
    ) -> Result<String, NotSigned> {
        let ring = self.ring().ok_or(NotSigned::NoKey)?;
        let signers = ring.permits.iter().filter(|(term, _)| term.makes(now));
        let mut signers = signers.map(|(_, signer)| signer);
        let signer = signers.find(|signer| signer.kid() == kid);
        permit::issue(permit, issuer, signer.ok_or(NotSigned::NoKey)?, now)
    }

    /// What the permit `text` says, if it is one of ours and good at `now`.
    pub fn read_permit(&self, text: &str, now: DateTime<Utc>) -> Result<VerifiedPermit, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        permit::verify(text, &ring.verifiers, now, Skew::Online)
    }

    /// Whose code `text` is that a gate without a network accepted at `at`, if it was good then.
    ///
    /// Keys that sign codes are destroyed soon after their term, and only the gate can have checked their
    /// signatures: it answers for that. Whose code it was is known for some days longer.
    pub fn read_past(&self, text: &str, at: DateTime<Utc>) -> Result<(i64, Colour), Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        let code = personal_code::verify_past(text, &ring.verifiers, at)?;
        let (_, day) = ring
            .handles
            .iter()
            .find(|(term, _)| term.makes(code.issued_at))
            .ok_or(Invalid::UnknownKey)?;
        let number = day.open(&code.handle).map_err(|_| Invalid::Claims)?;
        Ok((number.cast_signed(), code.colour))
    }

    /// What the permit `text` says, if it is one of ours and was good at `at`, for a clock that may have been
    /// off.
    pub fn read_past_permit(&self, text: &str, at: DateTime<Utc>) -> Result<Permit, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        permit::read_permit(&ring.verifiers, text, at)
    }

    /// `contents` for devices at gates, signed, with the list of keys that they verify with.
    pub fn issue_bundle(
        &self,
        contents: &bundle::Contents,
        now: DateTime<Utc>,
    ) -> Result<Vec<u8>, NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let list = ring.signed_list.as_ref().ok_or(NoKey)?;
        let (_, signer) = ring
            .statuses
            .iter()
            .find(|(term, _)| term.makes(now))
            .ok_or(NoKey)?;
        bundle::issue(contents, list, signer).map_err(|_| NoKey)
    }

    /// The status list of `address` with the places that `compressed` holds, signed at `now`, and the key that
    /// signed it.
    pub(super) fn issue_status_list(
        &self,
        address: &str,
        compressed: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(Kid, Vec<u8>), NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let mut signers = ring.statuses.iter();
        let (_, signer) = signers.find(|(term, _)| term.makes(now)).ok_or(NoKey)?;
        let list = status_list::issue(address, compressed, signer, now).map_err(|_| NoKey)?;
        Ok((signer.kid(), list))
    }

    /// The status list in `bytes`, if it is one of ours and good at `now`.
    pub fn read_status_list(
        &self,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<StatusList, Invalid> {
        let ring = self.ring().ok_or(Invalid::UnknownKey)?;
        status_list::verify(bytes, &ring.verifiers, now, Skew::Online)
    }

    /// The key that signs checkpoints of the log at `now`.
    #[must_use]
    pub fn log_signer(&self, now: DateTime<Utc>) -> Option<Kid> {
        let ring = self.ring()?;
        let mut signers = ring.logs.iter().filter(|(term, _)| term.makes(now));
        signers.next().map(|(_, signer)| signer.kid())
    }

    /// The signed note of `checkpoint` as it is at `now`, and the key that signed it.
    pub fn issue_checkpoint(
        &self,
        checkpoint: &Checkpoint,
        now: DateTime<Utc>,
    ) -> Result<(Kid, String), NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let mut signers = ring.logs.iter().filter(|(term, _)| term.makes(now));
        let (_, signer) = signers.next().ok_or(NoKey)?;
        let note = checkpoint.sign(signer).map_err(|_| NoKey)?;
        Ok((signer.kid(), note))
    }

    /// The signed note of what is told of a day, by the key for the log at `now`.
    pub fn issue_day_note(&self, note: &DayNote, now: DateTime<Utc>) -> Result<String, NoKey> {
        let ring = self.ring().ok_or(NoKey)?;
        let mut signers = ring.logs.iter().filter(|(term, _)| term.makes(now));
        let (_, signer) = signers.next().ok_or(NoKey)?;
        note.sign(signer).map_err(|_| NoKey)
    }

    /// The key that signs access tokens at `now`.
    #[must_use]
    pub fn session_signer(&self, now: DateTime<Utc>) -> Option<Arc<SessionKey>> {
        let ring = self.ring()?;
        ring.sessions
            .iter()
            .find(|(term, _)| term.makes(now))
            .map(|(_, key)| Arc::clone(key))
    }

    /// The key that is `meant`, if an access token that it signed may still be good at `now`.
    #[must_use]
    pub fn session_verifier(
        &self,
        now: DateTime<Utc>,
        meant: impl Fn(&SessionKey) -> bool,
    ) -> Option<Arc<SessionKey>> {
        let ring = self.ring()?;
        ring.sessions
            .iter()
            .find(|(term, key)| term.lives(now) && meant(key))
            .map(|(_, key)| Arc::clone(key))
    }

    /// The key list as the root signed it.
    #[must_use]
    pub fn signed_list(&self) -> Option<Bytes> {
        self.ring()?.signed_list.clone()
    }

    /// The public keys of codes, permits and receipts as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> Option<serde_json::Value> {
        self.ring().map(|ring| ring.verifiers.to_jwks())
    }

    /// The public keys that codes, permits and receipts verify with, straight from our own table.
    #[must_use]
    pub fn verifiers(&self) -> Vec<ListedKey> {
        self.ring()
            .map(|ring| ring.verifiers.keys.clone())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("has_root", &self.root.is_some())
            .finish_non_exhaustive()
    }
}
