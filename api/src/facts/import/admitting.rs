//! Which files may come in: of a source that may say this, and signed by it.

use std::{fs::File, path::Path};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use sea_orm::{ConnectionTrait, DbErr};

use super::{
    container::{self, Inspected, Opened, Unfit},
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

/// What everything that is signed begins with.
const VERSION: &[u8] = b"tongxing-import-v1\0";

/// The source called `id`, if it may bring `kind`. Whether there is none, it was revoked, or it may
/// not say this looks the same.
pub(super) async fn source(
    db: &impl ConnectionTrait,
    id: &str,
    kind: Kind,
) -> Result<Source, Error> {
    let source = facts::source(db, id).await?;
    source
        .filter(|source| kind.brings().is_some_and(|what| source.may_bring(what)))
        .ok_or(Error::Refused(FileFlaw::Source))
}

/// What a source signs of a file: its own name and what the rows say, so that no file passes for
/// another source's or another kind's, and the SHA-256 of the file as it is sent.
#[must_use]
pub fn signed_bytes(source: &str, kind: Kind, digest: &[u8; 32]) -> Vec<u8> {
    let kind = kind.name();
    let parts: [&[u8]; 6] = [
        VERSION,
        source.as_bytes(),
        b"\0",
        kind.as_bytes(),
        b"\0",
        digest,
    ];
    parts.concat()
}

/// `signature` is `source`'s, of Ed25519 (RFC 8032), over [`signed_bytes`].
pub(super) fn signed(
    source: &Source,
    kind: Kind,
    digest: &[u8; 32],
    signature: Option<&[u8]>,
) -> Result<(), Error> {
    let key = source.public_key.as_ref();
    let verified = key.zip(signature).is_some_and(|(key, signature)| {
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(&signed_bytes(&source.id, kind, digest), signature)
            .is_ok()
    });
    verified
        .then_some(())
        .ok_or(Error::Refused(FileFlaw::Signature))
}

/// Open the file at `path` and read it through, on a thread that may wait.
pub(super) async fn inspect(
    deps: &Deps,
    path: &Path,
    kind: Kind,
) -> Result<(Opened, Inspected), Error> {
    let path = path.to_owned();
    let largest = deps.imports.largest_expanded_mib.saturating_mul(MIB);
    let inspecting = tokio::task::spawn_blocking(move || {
        let file = Opened::new(File::open(&path)?);
        let inspected = container::inspect(&file, kind, largest)?;
        Ok((file, inspected))
    });
    let inspected: Result<_, Unfit> = inspecting
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(inspected?)
}
