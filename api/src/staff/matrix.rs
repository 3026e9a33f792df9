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
        method: "GET",
        path: "/v1/staff/accounts",
        roles: &[Role::RegionAdmin, Role::GrantApprover],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/accounts",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/accounts/{account}",
        roles: &[Role::RegionAdmin, Role::GrantApprover],
        step_up: false,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/accounts/{account}/suspension",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/accounts/{account}/suspension",
        roles: &[Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/checkpoints",
        roles: &[Role::CheckpointOfficer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/checkpoints",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/communities/{code}",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/communities/{code}/closure",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/communities/{code}/closure",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/complaint-lines/{division}",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/corrections",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/corrections/{correction}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/corrections/{correction}/decision",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/coverage",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/coverage/counties",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/coverage/gaps",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/devices",
        roles: &[Role::CheckpointOfficer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/devices",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/devices/{device}/revocation",
        roles: &[Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/duty",
        roles: &[Role::CommunityIssuer, Role::Reviewer, Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/duty",
        roles: &[Role::CommunityIssuer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/fact-sources",
        roles: &[Role::DataSteward],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/fact-sources/{id}/approval",
        roles: &[Role::DataSteward, Role::GrantApprover],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/fact-sources/{id}/revocation",
        roles: &[Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/facts",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/facts/{id}",
        roles: &[Role::Epidemiologist],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/facts/{id}/withdrawal",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/grants",
        roles: &[Role::RegionAdmin, Role::GrantApprover, Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/grants",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/grants/{grant}",
        roles: &[Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/grants/{grant}/approval",
        roles: &[Role::GrantApprover],
        step_up: true,
    },
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
    Permission {
        method: "GET",
        path: "/v1/staff/overrides",
        roles: &[Role::Epidemiologist, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/overrides",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/overrides/{override}",
        roles: &[Role::Epidemiologist, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/overrides/{override}/approvals",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/overrides/{override}/refusal",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/overrides/{override}/withdrawal",
        roles: &[Role::Epidemiologist, Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/pass-applications",
        roles: &[Role::CommunityIssuer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/pass-applications/{application}/check-ins",
        roles: &[Role::CommunityIssuer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/pass-applications/{application}/false-declaration",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/pass-applications/{application}/false-declaration/withdrawal",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/pass-applications/{application}/replacement",
        roles: &[Role::CommunityIssuer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/pass-cards/{card}/document",
        roles: &[Role::CommunityIssuer],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/drafts",
        roles: &[Role::PolicyAuthor],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/policy/rules",
        roles: &[Role::PolicyAuthor, Role::PolicyApprover],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/policy/rules/{rule}/{version}",
        roles: &[Role::PolicyAuthor, Role::PolicyApprover],
        step_up: false,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/policy/rules/{rule}/{version}",
        roles: &[Role::PolicyAuthor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/rules/{rule}/{version}/approvals",
        roles: &[Role::PolicyApprover],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/rules/{rule}/{version}/proposal",
        roles: &[Role::PolicyAuthor],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/rules/{rule}/{version}/refusal",
        roles: &[Role::PolicyApprover],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/rules/{rule}/{version}/retirement",
        roles: &[Role::PolicyApprover],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/policy/rules/{rule}/{version}/schedule",
        roles: &[Role::PolicyApprover],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/reconciliations",
        roles: &[Role::Auditor, Role::KeyCustodian],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/reconciliations/{reconciliation}/findings",
        roles: &[Role::Auditor, Role::KeyCustodian],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/reports/complaints",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/reports/pass-cards",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/returnees",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/review/breaches",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/review/cases",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/review/cases/{case}",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/review/cases/{case}/actions",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/review/cases/{case}/assignee",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/review/cases/{case}/claim",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/review/cases/{case}/claim",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/review/cases/{case}/contacts",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/review/counts",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/review/decisions",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/review/delegations",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/review/delegations",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/review/delegations/{delegation}",
        roles: &[Role::CommunityIssuer, Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/risk-areas",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/risk-areas/{id}/lifting",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/road-sections/{code}",
        roles: &[
            Role::Reviewer,
            Role::Police,
            Role::RegionAdmin,
            Role::Auditor,
        ],
        step_up: false,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/road-sections/{code}",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/road-sections/{code}/end",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/service-level",
        roles: &[Role::RegionAdmin],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/service-level",
        roles: &[Role::RegionAdmin],
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
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/tracings",
        roles: &[Role::Epidemiologist, Role::DataSteward],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/tracings",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/tracings/{tracing}/contacts",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/tracings/{tracing}/decision",
        roles: &[Role::DataSteward],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/tracings/{tracing}/people",
        roles: &[Role::Epidemiologist],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/vehicle-applications/statistics",
        roles: &[Role::Reviewer, Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/vehicle-applications/{application}/materials/{upload}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/vehicle-passes",
        roles: &[Role::Reviewer, Role::Police],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/vehicle-passes/searches",
        roles: &[Role::Reviewer, Role::Police],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/vehicle-passes/{pass}",
        roles: &[Role::Reviewer, Role::Police],
        step_up: false,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/vehicle-passes/{pass}/revocation",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/venues",
        roles: &[Role::Reviewer, Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/venues/{venue}",
        roles: &[Role::Reviewer, Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/venues/{venue}/suspension",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/venues/{venue}/suspension",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/visit-deletions",
        roles: &[Role::Auditor],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-batches",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/work-batches",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-batches/{batch}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-enterprises",
        roles: &[Role::Reviewer, Role::RegionAdmin],
        step_up: false,
    },
    Permission {
        method: "DELETE",
        path: "/v1/staff/work-enterprises/{credit_code}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "PUT",
        path: "/v1/staff/work-enterprises/{credit_code}",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-forms",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-forms/{form}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/work-forms/{form}/decisions",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-forms/{form}/decisions/{decision}",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-forms/{form}/workers",
        roles: &[Role::Reviewer],
        step_up: false,
    },
    Permission {
        method: "POST",
        path: "/v1/staff/work-permits/{permit}/revocation",
        roles: &[Role::Reviewer],
        step_up: true,
    },
    Permission {
        method: "GET",
        path: "/v1/staff/work-statistics",
        roles: &[Role::Reviewer, Role::RegionAdmin, Role::Auditor],
        step_up: false,
    },
];

/// The routes through which staff come in: anyone may call them, and none of them acts on anything
/// but a credential or a session of the caller's own.
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

/// The methods by which staff may call a route, or come in through it, in the order of the alphabet.
#[must_use]
pub fn methods(path: &str) -> Vec<&'static str> {
    let listed = MATRIX.iter().map(|route| (route.method, route.path));
    let mut methods: Vec<_> = listed
        .chain(DOORS.iter().copied())
        .filter_map(|(method, there)| (there == path).then_some(method))
        .collect();
    methods.sort_unstable();
    methods
}

/// Whether a route is one through which staff come in.
#[must_use]
pub fn is_door(method: &str, path: &str) -> bool {
    DOORS.contains(&(method, path))
}
