//! Workflows as they were saved, and what cases follow.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use entity::{review_case, review_step};
use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{
    error::Error,
    rules::{Stage, Workflow},
    store,
};
use crate::{
    deps::Deps,
    platform::vault::{Column, DataKey},
};

/// The workflows that a process read. A version of one never changes, so none is read twice.
#[derive(Debug, Default)]
pub struct WorkflowCache(Mutex<BTreeMap<(String, i64), Arc<Workflow>>>);

impl WorkflowCache {
    fn get(&self, key: &str, version: i64) -> Option<Arc<Workflow>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(key.to_owned(), version)).cloned()
    }

    fn put(&self, workflow: Arc<Workflow>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((workflow.key.clone(), workflow.version), workflow);
    }
}

/// Version `version` of the workflow `key`.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    deps: &Deps,
    key: &str,
    version: i64,
) -> Result<Arc<Workflow>, Error> {
    if let Some(known) = deps.workflows.get(key, version) {
        return Ok(known);
    }
    let row = store::workflow(db, key, version).await?;
    let row = row.ok_or_else(|| Error::NoSuchWorkflow(key.to_owned()))?;
    let workflow: Arc<Workflow> = Arc::new(serde_json::from_value(row.document)?);
    deps.workflows.put(Arc::clone(&workflow));
    Ok(workflow)
}

/// The workflow that `case` follows, in the version that it began with.
pub async fn workflow_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<Arc<Workflow>, Error> {
    read(db, deps, &case.workflow, case.workflow_version).await
}

/// The stage that `case` is at, or was closed at.
pub async fn stage_of(
    db: &impl ConnectionTrait,
    deps: &Deps,
    case: &review_case::Model,
) -> Result<Stage, Error> {
    let workflow = workflow_of(db, deps, case).await?;
    let stage = workflow.stage(&case.stage).cloned();
    stage.ok_or_else(|| Error::NoSuchStage(case.stage.clone()))
}

const TEXT: Column = Column("review_step.text");

/// The words of `step`, opened with the key of whom the case concerns.
pub fn text_of(
    step: &review_step::Model,
    key: &DataKey,
) -> Result<Option<Zeroizing<String>>, Error> {
    let owner = owner_of(step);
    let sealed = step.text.as_deref();
    let opened = sealed.map(|sealed| key.open_text(TEXT.owned_by(&owner), sealed));
    Ok(opened.transpose()?)
}

/// Seal `text` as the words of `step`.
pub(super) fn seal_text(
    step: &review_step::Model,
    key: &DataKey,
    deps: &Deps,
    text: &str,
) -> Result<Vec<u8>, Error> {
    let owner = owner_of(step);
    Ok(key.seal(TEXT.owned_by(&owner), text.as_bytes(), &*deps.entropy)?)
}

/// Words belong to one step of one case.
fn owner_of(step: &review_step::Model) -> Vec<u8> {
    let turn = step.turn.to_be_bytes();
    [step.case_id.0.as_bytes().as_slice(), &turn].concat()
}
