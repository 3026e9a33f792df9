//! Use cases: write a rule, propose it, approve it, set its date, end it.
//!
//! Each locks every version of its rule first, so of two who act at once one sees what the other did.

use chrono::{DateTime, Utc};
use entity::{
    policy_approval, policy_rule, policy_simulation, policy_term,
    values::{RuleState, StaffId},
};
use sea_orm::ConnectionTrait;

use super::{
    document::RuleDocument,
    error::Error,
    in_force::province,
    rule::Rule,
    rules::{self, LEAD, NotTheirs, Step, WrongState},
    store,
    version::Version,
};
use crate::{
    audit::{self, Actor, Event, RuleEvent, Subject},
    deps::Deps,
    platform::db::begin_write,
    staff::{Scope, Staff},
};

/// A version of a rule, with what was decided on it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) row: policy_rule::Model,
    pub(super) approvals: Vec<policy_approval::Model>,
    pub(super) simulation: Option<policy_simulation::Model>,
    pub(super) terms: Vec<policy_term::Model>,
}

/// A version of a rule: which rule, and which version.
pub(super) type Named<'a> = (&'a str, Version);

/// Whether `scope` is the whole province.
pub fn reaches_province(deps: &Deps, scope: &Scope) -> Result<bool, Error> {
    Ok(scope.covers(&province(deps)?))
}

/// Refuse whoever does not decide for the whole province.
pub(super) fn provincial(deps: &Deps, by: &Staff) -> Result<(), Error> {
    if reaches_province(deps, &by.scope)? {
        Ok(())
    } else {
        Err(Error::ProvinceOnly)
    }
}

/// Keep a first draft of a version that is greater than all before it.
pub(super) async fn draft(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    document: &RuleDocument,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    check(deps, document)?;
    let versions = store::versions_locked(tx, &document.id).await?;
    if !rules::grows(&known(&versions), document.version) {
        return Err(Error::VersionMustGrow);
    }
    let now = deps.clock.now();
    let row = policy_rule::Model {
        rule: document.id.clone(),
        version: document.version.to_string(),
        state: RuleState::Draft,
        document: serde_json::to_value(document)?,
        author: Some(by.account),
        drafted_at: now,
        changed_at: now,
        end_asked_by: None,
        end_asked_for: None,
    };
    if !store::insert_rules(tx, vec![row.clone()]).await? {
        return Err(Error::VersionMustGrow);
    }
    record_move(tx, deps, by, &row, RuleState::Draft).await?;
    standing(tx, row).await
}

/// Write a draft anew. Its id and version stay.
pub(super) async fn rewrite(
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
    document: &RuleDocument,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    if (document.id.as_str(), document.version) != named {
        return Err(Error::Misnamed);
    }
    let tx = begin_write(&deps.db).await?;
    let row = load(&tx, named).await?;
    only_author(by, &row)?;
    rules::after(row.state, Step::Rewrite)?;
    check(deps, document)?;
    let change = store::rewritten(serde_json::to_value(document)?, deps.clock.now());
    if !store::change(&tx, &row, change).await? {
        return Err(Error::Overtaken);
    }
    record_move(&tx, deps, by, &row, RuleState::Draft).await?;
    let rewritten = read(&tx, named).await?;
    tx.commit().await?;
    Ok(rewritten)
}

/// Propose a draft. From then on its text never changes.
pub(super) async fn propose(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    let row = load(tx, named).await?;
    only_author(by, &row)?;
    go(tx, deps, by, &row, Step::Propose).await?;
    read(tx, named).await
}

/// Approve a rule that was tried.
pub(super) async fn approve(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    let row = load(tx, named).await?;
    let others = store::approvals(tx, &row.rule, &row.version).await?;
    let others: Vec<StaffId> = others.into_iter().map(|one| one.staff_id).collect();
    let step = Step::Approve {
        approvals: others.len() + 1,
    };
    rules::after(row.state, step)?;
    rules::may_approve(by.account, row.author, &others).map_err(|why| match why {
        NotTheirs::Author => Error::OwnRule,
        NotTheirs::Again => Error::AlreadyApproved,
    })?;
    let approval = policy_approval::Model {
        rule: row.rule.clone(),
        version: row.version.clone(),
        staff_id: by.account,
        approved_at: deps.clock.now(),
    };
    store::insert_approval(tx, approval).await?;
    let event = Event::Rule(RuleEvent::RuleApproved {
        rule: name_of(&row),
        approvals: others.len() + 1,
    });
    record(tx, deps, by, &event).await?;
    go(tx, deps, by, &row, step).await?;
    read(tx, named).await
}

