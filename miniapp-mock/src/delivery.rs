//! What becomes of a reply on its way out.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::call::{Reply, Trouble};
use crate::faults::Fault;

const GARBAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const MAX_HUGE_BYTES: usize = 256 * 1024 * 1024;
const MAX_HEAD_BYTES: usize = 16 * 1024 * 1024;

/// Length of one header that means nothing.
const FILLER_BYTES: usize = 4 * 1024;

/// A reply on its way out, or what comes in its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// A reply.
    Send(Sending),
    /// None: the connection ends.
    End {
        /// What the log says of it.
        code: &'static str,
        /// Whether the caller sees it reset.
        reset: bool,
    },
}

/// A reply, and how it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) reply: Reply,
    /// How long it is held back.
    pub(crate) after: Duration,
    /// Headers besides the content type.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) pace: Pace,
}

/// How a body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// At once.
    Whole,
    /// So many bytes every so often.
    Drip { bytes: usize, every: Duration },
    /// Half of it, and no more.
    Half,
}

impl Sending {
    fn now(reply: Reply) -> Self {
        Self {
            reply,
            after: Duration::ZERO,
            headers: Vec::new(),
            pace: Pace::Whole,
        }
    }

    fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl Delivery {
    /// The status and the code for the request log.
    pub(crate) fn outcome(&self) -> (u16, String) {
        match self {
            Self::Send(sending) => (sending.reply.status, sending.reply.code.clone()),
            Self::End { code, .. } => (0, (*code).to_owned()),
        }
    }

    /// How long a fault keeps the caller waiting for the whole of it.
    pub(crate) fn wait(&self) -> Duration {
        match self {
            Self::End { .. } => Duration::ZERO,
            Self::Send(sending) => match sending.pace {
                Pace::Whole | Pace::Half => sending.after,
                Pace::Drip { bytes, every } => {
                    let pieces = sending.reply.body.len().div_ceil(bytes.max(1));
                    every.saturating_mul(u32::try_from(pieces).unwrap_or(u32::MAX))
                }
            },
        }
    }
}

/// Answer a call under `fault`. `serve` lets the call take effect; `refuse` says no in the
/// platform's words.
pub(crate) fn deliver(
    fault: Option<Fault>,
    serve: impl FnOnce() -> Reply,
    refuse: impl FnOnce(Trouble) -> Reply,
) -> Delivery {
    let sending = match fault {
        None => Sending::now(serve()),
        Some(Fault::Busy) => Sending::now(refuse(Trouble::Busy)),
        Some(Fault::Quota) => Sending::now(refuse(Trouble::Quota)),
        Some(Fault::Refuse { code }) => Sending::now(refuse(Trouble::Code(code))),
        Some(Fault::Status { status }) => Sending::now(http_failure(status)),
        Some(Fault::Garbage) => Sending::now(Reply::new("text/html", GARBAGE, "fault: garbage")),
        Some(Fault::Reset) => return end("fault: reset", true),
        Some(Fault::Close) => return end("fault: closed", false),
        Some(Fault::LoseReply) => {
            serve();
            return end("fault: reply lost", true);
        }
        Some(Fault::Redirect { location }) => {
            let reply = Reply::new("text/html", "", "fault: redirect").with_status(302);
            Sending::now(reply).with_header("location", location)
        }
        Some(Fault::Hang { ms }) => Sending {
            after: Duration::from_millis(ms),
            ..Sending::now(serve())
        },
        Some(Fault::Drip { bytes, every_ms }) => Sending {
            pace: Pace::Drip {
                bytes: bytes.max(1),
                every: Duration::from_millis(every_ms),
            },
            ..Sending::now(serve())
        },
        Some(Fault::CutShort) => Sending {
            pace: Pace::Half,
            ..Sending::now(serve())
        },
        Some(Fault::HugeBody { bytes }) => Sending::now(with_body(serve(), letters(bytes))),
        Some(Fault::Bomb { bytes }) => {
            let body = compressed(&letters(bytes));
            Sending::now(with_body(serve(), body)).with_header("content-encoding", "gzip")
        }
        Some(Fault::HugeHead { bytes }) => with_huge_head(serve(), bytes),
        Some(Fault::ContentType { value }) => Sending::now(Reply {
            content_type: value,
            ..serve()
        }),
        Some(Fault::Body { text }) => Sending::now(with_body(serve(), text.into_bytes())),
    };
    Delivery::Send(sending)
}

fn end(code: &'static str, reset: bool) -> Delivery {
    Delivery::End { code, reset }
}

fn http_failure(status: u16) -> Reply {
    Reply::new("text/plain", "", format!("fault: status {status}")).with_status(status)
}

fn with_body(reply: Reply, body: Vec<u8>) -> Reply {
    Reply { body, ..reply }
}

fn letters(bytes: usize) -> Vec<u8> {
    vec![b'a'; bytes.min(MAX_HUGE_BYTES)]
}

#[expect(clippy::expect_used, reason = "memory can be written to")]
fn compressed(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}

fn with_huge_head(reply: Reply, bytes: usize) -> Sending {
    let filler = "a".repeat(FILLER_BYTES);
    (0..bytes.min(MAX_HEAD_BYTES).div_ceil(FILLER_BYTES)).fold(Sending::now(reply), |sending, n| {
        sending.with_header(&format!("x-filler-{n}"), filler.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(fault: Fault) -> Delivery {
        deliver(
            Some(fault),
            || Reply::new("text/plain", "0123456789", "0"),
            |_| Reply::new("text/plain", "no", "no"),
        )
    }

    #[test]
    fn the_log_knows_how_long_a_fault_lasts() {
        let drip = Fault::Drip {
            bytes: 3,
            every_ms: 60_000,
        };
        assert_eq!(under(drip).wait(), Duration::from_mins(4));
        assert_eq!(
            under(Fault::Hang { ms: 7 }).wait(),
            Duration::from_millis(7)
        );
        assert_eq!(under(Fault::Close).wait(), Duration::ZERO);
    }

    #[test]
    fn a_bomb_is_small_until_it_is_opened() {
        let Delivery::Send(sending) = under(Fault::Bomb { bytes: 1_000_000 }) else {
            panic!("a reply");
        };
        assert!(sending.reply.body.len() < 10_000);
    }
}
