//! Signed codes that verify without a network.
//!
//! A personal code is a CWT in a tagged `COSE_Sign1`, base45, after the prefix `JK1:`. It holds no
//! personal data: a handle that only the issuer can open, a colour and a minute of life. Verifiers
//! pin one root key; the root signs the list of the keys that sign codes.
//!
//! What the first table names is pure: time and randomness are arguments. On it stands the keyring:
//! keys are stored sealed, each for one use and one span of time, made before they are needed and
//! destroyed when nothing that they made is valid any more.
//!
//! | Module | Holds |
//! |---|---|
//! | [`cbor`] | deterministic CBOR, written and read so that one value has one encoding |
//! | [`base45`] | base45, likewise |
//! | [`cose`] | `COSE_Sign1` with Ed25519: signing, taking apart, verifying |
//! | [`handle`] | the person number inside a code, sealed under the key of the day |
//! | [`key_list`] | which keys sign what and until when, signed by the root; the same as JWKS |
//! | [`personal_code`] | the `JK1:` code: issuing and the verifier's seven steps |
//! | [`permit`] | the `TX1:` permit: days of life, in the hand or on paper |
//! | [`bundle`] | what a gate believes for a day without a network |
//! | [`receipt`] | the `PJ1:` receipt of why a code shows what it shows |
//! | [`deletion`] | the `PD1:` receipt that what was kept of a day is no more |
//! | [`note`] | signed checkpoints of the log, and what witnesses sign |
//! | [`day_note`] | what signs all that is told of a day |
//! | [`qr`] | codes as pictures |
//! | [`status_list`] | what became of the permits of a month, as anybody's library reads it |
//! | [`keyring`] | the keys that this process holds, and what is done with them |

pub mod base45;
pub mod bundle;
pub mod cbor;
pub mod cose;
pub mod day_note;
pub mod deletion;
mod enlisting;
pub mod handle;
mod jobs;
pub mod key_list;
pub mod keyring;
pub mod note;
pub mod permit;
pub mod personal_code;
mod publishing;
pub mod qr;
pub mod receipt;
mod reconciling;
mod records;
mod routes;
mod service;
pub mod status_list;
mod store;

pub use enlisting::{PermitError, enlist, sign_for};
pub use jobs::{ForgetPermits, LoadKeys, Reconcile, RotateKeys};
pub use keyring::Keyring;
pub use permit::{Permit, PermitFace, PermitKind, StatusIndex, read_permit};
pub use publishing::{Error as PublishingError, Published, compressed};
pub use reconciling::{FindingKey, ReconciliationError, findings, reconcile, reconciliations};
pub use records::{Carried, Expected, Kinds, PermitRecords, RecordStanding, RecordsError, Status};
pub use routes::configure;
pub(crate) use routes::jwks;
pub use service::{
    create_root, drop_permit_key, load, read_root, replace_code_key, root_kid, rotate, sign_list,
};

#[cfg(test)]
mod fixtures;
