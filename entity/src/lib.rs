//! Nouns: the tables, one file each, and the values that their columns share.

pub mod values;
