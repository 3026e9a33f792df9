//! A member of staff who acts.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use entity::values::{Area, Division, Role, StaffId, StaffSessionId};

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

/// The areas in which somebody may do what a route does, each with the role that lets them.
///
/// A role for a single community reaches that community and nothing else: what asks for a division,
/// [`Scope::covers`] and [`Scope::regions`], sees the roles for whole divisions alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    grants: Vec<(Role, Area)>,
    /// The areas that are whole divisions.
    regions: Vec<Division>,
}

impl Scope {
    /// The scope of `grants`, which are in force and let the route be called.
    #[must_use]
    pub fn of(grants: Vec<(Role, Area)>) -> Self {
        let whole = grants.iter().filter(|(_, area)| area.community().is_none());
        let regions = whole.filter_map(|(_, area)| area.division().ok()).collect();
        Self { grants, regions }
    }

    /// Whether `division` lies in one of the regions.
    #[must_use]
    pub fn covers(&self, division: &Division) -> bool {
        self.regions.iter().any(|region| region.contains(division))
    }

    /// The regions, for queries that take what lies in any of them.
    #[must_use]
    pub fn regions(&self) -> Vec<&Division> {
        self.regions.iter().collect()
    }

    /// The areas, divisions and single communities, in which the caller is `role`.
    #[must_use]
    pub fn areas(&self, role: Role) -> Vec<&Area> {
        let held = self.grants.iter().filter(|(held, _)| *held == role);
        held.map(|(_, area)| area).collect()
    }

    /// Whether the caller is `role` in `area`: there, or in an area that it lies in.
    #[must_use]
    pub fn covers_area(&self, role: Role, area: &Area) -> bool {
        self.grants
            .iter()
            .any(|(held, around)| *held == role && around.contains(area))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> Area {
        Area::try_from(code.to_owned()).unwrap()
    }

    #[test]
    fn a_role_for_a_community_opens_no_division_and_no_other_community() {
        let scope = Scope::of(vec![(Role::CommunityIssuer, area("370102001001"))]);
        assert_eq!(scope.regions(), Vec::<&Division>::new());
        for division in ["370102", "370100", "370000"] {
            let division = area(division).division().unwrap();
            assert!(!scope.covers(&division), "{division:?}");
        }
        let covers = |role, code| scope.covers_area(role, &area(code));
        assert!(covers(Role::CommunityIssuer, "370102001001"));
        assert!(!covers(Role::CommunityIssuer, "370102001002"));
        assert!(!covers(Role::CommunityIssuer, "370102"));
        assert!(!covers(Role::Reviewer, "370102001001"));
    }

    #[test]
    fn a_role_for_a_division_reaches_the_communities_in_it() {
        let scope = Scope::of(vec![
            (Role::Reviewer, area("370100")),
            (Role::CommunityIssuer, area("370203001001")),
        ]);
        assert!(scope.covers_area(Role::Reviewer, &area("370102001001")));
        assert!(scope.covers_area(Role::Reviewer, &area("370102")));
        assert!(!scope.covers_area(Role::Reviewer, &area("370203001001")));
        assert_eq!(scope.areas(Role::Reviewer), [&area("370100")]);
        assert_eq!(scope.regions().len(), 1);
    }
}
