//! What is refused first when there is too much to do (R8, R9), at once and before any work.
//!
//! A request belongs to a class. The more of them are in flight, and the higher the level that the
//! service runs at, the fewer classes are let in. Whoever shows or verifies a code comes last of all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use actix_web::http::{Method, StatusCode};

use super::problem::{Kind, Problem, Text};

/// When whoever was refused may ask again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The service does less than usual, and this is part of what it leaves out.
pub const SHED: Kind = Kind {
    slug: "shed",
    status: StatusCode::SERVICE_UNAVAILABLE,
    title: Text::new(
        "当前访问量过大，此功能暂停使用，请稍后再试",
        "Too much is asked of the service, and this can wait; please try again later",
    ),
};

/// The last level of the ladder.
pub const HIGHEST_LEVEL: u8 = 5;

/// The level from which on nothing is counted that can be counted later.
const UNCOUNTED_FROM: u8 = 3;

/// The level from which on what is known is shown before the database is asked.
const SPARING_FROM: u8 = 4;

/// What a request is for, from what must go on to what can wait (R9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Showing and verifying codes and passes, and what operators need to help the service.
    Show,
    /// Writing down visits.
    Scan,
    /// Logging in.
    LogIn,
    /// Declaring, and whatever else citizens do.
    Declare,
    /// What staff and units do.
    Console,
    /// Reports, files and bulk.
    Export,
}

impl Class {
    /// Every class, what goes first to the front.
    pub const ALL: [Self; 6] = [
        Self::Show,
        Self::Scan,
        Self::LogIn,
        Self::Declare,
        Self::Console,
        Self::Export,
    ];

    /// Its name in the API and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Scan => "scan",
            Self::LogIn => "log_in",
            Self::Declare => "declare",
            Self::Console => "console",
            Self::Export => "export",
        }
    }

    /// The class of a request.
    #[must_use]
    pub fn of(method: &Method, path: &str) -> Self {
        let Some(path) = path.strip_prefix("/v1/") else {
            return Self::Show;
        };
        let mut parts = path.split('/');
        let mut next = || parts.next().unwrap_or_default();
        match (next(), next(), next(), next()) {
            // Pages of paper are drawn one by one, whoever asks.
            _ if *method == Method::GET && (is(path, "/document") || is(path, "/poster")) => {
                Self::Export
            }
            ("gate", "records", ..) => Self::Declare,
            // What somebody shows, and what it is checked against.
            (
                "codes" | "gate" | "keys" | "passes" | "recognitions" | "service-level"
                | "status-lists",
                ..,
            )
            | ("receipts", "verify", "", "")
            | ("me", "permits" | "work-permit" | "work-permit.png", "", "")
            | ("vehicle-passes", _, "" | "picture", "")
            | (
                "people",
                _,
                "health-code" | "health-code.png" | "health-code.svg" | "pass-card",
                "",
            )
            // Whoever may lower the level must be able to log in at every level.
            | ("staff", "login" | "session" | "step-up" | "service-level", ..)
            // Whoever is logged in stays so, or could not show a code a quarter of an hour later.
            | ("login", "refresh", ..) => Self::Show,
            // Where codes do not help any more, doors write down who comes.
            ("organisations", _, "venues", _) if is(path, "/visits") && !is_record(path) => {
                Self::Show
            }
            ("visits", ..) => Self::Scan,
            ("organisations", _, "venues", _) if is_door(method, path) => Self::Scan,
            // Nobody logs in who does not agree to these.
            ("login" | "sessions" | "organisation-sessions" | "terms", ..) => Self::LogIn,
            ("daily-counts" | "log" | "uploads", ..)
            | ("people", _, "data", "")
            | ("staff", "imports" | "reports", ..)
            | ("organisations", _, "uploads", _) => Self::Export,
            ("organisations", _, "venues", _) if is_record(path) => Self::Export,
            ("staff" | "organisations", ..) => Self::Console,
            _ => Self::Declare,
        }
    }

    /// The part of what may be in flight, in percent, up to which this class is let in.
    const fn share(self) -> usize {
        match self {
            Self::Show => 100,
            Self::Scan => 90,
            Self::LogIn => 80,
            Self::Declare => 65,
            Self::Console => 50,
            Self::Export => 25,
        }
    }

    /// The level from which on this class is refused. None for the first.
    #[must_use]
    pub const fn shed_from(self) -> Option<u8> {
        match self {
            Self::Show => None,
            Self::Scan => Some(5),
            Self::LogIn => Some(4),
            Self::Declare => Some(3),
            Self::Console => Some(2),
            Self::Export => Some(1),
        }
    }
}

fn is(path: &str, end: &str) -> bool {
    path.ends_with(end)
}

/// What a unit sees of who came.
fn is_record(path: &str) -> bool {
    path.contains("/records/")
}

/// What happens at the door of a venue: its screen, and who is turned away.
fn is_door(method: &Method, path: &str) -> bool {
    is(path, "/screen") || (*method == Method::POST && is(path, "/refusals"))
}

/// Who is let in. One for all workers of a process.
#[derive(Debug)]
pub struct Admission {
    level: AtomicU8,
    in_flight: AtomicUsize,
    most: usize,
}

/// A request that was let in, until it is answered.
#[derive(Debug)]
#[must_use]
pub struct Admitted(Arc<Admission>);

