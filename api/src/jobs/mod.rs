//! Sweeps: work that no request waits for. The row is the job.
//!
//! Every node that works runs every sweep; a sweep claims its rows in the database, so two nodes do
//! no harm. Within a process no sweep runs twice at once.

mod nudge;
mod runner;

use std::{fmt, future::Future, time::Duration};

use futures_util::future::BoxFuture;

pub use self::{
    nudge::{Nudge, Nudges},
    runner::run,
};
use crate::{
    callbacks, checkpoints, communities, complaints, contact_tracing, control_actions, corrections,
    credentials, daily_counts, declarations, deps::Deps, facts, health_code, http::idempotency,
    identity, notifications, organisations, overrides, pass_cards, policy, review, service_level,
    staff, subscriptions, transparency, uploads, vehicle_passes, venues, visits, work_permits,
};

/// A bounded amount of work that takes no input, finds its own rows, and is harmless twice.
pub trait Sweep {
    /// `feature.what_it_does`.
    const NAME: &'static str;
    /// How often each node runs it.
    const EVERY: Duration;

    /// Do what is due. Returns how much was done; while that is not nothing, it is run again at
    /// once, so a backlog does not wait for the clock.
    fn run(deps: &Deps) -> impl Future<Output = anyhow::Result<u64>> + Send;
}

/// A sweep as a value. `C` is what it may reach.
pub struct Job<C: 'static = Deps> {
    name: &'static str,
    every: Duration,
    run: for<'a> fn(&'a C) -> BoxFuture<'a, anyhow::Result<u64>>,
}

impl Job {
    /// The sweep `S`.
    #[must_use]
    pub fn of<S: Sweep + 'static>() -> Self {
        Self {
            name: S::NAME,
            every: S::EVERY,
            run: |deps| Box::pin(S::run(deps)),
        }
    }
}

impl<C> Job<C> {
    /// The sweep's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl<C> fmt::Debug for Job<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("name", &self.name)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

/// Forgets answers to repeated requests once they are too old to be asked for again.
struct ForgetAnswers;

impl Sweep for ForgetAnswers {
    const NAME: &'static str = "http.forget_answers";
    const EVERY: Duration = Duration::from_mins(10);

    async fn run(deps: &Deps) -> anyhow::Result<u64> {
        Ok(idempotency::forget_old(deps).await?)
    }
}

/// The sweeps of a process that only serves: what every process must do for itself.
#[must_use]
pub fn local() -> Vec<Job> {
    vec![
        Job::of::<credentials::LoadKeys>(),
        Job::of::<service_level::Watch>(),
        Job::of::<venues::WatchDoors>(),
    ]
}

/// Every sweep of the product.
#[must_use]
pub fn all() -> Vec<Job> {
    vec![
        Job::of::<callbacks::ForgetEvents>(),
        Job::of::<checkpoints::ForgetRecords>(),
        Job::of::<communities::NoteGaps>(),
        Job::of::<complaints::ForgetAnswered>(),
        Job::of::<contact_tracing::ForgetReleases>(),
        Job::of::<contact_tracing::TellReleased>(),
        Job::of::<control_actions::ForgetClosed>(),
        Job::of::<corrections::ForgetDecided>(),
        Job::of::<corrections::Measure>(),
        Job::of::<credentials::ForgetPermits>(),
        Job::of::<credentials::LoadKeys>(),
        Job::of::<credentials::Reconcile>(),
        Job::of::<credentials::RotateKeys>(),
        Job::of::<daily_counts::CountDays>(),
        Job::of::<declarations::MarkOpened>(),
        Job::of::<facts::import::BringInWaiting>(),
        Job::of::<facts::import::ForgetFiles>(),
        Job::of::<facts::MarkStayed>(),
        Job::of::<health_code::AssessMarked>(),
        Job::of::<health_code::ForgetChanges>(),
        Job::of::<health_code::ForgetRecords>(),
        Job::of::<health_code::MarkDue>(),
        Job::of::<health_code::TryProposed>(),
        Job::of::<health_code::WatchRules>(),
        Job::of::<health_code::MarkRuled>(),
        Job::of::<identity::PublishEndings>(),
        Job::of::<identity::ForgetSessions>(),
        Job::of::<organisations::ForgetAgents>(),
        Job::of::<organisations::ForgetSessions>(),
        Job::of::<overrides::ForgetOver>(),
        Job::of::<overrides::LetLapse>(),
        Job::of::<pass_cards::AnswerCompared>(),
        Job::of::<pass_cards::ForgetOver>(),
        Job::of::<pass_cards::LookAfterCards>(),
        Job::of::<policy::TurnRules>(),
        Job::of::<review::ForgetClosed>(),
        Job::of::<review::ReckonAgain>(),
        Job::of::<review::RunClocks>(),
        Job::of::<service_level::Watch>(),
        Job::of::<staff::ForgetSessions>(),
        Job::of::<subscriptions::ForgetFormIds>(),
        Job::of::<declarations::RemindToCheckIn>(),
        Job::of::<notifications::DeliverDue>(),
        Job::of::<notifications::ForgetOld>(),
        Job::of::<notifications::Measure>(),
        Job::of::<transparency::ForgetCheckpoints>(),
        Job::of::<transparency::GivePlaces>(),
        Job::of::<vehicle_passes::AskRegistry>(),
        Job::of::<vehicle_passes::ForgetDrafts>(),
        Job::of::<vehicle_passes::LookAfterPasses>(),
        Job::of::<vehicle_passes::TellAsked>(),
        Job::of::<uploads::DeleteUnheld>(),
        Job::of::<venues::WatchDoors>(),
        Job::of::<visits::CountVisits>(),
        Job::of::<visits::DeleteDays>(),
        Job::of::<visits::ForgetLookUps>(),
        Job::of::<visits::MakeDays>(),
        Job::of::<work_permits::ForgetOver>(),
        Job::of::<work_permits::LookAfterWorkers>(),
        Job::of::<work_permits::MakeRulings>(),
        Job::of::<work_permits::SendBatches>(),
        Job::of::<ForgetAnswers>(),
    ]
}
