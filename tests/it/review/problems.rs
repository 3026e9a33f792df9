//! What may not be done to a case is its own problem each, and changes nothing.

use std::sync::atomic::Ordering;

use api::{
    http::problem::Fault,
    review::{By, Error, Move},
};
use chrono::TimeDelta;
use entity::{
    review_case::Model,
    values::{CaseAction as Act, CaseOutcome, ContactResult},
};
use integration_tests::on_both_stacks;

use super::rig::{ISSUER, Office, refusal, says};

/// That `what` by `by` is refused as `slug`, and nothing is changed.
async fn refused(office: &Office, case: &Model, by: By, what: Move, slug: &str) {
    let (before, steps) = (office.read(case).await, office.steps(case).await);
    let error: Error = office.act(case, by, what).await.unwrap_err();
    assert_eq!(error.kind().slug, slug, "{error}");
    assert_eq!(office.read(case).await, before, "{slug}");
    assert_eq!(office.steps(case).await, steps, "{slug}");
    assert!(office.breaches(case).await.is_empty(), "{slug}");
}

on_both_stacks! {
    async fn a_case_is_decided_once(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let approved = office.done(&case, ISSUER, Act::Approve).await;
        for seen in [&case, &approved] {
            refused(&office, seen, ISSUER, says(Act::Approve), "case-decided").await;
        }
    }

    async fn a_case_that_moved_is_read_again_first(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.done(&case, ISSUER, Act::Ask).await;
        refused(&office, &case, ISSUER, says(Act::Approve), "case-overtaken").await;
    }

    async fn a_stage_has_its_own_actions(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        for action in [Act::Answer, Act::Resubmit, Act::Open, Act::Decide] {
            refused(&office, &case, ISSUER, says(action), "action-not-at-this-stage").await;
        }
    }

    async fn everybody_does_what_is_theirs(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let applicant = By::Person(case.person_id);
        refused(&office, &case, applicant, says(Act::Approve), "action-of-another").await;
        refused(&office, &case, By::System, says(Act::Approve), "action-of-another").await;
        refused(&office, &case, By::Clock, says(Act::Approve), "action-of-another").await;
        refused(&office, &case, ISSUER, says(Act::Withdraw), "action-of-another").await;
        let taken_back = office.done(&case, applicant, Act::Withdraw).await;
        assert_eq!(taken_back.outcome, Some(CaseOutcome::Withdrawn));
    }

    async fn a_refusal_takes_a_listed_reason_words_and_a_contact(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let symptoms = refusal("symptoms");
        refused(&office, &case, ISSUER, symptoms.clone(), "contact-missing").await;
        office.contacted(&case, ContactResult::Contradicted).await;
        let without_reason = says(Act::Refuse);
        refused(&office, &case, ISSUER, without_reason, "reason-missing").await;
        let unknown_to_issuer = refusal("does_not_know_them");
        refused(&office, &case, ISSUER, unknown_to_issuer, "reason-not-listed").await;
        let wordless = Move { text: Some("  ".into()), ..symptoms.clone() };
        refused(&office, &case, ISSUER, wordless, "text-missing").await;
        let endless = Move { text: Some("长".repeat(2_001)), ..symptoms.clone() };
        refused(&office, &case, ISSUER, endless, "invalid-request").await;
        let done = office.act(&case, ISSUER, symptoms).await.unwrap();
        assert_eq!(done.outcome, Some(CaseOutcome::Refused));
        assert_eq!(office.steps(&case).await[2].reason.as_deref(), Some("symptoms"));
    }

    async fn nobody_is_unreachable_who_was_not_called_twice(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.contacted(&case, ContactResult::NotReached).await;
        office.contacted(&case, ContactResult::Reached).await;
        refused(&office, &case, ISSUER, refusal("not_reachable"), "contact-missing").await;
        office.backend.wait(TimeDelta::minutes(59));
        office.contacted(&case, ContactResult::NotReached).await;
        refused(&office, &case, ISSUER, refusal("not_reachable"), "contact-missing").await;
        office.backend.wait(TimeDelta::minutes(1));
        office.contacted(&case, ContactResult::NotReached).await;
        office.act(&case, ISSUER, refusal("not_reachable")).await.unwrap();
    }

    async fn nobody_is_refused_for_what_they_were_not_asked_about(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.contacted(&case, ContactResult::NotReached).await;
        for reason in ["contact_confirmed", "false_declaration"] {
            refused(&office, &case, ISSUER, refusal(reason), "contact-missing").await;
        }
        // What was said at one stage is not said at the next.
        office.contacted(&case, ContactResult::Confirmed).await;
        let up = office.done(&case, ISSUER, Act::Escalate).await;
        refused(&office, &up, ISSUER, refusal("contact_confirmed"), "contact-missing").await;
        office.contacted(&up, ContactResult::Confirmed).await;
        office.act(&up, ISSUER, refusal("contact_confirmed")).await.unwrap();
    }

    async fn a_case_is_sent_up_with_words(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let wordless = Move { text: None, ..says(Act::Escalate) };
        refused(&office, &case, ISSUER, wordless, "text-missing").await;
    }

    async fn what_its_feature_does_not_permit_is_refused_in_its_words(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.cards.held.store(true, Ordering::SeqCst);
        refused(&office, &case, ISSUER, says(Act::Approve), "held").await;
    }

    async fn a_feature_that_fails_changes_nothing(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.cards.failing.store(true, Ordering::SeqCst);
        refused(&office, &case, ISSUER, says(Act::Approve), "not-found").await;
    }

    async fn nobody_decides_after_the_clock_even_if_the_sweep_is_late(stack: Stack) {
        let office = Office::open(stack).await;
        office.at("2020-03-02 09:00");
        let swept = office.compared("pass_card_online").await;
        let unswept = office.compared("pass_card_online").await;
        office.at("2020-03-03 18:00");
        refused(&office, &unswept, ISSUER, says(Act::Approve), "case-decided-by-clock").await;
        office.run_clocks().await;
        let error = office.act(&swept, ISSUER, says(Act::Approve)).await.unwrap_err();
        assert_eq!(error.kind().slug, "case-decided-by-clock");
    }

    async fn whoever_is_contacted_while_nobody_decides_is_not_on_record(stack: Stack) {
        let office = Office::open(stack).await;
        let approved = office.compared("pass_card_online").await;
        office.done(&approved, ISSUER, Act::Approve).await;
        let asked = office.compared("pass_card_online").await;
        office.done(&asked, ISSUER, Act::Ask).await;
        for (case, slug) in [(approved, "case-decided"), (asked, "case-not-waiting")] {
            let tx = api::platform::db::begin_write(&office.deps().db).await.unwrap();
            let contact = api::review::Contact {
                means: entity::values::ContactMeans::Visit,
                result: ContactResult::Reached,
                note: None,
            };
            let account = entity::values::StaffId(uuid::Uuid::from_u128(1));
            let late = api::review::record_contact(&tx, office.deps(), &case, account, contact).await;
            assert_eq!(late.unwrap_err().kind().slug, slug);
        }
    }
}
