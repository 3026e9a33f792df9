//! What tests stand on: the two stacks that the product runs on, and a private database for each test.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test whose surroundings fail has failed"
)]

pub mod database;
pub mod stack;

pub use database::Database;
pub use stack::Stack;
