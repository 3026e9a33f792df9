//! Of every table it is said whether its rows are about people, and what makes them go (P1).

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use self::Goes::{By, Log, Never, WithAccount, Work};

/// What makes the rows of a table go.
#[derive(Debug, Clone, Copy)]
enum Goes {
    /// This sweep.
    By(&'static str),
    /// Nothing while the account is there: it is the account.
    WithAccount,
    /// Nothing: it names people by ids at the most, and is only appended.
    Log,
    /// Nothing: it is about what members of staff, units and devices do or are, by ids.
    Work,
    /// Nothing: it is about nobody.
    Never,
}

const FORGET: Goes = By("health_code.forget_records");
const CASES: Goes = By("review.forget_closed");
const CARDS: Goes = By("pass_cards.forget_over");
const OVERRIDES: Goes = By("overrides.forget_over");
const VEHICLES: Goes = By("vehicle_passes.forget_drafts");
const VISITS: Goes = By("visits.delete_days");
const WORKERS: Goes = By("work_permits.forget_over");

const TABLES: &[(&str, Goes)] = &[
    // One row of each person, which says what they show now.
    ("assessment", WithAccount),
    ("audit_entry", Log),
    ("calendar_day", Never),
    ("calendar_year", Never),
    ("check_in", FORGET),
    ("checkpoint", Never),
    ("colour_change", By("health_code.forget_changes")),
    ("colour_change_rule", By("health_code.forget_changes")),
    ("community", Never),
    ("complaint", By("complaints.forget_answered")),
    ("complaint_line", Never),
    ("consent", WithAccount),
    ("control_action", By("control_actions.forget_closed")),
    ("correction", By("corrections.forget_decided")),
    ("coverage_gap", Work),
    ("daily_count", Never),
    ("daily_standing", Never),
    ("daily_turn", Never),
    ("declaration", FORGET),
    ("declared_stay", FORGET),
    ("device", Work),
    ("duty_sign_in", Work),
    ("fact_source", Work),
    ("form_id", By("subscriptions.forget_form_ids")),
    ("gate_record", By("checkpoints.forget_records")),
    ("guardianship", WithAccount),
    ("health_fact", FORGET),
    ("hold", FORGET),
    ("idempotent_response", By("http.forget_answers")),
    ("import_batch", By("facts.forget_files")),
    ("import_finding", By("facts.forget_files")),
    ("key_list", Never),
    ("log_checkpoint", By("transparency.forget_checkpoints")),
    ("log_cosignature", By("transparency.forget_checkpoints")),
    ("log_entry", Log),
    ("log_head", Log),
    ("log_leaf", By("transparency.give_places")),
    ("log_tile", Log),
    ("notification", By("notifications.forget_old")),
    ("notification_preference", WithAccount),
    ("notification_template", Never),
    ("organisation", Work),
    ("organisation_agent", By("organisations.forget_agents")),
    ("organisation_session", By("organisations.forget_sessions")),
    ("override_approval", OVERRIDES),
    ("override_request", OVERRIDES),
    ("override_subject", OVERRIDES),
    ("pass_application", CARDS),
    ("pass_card", CARDS),
    ("pass_false_mark", CARDS),
    ("pass_serial", Never),
    ("person", WithAccount),
    ("platform_account", WithAccount),
    ("platform_event", By("callbacks.forget_events")),
    ("policy_approval", Work),
    ("policy_rule", Work),
    ("policy_simulation", Never),
    ("policy_term", Work),
    ("recheck_mark", By("health_code.assess_marked")),
    ("reconciliation", By("credentials.reconcile")),
    ("reconciliation_finding", By("credentials.reconcile")),
    ("refresh_token", By("identity.forget_sessions")),
    ("region_opening", Never),
    ("review_breach", CASES),
    ("review_case", CASES),
    ("review_contact", CASES),
    ("review_delegation", Work),
    ("review_step", CASES),
    ("review_workflow", Never),
    ("risk_area", Never),
    ("road_section", Never),
    ("rule_round", Never),
    ("service_order", Work),
    ("session", By("identity.forget_sessions")),
    ("signing_key", By("credentials.rotate_keys")),
    // A digest of what a platform signed.
    ("spent_payload", Never),
    ("staff_account", Work),
    ("staff_credential", Work),
    ("staff_grant", Work),
    ("staff_session", By("staff.forget_sessions")),
    ("status_index", By("credentials.forget_permits")),
    ("status_list", Never),
    ("subscription", WithAccount),
    ("test_result", FORGET),
    ("tracing_release", By("contact_tracing.forget_releases")),
    ("tracing_request", Work),
    ("upload", By("uploads.delete_unheld")),
    ("vehicle_aboard", VEHICLES),
    ("vehicle_application", VEHICLES),
    ("vehicle_authorisation", VEHICLES),
    ("vehicle_identity", VEHICLES),
    ("vehicle_material", VEHICLES),
    ("vehicle_pass", VEHICLES),
    ("vehicle_pass_serial", Never),
    ("vehicle_pass_type", Never),
    ("venue", Work),
    ("venue_application", Work),
    ("venue_code", Never),
    ("venue_hour", Never),
    ("visit", VISITS),
    ("visit_day", VISITS),
    ("visit_deletion", Never),
    ("visit_guest", VISITS),
    ("visit_uncounted", By("visits.count")),
    ("visitor_look_up", By("visits.forget_look_ups")),
    ("work_batch", Work),
    ("work_enterprise", Work),
    ("work_form", WORKERS),
    ("work_objection", WORKERS),
    ("work_permit", WORKERS),
    ("work_ruling", WORKERS),
    ("work_serial", Never),
];

/// The tables that there are: one entity a file.
fn tables() -> BTreeSet<String> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entity/src/lib.rs");
    let text = std::fs::read_to_string(library).unwrap();
    let name = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    text.lines()
        .filter_map(name)
        .filter(|name| name != "values")
        .collect()
}

#[test]
fn of_every_table_it_is_said_what_makes_its_rows_go() {
    let said: BTreeSet<String> = TABLES
        .iter()
        .map(|(table, _)| (*table).to_owned())
        .collect();
    assert_eq!(said.len(), TABLES.len());
    assert_eq!(said, tables());
}

#[test]
fn what_makes_rows_go_is_a_sweep_that_runs() {
    let run: BTreeSet<&str> = api::jobs::all().iter().map(api::jobs::Job::name).collect();
    let missing: BTreeMap<_, _> = TABLES
        .iter()
        .filter_map(|(table, goes)| match goes {
            By(sweep) => Some((*table, *sweep)),
            WithAccount | Log | Work | Never => None,
        })
        .filter(|(_, sweep)| !run.contains(sweep))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
