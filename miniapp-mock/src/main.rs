//! Mock program.
fn main(){}
