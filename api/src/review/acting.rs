//! Use case: do something to a case.

use chrono::TimeDelta;
use entity::{
    review_case::Model,
    values::{CaseAction, CaseOutcome, CaseState},
};
use metrics::counter;
use sea_orm::DatabaseTransaction;

use super::{
    breaches,
    error::Error,
    handler::{By, Permit},
    moving::{Going, go, handler_of},
    reckoning::by_todays_calendar,
    rules::{ActionRule, Consequence, Evidence, Stage, decides_at},
    store, workflows,
};
use crate::{deps::Deps, identity};

/// Characters of the words that go with an action, at the most.
pub(super) const LONGEST_TEXT: usize = 2_000;

/// For so long after the time at which the clock decides, people leave it to the clock.
const LEFT_TO_THE_CLOCK: TimeDelta = TimeDelta::hours(1);

/// Something to do to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What.
    pub action: CaseAction,
    /// Why: the code of one of the reasons that the stage lists.
    pub reason: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// Do `what` to `case` as it was read, as part of the transaction `tx`, which locks the person's row. The
/// case as it is then.
///
/// Refused, and nothing is changed, if the case is over or moved since it was read, if its clock decided
/// meanwhile, if the stage has no such action or `by` is not who does it, if evidence is missing, and if the
/// feature whose case it is does not permit it. Of two at once, one is refused.
///
/// That a member of staff may see the case at all is for the caller to know. Call
/// [`crate::deps::Deps::outbox`] after the commit.
pub async fn act(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    by: By,
    what: Move,
) -> Result<Model, Error> {
    identity::lock(tx, case.person_id).await?;
    let case = current(tx, case).await?;
    let workflow = workflows::workflow_of(tx, deps, &case).await?;
    let stage = workflow.stage(&case.stage);
    let stage = stage.ok_or_else(|| Error::NoSuchStage(case.stage.clone()))?;
    let case = by_todays_calendar(tx, deps, case, stage).await?;
    let rule = stage.action(what.action);
    let rule = rule.ok_or(Error::NoSuchAction(what.action))?;
    if !does(by, what.action, case.state) {
        return Err(Error::NotTheirs(what.action));
    }
    refuse_after_the_clock(tx, deps, &case, stage, what.action).await?;
    let what = trimmed(what);
    weigh(tx, &case, rule, &what).await?;
    let handler = handler_of(deps, &case)?;
    match handler.permits(tx, deps, &case, what.action, by).await? {
        Permit::Yes => (),
        Permit::No(problem) => return Err(Error::NotPermitted(problem)),
    }
    let going = Going {
        case: &case,
        now: deps.clock.now(),
        workflow: &workflow,
        stage,
        by,
        action: what.action,
        to: &rule.to,
        reason: what.reason,
        text: what.text.as_deref(),
    };
    go(tx, deps, &going).await
}

/// `case` as it is now, if it stands where it stood.
async fn current(tx: &DatabaseTransaction, case: &Model) -> Result<Model, Error> {
    let now = store::find(tx, case.id).await?;
    let now = now.ok_or(Error::NoSuchCase)?;
    match (now.state, now.outcome) {
        (CaseState::Closed, Some(CaseOutcome::ByClock | CaseOutcome::Lapsed)) => {
            Err(Error::ClockDecided)
        }
        (CaseState::Closed, _) => Err(Error::Decided),
        _ if now.turn != case.turn => Err(Error::Overtaken),
        _ => Ok(now),
    }
}

/// Whether it is for somebody like `by` to do `action` to a case in `state`.
fn does(by: By, action: CaseAction, state: CaseState) -> bool {
    use CaseAction as Act;
    match action {
        Act::Approve | Act::Refuse | Act::Ask => matches!(by, By::Staff { .. }),
        Act::Escalate => match state {
            // Another system's answer may be for a person to look at.
            CaseState::Answer => by == By::System,
            _ => matches!(by, By::Staff { .. }),
        },
        Act::Resubmit | Act::Withdraw => matches!(by, By::Person(_) | By::Unit(_)),
        Act::Answer => by == By::System,
        Act::Open | Act::Decide => false,
    }
}

/// Once its limit is reached, a case whose workflow decides is sent up no more. Once the time has come at
/// which it decides, it has: that a sweep comes a little later changes nothing. If it did not for an hour, or
/// must not, people decide.
async fn refuse_after_the_clock(
    tx: &DatabaseTransaction,
    deps: &Deps,
    case: &Model,
    stage: &Stage,
    action: CaseAction,
) -> Result<(), Error> {
    let now = deps.clock.now();
    let consequence = stage.clock.as_ref().map(|clock| &clock.when_out);
    let due_at = case.due_at.filter(|due_at| *due_at <= now);
    let (Some(due_at), Some(Consequence::Decide { at, .. })) = (due_at, consequence) else {
        return Ok(());
    };
    let decides = decides_at(at, case.opened_at, due_at, case.clock_left);
    // What may still move the clock does not decide by.
    if decides <= now && !case.provisional && !breaches::is_left_to_people(tx, case).await? {
        if now - decides <= LEFT_TO_THE_CLOCK {
            return Err(Error::ClockDecided);
        }
        tracing::error!(case = %case.id.0, "the clock should have decided a case that people decide now");
        counter!("review_decisions_missed_total").increment(1);
    }
    if action == CaseAction::Escalate {
        return Err(Error::TooLateToEscalate);
    }
    Ok(())
}

/// Words that are none are left out.
fn trimmed(what: Move) -> Move {
    let said = |text: String| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Move {
        text: what.text.and_then(said),
        reason: what.reason.and_then(said),
        ..what
    }
}

/// Whether what the stage asks for is there.
async fn weigh(
    tx: &DatabaseTransaction,
    case: &Model,
    rule: &ActionRule,
    what: &Move,
) -> Result<(), Error> {
    if let Some(most) = rule.at_most {
        let done = store::count_steps(tx, case, rule.action).await?;
        if done >= most.into() {
            return Err(Error::TooOften(most));
        }
    }
    if what
        .text
        .as_ref()
        .is_some_and(|text| text.chars().count() > LONGEST_TEXT)
    {
        return Err(Error::TextTooLong);
    }
    if rule.evidence.contains(&Evidence::Text) && what.text.is_none() {
        return Err(Error::NoText);
    }
    let contacts = store::contacts_of_stay(tx, case).await?;
    if rule.evidence.contains(&Evidence::Contact) && contacts.is_empty() {
        return Err(Error::NoContact);
    }
    let Some(code) = &what.reason else {
        let asked = rule.evidence.contains(&Evidence::Reason);
        return if asked { Err(Error::NoReason) } else { Ok(()) };
    };
    let reason = rule.reason(code).ok_or(Error::WrongReason)?;
    if let Some(needed) = &reason.contacts {
        let of_them = contacts.iter().map(|contact| (contact.at, contact.result));
        if !needed.are_met_by(of_them) {
            return Err(Error::TooFewContacts(needed.at_least));
        }
    }
    Ok(())
}
