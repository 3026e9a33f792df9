//! The two stacks that every promise is kept on.
//!
//! A test that touches storage is written once, with [`on_both_stacks!`](crate::on_both_stacks), and
//! exists twice: `<name>::embedded` and `<name>::production`. So one run of the test runner covers
//! both, its summary counts both, and a filter picks one: `./tests/run.sh production`.
//!
//! The production half needs servers. `tests/run.sh` starts them and tells the tests where they are;
//! without it those tests fail, and say so. The same goes for the SDKs that judge the mocked
//! platforms, which it installs.

use std::path::PathBuf;

use api::platform::{Entropy, OsEntropy};

/// What the product runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// SQLite, and short-lived state in the process: one machine, nothing to install.
    Embedded,
    /// PostgreSQL and Redis.
    Production,
}

/// Where the tests' PostgreSQL is: its maintenance database, as a superuser.
///
/// # Panics
///
/// Outside `tests/run.sh`.
#[must_use]
pub fn postgres_url() -> String {
    told("TEST_PG_URL")
}

/// Where the tests' Redis is. Other tests use it too: keep to [`redis_prefix`].
///
/// # Panics
///
/// Outside `tests/run.sh`.
#[must_use]
pub fn redis_url() -> String {
    told("TEST_REDIS_URL")
}

/// Where the tests' Redis cluster is, of one node. Keep to [`redis_prefix`] here as well.
///
/// # Panics
///
/// Outside `tests/run.sh`.
#[must_use]
pub fn redis_cluster_url() -> String {
    told("TEST_REDIS_CLUSTER_URL")
}

/// Where the third-party SDKs lie: an environment in `python`, modules in `node`.
///
/// # Panics
///
/// Outside `tests/run.sh`, or if it could not install them.
#[must_use]
pub fn sdk_folder() -> PathBuf {
    let folder = variable("TEST_SDK").unwrap_or_else(|| {
        panic!(
            "TEST_SDK is not set: run the tests with ./tests/run.sh, which installs the SDKs from \
             PyPI and npm, or says at its start why it could not"
        )
    });
    PathBuf::from(folder)
}

/// What to begin every key with, so that no other test or run shares it. New at every call.
#[must_use]
pub fn redis_prefix() -> String {
    format!("t:{}:", OsEntropy.id().simple())
}

/// The name of this run: what the tests of one run share, and no other run does.
pub(crate) fn run_id() -> Option<String> {
    variable("TEST_RUN_ID")
}

fn told(name: &str) -> String {
    variable(name).unwrap_or_else(|| {
        panic!(
            "{name} is not set: run the tests with ./tests/run.sh, which starts PostgreSQL and Redis"
        )
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness is told where the servers are; the product is not involved"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Write a test once and have it on both stacks.
///
/// ```
/// # use integration_tests::Stack;
/// integration_tests::on_both_stacks! {
///     async fn a_declaration_is_kept(stack: Stack) {
///         let database = integration_tests::Database::fresh(stack).await;
///         // …
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_stacks {
    ($($(#[$attribute:meta])* async fn $promise:ident($stack:ident: Stack) $body:block)+) => {
        $(
            $(#[$attribute])*
            #[cfg(test)]
            async fn $promise($stack: $crate::Stack) $body

            #[cfg(test)]
            mod $promise {
                #[tokio::test]
                async fn embedded() {
                    super::$promise($crate::Stack::Embedded).await;
                }

                #[tokio::test]
                async fn production() {
                    super::$promise($crate::Stack::Production).await;
                }
            }
        )+
    };
}
