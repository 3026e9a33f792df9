//! Use cases: read forms and their workers, and end what is open or counts.

use entity::{
    review_case,
    values::{
        CaseOutcome, CaseSubject, OrganisationId, PersonId, WorkEnding, WorkFormId, WorkPermitId,
    },
    work_form,
    work_permit::Model,
};
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    permits,
    sealed::Content,
    store::{self, forms},
    views::{FormView, WorkerView},
};
use crate::{
    deps::Deps,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{Page, Place},
    },
    notifications::{self, Message, Reference},
    organisations::UnitActor,
    review::{self, By},
    staff::Staff,
};

/// The forms of `unit`, the newest first.
pub(super) async fn of_unit(
    deps: &Deps,
    unit: &UnitActor,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<FormView>, Error> {
    list(deps, forms::Whose::Unit(unit.organisation), after, limit).await
}

/// The forms that are decided in the regions of `staff`, the newest first.
pub(super) async fn of_staff(
    deps: &Deps,
    staff: &Staff,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<FormView>, Error> {
    let regions = staff.scope.regions();
    list(deps, forms::Whose::Within(&regions), after, limit).await
}

async fn list(
    deps: &Deps,
    whose: forms::Whose<'_>,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<FormView>, Error> {
    let rows = forms::list(&deps.db, whose, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| {
        let (at, id) = (last.sent_at, last.id.0);
        Place { at, id }.to_string()
    });
    Ok(page.map(|row| FormView::of(&row)))
}

/// A form of `unit`.
pub(super) async fn form_of_unit(
    deps: &Deps,
    unit: OrganisationId,
    id: WorkFormId,
) -> Result<work_form::Model, Error> {
    let row = forms::find(&deps.db, id).await?;
    let row = row.filter(|row| row.organisation_id == unit);
    row.ok_or(Error::NotFound)
}

/// A form that is decided in the regions of `staff`.
pub(super) async fn form_of_staff(
    deps: &Deps,
    staff: &Staff,
    id: WorkFormId,
) -> Result<work_form::Model, Error> {
    let row = forms::find(&deps.db, id).await?;
    let row = row.filter(|row| staff.scope.covers(&row.division));
    row.ok_or(Error::NotFound)
}

/// The workers of `form` behind the line `after`, in order, and how far each got.
pub(super) async fn workers(
    deps: &Deps,
    form: &work_form::Model,
    after: i64,
    limit: u64,
) -> Result<Page<WorkerView>, Error> {
    let rows = store::permits::of_form(&deps.db, form.id, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last| last.line.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        items.push(view(deps, row).await?);
    }
    Ok(Page {
        items,
        next: page.next,
    })
}

/// For which returns `person` was asked for, the newest first.
pub(super) async fn of_person(deps: &Deps, person: PersonId) -> Result<Vec<WorkerView>, Error> {
    let mut views = Vec::new();
    for row in store::permits::of_person(&deps.db, person, 10).await? {
        views.push(view(deps, row).await?);
    }
    Ok(views)
}

async fn view(deps: &Deps, row: Model) -> Result<WorkerView, Error> {
    let content = Content::open(deps, &row)?;
    let case = review::case_about(&deps.db, CaseSubject::WorkPermit, row.id.0).await?;
    let open = case.as_ref().filter(|case| case.outcome.is_none());
    let stage = open.map(|case| case.stage.clone());
    let reason = match &case {
        Some(case) if case.outcome == Some(CaseOutcome::Refused) => refusal(deps, case).await?,
        _ => None,
    };
    Ok(WorkerView::of(row, content.as_ref(), stage, reason))
}

async fn refusal(deps: &Deps, case: &review_case::Model) -> Result<Option<String>, Error> {
    let step = store::permits::last_step(&deps.db, case).await?;
    Ok(step.and_then(|step| step.reason))
}

/// Who ends it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ender<'a> {
    /// The worker.
    Worker(PersonId),
    /// Who employs them.
    Unit(&'a UnitActor),
    /// The authority: permits alone.
    Staff(&'a Staff),
}

impl Ender<'_> {
    fn may_end(self, row: &Model) -> bool {
        match self {
            Self::Worker(person) => row.person_id == Some(person),
            Self::Unit(unit) => row.organisation_id == unit.organisation,
            Self::Staff(staff) => staff.scope.covers(&row.division) && row.valid_until.is_some(),
        }
    }

    fn by(self) -> By {
        match self {
            Self::Worker(person) => By::Person(person),
            Self::Unit(unit) => unit.by(),
            Self::Staff(staff) => By::Staff {
                account: staff.account,
                instead_of: None,
            },
        }
    }

    fn caller(self) -> [u8; 16] {
        match self {
            Self::Worker(person) => *person.0.as_bytes(),
            Self::Unit(unit) => unit.caller(),
            Self::Staff(staff) => *staff.account.0.as_bytes(),
        }
    }
}

/// End the permit `id`, or what is open about it.
pub(super) async fn end(
    deps: &Deps,
    who: Ender<'_>,
    id: WorkPermitId,
    key: &IdempotencyKey,
    ending: WorkEnding,
) -> Result<Answer, Error> {
    let effect = async |tx: &DatabaseTransaction| {
        let row = store::permits::find(tx, id).await?;
        row.filter(|row| who.may_end(row)).ok_or(Error::NotFound)?;
        let row = permits::end(tx, deps, id, ending, who.by()).await?;
        if ending == WorkEnding::Revoked {
            tell_revoked(tx, deps, &row).await?;
        }
        let content = Content::open(deps, &row)?;
        let view = WorkerView::of(row, content.as_ref(), None, None);
        Ok::<_, Error>((Outcome::Found, view))
    };
    let asked = (id, ending);
    let caller = who.caller();
    let answer = idempotency::once(deps, &caller, "end-work-permit", key, &asked, effect).await;
    deps.outbox.wake();
    answer
}

/// Tell the worker that the permit of `row` counts no more.
async fn tell_revoked(tx: &DatabaseTransaction, deps: &Deps, row: &Model) -> Result<(), Error> {
    let number = row.number.as_deref();
    let number = number.and_then(|number| Reference::parse(number).ok());
    let Some((person, pass)) = row.person_id.zip(number) else {
        return Ok(());
    };
    let message = Message::PassStanding {
        pass,
        stands: false,
        at: deps.clock.now(),
        holder: None,
    };
    notifications::tell(tx, deps, person, &message).await?;
    Ok(())
}
