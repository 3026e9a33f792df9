//! Members of staff who are there before the test begins.

use std::ops::Deref;

use api::{
    deps::Deps,
    platform::{Entropy, OsEntropy, vault::Column},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    staff_account, staff_credential, staff_grant, staff_session,
    values::{Community, Division, GrantId, Role, StaffId, StaffSessionId},
};
use reqwest::Method;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::Value;

use crate::{
    Backend,
    call::{Caller, Reply},
};

/// A member of staff who is logged in: a [`Caller`] with their session.
#[derive(Debug, Clone)]
pub struct StaffMember {
    /// Who.
    pub account: StaffId,
    /// Their log-in.
    pub session: StaffSessionId,
    /// Its token.
    pub token: String,
    caller: Caller,
}

impl Deref for StaffMember {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl StaffMember {
    /// That this caller is answered the same at `path`, which names the object `id` that is out of
    /// their reach, as at the same path with the id of nothing.
    pub async fn sees_nothing_at(&self, method: Method, path: &str, id: &str, body: &Value) {
        let nothing = OsEntropy.id().to_string();
        let theirs = self.asked(&method, path, body).await;
        let nobodys = self.asked(&method, &path.replace(id, &nothing), body).await;
        assert_eq!(theirs, nobodys, "{method} {path}");
        assert_eq!(theirs.0, 404, "{method} {path}: {theirs:?}");
    }

    /// Status, headers and body, without what tells requests apart.
    async fn asked(
        &self,
        method: &Method,
        path: &str,
        body: &Value,
    ) -> (u16, Vec<String>, Vec<u8>) {
        let mut request = self
            .request(method.clone(), path)
            .header("idempotency-key", OsEntropy.id().to_string())
            .header("x-request-id", "one-of-two");
        if !body.is_null() {
            request = request.json(body);
        }
        let reply = Reply::to(request).await;
        // Whether the connection goes on depends on how much of the body had arrived.
        let apart = ["date", "connection"];
        let mut headers: Vec<_> = reply
            .headers
            .iter()
            .filter(|(name, _)| !apart.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value:?}"))
            .collect();
        headers.sort();
        (reply.status.as_u16(), headers, reply.body)
    }
}

/// A role in a region, and for how long.
#[derive(Debug, Clone)]
pub struct Held {
    /// What somebody may be.
    pub role: Role,
    /// Where.
    pub division: Division,
    /// The one community of it, where it is for one.
    pub community: Option<Community>,
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Whether somebody approved it.
    pub approved: bool,
}

impl Backend {
    /// Somebody who is `role` in the division with the code `division` and logged in a moment ago,
    /// so that nothing asks them for another proof yet.
    ///
    /// A session ends a quarter of an hour after its last use: after a longer wait, go on with
    /// [`Backend::staff_again`].
    pub async fn staff(&self, role: Role, division: &str) -> StaffMember {
        let held = self.held(role, division);
        self.staff_with(division, &[held]).await
    }

    /// Somebody who is `role` for the single community with the code `community`, which need not be
    /// in the directory, and logged in a moment ago.
    pub async fn staff_of_community(&self, role: Role, community: &str) -> StaffMember {
        let community = Community::try_from(community.to_owned()).expect("a code");
        let division = community.division().expect("a code");
        let held = Held {
            community: Some(community),
            ..self.held(role, division.code())
        };
        self.staff_with(division.code(), &[held]).await
    }

    /// The same as [`Backend::staff`], who has to prove themselves again before anything sensitive.
    pub async fn staff_without_step_up(&self, role: Role, division: &str) -> StaffMember {
        let staff = self.staff(role, division).await;
        let proved_at = self.now() - TimeDelta::minutes(5);
        self.begin(staff.account, proved_at).await
    }

    /// A new log-in of `staff`. The one before goes on, which it would not had they logged in
    /// themselves.
    pub async fn staff_again(&self, staff: &StaffMember) -> StaffMember {
        self.logged_in(staff.account).await
    }

    /// Somebody who belongs to the division with the code `division`, with just these grants.
    pub async fn staff_with(&self, division: &str, held: &[Held]) -> StaffMember {
        let account = self.account(division).await;
        for held in held {
            self.give(account, held).await;
        }
        self.logged_in(account).await
    }

    /// `role` in the division with the code `division`, in force from yesterday on for most of a
    /// year.
    #[must_use]
    pub fn held(&self, role: Role, division: &str) -> Held {
        Held {
            role,
            division: code(division),
            community: None,
            starts_at: self.now() - TimeDelta::days(1),
            ends_at: self.now() + TimeDelta::days(300),
            revoked_at: None,
            approved: true,
        }
    }

    /// Give `account` a grant.
    pub async fn give(&self, account: StaffId, held: &Held) -> GrantId {
        let id = GrantId(OsEntropy.id());
        let requested_at = self.now() - TimeDelta::days(2);
        let grant = staff_grant::Model {
            id,
            account_id: account,
            role: held.role,
            division: held.division.clone(),
            community: held.community.clone(),
            starts_at: held.starts_at,
            ends_at: held.ends_at,
            requested_by: None,
            requested_at,
            approved_by: None,
            approved_at: held.approved.then_some(requested_at),
            revoked_at: held.revoked_at,
        };
        staff_grant::Entity::insert(grant.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a grant");
        id
    }

    /// An account that belongs to the division with the code `division`, without anything.
    pub async fn account(&self, division: &str) -> StaffId {
        let id = StaffId(OsEntropy.id());
        let name = Column("staff_account.name");
        let deps: &Deps = &self.deps;
        let sealed = deps.vault.seal(
            name.owned_by(id.0.as_bytes()),
            "王建国".as_bytes(),
            &OsEntropy,
        );
        let account = staff_account::Model {
            id,
            handle: id.0.simple().to_string().split_off(16),
            name: sealed.expect("a sealed name"),
            unit: "疾控中心".into(),
            division: code(division),
            invited_by: None,
            invited_at: self.now(),
            enrolment_digest: None,
            enrolment_until: self.now(),
            enrolled_at: Some(self.now()),
            suspended_at: None,
        };
        staff_account::Entity::insert(account.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("an account");
        id
    }

    /// `account`, logged in a moment ago.
    pub async fn logged_in(&self, account: StaffId) -> StaffMember {
        self.begin(account, self.now()).await
    }

    async fn begin(&self, account: StaffId, proved_at: DateTime<Utc>) -> StaffMember {
        let mut bits = [0; 32];
        OsEntropy.fill(&mut bits);
        let token = BASE64_URL_SAFE_NO_PAD.encode(bits);
        let session = staff_session::Model {
            id: StaffSessionId(OsEntropy.id()),
            account_id: account,
            digest: digest(&SHA256, token.as_bytes()).as_ref().to_vec(),
            method: staff_credential::Method::Totp,
            began_at: proved_at,
            used_at: self.now(),
            proved_at,
            expires_at: proved_at + TimeDelta::hours(12),
            ended_at: None,
            ending: None,
        };
        let id = session.id;
        staff_session::Entity::insert(session.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a session");
        StaffMember {
            account,
            session: id,
            caller: self.anyone().with_bearer(&token),
            token,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.deps.clock.now()
    }
}

fn code(division: &str) -> Division {
    Division::try_from(division.to_owned()).expect("a code")
}
