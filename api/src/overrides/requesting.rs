//! Use case: ask that colours be turned.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use entity::{
    override_request::Model,
    override_subject,
    values::{Division, OverrideEffect, OverrideId, OverrideState, PersonId, ReasonCode},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    error::{Error, RowFault},
    evidence, rules, store,
    views::{OverrideRequest, OverrideView, PersonRequest, WORDS},
};
use crate::{
    audit::{self, Actor, Event, OverrideEvent, Subject},
    declarations,
    deps::Deps,
    facts,
    health_code::{self, rules::What},
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity,
    policy::{self, About, Effect, Rule},
    staff::{Scope, Staff},
};

const OPERATION: &str = "request-override";

/// Ask that the colours of people who live in one region of `staff`'s be turned. Nothing follows before
/// two others approve it.
pub(super) async fn ask(
    deps: &Deps,
    staff: &Staff,
    key: &IdempotencyKey,
    request: OverrideRequest,
) -> Result<Answer, Error> {
    let now = deps.clock.now();
    let caller = staff.account.0.as_bytes();
    let before = idempotency::given_before(deps, caller, OPERATION, key, &request).await?;
    if let Some(before) = before {
        return Ok(before);
    }
    request
        .asked()
        .check(now, deps.overrides.longest())
        .map_err(Error::Asked)?;
    a_rule_reads(deps, request.effect).await?;
    let scene = Scene {
        deps,
        scope: &staff.scope,
        request: &request,
    };
    // Nobody uses up their day by a slip of the hand.
    scene.examine(&deps.db).await?;
    if request.effect.worsens() {
        facts::count_against(deps, staff, request.people.len()).await?;
    }
    let effect = async |tx: &DatabaseTransaction| {
        let view = scene.keep(tx, staff).await?;
        Ok::<_, Error>((Outcome::Created, view))
    };
    idempotency::once(deps, caller, OPERATION, key, &request, effect).await
}

/// Whether a rule in force makes something of what is asked for: what several people decide is data, and
/// the policy says what follows.
async fn a_rule_reads(deps: &Deps, effect: OverrideEffect) -> Result<(), Error> {
    let policy = policy::in_force(deps, deps.clock.now()).await?;
    let reads = |rule: &Arc<Rule>| {
        rule.about == About::Override
            && match rule.effect {
                Effect::Hold { .. } => effect.worsens(),
                Effect::Release { .. } => !effect.worsens(),
                Effect::Show { .. } => false,
            }
    };
    if policy.rules.iter().any(reads) {
        Ok(())
    } else {
        Err(Error::NoRule)
    }
}

/// Have `people` to oneself, in the order in which everybody takes several.
pub(super) async fn lock(
    tx: &DatabaseTransaction,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<(), Error> {
    for person in people.into_iter().collect::<BTreeSet<_>>() {
        identity::lock(tx, person).await?;
    }
    Ok(())
}

/// A request that is being made.
struct Scene<'a> {
    deps: &'a Deps,
    scope: &'a Scope,
    request: &'a OverrideRequest,
}

/// Where those who are named live, and what kind of evidence there is of each.
struct Examined {
    division: Division,
    kinds: Vec<String>,
}

