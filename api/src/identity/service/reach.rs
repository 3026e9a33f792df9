//! How somebody can be told something.

use entity::{
    platform_account,
    values::{PersonId, Phone, Platform},
};
use sea_orm::ConnectionTrait;

use super::{
    super::{
        places::{self, Index},
        store::{self, accounts, dependants},
    },
    accounts::{kind_name, text_of},
    newcomer,
    profile::{self, KeyError},
};
use crate::{
    clients::{AlipayIdKind, Receiver},
    deps::Deps,
};

/// How somebody can be told something. Not for logs.
pub struct Reach {
    /// Who is written to: the person, or who acts for them.
    pub recipient: PersonId,
    /// The name of the person as bystanders may see it, once it is verified.
    pub masked_name: Option<String>,
    /// The recipient's number.
    pub phone: Option<Phone>,
    /// The recipient's accounts, the newest first.
    pub accounts: Vec<LinkedAccount>,
}

/// A recipient in one of our mini-programs.
pub struct LinkedAccount {
    /// On which super-app.
    pub platform: Platform,
    /// In which of our apps.
    pub app_id: String,
    /// What the super-app calls them there.
    pub receiver: Receiver,
}

/// How `person` can be told something. Somebody without a number of their own is told through the one
/// who acts for them (L6), if anybody does.
pub async fn reach_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Reach, KeyError> {
    let about = profile::opened(db, deps, person).await?;
    let guardian = match &about.phone {
        Some(_) => None,
        None => dependants::guardian_of(db, person).await?,
    };
    let (recipient, phone) = match guardian {
        Some(guardian) => (guardian, profile::opened(db, deps, guardian).await?.phone),
        None => (person, about.phone),
    };
    Ok(Reach {
        recipient,
        masked_name: about.name.map(|name| name.masked()),
        phone,
        accounts: accounts_of(db, deps, recipient).await?,
    })
}

/// Those whom `person` acts for.
pub async fn dependants_of(
    db: &impl ConnectionTrait,
    person: PersonId,
) -> Result<Vec<PersonId>, sea_orm::DbErr> {
    let guardianships = dependants::of(db, person).await?;
    Ok(guardianships
        .into_iter()
        .map(|it| it.dependant_id)
        .collect())
}

async fn accounts_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    person: PersonId,
) -> Result<Vec<LinkedAccount>, KeyError> {
    let rows = accounts::of(db, person).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let Some(row) = store::people::find(db, person).await? else {
        return Ok(Vec::new());
    };
    let key = newcomer::key_of(deps, &row)?;
    let mut found = Vec::new();
    for row in rows {
        let id = key.open_text(places::account(&person), &row.account)?;
        found.extend(linked(deps, &row, &id));
    }
    Ok(found)
}

/// The account that `row` stands for. Which of Alipay's kinds of id it has only its index says.
fn linked(deps: &Deps, row: &platform_account::Model, id: &str) -> Option<LinkedAccount> {
    let platform = [Platform::Wechat, Platform::Alipay]
        .into_iter()
        .find(|platform| platform.name() == row.platform)?;
    let receiver = match platform {
        Platform::Wechat => Receiver::WeChat { openid: id.into() },
        Platform::Alipay => {
            let kind = [AlipayIdKind::OpenId, AlipayIdKind::UserId]
                .into_iter()
                .find(|kind| {
                    let text = text_of(platform, &row.app_id, kind_name(*kind), id);
                    let index = Index::of_account(&deps.vault, &text);
                    index.any.contains(&row.account_index)
                })?;
            let id = id.into();
            Receiver::Alipay { kind, id }
        }
    };
    Some(LinkedAccount {
        platform,
        app_id: row.app_id.clone(),
        receiver,
    })
}
