//! The colour of a code: derived from holds, shown with its reasons.

/// What this process knows of codes, for at most two seconds.
#[derive(Debug, Default)]
pub struct CodeCache {}
