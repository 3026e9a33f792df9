use super::*;

/// `hex(HMAC-SHA256(key, ""))` of the key in [`log_in`].
const SIGNATURE: &str = "7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735";

/// A WeChat that gives one session and leaves the rest to `answer`.
fn wechat(answer: impl Fn(Asked) -> Option<HttpResponse> + Send + Sync + 'static) -> String {
    platform(move |asked| match asked.path.as_str() {
        "/cgi-bin/stable_token" => json(&json!({"access_token": "t", "expires_in": 7200})),
        "/sns/jscode2session" => {
            json(&json!({"openid": "o1", "session_key": "tiihtNczf5v6AKRyjwEUhQ=="}))
        }
        _ => {
            assert_eq!(asked.query["openid"], "o1");
            assert_eq!(asked.query["sig_method"], "hmac_sha256");
            answer(asked)
        }
    })
}

#[actix_web::test]
async fn a_session_is_checked_with_its_own_signature() {
    for (errcode, good) in [(0, Some(true)), (87009, Some(false)), (-1, None)] {
        let address = wechat(move |asked| {
            assert_eq!(asked.path, "/wxa/checksession");
            assert_eq!(asked.query["signature"], SIGNATURE);
            json(&json!({"errcode": errcode, "errmsg": ""}))
        });
        let client = client(&address, &Arc::default());
        let session = client.session(APP, "code", by()).await.unwrap();
        assert_eq!(session.user().openid, "o1");
        assert_eq!(client.check_session(APP, &session).await.ok(), good);
    }
}

#[actix_web::test]
async fn a_reset_session_goes_on_under_another_key() {
    let address = wechat(|asked| match asked.path.as_str() {
        "/wxa/resetusersessionkey" if asked.query["signature"] == SIGNATURE => json(&json!({
            "errcode": 0, "errmsg": "ok", "openid": "o1", "session_key": "HyVFkGl5F5OQWJZZaNzBBg=="})),
        "/wxa/resetusersessionkey" => json(&json!({"errcode": 87009})),
        _ => panic!("{}", asked.path),
    });
    let client = client(&address, &Arc::default());
    let session = client.session(APP, "code", by()).await.unwrap();
    let next = client.reset_session(APP, &session).await.unwrap();
    assert_eq!(next.user().openid, "o1");
    let over = client.reset_session(APP, &next).await;
    assert!(matches!(over, Err(PlatformError::CodeRefused)));
}
