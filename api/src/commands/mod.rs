//! What the program does, a file a command.

pub mod demo;
pub mod dev;
pub mod keys;
pub mod serve;
