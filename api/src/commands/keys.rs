//! `tongxing keys`: the root key, and the keys that sign codes.

use std::path::Path;

use anyhow::Context;
use entity::signing_key::KeyUse;
use tokio::{fs::OpenOptions, io::AsyncWriteExt};

use crate::{credentials, deps::Deps, platform::Entropy};

/// Make a root key and write it to `path`, readable by its owner alone. Never overwrites one.
/// Returns the public half in hexadecimal, for verifiers to pin.
pub async fn init_root(path: &Path, entropy: &dyn Entropy) -> anyhow::Result<String> {
    let key = credentials::create_root(entropy)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options
        .open(path)
        .await
        .with_context(|| format!("creating {}", path.display()))?;
    file.write_all(key.as_bytes()).await?;
    file.sync_all().await?;
    Ok(hex::encode(credentials::read_root(&key)?.public_key()))
}

/// Make the keys that will be needed and destroy those whose time is over; sign the key list where
/// the root key is configured.
pub async fn rotate(deps: &Deps) -> anyhow::Result<()> {
    let changed = credentials::rotate(deps).await?;
    println!("{changed} keys made or destroyed");
    sign_list(deps).await
}

/// Replace the key that signs codes, because it may have leaked, and sign the key list anew.
pub async fn replace(deps: &Deps) -> anyhow::Result<()> {
    credentials::replace_code_key(deps).await?;
    println!("codes are signed by a new key from now on");
    sign_list(deps).await
}

/// Drop the key `kid`, in hexadecimal, that signs permits, status lists or the log, because it leaked, and sign
/// the key list anew.
pub async fn drop_permit_key(deps: &Deps, kid: &str) -> anyhow::Result<()> {
    let name = hex::decode(kid).with_context(|| format!("{kid} is not hexadecimal"))?;
    match credentials::drop_permit_key(deps, &name).await? {
        KeyUse::Status => println!("{kid} is dropped: another key signs status lists from now on"),
        KeyUse::Log => println!("{kid} is dropped: another key signs the log from now on"),
        _ => println!(
            "{kid} is dropped: permits that it signed verify no more; shown again, they do"
        ),
    }
    sign_list(deps).await
}

/// Sign the key list, unless the newest is fresh.
pub async fn sign_list(deps: &Deps) -> anyhow::Result<()> {
    if deps.keyring.root().is_none() {
        println!("the key list was not signed: keys.root_key is not set");
    } else if credentials::sign_list(deps).await? {
        println!("the key list was signed");
    } else {
        println!("the key list is fresh");
    }
    Ok(())
}

/// Print the public keys that codes verify with.
pub fn list(deps: &Deps) {
    for listed in deps.keyring.verifiers() {
        println!(
            "{} {} from {} until {}",
            listed.purpose.name(),
            listed.key.kid(),
            listed.not_before,
            listed.expires_at
        );
    }
}
