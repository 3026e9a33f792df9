//! What the program does, a file a command.

pub mod demo;
pub mod dev;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod serve;
