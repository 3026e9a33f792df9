//! Permits are looked after as soon as their worker shows another colour (W6).

use entity::values::{Colour, PersonId};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{DatabaseTransaction, DbErr};

use super::store::permits;
use crate::{deps::Deps, health_code::FollowsColour};

/// Permits of workers whose colour changes. They are only marked here: worker and employer are told in a
/// transaction of their own, so that nobody holds one person and waits for another.
#[derive(Debug, Clone, Copy)]
pub struct WorkFollows;

impl FollowsColour for WorkFollows {
    fn turned<'a>(
        &'a self,
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        person: PersonId,
        _: Colour,
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        async move { permits::look_now(tx, person, deps.clock.now()).await }.boxed()
    }
}
