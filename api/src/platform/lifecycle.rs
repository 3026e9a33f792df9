//! Stopping: softly when asked, hard when asked twice or out of time.

use std::{io, time::Duration};

use actix_web::dev::Server;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Soft,
    Hard,
}

/// Says when to stop. Clones hear the same.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<Phase>);

/// Tells every [`Stop`] of its pair. Dropped, it is as if it had told them to stop hard.
#[derive(Debug)]
pub struct Stopper(watch::Sender<Phase>);

/// One who tells and one who hears.
#[must_use]
pub fn pair() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Accept nothing new, and finish what was accepted.
    pub fn soft(&self) {
        self.advance(Phase::Soft);
    }

    /// Drop what is unfinished.
    pub fn hard(&self) {
        self.advance(Phase::Hard);
    }

    /// There is no way back to an earlier phase.
    fn advance(&self, to: Phase) {
        self.0.send_if_modified(|phase| {
            let later = *phase < to;
            *phase = to.max(*phase);
            later
        });
    }
}

impl Stop {
    /// Whether nothing new should be begun.
    #[must_use]
    pub fn is_soft(&self) -> bool {
        *self.0.borrow() >= Phase::Soft || self.0.has_changed().is_err()
    }

    /// Wait until nothing new should be begun.
    pub async fn soft(&self) {
        self.reached(Phase::Soft).await;
    }

    /// Wait until what is unfinished should be dropped.
    pub async fn hard(&self) {
        self.reached(Phase::Hard).await;
    }

    async fn reached(&self, phase: Phase) {
        // An error says that the stopper is gone, which is reason enough to stop.
        let _ = self.0.clone().wait_for(|now| *now >= phase).await;
    }
}

/// Hear SIGTERM and SIGINT. The first stops softly; the second, or the end of `grace`, hard.
///
/// Must be called within a Tokio runtime.
pub fn on_signals(grace: Duration) -> io::Result<Stop> {
    let (stopper, stop) = pair();
    let signals = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    tokio::spawn(obey(signals, grace, stopper));
    Ok(stop)
}

/// Keeps the stopper alive for as long as the process lives: what is told stays told.
async fn obey(mut signals: (Signal, Signal), grace: Duration, stopper: Stopper) {
    next(&mut signals).await;
    tracing::info!(
        grace_seconds = grace.as_secs(),
        "stopping; a second signal stops at once"
    );
    stopper.soft();
    if tokio::time::timeout(grace, next(&mut signals))
        .await
        .is_err()
    {
        tracing::warn!("not everything finished in time");
    }
    stopper.hard();
}

async fn next((terminate, interrupt): &mut (Signal, Signal)) {
    tokio::select! {
        _ = terminate.recv() => (),
        _ = interrupt.recv() => (),
    }
}

/// Run `server` until it ends or `stop` says so: softly, requests in flight are answered.
///
/// The server must leave signals alone (`disable_signals`), and its own `shutdown_timeout` must
/// not be shorter than the grace of `stop`.
pub async fn serve(server: Server, stop: &Stop) -> io::Result<()> {
    let handle = server.handle();
    let stopping = async {
        stop.soft().await;
        tokio::join!(handle.stop(true), async {
            stop.hard().await;
            handle.stop(false).await;
        });
    };
    tokio::select! {
        ended = server => ended,
        () = stopping => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn stopping_softly_is_not_stopping_hard() {
        let (stopper, stop) = pair();
        assert!(!stop.is_soft());
        assert!(stop.soft().now_or_never().is_none());

        stopper.soft();
        assert!(stop.is_soft());
        assert!(stop.soft().now_or_never().is_some());
        assert!(stop.hard().now_or_never().is_none());

        stopper.hard();
        assert!(stop.hard().now_or_never().is_some());
    }

    #[tokio::test]
    async fn there_is_no_way_back() {
        let (stopper, stop) = pair();
        stopper.hard();
        stopper.soft();
        assert!(stop.hard().now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_has_nobody_to_listen_to_stops() {
        let (stopper, stop) = pair();
        drop(stopper);
        assert!(stop.is_soft());
        assert!(stop.hard().now_or_never().is_some());
    }
}
