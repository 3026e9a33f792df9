//! Members of staff, with their names.

use std::collections::BTreeMap;

use entity::{
    staff_account::Model,
    values::{PersonName, StaffId},
};
use sea_orm::ConnectionTrait;

use super::super::{error::Error, store};
use crate::{
    deps::Deps,
    platform::vault::{Column, Sealed},
};

const NAME: Column = Column("staff_account.name");

/// A member of staff.
pub(in crate::staff) struct Member {
    pub(in crate::staff) account: Model,
    pub(in crate::staff) name: PersonName,
}

impl Member {
    /// The owner of `account`.
    pub(super) fn open(deps: &Deps, account: Model) -> Result<Self, Error> {
        let place = NAME.owned_by(account.id.0.as_bytes());
        let name = deps.vault.open(place, &account.name)?;
        let name = str::from_utf8(&name).ok();
        let name = name.and_then(|name| PersonName::parse(name).ok());
        Ok(Self {
            name: name.ok_or(Sealed)?,
            account,
        })
    }
}

/// The names of `accounts`, masked.
pub async fn masked_names(
    db: &impl ConnectionTrait,
    deps: &Deps,
    accounts: Vec<StaffId>,
) -> Result<BTreeMap<StaffId, String>, Error> {
    let accounts = store::accounts::among(db, accounts).await?;
    let masked = accounts.into_iter().map(|account| {
        let member = Member::open(deps, account)?;
        Ok((member.account.id, member.name.masked()))
    });
    masked.collect()
}

/// The organisations that `accounts` work for.
pub async fn units_of(
    db: &impl ConnectionTrait,
    accounts: Vec<StaffId>,
) -> Result<BTreeMap<StaffId, String>, Error> {
    let accounts = store::accounts::among(db, accounts).await?;
    Ok(accounts
        .into_iter()
        .map(|account| (account.id, account.unit))
        .collect())
}

/// The name of `account`, sealed.
pub(super) fn seal_name(
    deps: &Deps,
    account: StaffId,
    name: &PersonName,
) -> Result<Vec<u8>, Error> {
    let place = NAME.owned_by(account.0.as_bytes());
    Ok(deps
        .vault
        .seal(place, name.reveal().as_bytes(), &*deps.entropy)?)
}
