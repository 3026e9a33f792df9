//! Use case: take a file in that comes through the API, and keep it until a sweep brings it in.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use entity::{
    import_batch::{self, ImportState},
    import_finding,
    values::{ImportId, StaffId},
};
use futures_util::{Stream, StreamExt};
use tokio::{fs, io::AsyncWriteExt, time::timeout};
use uuid::Uuid;

use super::{
    admitting::{self, MIB},
    batches,
    error::Error,
    findings::FileFlaw,
    kinds::Kind,
    running,
};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    facts,
    platform::db::begin_write,
    staff::{Scope, Staff},
};

/// How long an upload may be silent, and take in all.
const SILENCE: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_mins(10);

/// Imports asked for in one go.
const LOOKED_AT: usize = 100;

/// A file on its way in.
#[derive(Debug)]
pub(super) struct Upload<'a> {
    pub(super) source: &'a str,
    pub(super) kind: Kind,
    pub(super) signature: &'a [u8],
    pub(super) dry_run: bool,
}

/// Keep a file of a source within the regions of `staff`. Whoever sends the same file again finds the
/// import that there is.
pub(super) async fn receive<E>(
    deps: &Deps,
    staff: &Staff,
    upload: Upload<'_>,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<import_batch::Model, Error> {
    let source = admitting::source(&deps.db, upload.source, upload.kind).await?;
    if !staff.scope.covers(&source.division) {
        return Err(Error::Refused(FileFlaw::Source));
    }
    let id = ImportId(deps.entropy.id());
    let arriving = Arriving::at(deps, id).await?;
    let most = deps.imports.largest_mib.saturating_mul(MIB);
    let digest = timeout(LONGEST, arriving.write(body, most))
        .await
        .map_err(|_| Error::BrokeOff)??;
    admitting::signed(&source, upload.kind, &digest, Some(upload.signature))?;
    let file = (digest, upload.source, upload.kind.name(), upload.dry_run);
    let new = batches::new(id, file, Some(staff.account), deps.clock.now());
    let batch = running::begin(deps, new, Actor::Staff(staff.account)).await?;
    if batch.state == ImportState::Waiting || batch.state == ImportState::Quarantined {
        arriving.keep_as(&spooled(deps, batch.id)).await?;
    }
    Ok(batch)
}

/// The import with `id`, if its source lies within `scope`.
pub(super) async fn find(
    deps: &Deps,
    scope: &Scope,
    id: ImportId,
) -> Result<import_batch::Model, Error> {
    let batch = batches::find(&deps.db, id).await?.ok_or(Error::NotFound)?;
    let source = facts::source(&deps.db, &batch.source).await?;
    source
        .filter(|source| scope.covers(&source.division))
        .map(|_| batch)
        .ok_or(Error::NotFound)
}

/// Up to `most` of what was found behind line `after` of the import with `id`.
pub(super) async fn errors(
    deps: &Deps,
    scope: &Scope,
    id: ImportId,
    after: i64,
    most: u64,
) -> Result<Vec<import_finding::Model>, Error> {
    let batch = find(deps, scope, id).await?;
    Ok(batches::findings(&deps.db, batch.id, after, most).await?)
}

/// Let a quarantined import go on, as somebody else decides than who brought it.
pub(super) async fn release(
    deps: &Deps,
    scope: &Scope,
    by: StaffId,
    id: ImportId,
) -> Result<import_batch::Model, Error> {
    let batch = find(deps, scope, id).await?;
    if batch.brought_by == Some(by) {
        return Err(Error::SamePerson);
    }
    let tx = begin_write(&deps.db).await?;
    if !batches::release(&tx, &batch, by, deps.clock.now()).await? {
        return Err(Error::NotQuarantined);
    }
    let event = Event::ImportReleased { import: id };
    audit::record(&tx, deps, Actor::Staff(by), Subject::Nobody, &event).await?;
    tx.commit().await?;
    find(deps, scope, id).await
}

/// Bring in what waits and lies in this instance's folder. Returns how many files ended.
pub(super) async fn bring_in_waiting(deps: &Deps) -> Result<u64, Error> {
    let mut ended = 0;
    for ids in kept_here(deps).await?.chunks(LOOKED_AT) {
        for id in batches::due(&deps.db, ids, deps.clock.now()).await? {
            match bring_in(deps, id).await {
                Ok(over) => ended += u64::from(over),
                Err(error) => tracing::error!(
                    import = %id,
                    error = &error as &dyn std::error::Error,
                    "the file of import {id} cannot be brought in now"
                ),
            }
        }
    }
    let waiting = u32::try_from(batches::backlog(&deps.db).await?).unwrap_or(u32::MAX);
    metrics::gauge!("import_backlog").set(waiting);
    Ok(ended)
}

