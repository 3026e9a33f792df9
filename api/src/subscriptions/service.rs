//! Use cases: note what people allow, and take from it.

use std::fmt;

use chrono::{DateTime, Utc};
use entity::{
    form_id,
    values::{PersonId, Platform},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::Error,
    rules::{Answer as Said, FORM_ID_LIFE, MOST_FORM_IDS},
    store::{self, Key},
};
use crate::{
    deps::Deps,
    http::idempotency::{self, Answer, IdempotencyKey, Outcome},
    identity::{self, Citizen},
};

/// A statement that forgets more might not end in its time.
const FORGOTTEN_AT_ONCE: u64 = 200;

/// A template of one of our apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template<'a> {
    /// On which super-app.
    pub platform: Platform,
    /// Of which app.
    pub app_id: &'a str,
    /// The platform's id of it.
    pub template_id: &'a str,
}

impl<'a> Template<'a> {
    fn of(self, person: PersonId) -> Key<'a> {
        Key {
            person,
            platform: self.platform,
            app_id: self.app_id,
            template_id: self.template_id,
        }
    }
}

/// Permission for one message, taken by [`spend`].
#[derive(Clone, PartialEq, Eq)]
pub struct Spent {
    person: PersonId,
    platform: Platform,
    app_id: String,
    from: Source,
}

/// What the permission was taken from.
#[derive(Clone, PartialEq, Eq)]
enum Source {
    /// An answer for a template.
    Answer {
        template_id: String,
        /// Whether any number is allowed, so that nothing was taken.
        standing: bool,
        /// When the person had answered last.
        seen: DateTime<Utc>,
    },
    /// A form's id.
    Form(String),
}

impl Spent {
    /// Alipay's `form_id`, if it was one.
    #[must_use]
    pub fn form_id(&self) -> Option<&str> {
        match &self.from {
            Source::Form(id) => Some(id),
            Source::Answer { .. } => None,
        }
    }
}

impl fmt::Debug for Spent {
    /// Leaves out the person and the form's id.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spent")
            .field("platform", &self.platform)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// What a person allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// On which super-app.
    pub platform: Platform,
    /// For which app.
    pub app_id: String,
    /// For which template. `None` where any will do: forms on Alipay.
    pub template_id: Option<String>,
    /// Messages that are allowed one by one.
    pub remaining: u64,
    /// Whether any number is allowed.
    pub standing: bool,
    /// Whether the last word was no.
    pub refused: bool,
}

/// `person` allowed messages by `template` at `at`, by the platform's clock: any number if the
/// template is `long_term`, else one more. Not counted if they refused since, or beyond
/// [`MOST_GRANTS`](super::rules::MOST_GRANTS).
pub async fn accepted(
    tx: &DatabaseTransaction,
    person: PersonId,
    template: Template<'_>,
    long_term: bool,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let said = if long_term { Said::Always } else { Said::Once };
    answered(tx, template.of(person), said, at).await
}

/// `person` refused messages by `template` at `at`, by the platform's clock: all that was allowed
/// before is over.
pub async fn rejected(
    tx: &DatabaseTransaction,
    person: PersonId,
    template: Template<'_>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    answered(tx, template.of(person), Said::No, at).await
}

async fn answered(
    tx: &DatabaseTransaction,
    key: Key<'_>,
    said: Said,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let allowance = store::lock(tx, key).await?;
    store::write(tx, key, allowance.after(said, at)).await
}