impl Scene<'_> {
    /// Whether each row names somebody within reach, once, by evidence of their own.
    async fn examine(&self, db: &impl ConnectionTrait) -> Result<Examined, Error> {
        let waiting = self.waiting(db).await?;
        let mut before = HashSet::new();
        let mut places = Vec::new();
        let mut kinds = Vec::new();
        for (row, named) in self.request.people.iter().enumerate() {
            let refused = |fault| Error::Row(row, fault);
            let declared = declarations::latest_declaration(db, named.person, None).await?;
            let place = declared
                .map(|declared| declared.division)
                .filter(|place| self.scope.covers(place));
            // Of those who live elsewhere nothing is told, not even that somebody named them.
            places.push(place.ok_or_else(|| refused(RowFault::Unknown))?);
            if !before.insert(named.person) {
                return Err(refused(RowFault::Twice));
            }
            if waiting.contains(&named.person) {
                return Err(refused(RowFault::Waits));
            }
            let kind =
                evidence::kind_of(db, named.person, &named.evidence, self.request.effect).await?;
            kinds.push(kind.map_err(refused)?);
            if let Some(cause) = self.request.cause
                && !self.has(db, named.person, cause).await?
            {
                return Err(refused(RowFault::NothingToRelease));
            }
        }
        let division = self.region_of(&places)?;
        Ok(Examined { division, kinds })
    }

    /// Those who are named by a request that waits.
    async fn waiting(&self, db: &impl ConnectionTrait) -> Result<HashSet<PersonId>, Error> {
        let people: Vec<PersonId> = self.request.people.iter().map(|row| row.person).collect();
        let since = self.deps.clock.now() - rules::WAITS;
        Ok(store::waiting_among(db, &people, since).await?)
    }

    /// Whether `person` has the cause `cause`, and it is not one that only its origin takes back.
    async fn has(
        &self,
        db: &impl ConnectionTrait,
        person: PersonId,
        cause: ReasonCode,
    ) -> Result<bool, Error> {
        let verdict = health_code::verdict_now(db, self.deps, person).await?;
        Ok(verdict.reasons.iter().any(|reason| {
            let pushed = matches!(reason.found, Some(What::Push { .. }));
            reason.code == cause && reason.hold.is_some() && !pushed
        }))
    }

    /// The narrowest region of the scope in which all of `places` lie.
    fn region_of(&self, places: &[Division]) -> Result<Division, Error> {
        let around = |count: usize| {
            let mut regions = self.scope.regions();
            regions.retain(|region| {
                let mut first = places.iter().take(count);
                first.all(|place| region.contains(place))
            });
            regions.sort_by_key(|region| region.stem().len());
            regions.pop().cloned()
        };
        let apart = (1..=places.len()).find(|count| around(*count).is_none());
        around(places.len())
            .ok_or_else(|| Error::SeveralRegions(apart.unwrap_or_default().saturating_sub(1)))
    }

    async fn keep(&self, tx: &DatabaseTransaction, staff: &Staff) -> Result<OverrideView, Error> {
        let (deps, request) = (self.deps, self.request);
        lock(tx, request.people.iter().map(|row| row.person)).await?;
        let now = deps.clock.now();
        let Examined { division, kinds } = self.examine(tx).await?;
        let waiting = store::waiting_of(tx, staff.account, now - rules::WAITS).await?;
        if waiting >= u64::from(deps.overrides.open_requests) {
            return Err(Error::TooManyOpen);
        }
        let id = OverrideId(deps.entropy.id());
        let place = WORDS.owned_by(id.0.as_bytes());
        let row = Model {
            id,
            division,
            effect: request.effect,
            reason: request.cause,
            ground: request.ground,
            words: deps
                .vault
                .seal(place, request.words.as_bytes(), &*deps.entropy)?,
            until_at: request.until,
            requested_by: staff.account,
            requested_at: now,
            state: OverrideState::Waiting,
            applied_at: None,
            closed_at: None,
            closed_by: None,
            closing_words: None,
        };
        let people: Vec<_> = (0_i64..)
            .zip(request.people.iter().zip(kinds))
            .map(|(position, (named, kind))| subject(id, position, named, kind))
            .collect();
        store::insert(tx, row.clone(), &people).await?;
        let event = Event::Override(OverrideEvent::OverrideRequested {
            request: id,
            effect: row.effect,
            ground: row.ground,
            division: row.division.clone(),
            people: people.len(),
        });
        let actor = Actor::Staff(staff.account);
        audit::record(tx, deps, actor, Subject::Nobody, &event).await?;
        Ok(OverrideView::new(row, &people, 0))
    }
}

fn subject(
    id: OverrideId,
    position: i64,
    named: &PersonRequest,
    kind: String,
) -> override_subject::Model {
    override_subject::Model {
        override_id: id,
        person_id: named.person,
        position,
        evidence: named.evidence.clone(),
        evidence_kind: kind,
        fact_id: None,
    }
}
