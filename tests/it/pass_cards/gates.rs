//! A valid card and a normal temperature pass.

use integration_tests::{Backend, backend::ZHANG, on_both_stacks};
use serde_json::{Value, json};

use super::rig::{self, PHONE, at_gate, card_of, decision, text, with_card};

on_both_stacks! {
    async fn a_gate_lets_a_valid_card_and_a_normal_temperature_through(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        let token = card_of(&backend, &zhang).await["token"].clone();
        let answer = at_gate(&backend, &token, Some(37.2)).await;
        assert_eq!(decision(&answer), (&json!("pass"), &Value::Null));
        assert_eq!(answer["card"]["counts"], true);
        let known: Vec<&String> = answer["card"].as_object().unwrap().keys().collect();
        assert_eq!(
            known,
            ["counts", "masked_name", "number", "valid_until"],
            "nothing more of anybody"
        );
        assert_eq!(answer["card"]["masked_name"], "张*明");
        let hot = at_gate(&backend, &token, Some(37.3)).await;
        assert_eq!(decision(&hot), (&json!("stop"), &json!("fever")));
        let unmeasured = at_gate(&backend, &token, None).await;
        assert_eq!(decision(&unmeasured), (&Value::Null, &Value::Null));
        assert_eq!(unmeasured["verdict"], "valid");
    }

    async fn what_is_no_card_of_ours_is_stopped_without_a_word(stack: Stack) {
        let backend = Backend::start(stack).await;
        backend.community(rig::COMMUNITY).await;
        let (zhang, _) = with_card(&backend, PHONE, ZHANG).await;
        let token = card_of(&backend, &zhang).await["token"].clone();
        let path = format!("/v1/people/{}/health-code", zhang.person);
        let code = backend.as_citizen(&zhang).get(&path).await.ok();
        let mut forged = text(&token).to_owned();
        let last = forged.pop().unwrap();
        forged.push(if last == '0' { '1' } else { '0' });
        for token in [json!(forged), code["token"].clone(), json!("TX1:"), json!("x")] {
            let answer = at_gate(&backend, &token, Some(36.5)).await;
            assert_eq!(answer["verdict"], "invalid");
            assert_eq!(answer["card"], Value::Null);
            assert_eq!(decision(&answer), (&json!("stop"), &json!("invalid")));
        }
    }
}
