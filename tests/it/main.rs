//! What the product promises, one sentence a test.

#![cfg(test)]

mod architecture;
mod audit;
mod check_ins;
mod credentials;
mod database;
mod declarations;
mod ephemeral;
mod flow;
mod health_code;
mod idempotency;
mod instances;
mod observation;
mod outages;
mod shutdown;
