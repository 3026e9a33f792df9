//! What the product promises, one sentence a test.

#![cfg(test)]

mod database;
mod ephemeral;
