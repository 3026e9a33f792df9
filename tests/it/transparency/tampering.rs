//! What is found of what somebody with every right changes in the database.

use api::{
    commands::audit_log,
    jobs::Sweep,
    transparency::{self, Checked, Finding, GivePlaces},
};
use entity::{audit_entry, log_leaf};
use integration_tests::{Backend, backend::ZHANG, on_both_stacks};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait};

use super::{PHONE, checkpoint, leaves, recorded, recorded_to, sequence};

/// Take away what keeps rows as they are.
async fn defenceless(backend: &Backend) {
    let db = &backend.deps.db;
    let statement = match db.get_database_backend() {
        DbBackend::Postgres => {
            "ALTER TABLE audit_entry DISABLE TRIGGER USER;
             ALTER TABLE log_entry DISABLE TRIGGER USER;
             ALTER TABLE log_tile DISABLE TRIGGER USER"
        }
        _ => {
            "DROP TRIGGER IF EXISTS audit_entry_no_update; DROP TRIGGER IF EXISTS audit_entry_no_delete;
             DROP TRIGGER IF EXISTS log_entry_no_update; DROP TRIGGER IF EXISTS log_entry_no_delete;
             DROP TRIGGER IF EXISTS log_tile_no_update; DROP TRIGGER IF EXISTS log_tile_no_delete"
        }
    };
    db.execute_unprepared(statement).await.unwrap();
}

async fn run(backend: &Backend, statement: &str) {
    let done = backend.deps.db.execute_unprepared(statement).await.unwrap();
    assert!(done.rows_affected() > 0, "{statement}");
}

async fn check(backend: &Backend) -> Checked {
    transparency::check(&backend.deps.db, &[]).await.unwrap()
}

async fn findings(backend: &Backend) -> Vec<Finding> {
    check(backend).await.findings.into_iter().collect()
}

/// Have every leaf wait again, and forget that there was a log: as whoever owns database and key may.
pub(super) async fn rewritten(backend: &Backend) {
    defenceless(backend).await;
    let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let none = match backend.deps.db.get_database_backend() {
        DbBackend::Postgres => format!("'\\x{none}'"),
        _ => format!("X'{none}'"),
    };
    for statement in [
        // The first becomes the last.
        "INSERT INTO log_leaf (id, at, commitment, subject_id, content)
         SELECT audit_id, at, commitment, subject_id, content FROM log_entry WHERE position > 0",
        "INSERT INTO log_leaf (id, at, commitment, subject_id, content)
         SELECT audit_id, at, (SELECT commitment FROM log_entry WHERE position = 1), subject_id, content
         FROM log_entry WHERE position = 0",
        "DELETE FROM log_entry",
        "DELETE FROM log_tile",
        "DELETE FROM log_checkpoint",
        &format!("UPDATE log_head SET size = 0, root = {none}"),
    ] {
        run(backend, statement).await;
    }
}

