//! Tongxing (通行): the backend behind a health-code and pass mini-program.
//!
//! A folder is a feature, and reading this list is reading the product. `clients`, `config`, `http`,
//! `jobs` and `platform` know nothing of health codes.

pub mod audit;
pub mod callbacks;
pub mod checkpoints;
pub mod communities;
pub mod complaints;
pub mod contact_tracing;
pub mod control_actions;
pub mod corrections;
pub mod credentials;
pub mod daily_counts;
pub mod declarations;
pub mod documents;
pub mod facts;
pub mod health_code;
pub mod holdings;
pub mod identity;
pub mod notifications;
pub mod organisations;
pub mod overrides;
pub mod own_data;
pub mod pass_cards;
pub mod policy;
pub mod recheck;
pub mod reconciliations;
pub mod regions;
pub mod reports;
pub mod review;
pub mod roads;
pub mod service_level;
pub mod staff;
pub mod subscriptions;
pub mod transparency;
pub mod uploads;
pub mod vehicle_passes;
pub mod venues;
pub mod visits;
pub mod wallet;
pub mod work_permits;

pub mod assembly;
pub mod cli;
pub mod commands;
pub mod deps;
pub mod server;

pub mod clients;
pub mod config;
pub mod http;
pub mod jobs;
pub mod platform;
