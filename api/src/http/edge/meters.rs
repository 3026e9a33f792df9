//! What is counted of every request.

use std::{array, cell::RefCell, time::Duration};

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
    /// By route, and the last for what belongs to none.
    routes: RefCell<Vec<[Option<Route>; METHODS.len()]>>,
}

/// Meters of one method of one route.
struct Route {
    classes: [Counter; CLASSES.len()],
    seconds: Histogram,
}

impl Meters {
    /// Meters for so many `routes`.
    pub(super) fn new(routes: usize) -> Self {
        let unused = || array::from_fn(|_| None);
        Self {
            in_flight: gauge!("http_requests_in_flight"),
            routes: RefCell::new((0..=routes).map(|_| unused()).collect()),
        }
    }

    pub(super) fn arrived(&self) {
        self.in_flight.increment(1.0);
    }

    pub(super) fn left(&self) {
        self.in_flight.decrement(1.0);
    }

    /// A request to `route`, whose pattern is `pattern`, was answered after `took`.
    pub(super) fn answered(
        &self,
        route: Option<usize>,
        pattern: &str,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let method = position(method);
        let mut routes = self.routes.borrow_mut();
        let last = routes.len().saturating_sub(1);
        let place = routes
            .get_mut(route.unwrap_or(last))
            .and_then(|methods| methods.get_mut(method));
        if let Some(place) = place {
            place
                .get_or_insert_with(|| {
                    Route::new(pattern, METHODS.get(method).copied().unwrap_or("other"))
                })
                .answered(status, took);
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
