//! Tests.

#[cfg(test)]
mod ephemeral;