/// The imports whose files lie in this instance's folder.
async fn kept_here(deps: &Deps) -> io::Result<Vec<ImportId>> {
    let mut files = match fs::read_dir(&deps.imports.spool).await {
        Ok(files) => files,
        // Nothing came in yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut kept = Vec::new();
    while let Some(file) = files.next_entry().await? {
        let name = file.file_name();
        let id = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
        kept.extend(id.map(ImportId));
    }
    Ok(kept)
}

/// Whether the import with `id` ended by this.
async fn bring_in(deps: &Deps, id: ImportId) -> Result<bool, Error> {
    let now = deps.clock.now();
    let Some(batch) = batches::claim(&deps.db, id, now, false).await? else {
        return Ok(false);
    };
    let path = spooled(deps, id);
    let ended = match go_on(deps, &batch, &path).await {
        Ok(batch) => batch.state,
        Err(Error::Refused(flaw)) if refuse(deps, &batch, flaw).await? => ImportState::Refused,
        Err(Error::Refused(_) | Error::Overtaken) => return Ok(false),
        Err(error) => return Err(error),
    };
    if matches!(ended, ImportState::Done | ImportState::Refused) {
        remove(&path).await?;
    }
    Ok(true)
}

/// Refuse the file of the `claimed` import, however far it got, unless another process has it. `true`
/// if this call did.
async fn refuse(deps: &Deps, claimed: &import_batch::Model, flaw: FileFlaw) -> Result<bool, Error> {
    let current = batches::find(&deps.db, claimed.id).await?;
    let Some(current) = current.filter(|current| current.claim == claimed.claim) else {
        return Ok(false);
    };
    let now = deps.clock.now();
    let refused = batches::ended(&current, ImportState::Refused, Some(flaw), now);
    Ok(batches::advance(&deps.db, &current, &refused).await?)
}

async fn go_on(
    deps: &Deps,
    batch: &import_batch::Model,
    path: &Path,
) -> Result<import_batch::Model, Error> {
    let kind = Kind::of_name(&batch.kind).ok_or(Error::Refused(FileFlaw::Source))?;
    let source = admitting::source(&deps.db, &batch.source, kind).await?;
    let (file, inspected) = admitting::inspect(deps, path, kind).await?;
    if inspected.digest.as_slice() != batch.digest {
        return Err(Error::Refused(FileFlaw::Signature));
    }
    running::go_on(deps, batch.clone(), &source, kind, (file, inspected)).await
}

/// Where the file of the import with `id` waits.
fn spooled(deps: &Deps, id: ImportId) -> PathBuf {
    deps.imports.spool.join(id.to_string())
}

/// A file that arrives. It goes away with this, unless it is kept.
struct Arriving(PathBuf);

impl Arriving {
    async fn at(deps: &Deps, id: ImportId) -> io::Result<Self> {
        let spool = &deps.imports.spool;
        let mut create = fs::DirBuilder::new();
        create.recursive(true).mode(0o700);
        create.create(spool).await?;
        Ok(Self(spool.join(format!("{id}.part"))))
    }

    /// The SHA-256 of `body`, once all of it is on the disk.
    async fn write<E>(
        &self,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        most: u64,
    ) -> Result<[u8; 32], Error> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&self.0).await?;
        let (mut digest, mut left) = (Context::new(&SHA256), most);
        while let Some(bytes) = timeout(SILENCE, body.next())
            .await
            .map_err(|_| Error::BrokeOff)?
        {
            let bytes = bytes.map_err(|_| Error::BrokeOff)?;
            left = left
                .checked_sub(bytes.len() as u64)
                .ok_or(Error::Refused(FileFlaw::TooLarge))?;
            digest.update(&bytes);
            file.write_all(&bytes).await?;
        }
        file.sync_all().await?;
        let mut sum = [0; 32];
        sum.copy_from_slice(digest.finish().as_ref());
        Ok(sum)
    }

    async fn keep_as(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path).await
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // Gone already if it was kept.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
