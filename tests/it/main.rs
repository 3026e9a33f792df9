//! What the product promises, one sentence a test.

#![cfg(test)]

mod architecture;
mod database;
mod ephemeral;
mod flow;
