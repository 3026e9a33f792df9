//! The same through the doors that people and clerks use: applications at the window and from phones,
//! decisions, contacts and leaves by their routes, of two processes that come and go, and in the end the
//! report by its own.

use std::collections::BTreeMap;

use api::platform::{Clock, Entropy};
use chrono::TimeDelta;
use entity::{
    pass_card,
    review_case::Model,
    values::{CaseId, CaseState, Role},
};
use integration_tests::{
    Backend, SeededEntropy, StaffMember,
    backend::{Identity, declaration},
    call::Reply,
    on_both_stacks,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::log;
use crate::pass_cards::rig::{COMMUNITY, application, settle};

const NEXT_DOOR: &str = "310101001002";

struct Town {
    backend: Backend,
    other: Option<Backend>,
    dice: SeededEntropy,
    issuer: StaffMember,
    /// Of the community next door; stands in.
    deputy: StaffMember,
    district: StaffMember,
    on_leave: bool,
    people: u32,
    cases: BTreeMap<CaseId, Model>,
    /// How often something was done that was not refused.
    done: u32,
}

/// The number of somebody born in January 1960.
fn number(serial: u32) -> String {
    let first = format!("31010119600101{serial:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = first.bytes().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = b"10X98765432"[usize::try_from(sum % 11).unwrap()];
    format!("{first}{}", char::from(check))
}

impl Town {
    async fn found(stack: integration_tests::Stack) -> Self {
        // Every number is told, so that each can be counted again.
        let backend = Backend::start_with(stack, |config| config.reports.smallest = 1).await;
        backend.mock.set_registry_lenient(true);
        backend.community(COMMUNITY).await;
        backend.community(NEXT_DOOR).await;
        let issuer = backend
            .staff_of_community(Role::CommunityIssuer, COMMUNITY)
            .await;
        let deputy = backend
            .staff_of_community(Role::CommunityIssuer, NEXT_DOOR)
            .await;
        let district = backend.staff(Role::Reviewer, "310101").await;
        Self {
            backend,
            other: None,
            dice: SeededEntropy::new(20_260_302),
            issuer,
            deputy,
            district,
            on_leave: false,
            people: 0,
            cases: BTreeMap::new(),
            done: 0,
        }
    }

    fn roll(&self, sides: u32) -> u32 {
        self.dice.below(sides)
    }

    /// One of the processes that run.
    fn somewhere(&self) -> &Backend {
        match &self.other {
            Some(other) if self.roll(2) == 0 => other,
            _ => &self.backend,
        }
    }

    async fn step(&mut self) {
        match self.roll(20) {
            0..3 => self.apply_at_the_window().await,
            3 => self.apply_by_phone().await,
            4..9 => self.decide().await,
            9 => self.go_or_return().await,
            10 => self.other = None,
            11 => {
                self.other = None;
                self.other = Some(Box::pin(self.backend.another_instance()).await);
            }
            12..14 => settle(&self.backend).await,
            _ => {
                let minutes = match self.roll(8) {
                    0 => -i64::from(self.roll(120)),
                    1 => i64::from(self.roll(2 * 24 * 60)),
                    _ => i64::from(self.roll(10 * 60)),
                };
                self.backend.wait(TimeDelta::minutes(minutes));
            }
        }
    }

    fn somebody(&mut self) -> Identity {
        self.people += 1;
        Identity {
            name: "张小明",
            number: number(self.people).leak(),
        }
    }

    async fn apply_at_the_window(&mut self) {
        let who = self.somebody();
        let clerk = self.somewhere().logged_in(self.issuer.account).await;
        let request = json!({
            "name": who.name,
            "document_kind": "resident_card",
            "document_number": who.number,
            "community": COMMUNITY,
            "declaration": declaration(),
        });
        let key = format!("window-{}", self.people);
        let path = "/v1/staff/pass-applications";
        let taken = clerk.post_keyed(path, &key, request.clone()).await.ok();
        let elsewhere = self.somewhere().logged_in(self.issuer.account).await;
        let again = elsewhere.post_keyed(path, &key, request).await.ok();
        assert_eq!(
            again["id"], taken["id"],
            "repeated, perhaps at another process, it is one"
        );
        self.done += 1;
    }

    async fn apply_by_phone(&mut self) {
        let who = self.somebody();
        let phone = format!("139{:08}", self.people);
        let session = self.backend.green(&phone, who).await;
        let path = format!("/v1/people/{}/pass-applications", session.person);
        let page = self.somewhere().as_citizen(&session);
        page.post(&path, application()).await.ok();
        self.done += 1;
    }

    async fn decide(&mut self) {
        let above = self.roll(4) == 0;
        let account = match (above, self.on_leave) {
            (true, _) => self.district.account,
            (false, true) => self.deputy.account,
            (false, false) => self.issuer.account,
        };
        let who = self.somewhere().logged_in(account).await;
        let waiting = who.get("/v1/staff/review/cases?limit=50").await.ok();
        let waiting = waiting["items"].as_array().unwrap().clone();
        let Some(case) = self.one_of(&waiting) else {
            return;
        };
        let id = case["id"].as_str().unwrap();
        let what = match self.roll(8) {
            0..4 => json!({"action": "approve"}),
            4 => json!({"action": "ask", "text": "请补充行程"}),
            5 => json!({"action": "escalate", "text": "请上级审核"}),
            _ => {
                for _ in 0..self.roll(4) {
                    let call = json!({"means": "telephone", "result": "not_reached"});
                    let path = format!("/v1/staff/review/cases/{id}/contacts");
                    who.post(&path, call).await.ok();
                }
                json!({"action": "refuse", "reason": "not_reachable", "text": "多次联系未果"})
            }
        };
        let path = format!("/v1/staff/review/cases/{id}/actions");
        let decided = who.post(&path, what.clone()).await;
        self.weigh(&decided);
        // The same again changes nothing: the case is decided, or elsewhere, or still lacks what it lacked.
        if decided.status.is_success() && what["action"] == "approve" {
            let again = who.post(&path, what).await;
            assert!(again.status.is_client_error(), "{}", again.status);
        }
    }

    fn one_of<'a>(&self, all: &'a [Value]) -> Option<&'a Value> {
        let sides = u32::try_from(all.len()).unwrap();
        (sides > 0).then(|| &all[usize::try_from(self.roll(sides)).unwrap()])
    }

    /// What may be refused, for reasons that there are.
    fn weigh(&mut self, answer: &Reply) {
        if answer.status.is_success() {
            self.done += 1;
        } else {
            assert!(
                answer.status.is_client_error() && answer.status != 404,
                "{}",
                answer.status
            );
        }
    }

    /// The issuer goes on leave, or comes back.
    async fn go_or_return(&mut self) {
        const PATH: &str = "/v1/staff/review/delegations";
        let from = self.somewhere().logged_in(self.issuer.account).await;
        if self.on_leave {
            let all = from.get(PATH).await.ok();
            for one in all["items"].as_array().unwrap() {
                let id = one["id"].as_str().unwrap();
                from.delete(&format!("{PATH}/{id}")).await;
            }
        } else {
            let now = self.backend.clock.now();
            let leave = json!({
                "to_account_id": self.deputy.account,
                "role": "community_issuer",
                "starts_at": now,
                "ends_at": now + TimeDelta::days(50),
            });
            from.post(PATH, leave).await.ok();
        }
        self.on_leave = !self.on_leave;
    }

    /// No case is lost or decided twice, and each promise was kept or is booked as broken.
    async fn look(&mut self) {
        let now = log::cases(&self.backend).await;
        assert_eq!(
            now.len(),
            usize::try_from(self.people).unwrap(),
            "a case was lost, or one came from nowhere"
        );
        for case in now {
            if let Some(before) = self.cases.get(&case.id) {
                assert!(case.turn >= before.turn);
                assert!(
                    before.state != CaseState::Closed || case == *before,
                    "{case:?}"
                );
            }
            self.cases.insert(case.id, case);
        }
        log::steps_lead_to(&self.backend, &self.cases).await;
    }

    /// Of each application that was granted there is one card.
    async fn each_grant_is_one_card(&self) {
        let cards = pass_card::Entity::find()
            .all(&self.backend.deps.db)
            .await
            .unwrap();
        let counted = log::recount(&self.backend).await;
        let granted = counted["decided"] - counted["refused"];
        assert_eq!(u64::try_from(cards.len()).unwrap(), granted);
    }
}

on_both_stacks! {
    async fn sixty_days_of_applications_through_the_doors_keep_every_promise_or_book_its_breach(stack: Stack) {
        let mut town = Box::pin(Town::found(stack)).await;
        let end = town.backend.clock.now() + TimeDelta::days(57);
        while town.backend.clock.now() < end {
            Box::pin(town.step()).await;
            town.look().await;
        }
        settle(&town.backend).await;
        log::all_limits_are_booked(&town.backend).await;
        town.look().await;
        town.each_grant_is_one_card().await;
        assert!(town.people > 30 && town.done > 60, "{} {}", town.people, town.done);
        let counted = log::recount(&town.backend).await;
        town.backend.wait_until("2027-01-04T00:30:00+08:00");
        let reader = town.backend.staff(Role::Reviewer, "310000").await;
        let report = "/v1/staff/reports/pass-cards?from=2026-01-01&to=2026-12-31&level=province";
        let report = reader.get(report).await.ok();
        let row = &report["rows"][0];
        for (name, count) in counted {
            assert_eq!(row[name], json!(count), "{name}: {row}");
        }
    }
}
