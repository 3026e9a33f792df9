//! A file of test results: nearly all good, some malformed, some repeated.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use api::platform::{Clock, Entropy, SystemClock};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    test_result,
    values::{PersonId, TestResult},
};
use integration_tests::SeededEntropy;
use sea_orm::{DatabaseConnection, EntityTrait};

use super::people::{Crowd, card};

/// The columns.
pub(in crate::cases) const HEADER: &str =
    "document_kind,document_number,lab,tube,tube_size,sampled_at,reported_at,result";

/// Of ten thousand rows, so many are positive, malformed, and repeat an earlier one.
const POSITIVE: u32 = 2;
const MALFORMED: u32 = 50;
const REPEATED: u32 = 100;

/// The same rows in every run, but for the day.
const SEED: u64 = 20_221_123;

/// A row, by what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Good(Good),
    Malformed,
    Repeats(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Good {
    person: u32,
    tube: u32,
    sampled_at: DateTime<Utc>,
    positive: bool,
}

/// The file, and what is in it.
pub(super) struct File {
    pub(super) text: String,
    rows: Vec<Row>,
}

impl File {
    /// One row for each of `crowd`, in no order, some of them malformed or repeated in its place.
    pub(super) fn of(crowd: &Crowd, count: u32) -> Self {
        let entropy = SeededEntropy::new(SEED);
        let yesterday = SystemClock.now() - TimeDelta::days(1);
        let mut people: Vec<u32> = (0..count).collect();
        for at in (1..people.len()).rev() {
            let other = entropy.below(u32::try_from(at + 1).unwrap_or(u32::MAX));
            people.swap(at, other as usize);
        }
        debug_assert_eq!(people.len(), crowd.ids.len());
        let mut file = Self {
            text: format!("{HEADER}\n"),
            rows: Vec::with_capacity(people.len()),
        };
        for (person, tube) in people.into_iter().zip(0..) {
            let good = Good {
                person,
                tube,
                sampled_at: yesterday - TimeDelta::seconds(i64::from(entropy.below(36_000))),
                positive: entropy.below(10_000) < POSITIVE,
            };
            file.add(&entropy, good);
        }
        file
    }

    fn add(&mut self, entropy: &SeededEntropy, good: Good) {
        let drawn = entropy.below(10_000);
        let line = line(&good);
        if drawn < MALFORMED {
            self.rows.push(Row::Malformed);
            let (old, new) = match drawn % 4 {
                0 => (",lab-one,", ",=lab-one,"),
                1 => (",10,", ",11,"),
                2 => ("resident_card,3", "resident_card,9"),
                _ => ("negative", "unclear"),
            };
            self.text
                .push_str(&line.replacen(old, new, 1).replace("positive", "unclear"));
        } else if drawn < MALFORMED + REPEATED
            && let Some((at, earlier)) = self.some_earlier(entropy)
        {
            self.rows.push(Row::Repeats(at));
            self.text.push_str(&earlier);
        } else {
            self.rows.push(Row::Good(good));
            self.text.push_str(&line);
        }
    }

    fn some_earlier(&self, entropy: &SeededEntropy) -> Option<(usize, String)> {
        let at = entropy.below(u32::try_from(self.rows.len()).ok()?) as usize;
        match self.rows.get(at)? {
            Row::Good(good) => Some((at, line(good))),
            _ => None,
        }
    }

    /// The header and the first `count` rows.
    pub(super) fn first(&self, count: usize) -> String {
        let mut text = String::new();
        for line in self.text.lines().take(count + 1) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// State and counts are what they must be.
    pub(super) fn check_counts(&self, counts: &str) -> Result<()> {
        let of = |wanted: fn(&Row) -> bool| self.rows.iter().filter(|row| wanted(row)).count();
        let good = of(|row| matches!(row, Row::Good(_)));
        let repeated = of(|row| matches!(row, Row::Repeats(_)));
        let malformed = of(|row| matches!(row, Row::Malformed));
        let expected = format!("done {good} {repeated} {malformed}");
        ensure!(counts == expected, "{counts}, not {expected}");
        Ok(())
    }

    /// The table holds what a naive reading of the first `count` rows says, and nothing else.
    pub(super) async fn compare(
        &self,
        count: usize,
        crowd: &Crowd,
        db: &DatabaseConnection,
    ) -> Result<()> {
        let mut expected: BTreeMap<(PersonId, String), (DateTime<Utc>, bool)> = BTreeMap::new();
        for row in self.rows.iter().take(count) {
            if let Row::Good(good) = row {
                let person = crowd.ids.get(good.person as usize).context("nobody")?;
                let sample = format!("lab-one/{}", tube(good.tube));
                let at = to_the_second(good.sampled_at);
                expected.insert((*person, sample), (at, good.positive));
            }
        }
        let stored = test_result::Entity::find().all(db).await?;
        let stored: BTreeMap<_, _> = stored
            .into_iter()
            .map(|row| {
                let positive = row.result == TestResult::Positive;
                ((row.person_id, row.sample), (row.sampled_at, positive))
            })
            .collect();
        ensure!(
            stored == expected,
            "the table is not what a naive reading says"
        );
        Ok(())
    }
}

fn tube(number: u32) -> String {
    format!("T{number:010}")
}

fn to_the_second(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

fn line(row: &Good) -> String {
    let time = |at: DateTime<Utc>| {
        let local = at.with_timezone(&api::platform::clock::CHINA);
        local.format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    format!(
        "resident_card,{},lab-one,{},10,{},{},{}\n",
        card(row.person).unwrap_or_default(),
        tube(row.tube),
        time(row.sampled_at),
        time(row.sampled_at + TimeDelta::hours(9)),
        if row.positive { "positive" } else { "negative" },
    )
}
