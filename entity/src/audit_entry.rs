//! What was done, by whom, to whom. Only ever appended.

use sea_orm::entity::prelude::*;
use uuid::Uuid;

/// One entry, written in the transaction of the change that it tells of. Names people by id only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When.
    pub at: DateTimeUtc,
    /// Who: `person`, `staff`, `operator`, `system`.
    pub actor_kind: String,
    /// Which person or member of staff, where the actor is one.
    pub actor_id: Option<Uuid>,
    /// Whom it concerns: a person or a member of staff, by what happened.
    pub subject_id: Option<Uuid>,
    /// What happened: a stable name.
    pub event: String,
    /// The rest, without personal data.
    pub detail: Json,
    /// 32 random bytes: what its leaf in the log commits to cannot be guessed without them. Null for an entry
    /// that is older than the log.
    pub salt: Option<Vec<u8>>,
}

/// No relations are walked.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
