//! Who somebody is: log-in, sessions, real name, dependants.
//!
//! A person is found by their proved phone number, so they are the same through every door. What
//! identifies them is sealed under a key of their own and found by keyed indexes only. A session is
//! a row; an access token says for a quarter of an hour that the row was there, and ends with it on
//! every instance within seconds. Each use case that is about somebody takes a [`Subject`], which
//! only [`acting_for`] gives out.

mod actors;
mod cache;
mod error;
mod jobs;
mod kinds;
mod own_data;
mod places;
mod routes;
mod rules;
mod service;
mod store;
mod terms;
mod tokens;

pub use actors::{Citizen, Subject, authenticate, authenticate_with, recognise};
pub use cache::SessionCache;
pub use error::{Error, document_fault};
pub use jobs::{ForgetSessions, PublishEndings};
pub use own_data::{People, announce_erasure, go_with, logged_in_at};
pub use routes::configure;
pub use service::{
    accounts::{has_account, person_of_account},
    acting::{acting_for, known_to_act_for},
    many::{DocumentKey, document_keys, known_among, people_with_documents},
    newcomer::unnamed_person,
    profile::{
        KeyError, data_key_of, document_keys_of, lock, masked_name_of, masked_names_of,
        people_with_numbers, person_with_document, person_with_document_key, person_with_number,
        person_with_phone, phone_keys, phone_keys_of, try_lock, verified_at,
    },
    reach::{LinkedAccount, Reach, dependants_of, reach_of},
    window::{Identified, Vouched, identified, person_at_window, vouch_at_window},
};
