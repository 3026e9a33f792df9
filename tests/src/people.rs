//! People who have declared, been compared, and logged in.

use std::ops::Range;

use crate::SeededEntropy;
use anyhow::{Context, Result, ensure};
use api::platform::{
    Clock, Entropy, SystemClock, Vault,
    vault::{Column, DataKey},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    assessment, declaration, person, session,
    session::Door,
    signing_key::{self, KeyUse},
    values::{Colour, DeclarationId, Division, DocumentKind, PersonId, SessionId},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde::Serialize;

/// People that every case draws on.
pub const PEOPLE: usize = 100_000;

/// The same people in every run.
const SEED: u64 = 20_200_211;

/// Rows in one statement.
const BATCH: usize = 1_000;

/// Life of an access token.
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);

/// Who a person is.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// Where they are logged in.
    pub session: SessionId,
}

/// The people.
#[derive(Debug)]
pub struct People {
    /// All of them.
    pub all: Vec<Person>,
    entropy: SeededEntropy,
    now: DateTime<Utc>,
}

/// What an access token says.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: PersonId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// One person's rows.
struct Rows {
    person: person::Model,
    declaration: declaration::Model,
    assessment: assessment::Model,
    session: session::Model,
}

impl People {
    /// Put [`PEOPLE`] into a migrated database.
    pub async fn settle(db: &DatabaseConnection, vault: &Vault) -> Result<Self> {
        let entropy = SeededEntropy::new(SEED);
        let all = (0..PEOPLE)
            .map(|_| Person {
                id: PersonId(entropy.id()),
                session: SessionId(entropy.id()),
            })
            .collect();
        let people = Self {
            all,
            entropy,
            now: SystemClock.now(),
        };
        people.store(db, vault).await?;
        Ok(people)
    }

    async fn store(&self, db: &DatabaseConnection, vault: &Vault) -> Result<()> {
        for (batch, members) in self.all.chunks(BATCH).enumerate() {
            let rows = members
                .iter()
                .zip(batch * BATCH..)
                .map(|(member, at)| self.rows(vault, *member, at))
                .collect::<Result<Vec<_>>>()?;
            insert(
                db,
                rows.iter()
                    .map(|row| row.person.clone().into_active_model()),
            )
            .await?;
            insert(
                db,
                rows.iter()
                    .map(|row| row.declaration.clone().into_active_model()),
            )
            .await?;
            insert(
                db,
                rows.iter()
                    .map(|row| row.assessment.clone().into_active_model()),
            )
            .await?;
            insert(
                db,
                rows.iter()
                    .map(|row| row.session.clone().into_active_model()),
            )
            .await?;
        }
        Ok(())
    }

    fn rows(&self, vault: &Vault, member: Person, at: usize) -> Result<Rows> {
        let owner = member.id.0.as_bytes();
        let (key, data_key) = vault.new_data_key(owner, &self.entropy)?;
        let seal = |column: &'static str, plain: &str| -> Result<Vec<u8>> {
            Ok(key.seal(
                Column(column).owned_by(owner),
                plain.as_bytes(),
                &self.entropy,
            )?)
        };
        let phone = phone(at);
        let document = format!("E{at:08}");
        let person = person::Model {
            id: member.id,
            number: member.id.number(),
            data_key,
            phone: Some(seal("person.phone", &phone)?),
            phone_index: Some(vault.index("person.phone", &phone)),
            name: Some(seal("person.name", "欧阳修文")?),
            document_kind: Some(DocumentKind::Passport),
            document_number: Some(seal("person.document_number", &document)?),
            document_index: Some(vault.index("person.document", &format!("passport|{document}"))),
            verified_at: Some(self.now),
            created_at: self.now,
        };
        let declaration = self.declaration(member, &key)?;
        let assessment = assessment::Model {
            person_id: member.id,
            version: 1,
            declaration_id: Some(declaration.id),
            assessed_at: self.now,
            next_change_at: Some(self.now + TimeDelta::days(7)),
            shown: Colour::Green,
            division: Some(declaration.division.clone()),
            record_at: Some(self.now),
            compared_at: Some(self.now),
        };
        Ok(Rows {
            person,
            declaration,
            assessment,
            session: self.session(member),
        })
    }

    fn declaration(&self, member: Person, key: &DataKey) -> Result<declaration::Model> {
        let id = DeclarationId(self.entropy.id());
        let place = Column("declaration.content").owned_by(id.0.as_bytes());
        Ok(declaration::Model {
            id,
            person_id: member.id,
            version: 1,
            declared_by: member.id,
            declared_at: self.now,
            division: Division::try_from("310101".to_owned())?,
            content: key.seal(place, b"{}", &self.entropy)?,
            unwell: false,
            arrived_on: None,
        })
    }

    fn session(&self, member: Person) -> session::Model {
        session::Model {
            id: member.session,
            person_id: member.id,
            door: Door::Sms,
            device: None,
            created_at: self.now,
            refreshed_at: self.now,
            expires_at: self.now + TimeDelta::days(30),
            ended_at: None,
            ending: None,
            ending_unpublished: false,
        }
    }

    /// An access token for each of `members`, signed by the service's own session key.
    /// Tokens of two `generation`s differ: they were issued so many seconds ago.
    pub async fn bearers(
        &self,
        db: &DatabaseConnection,
        vault: &Vault,
        members: Range<usize>,
        generation: i64,
    ) -> Result<Vec<String>> {
        let now = SystemClock.now() - TimeDelta::seconds(generation);
        let row = current_key(db, KeyUse::Session, now).await?;
        let place = [b"session:", row.kid.as_slice()].concat();
        let place = Column("signing_key.private_key").owned_by(&place);
        let key = EncodingKey::from_ed_der(&vault.open(place, &row.private_key)?);
        let header = Header {
            typ: Some("at+jwt".into()),
            kid: Some(hex::encode(&row.kid)),
            ..Header::new(Algorithm::EdDSA)
        };
        self.all
            .get(members)
            .context("nobody")?
            .iter()
            .map(|member| {
                let claims = Claims {
                    iss: "tongxing",
                    aud: "tongxing",
                    sub: member.id,
                    sid: member.session,
                    iat: now.timestamp(),
                    exp: (now + TOKEN_LIFE).timestamp(),
                };
                Ok(jsonwebtoken::encode(&header, &claims, &key)?)
            })
            .collect()
    }

    /// Let the shared store know of everybody what it knows of the first, whom the service was
    /// asked about: the entries hold nothing of one's own but their names, and for whom they are sealed.
    pub async fn share(&self, vault: &Vault, redis: &mut MultiplexedConnection) -> Result<()> {
        let (first, others) = self.all.split_first().context("nobody")?;
        let entries = entries_of(*first, vault, redis).await?;
        for members in others.chunks(BATCH) {
            let mut pipeline = redis::pipe();
            for member in members {
                for entry in &entries {
                    pipeline
                        .cmd("SET")
                        .arg(entry.name_for(*member))
                        .arg(entry.value_for(*member, vault, &self.entropy)?)
                        .arg("PX")
                        .arg(entry.life_ms)
                        .ignore();
                }
            }
            let () = pipeline.query_async(redis).await?;
        }
        Ok(())
    }
}

