//! Use case: send what is due.
//!
//! At least once: a try is noted before it is made, and its outcome after it. Whoever dies in between
//! leaves a note that a copy may have arrived, and the next copy has the same id. That is forgotten only
//! after a definite no. One person's messages go one after the other, though none waits for a reminder;
//! several people's go at once.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    notification::Model,
    values::{NotificationKind, NotificationState, Platform},
};
use futures_util::{StreamExt, stream};
use metrics::counter;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    message::Message,
    rules::{self, Account, Approved, MOST_ATTEMPTS, Next, Outcome, Route, Wishes},
    sending::{self, Letter},
    store::{
        outbox::{self, Claim},
        tries::{self, Ended, Try},
        wishes,
    },
    telling::{self, SENDING, TOO_LATE, UNDELIVERED, UNKNOWN, is_unsure},
    templates,
    words::ShownName,
};
use crate::{
    deps::Deps,
    identity::{self, Reach},
    platform::db::begin_write,
    subscriptions::{self, Spent},
};

/// How long one node may take over a message before another one does.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Messages claimed for each that is sent at a time: what is claimed is tried well within its lease.
const CLAIMED_EACH: usize = 3;

/// Why a message was not sent, in our words.
const NO_CHANNEL: &str = "no_channel";
const NO_TEMPLATE: &str = "no_template";
const NOT_WANTED: &str = "not_wanted";
const DAMAGED: &str = "damaged";
const NOT_ALLOWED: &str = "not_allowed";
const RETRYABLE: &str = "retryable";

/// Send what is due. Returns how many messages were tried.
pub(super) async fn deliver_due(deps: &Deps) -> anyhow::Result<u64> {
    let at_once = deps.notifications.at_once.max(1);
    let claimed = claim(deps, at_once * CLAIMED_EACH).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let templates = templates::usable(&deps.db).await?;
    let tried = u64::try_from(claimed.len()).unwrap_or(u64::MAX);
    let each = claimed.into_iter();
    all(each.map(|row| deliver(deps, &templates, row)), at_once).await?;
    Ok(tried)
}

/// Do all of `tries`, some `at_once`, whatever becomes of others: one that is dropped on its way has no
/// outcome. The first error, if there is one.
async fn all<E>(
    tries: impl Iterator<Item = impl Future<Output = Result<(), E>>>,
    at_once: usize,
) -> Result<(), E> {
    let outcomes: Vec<Result<(), E>> = stream::iter(tries)
        .buffer_unordered(at_once)
        .collect()
        .await;
    outcomes.into_iter().collect()
}

/// Claim up to `most` messages, at most one of each person.
async fn claim(deps: &Deps, most: usize) -> Result<Vec<Model>, Error> {
    let now = deps.clock.now();
    let until = now + LEASE;
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let tx = begin_write(&deps.db).await?;
    let mut claimed = Vec::new();
    for row in outbox::due(&tx, now, most).await? {
        if outbox::claim(&tx, &row, until).await? {
            claimed.push(Model {
                due_at: until,
                ..row
            });
        }
    }
    tx.commit().await?;
    Ok(claimed)
}

/// Try to send `row`. One that cannot be read is a try that failed, and keeps nobody else waiting.
async fn deliver(deps: &Deps, templates: &[Approved], row: Model) -> Result<(), Error> {
    let mut delivery = Delivery::new(deps, row);
    if delivery.row.attempts >= MOST_ATTEMPTS {
        let why = if delivery.unsure {
            UNKNOWN
        } else {
            UNDELIVERED
        };
        return delivery.die(delivery.row.attempts, why).await;
    }
    match delivery.attempt(templates).await {
        Err(error) if !error.is_outage() => {
            tracing::warn!(
                notification = %delivery.row.id,
                error = &error as &dyn std::error::Error,
                "notification {} cannot be sent", delivery.row.id
            );
            delivery.fail(DAMAGED).await
        }
        outcome => outcome,
    }
}

/// Whom to write to, how, and what.
struct Addressed {
    reach: Reach,
    wishes: Wishes,
    message: Message,
    name: ShownName,
}

