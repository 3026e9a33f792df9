//! WeChat's message push.

use api::{
    clients,
    notifications::templates,
    platform::db::begin_write,
    subscriptions::{Template, spend},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    notification, subscription,
    values::{
        NotificationChannel, NotificationId, NotificationKind, NotificationState, PersonId,
        Platform,
    },
};
use futures_util::future::join_all;
use integration_tests::{Log, Stack, backend::Backend, on_both_stacks};
use miniapp_mock::{PushFormat, PushMode, WechatPush, dev};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    allowed, on_wechat,
    pusher::{Push, answered, ended, now},
    remembered,
};

/// A template for which one yes is good for any number of messages.
const LONG_TERM: &str = r#"
[[template]]
kind = "code_changed"
channel = "wechat"
app_id = "wx00000000000000de"
language = "zh"
template_id = "tmpl-standing"
long_term = true
texts = [{ key = "thing1", text = "{name}" }]
"#;

/// Have the mock push to `backend`.
fn push_to(backend: &Backend, mode: PushMode, format: PushFormat) {
    let push = WechatPush {
        mode,
        format,
        ..backend.wechat_push()
    };
    let set = backend.mock.set_wechat_push(dev::WECHAT_APP_ID, Some(push));
    set.unwrap();
}

/// A message that WeChat accepted at `at`.
fn sent(person: PersonId, at: DateTime<Utc>) -> notification::Model {
    notification::Model {
        id: NotificationId(Uuid::from_u128(7)),
        person_id: person,
        kind: NotificationKind::CodeChanged,
        key: "code/1".into(),
        content: Vec::new(),
        created_at: at,
        not_before: at,
        due_at: at,
        state: NotificationState::Sent,
        attempts: 1,
        tried_at: Some(at),
        channel: Some(NotificationChannel::Wechat),
        recipient_id: Some(person),
        app_id: Some(dev::WECHAT_APP_ID.into()),
        template_id: Some("tmpl-colour".into()),
        outcome: Some("sent".into()),
        sent_at: Some(at),
        read_at: None,
    }
}

