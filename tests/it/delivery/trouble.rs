//! When a platform says no, says nothing, or does not know us any more.

use api::clients::Limits;
use chrono::TimeDelta;
use entity::values::{NotificationChannel, NotificationState};
use integration_tests::on_both_stacks;
use miniapp_mock::{Endpoint, Fault, dev};
use reqwest::Client;
use serde_json::json;

use super::{Citizen, LONG_TERM, on_wechat, on_wechat_within};
use crate::{notifications::deliver, platforms::PATIENT};

/// A WeChat that does not answer is given up after seconds.
const IMPATIENT: Limits = Limits {
    total_ms: 3_000,
    ..PATIENT
};

/// Longer than the wait after a first try, and than a node's lease.
const LATER: TimeDelta = TimeDelta::minutes(2);

/// Somebody has WeChat make a new access token, which ends the one before it.
async fn revoke_token(zhang: &Citizen) {
    let url = format!("{}/cgi-bin/stable_token", zhang.backend.mock.base_url());
    let force = json!({
        "grant_type": "client_credential",
        "appid": dev::WECHAT_APP_ID,
        "secret": dev::WECHAT_SECRET,
        "force_refresh": true,
    });
    let client = Client::builder().no_proxy().build().unwrap();
    let forced = client.post(url).json(&force).send().await.unwrap();
    assert!(forced.text().await.unwrap().contains("access_token"));
}

/// One message in WeChat, known to have arrived, and none elsewhere.
async fn arrived_once(zhang: &Citizen) {
    zhang.heard().await;
    let row = zhang.rows().await.remove(0);
    assert_eq!(
        (row.state, row.outcome.as_deref()),
        (NotificationState::Sent, Some("confirmed"))
    );
    zhang.backend.wait(LATER);
    assert_eq!(deliver(&zhang.backend).await, 0, "that was that");
    assert_eq!(
        (zhang.phone.wechat_inbox().len(), zhang.notices().len()),
        (1, 0)
    );
    assert_eq!(zhang.told().await.len(), 1);
}

on_both_stacks! {
    async fn a_no_in_the_settings_sends_the_next_message_another_way(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.turns_green().await;
        zhang.phone.set_wechat_subscription(LONG_TERM, false).unwrap();
        zhang.heard().await;
        zhang.turns_yellow().await;
        assert_eq!(zhang.answers(), ["0"], "WeChat is not asked any more");
        assert_eq!(zhang.notices().len(), 1);
        assert_eq!(zhang.rows().await[1].channel, Some(NotificationChannel::Sms));
    }

    async fn where_wechat_knows_of_no_permission_the_next_way_is_taken_in_the_same_try(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.backend.through_alipay(&zhang.phone).await.ok();
        zhang.allow(LONG_TERM).await;
        zhang.submit_form().await;
        zhang.phone.set_wechat_messages(false);
        zhang.heard().await;

        zhang.turns_green().await;
        assert_eq!(zhang.answers(), ["43101"], "nobody had told us");
        assert_eq!(zhang.phone.alipay_messages().len(), 1);
        let row = zhang.rows().await.remove(0);
        assert_eq!((row.attempts, row.state), (1, NotificationState::Sent));
        assert_eq!(row.channel, Some(NotificationChannel::Alipay));

        zhang.turns_yellow().await;
        assert_eq!(zhang.answers(), ["43101"], "now we know");
        assert_eq!(zhang.notices().len(), 1);
    }

    async fn a_message_whose_answer_is_lost_arrives_once_as_wechat_reports(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.backend.mock.order_fault(Endpoint::WechatMessage, Fault::LoseReply, 1);
        zhang.turns_green().await;
        arrived_once(&zhang).await;
    }

    async fn a_message_over_which_wechat_hangs_arrives_once_as_wechat_reports(stack: Stack) {
        let zhang = on_wechat_within(IMPATIENT, stack).await;
        zhang.allow(LONG_TERM).await;
        let hang = Fault::Hang { ms: 600_000 };
        zhang.backend.mock.order_fault(Endpoint::WechatMessage, hang, 1);
        zhang.turns_green().await;
        arrived_once(&zhang).await;
    }

    async fn without_wechats_report_a_second_copy_comes_the_same_way_and_says_which_it_is(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.backend.mock.set_wechat_push(dev::WECHAT_APP_ID, None).unwrap();
        zhang.backend.mock.order_fault(Endpoint::WechatMessage, Fault::LoseReply, 1);
        zhang.turns_green().await;
        assert_eq!(zhang.outcome().await, "unknown");

        zhang.backend.wait(LATER);
        deliver(&zhang.backend).await;
        let row = zhang.rows().await.remove(0);
        assert_eq!((row.state, row.attempts), (NotificationState::Sent, 2));
        let pages: Vec<_> = zhang.phone.wechat_inbox().into_iter().map(|copy| copy.page).collect();
        let page = Some(format!("pages/code/index?notification={}", row.id));
        assert_eq!(pages, [page.clone(), page]);
        assert!(zhang.notices().is_empty());
        assert_eq!(zhang.told().await.len(), 1);
    }

    async fn a_call_that_broke_before_wechat_read_it_leaves_one_message(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        zhang.backend.mock.order_fault(Endpoint::WechatMessage, Fault::Reset, 1);
        zhang.turns_green().await;
        zhang.heard().await;
        assert!(zhang.phone.wechat_inbox().is_empty() && zhang.notices().is_empty());

        zhang.backend.wait(LATER);
        deliver(&zhang.backend).await;
        arrived_once(&zhang).await;
    }

    async fn a_message_goes_out_once_under_a_new_token_when_wechat_revoked_the_old_one(stack: Stack) {
        let zhang = on_wechat(stack).await;
        zhang.allow(LONG_TERM).await;
        revoke_token(&zhang).await;
        zhang.turns_green().await;
        assert_eq!(zhang.answers(), ["40001", "0"]);
        assert_eq!(zhang.rows().await[0].attempts, 1);
        arrived_once(&zhang).await;
    }
}
