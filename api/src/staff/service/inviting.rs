//! Inviting.

use chrono::{DateTime, Utc};
use entity::{
    staff_account::Model,
    values::{Division, PersonName, StaffId},
};
use sea_orm::DatabaseTransaction;

use super::{
    super::{actor::Staff, error::Error, rules, store},
    members::seal_name,
};
use crate::{
    audit::{self, Actor, Event, StaffEvent},
    deps::Deps,
    platform::{Entropy, OneTime},
    regions,
};

/// Characters of a handle: 40 bits that nobody has to guess.
const HANDLE: usize = 8;

/// Without those that are taken for each other.
const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Somebody to invite.
#[derive(Debug)]
pub struct Newcomer {
    /// Name.
    pub name: PersonName,
    /// The organisation that they work for.
    pub unit: String,
    /// The region that they belong to.
    pub division: Division,
}

/// Somebody who was invited.
#[derive(Debug)]
pub struct Invited {
    /// Their account.
    pub account: StaffId,
    /// What they log in with beside a code.
    pub handle: String,
    /// To be handed over in person, and shown once.
    pub secret: OneTime,
    /// Until when it is good.
    pub until: DateTime<Utc>,
}

/// Invite somebody to a region that the caller administers, as part of the transaction `tx`.
pub(in crate::staff) async fn invite(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    newcomer: &Newcomer,
) -> Result<Invited, Error> {
    if !staff.scope.covers(&newcomer.division) {
        return Err(Error::ForeignDivision(newcomer.division.clone()));
    }
    add(tx, deps, Actor::Staff(staff.account), newcomer).await
}

/// Add an account that `actor` invites, as part of the transaction `tx`.
pub(super) async fn add(
    tx: &DatabaseTransaction,
    deps: &Deps,
    actor: Actor,
    newcomer: &Newcomer,
) -> Result<Invited, Error> {
    let division = &newcomer.division;
    if !regions::is_known(division) {
        return Err(Error::UnknownDivision(division.clone()));
    }
    let now = deps.clock.now();
    let secret = OneTime::new(&*deps.entropy);
    let id = StaffId(deps.entropy.id());
    let account = Model {
        id,
        handle: handle(&*deps.entropy),
        name: seal_name(deps, id, &newcomer.name)?,
        unit: newcomer.unit.clone(),
        division: division.clone(),
        invited_by: match actor {
            Actor::Staff(staff) => Some(staff),
            Actor::Organisation(_) | Actor::Person(_) | Actor::Operator | Actor::System => None,
        },
        invited_at: now,
        enrolment_digest: Some(secret.digest()),
        enrolment_until: now + rules::INVITED,
        enrolled_at: None,
        suspended_at: None,
    };
    store::accounts::insert(tx, account.clone()).await?;
    let invited = Event::Staff(StaffEvent::StaffInvited {
        division: division.clone(),
    });
    audit::record(tx, deps, actor, id, &invited).await?;
    Ok(Invited {
        account: id,
        handle: account.handle,
        secret,
        until: account.enrolment_until,
    })
}

fn handle(entropy: &dyn Entropy) -> String {
    let bound = u32::try_from(LETTERS.len()).unwrap_or_default();
    let letter = |_| {
        let drawn = usize::try_from(entropy.below(bound)).unwrap_or_default();
        LETTERS.get(drawn).copied().map_or('2', char::from)
    };
    (0..HANDLE).map(letter).collect()
}
