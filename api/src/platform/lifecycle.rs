//! Stopping: softly when asked, hard when asked twice or out of time.

use std::{future::pending, io, pin::pin, time::Duration};

use actix_web::dev::Server;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::timeout,
};

/// How long a server may take to break everything off.
const BREAKING_OFF: Duration = Duration::from_millis(500);

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

/// Hear SIGTERM and SIGINT. The first stops softly; the second, or the end of `grace` after the first, hard.
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
    if timeout(grace, next(&mut signals)).await.is_err() {
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

/// Run `server` until it ends or `stop` says so. Stopped softly, it goes on for `leave`, in which whoever
/// sends it requests can go elsewhere, and then accepts nothing new and answers what it accepted; stopped
/// hard, it breaks off what is unfinished, or leaves it to end with the process.
///
/// The server must leave signals alone (`disable_signals`), and its own `shutdown_timeout` must
/// not be shorter than the grace of `stop`.
pub async fn serve(server: Server, stop: &Stop, leave: Duration) -> io::Result<()> {
    let handle = server.handle();
    let mut server = pin!(server);
    let stop_softly = async {
        stop.soft().await;
        tokio::time::sleep(leave).await;
        handle.stop(true).await;
        // The server is what says that it has ended.
        pending::<()>().await;
    };
    tokio::select! {
        biased;
        () = stop.hard() => (),
        ended = &mut server => return ended,
        () = stop_softly => (),
    }
    // The order is given by the call. A server that is stopping softly does not hear it.
    drop(handle.stop(false));
    timeout(BREAKING_OFF, server).await.unwrap_or(Ok(()))
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc};

    use actix_web::{App, HttpServer, web::get};
    use futures_util::FutureExt;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::Semaphore,
        task::JoinHandle,
    };

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

    /// A server whose only route says that it was called, and answers once it has leave.
    struct Slow {
        address: SocketAddr,
        called: Arc<Semaphore>,
        leave: Arc<Semaphore>,
        stopper: Stopper,
        ended: JoinHandle<io::Result<()>>,
    }

    fn slow() -> Slow {
        let (called, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (here, there) = (Arc::clone(&called), Arc::clone(&leave));
        let answer = move || {
            let (called, leave) = (Arc::clone(&here), Arc::clone(&there));
            async move {
                called.add_permits(1);
                leave.acquire().await.unwrap().forget();
                "done"
            }
        };
        let server = HttpServer::new(move || App::new().route("/", get().to(answer.clone())))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .unwrap();
        let address = server.addrs()[0];
        let (stopper, stop) = pair();
        let server = server.run();
        Slow {
            address,
            called,
            leave,
            stopper,
            ended: tokio::spawn(async move { serve(server, &stop, Duration::ZERO).await }),
        }
    }

    async fn call(slow: &Slow) -> TcpStream {
        let mut stream = TcpStream::connect(slow.address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        slow.called.acquire().await.unwrap().forget();
        stream
    }

    #[tokio::test]
    async fn a_soft_stop_answers_what_was_accepted() {
        let slow = slow();
        let mut stream = call(&slow).await;
        slow.stopper.soft();
        slow.leave.add_permits(1);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        slow.ended.await.unwrap().unwrap();
        assert!(TcpStream::connect(slow.address).await.is_err());
    }

    #[tokio::test]
    async fn a_hard_stop_breaks_off_what_is_unfinished() {
        let slow = slow();
        let mut stream = call(&slow).await;
        slow.stopper.hard();
        slow.ended.await.unwrap().unwrap();
        let mut answer = String::new();
        assert!(matches!(
            stream.read_to_string(&mut answer).await,
            Ok(0) | Err(_)
        ));
        assert!(TcpStream::connect(slow.address).await.is_err());
    }

    #[tokio::test]
    async fn a_hard_stop_waits_for_no_answer_not_even_after_a_soft_one() {
        let slow = slow();
        let _stream = call(&slow).await;
        slow.stopper.soft();
        tokio::task::yield_now().await;
        assert!(!slow.ended.is_finished());
        slow.stopper.hard();
        slow.ended.await.unwrap().unwrap();
    }
}
