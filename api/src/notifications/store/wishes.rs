//! Wishes as rows.

use chrono::{DateTime, Utc};
use entity::{
    notification_preference::{ActiveModel, Column, Entity, Model},
    values::{PersonId, Platform},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, sea_query::OnConflict};

use super::super::rules::Wishes;

/// What `person` wishes: the usual, if they never said.
pub(in crate::notifications) async fn of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Wishes, DbErr> {
    let row = Entity::find_by_id(person).one(db).await?;
    Ok(row.map_or_else(Wishes::default, |row| read(&row)))
}

/// Keep what `person` wishes.
pub(in crate::notifications) async fn save(
    db: &impl ConnectionTrait,
    person: PersonId,
    wishes: &Wishes,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let channels: Vec<&str> = wishes.channels.iter().map(|it| it.name()).collect();
    let row = Model {
        person_id: person,
        channels: channels.join(","),
        sms: wishes.sms,
        language: wishes.language,
        changed_at: at,
    };
    let again = OnConflict::column(Column::PersonId)
        .update_columns([
            Column::Channels,
            Column::Sms,
            Column::Language,
            Column::ChangedAt,
        ])
        .to_owned();
    Entity::insert(ActiveModel::from(row).reset_all())
        .on_conflict(again)
        .exec_without_returning(db)
        .await
        .map(drop)
}

fn read(row: &Model) -> Wishes {
    let known = [Platform::Wechat, Platform::Alipay];
    let channels = row
        .channels
        .split(',')
        .filter_map(|name| known.into_iter().find(|platform| platform.name() == name))
        .collect();
    Wishes {
        channels,
        sms: row.sms,
        language: row.language,
    }
}
