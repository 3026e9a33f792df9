//! Use case: load workflows, those that the product comes with and others.

use aws_lc_rs::digest::{SHA256, digest};
use entity::review_workflow;
use sea_orm::DatabaseTransaction;

use super::{
    error::Error,
    rules::{Flaw, Workflow},
    store,
};
use crate::{
    audit::{self, Actor, CaseEvent, Event, Subject},
    deps::Deps,
    platform::db::begin_write,
};

/// The workflows that the product comes with, each in the words in which it is published.
const SHIPPED: [&str; 10] = [
    include_str!("shipped/complaint.json"),
    include_str!("shipped/complaint_prefecture.json"),
    include_str!("shipped/complaint_province.json"),
    include_str!("shipped/control_action.json"),
    include_str!("shipped/pass_card_online.json"),
    include_str!("shipped/pass_card_window.json"),
    include_str!("shipped/vehicle_pass.json"),
    include_str!("shipped/venue.json"),
    include_str!("shipped/work_hubei.json"),
    include_str!("shipped/work_shanghai.json"),
];

/// Keep the workflows that the product comes with, as far as they are not kept. A version that is kept
/// otherwise is refused: a change needs another version.
pub async fn install_shipped(deps: &Deps) -> Result<(), Error> {
    for text in SHIPPED {
        save_workflow(deps, text, Actor::System).await?;
    }
    Ok(())
}

/// Keep `text` as a version of a workflow: cases that are opened from now on follow the newest. Saving the
/// same again does nothing. `true` if it was new.
///
/// Refused if it cannot be followed, and if its version is kept with other words.
pub async fn save_workflow(deps: &Deps, text: &str, by: Actor) -> Result<bool, Error> {
    let workflow = read(text)?;
    let document: serde_json::Value = serde_json::to_value(&workflow)?;
    let digest = digest(&SHA256, document.to_string().as_bytes());
    let row = review_workflow::Model {
        key: workflow.key.clone(),
        version: workflow.version,
        document,
        digest: digest.as_ref().to_vec(),
        saved_at: deps.clock.now(),
    };
    let known = store::workflow(&deps.db, &row.key, row.version).await?;
    if let Some(known) = known {
        return same(&known, &row).map(|()| false);
    }
    let tx = begin_write(&deps.db).await?;
    let is_new = keep(&tx, deps, row, by).await?;
    tx.commit().await?;
    Ok(is_new)
}

async fn keep(
    tx: &DatabaseTransaction,
    deps: &Deps,
    row: review_workflow::Model,
    by: Actor,
) -> Result<bool, Error> {
    if !store::insert_workflow(tx, row.clone()).await? {
        // Another process was quicker.
        let known = store::workflow(tx, &row.key, row.version).await?;
        let known = known.ok_or(Error::Overtaken)?;
        return same(&known, &row).map(|()| false);
    }
    let event = Event::Case(CaseEvent::WorkflowSaved {
        workflow: row.key,
        version: row.version,
    });
    audit::record(tx, deps, by, Subject::Nobody, &event).await?;
    Ok(true)
}

fn same(known: &review_workflow::Model, row: &review_workflow::Model) -> Result<(), Error> {
    if known.digest == row.digest {
        Ok(())
    } else {
        Err(Error::WorkflowKept {
            key: row.key.clone(),
            version: row.version,
        })
    }
}

/// `text` as a workflow that can be followed.
pub(super) fn read(text: &str) -> Result<Workflow, Error> {
    let workflow: Workflow =
        serde_json::from_str(text).map_err(|error| Error::Illegible(error.to_string()))?;
    let flaws: Vec<Flaw> = workflow.flaws();
    if flaws.is_empty() {
        Ok(workflow)
    } else {
        Err(Error::Flawed(flaws))
    }
}
