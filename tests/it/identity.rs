//! Who somebody is: log-in, sessions, real name, dependants.

mod codes;
mod dependants;
mod doors;
mod real_name;
mod rig;
mod sessions;
mod tokens;
mod upkeep;
