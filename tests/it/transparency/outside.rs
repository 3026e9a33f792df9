//! What somebody outside does with the checkpoint and the tiles alone.

use std::path::{Path, PathBuf};

use api::{
    commands::verify_log::{self, Arguments},
    platform::Clock,
    transparency::tree::{self, Growing, leaf_hash},
};
use integration_tests::{Backend, backend::ZHANG, on_both_stacks};

use super::{PHONE, checkpoint, leaves, pinned, recorded, recorded_to, sequence};

/// A folder that is gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(backend: &Backend) -> Self {
        let name = format!("log-{}", backend.deps.entropy.id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn keep(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn fetched(backend: &Backend, path: &str) -> Vec<u8> {
    let reply = backend.anyone().get(&format!("/v1/log/{path}")).await;
    assert_eq!(reply.status, 200, "{path}");
    assert_eq!(reply.headers["content-type"], "application/octet-stream");
    assert_eq!(
        reply.headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    reply.body
}

/// Every tile of a tree of `size`, as a mirror keeps them.
async fn mirror(backend: &Backend, size: u64, into: &Folder) {
    for level in 0..2_u32 {
        let hashes = size >> (level * 8);
        for index in 0..hashes.div_ceil(256) {
            let at = tree::TileAt { level, index };
            let path = at.path(at.width_in(size));
            into.keep(&path, fetched(backend, &path).await);
        }
    }
}

async fn verified(
    backend: &Backend,
    folder: &Folder,
    checkpoints: &[&Path],
    tiles: &str,
) -> anyhow::Result<String> {
    let list = backend.anyone().get("/v1/keys").await.body;
    let asked = Arguments {
        keys: folder.keep("keys.cose", list).display().to_string(),
        checkpoints: checkpoints.iter().map(|path| path.to_path_buf()).collect(),
        tiles: Some(tiles.to_owned()),
        proof: None,
        day: None,
    };
    verify_log::run(&asked, &pinned(backend), backend.clock.now()).await
}

on_both_stacks! {
    async fn a_mirror_has_everything_that_the_checkpoint_signs(stack: Stack) {
        let backend = Backend::start(stack).await;
        recorded_to(&backend, 600).await;
        sequence(&backend).await;
        let (signed, _) = checkpoint(&backend).await;
        assert_eq!(signed.size, 600);

        let mut tree = Growing::default();
        for path in ["000", "001", "002.p/88"] {
            let bundle = fetched(&backend, &format!("tile/entries/{path}")).await;
            let tile = fetched(&backend, &format!("tile/0/{path}")).await;
            assert_eq!(bundle.len() / 34, tile.len() / 32);
            for (entry, hash) in bundle.chunks(34).zip(tile.chunks(32)) {
                let (length, leaf) = entry.split_at(2);
                assert_eq!(length, [0, 32]);
                assert_eq!(leaf_hash(leaf), hash);
                tree.push(leaf_hash(leaf));
            }
        }
        assert_eq!((tree.size(), tree.root()), (signed.size, signed.root));
        let above = fetched(&backend, "tile/1/000.p/2").await;
        let whole = fetched(&backend, "tile/0/000").await;
        let mut first = Growing::default();
        let filled = whole.chunks(32).flat_map(|hash| first.push(hash.try_into().unwrap()));
        assert_eq!(filled.last().unwrap().root, above[..32]);
        let part = fetched(&backend, "tile/0/000.p/7").await;
        assert_eq!(part, whole[..7 * 32], "as it was when it was not full");
    }

    async fn no_tile_is_given_that_is_not_in_the_checkpoint(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.anyone().get("/v1/log/tile/0/000").await.problem(404);
        backend.anyone().get("/v1/log/checkpoint").await.problem(404);
        recorded_to(&backend, 300).await;
        sequence(&backend).await;
        recorded(&backend, 300).await;
        for missing in [
            "0/001", "0/001.p/45", "0/002", "1/000", "1/000.p/2", "2/000.p/1", "8/000", "-1/000", "00/000", "0/0",
            "0/000.p/0", "0/000.p/256", "0/x000/001", "0/", "entries/001", "entries/001.p/45", "data/000", "0/000/",
            "7/x018/x446/x744/x073/x709/x551/616", "0/x999/x999/x999/x999/x999/999",
        ] {
            backend.anyone().get(&format!("/v1/log/tile/{missing}")).await.problem(404);
        }
        assert_eq!(fetched(&backend, "tile/0/001.p/44").await.len(), 44 * 32);
    }

    async fn without_a_network_two_checkpoints_are_compared_by_tiles(stack: Stack) {
        let backend = Backend::start(stack).await;
        let folder = Folder::new(&backend);
        recorded_to(&backend, 300).await;
        sequence(&backend).await;
        let (_, older) = checkpoint(&backend).await;
        recorded(&backend, 250).await;
        sequence(&backend).await;
        let (newer, note) = checkpoint(&backend).await;
        let (older, newest) = (folder.keep("old.txt", older), folder.keep("new.txt", note));
        mirror(&backend, newer.size, &folder).await;

        let tiles = folder.0.display().to_string();
        let said = verified(&backend, &folder, &[&older, &newest], &tiles).await.unwrap();
        assert!(said.contains("250 entries were added, and none changed"), "{said}");
        verified(&backend, &folder, &[&newest], &tiles).await.unwrap();
        verified(&backend, &folder, &[&newest, &older], &tiles).await.unwrap_err();
        let address = backend.anyone().url("/v1/log");
        verified(&backend, &folder, &[&older, &newest], &address).await.unwrap();

        let mut tile = std::fs::read(folder.0.join("tile/0/001")).unwrap();
        tile[40 * 32] ^= 1;
        folder.keep("tile/0/001", tile);
        let refused = verified(&backend, &folder, &[&older, &newest], &tiles).await.unwrap_err();
        assert_eq!(refused.to_string(), "the tiles are not those of the tree that was signed");
    }

    async fn a_log_that_was_rewritten_and_signed_anew_is_found_out(stack: Stack) {
        let one = Backend::start(stack).await;
        let folder = Folder::new(&one);
        recorded_to(&one, 300).await;
        sequence(&one).await;
        let (_, older) = checkpoint(&one).await;
        let older = folder.keep("old.txt", older);

        // With every right there is: the log from its first leaf on, by the same key.
        super::tampering::rewritten(&one).await;
        recorded(&one, 1).await;
        sequence(&one).await;
        let (newer, note) = checkpoint(&one).await;
        assert_eq!(newer.size, 301);
        let newest = folder.keep("new.txt", note);
        mirror(&one, newer.size, &folder).await;
        let tiles = folder.0.display().to_string();
        verified(&one, &folder, &[&newest], &tiles).await.unwrap();
        let refused = verified(&one, &folder, &[&older, &newest], &tiles).await.unwrap_err();
        let rewritten = "the log was rewritten: the later tree does not begin with the earlier one";
        assert_eq!(refused.to_string(), rewritten);
    }

    async fn a_proof_in_a_file_is_verified_without_asking_anybody(stack: Stack) {
        let backend = Backend::start(stack).await;
        let folder = Folder::new(&backend);
        let zhang = backend.green(PHONE, ZHANG).await;
        sequence(&backend).await;
        let path = format!("/v1/people/{}/log-proofs", zhang.person);
        let page = backend.as_citizen(&zhang).get(&path).await.ok();
        let list = backend.anyone().get("/v1/keys").await.body;
        let asked = |proof: &serde_json::Value| Arguments {
            keys: folder.keep("keys.cose", &list).display().to_string(),
            checkpoints: Vec::new(),
            tiles: None,
            proof: Some(folder.keep("proof.json", proof.to_string())),
            day: None,
        };
        let mut proof = page["items"][0].clone();
        let now = backend.clock.now();
        let said = verify_log::run(&asked(&proof), &pinned(&backend), now).await.unwrap();
        assert!(said.contains("\"event\":\"colour_changed\""), "{said}");
        let place = leaves(&backend).await.iter().position(|it| it.content.is_some()).unwrap();
        assert!(said.contains(&format!("entry {place} of ")), "{said}");

        proof["index"] = (place + 1).into();
        verify_log::run(&asked(&proof), &pinned(&backend), now).await.unwrap_err();
    }
}
