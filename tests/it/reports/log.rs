//! Cases with their steps, written into the log as they would have been, by chance or to order.

use api::platform::{Entropy, OsEntropy};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    complaint, review_breach, review_case, review_step,
    values::{
        Area, CaseAction, CaseId, CaseOutcome, CaseState, CaseSubject, ComplaintId, ComplaintKind,
        Division, PersonId, Role,
    },
};
use integration_tests::{Backend, SeededEntropy};
use sea_orm::{EntityTrait, IntoActiveModel, Iterable};
use uuid::Uuid;

/// The counties of two prefectures and of a municipality, and the office of a prefecture.
pub(crate) const COUNTIES: [&str; 6] = ["370102", "370103", "370104", "370202", "370100", "310101"];

/// A case as it went.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) county: String,
    pub(crate) opened_at: DateTime<Utc>,
    /// The limits that were missed: when, and by whom.
    pub(crate) missed: Vec<(DateTime<Utc>, String)>,
    /// When it ended, by what, and why.
    pub(crate) end: Option<(DateTime<Utc>, CaseAction, Option<&'static str>)>,
    /// Whether the applicant had been asked for something.
    pub(crate) asked: bool,
    /// Whether it is a complaint: about whom, and what of.
    pub(crate) complaint: Option<(String, ComplaintKind)>,
}

impl Story {
    /// An application of `county` that was opened at a time and is still there.
    pub(crate) fn filed(county: &str, opened_at: DateTime<Utc>) -> Self {
        Self {
            county: county.to_owned(),
            opened_at,
            missed: Vec::new(),
            end: None,
            asked: false,
            complaint: None,
        }
    }

    fn outcome(&self) -> Option<CaseOutcome> {
        self.end.map(|(_, action, _)| match action {
            CaseAction::Approve => CaseOutcome::Approved,
            CaseAction::Refuse => CaseOutcome::Refused,
            CaseAction::Withdraw => CaseOutcome::Withdrawn,
            CaseAction::Decide if self.asked => CaseOutcome::Lapsed,
            CaseAction::Decide => CaseOutcome::ByClock,
            other => panic!("{other:?} ends nothing"),
        })
    }
}

/// Rows of cases, steps, breaches and complaints.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) cases: Vec<review_case::Model>,
    pub(crate) steps: Vec<review_step::Model>,
    pub(crate) breaches: Vec<review_breach::Model>,
    pub(crate) complaints: Vec<complaint::Model>,
}

fn area(code: &str) -> Area {
    Area::try_from(code.to_owned()).unwrap()
}

impl Log {
    pub(crate) fn tell(&mut self, person: PersonId, story: &Story) {
        let id = CaseId(OsEntropy.id());
        let subject_id = OsEntropy.id();
        let stage = if story.asked {
            "applicant"
        } else {
            "community"
        };
        let mut turn = 0;
        let mut step = |at, action, after: Option<&str>, reason: Option<&str>| {
            turn += 1;
            review_step::Model {
                case_id: id,
                turn,
                at,
                action,
                stage: stage.into(),
                stage_after: after.map(Into::into),
                stay: 1,
                clock_left: None,
                account_id: None,
                for_account_id: None,
                person_id: None,
                reason: reason.map(Into::into),
                text: None,
            }
        };
        self.steps
            .push(step(story.opened_at, CaseAction::Open, Some(stage), None));
        self.steps
            .push(step(story.opened_at, CaseAction::Answer, Some(stage), None));
        if let Some((at, action, reason)) = story.end {
            self.steps.push(step(at, action, None, reason));
        }
        for (turn, (at, by)) in (1..).zip(&story.missed) {
            self.breaches.push(review_breach::Model {
                case_id: id,
                turn,
                stage: stage.into(),
                area: area(by),
                decider: Some(Role::CommunityIssuer),
                due_at: *at,
                booked_at: *at + TimeDelta::seconds(20),
                clock_since: None,
                clock_left: None,
                calendar_version: None,
                corrected_at: None,
                corrected_to: None,
            });
        }
        self.cases.push(case(id, subject_id, person, turn, story));
        if let Some((against, kind)) = &story.complaint {
            self.complaints.push(complaint::Model {
                id: ComplaintId(subject_id),
                person_id: person,
                filed_by: person,
                filed_at: story.opened_at,
                case_id: CaseId(OsEntropy.id()),
                against: area(against),
                kind: *kind,
                content: Vec::new(),
                closed_at: story.end.map(|(at, ..)| at),
            });
        }
    }