/// Refuse a rule that has not come into force. The version before it stays.
pub(super) async fn refuse(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    let row = load(tx, named).await?;
    if row.state == RuleState::Scheduled {
        take_date_back(tx, &row, deps.clock.now()).await?;
    }
    go(tx, deps, by, &row, Step::Refuse).await?;
    read(tx, named).await
}

/// Too late once some process may have begun.
async fn take_date_back(
    tx: &impl ConnectionTrait,
    row: &policy_rule::Model,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let terms = store::terms_of(tx, &row.rule).await?;
    let own = terms.iter().find(|term| term.version == row.version);
    let own = own.filter(|term| term.starts_at > now + LEAD);
    let own = own.ok_or(WrongState(RuleState::Active))?;
    store::remove_term(tx, &row.rule, own.starts_at).await?;
    for before in terms
        .iter()
        .filter(|term| term.ends_at == Some(own.starts_at))
    {
        store::end_term(tx, &row.rule, before.starts_at, None, false).await?;
    }
    Ok(())
}

/// Set the date of an approved rule. The version before it ends there.
pub(super) async fn schedule(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
    starts_at: DateTime<Utc>,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    let now = deps.clock.now();
    let row = load(tx, named).await?;
    rules::after(row.state, Step::Schedule)?;
    enough_approve(tx, deps, &row).await?;
    if !rules::gives_notice(starts_at, now) {
        return Err(Error::NoNotice("starts_at"));
    }
    let terms = store::terms_of(tx, &row.rule).await?;
    make_room(tx, &terms, named.1, starts_at, now).await?;
    let term = policy_term::Model {
        rule: row.rule.clone(),
        starts_at,
        version: row.version.clone(),
        ends_at: None,
        rolled_back: false,
    };
    store::insert_terms(tx, vec![term]).await?;
    let event = Event::Rule(RuleEvent::RuleScheduled {
        rule: name_of(&row),
        starts_at,
    });
    record(tx, deps, by, &event).await?;
    go(tx, deps, by, &row, Step::Schedule).await?;
    read(tx, named).await
}

/// The last dry run of `row`, unless it is stale.
pub(super) async fn fresh_simulation(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &policy_rule::Model,
) -> Result<Option<policy_simulation::Model>, Error> {
    let last = store::simulation(db, &row.rule, &row.version).await?;
    let terms = store::terms(db).await?;
    let now = deps.clock.now();
    Ok(last.filter(|last| {
        let ends = terms.iter().filter_map(|term| term.ends_at);
        let turns = terms.iter().map(|term| term.starts_at).chain(ends);
        !rules::is_stale(last.taken_at, now, turns)
    }))
}

async fn enough_approve(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    row: &policy_rule::Model,
) -> Result<(), Error> {
    let simulation = fresh_simulation(tx, deps, row).await?;
    let simulation = simulation.ok_or(Error::StaleDryRun)?;
    let approvals = store::approvals(tx, &row.rule, &row.version).await?.len();
    let (would_change, people) = (count(simulation.would_change), count(simulation.people));
    let per_mille = deps.policy.third_approval_per_mille;
    if rules::activation_allowed(approvals, would_change, people, per_mille) {
        return Ok(());
    }
    Err(Error::ApprovalsMissing {
        needed: rules::approvals_needed(would_change, people, per_mille),
    })
}

/// End the version in force at `starts_at`, where a greater one begins.
async fn make_room(
    tx: &impl ConnectionTrait,
    terms: &[policy_term::Model],
    version: Version,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if terms.iter().any(|term| term.starts_at > now) {
        return Err(Error::AnotherScheduled);
    }
    for term in terms {
        if Version::try_from(term.version.clone()).is_ok_and(|known| known >= version) {
            return Err(Error::VersionMustGrow);
        }
        match term.ends_at {
            Some(ends_at) if ends_at >= starts_at => return Err(Error::Ending),
            Some(_) => (),
            None => {
                let ends_at = Some(starts_at);
                store::end_term(tx, &term.rule, term.starts_at, ends_at, false).await?;
            }
        }
    }
    Ok(())
}

