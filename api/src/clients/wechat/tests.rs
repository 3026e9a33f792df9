mod code;
mod message;
mod mock;
mod open_data;
mod push;
mod session;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::HttpResponse;
use futures_util::future::join_all;
use serde_json::{Value, json};

use bytes::Bytes;

use super::{login::CODE_LENGTH, *};
use crate::clients::{
    WeChat,
    fakes::{Asked, PATIENT, Shelf, StillClock, json, platform},
};

const APP: &str = "wx1234567890abcdef";
const PUSH_TOKEN: &str = "pushtoken";
const PUSH_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const NOW: &str = "2026-02-03T00:00:00Z";

/// Later than any limit.
fn by() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

fn client(base_url: &str, shelf: &Arc<Shelf>) -> HttpWeChat {
    client_within(PATIENT, base_url, shelf)
}

fn client_within(limits: Limits, base_url: &str, shelf: &Arc<Shelf>) -> HttpWeChat {
    let app = |app_id: &str, push| WeChatApp {
        app_id: app_id.into(),
        secret: "app-secret".into(),
        push,
    };
    let push = |mode| {
        Some(WeChatPushSettings {
            token: PUSH_TOKEN.into(),
            encoding_aes_key: PUSH_KEY.into(),
            mode,
        })
    };
    let settings = WeChatSettings {
        base_url: base_url.into(),
        apps: vec![
            app(APP, push(PushMode::Secure)),
            app("wx-compatible", push(PushMode::Compatible)),
            app("wx-plaintext", push(PushMode::Plaintext)),
            app("wx-without-push", None),
        ],
        limits,
    };
    let clock = StillClock::at(NOW);
    HttpWeChat::new(
        &settings,
        &[7; 32],
        Arc::clone(shelf) as Arc<dyn Ephemeral>,
        clock,
        Arc::new(crate::platform::OsEntropy),
    )
    .unwrap()
}

fn phone_info(number: &str, country: impl Into<Value>, app_id: &str) -> Value {
    json!({"errcode": 0, "errmsg": "ok", "phone_info": {
        "phoneNumber": number, "purePhoneNumber": number, "countryCode": country.into(),
        "watermark": {"timestamp": 1_637_744_274, "appid": app_id}}})
}

/// A WeChat that knows one token and leaves the rest to `answer`.
fn with_token(answer: impl Fn(Asked) -> Option<HttpResponse> + Send + Sync + 'static) -> String {
    platform(move |asked| {
        if asked.path == "/cgi-bin/stable_token" {
            return json(&json!({"access_token": "t", "expires_in": 7200}));
        }
        assert_eq!(asked.query["access_token"], "t");
        answer(asked)
    })
}

/// A WeChat whose tokens are `token-1`, `token-2`, …, of which only those from `good` on are valid.
struct Tokens {
    issued: AtomicUsize,
    calls: AtomicUsize,
    good: usize,
    refusal: i64,
}

impl Tokens {
    fn good_from(good: usize, refusal: i64) -> Arc<Self> {
        Arc::new(Self {
            issued: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            good,
            refusal,
        })
    }

