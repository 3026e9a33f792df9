//! A member of staff who acts.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use entity::values::{Division, Role, StaffId, StaffSessionId};

use crate::http::problem::{NOT_FOUND, Problem};

/// A member of staff with a session that goes on, on a route that the table lets them call.
///
/// As an extractor it finds whom [`gate`](super::gate) let in, and nobody where the gate let nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub account: StaffId,
    /// Through which log-in.
    pub session: StaffSessionId,
    /// Where they may do what this route does.
    pub scope: Scope,
}

/// The regions in which somebody may do what a route does, each with the role that lets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    grants: Vec<(Role, Division)>,
}

impl Scope {
    /// The scope of `grants`, which are in force and let the route be called.
    #[must_use]
    pub fn of(grants: Vec<(Role, Division)>) -> Self {
        Self { grants }
    }

    /// Whether `division` lies in one of the regions.
    #[must_use]
    pub fn covers(&self, division: &Division) -> bool {
        self.grants
            .iter()
            .any(|(_, region)| region.contains(division))
    }

    /// The regions, for queries that take what lies in any of them.
    #[must_use]
    pub fn regions(&self) -> Vec<&Division> {
        self.grants.iter().map(|(_, region)| region).collect()
    }

    /// The roles that let the route be called.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        self.grants.iter().map(|(role, _)| *role).collect()
    }
}

impl FromRequest for Staff {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let let_in = request.extensions().get::<Self>().cloned();
        ready(let_in.ok_or_else(|| Problem::new(NOT_FOUND)))
    }
}