on_both_stacks! {
    async fn what_nobody_touched_is_as_it_was_recorded(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        recorded(&backend, 300).await;
        sequence(&backend).await;
        recorded(&backend, 2).await;

        let checked = check(&backend).await;
        assert_eq!(checked.findings, [].into());
        assert_eq!((checked.waiting, checked.older), (2, 0));
        assert!(checked.leaves > 300);
        let settings = backend.database.settings();
        audit_log::check(&settings, &[]).await.unwrap();
    }

    async fn an_entry_that_somebody_changed_is_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 3).await;
        sequence(&backend).await;
        defenceless(&backend).await;
        let second = leaves(&backend).await[1].clone();
        run(&backend, "UPDATE audit_entry SET actor_kind = 'nobody'
                       WHERE id = (SELECT audit_id FROM log_entry WHERE position = 1)").await;
        assert_eq!(findings(&backend).await, [Finding::Changed(second.audit_id)]);
        audit_log::check(&backend.database.settings(), &[]).await.unwrap_err();
    }

    async fn an_entry_that_somebody_removed_is_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 3).await;
        sequence(&backend).await;
        defenceless(&backend).await;
        let second = leaves(&backend).await[1].clone();
        run(&backend, "DELETE FROM audit_entry
                       WHERE id = (SELECT audit_id FROM log_entry WHERE position = 1)").await;
        assert_eq!(findings(&backend).await, [Finding::Gone(second.audit_id)]);
    }

    async fn an_entry_that_somebody_wrote_past_the_log_is_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 3).await;
        sequence(&backend).await;
        let db = &backend.deps.db;
        let entry = audit_entry::Entity::find().one(db).await.unwrap().unwrap();
        let mut written = Vec::new();
        for salt in [None, Some(vec![0; 32])] {
            let id = backend.deps.entropy.id();
            let row = audit_entry::Model { id, salt, ..entry.clone() };
            let insert = audit_entry::Entity::insert(row.into_active_model());
            insert.exec_without_returning(db).await.unwrap();
            written.push(Finding::Unlogged(id));
        }
        written.sort_unstable();
        assert_eq!(findings(&backend).await, written);
    }

    async fn entries_that_are_older_than_the_log_are_counted_and_not_blamed(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 1).await;
        let older = audit_entry::Entity::find().count(&backend.deps.db).await.unwrap();
        defenceless(&backend).await;
        run(&backend, "UPDATE audit_entry SET salt = NULL").await;
        run(&backend, "DELETE FROM log_leaf").await;
        backend.wait(chrono::TimeDelta::seconds(1));
        recorded(&backend, 1).await;
        sequence(&backend).await;
        let checked = check(&backend).await;
        assert_eq!((checked.older, checked.leaves), (older, 1));
        assert_eq!(checked.findings, [].into());
    }

    async fn a_leaf_that_somebody_removed_before_it_had_a_place_is_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 2).await;
        let db = &backend.deps.db;
        let leaf = log_leaf::Entity::find().one(db).await.unwrap().unwrap();
        log_leaf::Entity::delete_by_id(leaf.id).exec(db).await.unwrap();
        sequence(&backend).await;
        assert_eq!(findings(&backend).await, [Finding::Unlogged(leaf.id)]);
    }

    async fn leaves_that_somebody_swapped_are_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded_to(&backend, 300).await;
        sequence(&backend).await;
        defenceless(&backend).await;
        for statement in [
            "UPDATE log_entry SET position = -1 WHERE position = 10",
            "UPDATE log_entry SET position = 10 WHERE position = 11",
            "UPDATE log_entry SET position = 11 WHERE position = -1",
        ] {
            run(&backend, statement).await;
        }
        let found = findings(&backend).await;
        let expected = [Finding::Tile { level: 0, index: 0 }, Finding::Checkpoint(300), Finding::Head];
        assert_eq!(found, expected);
    }

    async fn an_entry_that_somebody_changed_with_its_leaf_is_found(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded_to(&backend, 20).await;
        sequence(&backend).await;
        let (held, _) = checkpoint(&backend).await;
        defenceless(&backend).await;
        // As if it had never been: its leaf, and that of the last in its place.
        run(&backend, "DELETE FROM audit_entry WHERE id = (SELECT audit_id FROM log_entry WHERE position = 19)").await;
        run(&backend, "DELETE FROM log_entry WHERE position = 19").await;
        assert_eq!(findings(&backend).await, [Finding::Checkpoint(20), Finding::Head]);
        // And with what was signed of it: only who kept a checkpoint can tell.
        run(&backend, "DELETE FROM log_checkpoint").await;
        let held = [(held.size, held.root)];
        let checked = transparency::check(&backend.deps.db, &held).await.unwrap();
        assert!(checked.findings.contains(&Finding::Checkpoint(20)), "{checked:?}");
    }

    async fn nothing_more_is_signed_once_the_newest_leaves_were_changed(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded_to(&backend, 300).await;
        sequence(&backend).await;
        let (before, _) = checkpoint(&backend).await;
        defenceless(&backend).await;
        run(&backend, "UPDATE log_entry SET commitment = (SELECT commitment FROM log_entry WHERE position = 1)
                       WHERE position = 290").await;
        recorded(&backend, 1).await;
        let refused = GivePlaces::run(&backend.deps).await.unwrap_err();
        assert_eq!(refused.to_string(), "what is kept of the log is not what was signed: somebody changed it");
        assert_eq!(checkpoint(&backend).await.0, before);
    }

    async fn nobody_changes_or_removes_a_leaf_that_has_its_place(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded(&backend, 300).await;
        sequence(&backend).await;
        for change in [
            "UPDATE log_entry SET position = 1000 WHERE position = 1",
            "DELETE FROM log_entry",
            "UPDATE log_tile SET level = 1",
            "DELETE FROM log_tile",
        ] {
            let refused = backend.deps.db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{change}: {refused}");
        }
    }
}
