//! Passes are looked after as soon as somebody aboard shows another colour (T4).

use entity::values::{Colour, PersonId};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{DatabaseTransaction, DbErr};

use super::store::passes;
use crate::{deps::Deps, health_code::FollowsColour};

/// Passes of people whose colour changes. They are only marked here: whoever applied is told in a
/// transaction of their own, so that nobody holds one person and waits for another.
#[derive(Debug, Clone, Copy)]
pub struct PassesFollow;

impl FollowsColour for PassesFollow {
    fn turned<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
        _: Colour,
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move { passes::look_now(tx, person, deps.clock.now()).await }.boxed()
    }
}
