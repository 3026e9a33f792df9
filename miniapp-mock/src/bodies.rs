//! Bodies that do not come as they should.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;

/// A body that fails at once, so that the server drops the connection with nothing sent.
pub(crate) struct Broken;

impl MessageBody for Broken {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        Poll::Ready(Some(Err(broken())))
    }
}

/// A body of which half comes.
pub(crate) struct Half {
    announced: usize,
    sent: Sent,
}

enum Sent {
    Nothing {
        half: Bytes,
    },
    /// On its way: the server is given the chance to send it.
    All,
    Flushed,
}

impl Half {
    /// The first half of `whole`, announced as all of it.
    pub(crate) fn of(whole: Vec<u8>) -> Self {
        let announced = whole.len();
        let mut half = Bytes::from(whole);
        half.truncate(announced / 2);
        Self {
            announced,
            sent: Sent::Nothing { half },
        }
    }
}

impl MessageBody for Half {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.announced as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        match &self.sent {
            Sent::Nothing { half } => {
                let half = half.clone();
                self.sent = Sent::All;
                Poll::Ready(Some(Ok(half)))
            }
            Sent::All => {
                self.sent = Sent::Flushed;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Sent::Flushed => Poll::Ready(Some(Err(broken()))),
        }
    }
}

/// A body that comes bit by bit.
pub(crate) struct Drip {
    left: Bytes,
    piece: usize,
    every: Duration,
    wait: Pin<Box<Sleep>>,
}

impl Drip {
    /// `whole`, `piece` bytes `every` so often.
    pub(crate) fn of(whole: Vec<u8>, piece: usize, every: Duration) -> Self {
        Self {
            left: whole.into(),
            piece: piece.max(1),
            every,
            wait: Box::pin(sleep(every)),
        }
    }
}

impl MessageBody for Drip {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.wait.as_mut().poll(context));
        self.wait = Box::pin(sleep(self.every));
        let piece = self.piece.min(self.left.len());
        Poll::Ready(Some(Ok(self.left.split_to(piece))))
    }
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}
