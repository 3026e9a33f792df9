//! Which roles may call which route.

use entity::values::Role::{
    self, Auditor, DataSteward, Epidemiologist, GrantApprover, RegionAdmin,
};

/// One route of staff, and who may call it.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The route as the document writes it, such as `/v1/staff/facts/{id}`.
    pub path: &'static str,
    /// Any of these. Empty: every member of staff who is logged in, for their own account alone.
    pub roles: &'static [Role],
    /// Whether the caller must have proved themselves anew within the last five minutes (S10).
    pub step_up: bool,
}

/// Every route of staff, by path. What is not here answers nobody (S13).
pub const MATRIX: &[Permission] = &[
    Permission {
        method: "GET",
        path: "/v1/staff/accounts",
        roles: &[RegionAdmin, GrantApprover],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/accounts",
        roles: &[RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/accounts/{account}",
        roles: &[RegionAdmin, GrantApprover],
        step_up: false,
    },
    // To take power away is not made harder than it must be.
    Permission {
        method: "PUT",
        path: "/v1/staff/accounts/{account}/suspension",
        roles: &[RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/accounts/{account}/suspension",
        roles: &[RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/fact-sources",
        roles: &[DataSteward],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/fact-sources/{id}/revocation",
        roles: &[DataSteward],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/facts",
        roles: &[Epidemiologist],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/facts/{id}",
        roles: &[Epidemiologist],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/facts/{id}/withdrawal",
        roles: &[Epidemiologist],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/grants",
        roles: &[RegionAdmin, GrantApprover, Auditor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/grants",
        roles: &[RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/grants/{grant}",
        roles: &[RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/grants/{grant}/approval",
        roles: &[GrantApprover],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/imports",
        roles: &[DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}",
        roles: &[DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}/errors",
        roles: &[DataSteward],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/imports/{id}/release",
        roles: &[DataSteward],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}/report",
        roles: &[DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/me",
        roles: &[],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/risk-areas",
        roles: &[Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/risk-areas/{id}/lifting",
        roles: &[Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/session",
        roles: &[],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/step-up/totp",
        roles: &[],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/step-up/webauthn",
        roles: &[],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/step-up/webauthn/challenges",
        roles: &[],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/tests",
        roles: &[Epidemiologist],
        step_up: false,
    },
];

/// The routes through which staff come in: anyone may call them, and all that they act on is the
/// caller's own invitation or log-in.
pub const DOORS: &[(&str, &str)] = &[
    ("POST", "/v1/staff/enrolment/totp"),
    ("POST", "/v1/staff/enrolment/totp/confirmation"),
    ("POST", "/v1/staff/enrolment/webauthn"),
    ("POST", "/v1/staff/enrolment/webauthn/confirmation"),
    ("POST", "/v1/staff/login/totp"),
    ("POST", "/v1/staff/login/webauthn"),
    ("POST", "/v1/staff/login/webauthn/challenges"),
];

/// What the table says of a route.
#[must_use]
pub fn permission(method: &str, path: &str) -> Option<&'static Permission> {
    MATRIX
        .iter()
        .find(|permission| permission.method == method && permission.path == path)
}

/// Whether a route is one through which staff come in.
#[must_use]
pub fn is_door(method: &str, path: &str) -> bool {
    DOORS.contains(&(method, path))
}