impl Drop for Admitted {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

impl Admission {
    /// At most `most` requests at a time, at level 0.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            level: AtomicU8::new(0),
            in_flight: AtomicUsize::new(0),
            most,
        }
    }

    /// How many may be in flight at a time.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many are.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Relaxed)
    }

    /// The level that this process runs at: 0 to [`HIGHEST_LEVEL`].
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level.load(Relaxed)
    }

    /// Whether what can be counted later is counted now.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.level() < UNCOUNTED_FROM
    }

    /// Whether what is known and still holds is shown, marked, before the database is asked.
    #[must_use]
    pub fn spares_the_database(&self) -> bool {
        self.level() >= SPARING_FROM
    }

    /// Run at `level` from now on.
    pub fn set_level(&self, level: u8) {
        self.level.store(level.min(HIGHEST_LEVEL), Relaxed);
    }

    /// Let a request of `class` in, or refuse it.
    ///
    /// # Errors
    /// [`SHED`], with when to ask again.
    pub fn admit(self: &Arc<Self>, class: Class) -> Result<Admitted, Problem> {
        let before = self.in_flight.fetch_add(1, Relaxed);
        let admitted = Admitted(Arc::clone(self));
        let room = before < self.most.saturating_mul(class.share()) / 100;
        let shed = class.shed_from().is_some_and(|from| self.level() >= from);
        if room && !shed {
            return Ok(admitted);
        }
        Err(Problem {
            retry_after: Some(AGAIN_AFTER),
            ..Problem::new(SHED)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(path: &str) -> Class {
        Class::of(&Method::GET, path)
    }

    #[test]
    fn showing_and_verifying_is_the_first_class_and_files_the_last() {
        for path in [
            "/v1/people/x/health-code",
            "/v1/people/x/health-code.png",
            "/v1/people/x/pass-card",
            "/v1/codes/verify",
            "/v1/passes/verify",
            "/v1/gate/verifications",
            "/v1/status-lists/vehicle/2",
            "/v1/recognitions",
            "/v1/receipts/verify",
            "/v1/organisations/x/venues/y/visits",
            "/v1/me/permits",
            "/v1/me/work-permit.png",
            "/v1/vehicle-passes/x",
            "/v1/vehicle-passes/x/picture",
            "/v1/staff/login/totp",
            "/v1/staff/service-level",
            "/healthz",
        ] {
            assert_eq!(class(path), Class::Show, "{path}");
        }
        assert_eq!(class("/v1/login/refresh"), Class::Show);
        assert_eq!(class("/v1/gate/records"), Class::Declare);
        for path in [
            "/v1/visits",
            "/v1/organisations/x/venues/y/screen",
            "/v1/organisations/x/venues/y/refusals",
        ] {
            let asked = Class::of(&Method::POST, path);
            assert_eq!(asked, Class::Scan, "{path}");
        }
        assert_eq!(class("/v1/organisations/x/venues/y"), Class::Console);
        assert_eq!(class("/v1/vehicle-passes/x/changes"), Class::Declare);
        assert_eq!(class("/v1/login/sms"), Class::LogIn);
        assert_eq!(class("/v1/people/x/declarations"), Class::Declare);
        assert_eq!(class("/v1/staff/facts"), Class::Console);
        for path in [
            "/v1/staff/reports/pass-cards",
            "/v1/staff/imports",
            "/v1/organisations/x/venues/y/records/days",
            "/v1/organisations/x/venues/y/records/visits",
            "/v1/organisations/x/venues/y/poster",
            "/v1/staff/pass-cards/x/document",
            "/v1/me/work-permit/document",
            "/v1/people/x/pass-card/document",
            "/v1/people/x/data",
            "/v1/uploads",
            "/v1/uploads/y",
            "/v1/organisations/x/uploads",
        ] {
            assert_eq!(class(path), Class::Export, "{path}");
        }
    }

    #[test]
    fn each_level_leaves_out_one_class_more_and_none_leaves_out_the_first() {
        let admission = Arc::new(Admission::new(100));
        for level in 0..=HIGHEST_LEVEL {
            admission.set_level(level);
            let refused = Class::ALL
                .into_iter()
                .filter(|class| admission.admit(*class).is_err())
                .count();
            assert_eq!(refused, usize::from(level));
            assert!(admission.admit(Class::Show).is_ok());
        }
        admission.set_level(200);
        assert_eq!(admission.level(), HIGHEST_LEVEL);
    }

    #[test]
    fn the_fuller_it_is_the_fewer_classes_are_let_in_and_the_last_place_is_for_codes() {
        let admission = Arc::new(Admission::new(10));
        let mut inside = Vec::new();
        let mut refused = Vec::new();
        for _ in 0..=10 {
            refused.push(
                Class::ALL
                    .into_iter()
                    .filter(|class| admission.admit(*class).is_err())
                    .map(Class::name)
                    .collect::<Vec<_>>(),
            );
            inside.extend(admission.admit(Class::Show));
        }
        assert_eq!(inside.len(), 10);
        assert!(refused.windows(2).all(|two| two[0].len() <= two[1].len()));
        assert_eq!(refused[0], Vec::<&str>::new());
        assert_eq!(refused[3], ["export"]);
        assert_eq!(
            refused[9],
            ["scan", "log_in", "declare", "console", "export"]
        );
        assert_eq!(refused[10].len(), Class::ALL.len());
        drop(inside);
        assert_eq!(admission.in_flight(), 0);
    }
}