/// One message in the hands of one node.
struct Delivery<'a> {
    deps: &'a Deps,
    row: Model,
    claim: Claim,
    /// This try, counted from 1.
    attempt: i32,
    /// Whether a copy of an earlier try may have arrived.
    unsure: bool,
    reminder: bool,
}

impl<'a> Delivery<'a> {
    fn new(deps: &'a Deps, row: Model) -> Self {
        let claim = Claim {
            id: row.id,
            until: row.due_at,
        };
        Self {
            deps,
            claim,
            attempt: row.attempts.saturating_add(1),
            unsure: is_unsure(&row),
            reminder: false,
            row,
        }
    }

    async fn attempt(&mut self, templates: &[Approved]) -> Result<(), Error> {
        let to = self.address().await?;
        self.reminder = to.message.is_reminder();
        if rules::is_too_late(to.message.last_day(), self.deps.clock.now()) {
            return self.withdraw(TOO_LATE).await;
        }
        let accounts: Vec<Account<'_>> = to
            .reach
            .accounts
            .iter()
            .map(|account| Account {
                platform: account.platform,
                app_id: &account.app_id,
            })
            .collect();
        let (kind, phone) = (self.row.kind, to.reach.phone.is_some());
        let mut routes = rules::routes(kind, &to.wishes, &accounts, phone, templates);
        if let Some(channel) = self.row.channel {
            let app_id = self.row.app_id.as_deref();
            if self.unsure {
                routes = rules::same_way(routes, channel, app_id);
            } else if self.is_undelivered() {
                routes = rules::other_ways(routes, channel, app_id);
            }
        }
        if templates.iter().all(|template| template.kind != kind) {
            tracing::warn!(
                kind = kind_name(&self.row),
                "there is no template for this kind"
            );
            return self.withdraw(NO_TEMPLATE).await;
        }
        self.try_in_turn(&to, &routes).await
    }

    async fn address(&self) -> Result<Addressed, Error> {
        let (db, person) = (&self.deps.db, self.row.person_id);
        let reach = identity::reach_of(db, self.deps, person).await?;
        let key = identity::data_key_of(db, self.deps, person).await?;
        Ok(Addressed {
            wishes: wishes::of(db, reach.recipient).await?,
            message: telling::open(&self.row, &key)?,
            name: ShownName::of(reach.masked_name.as_deref()),
            reach,
        })
    }

