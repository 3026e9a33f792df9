//! Use case: tell a device which of its records have not arrived.

use super::{
    error::Error,
    known::Device,
    store,
    views::{MissingParams, MissingView, StretchView},
};
use crate::deps::Deps;

/// Numbers that are looked at in one go.
const LOOKED_AT: i64 = 100_000;

/// Which numbers of `device` are not on record, of those that are asked for.
pub(super) async fn missing(
    deps: &Deps,
    device: &Device,
    asked: &MissingParams,
) -> Result<MissingView, Error> {
    let upto = asked.upto.min(asked.from.saturating_add(LOOKED_AT - 1));
    let recorded = store::recorded(&deps.db, device.id, asked.from, upto).await?;
    Ok(MissingView {
        missing: gaps(asked.from, upto, &recorded),
        upto,
    })
}

/// The stretches between `from` and `upto` that `there`, which is in order, leaves out.
fn gaps(from: i64, upto: i64, there: &[i64]) -> Vec<StretchView> {
    let mut missing = Vec::new();
    let mut next = from;
    for seq in there.iter().copied().chain([upto.saturating_add(1)]) {
        if next < seq {
            missing.push(StretchView {
                from: next,
                upto: seq - 1,
            });
        }
        next = seq.saturating_add(1);
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_stretches() {
        let stretches = |there: &[i64]| -> Vec<(i64, i64)> {
            let gaps = gaps(3, 9, there);
            gaps.into_iter().map(|it| (it.from, it.upto)).collect()
        };
        assert_eq!(stretches(&[]), [(3, 9)]);
        assert_eq!(stretches(&[3, 4, 5, 6, 7, 8, 9]), []);
        assert_eq!(stretches(&[4, 5, 8]), [(3, 3), (6, 7), (9, 9)]);
        assert_eq!(gaps(9, 3, &[]), []);
    }
}
