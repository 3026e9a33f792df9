//! Objects as files in a folder of this machine.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::{fs, io::AsyncWriteExt};
use uuid::Uuid;

use super::{Objects, ObjectsUnavailable};

/// A folder: for one instance, or for several that share a file system.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`. It is made once there is something to keep.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Files are spread over 256 folders, so that none of them has millions.
    fn place(&self, name: Uuid) -> (PathBuf, PathBuf) {
        let name = name.simple().to_string();
        let folder = self.root.join(name.get(..2).unwrap_or_default());
        let file = folder.join(&name);
        (folder, file)
    }

    /// Written next to its place and moved there whole, so that nobody ever reads a part of it.
    async fn write(&self, name: Uuid, object: &[u8]) -> anyhow::Result<()> {
        let (folder, file) = self.place(name);
        fs::create_dir_all(&folder)
            .await
            .context("making a folder")?;
        let arriving = file.with_extension("arriving");
        let written = write_whole(&arriving, object).await;
        if written.is_err() {
            // Whatever is left of it lies in nobody's way.
            let _ = fs::remove_file(&arriving).await;
        }
        written.context("writing an object")?;
        fs::rename(&arriving, &file)
            .await
            .context("moving an object")?;
        sync_folder(&folder).await.context("syncing a folder")
    }
}

async fn write_whole(path: &Path, object: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path).await?;
    file.write_all(object).await?;
    file.sync_all().await
}

/// A file that was moved survives a crash once its folder does.
async fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder).await?.sync_all().await
}

fn unless_missing<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Objects for Folder {
    fn put(&self, name: Uuid, object: Bytes) -> BoxFuture<'_, Result<(), ObjectsUnavailable>> {
        Box::pin(async move { self.write(name, &object).await.map_err(ObjectsUnavailable) })
    }

    fn get(&self, name: Uuid) -> BoxFuture<'_, Result<Option<Bytes>, ObjectsUnavailable>> {
        Box::pin(async move {
            let read = unless_missing(fs::read(self.place(name).1).await);
            let read = read
                .context("reading an object")
                .map_err(ObjectsUnavailable)?;
            Ok(read.map(Bytes::from))
        })
    }

    fn delete(&self, name: Uuid) -> BoxFuture<'_, Result<(), ObjectsUnavailable>> {
        Box::pin(async move {
            let gone = unless_missing(fs::remove_file(self.place(name).1).await);
            let gone = gone.context("deleting an object");
            gone.map(drop).map_err(ObjectsUnavailable)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Entropy as _, OsEntropy};

    #[actix_web::test]
    async fn what_was_put_is_read_until_it_is_deleted() {
        let root = std::env::temp_dir().join(format!("tongxing-objects-{}", OsEntropy.id()));
        let folder = Folder::new(root.clone());
        let (one, other) = (OsEntropy.id(), OsEntropy.id());
        assert_eq!(folder.get(one).await.unwrap(), None);
        folder.delete(one).await.unwrap();

        folder.put(one, Bytes::from_static(b"first")).await.unwrap();
        folder
            .put(one, Bytes::from_static(b"second"))
            .await
            .unwrap();
        folder
            .put(other, Bytes::from_static(b"other"))
            .await
            .unwrap();
        assert_eq!(folder.get(one).await.unwrap().unwrap(), "second");

        folder.delete(one).await.unwrap();
        assert_eq!(folder.get(one).await.unwrap(), None);
        assert_eq!(folder.get(other).await.unwrap().unwrap(), "other");
        std::fs::remove_dir_all(root).unwrap();
    }

    #[actix_web::test]
    async fn a_folder_that_cannot_be_is_said_to_be_unavailable() {
        let folder = Folder::new("/dev/null/objects".into());
        assert!(folder.put(OsEntropy.id(), Bytes::new()).await.is_err());
        assert!(folder.get(OsEntropy.id()).await.is_err());
    }
}
