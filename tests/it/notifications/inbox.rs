//! What one was told can be read, by nobody else; and how one wants to be told can be said.

use api::{
    clients::MessageOutcome::Retryable,
    notifications::{self, Message, Reference},
};
use chrono::NaiveDate;
use entity::values::NotificationState;
use integration_tests::on_both_stacks;
use miniapp_mock::dev;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use super::{PHONE, decided, deliver, person_of, rows, start, tell};

on_both_stacks! {
    async fn one_reads_what_one_was_told_newest_first_in_ones_language(stack: Stack) {
        let (backend, _) = start(stack).await;
        let session = backend.log_in(PHONE).await;
        let page = backend.as_citizen(&session);
        for case in ["A1", "A2", "A3"] {
            tell(&backend, person_of(&session), &decided(&backend, case)).await;
        }
        deliver(&backend).await;
        let first = page.get("/v1/me/notifications?limit=2").await.ok();
        let text = |page: &Value, at: usize| page["items"][at]["text"].as_str().unwrap().to_owned();
        assert_eq!(text(&first, 0), "Application A3 for you: approved.");
        assert_eq!(first["items"][0]["channel"], "sms");
        assert_eq!(first["items"][0]["sent_at"], "2026-03-02T04:00:00Z");
        let next = first["next"].as_str().unwrap();
        let second = page.in_language("zh").get(&format!("/v1/me/notifications?after={next}")).await.ok();
        assert_eq!(text(&second, 0), "您的申请A1审核结果：通过。");
        assert!(second["next"].is_null());
        page.get("/v1/me/notifications?after=x").await.problem(422);
    }

    async fn what_one_read_is_read_since_the_first_time_and_is_nobody_elses(stack: Stack) {
        let (backend, _) = start(stack).await;
        let session = backend.log_in(PHONE).await;
        let page = backend.as_citizen(&session);
        tell(&backend, person_of(&session), &decided(&backend, "A1")).await;
        let told = page.get("/v1/me/notifications").await.ok();
        assert!(told["items"][0]["read_at"].is_null());
        let path = format!("/v1/me/notifications/{}/read", told["items"][0]["id"].as_str().unwrap());
        let read = page.put(&path, Value::Null).await.ok();
        assert_eq!(read["read_at"], "2026-03-02T04:00:00Z");
        backend.wait(chrono::TimeDelta::minutes(10));
        assert_eq!(page.put(&path, Value::Null).await.ok(), read);

        let other = backend.log_in("13900139000").await;
        let stranger = backend.as_citizen(&other);
        assert_eq!(stranger.put(&path, Value::Null).await.problem(404), "not-found");
        assert_eq!(stranger.get("/v1/me/notifications").await.ok()["items"], json!([]));
    }

    async fn one_that_does_not_open_hides_no_other(stack: Stack) {
        let (backend, _) = start(stack).await;
        let session = backend.log_in(PHONE).await;
        for case in ["A1", "A2", "A3"] {
            tell(&backend, person_of(&session), &decided(&backend, case)).await;
        }
        let mut damaged = rows(&backend).await.remove(1).into_active_model();
        damaged.content = Set(vec![0; 60]);
        damaged.update(&backend.deps.db).await.unwrap();
        let page = backend.as_citizen(&session);
        let first = page.get("/v1/me/notifications?limit=2").await.ok();
        assert_eq!(first["items"].as_array().unwrap().len(), 1);
        let next = first["next"].as_str().unwrap();
        let second = page.get(&format!("/v1/me/notifications?after={next}")).await.ok();
        assert_eq!(second["items"][0]["text"], "Application A1 for you: approved.");
    }

    async fn a_reminder_is_shown_from_its_hour_on_until_it_is_pointless(stack: Stack) {
        let (backend, carrier) = start(stack).await;
        let session = backend.log_in(PHONE).await;
        let zhang = person_of(&session);
        let shown = async || {
            let told = backend.as_citizen(&session).get("/v1/me/notifications").await.ok();
            told["items"].as_array().unwrap().len()
        };
        let pass = Message::PassExpiring {
            pass: Reference::parse("P1").unwrap(),
            last_day: NaiveDate::from_ymd_opt(2026, 3, 5).unwrap(),
        };
        carrier.answer("sms", Retryable);
        tell(&backend, zhang, &pass).await;
        assert_eq!(shown().await, 1);
        deliver(&backend).await;
        assert_eq!(shown().await, 1, "while it waits for its next try, too");
        notifications::withdraw(&backend.deps.db, zhang, &pass.key()).await.unwrap();
        assert_eq!(shown().await, 0);

        let wishes = json!({"channels": [], "sms": false, "language": "zh"});
        backend.as_citizen(&session).put("/v1/me/notification-preferences", wishes).await.ok();
        let other = Message::PassExpiring {
            pass: Reference::parse("P2").unwrap(),
            last_day: NaiveDate::from_ymd_opt(2026, 3, 5).unwrap(),
        };
        tell(&backend, zhang, &other).await;
        deliver(&backend).await;
        assert_eq!(rows(&backend).await[1].state, NotificationState::Withdrawn);
        assert_eq!(shown().await, 1, "it was not sent, and can be read");
    }

    async fn wishes_are_kept_and_what_is_no_wish_is_refused(stack: Stack) {
        let (backend, _) = start(stack).await;
        let session = backend.log_in(PHONE).await;
        let page = backend.as_citizen(&session);
        let path = "/v1/me/notification-preferences";
        let usual = json!({"channels": ["wechat", "alipay"], "sms": true, "language": "zh"});
        assert_eq!(page.get(path).await.ok(), usual);
        for wishes in [
            json!({"channels": ["alipay", "wechat"], "sms": false, "language": "en"}),
            json!({"channels": [], "sms": true, "language": "zh"}),
        ] {
            assert_eq!(page.put(path, wishes.clone()).await.ok(), wishes);
            assert_eq!(page.get(path).await.ok(), wishes);
        }
        for refused in [
            json!({"channels": ["alipay", "alipay"], "sms": true, "language": "zh"}),
            json!({"channels": ["sms"], "sms": true, "language": "zh"}),
            json!({"channels": [], "sms": true, "language": "fr"}),
        ] {
            page.put(path, refused).await.problem(422);
        }
    }

    async fn a_mini_program_learns_which_templates_to_ask_for(stack: Stack) {
        let (backend, _) = start(stack).await;
        let of = |platform: &str, app: &str| format!("/v1/notification-templates?platform={platform}&app_id={app}");
        let wechat = backend.anyone().get(&of("wechat", dev::WECHAT_APP_ID)).await.ok();
        let wechat = wechat.as_array().unwrap();
        assert_eq!(wechat.len(), 24);
        assert!(wechat.iter().any(|it| it["template_id"] == super::CODE_CHANGED));
        let alipay = backend.anyone().get(&of("alipay", dev::ALIPAY_APP_ID)).await.ok();
        assert_eq!(alipay[0]["form_id"], true);
        assert_eq!(backend.anyone().get(&of("wechat", "wx1")).await.ok(), json!([]));
        backend.anyone().get(&of("sms", "x")).await.problem(422);
    }
}
