//! Signed codes that verify without a network.
