//! What is forgotten makes no difference, and what makes one is seen to.

use super::*;

/// Somebody who was a case, recovered, was monitored, and has been green since.
fn recovered(policy: &Policy) -> Facts {
    let mut facts = with(finding(
        What::Case {
            at: noon(),
            kind: CaseKind::Confirmed,
        },
        "fact/case",
    ));
    assert_eq!(shows(&mut facts, policy, noon()).0, Colour::Red);
    let recovery = noon() + days(10);
    facts.recoveries.push(Noted {
        at: recovery,
        recorded_at: recovery,
    });
    let released = recovery + days(14);
    now_is(&mut facts, record(released, false));
    assert_eq!(shows(&mut facts, policy, released).0, Colour::Yellow);
    facts
        .findings
        .push(test(released + days(1), TestResult::Negative, true));
    let over = released + days(14);
    now_is(&mut facts, record(over, false));
    assert_eq!(shows(&mut facts, policy, over).0, Colour::Green);
    facts
}

/// `facts` without any fact about a case.
fn without_case(facts: &Facts) -> Facts {
    let mut rest = facts.clone();
    rest.findings.retain(|found| found.evidence != "fact/case");
    rest
}

#[test]
fn what_ended_a_hold_makes_a_difference_while_what_it_was_found_in_is_on_record() {
    let policy = shipped();
    let facts = recovered(&policy);
    let now = noon() + days(38);

    let mut no_recovery = facts.clone();
    no_recovery.recoveries.clear();
    assert!(
        !shows_the_same(&facts, &no_recovery, &policy, now),
        "red again"
    );

    let mut no_hold = facts.clone();
    no_hold.holds.clear();
    assert!(
        !shows_the_same(&facts, &no_hold, &policy, now),
        "found anew"
    );

    let mut none = without_case(&facts);
    none.recoveries.clear();
    none.holds.clear();
    assert!(
        shows_the_same(&facts, &none, &policy, now),
        "together it is over"
    );
}

#[test]
fn what_time_alone_will_make_of_it_is_a_difference_too() {
    let policy = shipped();
    let now = noon() + days(1);
    // Isolation that ends in nine days, and is followed by monitoring then.
    let planned = What::Isolation {
        from: Some(noon()),
        until: Some(noon() + days(10)),
        place: None,
    };
    let facts = with(finding(planned, "fact/isolation"));
    let rest = healthy();
    assert_eq!(colour(&facts, &policy, now), colour(&rest, &policy, now));
    assert!(!shows_the_same(&facts, &rest, &policy, now));
    assert!(shows_the_same(&facts, &facts, &policy, now));
}

#[test]
fn what_holds_is_needed_since_it_happened_or_since_it_was_found() {
    let policy = shipped();
    let mut facts = with(Finding {
        recorded_at: noon(),
        ..contact(noon() - days(3), "fact/contact")
    });
    assert_eq!((held_since(&facts), held_in(&facts).len()), (None, 0));
    shows(&mut facts, &policy, noon());
    assert_eq!(held_since(&facts), Some(noon() - days(3)));
    assert!(held_in(&facts).contains("fact/contact"));
}
