//! Use case: look at oneself, and go up or down.

use std::sync::{Mutex, PoisonError};

use metrics::gauge;
use sea_orm::DatabaseConnection;

use super::{
    error::Error,
    rules::{Course, Order, Signs, level_under},
    store,
};
use crate::{deps::Deps, platform::db};

/// What a process goes up and down on: its own course, and the last order that it heard of.
#[derive(Debug)]
pub struct Ladder {
    rung: Mutex<Rung>,
    /// How it asks whether the database is there.
    db: DatabaseConnection,
}

#[derive(Debug, Default, Clone, Copy)]
struct Rung {
    course: Course,
    order: Option<Order>,
}

impl Ladder {
    /// The foot of the ladder. `db` is asked whether it is there: where others wait for the connections
    /// that they share, it is one of its own, or much to do would be taken for a database that is away.
    #[must_use]
    pub fn new(db: DatabaseConnection) -> Self {
        Self {
            rung: Mutex::default(),
            db,
        }
    }

    /// The order that this process last heard of.
    #[must_use]
    pub fn order(&self) -> Option<Order> {
        self.rung().order
    }

    fn rung(&self) -> Rung {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, rung: Rung) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = rung;
    }
}

/// Look once. While the database does not answer, the last order goes on.
pub(super) async fn look(deps: &Deps) -> Result<(), Error> {
    let (database, ephemeral) = tokio::join!(db::ping(&deps.ladder.db), deps.ephemeral.ping());
    let now = deps.clock.now();
    let signs = Signs {
        in_flight: deps.admission.in_flight(),
        most: deps.admission.most(),
        database: database.is_ok(),
        ephemeral: ephemeral.is_ok(),
    };
    let Rung { course, order } = deps.ladder.rung();
    let order = if signs.database {
        store::in_force(&deps.ladder.db, now).await.unwrap_or(order)
    } else {
        order
    };
    let course = course.after(signs, now);
    deps.ladder.keep(Rung { course, order });
    take_up(deps, level_under(order, course.level(), now));
    Ok(())
}

/// Hear of `order` at once, without a look.
pub(super) fn hear(deps: &Deps, order: Option<Order>) {
    let rung = Rung {
        order,
        ..deps.ladder.rung()
    };
    deps.ladder.keep(rung);
    let level = level_under(order, rung.course.level(), deps.clock.now());
    take_up(deps, level);
}

fn take_up(deps: &Deps, level: u8) {
    let before = deps.admission.level();
    if before != level {
        tracing::warn!(from = before, to = level, "the service level changes");
        deps.admission.set_level(level);
    }
    gauge!("service_level").set(f64::from(level));
}
