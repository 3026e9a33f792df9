//! Units that are there before the test begins.

use api::{
    identity,
    platform::{Entropy, OneTime, OsEntropy},
};
use chrono::TimeDelta;
use entity::{
    organisation, organisation_session,
    values::{
        CertificateKind, Document, DocumentKind, OrganisationId, OrganisationSessionId,
        SocialCreditCode,
    },
};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::{
    Backend,
    backend::{Identity, ZHANG},
    call::Caller,
};

/// The code of a unit that is registered in Shanghai: its check characters fit, and it is nobody's.
pub const COMPANY: &str = "91310115MA1H7ABC80";

impl Backend {
    /// The unit with the code `credit_code`, whose legal person is Zhang.
    pub async fn organisation(&self, credit_code: &str) -> OrganisationId {
        self.organisation_of(credit_code, ZHANG).await
    }

    /// The same, with another legal person, who need not be known here.
    pub async fn organisation_of(&self, credit_code: &str, legal: Identity) -> OrganisationId {
        let code = SocialCreditCode::parse(credit_code).expect("a code");
        let today = self.deps.clock.today();
        let document = Document::parse(DocumentKind::ResidentCard, legal.number, today);
        let keys = identity::document_keys(&self.deps.vault, &document.expect("a document"));
        let now = self.deps.clock.now();
        let unit = organisation::Model {
            id: OrganisationId(OsEntropy.id()),
            division: code.division().expect("a division"),
            credit_code: code,
            name: "上海浦江商贸有限公司".into(),
            legal_person_index: keys.into_iter().next().expect("a key"),
            created_at: now,
            confirmed_at: now,
            mini_program_venues: 0,
        };
        let id = unit.id;
        organisation::Entity::insert(unit.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a unit");
        id
    }

    /// A client of this instance with a session of `organisation`, which logged in a moment ago. Unused
    /// for half an hour the session ends.
    pub async fn as_unit(&self, organisation: OrganisationId) -> Caller {
        let now = self.deps.clock.now();
        let today = self.deps.clock.today();
        let document = Document::parse(DocumentKind::ResidentCard, ZHANG.number, today);
        let document = document.expect("a document");
        let legal = identity::person_with_document(&self.deps.db, &self.deps, &document).await;
        let token = OneTime::new(&OsEntropy);
        let session = organisation_session::Model {
            id: OrganisationSessionId(OsEntropy.id()),
            organisation_id: organisation,
            person_id: legal.expect("the database answers"),
            digest: token.digest(),
            certificate: CertificateKind::LegalPersonCertificate,
            began_at: now,
            used_at: now,
            expires_at: now + TimeDelta::hours(12),
            ended_at: None,
        };
        organisation_session::Entity::insert(session.into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a session");
        self.anyone().with_bearer(token.reveal())
    }
}
