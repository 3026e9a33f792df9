//! `dry-run`: what a rule would do to a million people, beside one sequential scan of them.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use api::{
    health_code::dry_run,
    policy::{Rule, RuleDocument},
};
use entity::values::Division;
use serde_json::json;

use super::everybody::{self, DAYS, PEOPLE, ROUNDS};
use crate::{report, rounds, stage::Stage};

/// So many times the scan's time, at the most.
const TARGET: f64 = 3.0;

/// Days after which the rule that is tried finds a record too old.
const TRIED: u32 = 7;

/// Scan and dry run in turn.
pub(crate) async fn run(stage: &Stage) -> Result<()> {
    everybody::settle(stage).await?;
    everybody::alone(stage).await?;
    let deps = stage.deps().await?;
    let rule = stricter()?;
    let (mut ratios, mut took) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let floor = everybody::scan(stage).await?;
        let started = Instant::now();
        let found = dry_run(&deps, rule.clone()).await?;
        let own = started.elapsed();

        let naive = everybody::count(stage, &NAIVE.replace('?', &TRIED.to_string())).await?;
        ensure!(
            i64::try_from(found.would_change())? == naive,
            "{} would change, and not {naive}",
            found.would_change()
        );
        ensure!(
            found.people == u64::from(PEOPLE) && naive > i64::from(PEOPLE / DAYS),
            "{naive} of {} people would change",
            found.people
        );
        if round > 0 {
            ratios.push(own.as_secs_f64() / floor.as_secs_f64());
            took.push(own.as_secs_f64());
        }
    }
    let took = rounds::median(took);
    println!(
        "  a rule over {PEOPLE} people tried in {:.1} ms",
        took * 1e3
    );
    let ratio = rounds::median(ratios);
    let each = took * 1e6 / f64::from(PEOPLE);
    report::end("dry-run", ratio, each, TARGET, ratio <= TARGET);
    Ok(())
}

/// Those whose last local day with a record is so many days ago, or more.
const NAIVE: &str = "SELECT count(*) FROM assessment WHERE shown = 'green'
    AND (now() AT TIME ZONE 'Asia/Shanghai')
        >= (record_at AT TIME ZONE 'Asia/Shanghai')::date + interval '? days'";

/// The rule in force gives people fourteen days; this one gives them seven.
fn stricter() -> Result<Rule> {
    let document: RuleDocument = serde_json::from_value(json!({
        "id": "record.stale",
        "version": "2.0.0",
        "about": "person",
        "affected": ["person.record_day"],
        "when": {"not-before": [
            {"var": "now"},
            {"plusTime": [{"var": "person.record_day"}, TRIED, "day"]},
        ]},
        "effect": {"show": {"reason": "Y06"}},
        "text": {"zh": "超过 7 天没有打卡", "en": "No report of your health for seven days"},
        "advice": {"zh": "请现在健康打卡", "en": "Report your health: the code follows at once"},
        "contact": {"zh": "社区居委会", "en": "The residents' committee where you live"},
    }))?;
    let province = Division::try_from("310000".to_owned())?;
    Rule::read(&document, &province)
        .ok()
        .context("the rule is flawed")
}
