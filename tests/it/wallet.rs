//! What one carries, beside one's code: pass card, work permit and vehicle passes, each as it stands.

use integration_tests::{Backend, backend::ZHANG, on_both_stacks};
use serde_json::{Value, json};

use crate::{
    pass_cards::rig as cards,
    vehicle_passes::rig::{PHONE, contact, lift, text},
};

on_both_stacks! {
    async fn the_page_of_the_code_lists_every_permit_and_where_it_is_shown(stack: Stack) {
        let (backend, _) = Backend::with_roads(stack).await;
        backend.community(cards::COMMUNITY).await;
        let zhang = backend.green(PHONE, ZHANG).await;
        let citizen = backend.as_citizen(&zhang);
        let list = async || citizen.get("/v1/me/permits").await.ok()["items"].clone();
        assert_eq!(list().await, json!([]));

        let application = cards::apply(&backend, &zhang).await;
        cards::approve(&cards::issuer(&backend).await, &application).await.ok();
        let pass = backend.vehicle_pass(&zhang).await;
        let work = backend.work_permit(&zhang, ZHANG).await;
        let all = list().await;
        let part = |name: &str| all.as_array().unwrap().iter().map(|one| one[name].clone()).collect::<Vec<Value>>();
        assert_eq!(part("kind"), ["pass_card", "vehicle", "work"]);
        assert_eq!(part("standing"), ["valid"; 3]);
        assert_eq!((&part("id")[1], &part("id")[2]), (&pass["id"], &json!(work)));
        for one in all.as_array().unwrap() {
            let shown = citizen.get(text(&one["shown_at"])).await.ok();
            let token = shown["token"].as_str().or(shown["card"]["token"].as_str());
            assert!(token.is_some_and(|token| token.starts_with("TX1:")), "{shown}");
            assert!(shown.to_string().contains(text(&one["number"])), "{shown}");
        }

        let fact = contact(&backend, ZHANG).await;
        assert!(list().await.as_array().unwrap().iter().all(|one| one["standing"] == "suspended"));
        lift(&backend, &fact).await;
        assert!(list().await.as_array().unwrap().iter().all(|one| one["standing"] == "valid"));
        // What is given up is carried no more.
        citizen.post(&format!("/v1/me/returns/{work}/withdrawal"), Value::Null).await.ok();
        assert_eq!(list().await.as_array().unwrap().len(), 2);
    }
}