    fn answer(&self, asked: &Asked) -> Option<HttpResponse> {
        if asked.path == "/cgi-bin/stable_token" {
            assert_eq!(
                asked.json(),
                json!({"grant_type": "client_credential", "appid": APP, "secret": "app-secret",
                    "force_refresh": false})
            );
            let issued = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
            return json(&json!({"access_token": format!("token-{issued}"), "expires_in": 7200}));
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        let token = asked.query["access_token"].strip_prefix("token-").unwrap();
        if token.parse::<usize>().unwrap() < self.good {
            return json(&json!({"errcode": self.refusal, "errmsg": "invalid credential"}));
        }
        match asked.path.as_str() {
            "/wxa/business/getuserphonenumber" => json(&phone_info("13800138000", "86", APP)),
            _ => json(&json!({"errcode": 0, "errmsg": "ok"})),
        }
    }

    fn serve(self: &Arc<Self>) -> String {
        let tokens = Arc::clone(self);
        platform(move |asked| tokens.answer(&asked))
    }

    fn counts(&self) -> (usize, usize) {
        (
            self.issued.load(Ordering::SeqCst),
            self.calls.load(Ordering::SeqCst),
        )
    }
}

#[actix_web::test]
async fn a_login_code_becomes_a_user_even_as_text_plain_without_errcode() {
    let address = platform(|asked| {
        assert_eq!(asked.path, "/sns/jscode2session");
        assert_eq!(asked.query["appid"], APP);
        assert_eq!(asked.query["secret"], "app-secret");
        assert_eq!(asked.query["js_code"], "code&1");
        assert_eq!(asked.query["grant_type"], "authorization_code");
        let body = r#"{"session_key":"tiihtNczf5v6AKRyjwEUhQ==","openid":"o1","unionid":"u1"}"#;
        Some(HttpResponse::Ok().content_type("text/plain").body(body))
    });
    let user = client(&address, &Arc::default())
        .user(APP, "code&1", by())
        .await;
    let user = user.unwrap();
    assert_eq!(user.openid, "o1");
    assert_eq!(user.unionid.as_deref(), Some("u1"));
}

#[actix_web::test]
async fn refusals_of_a_login_code_are_told_apart() {
    let address = platform(|asked| {
        let errcode: i64 = asked.query["js_code"].parse().unwrap();
        json(&json!({"errcode": errcode, "errmsg": "rid: secret"}))
    });
    let patient = Limits {
        failures: 100,
        ..PATIENT
    };
    let client = client_within(patient, &address, &Arc::default());
    for code in ["40029", "40163"] {
        let refused = client.user(APP, code, by()).await;
        assert!(matches!(refused, Err(PlatformError::CodeRefused)), "{code}");
    }
    let blocked = client.user(APP, "40226", by()).await;
    assert!(matches!(blocked, Err(PlatformError::UserBlocked)));
    for code in ["-1", "45009", "45011", "40125", "0"] {
        let Err(PlatformError::Unavailable(why)) = client.user(APP, code, by()).await else {
            panic!("{code}");
        };
        assert!(!format!("{why:?}").contains("secret"));
    }
}

#[actix_web::test]
async fn what_is_no_code_and_what_is_no_app_of_ours_does_not_reach_wechat() {
    let address = platform(|_| panic!("called"));
    let client = client(&address, &Arc::default());
    let long = "a".repeat(CODE_LENGTH + 1);
    for code in ["", "a b", "a\n", "代码", &long] {
        let refused = client.user(APP, code, by()).await;
        assert!(matches!(refused, Err(PlatformError::CodeRefused)));
        let refused = client.phone(APP, code, "o1", by()).await;
        assert!(matches!(refused, Err(PlatformError::CodeRefused)));
    }
    let foreign = client.user("wxother", "code", by()).await;
    assert!(matches!(foreign, Err(PlatformError::UnknownApp)));
}

#[actix_web::test]
async fn nonsense_and_silence_are_unavailability() {
    for body in [
        "",
        "<html>",
        "[]",
        r#"{"openid":5}"#,
        "{}",
        r#"{"openid":""}"#,
    ] {
        let address = platform(move |_| Some(HttpResponse::Ok().body(body)));
        let answer = client(&address, &Arc::default())
            .user(APP, "code", by())
            .await;
        assert!(
            matches!(answer, Err(PlatformError::Unavailable(_))),
            "{body}"
        );
    }
    let hasty = Limits {
        total_ms: 50,
        ..PATIENT
    };
    let silent = client_within(hasty, &platform(|_| None), &Arc::default());
    let answer = silent.user(APP, "code", by()).await;
    assert!(matches!(answer, Err(PlatformError::Unavailable(_))));
    let answer = silent.phone(APP, "code", "o1", by()).await;
    assert!(matches!(answer, Err(PlatformError::Unavailable(_))));
}

#[actix_web::test]
async fn only_mainland_mobiles_are_numbers_and_only_for_our_own_app() {
    let address = platform(|asked| {
        if asked.path == "/cgi-bin/stable_token" {
            return json(&json!({"access_token": "t", "expires_in": 7200}));
        }
        let asked = asked.json();
        assert_eq!(asked["openid"], "o1");
        json(&match asked["code"].as_str().unwrap() {
            "text" => phone_info("13800138000", "86", APP),
            "number" => phone_info("13800138000", 86, APP),
            "plus" => phone_info("13800138000", "+86", APP),
            "abroad" => phone_info("13800138000", "852", APP),
            "landline" => phone_info("02112345678", "86", APP),
            "foreign" => phone_info("13800138000", "86", "wxother"),
            "bare" => {
                json!({"phone_info": {"purePhoneNumber": "13800138000", "countryCode": "86"}})
            }
            "another's" => json!({"errcode": 40013}),
            "used" => json!({"errcode": 40029}),
            _ => json!({"errcode": 0}),
        })
    });
    let client = client(&address, &Arc::default());
    for code in ["text", "number", "plus"] {
        let phone = client.phone(APP, code, "o1", by()).await.unwrap().unwrap();
        assert_eq!(phone.reveal(), "13800138000", "{code}");
    }
    for code in ["abroad", "landline"] {
        assert!(
            client.phone(APP, code, "o1", by()).await.unwrap().is_none(),
            "{code}"
        );
    }
    for code in ["foreign", "bare"] {
        let answer = client.phone(APP, code, "o1", by()).await;
        assert!(matches!(answer, Err(PlatformError::Forged)), "{code}");
    }
    for code in ["another's", "used"] {
        let answer = client.phone(APP, code, "o1", by()).await;
        assert!(matches!(answer, Err(PlatformError::CodeRefused)), "{code}");
    }
    let answer = client.phone(APP, "empty", "o1", by()).await;
    assert!(matches!(answer, Err(PlatformError::Unavailable(_))));
}

#[actix_web::test]
async fn forty_callers_fetch_one_access_token() {
    let tokens = Tokens::good_from(1, 40001);
    let (address, shelf) = (tokens.serve(), Arc::default());
    let client = client(&address, &shelf);
    let answers = join_all((0..40).map(|_| client.phone(APP, "code", "o1", by()))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(tokens.counts(), (1, 40));
}

#[actix_web::test]
async fn no_more_wait_for_an_access_token_than_may_have_calls_in_flight() {
    let address = platform(|asked| {
        assert_eq!(asked.path, "/cgi-bin/stable_token");
        None
    });
    let narrow = Limits {
        in_flight: 3,
        total_ms: 300,
        ..PATIENT
    };
    let client = client_within(narrow, &address, &Arc::default());
    let answers = join_all((0..20).map(|_| client.phone(APP, "code", "o1", by()))).await;
    let turned_away = answers
        .iter()
        .filter(|answer| match answer {
            Err(PlatformError::Unavailable(why)) => why.to_string().contains("too many"),
            _ => panic!("nobody gets a token"),
        })
        .count();
    assert_eq!(turned_away, 17);
}

#[actix_web::test]
async fn two_instances_share_one_access_token_that_the_store_cannot_read() {
    let tokens = Tokens::good_from(1, 40001);
    let (address, shelf) = (tokens.serve(), Arc::default());
    let clients = [client(&address, &shelf), client(&address, &shelf)];
    let calls = (0..40).map(|n| clients[n % 2].phone(APP, "code", "o1", by()));
    let answers = join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(tokens.counts(), (1, 40));

    let entries = shelf.entries.lock().unwrap();
    assert_eq!(entries.len(), 1, "the lease is given back");
    for stored in entries.values() {
        assert!(!stored.windows(7).any(|part| part == b"token-1"));
    }
}

#[actix_web::test]
async fn a_refused_access_token_is_replaced_and_the_call_made_again_once() {
    for refusal in [40001, 40014, 42001] {
        let tokens = Tokens::good_from(2, refusal);
        let client = client(&tokens.serve(), &Arc::default());
        assert!(client.phone(APP, "code", "o1", by()).await.is_ok());
        assert_eq!(tokens.counts(), (2, 2));
        assert!(client.phone(APP, "code", "o1", by()).await.is_ok());
        assert_eq!(tokens.counts(), (2, 3), "the new token is kept");
    }
}

#[actix_web::test]
async fn forty_callers_with_a_dead_access_token_fetch_one_new() {
    let tokens = Tokens::good_from(2, 40001);
    let client = client(&tokens.serve(), &Arc::default());
    let answers = join_all((0..40).map(|_| client.phone(APP, "code", "o1", by()))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(tokens.counts().0, 2);
}

#[actix_web::test]
async fn a_second_refusal_ends_it() {
    let tokens = Tokens::good_from(usize::MAX, 40001);
    let client = client(&tokens.serve(), &Arc::default());
    let answer = client.phone(APP, "code", "o1", by()).await;
    assert!(matches!(answer, Err(PlatformError::Unavailable(_))));
    assert_eq!(tokens.counts(), (2, 2));
}

#[actix_web::test]
async fn without_the_store_each_process_keeps_its_own_access_token() {
    let tokens = Tokens::good_from(2, 40001);
    let shelf = Arc::new(Shelf {
        dead: true,
        ..Shelf::default()
    });
    let client = client(&tokens.serve(), &shelf);
    for _ in 0..3 {
        assert!(client.phone(APP, "code", "o1", by()).await.is_ok());
    }
    assert_eq!(tokens.counts(), (2, 4));
}

#[actix_web::test]
async fn a_call_that_is_given_up_while_fetching_does_not_block_the_next() {
    let tokens = Tokens::good_from(1, 40001);
    let (address, shelf) = (tokens.serve(), Arc::<Shelf>::default());
    let client = client(&address, &shelf);
    let lease = format!("wechat:token-lease:{APP}");
    {
        let leased = async {
            while !shelf.entries.lock().unwrap().contains_key(&lease) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = leased => {}
            _ = client.phone(APP, "code", "o1", by()) => panic!("not given up"),
        }
    }
    assert!(client.phone(APP, "code", "o1", by()).await.is_ok());
    assert!(!shelf.entries.lock().unwrap().contains_key(&lease));
}

#[actix_web::test]
async fn what_hangs_until_the_caller_must_be_done_is_left_alone_like_any_other() {
    let asked = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    let address = with_token(move |_| {
        seen.fetch_add(1, Ordering::SeqCst);
        None
    });
    let client = client(&address, &Arc::default());
    for _ in 0..PATIENT.failures * 2 {
        let soon = Instant::now() + Duration::from_millis(200);
        let answer = client.phone(APP, "code", "o1", soon).await;
        assert!(matches!(answer, Err(PlatformError::Unavailable(_))));
    }
    let asked = asked.load(Ordering::SeqCst);
    assert!(asked <= PATIENT.failures as usize, "{asked}");
}

#[actix_web::test]
async fn messages_that_wait_for_a_token_turn_no_log_in_away() {
    let narrow = Limits {
        in_flight: 1,
        ..PATIENT
    };
    let tokens = Tokens::good_from(1, 40001);
    let shelf = Arc::<Shelf>::default();
    let client = client_within(narrow, &tokens.serve(), &shelf);
    let place = client.backstage.waiting.try_acquire().unwrap();
    assert!(client.phone(APP, "code", "o1", by()).await.is_ok());
    drop(place);
}