    async fn try_in_turn(&self, to: &Addressed, routes: &[Route<'_>]) -> Result<(), Error> {
        // What became of it where it was open, and else why nothing was.
        let (mut failed, mut closed) = (None, NO_CHANNEL);
        for route in routes {
            let spent = match self.begin(to, route).await? {
                Leave::Given(spent) => spent,
                Leave::Refused => {
                    closed = NOT_ALLOWED;
                    continue;
                }
                Leave::Overtaken => return Ok(()),
            };
            let letter = Letter {
                notification: self.row.id,
                route,
                reach: &to.reach,
                message: &to.message,
                name: &to.name,
                form_id: spent.as_ref().and_then(Spent::form_id),
            };
            let outcome = sending::send(self.deps, &letter).await;
            Self::count(route, &outcome);
            let next = rules::after(&outcome, self.attempt, self.unsure);
            if next == Next::Done {
                return self.sent(route).await;
            }
            self.settle(route, &outcome, spent).await?;
            if outcome == Outcome::NotAllowed {
                closed = NOT_ALLOWED;
            } else {
                failed = Some(word(&outcome).to_owned());
            }
            if next == Next::Later {
                break;
            }
        }
        match failed {
            Some(why) => self.fail(&why).await,
            None => self.nowhere(closed, to.wishes.sms).await,
        }
    }

    /// End a try that found every way closed. Where SMS is not wanted, none will open.
    async fn nowhere(&self, closed: &str, sms: bool) -> Result<(), Error> {
        let why = if self.is_undelivered() {
            UNDELIVERED
        } else {
            closed
        };
        match (sms || self.unsure, why) {
            (false, UNDELIVERED) => self.withdraw(UNDELIVERED).await,
            (false, _) => self.withdraw(NOT_WANTED).await,
            (true, _) => self.fail(why).await,
        }
    }

    /// Take the permission that `route` needs, and note that it is about to be tried.
    async fn begin(&self, to: &Addressed, route: &Route<'_>) -> Result<Leave, Error> {
        let tx = begin_write(&self.deps.db).await?;
        let leave = self.permission(&tx, to, route).await?;
        if matches!(leave, Leave::Refused) {
            return Ok(leave);
        }
        let this = Try {
            attempts: self.attempt,
            at: self.deps.clock.now(),
            channel: route.channel(),
            recipient: to.reach.recipient,
            app_id: route.app_id(),
            template_id: route.template_id(),
            outcome: SENDING,
        };
        if !tries::note_try(&tx, self.claim, &this).await? {
            return Ok(Leave::Overtaken);
        }
        tx.commit().await?;
        Ok(leave)
    }

    /// A copy that may have arrived took its permission with it, unless it was a form: its repetition
    /// needs no other.
    async fn permission(
        &self,
        tx: &DatabaseTransaction,
        to: &Addressed,
        route: &Route<'_>,
    ) -> Result<Leave, Error> {
        let Route::App {
            platform, template, ..
        } = route
        else {
            return Ok(Leave::Given(None));
        };
        let needed = match platform {
            Platform::Wechat => !self.repeats(to, route),
            Platform::Alipay => template.form_id,
        };
        if !needed {
            return Ok(Leave::Given(None));
        }
        let template = subscriptions::Template {
            platform: *platform,
            app_id: &template.app_id,
            template_id: &template.template_id,
        };
        let now = self.deps.clock.now();
        let spent = subscriptions::spend(tx, to.reach.recipient, template, now).await?;
        Ok(spent.map_or(Leave::Refused, |spent| Leave::Given(Some(spent))))
    }

    /// Whether `route` is how the copy went that may have arrived.
    fn repeats(&self, to: &Addressed, route: &Route<'_>) -> bool {
        let row = &self.row;
        self.unsure
            && row.channel == Some(route.channel())
            && row.app_id.as_deref() == route.app_id()
            && row.template_id.as_deref() == route.template_id()
            && row.recipient_id == Some(to.reach.recipient)
    }

    fn is_undelivered(&self) -> bool {
        self.row.outcome.as_deref() == Some(UNDELIVERED)
    }

    /// What is noted of a try: that an earlier copy may have arrived, unless this was a definite no.
    fn noted<'w>(&self, word: &'w str) -> &'w str {
        let definite = !matches!(word, RETRYABLE | DAMAGED | NO_CHANNEL);
        if self.unsure && !definite {
            UNKNOWN
        } else {
            word
        }
    }

    /// Note an outcome other than "sent", and what it means for the permission that was taken.
    async fn settle(
        &self,
        route: &Route<'_>,
        outcome: &Outcome,
        spent: Option<Spent>,
    ) -> Result<(), Error> {
        if let Outcome::Rejected(code) = outcome {
            tracing::warn!(
                notification = %self.row.id,
                channel = ?route.channel(),
                code,
                "notification {} was rejected", self.row.id
            );
        }
        let tx = begin_write(&self.deps.db).await?;
        match (outcome, spent) {
            (Outcome::NotAllowed, Some(spent)) => {
                subscriptions::refused_by_platform(&tx, spent).await?;
            }
            (Outcome::Rejected(_) | Outcome::Retryable, Some(spent)) => {
                subscriptions::give_back(&tx, spent).await?;
            }
            _ => {}
        }
        tries::note_outcome(&tx, self.claim, self.noted(word(outcome))).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn sent(&self, route: &Route<'_>) -> Result<(), Error> {
        let (db, now) = (&self.deps.db, self.deps.clock.now());
        tries::mark_sent(db, self.row.id, telling::SENT, now).await?;
        tracing::debug!(notification = %self.row.id, channel = ?route.channel(), "sent");
        Ok(())
    }

    async fn withdraw(&self, why: &str) -> Result<(), Error> {
        self.end(
            NotificationState::Withdrawn,
            self.row.attempts,
            why,
            self.row.due_at,
        )
        .await
    }

    /// End this try without success: there will be another, or there were too many.
    async fn fail(&self, why: &str) -> Result<(), Error> {
        let why = self.noted(why);
        if self.attempt >= MOST_ATTEMPTS {
            return self.die(self.attempt, why).await;
        }
        let now = self.deps.clock.now();
        let chance = self.deps.entropy.below(1_001);
        let reminder = self.reminder.then(|| telling::hours(self.deps));
        let next = rules::next_try(now, self.attempt, chance, reminder);
        self.end(NotificationState::Waiting, self.attempt, why, next)
            .await
    }

    /// Try no more after `tries`.
    async fn die(&self, tries: i32, why: &str) -> Result<(), Error> {
        counter!("notifications_dead_total", "kind" => kind_name(&self.row)).increment(1);
        tracing::warn!(
            notification = %self.row.id,
            outcome = why,
            "notification {} is dead after {tries} tries", self.row.id
        );
        self.end(NotificationState::Dead, tries, why, self.row.due_at)
            .await
    }

    /// A reminder that waits for another day lets others go before it.
    async fn end(
        &self,
        state: NotificationState,
        attempts: i32,
        outcome: &str,
        due_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let not_before = if self.reminder && state == NotificationState::Waiting {
            due_at
        } else {
            self.row.not_before
        };
        let ended = Ended {
            state,
            attempts,
            outcome,
            not_before,
            due_at,
        };
        tries::end(&self.deps.db, self.claim, ended).await?;
        Ok(())
    }

    fn count(route: &Route<'_>, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Rejected(_) => "rejected",
            other => word_of_ours(other),
        };
        let channel = match route {
            Route::Sms(_) => "sms",
            Route::App { platform, .. } => platform.name(),
        };
        counter!("notifications_tries_total", "channel" => channel, "outcome" => outcome)
            .increment(1);
    }
}

