//! A circuit breaker: a platform that keeps failing is left alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Opens after `threshold` failures in a row and stays open for `rest`; then one call may probe, and
/// its outcome closes or opens it again. Lives in memory: every instance learns for itself.
#[derive(Debug)]
pub(super) struct Breaker {
    threshold: u32,
    rest: TimeDelta,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    },
    Probing,
}

/// What a verdict changed. A probe that fails changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The platform is left alone from now on.
    Opened,
    /// It is asked again.
    Closed,
}

impl Breaker {
    pub(super) fn new(threshold: u32, rest: TimeDelta) -> Self {
        Self {
            threshold,
            rest,
            state: Mutex::new(State::Closed { failures: 0 }),
        }
    }

    /// Ask to make a call at `now`. `None` while the breaker is open or another call probes.
    ///
    /// An opening that lies in the future is over: the clock was set back, and the rest must not last
    /// as long as that.
    pub(super) fn admit(&self, now: DateTime<Utc>) -> Option<Attempt<'_>> {
        let mut state = self.state();
        let probe = match *state {
            State::Closed { .. } => false,
            State::Open { since, until } if (since..until).contains(&now) => return None,
            State::Open { .. } => true,
            State::Probing => return None,
        };
        if probe {
            *state = State::Probing;
        }
        Some(Attempt {
            breaker: self,
            probe,
            judged: false,
        })
    }

    fn judge(&self, probe: bool, well: bool, now: DateTime<Utc>) -> Option<Change> {
        let mut state = self.state();
        let was_open = !matches!(*state, State::Closed { .. });
        *state = match *state {
            State::Closed { .. } if well => State::Closed { failures: 0 },
            State::Closed { failures } if failures.saturating_add(1) < self.threshold => {
                State::Closed {
                    failures: failures.saturating_add(1),
                }
            }
            State::Probing if probe && well => State::Closed { failures: 0 },
            State::Closed { .. } => self.opened(now),
            State::Probing if probe => self.opened(now),
            // A call from before the opening says nothing new.
            undisturbed @ (State::Open { .. } | State::Probing) => undisturbed,
        };
        match (was_open, matches!(*state, State::Closed { .. })) {
            (false, false) => Some(Change::Opened),
            (true, true) => Some(Change::Closed),
            _ => None,
        }
    }

    /// A probe that was given up says nothing; the next call probes in its place.
    fn abandon_probe(&self) {
        let mut state = self.state();
        if matches!(*state, State::Probing) {
            *state = State::Open {
                since: DateTime::UNIX_EPOCH,
                until: DateTime::UNIX_EPOCH,
            };
        }
    }

    fn opened(&self, now: DateTime<Utc>) -> State {
        State::Open {
            since: now,
            until: now + self.rest,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One admitted call. Dropped without a verdict (its caller went away at once) it counts for nothing.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    probe: bool,
    judged: bool,
}

impl Attempt<'_> {
    /// The platform answered (`well`) or failed at `now`. Says what that changed.
    pub(super) fn ended(mut self, well: bool, now: DateTime<Utc>) -> Option<Change> {
        self.judged = true;
        self.breaker.judge(self.probe, well, now)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.probe && !self.judged {
            self.breaker.abandon_probe();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: TimeDelta = TimeDelta::seconds(5);
    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn failing(breaker: &Breaker, times: u32, now: DateTime<Utc>) {
        for _ in 0..times {
            breaker.admit(now).expect("admitted").ended(false, now);
        }
    }

    #[test]
    fn it_opens_after_so_many_failures_in_a_row_and_no_fewer() {
        let breaker = Breaker::new(5, REST);
        failing(&breaker, 4, START);
        breaker.admit(START).unwrap().ended(true, START);
        failing(&breaker, 4, START);
        assert!(
            breaker.admit(START).is_some(),
            "a success starts the count anew"
        );
        let last = breaker.admit(START).unwrap();
        assert_eq!(last.ended(false, START), Some(Change::Opened));
        assert!(breaker.admit(START).is_none());
    }

    #[test]
    fn after_the_rest_one_call_probes_and_its_outcome_decides() {
        let breaker = Breaker::new(1, REST);
        failing(&breaker, 1, START);
        let almost = START + REST - TimeDelta::milliseconds(1);
        assert!(breaker.admit(almost).is_none());

        let then = START + REST;
        let probe = breaker.admit(then).unwrap();
        assert!(breaker.admit(then).is_none(), "one probe at a time");
        assert_eq!(probe.ended(false, then), None, "it was open and still is");
        assert!(breaker.admit(then).is_none(), "a failed probe opens again");

        let later = then + REST;
        let probe = breaker.admit(later).unwrap();
        assert_eq!(probe.ended(true, later), Some(Change::Closed));
        assert!(breaker.admit(later).is_some());
        assert!(breaker.admit(later).is_some(), "closed for all");
    }

    #[test]
    fn a_probe_that_is_given_up_lets_the_next_call_probe() {
        let breaker = Breaker::new(1, REST);
        failing(&breaker, 1, START);
        drop(breaker.admit(START + REST).unwrap());
        assert!(breaker.admit(START + REST).is_some());
    }

    #[test]
    fn calls_from_before_the_opening_neither_lengthen_nor_end_it() {
        let breaker = Breaker::new(1, REST);
        let (slow, slower) = (breaker.admit(START).unwrap(), breaker.admit(START).unwrap());
        failing(&breaker, 1, START);
        slow.ended(true, START);
        assert!(breaker.admit(START).is_none());
        slower.ended(false, START + REST);
        assert!(breaker.admit(START + REST).is_some());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_it_open() {
        let breaker = Breaker::new(1, REST);
        failing(&breaker, 1, START + TimeDelta::days(1));
        assert!(breaker.admit(START).is_some());
    }
}
