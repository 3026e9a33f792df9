//! Through WeChat.

use api::notifications::templates;
use entity::values::{NotificationChannel, NotificationState};
use integration_tests::on_both_stacks;
use miniapp_mock::SmsGateway;
use serde_json::json;

use super::{Citizen, LONG_TERM, ONE_TIME, on_wechat};

/// Changed codes are told by a template for single messages.
const BY_ONE_TIME: &str = r#"
[[template]]
kind = "code_changed"
channel = "wechat"
app_id = "wx00000000000000de"
language = "zh"
template_id = "dev-one-time-reminder-template-000000000002"
page = "pages/code/index?from=message"
texts = [
    { key = "thing1", text = "{name}：{colour}" },
    { key = "thing2", text = "{reason}" },
    { key = "time3", text = "{at}" },
]
"#;

/// The messages in the phone's WeChat, line by line.
fn read(zhang: &Citizen) -> Vec<Vec<String>> {
    let lines = |message: miniapp_mock::WechatMessage| {
        let values = message.values.into_iter();
        values
            .map(|line| format!("{} {}", line.label, line.value))
            .collect()
    };
    zhang.phone.wechat_inbox().into_iter().map(lines).collect()
}

on_both_stacks! {
    async fn who_said_yes_in_wechat_reads_there_that_the_code_changed(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.turns_green().await;
        zhang.heard().await;

        let told = zhang.told().await.remove(0);
        let id = told["id"].as_str().unwrap();
        assert_eq!(read(&zhang), [["事项 张*明：绿码", "说明 无异常", "时间 2026年3月2日 12:00"]]);
        let message = zhang.phone.wechat_inbox().remove(0);
        assert_eq!(message.title, "健康码通知");
        assert_eq!(message.page, Some(format!("pages/code/index?notification={id}")));
        assert_eq!((message.lang.as_str(), message.miniprogram_state.as_str()), ("zh_CN", "formal"));

        let row = zhang.rows().await.remove(0);
        assert_eq!((row.id.to_string().as_str(), row.state), (id, NotificationState::Sent));
        assert_eq!((row.channel, row.attempts), (Some(NotificationChannel::Wechat), 1));
        assert_eq!(row.outcome.as_deref(), Some("confirmed"), "WeChat said that it arrived");

        zhang.turns_yellow().await;
        zhang.heard().await;
        assert_eq!(read(&zhang)[1][..2], ["事项 张*明：黄码", "说明 本人申报有发热或症状"]);
        assert_eq!(zhang.outcome().await, "confirmed");
        assert!(zhang.notices().is_empty());
    }

    async fn a_tap_on_the_message_leads_to_what_was_told(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.turns_green().await;
        let page = zhang.phone.wechat_inbox().remove(0).page.unwrap();
        let (_, id) = page.split_once("?notification=").unwrap();
        let path = format!("/v1/me/notifications/{id}/read");
        zhang.backend.as_citizen(&zhang.session).put(&path, json!({})).await.ok();
        assert!(zhang.told().await[0]["read_at"].is_string());
    }

    async fn who_wishes_for_english_reads_english_in_an_english_frame(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        let wishes = json!({"channels": ["wechat"], "sms": true, "language": "en"});
        let page = zhang.backend.as_citizen(&zhang.session);
        page.put("/v1/me/notification-preferences", wishes).await.ok();
        zhang.turns_green().await;
        assert_eq!(read(&zhang), [["事项 张*明: green", "说明 nothing found", "时间 12:00"]]);
        assert_eq!(zhang.phone.wechat_inbox()[0].lang, "en_US");
    }

    async fn one_yes_carries_one_message_and_the_next_goes_elsewhere(stack: Stack) {
        let zhang = on_wechat(stack).await;
        templates::save(&zhang.backend.deps, BY_ONE_TIME).await.unwrap();
        zhang.allow(ONE_TIME).await;
        zhang.turns_green().await;
        assert_eq!(read(&zhang).len(), 1);
        let page = zhang.phone.wechat_inbox().remove(0).page.unwrap();
        assert!(page.starts_with("pages/code/index?from=message&notification="));
        assert_eq!(zhang.phone.wechat_messages_left(ONE_TIME), Ok(Some(0)));

        zhang.turns_yellow().await;
        assert_eq!(zhang.answers(), ["0"], "WeChat is not asked in vain");
        let key = zhang.told().await[0]["id"].as_str().map(str::to_owned);
        assert_eq!(zhang.notices(), [(SmsGateway::Aliyun, "张*明健康码黄码".into(), key)]);
    }

    async fn who_said_no_or_nothing_gets_no_message_in_wechat(stack: Stack) {
        let zhang = on_wechat(stack).await;
        let no = miniapp_mock::SubscribeQuestion {
            templates: vec![LONG_TERM.into()],
            ..Default::default()
        };
        zhang.turns_green().await;
        zhang.phone.wechat_subscribe(&no).unwrap();
        zhang.heard().await;
        zhang.turns_yellow().await;
        assert_eq!(zhang.notices().len(), 2);
        assert!(zhang.answers().is_empty() && zhang.phone.wechat_inbox().is_empty());
    }
}
