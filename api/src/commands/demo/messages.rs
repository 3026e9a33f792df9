//! What the citizen is told, and where they read it.

use anyhow::{Context, ensure};
use miniapp_mock::{SmsMessage, WechatMessage, WechatPush, dev};
use reqwest::Method;
use serde_json::{Value, json};

use super::{OWNER, PHONE, say};
use crate::commands::{
    dev::Running,
    page::{Page, text, until},
};

/// Nobody allowed a super-app anything: the change is told by SMS.
pub(super) async fn by_sms(running: &Running, citizen: &Page) -> anyhow::Result<()> {
    say("No super-app may write to the phone yet, so an SMS tells of the change");
    let told = newest(citizen).await?;
    let id = text(&told, "/id")?;
    let carries = |message: &SmsMessage| message.key.as_deref() == Some(&id);
    let look = async || Ok(running.mock.sms_inbox(PHONE).into_iter().find(carries));
    let message = until(look).await?.context("no SMS told of the change")?;
    println!("   {}{}", bracketed(&message.sign), message.text);
    Ok(())
}

/// The citizen says yes in WeChat, and WeChat tells the service.
pub(super) async fn allow(running: &Running, citizen: &Page) -> anyhow::Result<()> {
    say("In WeChat, the citizen allows messages; WeChat tells the service, encrypted and signed");
    let app = dev::WECHAT_APP_ID;
    let path = format!("/v1/notification-templates?platform=wechat&app_id={app}");
    let templates = citizen.get(&path).await?;
    let wanted = templates.as_array().into_iter().flatten();
    let wanted: Vec<&str> = wanted
        .filter(|it| it["kind"] == "code_changed")
        .filter_map(|it| it["template_id"].as_str())
        .collect();
    let template = wanted.first().context("no template for a changed code")?;

    let address = format!("{}/v1/platforms/wechat/{app}/push", running.base_url);
    let push = Some(WechatPush::to(address));
    running.mock.set_wechat_push(app, push)?;
    ensure!(
        running.mock.verify_wechat_push(app).await?,
        "the service did not answer WeChat's question"
    );
    running.mock.phone_of(OWNER).wechat_allow(template)?;
    pushed(running, "subscribe_msg_popup_event").await
}

/// The phone shows the message that tells of the fever, and WeChat reports that it arrived.
pub(super) async fn in_wechat(
    running: &Running,
    citizen: &Page,
    person: &str,
) -> anyhow::Result<()> {
    say("The phone shows it in WeChat");
    let told = newest(citizen).await?;
    ensure!(told["person"] == person, "the last one told was another");
    let id = text(&told, "/id")?;
    let phone = running.mock.phone_of(OWNER);
    let leads_there = |message: &WechatMessage| {
        let page = message.page.as_deref().unwrap_or_default();
        page.ends_with(&format!("notification={id}"))
    };
    let look = async || Ok(phone.wechat_inbox().into_iter().find(leads_there));
    let message = until(look).await?.context("no message arrived in WeChat")?;
    println!("   {}", message.title);
    for line in &message.values {
        println!("   {} {}", line.label, line.value);
    }
    println!("   a tap opens {}", message.page.unwrap_or_default());
    pushed(running, "subscribe_msg_sent_event").await?;

    say("… and the list of what one was told has it too, until read");
    let told = newest(citizen).await?;
    ensure!(
        told["id"] == id.as_str() && told["channel"] == "wechat" && told["read_at"].is_null(),
        "got {told}"
    );
    println!("   {}: {}", told["title"], told["text"]);
    let path = format!("/v1/me/notifications/{id}/read");
    let read = citizen.answer(Method::PUT, &path, Some(json!({}))).await?;
    println!("   sent {}, read {}", told["sent_at"], read["read_at"]);
    let copies = phone
        .wechat_inbox()
        .iter()
        .filter(|it| leads_there(it))
        .count();
    ensure!(copies == 1, "{copies} copies arrived");
    Ok(())
}

/// What was told last of the colour.
async fn newest(citizen: &Page) -> anyhow::Result<Value> {
    let told = citizen.get("/v1/me/notifications").await?;
    let told = told["items"].as_array().context("no list")?;
    let newest = told.iter().find(|one| one["kind"] == "code_changed");
    newest.cloned().context("nothing was told")
}

/// See that the service took in what WeChat pushed last, and that it was `event`.
async fn pushed(running: &Running, event: &str) -> anyhow::Result<()> {
    running.mock.flush_wechat_pushes().await;
    let push = running.mock.wechat_pushes().pop();
    let push = push.context("WeChat pushed nothing")?;
    ensure!(
        push.event == event && push.accepted,
        "WeChat pushed {}, and was answered {} {}",
        push.event,
        push.status,
        push.answer
    );
    println!("   WeChat pushed {event}: {}", push.answer);
    Ok(())
}

fn bracketed(sign: &str) -> String {
    format!("【{sign}】")
}
