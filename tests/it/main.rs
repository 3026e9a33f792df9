//! What the product promises, one sentence a test.

#![cfg(test)]

mod architecture;
mod audit;
mod check_ins;
mod contract;
mod credentials;
mod database;
mod declarations;
mod ephemeral;
mod flow;
mod health;
mod health_code;
mod hostile;
mod idempotency;
mod identity;
mod instances;
mod observation;
mod outages;
mod regions;
mod schema;
mod shutdown;
mod upkeep;