async fn insert<A: ActiveModelTrait>(
    db: &DatabaseConnection,
    rows: impl Iterator<Item = A>,
) -> Result<()> {
    A::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The key for `usage` that makes things at `now`.
pub async fn current_key(
    db: &DatabaseConnection,
    usage: KeyUse,
    now: DateTime<Utc>,
) -> Result<signing_key::Model> {
    signing_key::Entity::find()
        .filter(signing_key::Column::Usage.eq(usage))
        .filter(signing_key::Column::NotBefore.lte(now))
        .filter(signing_key::Column::NotAfter.gt(now))
        .one(db)
        .await?
        .with_context(|| format!("the service made no key for {usage:?}"))
}

/// The mobile number of the person at `at`.
fn phone(at: usize) -> String {
    (18_000_000_000 + at).to_string()
}

/// What the shared store holds under one of the first person's names.
struct Entry {
    name: String,
    of: Person,
    value: Value,
    life_ms: i64,
}

/// What an entry holds.
enum Value {
    /// The same for everybody.
    Plain(Vec<u8>),
    /// Behind a head that is the same for everybody, something that is sealed for whom it is about.
    Sealed { head: Vec<u8>, plain: Vec<u8> },
}

/// Where a snapshot is sealed, and behind how many bytes of the shared store's own it stands.
const SNAPSHOT: Column = Column("snapshot");
const HEAD: usize = 16;

impl Entry {
    fn name_for(&self, member: Person) -> String {
        names(self.of)
            .iter()
            .zip(names(member))
            .fold(self.name.clone(), |name, (old, new)| {
                name.replace(old, &new)
            })
    }
}

impl Entry {
    fn value_for(&self, member: Person, vault: &Vault, entropy: &dyn Entropy) -> Result<Vec<u8>> {
        match &self.value {
            Value::Plain(value) => Ok(value.clone()),
            Value::Sealed { head, plain } => {
                let number = member.id.number().to_be_bytes();
                let sealed = vault.seal(SNAPSHOT.owned_by(&number), plain, entropy)?;
                Ok([head.as_slice(), &sealed].concat())
            }
        }
    }
}

fn read(member: Person, value: Vec<u8>, vault: &Vault) -> Value {
    let number = member.id.number().to_be_bytes();
    let opened = value.split_at_checked(HEAD).and_then(|(head, sealed)| {
        let plain = vault.open(SNAPSHOT.owned_by(&number), sealed).ok()?;
        Some(Value::Sealed {
            head: head.to_vec(),
            plain: plain.to_vec(),
        })
    });
    opened.unwrap_or(Value::Plain(value))
}

/// How the shared store writes a person's number, the person and their session.
fn names(member: Person) -> [String; 3] {
    [
        format!("{{{:x}}}", member.id.number()),
        format!("{{{}}}", member.id.0.as_simple()),
        member.session.0.as_simple().to_string(),
    ]
}

async fn entries_of(
    member: Person,
    vault: &Vault,
    redis: &mut MultiplexedConnection,
) -> Result<Vec<Entry>> {
    let all: Vec<String> = redis.keys("*").await?;
    let mut entries = Vec::new();
    for name in all {
        if !names(member).iter().any(|own| name.contains(own)) {
            continue;
        }
        let value: Vec<u8> = redis.get(&name).await?;
        let life_ms: i64 = redis.pttl(&name).await?;
        ensure!(life_ms > 0, "{name} does not expire");
        entries.push(Entry {
            name,
            of: member,
            value: read(member, value, vault),
            life_ms,
        });
    }
    ensure!(
        entries.len() == 2,
        "the shared store holds {} entries for a person, not a session and a snapshot",
        entries.len()
    );
    let sealed = entries
        .iter()
        .filter(|entry| matches!(entry.value, Value::Sealed { .. }));
    ensure!(sealed.count() == 1, "no snapshot opens");
    Ok(entries)
}
