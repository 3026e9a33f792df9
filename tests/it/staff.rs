//! Who works here, and what they may do where.

mod sessions;
