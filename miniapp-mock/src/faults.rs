//! Failures on order: per endpoint, a number of times.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::{Endpoint, Reply, Trouble};

const GARBAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
const MAX_HUGE_BYTES: usize = 256 * 1024 * 1024;

/// A failure that an endpoint can be told to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The platform says "try later" in its own words. The call has no effect.
    Busy,
    /// The platform says that the quota is used up. The call has no effect.
    Quota,
    /// The platform answers with this code of its own. The call has no effect.
    Refuse {
        /// A WeChat errcode, an Alipay `sub_code`, a gateway's `Code`.
        code: String,
    },
    /// A bare HTTP status, such as 500. The call has no effect.
    Status {
        /// The status.
        status: u16,
    },
    /// The connection breaks before the platform read the call, which has no effect.
    Reset,
    /// The call **takes effect**, then the connection breaks before the reply.
    LoseReply,
    /// The call **takes effect**, then the reply is held back.
    Hang {
        /// For how long, in milliseconds.
        ms: u64,
    },
    /// The call takes effect; its reply is replaced by a long run of letters.
    HugeBody {
        /// How many bytes, at most 256 MiB.
        bytes: usize,
    },
    /// The call takes effect; its reply carries another content type.
    ContentType {
        /// The content type.
        value: String,
    },
    /// An HTML page with status 200, as from a proxy. The call has no effect.
    Garbage,
    /// A redirect (302). The call has no effect.
    Redirect {
        /// Where to.
        location: String,
    },
}

/// What becomes of a reply on its way out.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// Sent after a while, possibly none, with a `Location` if there is one.
    Send {
        reply: Reply,
        after: Duration,
        location: Option<String>,
    },
    /// Never: the connection breaks.
    Break {
        /// What the log says of it.
        code: &'static str,
    },
}

impl Delivery {
    fn now(reply: Reply) -> Self {
        Self::Send {
            reply,
            after: Duration::ZERO,
            location: None,
        }
    }

    /// The status and the code for the request log.
    pub(crate) fn outcome(&self) -> (u16, String) {
        match self {
            Self::Send { reply, .. } => (reply.status, reply.code.clone()),
            Self::Break { code } => (0, (*code).to_owned()),
        }
    }
}

/// Faults ordered and not yet shown.
#[derive(Default)]
pub(crate) struct Faults {
    ordered: HashMap<Endpoint, VecDeque<(Fault, u32)>>,
}

impl Faults {
    /// Show `fault` on the next `times` calls of `endpoint`, after those ordered before.
    pub(crate) fn order(&mut self, endpoint: Endpoint, fault: Fault, times: u32) {
        if times > 0 {
            let line = self.ordered.entry(endpoint).or_default();
            line.push_back((fault, times));
        }
    }

    /// The fault that the next call of `endpoint` must show.
    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let line = self.ordered.get_mut(&endpoint)?;
        let (fault, left) = line.front_mut()?;
        let fault = fault.clone();
        *left -= 1;
        if *left == 0 {
            line.pop_front();
        }
        Some(fault)
    }

    pub(crate) fn clear(&mut self) {
        self.ordered.clear();
    }
}

/// Answer a call under `fault`. `serve` lets the call take effect; `refuse` says no in the
/// platform's words.
pub(crate) fn deliver(
    fault: Option<Fault>,
    serve: impl FnOnce() -> Reply,
    refuse: impl FnOnce(Trouble) -> Reply,
) -> Delivery {
    match fault {
        None => Delivery::now(serve()),
        Some(Fault::Busy) => Delivery::now(refuse(Trouble::Busy)),
        Some(Fault::Quota) => Delivery::now(refuse(Trouble::Quota)),
        Some(Fault::Refuse { code }) => Delivery::now(refuse(Trouble::Code(code))),
        Some(Fault::Status { status }) => Delivery::now(http_failure(status)),
        Some(Fault::Garbage) => Delivery::now(Reply::new("text/html", GARBAGE, "fault: garbage")),
        Some(Fault::Reset) => Delivery::Break {
            code: "fault: reset",
        },
        Some(Fault::Redirect { location }) => Delivery::Send {
            reply: Reply::new("text/html", "", "fault: redirect").with_status(302),
            after: Duration::ZERO,
            location: Some(location),
        },
        Some(Fault::LoseReply) => {
            serve();
            Delivery::Break {
                code: "fault: reply lost",
            }
        }
        Some(Fault::Hang { ms }) => Delivery::Send {
            reply: serve(),
            after: Duration::from_millis(ms),
            location: None,
        },
        Some(Fault::HugeBody { bytes }) => {
            let body = vec![b'a'; bytes.min(MAX_HUGE_BYTES)];
            Delivery::now(Reply { body, ..serve() })
        }
        Some(Fault::ContentType { value }) => Delivery::now(Reply {
            content_type: value,
            ..serve()
        }),
    }
}

fn http_failure(status: u16) -> Reply {
    Reply::new("text/plain", "", format!("fault: status {status}")).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_as_often_as_ordered_and_in_order() {
        let mut faults = Faults::default();
        faults.order(Endpoint::WechatToken, Fault::Busy, 2);
        faults.order(Endpoint::WechatToken, Fault::Reset, 1);

        let shown: Vec<_> = (0..4).map(|_| faults.take(Endpoint::WechatToken)).collect();
        assert_eq!(
            shown,
            [
                Some(Fault::Busy),
                Some(Fault::Busy),
                Some(Fault::Reset),
                None
            ]
        );
        assert_eq!(faults.take(Endpoint::WechatSession), None);
    }
}
