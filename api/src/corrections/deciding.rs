//! Use cases of reviewers: see what waits, read one, decide on it.

use entity::{
    correction::Model,
    values::{CorrectionId, CorrectionState, Refusal},
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    records::{self, Found},
    rules::{self, Record, Verdict},
    store,
    views::{ANSWER, CaseView, CorrectionView, DecisionRequest, REFERENCE, WaitingView},
};
use crate::{
    audit::{self, Actor, Event},
    deps::Deps,
    facts::{self, By, Withdrawal, WithdrawalReason},
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    identity,
    notifications::{self, Decision, Message, Reference},
    overrides,
    platform::db::begin_write,
    staff::{Scope, Staff},
};

/// What waits within `scope`, what is due first first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    scope: &Scope,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<WaitingView>, Error> {
    let rows = store::open_within(&deps.db, &scope.regions(), after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| {
        Place {
            at: last.due_at,
            id: last.id.0,
        }
        .to_string()
    });
    Ok(page.map(|row| WaitingView::from(&row)))
}

/// One of those within the scope of `staff`, with the person's words. That they were read is on
/// record.
pub(super) async fn read(deps: &Deps, staff: &Staff, id: CorrectionId) -> Result<CaseView, Error> {
    let tx = begin_write(&deps.db).await?;
    let row = store::find_within(&tx, &staff.scope.regions(), id).await?;
    let row = row.ok_or(Error::NoSuchCorrection)?;
    let event = Event::CorrectionRead {
        correction: id,
        purpose: "decide_correction",
    };
    audit::record(
        &tx,
        deps,
        Actor::Staff(staff.account),
        row.person_id,
        &event,
    )
    .await?;
    let key = identity::data_key_of(&tx, deps, row.person_id).await?;
    let view = CaseView {
        correction: CorrectionView::open(&row, &key)?,
        masked_name: identity::masked_name_of(&tx, deps, row.person_id).await?,
        found: found(&tx, &row).await?.map(Into::into),
    };
    tx.commit().await?;
    Ok(view)
}

async fn found(tx: &DatabaseTransaction, row: &Model) -> Result<Option<Found>, Error> {
    let Ok(record) = row.record.parse::<Record>() else {
        return Ok(None);
    };
    records::find(tx, row.person_id, &record).await
}

/// Decide on one of those within the scope of `staff`. Upheld, its record is taken back and the colour
/// looked at again.
///
/// Refused if the caller recorded what it is about, if it was decided before, if only the origin may decide, or if the record was taken back
/// meanwhile.
pub(super) async fn decide(
    deps: &Deps,
    staff: &Staff,
    id: CorrectionId,
    key: &IdempotencyKey,
    request: DecisionRequest,
) -> Result<Answer, Error> {
    let caller = staff.account.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| settle(tx, deps, staff, id, &request).await;
    let asked = (id, &request);
    let answer = idempotency::once(deps, caller, "decide-correction", key, &asked, effect).await?;
    deps.recheck.wake();
    deps.outbox.wake();
    Ok(answer)
}

async fn settle(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    id: CorrectionId,
    request: &DecisionRequest,
) -> Result<(Outcome, CorrectionView), Error> {
    let row = store::find_within(tx, &staff.scope.regions(), id).await?;
    let row = row.ok_or(Error::NoSuchCorrection)?;
    refuse_own_work(tx, staff, &row).await?;
    let verdict = request.verdict();
    if let Some(origin) = &row.origin {
        rules::may_decide(staff.scope.covers(origin), verdict)
            .map_err(|_| Error::OriginDecides(origin.clone()))?;
    }
    identity::lock(tx, row.person_id).await?;
    let decided = close(tx, deps, staff, &row, request).await?;
    if verdict == Verdict::Upheld {
        take_back(tx, deps, staff, &row).await?;
    }
    tell(tx, deps, &decided, verdict).await?;
    let event = Event::CorrectionDecided {
        correction: id,
        record: row.record.clone(),
        refusal: request.refusal,
    };
    audit::record(tx, deps, Actor::Staff(staff.account), row.person_id, &event).await?;
    let data_key = identity::data_key_of(tx, deps, row.person_id).await?;
    Ok((Outcome::Found, CorrectionView::open(&decided, &data_key)?))
}

/// Nobody decides whether what they recorded themselves is right, or had a hand in.
async fn refuse_own_work(
    tx: &DatabaseTransaction,
    staff: &Staff,
    row: &Model,
) -> Result<(), Error> {
    let Ok(Record::Fact(id)) = row.record.parse() else {
        return Ok(());
    };
    let fact = facts::fact(tx, id).await?;
    let recorded = fact.is_some_and(|fact| fact.recorded_by == Some(staff.account));
    if recorded || overrides::had_a_hand_in(tx, staff.account, id).await? {
        Err(Error::OwnWork)
    } else {
        Ok(())
    }
}

/// The row as it is once it is decided. Of two at once, one decides.
async fn close(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    row: &Model,
    request: &DecisionRequest,
) -> Result<Model, Error> {
    let key = identity::data_key_of(tx, deps, row.person_id).await?;
    let place = ANSWER.owned_by(row.id.0.as_bytes());
    let answer = key.seal(place, request.text.as_bytes(), &*deps.entropy)?;
    let decided = Model {
        state: state_after(request.refusal),
        decided_at: Some(deps.clock.now()),
        decided_by: Some(staff.account),
        refusal: request.refusal,
        answer: Some(answer),
        ..row.clone()
    };
    if !store::decide(tx, &decided).await? {
        return Err(Error::Decided);
    }
    Ok(decided)
}

fn state_after(refusal: Option<Refusal>) -> CorrectionState {
    match refusal {
        None => CorrectionState::Upheld,
        Some(_) => CorrectionState::Refused,
    }
}

async fn take_back(
    tx: &DatabaseTransaction,
    deps: &Deps,
    staff: &Staff,
    row: &Model,
) -> Result<(), Error> {
    let by = By::Staff(staff.account);
    match found(tx, row).await?.ok_or(Error::RecordGone)? {
        Found::Fact(fact) => {
            let fact = facts::fact(tx, fact.id).await?.ok_or(Error::RecordGone)?;
            let withdrawal = Withdrawal {
                by,
                reason: WithdrawalReason::CorrectionUpheld,
                note: None,
            };
            facts::withdraw(tx, deps, fact, withdrawal).await?;
        }
        Found::Test(test) => facts::take_back(tx, deps, row.person_id, &test, by).await?,
    }
    Ok(())
}

async fn tell(
    tx: &DatabaseTransaction,
    deps: &Deps,
    decided: &Model,
    verdict: Verdict,
) -> Result<(), Error> {
    let message = Message::ReviewDecided {
        case: Reference::of(REFERENCE, decided.id.0),
        decision: match verdict {
            Verdict::Upheld => Decision::Approved,
            Verdict::Refused(_) => Decision::Refused,
        },
        at: deps.clock.now(),
    };
    Ok(notifications::tell(tx, deps, decided.person_id, &message).await?)
}
