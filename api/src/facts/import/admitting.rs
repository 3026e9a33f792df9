//! Which files may come in: of a source that may say this, and signed by it.

use std::path::Path;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    container::{self, Inspected},
    error::Error,
    findings::FileFlaw,
    kinds::Kind,
};
use crate::{
    deps::Deps,
    facts::{self, Source},
};

/// Bytes of a MiB.
pub(super) const MIB: u64 = 1024 * 1024;

/// The source called `id`, if it may bring `kind`. Whether there is none, it was revoked, or it may
/// not say this looks the same.
pub(super) async fn source(
    db: &impl ConnectionTrait,
    id: &str,
    kind: Kind,
) -> Result<Source, Error> {
    let source = facts::source(db, id).await?;
    source
        .filter(|source| source.may_bring(kind.into()))
        .ok_or(Error::Refused(FileFlaw::Source))
}

/// `signature` is `source`'s, of Ed25519 (RFC 8032), over the SHA-256 of the file as it was sent.
pub(super) fn signed(
    source: &Source,
    digest: &[u8; 32],
    signature: Option<&[u8]>,
) -> Result<(), Error> {
    let key = source.public_key.as_ref();
    let verified = key.zip(signature).is_some_and(|(key, signature)| {
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(digest, signature).is_ok()
    });
    verified
        .then_some(())
        .ok_or(Error::Refused(FileFlaw::Signature))
}

/// Read the file at `path` through, on a thread that may wait.
pub(super) async fn inspect(deps: &Deps, path: &Path, kind: Kind) -> Result<Inspected, Error> {
    let path = path.to_owned();
    let largest = deps.imports.largest_expanded_mib.saturating_mul(MIB);
    let inspecting = tokio::task::spawn_blocking(move || container::inspect(&path, kind, largest));
    let inspected = inspecting.await;
    Ok(inspected.map_err(|error| DbErr::Custom(error.to_string()))??)
}
