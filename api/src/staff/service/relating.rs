//! Who is here by what somebody else did.

use entity::values::StaffId;
use sea_orm::{ConnectionTrait, DbErr};

use super::super::{rules, store};

/// Whether neither of two people is here by what the other did: invited by them, or given a role that
/// they requested or approved, ever.
pub async fn are_apart(
    db: &impl ConnectionTrait,
    one: StaffId,
    other: StaffId,
) -> Result<bool, DbErr> {
    let accounts = store::accounts::among(db, vec![one, other]).await?;
    let inviter = |id: StaffId| {
        let mut accounts = accounts.iter();
        let account = accounts.find(|account| account.id == id);
        account.and_then(|account| account.invited_by)
    };
    Ok(
        rules::invited_apart((one, inviter(one)), (other, inviter(other)))
            && !store::grants::any_between(db, one, other).await?,
    )
}
