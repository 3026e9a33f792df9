//! Members of staff, with their names.

use entity::{
    staff_account::Model,
    values::{PersonName, StaffId},
};

use super::super::error::Error;
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
