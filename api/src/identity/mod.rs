//! Who somebody is: log-in, sessions, real name, dependants.

/// What this process knows of sessions, for at most two seconds.
#[derive(Debug, Default)]
pub struct SessionCache {}
