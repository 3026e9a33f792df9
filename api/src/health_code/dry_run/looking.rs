//! Looking at people one by one.

use entity::values::{Colour, FactKind, PersonId};
use sea_orm::{
    Condition,
    sea_query::{SelectStatement, UnionType},
};

use super::{
    super::{error::Error, replaying::would_show},
    Counts, Trial, counting,
    rules::scaled,
};
use crate::{
    declarations,
    deps::Deps,
    facts::{self, SAMPLES_COUNT_FOR},
    policy::About,
};

/// People looked at, at the most: a few thousand say of all what is asked, to one in a hundred.
const MOST: u64 = 4_000;

/// People fetched at a time.
const BATCH: u64 = 500;

/// Look at everybody whom the rule can concern.
pub(super) async fn look(deps: &Deps, trial: &Trial) -> Result<Counts, Error> {
    let among = counting::of(concerned(trial));
    let all = counting::count(&deps.db, trial, &among).await?;
    look_at(deps, trial, &among, all).await
}

/// Look at those who are `among`, so many in `all`, or at a part of them that stands for them.
pub(super) async fn look_at(
    deps: &Deps,
    trial: &Trial,
    among: &Condition,
    all: u64,
) -> Result<Counts, Error> {
    let (mut counts, mut looked_at, mut after) = (Counts::new(), 0, None);
    while looked_at < MOST.min(all) {
        let batch = BATCH.min(MOST - looked_at);
        let people = counting::some(&deps.db, trial, among, after, batch).await?;
        let Some((last, _)) = people.last() else {
            break;
        };
        after = Some(*last);
        for (person, division) in people {
            looked_at += 1;
            if let Some((from, to)) = turn(deps, trial, person).await?
                && let Some(division) = division
            {
                *counts.entry((division, from, to)).or_default() += 1;
            }
        }
    }
    for people in counts.values_mut() {
        *people = scaled(*people, looked_at, all);
    }
    Ok(counts)
}

/// What `person` shows and would show, if these differ.
async fn turn(
    deps: &Deps,
    trial: &Trial,
    person: PersonId,
) -> Result<Option<(Colour, Colour)>, Error> {
    let [from, to] = would_show(deps, person, [&trial.before, &trial.after]).await?;
    Ok((from != to).then_some((from, to)))
}

/// Whom the rule can concern: of whom something is known that it is about, and who has a hold of it.
fn concerned(trial: &Trial) -> SelectStatement {
    let since = trial.now - SAMPLES_COUNT_FOR;
    let kinds = |kinds: &[FactKind]| facts::people_with(kinds);
    let mut people = match trial.rule.about {
        About::Person | About::Record => counting::assessed(),
        About::Arrival => {
            let mut arrived = kinds(&[FactKind::Arrival]);
            arrived
                .union(UnionType::Distinct, declarations::people_who_arrived())
                .to_owned()
        }
        About::Test => facts::people_tested(since),
        About::Contact => kinds(&[FactKind::CloseContact]),
        About::SecondaryContact => kinds(&[FactKind::SecondaryContact]),
        About::Companion => kinds(&[FactKind::Companion]),
        About::Case => kinds(&[FactKind::SuspectedCase, FactKind::ConfirmedCase]),
        About::RiskStay => facts::people_who_stayed(),
        About::Isolation => kinds(&[FactKind::IsolationStarted, FactKind::IsolationEnded]),
        About::Push => kinds(&[FactKind::Push]),
        About::Override => kinds(&[FactKind::Override]),
    };
    people
        .union(UnionType::Distinct, counting::held_by(&trial.rule.id))
        .to_owned()
}
