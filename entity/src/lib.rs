//! Nouns: the tables, one file each, and the values that their columns share.

pub mod values;

pub mod assessment;
pub mod audit_entry;
pub mod calendar_day;
pub mod calendar_year;
pub mod check_in;
pub mod consent;
pub mod declaration;
pub mod declared_stay;
pub mod fact_source;
pub mod form_id;
pub mod guardianship;
pub mod health_fact;
pub mod hold;
pub mod idempotent_response;
pub mod import_batch;
pub mod import_finding;
pub mod key_list;
pub mod notification;
pub mod notification_preference;
pub mod notification_template;
pub mod person;
pub mod platform_account;
pub mod platform_event;
pub mod recheck_mark;
pub mod refresh_token;
pub mod region_opening;
pub mod risk_area;
pub mod session;
pub mod signing_key;
pub mod spent_payload;
pub mod subscription;
pub mod test_result;