    /// Write it.
    pub(crate) async fn save(&self, backend: &Backend) {
        let db = &backend.deps.db;
        for rows in self.cases.chunks(50) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            review_case::Entity::insert_many(rows)
                .exec_without_returning(db)
                .await
                .unwrap();
        }
        for rows in self.steps.chunks(50) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            review_step::Entity::insert_many(rows)
                .exec_without_returning(db)
                .await
                .unwrap();
        }
        for rows in self.breaches.chunks(50) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            review_breach::Entity::insert_many(rows)
                .exec_without_returning(db)
                .await
                .unwrap();
        }
        for rows in self.complaints.chunks(50) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            complaint::Entity::insert_many(rows)
                .exec_without_returning(db)
                .await
                .unwrap();
        }
    }
}

fn case(
    id: CaseId,
    subject_id: Uuid,
    person: PersonId,
    turn: i64,
    story: &Story,
) -> review_case::Model {
    let is_complaint = story.complaint.is_some();
    review_case::Model {
        id,
        subject: if is_complaint {
            CaseSubject::Complaint
        } else {
            CaseSubject::PassCard
        },
        subject_id,
        person_id: person,
        division: Division::try_from(story.county.clone()).unwrap(),
        community: None,
        residence_division: None,
        residence_community: None,
        workflow: "pass_card_online".into(),
        workflow_version: 1,
        opened_at: story.opened_at,
        turn,
        stay: 1,
        state: if story.end.is_some() {
            CaseState::Closed
        } else {
            CaseState::Authority
        },
        stage: "community".into(),
        stage_since: story.opened_at,
        decider: Some(Role::CommunityIssuer),
        area: area(&story.county),
        assignee: None,
        assigned_at: None,
        against: None,
        against_since: None,
        clock_since: None,
        clock_left: None,
        due_at: None,
        provisional: false,
        calendar_version: None,
        timer: None,
        timer_at: None,
        late_since: story.missed.first().map(|(at, _)| *at),
        outcome: story.outcome(),
        closed_at: story.end.map(|(at, ..)| at),
    }
}

/// Chance that comes out the same every time.
pub(crate) struct Chance(SeededEntropy);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededEntropy::new(seed))
    }

    /// Less than `below`.
    pub(crate) fn less_than(&self, below: u64) -> u64 {
        let mut bits = [0; 8];
        self.0.fill(&mut bits);
        u64::from_le_bytes(bits) % below
    }

    fn one_of<T: Clone>(&self, all: &[T]) -> T {
        let at = usize::try_from(self.less_than(all.len() as u64)).unwrap();
        all[at].clone()
    }

    /// A case that was opened in the thirty days from `since` on.
    pub(crate) fn story(&self, since: DateTime<Utc>) -> Story {
        let minutes = |most: u64| TimeDelta::minutes(i64::try_from(self.less_than(most)).unwrap());
        let county = self.one_of(&COUNTIES);
        let mut story = Story::filed(county, since + minutes(30 * 1440));
        let mut at = story.opened_at;
        let units = [
            format!("{county}001001"),
            county.to_owned(),
            "370100".to_owned(),
        ];
        for unit in units
            .iter()
            .take(usize::try_from(self.less_than(3)).unwrap())
        {
            at += minutes(2 * 1440);
            story.missed.push((at, unit.clone()));
        }
        if self.less_than(4) == 0 {
            let kinds: Vec<ComplaintKind> = ComplaintKind::iter().collect();
            story.complaint = Some((self.one_of(&units), self.one_of(&kinds)));
        }
        let action = match self.less_than(6) {
            0 => return story,
            1 | 2 => CaseAction::Approve,
            3 => CaseAction::Refuse,
            4 => CaseAction::Withdraw,
            _ if story.complaint.is_some() => CaseAction::Approve,
            _ => CaseAction::Decide,
        };
        story.asked = action == CaseAction::Decide && self.less_than(2) == 0;
        let reason = self.one_of(&["symptoms", "duplicate", "not_reachable", "never_heard_of"]);
        let reason = (action == CaseAction::Refuse).then_some(reason);
        story.end = Some((
            at + TimeDelta::minutes(1) + minutes(3 * 1440),
            action,
            reason,
        ));
        story
    }
}