on_both_stacks! {
    async fn a_yes_on_the_phone_allows_one_message(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let at = now(&backend);
        let yes = answered(&openid, "tmpl-colour", "accept", at);
        Push::secure(&yes, at, "n1").deliver(backend.anyone()).await;

        let noted = allowed(&backend, &zhang).await;
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].template_id.as_deref(), Some("tmpl-colour"));
        assert_eq!((noted[0].remaining, noted[0].standing, noted[0].refused), (1, false, false));

        let template = Template {
            platform: Platform::Wechat,
            app_id: dev::WECHAT_APP_ID,
            template_id: "tmpl-colour",
        };
        let person = PersonId(zhang.person.parse().unwrap());
        let tx = begin_write(&backend.deps.db).await.unwrap();
        let now = backend.deps.clock.now();
        assert!(spend(&tx, person, template, now).await.unwrap().is_some());
        tx.commit().await.unwrap();
        assert_eq!(allowed(&backend, &zhang).await[0].remaining, 0);
    }

    async fn one_push_may_answer_for_several_templates_and_a_no_ends_what_was_allowed(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let at = now(&backend);
        for (second, answers) in [(1, ["accept", "accept"]), (2, ["reject", "accept"])] {
            let mut several = answered(&openid, "", "", at - 10 + second);
            let answer = |template: &str, answer: &str| {
                json!({"TemplateId": template, "SubscribeStatusString": answer, "PopupScene": "0"})
            };
            several["List"] = json!([answer("t2", answers[1]), answer("t1", answers[0])]);
            Push::secure(&several, at, "n1").deliver(backend.anyone()).await;
        }
        let noted: Vec<_> = allowed(&backend, &zhang)
            .await
            .into_iter()
            .map(|it| (it.template_id.unwrap(), it.remaining, it.refused))
            .collect();
        assert_eq!(noted, [("t1".to_owned(), 0, true), ("t2".to_owned(), 2, false)]);
    }

    async fn the_phones_yes_arrives_in_every_format_and_no_weaker_mode_than_the_apps(stack: Stack) {
        let modes = [
            (clients::PushMode::Plaintext, PushMode::Plaintext),
            (clients::PushMode::Compatible, PushMode::Compatible),
            (clients::PushMode::Secure, PushMode::Secure),
        ];
        for (ours, (mode, _)) in modes.into_iter().enumerate() {
            let backend = Backend::start_with(stack, |config| {
                let push = config.platforms.wechat.apps[0].push.as_mut().unwrap();
                push.mode = mode;
            })
            .await;
            let (zhang, _) = on_wechat(&backend).await;
            let mut counted = 0;
            for (theirs, (_, mode)) in modes.into_iter().enumerate() {
                for format in [PushFormat::Json, PushFormat::Xml] {
                    let good = theirs >= ours;
                    push_to(&backend, mode, format);
                    backend.wait(TimeDelta::seconds(1));
                    let phone = backend.mock.phone_of("owner");
                    phone.wechat_allow(dev::WECHAT_REMINDER_TEMPLATE).unwrap();
                    backend.mock.flush_wechat_pushes().await;

                    let last = backend.mock.wechat_pushes().pop().unwrap();
                    let expected = if good { (200, true, 1) } else { (403, false, 3) };
                    assert_eq!((last.status, last.accepted, last.attempt), expected, "{mode:?} {format:?}");
                    counted += u64::from(good);
                    let remaining: u64 = allowed(&backend, &zhang).await.iter().map(|it| it.remaining).sum();
                    assert_eq!(remaining, counted, "{mode:?} {format:?}");
                }
            }
        }
    }

    async fn what_is_turned_off_in_the_settings_is_over(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, _) = on_wechat(&backend).await;
        push_to(&backend, PushMode::Secure, PushFormat::Json);
        let verified = backend.mock.verify_wechat_push(dev::WECHAT_APP_ID).await;
        assert_eq!(verified, Ok(true));

        let phone = backend.mock.phone_of("owner");
        phone.wechat_allow(dev::WECHAT_REMINDER_TEMPLATE).unwrap();
        backend.mock.flush_wechat_pushes().await;
        backend.mock.repeat_wechat_push(dev::WECHAT_APP_ID).unwrap();
        backend.mock.flush_wechat_pushes().await;
        assert_eq!(allowed(&backend, &zhang).await[0].remaining, 1, "it was the same yes");

        phone.set_wechat_subscription(dev::WECHAT_REMINDER_TEMPLATE, false).unwrap();
        backend.mock.flush_wechat_pushes().await;
        let noted = allowed(&backend, &zhang).await;
        assert_eq!((noted[0].remaining, noted[0].refused), (0, true));
        assert!(backend.mock.wechat_pushes().iter().all(|push| push.accepted));
    }

    async fn a_yes_for_a_long_term_template_stands(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        templates::save(&backend.deps, LONG_TERM).await.unwrap();
        let at = now(&backend);
        for template in ["tmpl-standing", "tmpl-unknown"] {
            let yes = answered(&openid, template, "accept", at);
            Push::secure(&yes, at, "n1").deliver(backend.anyone()).await;
        }
        let noted: Vec<_> = allowed(&backend, &zhang)
            .await
            .into_iter()
            .map(|it| (it.template_id.unwrap(), it.remaining, it.standing))
            .collect();
        let standing = ("tmpl-standing".to_owned(), 0, true);
        assert_eq!(noted, [standing, ("tmpl-unknown".to_owned(), 1, false)]);
    }

    async fn what_became_of_a_message_is_noted_once(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let person = PersonId(zhang.person.parse().unwrap());
        backend.wait(TimeDelta::milliseconds(700));
        let row = sent(person, backend.deps.clock.now());
        notification::Entity::insert(row.clone().into_active_model())
            .exec_without_returning(&backend.deps.db)
            .await
            .unwrap();

        backend.wait(TimeDelta::milliseconds(100));
        let at = now(&backend);
        let failed = ended(&openid, "tmpl-colour", "user reject", at);
        Push::secure(&failed, at, "n1").deliver(backend.anyone()).await;
        let noted = async || {
            let row = notification::Entity::find_by_id(row.id).one(&backend.deps.db).await;
            let row = row.unwrap().unwrap();
            (row.state, row.outcome.unwrap())
        };
        let waiting = (NotificationState::Waiting, "undelivered".to_owned());
        assert_eq!(noted().await, waiting, "it is sent again");

        let sent_again = sent(person, backend.deps.clock.now()).into_active_model().reset_all();
        sent_again.update(&backend.deps.db).await.unwrap();
        Push::secure(&failed, at, "n2").deliver(backend.anyone()).await;
        assert_eq!(noted().await.0, NotificationState::Sent, "that was about the first try");
        let arrived = ended(&openid, "tmpl-colour", "success", at + 1);
        Push::secure(&arrived, at, "n3").deliver(backend.anyone()).await;
        assert_eq!(noted().await, (NotificationState::Sent, "confirmed".to_owned()));
    }

    async fn a_push_that_is_delivered_again_counts_once(stack: Stack) {
        let one = Backend::start(stack).await;
        let other = one.another_instance().await;
        let (zhang, openid) = on_wechat(&one).await;
        let at = now(&one);
        let yes = answered(&openid, "t1", "accept", at);

        let at_once = (0..16).map(|attempt| {
            let to = if attempt % 2 == 0 { &one } else { &other };
            let push = Push::secure(&yes, at + attempt % 3, &format!("n{attempt}"));
            async move { push.deliver(to.anyone()).await }
        });
        join_all(at_once).await;
        assert_eq!(allowed(&one, &zhang).await[0].remaining, 1);
        assert_eq!(remembered(&one).await, 1);

        let next = answered(&openid, "t1", "accept", at + 1);
        Push::secure(&next, at, "n").deliver(other.anyone()).await;
        assert_eq!(allowed(&one, &zhang).await[0].remaining, 2, "another answer");
    }

    async fn a_push_that_is_played_again_later_is_refused(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let at = now(&backend);
        let tolerance = backend.deps.wechat_inbox.tolerance();
        let tolerance = TimeDelta::from_std(tolerance).unwrap();
        let push = Push::secure(&answered(&openid, "t1", "accept", at), at, "n");

        backend.wait(tolerance);
        push.deliver(backend.anyone()).await;
        backend.wait(TimeDelta::seconds(1));
        assert_eq!(push.post(backend.anyone()).await.problem(403), "call-refused");
        let question = Push::question("1234567890", at);
        assert_eq!(question.get(backend.anyone()).await.problem(403), "call-refused");

        let ahead = now(&backend) + tolerance.num_seconds() + 1;
        let ahead = Push::secure(&answered(&openid, "t1", "accept", ahead), ahead, "n");
        ahead.post(backend.anyone()).await.problem(403);
        assert_eq!(allowed(&backend, &zhang).await[0].remaining, 1);
    }

    async fn a_push_about_somebody_unknown_is_acknowledged_and_leaves_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let at = now(&backend);
        let yes = answered("o-of-a-stranger", "t1", "accept", at);
        Push::secure(&yes, at, "n").deliver(backend.anyone()).await;
        let mut message = yes;
        message["MsgType"] = json!("text");
        Push::secure(&message, at, "n").deliver(backend.anyone()).await;

        let noted = subscription::Entity::find().count(&backend.deps.db).await.unwrap();
        assert_eq!((noted, remembered(&backend).await), (0, 0));
    }

    async fn whatever_is_not_wechats_is_refused_alike_and_leaves_nothing(stack: Stack) {
        let backend = Backend::start(stack).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let at = now(&backend);
        let yes = answered(&openid, "t1", "accept", at);
        let good = Push::secure(&yes, at, "n");
        let body = |body: &[u8]| Push { body: body.to_vec(), ..good.clone() };
        let mut unmarked = good.clone();
        unmarked.query.retain(|(name, _)| *name != "msg_signature");
        let forged = [
            good.clone().with("signature", |it| it.replace_range(..1, "x")),
            good.clone().with("msg_signature", |it| it.replace_range(..1, "x")),
            good.clone().with("timestamp", |it| *it = (at + 1).to_string()),
            good.clone().with("timestamp", |it| *it = "soon".into()),
            good.clone().with("nonce", |it| it.push('1')),
            unmarked,
            body(&good.body[..good.body.len() - 40]),
            body(b""),
            body(b"\xff\xfe"),
            body(b"{}"),
            body(yes.to_string().as_bytes()),
            Push { app_id: "wx00000000000000aa".into(), ..good.clone() },
            Push { app_id: "..%2F..".into(), ..good.clone() },
            Push::sealed_for("wx00000000000000aa", &yes, at, "n"),
            Push::plain(&yes, at, "n"),
        ];
        let mut answers: Vec<Value> = Vec::new();
        for push in &forged {
            let reply = push.post(backend.anyone()).await;
            assert_eq!(reply.problem(403), "call-refused", "{push:?}");
            let mut problem = reply.json();
            problem["request_id"] = Value::Null;
            answers.push(problem);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

        let large = body(&vec![b' '; 64 * 1024 + 1]).post(backend.anyone()).await;
        assert_eq!(large.problem(413), "body-too-large");
        let long = good.clone().with("nonce", |it| *it = "n".repeat(65)).post(backend.anyone()).await;
        assert_eq!(long.problem(422), "invalid-request");
        assert!(allowed(&backend, &zhang).await.is_empty());
        assert_eq!(remembered(&backend).await, 0);
        good.deliver(backend.anyone()).await;
    }
}

