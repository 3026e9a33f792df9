//! Use cases of applicants: apply, and read what became of it.

use entity::{
    declaration,
    pass_application::Model,
    values::{CaseSubject, Community, Division, PassApplicationId, PersonId, StaffId},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::{
    cards,
    error::Error,
    rules, store,
    views::{
        ApplicationView, Around, Arrival, CONTENT, CommunityView, Content, PassApplicationRequest,
        SummaryView,
    },
};
use crate::{
    audit::{self, Event, PassEvent},
    communities,
    declarations::{self, Place},
    deps::Deps,
    health_code,
    http::{
        idempotency::{self, Answer, IdempotencyKey, Outcome},
        page::{self, Page},
    },
    identity::{self, Subject},
    recheck,
    regions::{self, Service},
    review::{self, By, Opening},
};

/// The workflow of what is applied for online.
const ONLINE: &str = "pass_card_online";

/// The workflow of what is applied for at a window.
const WINDOW: &str = "pass_card_window";

/// Apply for `subject`.
///
/// Refused without a verified identity or a declaration, where the region is not open or there is no
/// such community, while another application is open, and while a card is good for longer than a week.
pub(super) async fn apply(
    deps: &Deps,
    subject: Subject,
    key: &IdempotencyKey,
    request: PassApplicationRequest,
) -> Result<Answer, Error> {
    check_arrival(deps, request.arrival.as_ref())?;
    let asked = (subject.person, &request);
    let caller = subject.acting.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| {
        let row = record(tx, deps, subject, &request).await?;
        Ok::<_, Error>((Outcome::Created, view(tx, deps, &row).await?))
    };
    let answer =
        idempotency::once(deps, caller, "apply-for-pass-card", key, &asked, effect).await?;
    deps.recheck.wake();
    Ok(answer)
}

async fn record(
    tx: &DatabaseTransaction,
    deps: &Deps,
    subject: Subject,
    request: &PassApplicationRequest,
) -> Result<Model, Error> {
    let person = subject.person;
    identity::lock(tx, person).await?;
    if identity::verified_at(tx, person).await?.is_none() {
        return Err(identity::Error::NotVerified.into());
    }
    let declared = declarations::latest_declaration(tx, person, None).await?;
    let filing = Filing {
        person,
        by: Filer::Applicant(subject.acting),
        community: &request.community,
        content: Content {
            arrival: request.arrival.clone(),
            telephone: None,
        },
        declared: declared.ok_or(Error::NotDeclared)?,
    };
    file(tx, deps, filing).await
}

/// Who brings an application.
#[derive(Debug, Clone, Copy)]
pub(super) enum Filer {
    /// The person, or who acts for them.
    Applicant(PersonId),
    /// A clerk.
    Clerk(StaffId),
}

impl Filer {
    fn by(self) -> By {
        match self {
            Self::Applicant(person) => By::Person(person),
            Self::Clerk(account) => By::Staff {
                account,
                instead_of: None,
            },
        }
    }
}

/// An application on its way in.
pub(super) struct Filing<'a> {
    pub(super) person: PersonId,
    pub(super) by: Filer,
    pub(super) community: &'a Community,
    pub(super) content: Content,
    pub(super) declared: declaration::Model,
}

/// Keep an application of somebody whose row is locked, have them compared, and open its case.
pub(super) async fn file(
    tx: &DatabaseTransaction,
    deps: &Deps,
    filing: Filing<'_>,
) -> Result<Model, Error> {
    let (person, now) = (filing.person, deps.clock.now());
    let division = place_of(tx, deps, filing.community).await?;
    fits_the_declaration(&filing, &division)?;
    if let Some(card) = store::cards::current(tx, person).await?
        && !rules::may_be_renewed(cards::on_record(&card), now)
    {
        return Err(Error::CardInForce);
    }
    let id = PassApplicationId(deps.entropy.id());
    let key = identity::data_key_of(tx, deps, person).await?;
    let content = serde_json::to_vec(&filing.content)?;
    let last = health_code::last_comparison(tx, person).await?;
    let (filed_by, taken_by) = match filing.by {
        Filer::Applicant(acting) => (Some(acting), None),
        Filer::Clerk(account) => (None, Some(account)),
    };
    let row = Model {
        id,
        person_id: person,
        filed_by,
        taken_by,
        filed_at: now,
        division,
        community: filing.community.clone(),
        declaration_id: filing.declared.id,
        content: key.seal(CONTENT.owned_by(id.0.as_bytes()), &content, &*deps.entropy)?,
        open_of: Some(person),
        compare_after: Some(last.map_or(0, |last| last.version)),
        compared_at: None,
        found_colour: None,
        found: None,
        outcome: None,
        closed_at: None,
    };
    if !store::insert(tx, row.clone()).await? {
        return Err(Error::AlreadyOpen);
    }
    recheck::mark(tx, person, now).await?;
    let event = Event::Pass(PassEvent::PassApplicationFiled {
        application: id,
        at_window: taken_by.is_some(),
    });
    audit::record(tx, deps, filing.by.by().actor(), person, &event).await?;
    review::open(tx, deps, opening(&row, filing.by)).await?;
    Ok(row)
}

