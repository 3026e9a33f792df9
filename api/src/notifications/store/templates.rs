//! Templates as rows.

use chrono::{DateTime, Utc};
use entity::{
    notification_template::{ActiveModel, Column, Entity, Model},
    values::TemplateChannel,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

use super::super::rules::{Slot, Template};

/// All that are saved, in a lasting order.
pub(in crate::notifications) async fn all(
    db: &impl ConnectionTrait,
) -> Result<Vec<Template>, DbErr> {
    let rows = Entity::find()
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Channel)
        .order_by_asc(Column::AppId)
        .order_by_asc(Column::Language)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Those of one app.
pub(in crate::notifications) async fn of_app(
    db: &impl ConnectionTrait,
    channel: TemplateChannel,
    app_id: &str,
) -> Result<Vec<Template>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Channel.eq(channel))
        .filter(Column::AppId.eq(app_id))
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Language)
        .all(db)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Save one, in place of what was saved for the same kind, app and language.
pub(in crate::notifications) async fn save(
    db: &impl ConnectionTrait,
    template: &Template,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let texts = serde_json::to_value(&template.texts).map_err(|e| DbErr::Json(e.to_string()))?;
    let row = Model {
        kind: template.kind,
        channel: template.channel,
        app_id: template.app_id.clone(),
        language: template.language,
        template_id: template.template_id.clone(),
        page: template.page.clone(),
        texts,
        form_id: template.form_id,
        long_term: template.long_term,
        saved_at: at,
    };
    let again = OnConflict::columns([
        Column::Kind,
        Column::Channel,
        Column::AppId,
        Column::Language,
    ])
    .update_columns([
        Column::TemplateId,
        Column::Page,
        Column::Texts,
        Column::FormId,
        Column::LongTerm,
        Column::SavedAt,
    ])
    .to_owned();
    Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

fn read(row: Model) -> Result<Template, DbErr> {
    let texts: Vec<Slot> =
        serde_json::from_value(row.texts).map_err(|e| DbErr::Json(e.to_string()))?;
    Ok(Template {
        kind: row.kind,
        channel: row.channel,
        app_id: row.app_id,
        language: row.language,
        template_id: row.template_id,
        page: row.page,
        texts,
        form_id: row.form_id,
        long_term: row.long_term,
    })
}
