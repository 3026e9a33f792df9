//! What the product promises, one sentence a test.

#![cfg(test)]

mod architecture;
mod contract;
mod database;
mod ephemeral;
mod flow;
mod hostile;
mod schema;
