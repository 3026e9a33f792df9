//! Who has to know that a colour changed, in the transaction that found it.

use std::{fmt::Debug, sync::Arc};

use entity::values::{Colour, PersonId};
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::deps::Deps;

/// Something that changes with a colour. It is asked for each change of anybody's colour, so it looks
/// for its own rows by the person and does no more.
pub trait FollowsColour: Send + Sync + Debug {
    /// `person` shows `colour` from now on. Part of the transaction `tx`, which has the person to itself.
    fn turned<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
        colour: Colour,
    ) -> BoxFuture<'a, Result<(), DbErr>>;
}

/// All that changes with colours.
pub type Followers = Vec<Arc<dyn FollowsColour>>;

/// Tell everybody who follows.
pub(super) async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    colour: Colour,
) -> Result<(), DbErr> {
    for follower in &deps.followers {
        follower.turned(tx, deps, person, colour).await?;
    }
    Ok(())
}
