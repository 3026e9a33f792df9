//! What the role that the service runs as may do: everything with the tables, but with the audit log
//! only append (SECURITY S28), and with the log of what was recorded only read and append (SECURITY S27); and make
//! and drop the tables of days, which nobody else may ask for.

use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend, DbErr};

/// Not a plain lower-case PostgreSQL role name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidRole;

/// Give `role` what the service needs, and no more. Idempotent; PostgreSQL only, since SQLite has no
/// roles. Run by the role that owns the tables, after every migration.
///
/// # Errors
/// `Ok(Err(InvalidRole))` if `role` is not a plain lower-case name.
pub async fn grant_to_service(
    db: &impl ConnectionTrait,
    role: &str,
) -> Result<Result<(), InvalidRole>, DbErr> {
    let plain = !role.is_empty()
        && role.len() <= 63
        && role
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if !plain {
        return Ok(Err(InvalidRole));
    }
    if db.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(Ok(()));
    }
    db.execute_unprepared(&format!(
        r#"
        GRANT USAGE ON SCHEMA public TO "{role}";
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";
        REVOKE ALL ON audit_entry, seaql_migrations FROM "{role}";
        GRANT INSERT ON audit_entry TO "{role}";
        REVOKE ALL ON log_entry, log_tile FROM "{role}";
        GRANT SELECT, INSERT ON log_entry, log_tile TO "{role}";
        GRANT SELECT ON seaql_migrations TO "{role}";
        GRANT EXECUTE ON FUNCTION visit_make_day(date), visit_drop_day(date) TO "{role}";
        -- The tables of days that are to come.
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}";
        "#
    ))
    .await?;
    Ok(Ok(()))
}
