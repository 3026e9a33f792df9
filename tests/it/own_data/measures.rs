//! Nobody sheds a measure, or what others rely on, by leaving.

use entity::{hold, values::VenueCategory};
use integration_tests::{
    Backend,
    backend::{GRANDMOTHER, Session, ZHANG},
    call::Reply,
    on_both_stacks,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{PHONE, anew, with_grandmother};
use crate::{
    corrections::{self, recorded},
    pass_cards, vehicle_passes,
};

/// Ask for the end of the account of `session`.
pub(super) async fn leave(backend: &Backend, session: &Session) -> Reply {
    let page = backend.as_citizen(session);
    page.post("/v1/me/deletion", json!({"confirm": true})).await
}

/// What would stand in the way now.
async fn foreseen(backend: &Backend, session: &Session) -> Value {
    let page = backend.as_citizen(session);
    page.get("/v1/me/deletion").await.ok()
}

fn account(cause: &str) -> (String, String) {
    ("account".to_owned(), cause.to_owned())
}

async fn colour(backend: &Backend, session: &Session) -> Value {
    let path = format!("/v1/people/{}/health-code", session.person);
    backend.as_citizen(session).get(&path).await.ok()["colour"].clone()
}

on_both_stacks! {
    async fn nobody_sheds_a_measure_by_leaving_and_coming_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.green(PHONE, ZHANG).await;
        let fact = vehicle_passes::rig::contact(&backend, ZHANG).await;
        let zhang = anew(&backend, PHONE).await;
        let shown = colour(&backend, &zhang).await;
        assert!(shown == "red" || shown == "yellow", "{shown}");

        let seen = foreseen(&backend, &zhang).await;
        assert_eq!((&seen["possible"], &seen["obstacles"][0]["cause"]), (&json!(false), &json!("measure")));
        let refused = leave(&backend, &zhang).await;
        assert_eq!(refused.problem(409), "deletion-stopped");
        assert_eq!(refused.faults(), [account("measure")]);
        assert_eq!(recorded(&backend, &zhang, "account_deleted").await.len(), 0);
        // Nothing was let go of on the way: the same phone is the same person, with the same code.
        let again = anew(&backend, PHONE).await;
        assert_eq!((&again.person, &colour(&backend, &again).await), (&zhang.person, &shown));
        let held = hold::Entity::find().filter(hold::Column::ReleasedAt.is_null());
        assert_eq!(held.all(&backend.deps.db).await.unwrap().len(), 1);

        vehicle_passes::rig::lift(&backend, &fact).await;
        assert_eq!(foreseen(&backend, &again).await["possible"], true);
        leave(&backend, &again).await.ok();
    }

    async fn what_was_recorded_counts_before_anybody_looked_at_it(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        corrections::contact(&backend, &zhang, "310101").await;
        let refused = leave(&backend, &zhang).await;
        assert_eq!(refused.problem(409), "deletion-stopped");
        assert_eq!(refused.faults(), [account("assessment")]);
        assert_eq!(refused.headers["retry-after"], "60");
        backend.compare().await;
        let refused = leave(&backend, &zhang).await;
        assert_eq!(refused.faults(), [account("measure")]);
    }

    async fn a_dependants_measure_holds_back_who_acts_for_them_until_they_act_no_more(stack: Stack) {
        let backend = Backend::start(stack).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let grandmother = with_grandmother(&backend, &zhang).await;
        let ward = Session { person: grandmother.clone(), ..zhang.clone() };
        backend.become_green(&ward).await;
        corrections::contact(&backend, &ward, "310101").await;
        backend.compare().await;
        let refused = leave(&backend, &zhang).await;
        assert_eq!(refused.problem(409), "deletion-stopped");
        assert_eq!(refused.faults(), [(format!("dependants/{grandmother}"), "measure".to_owned())]);

        let path = format!("/v1/dependants/{grandmother}");
        assert_eq!(backend.as_citizen(&zhang).delete(&path).await.status, 204);
        let gone = leave(&backend, &zhang).await.ok();
        assert_eq!(gone["people"], json!([zhang.person]), "whoever was removed stays");
        let held = hold::Entity::find()
            .filter(hold::Column::PersonId.eq(corrections::person(&ward)))
            .filter(hold::Column::ReleasedAt.is_null());
        assert_eq!(held.all(&backend.deps.db).await.unwrap().len(), 1);
    }

    async fn a_card_that_is_good_and_a_report_from_a_door_hold_somebody_back(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(pass_cards::rig::COMMUNITY).await;
        let (zhang, _) = pass_cards::rig::with_card(&backend, PHONE, ZHANG).await;
        let refused = leave(&backend, &zhang).await;
        assert_eq!(refused.problem(409), "deletion-stopped");
        assert_eq!(refused.faults(), [account("pass_card")]);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        let days = wait / 86_400;
        assert!((13..=14).contains(&days), "until its days are over: {wait} s");

        let visitor = backend.green("13900139000", GRANDMOTHER).await;
        let venue = backend.venue(VenueCategory::Shop).await;
        let unit = backend.as_unit(venue.organisation).await;
        let code = format!("/v1/people/{}/health-code", visitor.person);
        let code = backend.as_citizen(&visitor).get(&code).await.ok()["token"].clone();
        let door = format!("/v1/organisations/{}/venues/{}/refusals", venue.organisation, venue.id);
        unit.post(&door, json!({"code": code, "reason": "fever"})).await.ok();
        let refused = leave(&backend, &visitor).await;
        assert_eq!(refused.problem(409), "deletion-stopped");
        assert_eq!(refused.faults(), [account("case")]);
        assert!(!refused.headers.contains_key("retry-after"), "nobody knows until when");
    }
}
