//! What a gate remembers between two calls of this program, in a file beside the one that it is about.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use serde::{Serialize, de::DeserializeOwned};

/// A file beside another one, for one process at a time.
#[derive(Debug)]
pub(super) struct Beside {
    path: PathBuf,
    /// Held until this is dropped. Of a file of its own: the other one is replaced with each write.
    _lock: File,
}

impl Beside {
    /// `FILE.name` beside `file`. Waits until no other process has it.
    pub(super) fn lock(file: &Path, name: &str) -> anyhow::Result<Self> {
        let lock = named(file, &format!("{name}.lock"));
        let options = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&lock);
        let held = options.with_context(|| format!("opening {}", lock.display()))?;
        held.lock()
            .with_context(|| format!("locking {}", lock.display()))?;
        Ok(Self {
            path: named(file, name),
            _lock: held,
        })
    }

    /// What was written last; the default before that.
    pub(super) fn read<T: DeserializeOwned + Default>(&self) -> anyhow::Result<T> {
        let bytes = match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
            read => read.with_context(|| format!("reading {}", self.path.display()))?,
        };
        let read = serde_json::from_slice(&bytes);
        read.with_context(|| format!("reading {}", self.path.display()))
    }

    /// Have `value` on the disk: it, or what was there before, whenever the power goes.
    pub(super) fn write(&self, value: &impl Serialize) -> anyhow::Result<()> {
        let new = named(&self.path, "new");
        let written = || -> anyhow::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(value)?)?;
            file.sync_all()?;
            Ok(fs::rename(&new, &self.path)?)
        };
        written().with_context(|| format!("writing {}", self.path.display()))
    }
}

fn named(file: &Path, name: &str) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(".");
    path.push(name);
    path.into()
}
