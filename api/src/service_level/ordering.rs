//! Use cases: order a level, take that back, say how it stands.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{service_order, values::StaffId};

use super::{error::Error, rules::Order, store, watching};
use crate::{
    audit::{self, Actor, Event, Subject},
    deps::Deps,
    http::shedding::Class,
    platform::db::begin_write,
};

/// Who orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A member of staff.
    Staff(StaffId),
    /// Whoever runs commands on the machine.
    Operator,
}

impl By {
    fn actor(self) -> Actor {
        match self {
            Self::Staff(account) => Actor::Staff(account),
            Self::Operator => Actor::Operator,
        }
    }

    fn account(self) -> Option<StaffId> {
        match self {
            Self::Staff(account) => Some(account),
            Self::Operator => None,
        }
    }
}

/// How a process stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its level.
    pub level: u8,
    /// The classes that it leaves out.
    pub sheds: Vec<Class>,
    /// Until when an order counts, if one does.
    pub ordered_until: Option<DateTime<Utc>>,
}

/// Keep the service between two levels for `long`, in place of what was ordered before. This process
/// follows at once, others within two seconds.
pub async fn order(
    deps: &Deps,
    by: By,
    (at_least, at_most): (u8, u8),
    long: TimeDelta,
    reason: &str,
) -> Result<(), Error> {
    if at_least > at_most {
        return Err(Error::Backwards);
    }
    let now = deps.clock.now();
    let until = now + long;
    let order = service_order::Model {
        id: deps.entropy.id(),
        at_least: at_least.into(),
        at_most: at_most.into(),
        reason: reason.to_owned(),
        ordered_by: by.account(),
        ordered_at: now,
        until,
        ended_at: None,
    };
    let tx = begin_write(&deps.db).await?;
    store::end_all(&tx, now).await?;
    store::insert(&tx, order).await?;
    let event = Event::ServiceLevelOrdered {
        at_least,
        at_most,
        until,
    };
    audit::record(&tx, deps, by.actor(), Subject::Nobody, &event).await?;
    tx.commit().await?;
    let order = Order {
        at_least,
        at_most,
        until,
    };
    watching::hear(deps, Some(order));
    Ok(())
}

/// Leave the service to itself again.
pub async fn free(deps: &Deps, by: By) -> Result<(), Error> {
    let tx = begin_write(&deps.db).await?;
    if store::end_all(&tx, deps.clock.now()).await? > 0 {
        let event = Event::ServiceLevelFreed {};
        audit::record(&tx, deps, by.actor(), Subject::Nobody, &event).await?;
    }
    tx.commit().await?;
    watching::hear(deps, None);
    Ok(())
}

/// How this process stands. Asks nobody.
#[must_use]
pub fn standing(deps: &Deps) -> Standing {
    let now = deps.clock.now();
    let level = deps.admission.level();
    let is_shed = |class: &Class| class.shed_from().is_some_and(|from| level >= from);
    Standing {
        level,
        sheds: Class::ALL.into_iter().filter(is_shed).collect(),
        ordered_until: deps
            .ladder
            .order()
            .map(|order| order.until)
            .filter(|until| now < *until),
    }
}
