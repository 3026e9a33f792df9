use std::error::Error as _;
use std::time::Duration;

use miniapp_mock::{Endpoint, Fault, Mock, Platform, dev};
use reqwest::Response;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::client::{get, http, mock, post};

const SESSION: Endpoint = Endpoint::WechatSession;

async fn log_in(mock: &Mock) -> reqwest::Result<Response> {
    let code = mock.phone_of("zhang").wechat_login_code();
    let query = [
        ("appid", dev::WECHAT_APP_ID),
        ("secret", dev::WECHAT_SECRET),
        ("js_code", code.as_str()),
        ("grant_type", "authorization_code"),
    ];
    let url = format!("{}/sns/jscode2session", mock.base_url());
    http().get(url).query(&query).send().await
}

/// Every cause of `error`.
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn a_dripping_body_comes_after_its_head_and_bit_by_bit() {
    let mock = mock().await;
    let drip = |every_ms| Fault::Drip {
        bytes: 40,
        every_ms,
    };
    mock.order_fault(SESSION, drip(1), 1);
    let mut response = log_in(&mock).await.unwrap();
    let length = response.content_length().unwrap();
    let (mut pieces, mut came) = (0, Vec::new());
    while let Some(piece) = response.chunk().await.unwrap() {
        pieces += 1;
        came.extend_from_slice(&piece);
    }
    assert!(pieces > 1, "{pieces}");
    assert_eq!(came.len() as u64, length);
    let whole: Value = serde_json::from_slice(&came).unwrap();
    assert!(whole["openid"].is_string());

    // The head comes at once, though the first byte of the body takes ten minutes.
    mock.order_fault(SESSION, drip(600_000), 1);
    let response = log_in(&mock).await.unwrap();
    assert_eq!(response.status(), 200);
    let log = mock.requests();
    assert!(log[1].ms >= 600_000, "the log knows how long it takes");
}

#[tokio::test]
async fn a_body_can_be_cut_short() {
    let mock = mock().await;
    mock.order_fault(SESSION, Fault::CutShort, 1);
    let mut response = log_in(&mock).await.unwrap();
    assert_eq!(response.status(), 200);
    let announced = response.content_length().unwrap();
    let mut came = 0;
    let ending = loop {
        match response.chunk().await {
            Ok(Some(piece)) => came += piece.len() as u64,
            ending => break ending,
        }
    };
    assert!(ending.is_err(), "it does not end as announced");
    assert_eq!(came, announced / 2);
}

#[tokio::test]
async fn a_connection_can_end_in_good_order_or_be_reset() {
    let mock = mock().await;
    mock.order_fault(SESSION, Fault::Close, 1);
    let closed = causes(&log_in(&mock).await.unwrap_err());
    mock.order_fault(SESSION, Fault::Reset, 1);
    let reset = causes(&log_in(&mock).await.unwrap_err());
    assert!(
        !closed.contains("reset") && reset.contains("reset"),
        "{closed}; {reset}"
    );
    assert_eq!(mock.requests()[0].status, 0);
}

#[tokio::test]
async fn a_small_body_can_open_into_a_huge_one() {
    let mock = mock().await;
    mock.order_fault(SESSION, Fault::Bomb { bytes: 3_000_000 }, 1);
    // This client opens what comes with `content-encoding: gzip`.
    let opened = log_in(&mock).await.unwrap().bytes().await.unwrap();
    assert_eq!(opened.len(), 3_000_000);
}

#[tokio::test]
async fn a_head_can_be_huge_and_a_body_another() {
    let mock = mock().await;
    mock.order_fault(SESSION, Fault::HugeHead { bytes: 100_000 }, 1);
    let response = log_in(&mock).await.unwrap();
    let head: usize = response.headers().values().map(HeaderValue::len).sum();
    assert!(head >= 100_000, "{head}");
    let text = "{}".to_owned();
    mock.order_fault(SESSION, Fault::Body { text }, 1);
    assert_eq!(log_in(&mock).await.unwrap().text().await.unwrap(), "{}");
}

#[tokio::test]
async fn a_platform_can_fail_until_it_is_cleared() {
    let mock = mock().await;
    let order = |times: Value| json!({"endpoint": "wechat.*", "fault": {"kind": "status", "status": 500}, "times": times});
    post(&mock, "/__ctl/faults", order(Value::Null).to_string()).await;
    for _ in 0..20 {
        assert_eq!(log_in(&mock).await.unwrap().status(), 500);
    }
    assert_eq!(mock.calls_of(Platform::Wechat), 20);
    assert_eq!(mock.calls_of(Platform::Sms), 0);

    let clear = |of: &str| {
        let url = format!("{}/__ctl/faults?endpoint={of}", mock.base_url());
        http().delete(url).send()
    };
    clear("alipay.*").await.unwrap();
    assert_eq!(log_in(&mock).await.unwrap().status(), 500);
    clear("wechat.*").await.unwrap();
    assert_eq!(log_in(&mock).await.unwrap().status(), 200);
    assert_eq!(clear("wechat").await.unwrap().status(), 400);
}

#[tokio::test]
async fn the_log_can_be_read_line_by_line() {
    let mock = mock().await;
    mock.order_fault(SESSION, Fault::Busy, 1);
    log_in(&mock).await.unwrap();
    mock.advance_clock(Duration::from_secs(1));
    get(&mock, "/cgi-bin/token", &[("secret", "hunter2")]).await;
    let text = async |query: &str| {
        let url = format!("{}/__ctl/requests?{query}", mock.base_url());
        http().get(url).send().await.unwrap().text().await.unwrap()
    };
    let lines = text("as=text").await;
    let lines: Vec<Vec<&str>> = lines
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0][..7],
        [
            "2026-01-01",
            "08:00:00",
            "GET",
            "/sns/jscode2session",
            "wechat.session",
            "200",
            "-1"
        ]
    );
    assert!(lines[0][7].ends_with("ms"));
    assert_eq!(lines[1][4], "wechat.token");

    assert_eq!(
        text("as=text&endpoint=wechat.token").await.lines().count(),
        1
    );
    assert_eq!(text("as=text&endpoint=sms.*").await, "");
    assert!(!text("as=text").await.contains("hunter2"));
    let filtered = get(&mock, "/__ctl/requests", &[("endpoint", "wechat.session")])
        .await
        .1;
    assert_eq!(filtered["requests"].as_array().unwrap().len(), 1);
}
