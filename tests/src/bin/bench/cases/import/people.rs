//! As many people as rows, with resident cards.

use anyhow::{Context, Result};
use api::platform::Entropy;
use chrono::{NaiveDate, TimeDelta};
use entity::values::PersonId;
use integration_tests::SeededEntropy;
use sea_orm::ConnectionTrait;

use crate::stage::Stage;

/// The same people in every run.
const SEED: u64 = 20_221_122;

/// People born on the same day.
const BORN_A_DAY: u32 = 60;

/// Bytes of what is sealed for a person: key, phone, name and number.
const SEALED: [usize; 4] = [63, 42, 40, 49];

/// Everybody.
pub(super) struct Crowd {
    pub(super) ids: Vec<PersonId>,
}

impl Crowd {
    /// Put so many people into the database, found by the numbers of their cards.
    pub(super) async fn settle(stage: &Stage, count: u32) -> Result<Self> {
        let entropy = SeededEntropy::new(SEED);
        let ids: Vec<PersonId> = (0..count).map(|_| PersonId(entropy.id())).collect();
        let pool = stage.db.get_postgres_connection_pool();
        let mut connection = pool.acquire().await?;
        let mut copy = connection
            .copy_in_raw(
                "COPY person (id, number, data_key, phone, phone_index, name, document_kind,
                 document_number, document_index, verified_at, created_at) FROM STDIN",
            )
            .await?;
        let mut text = String::new();
        for (id, at) in ids.iter().zip(0..) {
            let line = line(stage, &entropy, *id, at).context("a card")?;
            text.push_str(&line);
            if text.len() > 1 << 20 {
                copy.send(text.as_bytes()).await?;
                text.clear();
            }
        }
        copy.send(text.as_bytes()).await?;
        copy.finish().await?;
        stage.db.execute_unprepared("VACUUM ANALYZE person").await?;
        Ok(Self { ids })
    }
}

fn line(stage: &Stage, entropy: &SeededEntropy, id: PersonId, at: u32) -> Option<String> {
    let mut random = [0; 240];
    entropy.fill(&mut random);
    let mut rest = random.as_slice();
    let mut bytes = |count: usize| {
        let (taken, left) = rest.split_at_checked(count)?;
        rest = left;
        Some(format!("\\\\x{}", hex::encode(taken)))
    };
    let [key, phone, name, number] = SEALED.map(&mut bytes);
    let phone_index = bytes(17);
    let document = format!("resident_card|{}", card(at)?);
    let index = hex::encode(stage.vault.index("person.document", &document));
    Some(format!(
        "{}\t{}\t{}\t{}\t{}\t{}\tresident_card\t{}\t\\\\x{index}\tnow\tnow\n",
        id.0,
        id.number(),
        key?,
        phone?,
        phone_index?,
        name?,
        number?,
    ))
}

/// The number of the card of the person at `at` (GB 11643).
pub(super) fn card(at: u32) -> Option<String> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let days = TimeDelta::days(i64::from(at / BORN_A_DAY));
    let born = NaiveDate::from_ymd_opt(1950, 1, 1)? + days;
    let digits = format!("310101{}{:03}", born.format("%Y%m%d"), at % BORN_A_DAY + 1);
    let sum: u32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = "10X98765432".chars().nth(usize::try_from(sum % 11).ok()?)?;
    Some(format!("{digits}{check}"))
}
