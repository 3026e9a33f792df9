//! What comparisons of permits with their records found (T8), for the staff who look after permits.
//!
//! [`crate::credentials`] compares; here it is read. A finding names a permit by its id, and nobody.

mod routes;
mod views;

pub use routes::configure;
