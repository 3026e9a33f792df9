//! Logs and meters.

use std::{
    io::{self, IsTerminal},
    panic,
    sync::OnceLock,
    time::Duration,
};

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

use crate::config::{Format, Telemetry};

/// Upper bounds of the histograms, in seconds.
const BUCKETS: [f64; 16] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];

/// How often samples are folded into buckets when nobody asks for them.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Log as `settings` say, on standard error. Fails on a filter that cannot be read, and when this
/// process logs already.
pub fn log(settings: &Telemetry) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).context("telemetry.filter")?;
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match settings.format {
        Format::Text => lines.finish().try_init(),
        Format::Json => lines.json().flatten_event(true).finish().try_init(),
    }
    .context("logging is set up already")?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Where a panic happened. Not its message, which may quote what was being handled.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("an unknown place");
    tracing::error!(place, "panicked at {place}");
}

/// This process's meters. The first call makes them those that the `metrics` macros write to.
#[must_use]
pub fn meters() -> PrometheusHandle {
    static METERS: OnceLock<PrometheusHandle> = OnceLock::new();
    METERS
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets(&BUCKETS)
                .unwrap_or_default()
                .build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("this process counts elsewhere");
            }
            handle
        })
        .clone()
}

/// Keep `meters` small, for as long as the process lives: without this, samples that nobody asks
/// for pile up.
pub async fn upkeep(meters: PrometheusHandle) {
    let mut turn = tokio::time::interval(UPKEEP_EVERY);
    loop {
        turn.tick().await;
        meters.run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error_that_names_its_key() {
        let settings = Telemetry {
            filter: "info,=,=".into(),
            ..Telemetry::default()
        };
        assert_eq!(log(&settings).unwrap_err().to_string(), "telemetry.filter");
    }

    #[test]
    fn everyone_counts_on_the_same_meters_and_histograms_have_buckets() {
        let (here, there) = (meters(), meters());
        metrics::histogram!("telemetry_test_seconds").record(0.002);
        for handle in [here, there] {
            let text = handle.render();
            assert!(
                text.contains(r#"telemetry_test_seconds_bucket{le="0.0025"} 1"#),
                "{text}"
            );
            assert!(
                text.contains(r#"telemetry_test_seconds_bucket{le="0.001"} 0"#),
                "{text}"
            );
        }
    }
}