#[tokio::test]
async fn wechat_sees_its_text_again_and_nobody_else_does() {
    let backend = Backend::start(Stack::Embedded).await;
    let at = now(&backend);
    let text = "4375120948345356249";
    let question = Push::question(text, at);
    let reply = question.get(backend.anyone()).await;
    assert_eq!(
        (reply.status.as_u16(), reply.body.as_slice()),
        (200, text.as_bytes())
    );
    let media_type = reply.headers["content-type"].to_str().unwrap();
    assert!(media_type.starts_with("text/plain"), "{media_type}");

    let elsewhere = Push {
        app_id: "wx00000000000000aa".into(),
        ..question.clone()
    };
    let forged = question
        .clone()
        .with("signature", |it| it.replace_range(..1, "x"));
    for stranger in [elsewhere, forged] {
        let reply = stranger.get(backend.anyone()).await;
        assert_eq!(reply.problem(403), "call-refused");
    }
    let script = Push::question("<b>\u{0}", at).get(backend.anyone()).await;
    assert_eq!(script.problem(422), "invalid-request");
}

#[tokio::test]
async fn nothing_that_a_push_says_is_logged() {
    let log = Log::of_this_process();
    let backend = Backend::start(Stack::Embedded).await;
    let (_, openid) = on_wechat(&backend).await;
    let at = now(&backend);
    let yes = answered(&openid, "tmpl-of-canary", "accept", at);
    let good = Push::secure(&yes, at, "nonce-of-canary");
    good.deliver(backend.anyone()).await;
    let stranger = answered("o-of-a-stranger", "tmpl-of-canary", "accept", at);
    Push::secure(&stranger, at, "nonce-of-canary")
        .deliver(backend.anyone())
        .await;
    Push::plain(&yes, at, "nonce-of-canary")
        .post(backend.anyone())
        .await
        .problem(403);
    let truncated = Push {
        body: good.body[..40].to_vec(),
        ..good.clone()
    };
    truncated.post(backend.anyone()).await.problem(403);

    let said = String::from_utf8_lossy(&log.said()).into_owned();
    assert!(
        said.contains("a platform's call was not taken in: forged"),
        "{said}"
    );
    assert!(said.contains("POST /v1/platforms/wechat/{app_id}/push answered 200"));
    let sealed = String::from_utf8_lossy(&good.body[40..80]).into_owned();
    for secret in [
        &openid,
        "o-of-a-stranger",
        "o-in-the-query",
        "of-canary",
        &sealed,
    ] {
        assert!(!said.contains(secret), "{secret}");
    }
}

mod production {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_kept_is_not_acknowledged_and_taken_in_when_delivered_again() {
        let backend = Backend::start(Stack::Production).await;
        let (zhang, openid) = on_wechat(&backend).await;
        let at = now(&backend);
        let push = Push::secure(&answered(&openid, "t1", "accept", at), at, "n");

        backend.database.shut().await;
        push.post(backend.anyone()).await.problem(503);
        backend.database.open().await;
        while push.post(backend.anyone()).await.status != 200 {}
        assert_eq!(allowed(&backend, &zhang).await[0].remaining, 1);
    }
}
