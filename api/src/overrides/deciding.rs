//! Use cases: approve, refuse, take back, let lapse.

use chrono::{DateTime, Utc};
use entity::{
    override_approval,
    override_request::Model,
    override_subject,
    values::{FactKind, OverrideId, OverrideState, StaffId},
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    evidence, parties, requesting,
    rules::{self, Act, Next},
    store,
    views::{CLOSING_WORDS, OverrideView, RefusalRequest, WithdrawalRequest},
};
use crate::{
    audit::{self, Actor, Event, OverrideEvent, Subject},
    deps::Deps,
    facts::{self, By, NewFact, Recorded, Withdrawal, WithdrawalReason, rules::Override},
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    platform::db::begin_write,
    staff::Staff,
};

/// Approve the request `id` of a region of `staff`'s. The second approval gives it its effect, all of it
/// or nothing.
pub(super) async fn approve(
    deps: &Deps,
    staff: &Staff,
    id: OverrideId,
    key: &IdempotencyKey,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let case = Case::open(tx, deps, staff, id).await?;
        let approver = parties::approver(tx, &case.row, staff.account).await?;
        let next = case.after(Act::Approve(approver)).await?;
        let approvals = case.note_approval(staff.account).await?;
        let row = match next {
            Next::Waits => case.row.clone(),
            Next::Becomes(state) => case.apply(staff.account, state).await?,
        };
        let view = OverrideView::new(row, &case.people, approvals);
        Ok::<_, Error>((Outcome::Found, view))
    };
    let caller = staff.account.0.as_bytes();
    let answer = idempotency::once(deps, caller, "approve-override", key, &id, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

/// Refuse the request `id` of a region of `staff`'s.
pub(super) async fn refuse(
    deps: &Deps,
    staff: &Staff,
    id: OverrideId,
    key: &IdempotencyKey,
    request: RefusalRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let case = Case::open(tx, deps, staff, id).await?;
        let next = case.after(Act::Refuse(staff.account)).await?;
        let event = OverrideEvent::OverrideRefused { request: id };
        let row = case
            .close(staff.account, next, &request.words, event)
            .await?;
        Ok::<_, Error>((Outcome::Found, case.view(row).await?))
    };
    let caller = staff.account.0.as_bytes();
    let asked = (id, &request);
    idempotency::once(deps, caller, "refuse-override", key, &asked, effect).await
}

/// Take back the request `id` of a region of `staff`'s: what waits, or a worse colour that was applied.
pub(super) async fn withdraw(
    deps: &Deps,
    staff: &Staff,
    id: OverrideId,
    key: &IdempotencyKey,
    request: WithdrawalRequest,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let case = Case::open(tx, deps, staff, id).await?;
        let next = case.after(Act::Withdraw(staff.account)).await?;
        let event = OverrideEvent::OverrideWithdrawn { request: id };
        let row = case
            .close(staff.account, next, &request.words, event)
            .await?;
        case.lift(staff.account, request.reason).await?;
        Ok::<_, Error>((Outcome::Found, case.view(row).await?))
    };
    let caller = staff.account.0.as_bytes();
    let asked = (id, &request);
    let answer = idempotency::once(deps, caller, "withdraw-override", key, &asked, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

/// Requests that are ended in one go.
const BATCH: u64 = 100;

/// End what was not approved in time. Returns how many requests that were.
pub(super) async fn let_lapse(deps: &Deps) -> Result<u64, Error> {
    let now = deps.clock.now();
    let mut ended = 0;
    for row in store::overdue(&deps.db, now - rules::WAITS, now, BATCH).await? {
        let id = row.id;
        match lapse(deps, row, now).await {
            Ok(lapsed) => ended += u64::from(lapsed),
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(request = %id.0, error, "a request could not be ended");
            }
        }
    }
    Ok(ended)
}

async fn lapse(deps: &Deps, row: Model, now: DateTime<Utc>) -> Result<bool, Error> {
    let tx = begin_write(&deps.db).await?;
    let standing = parties::standing(&tx, deps, &row).await?;
    let Ok(Next::Becomes(state)) = rules::after(&standing, Act::Lapse, now) else {
        return Ok(false);
    };
    let to = Model {
        state,
        closed_at: Some(now),
        ..row
    };
    if !store::turn(&tx, OverrideState::Waiting, &to).await? {
        return Ok(false);
    }
    let event = Event::Override(OverrideEvent::OverrideLapsed { request: to.id });
    audit::record(&tx, deps, Actor::System, Subject::Nobody, &event).await?;
    tx.commit().await?;
    Ok(true)
}

/// A request that somebody is at.
struct Case<'a> {
    tx: &'a DatabaseTransaction,
    deps: &'a Deps,
    row: Model,
    people: Vec<override_subject::Model>,
}

impl<'a> Case<'a> {
    /// The request `id`, if it is of a region of `staff`'s. Whoever does something about it takes turns,
    /// since they have those whom it names to themselves.
    async fn open(
        tx: &'a DatabaseTransaction,
        deps: &'a Deps,
        staff: &Staff,
        id: OverrideId,
    ) -> Result<Self, Error> {
        let regions = staff.scope.regions();
        store::find(tx, &regions, id)
            .await?
            .ok_or(Error::NotFound)?;
        let people = store::people(tx, &[id]).await?;
        requesting::lock(tx, people.iter().map(|named| named.person_id)).await?;
        let row = store::find(tx, &regions, id).await?;
        Ok(Self {
            tx,
            deps,
            row: row.ok_or(Error::NotFound)?,
            people,
        })
    }