/// Take permission for one message to `person` by `template`. On Alipay that is the form that expires
/// first, whatever the template. `None` if nothing is allowed; of two who take the last one, one gets
/// it.
pub async fn spend(
    tx: &DatabaseTransaction,
    person: PersonId,
    template: Template<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Spent>, DbErr> {
    let from = match template.platform {
        Platform::Wechat => spend_answer(tx, template.of(person)).await?,
        Platform::Alipay => spend_form(tx, person, template.app_id, now).await?,
    };
    Ok(from.map(|from| Spent {
        person,
        platform: template.platform,
        app_id: template.app_id.into(),
        from,
    }))
}

async fn spend_answer(tx: &DatabaseTransaction, key: Key<'_>) -> Result<Option<Source>, DbErr> {
    let Some(allowance) = store::find(tx, key).await? else {
        return Ok(None);
    };
    let standing = allowance.standing && !allowance.refused;
    let allowed = standing || store::take(tx, key).await?;
    Ok(allowed.then(|| Source::Answer {
        template_id: key.template_id.into(),
        standing,
        seen: allowance.changed_at,
    }))
}

async fn spend_form(
    tx: &DatabaseTransaction,
    person: PersonId,
    app_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<Source>, DbErr> {
    for form in store::good_forms(tx, person, Some(app_id), now).await? {
        if store::spend_form(tx, &form, now).await? {
            return Ok(Some(Source::Form(form.form_id)));
        }
    }
    Ok(None)
}

/// Give back what was taken for a message that surely was not sent. Lost if the person refused since.
pub async fn give_back(tx: &DatabaseTransaction, spent: Spent) -> Result<(), DbErr> {
    match &spent.from {
        Source::Answer { standing: true, .. } => Ok(()),
        Source::Answer { template_id, .. } => store::put_back(tx, spent.key(template_id)).await,
        Source::Form(form_id) => {
            store::unspend_form(tx, spent.person, &spent.app_id, form_id).await
        }
    }
}

/// The platform says that what was taken allows nothing: so does whatever else we had noted of the
/// same template, unless the person answered since. A form was spent, and stays so.
pub async fn refused_by_platform(tx: &DatabaseTransaction, spent: Spent) -> Result<(), DbErr> {
    match &spent.from {
        Source::Answer {
            template_id, seen, ..
        } => store::void(tx, spent.key(template_id), *seen).await,
        Source::Form(_) => Ok(()),
    }
}

impl Spent {
    fn key<'a>(&'a self, template_id: &'a str) -> Key<'a> {
        Key {
            person: self.person,
            platform: self.platform,
            app_id: &self.app_id,
            template_id,
        }
    }
}

/// What `person` answered on every platform, and how many forms of theirs are good at `now`.
pub async fn allowed(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<Allowed>, DbErr> {
    let answers = store::all_of(db, person).await?;
    let mut all: Vec<Allowed> = answers
        .into_iter()
        .map(|row| Allowed {
            platform: row.platform,
            app_id: row.app_id,
            template_id: Some(row.template_id),
            remaining: u64::try_from(row.remaining).unwrap_or_default(),
            standing: row.standing,
            refused: row.refused,
        })
        .collect();
    let forms = store::good_forms(db, person, None, now).await?;
    let of_each_app = forms.chunk_by(|one, next| one.app_id == next.app_id);
    all.extend(of_each_app.filter_map(|forms| {
        Some(Allowed {
            platform: Platform::Alipay,
            app_id: forms.first()?.app_id.clone(),
            template_id: None,
            remaining: forms.len() as u64,
            standing: false,
            refused: false,
        })
    }));
    Ok(all)
}

/// A form as its person submitted it.
#[derive(Serialize)]
pub(super) struct Submitted<'a> {
    pub(super) app_id: &'a str,
    pub(super) form_id: &'a str,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FormIdView {
    /// Until when it allows a message.
    expires_at: DateTime<Utc>,
}

/// Keep a form that the citizen submitted in one of our Alipay apps, where they have an account. Kept
/// once: submitted again it neither lives longer nor allows another message.
pub(super) async fn keep_form(
    deps: &Deps,
    citizen: &Citizen,
    key: &IdempotencyKey,
    form: &Submitted<'_>,
) -> Result<Answer, Error> {
    let caller = citizen.person.0.as_bytes();
    let effect = async |tx: &DatabaseTransaction| keep(tx, deps, citizen.person, form).await;
    idempotency::once(deps, caller, "keep_form", key, form, effect).await
}

async fn keep(
    tx: &DatabaseTransaction,
    deps: &Deps,
    person: PersonId,
    form: &Submitted<'_>,
) -> Result<(Outcome, FormIdView), Error> {
    if !identity::has_account(tx, person, Platform::Alipay, form.app_id).await? {
        return Err(Error::NoAccount);
    }
    let now = deps.clock.now();
    let expires_at = now + FORM_ID_LIFE;
    let row = form_id::Model {
        person_id: person,
        app_id: form.app_id.into(),
        form_id: form.form_id.into(),
        expires_at,
        spent_at: None,
    };
    if !store::keep_form(tx, row).await? {
        let kept = store::form(tx, person, form.app_id, form.form_id).await?;
        let expires_at = kept.map_or(expires_at, |kept| kept.expires_at);
        return Ok((Outcome::Found, FormIdView { expires_at }));
    }
    let good = store::good_forms(tx, person, Some(form.app_id), now).await?;
    for oldest in good.iter().take(good.len().saturating_sub(MOST_FORM_IDS)) {
        store::drop_form(tx, oldest).await?;
    }
    Ok((Outcome::Created, FormIdView { expires_at }))
}

/// Forget some of the forms that Alipay takes no more. Returns how many.
pub(super) async fn forget_expired(deps: &Deps) -> Result<u64, DbErr> {
    store::remove_expired(&deps.db, deps.clock.now(), FORGOTTEN_AT_ONCE).await
}
