//! Cases move by typed actions, and every step is on record.

use api::{
    identity,
    platform::db::begin_write,
    review::{self, By},
};
use entity::{
    audit_entry,
    values::{
        CaseAction as Act, CaseOutcome, CaseState, CaseSubject, ContactResult, Role, StaffId,
    },
};
use futures_util::future::join_all;
use integration_tests::on_both_stacks;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::rig::{COMMUNITY, ISSUER, Office, refusal, says};

on_both_stacks! {
    async fn a_case_goes_from_comparison_to_its_community_and_is_granted(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.case("pass_card_online").await;
        assert_eq!((case.stage.as_str(), case.turn, case.stay), ("comparison", 1, 1));
        let compared = office.done(&case, By::System, Act::Answer).await;
        assert_eq!((compared.stage.as_str(), compared.area.code()), ("community", COMMUNITY));
        assert_eq!(compared.decider, Some(Role::CommunityIssuer));
        let approved = office.done(&compared, ISSUER, Act::Approve).await;
        assert_eq!((approved.state, approved.outcome), (CaseState::Closed, Some(CaseOutcome::Approved)));
        assert_eq!(approved.closed_at, Some(office.now()));
        assert_eq!(office.read(&case).await, approved);
        let steps = office.steps(&case).await;
        let told: Vec<(i64, Act, Option<&str>)> = steps
            .iter()
            .map(|step| (step.turn, step.action, step.stage_after.as_deref()))
            .collect();
        assert_eq!(told, [
            (1, Act::Open, Some("comparison")),
            (2, Act::Answer, Some("community")),
            (3, Act::Approve, None),
        ]);
        let found = review::case_about(&office.deps().db, CaseSubject::PassCard, case.subject_id).await;
        assert_eq!(found.unwrap(), Some(approved));
    }

    async fn there_is_one_case_about_a_subject(stack: Stack) {
        let office = Office::open(stack).await;
        let opening = super::rig::opening(office.person().await, "pass_card_online");
        office.try_open(opening.clone()).await.unwrap();
        let again = office.try_open(opening).await;
        assert!(matches!(again, Err(review::Error::OpenedBefore)));
    }

    async fn of_two_who_decide_at_once_one_does(stack: Stack) {
        let office = Office::open(stack).await;
        let other = office.another().await;
        for _ in 0..5 {
            let case = office.compared("pass_card_online").await;
            office.contacted(&case, ContactResult::Contradicted).await;
            let colleague = By::Staff { account: StaffId(Uuid::from_u128(2)), instead_of: None };
            let refuse = async {
                let tx = begin_write(&other.deps.db).await.unwrap();
                let refused = review::act(&tx, &other.deps, &case, colleague, refusal("symptoms")).await?;
                tx.commit().await.unwrap();
                Ok::<_, review::Error>(refused)
            };
            let approve = office.act(&case, ISSUER, says(Act::Approve));
            let (approved, refused) = tokio::join!(approve, refuse);
            assert_ne!(approved.is_ok(), refused.is_ok(), "{approved:?} {refused:?}");
            let winner = approved.or(refused).unwrap();
            assert_eq!(office.read(&case).await, winner);
            assert_eq!(office.steps(&case).await.len(), 3);
        }
    }

    async fn of_many_who_decide_at_once_one_does(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let racers = (0..8).map(|_| office.act(&case, ISSUER, says(Act::Approve)));
        let done = join_all(racers).await.into_iter().flatten().count();
        assert_eq!(done, 1);
    }

    async fn words_are_sealed_for_one_step_of_one_case(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        let other = office.compared("pass_card_online").await;
        office.done(&case, ISSUER, Act::Ask).await;
        office.done(&other, ISSUER, Act::Ask).await;
        let step = office.steps(&case).await.pop().unwrap();
        let theirs = office.steps(&other).await.pop().unwrap();
        let key = identity::data_key_of(&office.deps().db, office.deps(), case.person_id).await.unwrap();
        let text = review::text_of(&step, &key).unwrap().unwrap();
        assert_eq!(*text, says(Act::Ask).text.unwrap());
        let moved = entity::review_step::Model { text: theirs.text, ..step.clone() };
        assert!(review::text_of(&moved, &key).is_err());
        let sealed = step.text.unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("行程"));
    }

    async fn every_step_and_contact_is_in_the_audit_log(stack: Stack) {
        let office = Office::open(stack).await;
        let case = office.compared("pass_card_online").await;
        office.contacted(&case, ContactResult::Confirmed).await;
        office.act(&case, ISSUER, refusal("symptoms")).await.unwrap();
        let entries = audit_entry::Entity::find().all(&office.deps().db).await.unwrap();
        let of_case = |event: &str| entries.iter().filter(|entry| {
            entry.event == event && entry.subject_id == Some(case.person_id.0)
        }).count();
        assert_eq!(of_case("case_opened"), 1);
        assert_eq!(of_case("case_moved"), 2);
        assert_eq!(of_case("case_contact"), 1);
        let text = format!("{entries:?}");
        assert!(!text.contains("行程") && !text.contains("致电"), "no words of people in the log");
    }
}
