use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn request() -> CodeRequest {
    CodeRequest {
        scene: "v=abc".into(),
        page: Some("pages/venue/venue".into()),
        check_path: false,
        env_version: EnvVersion::Trial,
        width: 430,
    }
}

#[actix_web::test]
async fn a_code_is_the_picture_whatever_it_calls_itself() {
    let address = with_token(|asked| {
        assert_eq!(asked.path, "/wxa/getwxacodeunlimit");
        assert_eq!(
            asked.json(),
            json!({"scene": "v=abc", "page": "pages/venue/venue", "check_path": false,
                "env_version": "trial", "width": 430})
        );
        Some(HttpResponse::Ok().content_type("image/jpeg").body(PNG))
    });
    let client = client(&address, &Arc::default());
    let picture = client.mini_program_code(APP, &request()).await.unwrap();
    assert_eq!(picture, PNG);
}

#[actix_web::test]
async fn a_refusal_is_no_picture_even_if_it_calls_itself_one() {
    for body in [
        r#"{"errcode":41030,"errmsg":"invalid page"}"#,
        "{}",
        "",
        "GIF89a",
    ] {
        let address =
            with_token(move |_| Some(HttpResponse::Ok().content_type("image/jpeg").body(body)));
        let client = client(&address, &Arc::default());
        let answer = client.mini_program_code(APP, &request()).await;
        assert!(
            matches!(answer, Err(PlatformError::Unavailable(_))),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn a_picture_may_be_longer_than_what_people_wait_for() {
    let address = with_token(|_| {
        let mut picture = PNG.to_vec();
        picture.resize(PATIENT.reply_bytes * 4, 0);
        Some(HttpResponse::Ok().body(picture))
    });
    let client = client(&address, &Arc::default());
    let picture = client.mini_program_code(APP, &request()).await.unwrap();
    assert_eq!(picture.len(), PATIENT.reply_bytes * 4);
}
