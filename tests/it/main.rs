//! What the product promises, one sentence a test.

#![cfg(test)]

mod alipay;
mod architecture;
mod audit;
mod callbacks;
mod check_ins;
mod communities;
mod complaints;
mod contract;
mod corrections;
mod credentials;
mod database;
mod declarations;
mod delivery;
mod dry_runs;
mod ephemeral;
mod express;
mod facts;
mod flow;
mod health;
mod health_code;
mod hostile;
mod idempotency;
mod identity;
mod imports;
mod inbox;
mod instances;
mod notifications;
mod observation;
mod outages;
mod pass_cards;
mod platforms;
mod policy;
mod reasons;
mod regions;
mod reports;
mod review;
mod schema;
mod shutdown;
mod simulation;
mod staff;
mod subscriptions;
mod turning;
mod upkeep;
