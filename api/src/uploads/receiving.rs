//! Use case: take a file in.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::{Bytes, BytesMut};
use entity::{upload::Model, values::UploadId};
use futures_util::{Stream, StreamExt};
use sea_orm::DatabaseTransaction;
use tokio::{sync::Semaphore, time::timeout};

use super::{
    cleaning::{self, Clean, Flaw, HIGHEST_COST, LARGEST},
    error::Error,
    keeping::{self, Owner},
    store,
    views::UploadView,
};
use crate::{
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    platform::ephemeral::{Admission, Quota},
};

/// How long an upload may be silent, and take in all.
const SILENCE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);

/// How long a file waits for its turn to be looked into.
const LONGEST_TURN: Duration = Duration::from_secs(10);

/// Files on their way in at a time: what they take in memory is bounded by this.
const AT_ONCE: usize = 24;

/// Files that somebody may send in an hour.
const AN_HOUR: u32 = 60;

/// Files of somebody that no record holds, at the most.
const MOST_UNHELD: u64 = 60;

/// Room to take files in. One for all workers of a process.
#[derive(Debug)]
pub struct Workshop {
    arriving: Semaphore,
    /// In millions of pixels: many small pictures at a time, or a large one.
    cleaning: Arc<Semaphore>,
}

impl Default for Workshop {
    fn default() -> Self {
        Self {
            arriving: Semaphore::new(AT_ONCE),
            cleaning: Arc::new(Semaphore::new(HIGHEST_COST as usize)),
        }
    }
}

/// Take in the file that is `body`, and keep it for `owner`.
///
/// Sent again with the same key, the same file is answered with the upload that there is.
pub(super) async fn receive<E>(
    deps: &Deps,
    owner: Owner,
    key: &IdempotencyKey,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Answer, Error> {
    let caller = owner.id();
    admit(deps, owner).await?;
    let arriving = deps.uploads.arriving.try_acquire();
    let _room = arriving.map_err(|_| Error::NoRoom)?;
    let whole = timeout(LONGEST, whole(body)).await;
    let file = whole.map_err(|_| Error::BrokeOff)??;
    let asked = hex::encode(digest(&SHA256, &file));
    let before = idempotency::given_before(deps, caller.as_bytes(), "upload", key, &asked).await?;
    if let Some(answer) = before {
        return Ok(answer);
    }
    let clean = cleaned(deps, file).await?;
    let id = keep(deps, owner, clean).await?;
    // Whoever comes first with the key has the upload. What came second nobody holds, and it goes.
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::stored(tx, id, deps.clock.now()).await?;
        Ok((Outcome::Created, UploadView::from(&row)))
    };
    idempotency::once(deps, caller.as_bytes(), "upload", key, &asked, effect).await
}

/// Nobody fills the store with files that nothing needs.
async fn admit(deps: &Deps, owner: Owner) -> Result<(), Error> {
    let key = format!("{{{}}}:uploads", owner.id().as_simple());
    let quota = Quota::new(key, AN_HOUR, Duration::from_hours(1));
    match deps.ephemeral.hit(&[quota]).await {
        Ok(Admission::Admitted) => {}
        Ok(Admission::Refused { retry_after, .. }) => return Err(Error::TooFast(retry_after)),
        // What nothing holds is counted all the same.
        Err(error) => tracing::warn!(%error, "uploads are not counted by the hour"),
    }
    if store::count_unheld(&deps.db, owner.owns()).await? >= MOST_UNHELD {
        return Err(Error::TooMany);
    }
    Ok(())
}

/// All of `body`, or a refusal as soon as it is too much.
async fn whole<E>(mut body: impl Stream<Item = Result<Bytes, E>> + Unpin) -> Result<Bytes, Error> {
    let mut file = BytesMut::new();
    loop {
        let next = timeout(SILENCE, body.next()).await;
        match next.map_err(|_| Error::BrokeOff)? {
            None => return Ok(file.freeze()),
            Some(chunk) => {
                let chunk = chunk.map_err(|_| Error::BrokeOff)?;
                if file.len() + chunk.len() > LARGEST {
                    return Err(Flaw::TooLarge.into());
                }
                file.extend_from_slice(&chunk);
            }
        }
    }
}

/// `file`, written anew on a thread that may take its time, once there is room for what that takes.
async fn cleaned(deps: &Deps, file: Bytes) -> Result<Clean, Error> {
    let glance = cleaning::glance(&file)?;
    let turn = Arc::clone(&deps.uploads.cleaning).acquire_many_owned(glance.cost);
    let turn = timeout(LONGEST_TURN, turn).await;
    let room = turn
        .map_err(|_| Error::NoRoom)?
        .map_err(|_| Error::NoRoom)?;
    // The room is the work's, and not that of whoever waits for it and may go away.
    let work = tokio::task::spawn_blocking(move || {
        let _room = room;
        cleaning::clean(glance, &file)
    });
    Ok(work.await.map_err(|_| Error::GivenUp)??)
}

/// Keep a file. Its row comes first, so that no object is ever in the store that no row tells of.
async fn keep(deps: &Deps, owner: Owner, clean: Clean) -> Result<UploadId, Error> {
    let id = UploadId(deps.entropy.id());
    let (key, sealed_key) = deps.vault.new_data_key(id.0.as_bytes(), &*deps.entropy)?;
    let object = key.seal(keeping::place(&id), &clean.bytes, &*deps.entropy)?;
    let row = Model {
        id,
        person_id: owner.person(),
        organisation_id: owner.unit(),
        content: clean.content,
        bytes: i64::try_from(clean.bytes.len()).unwrap_or(i64::MAX),
        sha256: digest(&SHA256, &clean.bytes).as_ref().to_vec(),
        sealed_key,
        uploaded_at: deps.clock.now(),
        stored_at: None,
        holder: None,
        going_at: None,
    };
    store::add(&deps.db, row).await?;
    deps.objects.put(id.0, object.into()).await?;
    Ok(id)
}
