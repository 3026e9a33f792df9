//! Through Alipay.

use entity::values::{NotificationChannel, NotificationState};
use integration_tests::on_both_stacks;
use miniapp_mock::Endpoint;

use super::on_alipay;

on_both_stacks! {
    async fn who_submitted_a_form_reads_once_in_alipay_that_the_code_changed(stack: Stack) {
        let zhang = on_alipay(stack).await;
        let form_id = zhang.submit_form().await;
        zhang.turns_green().await;

        let told = zhang.told().await.remove(0);
        let id = told["id"].as_str().unwrap();
        let inbox = zhang.phone.alipay_messages();
        assert_eq!(inbox.len(), 1);
        let values: Vec<_> = inbox[0].values.values().map(String::as_str).collect();
        assert_eq!(values, ["张*明的健康码：绿码", "无异常"]);
        assert_eq!(inbox[0].page, format!("pages/code/index?notification={id}"));
        assert_eq!(inbox[0].form_id, Some(form_id));
        let row = zhang.rows().await.remove(0);
        assert_eq!((row.channel, row.state), (Some(NotificationChannel::Alipay), NotificationState::Sent));

        zhang.turns_yellow().await;
        assert_eq!(zhang.phone.alipay_messages().len(), 1, "the form was good for one");
        let asked = zhang.backend.mock.calls_of(Endpoint::AlipayTemplateMessage);
        assert_eq!(asked, 1, "Alipay is not asked in vain");
        assert_eq!(zhang.notices().len(), 1);
    }

    async fn a_form_that_alipay_no_longer_takes_sends_the_message_by_sms_in_the_same_try(stack: Stack) {
        let zhang = on_alipay(stack).await;
        zhang.submit_form().await;
        zhang.phone.set_alipay_messages_refused(true);
        zhang.turns_green().await;
        assert!(zhang.phone.alipay_messages().is_empty());
        assert_eq!(zhang.notices().len(), 1);
        assert_eq!(zhang.rows().await[0].attempts, 1);
    }
}
