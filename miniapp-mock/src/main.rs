//! Mock program.
fn main() {}
