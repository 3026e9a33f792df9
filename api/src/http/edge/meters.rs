//! What is counted of every request.

use std::{array, cell::RefCell, collections::HashMap, time::Duration};

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// Labels of methods. Callers may invent methods, and must not invent labels.
const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "other",
];

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Meters of one worker. Their handles are kept, so that counting does not look them up by label.
pub(super) struct Meters {
    in_flight: Gauge,
    routes: RefCell<HashMap<String, [Option<Route>; METHODS.len()]>>,
}

/// Meters of one method of one route.
struct Route {
    classes: [Counter; CLASSES.len()],
    seconds: Histogram,
}

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            in_flight: gauge!("http_requests_in_flight"),
            routes: RefCell::default(),
        }
    }

    pub(super) fn arrived(&self) {
        self.in_flight.increment(1.0);
    }

    pub(super) fn left(&self) {
        self.in_flight.decrement(1.0);
    }

    /// A request to `route`, the pattern, was answered after `took`.
    pub(super) fn answered(
        &self,
        route: &str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let method = position(method);
        let mut routes = self.routes.borrow_mut();
        if let Some(known) = routes
            .get(route)
            .and_then(|methods| methods.get(method)?.as_ref())
        {
            return known.answered(status, took);
        }
        let fresh = Route::new(route, METHODS.get(method).copied().unwrap_or("other"));
        fresh.answered(status, took);
        let methods = routes
            .entry(route.to_owned())
            .or_insert_with(|| array::from_fn(|_| None));
        if let Some(place) = methods.get_mut(method) {
            *place = Some(fresh);
        }
    }
}

impl Route {
    fn new(route: &str, method: &'static str) -> Self {
        let counter_of = |class: &'static str| {
            counter!(
                "http_requests_total",
                "route" => route.to_owned(), "method" => method, "status" => class
            )
        };
        Self {
            classes: CLASSES.map(counter_of),
            seconds: histogram!(
                "http_request_seconds",
                "route" => route.to_owned(), "method" => method
            ),
        }
    }

    fn answered(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.classes.get(class) {
            counter.increment(1);
        }
        self.seconds.record(took);
    }
}

fn position(method: &Method) -> usize {
    METHODS
        .iter()
        .position(|known| *known == method.as_str())
        .unwrap_or(METHODS.len() - 1)
}
