//! What the product promises, one sentence a test.

#![cfg(test)]

mod architecture;
mod contract;
mod check_ins;
mod database;
mod declarations;
mod ephemeral;
mod flow;
mod health;
mod identity;
mod schema;
mod health_code;
mod idempotency;
mod observation;
