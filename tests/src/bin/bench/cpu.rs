//! CPU time of process trees: the figure that survives a noisy machine.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context, Result};

/// Reads how much CPU time processes have used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meter {
    ticks_per_second: f64,
}

impl Meter {
    /// A meter for this machine.
    pub(crate) fn new() -> Result<Self> {
        let told = Command::new("getconf").arg("CLK_TCK").output()?;
        let ticks_per_second = String::from_utf8(told.stdout)?
            .trim()
            .parse()
            .context("getconf does not say how long a tick is")?;
        Ok(Self { ticks_per_second })
    }

    /// User and system time so far of each of `pids` with all its descendants, those that have ended
    /// included. Exact to a tick a process, ten milliseconds as a rule.
    pub(crate) fn used_by<const N: usize>(self, pids: [u32; N]) -> Result<[Duration; N]> {
        let mut used = [Duration::ZERO; N];
        for (used, pid) in used.iter_mut().zip(pids) {
            *used = self.used_by_tree(pid)?;
        }
        Ok(used)
    }

    fn used_by_tree(self, root: u32) -> Result<Duration> {
        let mut ticks = ticks_of(root).with_context(|| format!("process {root} is gone"))?;
        let mut waiting = children_of(root);
        while let Some(pid) = waiting.pop() {
            // A descendant that ends meanwhile is in its parent's account from then on.
            if let Some(used) = ticks_of(pid) {
                ticks += used;
                waiting.extend(children_of(pid));
            }
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "fifty-two bits of ticks are a million years"
        )]
        let seconds = ticks as f64 / self.ticks_per_second;
        Ok(Duration::from_secs_f64(seconds))
    }
}

/// `utime`, `stime`, `cutime` and `cstime` of proc(5).
fn ticks_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    ticks_in(&stat)
}

fn ticks_in(stat: &str) -> Option<u64> {
    // The second field is the program's name in parentheses, with anything inside.
    let (_, after_name) = stat.rsplit_once(')')?;
    let times: Vec<u64> = after_name
        .split_whitespace()
        .skip(11)
        .take(4)
        .map_while(|field| field.parse().ok())
        .collect();
    (times.len() == 4).then(|| times.iter().sum())
}

fn children_of(pid: u32) -> Vec<u32> {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .filter_map(|child| child.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_does_not_shift_the_fields() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 9 8 7 6 500 40 3 2 20 0 1 0 100 5 6";
        assert_eq!(ticks_in(stat), Some(545));
    }

    #[test]
    fn a_busy_process_has_used_time() {
        let meter = Meter::new().unwrap();
        let own = std::process::id();
        let before = meter.used_by([own]).unwrap();
        let started = std::time::Instant::now();
        let mut sum = 0_u64;
        while started.elapsed() < Duration::from_millis(300) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(meter.used_by([own]).unwrap() > before);
    }
}
