//! Use cases: see what waits, and read a request.

use entity::{
    override_request::Model,
    values::{OverrideId, OverrideState},
};

use super::{
    error::Error,
    evidence, store,
    views::{CLOSING_WORDS, NamedView, OverrideCaseView, OverrideView, WORDS},
};
use crate::{
    audit::{self, Actor, Event, OverrideEvent, Subject},
    deps::Deps,
    http::page::{Page, Place},
    identity,
    platform::{
        db::begin_write,
        vault::{Column, Sealed},
    },
    staff::{Scope, Staff},
};

/// The requests within `scope`, the newest first, after `after`.
pub(super) async fn list(
    deps: &Deps,
    scope: &Scope,
    state: Option<OverrideState>,
    after: Option<Place>,
    limit: u64,
) -> Result<Page<OverrideView>, Error> {
    let rows = store::newest(&deps.db, &scope.regions(), state, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row: &Model| {
        let (at, id) = (row.requested_at, row.id.0);
        Place { at, id }.to_string()
    });
    let ids: Vec<OverrideId> = page.items.iter().map(|row| row.id).collect();
    let people = store::people(&deps.db, &ids).await?;
    let approvals = store::approvals(&deps.db, &ids).await?;
    Ok(page.map(|row| {
        let named = people.iter().filter(|named| named.override_id == row.id);
        let given = approvals.iter().filter(|one| one.override_id == row.id);
        OverrideView::new(row.clone(), named, given.count())
    }))
}

/// One of those within the scope of `staff`, with whom it names. That it was read is on record.
pub(super) async fn read(
    deps: &Deps,
    staff: &Staff,
    id: OverrideId,
) -> Result<OverrideCaseView, Error> {
    let tx = begin_write(&deps.db).await?;
    let row = store::find(&tx, &staff.scope.regions(), id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let event = Event::Override(OverrideEvent::OverrideRead { request: id });
    let actor = Actor::Staff(staff.account);
    audit::record(&tx, deps, actor, Subject::Nobody, &event).await?;
    let named = store::people(&tx, &[id]).await?;
    let approvals = store::approvals(&tx, &[id]).await?;
    let ids: Vec<_> = named.iter().map(|named| named.person_id).collect();
    let masked = identity::masked_names_of(&tx, deps, &ids).await?;
    let mut people = Vec::new();
    for row_of in &named {
        let (person, evidence) = (row_of.person_id, &row_of.evidence);
        let found = evidence::kind_of(&tx, person, evidence, row.effect).await?;
        let name = masked.iter().find(|(of, _)| *of == person);
        people.push(NamedView {
            person,
            masked_name: name.and_then(|(_, name)| name.clone()),
            evidence: evidence.clone(),
            evidence_kind: row_of.evidence_kind.clone(),
            stands: found.is_ok(),
            fact: row_of.fact_id,
        });
    }
    let view = OverrideCaseView {
        words: opened(deps, WORDS, id, &row.words)?,
        closing_words: row
            .closing_words
            .as_ref()
            .map(|words| opened(deps, CLOSING_WORDS, id, words))
            .transpose()?,
        request: OverrideView::new(row, &named, approvals.len()),
        people,
    };
    tx.commit().await?;
    Ok(view)
}

fn opened(deps: &Deps, column: Column, id: OverrideId, sealed: &[u8]) -> Result<String, Error> {
    let words = deps.vault.open(column.owned_by(id.0.as_bytes()), sealed)?;
    let words = str::from_utf8(&words).map_err(|_| Sealed)?;
    Ok(words.to_owned())
}
