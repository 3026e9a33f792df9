//! Tests.

mod ephemeral;
