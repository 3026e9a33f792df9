//! The colour of a code: derived from facts and holds, explained, shown, and verified.
//!
//! No column sets a colour. Whatever may alter one marks the person in [`crate::recheck`]; the
//! assessment drains the marks, opens and releases holds as the policy in force says, and publishes a
//! snapshot of what the person shows. Showing a known code asks no database. What was shown at any
//! past instant follows from what was on record then.

mod assessing;
mod blaming;
mod dry_run;
mod error;
mod express;
mod forgetting;
mod found;
mod hearing;
mod history;
mod jobs;
mod loading;
mod marking;
mod own_data;
mod reasons;
mod receipt;
mod replaying;
mod retaining;
mod routes;
pub mod rules;
mod showing;
mod snapshot;
mod store;
mod telling;
mod verifying;
mod views;

pub use assessing::assess_due;
pub use dry_run::dry_run;
pub use error::Error;
pub use express::Express;
pub use hearing::{Followers, FollowsColour};
pub use history::causes_at_change;
pub use jobs::{
    AssessMarked, ForgetChanges, ForgetRecords, MarkDue, MarkRuled, TryProposed, WatchRules,
};
pub use own_data::Colours;
pub use replaying::{colour_at, would_show};
pub use retaining::Forgetting;
pub use routes::configure;
pub use showing::CodeCache;
pub use store::forgetting::old_holds;
pub use telling::{
    LiveCode, LiveColour, coloured, compared, last_comparison, live_code, live_colour,
    live_colour_by, verdict_now,
};
pub use views::{LatestTest, name_of};
