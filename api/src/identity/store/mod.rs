//! Queries.

use sea_orm::DbErr;

pub(super) mod accounts;
pub(super) mod dependants;
pub(super) mod people;
pub(super) mod sessions;
pub(super) mod tokens;

/// Whether an `INSERT … ON CONFLICT DO NOTHING` inserted.
fn inserted(outcome: Result<u64, DbErr>) -> Result<bool, DbErr> {
    match outcome {
        Ok(rows) => Ok(rows == 1),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}
