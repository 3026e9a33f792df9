//! `tongxing staff`: the first members of staff of a region, and who may call what.

use anyhow::{Context, ensure};
use entity::values::{Division, PersonName, Role};
use serde_json::Value;

use crate::{
    deps::Deps,
    platform::clock::CHINA,
    staff::{
        self, Newcomer,
        matrix::{MATRIX, Permission},
    },
};

/// Characters of the name of an organisation.
const LONGEST_UNIT: usize = 64;

/// Invite the first administrator of a region, or the first who approves roles there. Prints what they
/// enrol with, once.
pub async fn invite(
    deps: &Deps,
    name: &str,
    unit: String,
    division: Division,
    role: Role,
) -> anyhow::Result<()> {
    let length = unit.chars().count();
    ensure!(
        (1..=LONGEST_UNIT).contains(&length),
        "--unit must have 1 to {LONGEST_UNIT} characters"
    );
    let newcomer = Newcomer {
        name: PersonName::parse(name).context("--name")?,
        unit,
        division,
    };
    let invited = staff::appoint(deps, &newcomer, role).await?;
    println!("account  {}", invited.account);
    println!("handle   {}", invited.handle);
    println!("secret   {}", invited.secret.reveal());
    println!(
        "until    {}",
        invited.until.with_timezone(&CHINA).to_rfc3339()
    );
    Ok(())
}

/// Print who may call what.
pub fn matrix() {
    for permission in MATRIX {
        println!("{}", line(permission));
    }
}

fn line(permission: &Permission) -> String {
    let roles: Vec<String> = permission.roles.iter().map(|role| name_of(*role)).collect();
    let who = if roles.is_empty() {
        "everybody, for themselves".to_owned()
    } else {
        roles.join(", ")
    };
    let proof = if permission.step_up {
        " (after a fresh proof)"
    } else {
        ""
    };
    format!(
        "{:6} {:44} {who}{proof}",
        permission.method, permission.path
    )
}

/// A role as the API writes it.
#[must_use]
pub fn name_of(role: Role) -> String {
    match serde_json::to_value(role) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The role that the API writes as `name`.
pub fn role(name: &str) -> Result<Role, serde_json::Error> {
    serde_json::from_value(Value::String(name.to_owned()))
}
