//! Failures on order: for an endpoint or a platform, a number of times or until cleared.

use serde::{Deserialize, Serialize};

use crate::call::Endpoint;
use crate::target::Target;

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
    /// The connection ends in good order, without a reply. The call has no effect.
    Close,
    /// The call **takes effect**, then the connection breaks before the reply.
    LoseReply,
    /// The call **takes effect**, then the reply is held back.
    Hang {
        /// For how long, in milliseconds of the machine's time.
        ms: u64,
    },
    /// The call **takes effect**; status and headers come at once, the body bit by bit.
    Drip {
        /// How many bytes come at a time, one at least.
        bytes: usize,
        /// How long each of them takes, in milliseconds of the machine's time.
        every_ms: u64,
    },
    /// The call **takes effect**; of the body that the headers announce half comes, then the
    /// connection ends.
    CutShort,
    /// The call takes effect; its reply is replaced by a long run of letters.
    HugeBody {
        /// How many bytes, at most 256 MiB.
        bytes: usize,
    },
    /// The call takes effect; its reply is replaced by a long run of letters, compressed with gzip
    /// whether or not the caller said that it can read that.
    Bomb {
        /// How many bytes it has when it is opened, at most 256 MiB.
        bytes: usize,
    },
    /// The call takes effect; its reply has a long run of headers that mean nothing.
    HugeHead {
        /// How many bytes, at most 16 MiB.
        bytes: usize,
    },
    /// The call takes effect; its reply carries another content type.
    ContentType {
        /// The content type.
        value: String,
    },
    /// The call takes effect; its reply has another body, such as `{}`.
    Body {
        /// The body.
        text: String,
    },
    /// An HTML page with status 200, as from a proxy. The call has no effect.
    Garbage,
    /// A redirect (302). The call has no effect.
    Redirect {
        /// Where to.
        location: String,
    },
}

/// A fault that was ordered.
struct Order {
    target: Target,
    fault: Fault,
    /// How often it is still to be shown; `None` until it is cleared.
    left: Option<u32>,
}

/// Faults ordered and not yet shown, in their order.
#[derive(Default)]
pub(crate) struct Faults {
    ordered: Vec<Order>,
}

impl Faults {
    /// Show `fault` on the next `times` calls of `target`, after those ordered before; without a
    /// number until it is cleared.
    pub(crate) fn order(&mut self, target: Target, fault: Fault, times: Option<u32>) {
        if times != Some(0) {
            self.ordered.push(Order {
                target,
                fault,
                left: times,
            });
        }
    }

    /// The fault that the next call of `endpoint` must show.
    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let covers = |order: &Order| order.target.covers(endpoint);
        let at = self.ordered.iter().position(covers)?;
        let order = self.ordered.get_mut(at)?;
        let fault = order.fault.clone();
        if let Some(left) = &mut order.left {
            *left -= 1;
            if *left == 0 {
                self.ordered.remove(at);
            }
        }
        Some(fault)
    }

    /// Forget what was ordered for `target` or a part of it.
    pub(crate) fn clear(&mut self, target: Target) {
        self.ordered.retain(|order| !target.includes(order.target));
    }

    pub(crate) fn clear_all(&mut self) {
        self.ordered.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Platform;

    const TOKEN: Endpoint = Endpoint::WechatToken;
    const SESSION: Endpoint = Endpoint::WechatSession;

    #[test]
    fn a_fault_shows_as_often_as_ordered_and_in_order() {
        let mut faults = Faults::default();
        faults.order(TOKEN.into(), Fault::Busy, Some(2));
        faults.order(TOKEN.into(), Fault::Reset, Some(1));
        faults.order(TOKEN.into(), Fault::Close, Some(0));

        let shown: Vec<_> = (0..4).map(|_| faults.take(TOKEN)).collect();
        assert_eq!(
            shown,
            [
                Some(Fault::Busy),
                Some(Fault::Busy),
                Some(Fault::Reset),
                None
            ]
        );
        assert_eq!(faults.take(SESSION), None);
    }

    #[test]
    fn a_fault_without_a_number_shows_until_it_is_cleared() {
        let mut faults = Faults::default();
        faults.order(Platform::Wechat.into(), Fault::Busy, None);
        faults.order(Endpoint::AliyunSms.into(), Fault::Close, None);
        for endpoint in [TOKEN, SESSION, TOKEN] {
            assert_eq!(faults.take(endpoint), Some(Fault::Busy));
        }
        assert_eq!(faults.take(Endpoint::AlipayOauthToken), None);

        faults.clear(TOKEN.into());
        assert_eq!(faults.take(TOKEN), Some(Fault::Busy), "ordered for more");
        faults.clear(Platform::Wechat.into());
        assert_eq!(faults.take(TOKEN), None);
        faults.clear(Platform::Sms.into());
        assert_eq!(faults.take(Endpoint::AliyunSms), None);
    }
}