/// Whether a way may be tried.
enum Leave {
    /// It may, with the permission that was taken for it, where it needs one.
    Given(Option<Spent>),
    /// The person does not allow it.
    Refused,
    /// Another node has the message now, or it was withdrawn.
    Overtaken,
}

/// What is noted of an outcome.
fn word(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected(code) => code,
        other => word_of_ours(other),
    }
}

fn word_of_ours(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent => telling::SENT,
        Outcome::NotAllowed => NOT_ALLOWED,
        Outcome::Rejected(_) => "rejected",
        Outcome::Retryable => RETRYABLE,
        Outcome::Unknown => UNKNOWN,
    }
}

fn kind_name(row: &Model) -> &'static str {
    use NotificationKind as Kind;
    match row.kind {
        Kind::CodeChanged => "code_changed",
        Kind::CheckInDue => "check_in_due",
        Kind::ReviewDecided => "review_decided",
        Kind::ReviewDue => "review_due",
        Kind::PassExpiring => "pass_expiring",
        Kind::PassStanding => "pass_standing",
        Kind::PassRecognised => "pass_recognised",
        Kind::RideAsked => "ride_asked",
        Kind::VisitsReleased => "visits_released",
        Kind::ControlAction => "control_action",
        Kind::VenueStanding => "venue_standing",
        Kind::DeclarationMark => "declaration_mark",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_try_that_fails_interrupts_no_other() {
        let ended = AtomicU8::new(0);
        let tries = [Err("first"), Ok(()), Err("second"), Ok(())].map(|outcome| {
            let ended = &ended;
            async move {
                if outcome != Err("first") {
                    tokio::task::yield_now().await;
                }
                ended.fetch_add(1, Ordering::Relaxed);
                outcome
            }
        });
        assert_eq!(all(tries.into_iter(), 2).await, Err("first"));
        assert_eq!(ended.into_inner(), 4);
    }
}
