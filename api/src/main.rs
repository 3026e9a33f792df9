//! Bin.
fn main(){}
