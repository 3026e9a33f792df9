//! By SMS, where no super-app will do.

use integration_tests::on_both_stacks;
use miniapp_mock::{Endpoint, Fault, SmsGateway};

use super::on_no_app;

on_both_stacks! {
    async fn who_uses_no_super_app_is_told_by_sms_under_the_notifications_key(stack: Stack) {
        let zhang = on_no_app(stack).await;
        zhang.turns_green().await;
        let id = zhang.told().await[0]["id"].as_str().map(str::to_owned);
        assert_eq!(zhang.notices(), [(SmsGateway::Aliyun, "张*明健康码绿码".into(), id)]);
    }

    async fn while_aliyun_is_out_of_money_tencent_tells_the_same_under_the_same_key(stack: Stack) {
        let zhang = on_no_app(stack).await;
        let spent = Fault::Refuse { code: "isv.AMOUNT_NOT_ENOUGH".into() };
        zhang.backend.mock.order_fault(Endpoint::AliyunSms, spent, None);
        zhang.turns_green().await;
        let id = zhang.told().await[0]["id"].as_str().map(str::to_owned);
        assert_eq!(zhang.notices(), [(SmsGateway::Tencent, "张*明健康码绿码".into(), id)]);
        assert_eq!(zhang.rows().await[0].attempts, 1);
    }
}