fn opening(row: &Model, by: Filer) -> Opening {
    Opening {
        subject: CaseSubject::PassCard,
        subject_id: row.id.0,
        person: row.person_id,
        division: row.division.clone(),
        community: Some(row.community.clone()),
        workflow: match by {
            Filer::Applicant(_) => ONLINE,
            Filer::Clerk(_) => WINDOW,
        },
        by: by.by(),
    }
}

/// The county of `community`, if people apply there and it is open.
pub(super) async fn place_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    community: &Community,
) -> Result<Division, Error> {
    let known = communities::find(db, community).await?;
    let known = known.filter(|known| known.closed_at.is_none());
    let division = known.ok_or(Error::UnknownCommunity)?.division;
    let opening = regions::opening_of(db, &division, None).await?;
    let window = regions::window_of(opening.as_ref(), &deps.regions, Service::HealthCode);
    if window.is_open(deps.clock.now()) {
        Ok(division)
    } else {
        Err(Error::RegionNotOpen(division))
    }
}

/// Whether an application says what was declared: the code follows from the declaration alone, so who lives
/// or comes from elsewhere declares that first.
fn fits_the_declaration(filing: &Filing<'_>, county: &Division) -> Result<(), Error> {
    let declared = &filing.declared;
    if declared.division.province() != county.province() {
        return Err(Error::DeclaredElsewhere);
    }
    let Some(arrival) = &filing.content.arrival else {
        return Ok(());
    };
    let from_outside = match &arrival.from {
        Place::Division(from) => from.province() != county.province(),
        Place::Abroad => true,
    };
    let is_declared = declared.arrived_on.is_some_and(|day| day >= arrival.on);
    if from_outside && !is_declared {
        return Err(Error::ArrivalNotDeclared);
    }
    Ok(())
}

/// Whether somebody can have arrived so.
pub(super) fn check_arrival(deps: &Deps, arrival: Option<&Arrival>) -> Result<(), Error> {
    let Some(arrival) = arrival else {
        return Ok(());
    };
    if arrival.on > deps.clock.today() {
        return Err(Error::ArrivalInFuture);
    }
    match &arrival.from {
        Place::Division(division) if !regions::is_known(division) => Err(Error::UnknownOrigin),
        Place::Division(_) | Place::Abroad => Ok(()),
    }
}

/// One application for `subject`.
pub(super) async fn find(
    deps: &Deps,
    subject: Subject,
    id: PassApplicationId,
) -> Result<ApplicationView, Error> {
    let row = store::of(&deps.db, subject.person, id).await?;
    view(&deps.db, deps, &row.ok_or(Error::NoSuchApplication)?).await
}

/// Those for `subject`, newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    subject: Subject,
    after: Option<page::Place>,
    limit: u64,
) -> Result<Page<SummaryView>, Error> {
    let rows = store::of_person(&deps.db, subject.person, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |last: &Model| {
        let (at, id) = (last.filed_at, last.id.0);
        page::Place { at, id }.to_string()
    });
    Ok(page.map(|row| SummaryView::from(&row)))
}

/// `row` as people see it.
pub(super) async fn view(
    db: &impl ConnectionTrait,
    deps: &Deps,
    row: &Model,
) -> Result<ApplicationView, Error> {
    let key = identity::data_key_of(db, deps, row.person_id).await?;
    let community = communities::find(db, &row.community).await?;
    let card = store::cards::newest_on(db, row.id).await?;
    let around = Around {
        community: CommunityView::of(&row.community, &row.division, community),
        case: review::case_about(db, CaseSubject::PassCard, row.id.0).await?,
        card: card.map(|card| card.id),
        marks: store::marks::on(db, row.id).await?,
    };
    ApplicationView::open(row, &key, around)
}
