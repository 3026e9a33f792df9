//! Use case: take in what witnesses signed.

use chrono::TimeDelta;
use entity::log_cosignature;

use super::{error::Error, store};
use crate::{
    credentials::note::{Checkpoint, Cosignature, Note},
    deps::Deps,
    platform::db::begin_write,
};

/// How far the clock of a witness may run ahead of ours.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Keep what the witnesses that are known signed of the checkpoint in `note`.
///
/// Refused if it is none of ours, if none of them signed it, or one did not who is said to have; and if a witness
/// signed a later one before. What is kept already is kept once.
pub(super) async fn take_in(deps: &Deps, note: &str) -> Result<(), Error> {
    let note = Note::read(note).ok_or(Error::NotOurs)?;
    let checkpoint = Checkpoint::read(&note.text).ok_or(Error::NotOurs)?;
    let signed = signed(deps, &note)?;
    let size = i64::try_from(checkpoint.size).map_err(|_| Error::NotOurs)?;

    let tx = begin_write(&deps.db).await?;
    store::hold_head(&tx).await?;
    let ours = store::checkpoint(&tx, size).await?.ok_or(Error::NotOurs)?;
    let root = ours.root.try_into().map_err(|_| Error::Tampered)?;
    let ours = deps.log.checkpoint(checkpoint.size, root);
    if ours.text() != note.text {
        tracing::error!(size, "a witness signed a tree that this log never was");
        return Err(Error::NotOurs);
    }
    for cosignature in signed {
        keep(&tx, deps, size, cosignature).await?;
    }
    Ok(tx.commit().await?)
}

/// What witnesses that are known signed in `note`.
fn signed(deps: &Deps, note: &Note) -> Result<Vec<Cosignature>, Error> {
    let latest = (deps.clock.now() + SKEW).timestamp().cast_unsigned();
    let mut found: Vec<Cosignature> = Vec::new();
    for signature in &note.signatures {
        let witnesses = deps.log.witnesses().iter();
        for witness in witnesses.filter(|it| it.is_named_by(signature)) {
            let read = witness.read(&note.text, signature);
            let read = read.filter(|it| (1..=latest).contains(&it.signed_at));
            found.push(read.ok_or(Error::NotWitnessed)?);
        }
    }
    if found.is_empty() {
        return Err(Error::NotWitnessed);
    }
    Ok(found)
}

async fn keep(
    tx: &sea_orm::DatabaseTransaction,
    deps: &Deps,
    size: i64,
    cosignature: Cosignature,
) -> Result<(), Error> {
    let last = store::last_of_witness(tx, &cosignature.witness).await?;
    let row = log_cosignature::Model {
        size,
        witness: cosignature.witness,
        signed_at: i64::try_from(cosignature.signed_at).map_err(|_| Error::NotWitnessed)?,
        signature: cosignature.signature.to_vec(),
        at: deps.clock.now(),
    };
    if let Some(last) = last {
        if last.size == size && last.signature == row.signature {
            return Ok(());
        }
        if (last.size, last.signed_at) >= (row.size, row.signed_at)
            || last.signed_at > row.signed_at
        {
            return Err(Error::Outdated);
        }
    }
    Ok(store::cosign(tx, row).await?)
}
