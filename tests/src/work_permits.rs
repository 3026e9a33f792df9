//! Workers with a permit before the test begins.

use api::{
    credentials::{self, PermitKind},
    identity,
    platform::{Entropy, OsEntropy, db::begin_write},
};
use chrono::TimeDelta;
use entity::{
    organisation,
    values::{
        CaseOutcome, Division, Document, DocumentKind, EnterpriseKind, OrganisationId, PersonId,
        SocialCreditCode, StaffId, WorkFormId, WorkPermitId,
    },
    work_enterprise, work_form, work_permit,
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use crate::{
    Backend,
    backend::{Identity, Session},
    organisations::COMPANY,
};

impl Backend {
    /// Put the unit with the code `credit_code` on the white list of `division`, for a year.
    pub async fn on_the_white_list(&self, credit_code: &str, division: &str) {
        let now = self.deps.clock.now();
        let row = work_enterprise::Model {
            credit_code: SocialCreditCode::parse(credit_code).expect("a code"),
            short_name: "浦江商贸".into(),
            division: Division::try_from(division.to_owned()).expect("a code"),
            kind: EnterpriseKind::Enterprise,
            principal: None,
            listed_from: now - TimeDelta::days(1),
            listed_until: now + TimeDelta::days(365),
            changed_by: StaffId(OsEntropy.id()),
            changed_at: now,
        };
        let listed = OnConflict::column(work_enterprise::Column::CreditCode)
            .do_nothing()
            .to_owned();
        work_enterprise::Entity::insert(row.into_active_model())
            .on_conflict(listed)
            .exec_without_returning(&self.deps.db)
            .await
            .expect("an enterprise");
    }

    /// The unit with the code `credit_code`, made now if there is none.
    async fn unit_of(&self, credit_code: &str) -> OrganisationId {
        let code = SocialCreditCode::parse(credit_code).expect("a code");
        let known = organisation::Entity::find()
            .filter(organisation::Column::CreditCode.eq(code))
            .one(&self.deps.db)
            .await
            .expect("the database answers");
        match known {
            Some(unit) => unit.id,
            None => self.organisation(credit_code).await,
        }
    }

    /// A permit of `worker`, who is `identity`, issued now for a unit of Huangpu that is made for it.
    pub async fn work_permit(&self, worker: &Session, identity: Identity) -> WorkPermitId {
        let now = self.deps.clock.now();
        let unit = self.unit_of(COMPANY).await;
        self.on_the_white_list(COMPANY, "310101").await;
        let form = form_of(unit, now);
        work_form::Entity::insert(form.clone().into_active_model())
            .exec_without_returning(&self.deps.db)
            .await
            .expect("a form");
        let document = Document::parse(
            DocumentKind::ResidentCard,
            identity.number,
            self.deps.clock.today(),
        );
        let keys = identity::document_keys(&self.deps.vault, &document.expect("a document"));
        let index = keys.into_iter().next().expect("a key");
        let id = WorkPermitId(OsEntropy.id());
        let until = now + TimeDelta::days(30);
        let tx = begin_write(&self.deps.db).await.expect("a transaction");
        let place = credentials::enlist(&tx, &self.deps, PermitKind::Work, id.0, until).await;
        let row = work_permit::Model {
            id,
            form_id: form.id,
            line: 2,
            organisation_id: unit,
            credit_code: form.credit_code,
            division: form.division,
            residence_division: None,
            residence_community: None,
            worker_index: index.clone(),
            held_by_worker: Some(index),
            person_id: Some(PersonId(worker.person.parse().expect("an id"))),
            content: None,
            filed_at: now,
            opened_at: Some(now),
            outcome: Some(CaseOutcome::Approved),
            closed_at: Some(now),
            batch_id: None,
            authentication: None,
            authenticated_at: None,
            public_from: None,
            public_until: None,
            number: Some("310101000001".into()),
            status_index: Some(place.expect("a place")),
            valid_from: Some(now),
            valid_until: Some(until),
            ended_at: None,
            ending: None,
            due_at: Some(until),
            stood: true,
            reminded_at: None,
        };
        work_permit::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .expect("a permit");
        tx.commit().await.expect("a commit");
        id
    }
}

fn form_of(unit: OrganisationId, now: chrono::DateTime<chrono::Utc>) -> work_form::Model {
    work_form::Model {
        id: WorkFormId(OsEntropy.id()),
        organisation_id: unit,
        credit_code: SocialCreditCode::parse(COMPANY).expect("a code"),
        sent_by: None,
        sent_at: now,
        division: Division::try_from("310101".to_owned()).expect("a code"),
        workflow: "work_shanghai".into(),
        workers: 1,
        digest: vec![0; 32],
    }
}
