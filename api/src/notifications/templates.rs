//! Use case: keep the templates that platforms approved.

use anyhow::{Context, anyhow};
use entity::values::{Platform, TemplateChannel};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use serde::Deserialize;

use super::{
    rules::{Approved, Template, approve, approve_all},
    store::templates,
};
use crate::{deps::Deps, platform::db::begin_write};

/// The templates of the development set, as the mocked platforms know them. An example, too.
pub const DEVELOPMENT: &str = include_str!("../../templates.example.toml");

/// A file of templates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    template: Vec<Template>,
}

/// The templates in `text`, TOML with a `[[template]]` for each, if every one can say whatever it may
/// have to.
///
/// # Errors
/// Naming the template at fault and what is wrong with it.
pub fn check(text: &str) -> anyhow::Result<Vec<Approved>> {
    let file: File = toml::from_str(text).context("reading the templates")?;
    together(file.template)
}

fn together(templates: Vec<Template>) -> anyhow::Result<Vec<Approved>> {
    let names: Vec<String> = templates.iter().map(name).collect();
    approve_all(templates).map_err(|(at, refusal)| {
        let name = names.get(at).map_or("", String::as_str);
        anyhow!("template {} ({name}): {refusal}", at + 1)
    })
}

fn name(template: &Template) -> String {
    let Template {
        kind,
        channel,
        app_id,
        language,
        ..
    } = template;
    format!("{kind:?} {channel:?} {app_id} {language:?}")
}

/// Save the templates in `text`, each in place of what was saved for the same kind, app and language.
/// All or none: they are checked together with those that stay. Returns how many were saved.
pub async fn save(deps: &Deps, text: &str) -> anyhow::Result<usize> {
    let new = check(text)?;
    let now = deps.clock.now();
    let tx = begin_write(&deps.db).await?;
    for template in &new {
        templates::save(&tx, template, now).await?;
    }
    together(templates::all(&tx).await?).context("together with those that are saved")?;
    tx.commit().await?;
    Ok(new.len())
}

/// All that are saved.
pub async fn all(deps: &Deps) -> Result<Vec<Template>, DbErr> {
    templates::all(&deps.db).await
}

/// All that can be used. One that was saved by other rules, and is not approved by ours, cannot.
pub(super) async fn usable(db: &impl ConnectionTrait) -> Result<Vec<Approved>, DbErr> {
    let all = templates::all(db).await?;
    Ok(all.into_iter().filter_map(used).collect())
}

fn used(template: Template) -> Option<Approved> {
    let name = name(&template);
    approve(template)
        .inspect_err(|refusal| {
            tracing::warn!(%refusal, "template {name} is not used: {refusal}");
        })
        .ok()
}

/// The templates of one mini-program.
pub(super) async fn of_app(
    db: &DatabaseConnection,
    platform: Platform,
    app_id: &str,
) -> Result<Vec<Template>, DbErr> {
    templates::of_app(db, channel_of(platform), app_id).await
}

/// Whether one permission for `template_id` of `app_id` is good for any number of messages. `None` if
/// it is no template of ours.
pub async fn is_long_term(
    db: &impl ConnectionTrait,
    platform: Platform,
    app_id: &str,
    template_id: &str,
) -> Result<Option<bool>, DbErr> {
    let known = templates::of_app(db, channel_of(platform), app_id).await?;
    let one = known.into_iter().find(|it| it.template_id == template_id);
    Ok(one.map(|template| template.long_term))
}

fn channel_of(platform: Platform) -> TemplateChannel {
    match platform {
        Platform::Wechat => TemplateChannel::Wechat,
        Platform::Alipay => TemplateChannel::Alipay,
    }
}
