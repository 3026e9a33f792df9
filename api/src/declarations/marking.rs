//! Use case: have everybody looked at who lives where a region opens or closes (H3).

use std::collections::BTreeSet;

use entity::values::PersonId;

use super::{error::Error, store};
use crate::{deps::Deps, platform::db::begin_write, recheck, regions};

/// People marked in one go.
const BATCH: u64 = 200;

/// Mark the next people of a region whose offer has changed. Returns how much was done.
///
/// The marks and how far they got are one transaction, so nobody is left out whoever dies.
pub(super) async fn mark_opened(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let Some(round) = regions::claim_round(&deps.db, now).await? else {
        return Ok(0);
    };
    let after = round.after.as_ref();
    let people = store::declared_within(&deps.db, &round.division, after, BATCH).await?;
    let marked = u64::try_from(people.len()).unwrap_or(BATCH);

    // In one order everywhere: two rounds may meet at people who moved from one region to the other.
    let each: BTreeSet<PersonId> = people.iter().map(|(_, person)| *person).collect();
    let tx = begin_write(&deps.db).await?;
    for person in each {
        recheck::mark(&tx, person, now).await?;
    }
    match people.into_iter().last() {
        Some(last) if marked == BATCH => regions::go_on(&tx, &round, last, now).await?,
        _ => regions::finish_round(&tx, &round).await?,
    }
    tx.commit().await?;
    deps.recheck.wake();
    // A round over an empty region is something done, too: others may be due.
    Ok(marked + 1)
}
