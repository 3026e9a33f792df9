//! What one was told, and how one wants to be told.

use actix_web::{
    get, put,
    web::{Data, Json},
};
use entity::values::{NotificationId, NotificationKind, NotificationLanguage, Platform};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::{
    reading::{self, NotificationView},
    rules::{Template, Wishes},
};
use crate::{
    deps::Deps,
    http::{
        body::{Id, Params, Valid},
        page::{Page, PageParams},
        problem::{FieldFault, INVALID_REQUEST, Language, Problem, Problems, Text},
    },
    identity::Citizen,
};

/// Mount the routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(read)
        .service(get_preferences)
        .service(set_preferences)
        .service(list_templates);
}

/// List what one was told, newest first.
///
/// Of oneself and those one acts for. Reminders appear when their hour has come.
#[utoipa::path(
    tag = "messages",
    operation_id = "listNotifications",
    params(PageParams),
    security(("session" = [])),
    responses(
        (status = 200, body = Page<NotificationView>, description = "A page of notifications"),
        Problems,
    ),
)]
#[get("/me/notifications")]
async fn list(
    citizen: Citizen,
    deps: Data<Deps>,
    page: Params<PageParams>,
    language: Language,
) -> Result<Json<Page<NotificationView>>, Problem> {
    let Params(page) = page;
    let before = page.after.as_deref().map(cursor).transpose()?;
    let language = written(language);
    Ok(Json(
        reading::list(&deps, &citizen, before, page.limit, language).await?,
    ))
}

fn cursor(after: &str) -> Result<NotificationId, Problem> {
    after.parse::<Uuid>().map(NotificationId).map_err(|_| {
        let message = Text::new("不是上一页给出的 next", "is not the `next` of a page");
        Problem::field(INVALID_REQUEST, FieldFault::new("after", "cursor", message))
    })
}

fn written(language: Language) -> NotificationLanguage {
    match language {
        Language::Chinese => NotificationLanguage::Zh,
        Language::English => NotificationLanguage::En,
    }
}

/// Say that one read it.
///
/// The first time stands.
#[utoipa::path(
    tag = "messages",
    operation_id = "readNotification",
    params(("notification" = NotificationId, Path, description = "Which")),
    security(("session" = [])),
    responses(
        (status = 200, body = NotificationView, description = "As it stands now"),
        Problems,
    ),
)]
#[put("/me/notifications/{notification}/read")]
async fn read(
    citizen: Citizen,
    deps: Data<Deps>,
    notification: Id<NotificationId>,
    language: Language,
) -> Result<Json<NotificationView>, Problem> {
    let view = reading::read(&deps, &citizen, notification.0, written(language)).await?;
    Ok(Json(view))
}

/// How one wants to be told.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct NotificationPreferences {
    /// The super-apps to use, the dearest first. One that is left out is not used.
    #[validate(length(max = 2), custom(function = "once_each"))]
    #[schema(max_items = 2)]
    channels: Vec<Platform>,
    /// Whether SMS may be sent where no super-app will do.
    sms: bool,
    /// The language of messages.
    language: NotificationLanguage,
}

fn once_each(channels: &[Platform]) -> Result<(), ValidationError> {
    match channels {
        [one, other] if one == other => Err(ValidationError::new("duplicate")),
        _ => Ok(()),
    }
}

impl From<Wishes> for NotificationPreferences {
    fn from(wishes: Wishes) -> Self {
        Self {
            channels: wishes.channels,
            sms: wishes.sms,
            language: wishes.language,
        }
    }
}

/// Read how one wants to be told.
#[utoipa::path(
    tag = "messages",
    operation_id = "getNotificationPreferences",
    security(("session" = [])),
    responses(
        (status = 200, body = NotificationPreferences, description = "As one said, or the usual"),
        Problems,
    ),
)]
#[get("/me/notification-preferences")]
async fn get_preferences(
    citizen: Citizen,
    deps: Data<Deps>,
) -> Result<Json<NotificationPreferences>, Problem> {
    Ok(Json(reading::wishes_of(&deps, &citizen).await?.into()))
}

/// Say how one wants to be told.
///
/// Counts for messages about oneself and about those one acts for.
#[utoipa::path(
    tag = "messages",
    operation_id = "setNotificationPreferences",
    request_body = NotificationPreferences,
    security(("session" = [])),
    responses(
        (status = 200, body = NotificationPreferences, description = "Kept"),
        Problems,
    ),
)]
#[put("/me/notification-preferences")]
async fn set_preferences(
    citizen: Citizen,
    deps: Data<Deps>,
    body: Valid<NotificationPreferences>,
) -> Result<Json<NotificationPreferences>, Problem> {
    let Valid(body) = body;
    let wishes = Wishes {
        channels: body.channels,
        sms: body.sms,
        language: body.language,
    };
    reading::wish(&deps, &citizen, &wishes).await?;
    Ok(Json(wishes.into()))
}

/// Which mini-program.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AppParams {
    /// On which super-app.
    platform: Platform,
    /// Which app.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64)]
    app_id: String,
}

/// A template that the user may allow messages by.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationTemplateView {
    /// What it is for.
    kind: NotificationKind,
    /// In which language.
    language: NotificationLanguage,
    /// The platform's id of it.
    template_id: String,
    /// Whether one permission is good for any number of messages.
    long_term: bool,
    /// Whether each message needs a form that the user submitted.
    form_id: bool,
}

impl From<Template> for NotificationTemplateView {
    fn from(template: Template) -> Self {
        Self {
            kind: template.kind,
            language: template.language,
            template_id: template.template_id,
            long_term: template.long_term,
            form_id: template.form_id,
        }
    }
}

/// List the templates that a mini-program asks its users to allow.
#[utoipa::path(
    tag = "messages",
    operation_id = "listNotificationTemplates",
    params(AppParams),
    responses(
        (status = 200, body = [NotificationTemplateView], description = "The templates"),
        Problems,
    ),
)]
#[get("/notification-templates")]
async fn list_templates(
    deps: Data<Deps>,
    app: Params<AppParams>,
) -> Result<Json<Vec<NotificationTemplateView>>, Problem> {
    let templates = reading::templates_of(&deps, app.0.platform, &app.0.app_id).await?;
    Ok(Json(templates.into_iter().map(Into::into).collect()))
}
