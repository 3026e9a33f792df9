//! Which roles may call which route.

use entity::values::Role;

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
        method: "POST",
        path: "/v1/staff/imports",
        roles: &[Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}",
        roles: &[Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}/errors",
        roles: &[Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/imports/{id}/release",
        roles: &[Role::DataSteward],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/imports/{id}/report",
        roles: &[Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/me",
        roles: &[],
        step_up: false,
    },
];

/// The routes through which staff come in: anyone may call them, and none of them acts on anything
/// but a credential or a session of the caller's own.
pub const DOORS: &[(&str, &str)] = &[];

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
