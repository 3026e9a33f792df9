//! What the program does, a file a command.

pub mod audit_log;
pub mod calendar;
pub mod communities;
pub mod demo;
pub mod demo_data;
pub mod dev;
pub mod gate;
pub mod import;
pub mod keys;
pub mod migrate;
pub mod notifications;
pub mod openapi;
mod page;
pub mod reconcile;
pub mod regions;
pub mod roads;
pub mod serve;
pub mod service_level;
pub mod staff;
pub mod verify;
pub mod verify_log;
