//! Use case: read what one was told, and say how one wants to be.

use chrono::{DateTime, Utc};
use entity::{
    notification::Model,
    values::{
        NotificationChannel, NotificationId, NotificationKind, NotificationLanguage, PersonId,
        Platform,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::Error,
    rules::{Template, Wishes},
    store::{told, wishes},
    telling, templates,
    words::ShownName,
};
use crate::{
    deps::Deps,
    http::page::Page,
    identity::{self, Citizen},
};

/// Something that one was told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NotificationView {
    /// Which. Messages carry it in their page's query.
    id: NotificationId,
    /// Whom it is about: oneself or a dependant.
    person: PersonId,
    /// What it is about.
    kind: NotificationKind,
    /// A heading, in the language of `Accept-Language`.
    title: &'static str,
    /// A sentence, in the same language.
    text: String,
    /// When it came about.
    at: DateTime<Utc>,
    /// How it was sent last. Null before.
    channel: Option<NotificationChannel>,
    /// When it was sent. Null unless it was.
    sent_at: Option<DateTime<Utc>>,
    /// When it was read. Null before.
    read_at: Option<DateTime<Utc>>,
}

/// Oneself and those one acts for.
async fn circle(deps: &Deps, citizen: &Citizen) -> Result<Vec<PersonId>, Error> {
    let mut people = identity::dependants_of(&deps.db, citizen.person).await?;
    people.push(citizen.person);
    Ok(people)
}

/// What `citizen` was told of themselves and those they act for, newest first: before `before`, or all.
pub(super) async fn list(
    deps: &Deps,
    citizen: &Citizen,
    before: Option<NotificationId>,
    limit: u64,
    language: NotificationLanguage,
) -> Result<Page<NotificationView>, Error> {
    let people = circle(deps, citizen).await?;
    let now = deps.clock.now();
    let rows = told::page(&deps.db, &people, before, now, limit + 1).await?;
    let rows = Page::cut(rows, limit, |last: &Model| last.id.to_string());
    let mut views = Vec::new();
    for person in people {
        let mut theirs = rows
            .items
            .iter()
            .filter(|row| row.person_id == person)
            .peekable();
        if theirs.peek().is_some() {
            let reader = Reader::of(deps, person, language).await?;
            views.extend(theirs.filter_map(|row| reader.legible(row)));
        }
    }
    views.sort_unstable_by_key(|view| std::cmp::Reverse(view.id));
    Ok(Page {
        items: views,
        next: rows.next,
    })
}

/// Note that `citizen` read `id`. The first time stands.
pub(super) async fn read(
    deps: &Deps,
    citizen: &Citizen,
    id: NotificationId,
    language: NotificationLanguage,
) -> Result<NotificationView, Error> {
    let people = circle(deps, citizen).await?;
    let row = told::read(&deps.db, &people, id, deps.clock.now()).await?;
    let row = row.ok_or(Error::NoSuchNotification)?;
    let reader = Reader::of(deps, row.person_id, language).await?;
    reader.view(&row)
}

/// What it takes to read one person's notifications.
struct Reader {
    key: crate::platform::vault::DataKey,
    name: ShownName,
    language: NotificationLanguage,
}

impl Reader {
    async fn of(
        deps: &Deps,
        person: PersonId,
        language: NotificationLanguage,
    ) -> Result<Self, Error> {
        let name = identity::masked_name_of(&deps.db, deps, person).await?;
        Ok(Self {
            key: identity::data_key_of(&deps.db, deps, person).await?,
            name: ShownName::of(name.as_deref()),
            language,
        })
    }

    /// What `row` says. Nothing, and a warning, if it does not open: the others can be read.
    fn legible(&self, row: &Model) -> Option<NotificationView> {
        self.view(row)
            .inspect_err(|error| {
                tracing::warn!(
                    notification = %row.id,
                    error = error as &dyn std::error::Error,
                    "notification {} cannot be read", row.id
                );
            })
            .ok()
    }

    fn view(&self, row: &Model) -> Result<NotificationView, Error> {
        let message = telling::open(row, &self.key)?;
        let (title, text) = message.text(&self.name, self.language);
        Ok(NotificationView {
            id: row.id,
            person: row.person_id,
            kind: row.kind,
            title,
            text,
            at: row.created_at,
            channel: row.channel,
            sent_at: row.sent_at,
            read_at: row.read_at,
        })
    }
}

/// What `citizen` wishes.
pub(super) async fn wishes_of(deps: &Deps, citizen: &Citizen) -> Result<Wishes, Error> {
    Ok(wishes::of(&deps.db, citizen.person).await?)
}

/// Keep what `citizen` wishes.
pub(super) async fn wish(deps: &Deps, citizen: &Citizen, wished: &Wishes) -> Result<(), Error> {
    let now = deps.clock.now();
    Ok(wishes::save(&deps.db, citizen.person, wished, now).await?)
}

/// The templates of one mini-program.
pub(super) async fn templates_of(
    deps: &Deps,
    platform: Platform,
    app_id: &str,
) -> Result<Vec<Template>, Error> {
    Ok(templates::of_app(&deps.db, platform, app_id).await?)
}