    async fn after(&self, act: Act) -> Result<Next, Error> {
        let standing = parties::standing(self.tx, self.deps, &self.row).await?;
        rules::after(&standing, act, self.deps.clock.now()).map_err(Error::Denied)
    }

    /// The view of the request, which stands as `row` says by now.
    async fn view(&self, row: Model) -> Result<OverrideView, Error> {
        let approvals = store::approvals(self.tx, &[row.id]).await?.len();
        Ok(OverrideView::new(row, &self.people, approvals))
    }

    async fn record(
        &self,
        by: StaffId,
        subject: impl Into<Subject>,
        event: OverrideEvent,
    ) -> Result<(), Error> {
        let event = Event::Override(event);
        audit::record(self.tx, self.deps, Actor::Staff(by), subject, &event).await?;
        Ok(())
    }

    /// Note that `by` approved it. Returns how many have.
    async fn note_approval(&self, by: StaffId) -> Result<usize, Error> {
        let approval = override_approval::Model {
            override_id: self.row.id,
            account_id: by,
            approved_at: self.deps.clock.now(),
        };
        if !store::approve(self.tx, approval).await? {
            return Err(Error::Denied(rules::Denied::Twice));
        }
        let approvals = store::approvals(self.tx, &[self.row.id]).await?.len();
        let event = OverrideEvent::OverrideApproved {
            request: self.row.id,
            approvals,
        };
        self.record(by, Subject::Nobody, event).await?;
        Ok(approvals)
    }

    /// Give the request its effect: a fact about everybody whom it names.
    async fn apply(&self, by: StaffId, state: OverrideState) -> Result<Model, Error> {
        let row = Model {
            state,
            applied_at: Some(self.deps.clock.now()),
            ..self.row.clone()
        };
        self.turn(&row).await?;
        for (at, named) in self.people.iter().enumerate() {
            let (person, evidence) = (named.person_id, &named.evidence);
            evidence::kind_of(self.tx, person, evidence, row.effect)
                .await?
                .map_err(|_| Error::EvidenceGone(at))?;
            let fact = self.decision(by, named)?;
            let recorded = facts::record_fact(self.tx, self.deps, fact).await?;
            let Recorded::New(fact) = recorded else {
                return Err(facts::Error::Contradiction.into());
            };
            store::note_fact(self.tx, row.id, person, fact.id).await?;
            let event = OverrideEvent::OverrideApplied {
                request: row.id,
                fact: fact.id,
            };
            self.record(by, person, event).await?;
        }
        Ok(row)
    }

    /// What was decided about `named`, as a fact. It has its effect by the rules of the policy alone.
    fn decision(&self, by: StaffId, named: &override_subject::Model) -> Result<NewFact, Error> {
        let (row, position) = (&self.row, named.position);
        let detail = Override {
            effect: row.effect,
            ground: row.ground,
            cause: row.reason,
        };
        Ok(NewFact {
            person: named.person_id,
            kind: FactKind::Override,
            happened_at: self.deps.clock.now(),
            ends_at: row.until_at,
            origin: row.division.clone(),
            source: facts::STAFF.into(),
            source_ref: Some(format!(
                "{}:override:{}:{position}",
                row.division.code(),
                row.id.0.as_simple()
            )),
            detail: serde_json::to_value(detail)?,
            recorded_by: Some(by),
        })
    }

    /// End the request, in the words of `by`.
    async fn close(
        &self,
        by: StaffId,
        next: Next,
        words: &str,
        event: OverrideEvent,
    ) -> Result<Model, Error> {
        let Next::Becomes(state) = next else {
            return Err(Error::Denied(rules::Denied::Closed));
        };
        let deps = self.deps;
        let place = CLOSING_WORDS.owned_by(self.row.id.0.as_bytes());
        let words = deps.vault.seal(place, words.as_bytes(), &*deps.entropy)?;
        let row = Model {
            state,
            closed_at: Some(deps.clock.now()),
            closed_by: Some(by),
            closing_words: Some(words),
            ..self.row.clone()
        };
        self.turn(&row).await?;
        self.record(by, Subject::Nobody, event).await?;
        Ok(row)
    }

    async fn turn(&self, to: &Model) -> Result<(), Error> {
        if store::turn(self.tx, self.row.state, to).await? {
            Ok(())
        } else {
            Err(Error::Denied(rules::Denied::Closed))
        }
    }

    /// Take back what was recorded of the request, as far as nobody has.
    async fn lift(&self, by: StaffId, reason: WithdrawalReason) -> Result<(), Error> {
        for named in &self.people {
            let Some(id) = named.fact_id else { continue };
            let fact = facts::fact(self.tx, id).await?;
            let Some(fact) = fact.filter(|fact| fact.withdrawn_at.is_none()) else {
                continue;
            };
            let withdrawal = Withdrawal {
                by: By::Staff(by),
                reason,
                note: None,
            };
            facts::withdraw(self.tx, self.deps, fact, withdrawal).await?;
        }
        Ok(())
    }
}