/// Ask that a rule end, or, as the second who asks for the same date, decide it.
pub(super) async fn retire(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    named: Named<'_>,
    ends_at: DateTime<Utc>,
) -> Result<Standing, Error> {
    provincial(deps, by)?;
    let now = deps.clock.now();
    let row = load(tx, named).await?;
    if row.state != RuleState::Active {
        return Err(WrongState(row.state).into());
    }
    if !rules::gives_notice(ends_at, now) {
        return Err(Error::NoNotice("ends_at"));
    }
    let terms = store::terms_of(tx, &row.rule).await?;
    let open = terms
        .iter()
        .find(|term| term.version == row.version && term.ends_at.is_none())
        .ok_or(Error::Ending)?;
    let asked_before = row.end_asked_for == Some(ends_at) && row.end_asked_by.is_some();
    let decided = asked_before && row.end_asked_by != Some(by.account);
    if decided {
        store::end_term(tx, &row.rule, open.starts_at, Some(ends_at), false).await?;
    }
    let asks = (!decided).then_some((by.account, ends_at));
    if !store::change(tx, &row, store::end_asked(asks)).await? {
        return Err(Error::Overtaken);
    }
    let event = Event::Rule(RuleEvent::RuleEnds {
        rule: name_of(&row),
        ends_at,
        decided,
    });
    record(tx, deps, by, &event).await?;
    read(tx, named).await
}

/// A version, with what was decided on it.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    (rule, version): Named<'_>,
) -> Result<Standing, Error> {
    let row = store::find(db, rule, version).await?;
    standing(db, row.ok_or_else(|| no_such(rule, version))?).await
}

/// Versions of rules, the one drafted last first, with what was decided on each.
pub(super) async fn list(
    deps: &Deps,
    after: Option<store::After>,
    limit: u64,
) -> Result<Vec<Standing>, Error> {
    let mut page = Vec::new();
    for row in store::page(&deps.db, after, limit).await? {
        page.push(standing(&deps.db, row).await?);
    }
    Ok(page)
}

async fn standing(db: &impl ConnectionTrait, row: policy_rule::Model) -> Result<Standing, Error> {
    let mut terms = store::terms_of(db, &row.rule).await?;
    terms.retain(|term| term.version == row.version);
    Ok(Standing {
        approvals: store::approvals(db, &row.rule, &row.version).await?,
        simulation: store::simulation(db, &row.rule, &row.version).await?,
        terms,
        row,
    })
}

/// A version, with every other of its rule kept from change.
pub(super) async fn load(
    tx: &impl ConnectionTrait,
    (rule, version): Named<'_>,
) -> Result<policy_rule::Model, Error> {
    let mut versions = store::versions_locked(tx, rule).await?.into_iter();
    let text = version.to_string();
    versions
        .find(|row| row.version == text)
        .ok_or_else(|| no_such(rule, version))
}

/// Move `row` by `step`, and record who did.
async fn go(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    row: &policy_rule::Model,
    step: Step,
) -> Result<(), Error> {
    let to = rules::after(row.state, step)?;
    if to == row.state {
        return Ok(());
    }
    if !store::change(tx, row, store::moved(to, deps.clock.now())).await? {
        return Err(Error::Overtaken);
    }
    record_move(tx, deps, by, row, to).await
}

async fn record_move(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    row: &policy_rule::Model,
    to: RuleState,
) -> Result<(), Error> {
    let event = Event::Rule(RuleEvent::RuleMoved {
        rule: name_of(row),
        to,
    });
    record(tx, deps, by, &event).await
}

async fn record(
    tx: &impl ConnectionTrait,
    deps: &Deps,
    by: &Staff,
    event: &Event,
) -> Result<(), Error> {
    let actor = Actor::Staff(by.account);
    Ok(audit::record(tx, deps, actor, Subject::Nobody, event).await?)
}

/// A version as the log and messages name it: `contact.close@1.0.0`.
pub(super) fn name_of(row: &policy_rule::Model) -> String {
    format!("{}@{}", row.rule, row.version)
}

/// A count as it was stored.
pub(super) fn count(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or_default()
}

fn check(deps: &Deps, document: &RuleDocument) -> Result<(), Error> {
    Rule::read(document, &province(deps)?)
        .map(drop)
        .map_err(Error::Flawed)
}

fn only_author(by: &Staff, row: &policy_rule::Model) -> Result<(), Error> {
    if row.author == Some(by.account) {
        Ok(())
    } else {
        Err(Error::NotAuthor)
    }
}

fn known(versions: &[policy_rule::Model]) -> Vec<Version> {
    let read = |row: &policy_rule::Model| Version::try_from(row.version.clone()).ok();
    versions.iter().filter_map(read).collect()
}

fn no_such(rule: &str, version: Version) -> Error {
    Error::NoSuchRule {
        rule: rule.to_owned(),
        version,
    }
}
